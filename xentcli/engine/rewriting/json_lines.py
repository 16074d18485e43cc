"""JSON Lines with other scores: the numbers in the objects are replaced, and all other bytes are as they were."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence

from xentcli.columns.columns import ScoreColumns, ScoreLayout
from xentcli.engine.rewriting.change import Change, Recalibrate, Write, refuse_misplaced, values_in_rows
from xentcli.engine.rewriting.json_numbers import key_numbers, places_of_numbers
from xentcli.engine.rewriting.recalibrating import NewScores
from xentcli.errors import ContentError, Where
from xentcli.sources.json.lines import JsonLinesSource, read_lines
from xentcli.sources.json.rows import JsonRows
from xentcli.sources.source import Block, Field
from xentcli.sources.text import Records

_VALUE = json.JSONDecoder()
_BLANKS = " \t\r\n"
_ITEM = re.compile(r"[^\[\],\s]++")  # of a list of numbers

Span = tuple[int, int]  # where a value begins and ends in a text
Edit = tuple[int, int, str]


def write_json_lines(source: JsonLinesSource, change: Change, recalibrate: Recalibrate, write: Write) -> None:
    """Write the lines again."""
    with source.content.open() as stream:
        write(stream.read(source.start))
    added = added_fields(source.fields, change)
    pattern = _pattern(source, change)
    for records in source.cut():
        block = next(read_lines(_rows(source, records), source.fields, change.columns.projection)(), None)
        if block is None:
            write(records.data)
            continue
        new = recalibrate(block)
        if change.nothing or new.broken:
            write(records.data)
            continue
        data = None if pattern is None else _replaced_at_once(records, block, change, new, pattern)
        if data is None:
            data = replaced(records.data.decode(), _edits(records, block, change, new)).encode()
        again = _rows(source, Records(data, records.line))
        back = next(read_lines(again, (*source.fields, *added), change.read_back)(), None)
        refuse_misplaced(change, block, new, back)
        write(data)


def _rows(source: JsonLinesSource, records: Records[bytes]) -> JsonRows:
    return JsonRows(source.name, records.data, records.line, missing=source.missing)


def _pattern(source: JsonLinesSource, change: Change) -> re.Pattern[bytes] | None:
    """What finds the numbers that are to be replaced, where they stand under keys of their own."""
    keys = {field.name for field in source.fields if not field.path}
    plain = change.scores.layout is ScoreLayout.COLUMNS and not change.added
    return key_numbers(change.scores.names) if plain and keys.issuperset(change.scores.names) else None


def _replaced_at_once(
    records: Records[bytes], block: Block, change: Change, new: NewScores, pattern: re.Pattern[bytes]
) -> bytes | None:
    """The lines with their new scores; None where only a look at each line can tell where they go."""
    names = change.scores.names
    lines = block.numbers() - records.line
    places = None if new.kept.any() else places_of_numbers(records.data, names, lines, pattern)
    if places is None:
        return None
    columns = [[*map(number, row)] for row in new.values.tolist()]
    text = records.data.decode("latin-1")  # a character a byte: places are counted in bytes
    edits = ((begin, end, columns[k][i // len(names)]) for i, (k, begin, end) in enumerate(places))
    return replaced(text, edits).encode("latin-1")


def added_fields(fields: Sequence[Field], change: Change) -> list[Field]:
    """The fields of added columns, each of the type of the one that it is beside."""
    kinds = {field.name: field.type for field in fields}
    names = [] if change.suffix is None else zip(change.scores.names, change.written.names, strict=True)
    return [*(Field(new, kinds[name]) for name, new in names), *map(Field, change.bounds)]


def _edits(records: Records[bytes], block: Block, change: Change, new: NewScores) -> Iterator[Edit]:
    """All edits of some lines, in order."""
    text, at, row = records.data.decode(), 0, 0
    lines = block.numbers().tolist()
    values, bounds = values_in_rows(block, change.scores, new), new.bounds
    for physical, line in enumerate(text.split("\n"), records.line):
        if line.strip(_BLANKS):
            if row == len(lines) or lines[row] != physical:
                raise RuntimeError("a line was read as another row than it is")
            where = Where(block.where(row).file, line=physical)
            if not new.kept[row]:
                yield from edits_of_row(text, at, change, values[row], bounds[row], where)
            row += 1
        at += len(line) + 1
    if row != len(lines):
        raise RuntimeError("fewer lines than rows were read")


def edits_of_row(
    text: str, at: int, change: Change, values: Sequence[float], bounds: Sequence[float], where: Where
) -> Iterator[Edit]:
    """The edits of the object that begins at or behind `at`, in order."""
    try:
        spans, end = members(text, at)
    except RecursionError:
        raise ContentError("parse", "is nested too deeply", where=where) from None
    scores = change.scores
    if scores.layout is ScoreLayout.COLUMNS:
        found = [
            (_inside(text, spans, name, where), number(v)) for name, v in zip(scores.names, values, strict=True)
        ]
        texts = [new for _, new in found]
    else:
        span = _inside(text, spans, scores.names[0], where)
        cell = text[slice(*span)]
        texts = [with_scores(cell, scores, values, where)]
        found = [(span, texts[0])]
    if change.suffix is None:
        yield from sorted((*span, new) for span, new in found)
        texts = []
    names = zip(change.added, (*texts, *map(number, bounds)), strict=True)
    colon, comma = (": ", ", ") if ": " in text[at:end] else (":", ",")
    added = "".join(f"{comma}{json.dumps(name, ensure_ascii=False)}{colon}{new}" for name, new in names)
    if added:
        yield end - 1, end - 1, added


def with_scores(cell: str, scores: ScoreColumns, values: Sequence[float], where: Where) -> str:
    """What holds the scores of a row, with others in their places."""
    if scores.layout is ScoreLayout.STRUCT:
        spans, _ = members(cell, 0)
        edits = [(*spans[key][-1], number(value)) for key, value in zip(scores.order, values, strict=True)]
        return replaced(cell, sorted(edits))
    if not scores.pair:
        return _with_numbers(cell, values, where)
    places = [spans[scores.pair[1]][-1] for spans in _objects(cell)]
    return replaced(cell, [(*place, number(value)) for place, value in zip(places, values, strict=True)])


def _objects(cell: str) -> Iterator[dict[str, list[Span]]]:
    """The members of each object in a list, or in lists in one another, in order."""
    at = 0
    while at < len(cell):
        if cell[at] == "{":
            found, at = members(cell, at)
            yield found
        else:
            at += 1


def _with_numbers(cell: str, numbers: Sequence[float], where: Where) -> str:
    """A list, or one number, with other numbers in the place of its own."""
    if len(_ITEM.findall(cell)) != len(numbers):
        message = "the list holds more than its scores, and cannot be written again"
        raise ContentError("layout", message, hint="write plain lists of numbers", where=where)
    texts = map(number, numbers)
    return _ITEM.sub(lambda _: next(texts), cell)


def _inside(text: str, spans: dict[str, list[Span]], path: str, where: Where) -> Span:
    """Where the value of a key is, or what a path of keys leads to."""
    if path not in spans:
        cut = path.find(".")
        while cut > 0:
            if path[:cut] in spans:
                return _inside(text, members(text, spans[path[:cut]][0][0])[0], path[cut + 1 :], where)
            cut = path.find(".", cut + 1)
        raise ContentError("layout", f'no value at "{path}" can be written again', where=where)
    if len(spans[path]) > 1:
        raise ContentError("duplicate_key", "is in the object twice", where=where, column=path)
    return spans[path][0]


def members(text: str, at: int) -> tuple[dict[str, list[Span]], int]:
    """Where the values of each key are in the object that begins at or behind `at`, and where it ends."""
    found: dict[str, list[Span]] = {}
    at = _skip(text, at)
    if text[at : at + 1] != "{":
        raise RuntimeError("an object was read where there is none")
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = _VALUE.raw_decode(text, at)
        begin = _skip(text, _skip(text, at) + 1)  # behind the colon
        _, end = _VALUE.raw_decode(text, begin)
        found.setdefault(key, []).append((begin, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return found, at + 1


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] in _BLANKS and at < len(text):
        at += 1
    return at


def number(value: float) -> str:
    """A number as JSON has it; what it has not as Python and JavaScript write it."""
    return repr(value) if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"


def replaced(text: str, edits: Iterator[Edit] | Sequence[Edit]) -> str:
    """A text after edits, which are in order."""
    pieces: list[str] = []
    at = 0
    for begin, end, new in edits:
        pieces += (text[at:begin], new)
        at = end
    return "".join((*pieces, text[at:]))
