"""A JSON array with other scores: the numbers in its elements are replaced, and all other bytes stay."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.columns.columns import ScoreLayout
from xentcli.engine.rewriting.change import Change, Recalibrate, Write, refuse_misplaced, values_in_rows
from xentcli.engine.rewriting.json_lines import (
    Edit,
    added_fields,
    edits_of_row,
    replaced,
    with_scores,
)
from xentcli.engine.rewriting.recalibrating import NewScores
from xentcli.errors import ContentError, RequestError, Where
from xentcli.sources.json.array import Elements, JsonArraySource, elements_of
from xentcli.sources.source import Block
from xentcli.sources.text import BOM


def write_json_array(source: JsonArraySource, change: Change, recalibrate: Recalibrate, write: Write) -> None:
    """Write the array again, which is held in memory."""
    elements = source.located()
    block = source.block(elements, (), change.columns.projection)
    if block is None:
        raise ContentError("no_rows", "no rows", where=Where(source.name))
    new = recalibrate(block)
    if block.rows != len(elements.spans) and not new.broken:
        raise RuntimeError("elements were read as other rows than they are")
    with source.content.open() as stream:
        mark = BOM if stream.read(len(BOM)) == BOM else b""
    text = elements.text
    if not (change.nothing or new.broken):
        text = replaced(elements.text, _edits(source, elements, block, change, new))
        back = source.block(
            elements_of(text, source.content), added_fields(source.fields, change), change.read_back
        )
        refuse_misplaced(change, block, new, back)
    write(mark + text.encode())


def _edits(
    source: JsonArraySource, elements: Elements, block: Block, change: Change, new: NewScores
) -> Iterator[Edit]:
    """All edits, in order."""
    new_values = values_in_rows(block, change.scores, new)
    rows = zip(elements.spans, elements.numbers.tolist(), new_values, new.bounds, strict=True)
    for row, ((begin, end), line, values, bounds) in enumerate(rows):
        if new.kept[row]:
            continue
        where = Where(source.name, line=line)
        if elements.text[begin] == "{":
            yield from edits_of_row(elements.text, begin, change, values, bounds, where)
        elif change.added or change.scores.layout is ScoreLayout.STRUCT:
            message = "the elements of the array are no objects: nothing can be added to them"
            raise RequestError("suffix", message, hint="without --suffix the scores are replaced", where=where)
        else:
            yield begin, end, with_scores(elements.text[begin:end], change.scores, values, where)
