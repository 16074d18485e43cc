"""Parts of a whole that are scored apart: those without rows to score, and what the whole says of its inputs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from msgspec.structs import replace

from xentcli.analysis.doubts import A_FEW_ROWS, refuse_doubtful_score
from xentcli.analysis.refusals import refuse_unscored
from xentcli.analysis.request import Target
from xentcli.analysis.saving import save_state
from xentcli.columns.peek import read_blocks
from xentcli.decoding.tally import Entry, Example, Tally
from xentcli.engine.inputs import Inputs
from xentcli.errors import ContentError, UnscoredPartError, Where, XentError
from xentcli.results.result import InputInfo
from xentcli.sources.source import Projection, Source
from xentcli.states.run import NoRows, Run
from xentcli.wording import without_secrets


def are_without_rows(sources: Sequence[Source]) -> bool:
    """Whether no source has a row; those that can be read only once, and have been, are taken to have some."""
    with suppress(XentError):
        columns = (Projection(tuple(field.name for field in source.fields[:1]), ()) for source in sources)
        blocks = (block for each in zip(sources, columns, strict=True) for block in read_blocks(*each))
        return not any(block.rows for block in blocks)
    return False


def no_rows(sources: Sequence[Source], shard: int | None) -> NoRows:
    """The part that sources without rows are; `shard` is the number of the first of them."""
    inputs = tuple(InputInfo(source.name, source.format, 0, source.size) for source in sources)
    first = shard or 0
    return NoRows(inputs, tuple(range(first, first + len(inputs))), shard is not None, empty_parts=1)


def with_rows(part: Run | NoRows) -> Run:
    """The part; raises a `ContentError` if no row of it was scored."""
    where = Where(part.inputs[0].name) if len(part.inputs) == 1 else None
    if isinstance(part, NoRows):
        raise ContentError("no_rows", "no rows", where=where)
    refuse_unscored(part.totals, where)
    return part


def scored_part(
    score: Callable[[], tuple[Run, Inputs]], sources: Sequence[Source], shard: int | None
) -> Run | NoRows:
    """What sources add to a whole, if only to the number of its inputs; `score` gives their run.

    Raises as `score` does, but not for want of rows.
    """
    try:
        run, inputs = score()
    except XentError:  # perhaps because nothing is there that could tell which column is what
        if not are_without_rows(sources):
            raise
        return no_rows(sources, shard)
    if not any(run.totals.rows.values()):
        return no_rows(sources, shard)
    if run.totals.state.losses.rows >= A_FEW_ROWS:
        refuse_doubtful_score(inputs, run.totals, run.classes)
    return run


def saved_part(part: Run | NoRows, target: Target) -> Run:
    """The part; one without a scored row is saved before the `UnscoredPartError` that says so."""
    try:
        return with_rows(part)
    except ContentError as error:
        save_state(part, target)
        stream, name = None, "its state"
        if isinstance(target, str | os.PathLike):
            name = without_secrets(os.fspath(target))
        else:
            stream = target
        hint = f"{name} was written: for xent merge it is a part without rows to score"
        unscored = UnscoredPartError(error.code, error.message, hint=hint, where=error.where)
        unscored.stream = stream
        raise unscored from None


def as_one_table(run: Run) -> Run:
    """The run with its tables in memory that have no name as one input, as they are parts of one.

    Which part a row is in, its number says if it was given one (`shard`); otherwise the row cannot be found.
    """
    if sum(each.is_unnamed for each in run.inputs) < 2:
        return run
    unnamed = {number for number, each in zip(run.numbers, run.inputs, strict=True) if each.is_unnamed}

    def places(entry: Entry) -> Iterator[Example]:
        for example in entry.examples:
            number, where = example.where
            if number not in unnamed:
                yield example
            elif run.numbered:
                yield replace(example, where=(number, replace(where, file=f"shard {number}")))

    entries = run.totals.tally.entries.items()
    tally = Tally({key: Entry(each.count, tuple(places(each))) for key, each in entries})
    return replace(run, inputs=_joined(run.inputs), totals=replace(run.totals, tally=tally))


def _joined(inputs: Sequence[InputInfo]) -> tuple[InputInfo, ...]:
    """With unnamed tables of a kind in one place, that of the first of them."""
    found: dict[tuple[str, str] | int, InputInfo] = {}
    for at, each in enumerate(inputs):
        key = (each.name, each.format) if each.is_unnamed else at
        before = found.get(key)
        found[key] = each if before is None else replace(each, rows=before.rows + each.rows)
    return tuple(found.values())
