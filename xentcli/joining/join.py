"""Labels in a file of their own: a source whose rows are the predictions, with columns of the label file.

Rows meet by id (`on`), or without one as they stand. Either way the label file's id, label and weight columns are
held in memory, the predictions are not: about 60 bytes a label for ids of 12 characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, RequestError, Where
from xentcli.joining.id_index import IdIndex, id_texts, is_id
from xentcli.joining.joined_source import JoinedSource
from xentcli.joining.label_file import LabelFile, blocks, count
from xentcli.joining.match_report import BlockMatch, MatchReport, Names, refuse
from xentcli.sources.arrays import as_arrow
from xentcli.sources.source import Block, Chunk, ChunkWrapper, LoadedChunk, Projection, Source
from xentcli.wording import did_you_mean, few


def join_labels(
    predictions: Sequence[Source], labels: Source, on: str | None, *, allow_extra: bool
) -> list[Source]:
    """Each of `predictions` with the columns of `labels`, which holds the labels of all of them together.

    With `on`, rows meet where their ids in this column are the same text; without, they meet in order. Rows
    without a label have nulls in its place. `joined_source.finish` says whether all met as they should.

    No column but the id is in both (see `shared_columns.resolve_name_clashes`). Raises `RequestError` where the id
    is lacking, `ContentError` for an id that has no text.
    """
    if on is None and allow_extra:
        raise RequestError("allow_extra", "--allow-extra needs --on: without ids, rows meet in order")
    if on is not None:
        for source in (labels, *predictions):
            refuse_unusable_id(source, on)
    return _in_order(predictions, labels) if on is None else _by_id(predictions, labels, on, allow_extra)


def _by_id(predictions: Sequence[Source], labels: Source, on: str, allow_extra: bool) -> list[Source]:
    ids = _Ids(LabelFile(labels, on), on, allow_extra, ", ".join(source.name for source in predictions))
    return [ById(source, ids, first=i == 0) for i, source in enumerate(predictions)]


def _in_order(predictions: Sequence[Source], labels: Source) -> list[Source]:
    table = LabelFile(labels, None)
    result: list[Source] = []
    before: InOrder | None = None
    for source in predictions:
        before = InOrder(source, table, before)
        result.append(before)
    return result


class _Ids:
    """What the sources of one join by id share."""

    def __init__(self, labels: LabelFile, on: str, allow_extra: bool, predictions: str) -> None:
        self.labels, self.on, self._allow_extra = labels, on, allow_extra
        self._names = Names(predictions, labels.source.name, on)
        self._ledger: MatchReport | None = None

    def report(self, fresh: bool) -> MatchReport:
        """The report of this reading of the inputs, or a new one."""
        if fresh or self._ledger is None:
            self._ledger = MatchReport(self.labels.index)
        return self._ledger

    def finish(self) -> None:
        """Raise what was wrong with the ids."""
        report = self._ledger
        if report is None or not report.complete:
            raise RuntimeError("a join is finished before its chunks have been read")
        refuse(self._names, report, self.labels.index, self.labels.places, self._allow_extra)


def _own(joined: JoinedSource, wanted: Projection, *more: str) -> Projection:
    """What is wanted of the predictions, and `more` as text."""
    own = wanted.only({field.name for field in joined.predictions.fields})
    twice = next((name for name in more if name in replace(own, labels=()).names), None)
    if twice is not None:
        message = "the id is text: it cannot be a number as well"
        raise RequestError("id_as_number", message, where=Where(joined.name), column=twice)
    labels = tuple(dict.fromkeys((*own.labels, *more)))
    return replace(own, labels=labels)


class ById(JoinedSource):
    """Predictions that meet their labels by id."""

    def __init__(self, predictions: Source, ids: _Ids, *, first: bool) -> None:
        super().__init__(predictions, ids.labels)
        self._ids, self._first = ids, first

    def chunks(self, wanted: Projection) -> Iterator[Chunk]:
        """The chunks of the predictions. A reading of all inputs begins with the first of them."""
        columns = self.labels.load(wanted)
        attached = {name: columns[name] for name in wanted.only(self.labels.names).names}
        report = self._ids.report(fresh=self._first)
        for chunk in self.predictions.chunks(_own(self, wanted, self._ids.on)):
            yield _IdChunk(chunk, self._ids.on, self.labels.index, attached, report, report.ticket())

    def finish(self) -> None:
        """Raise a `ContentError` if the ids of all predictions and labels did not agree."""
        self._ids.finish()


class _IdChunk(ChunkWrapper, frozen=True, eq=False):
    on: str
    index: IdIndex
    attached: Mapping[str, pa.Array]
    report: MatchReport
    ticket: int

    def blocks(self) -> Iterator[Block]:
        """The blocks of the chunk with their labels; a chunk left before its end leaves no trace in the report."""
        matched: list[BlockMatch] = []
        entry: Sequence[BlockMatch] = ()
        try:
            for block in self.chunk.blocks():
                ids = id_texts(block.columns[self.on])
                matched.append(BlockMatch.of(self.index, ids, block.where))
                yield _with(block, self.attached, matched[-1].rows)
            entry = matched
        finally:
            self.report.enter(self.ticket, entry)


class InOrder(JoinedSource):
    """Predictions that meet their labels row by row, after those of the inputs before."""

    def __init__(self, predictions: Source, labels: LabelFile, before: InOrder | None) -> None:
        super().__init__(predictions, labels)
        self._before = before

    def chunks(self, wanted: Projection) -> Iterator[Chunk]:
        """One chunk a block, read here: a block does not know its first row until those before have been read."""
        columns = self.labels.load(wanted)
        attached = {name: columns[name] for name in wanted.only(self.labels.names).names}
        own = _own(self, wanted)
        if not own.names:
            own = _own(self, wanted, self.predictions.fields[0].name)
        row = self._before.end if self._before is not None else 0
        for block in blocks(self.predictions, own):
            rows = np.arange(row, row + block.rows)
            rows[rows >= self.labels.rows] = -1
            row += block.rows
            yield LoadedChunk(_with(block, attached, rows))
        self.end = row  # what it would have counted

    @cached_property
    def end(self) -> int:
        """The rows of this input and those before."""
        return count(self.predictions) + (self._before.end if self._before is not None else 0)

    def finish(self) -> None:
        """Raise a `ContentError` if there are not as many predictions as labels."""
        if self.end != self.labels.rows:
            raise ContentError(
                "row_counts",
                f"{self.end} prediction rows, but {self.labels.rows} rows in {self.labels.source.name}",
                hint="--on COL matches rows by an id",
                where=Where(self.name),
            )


def _with(block: Block, attached: Mapping[str, pa.Array], rows: IndexArray) -> Block:
    """The block with row `rows[i]` of the attached columns at its row i; null where that is -1."""
    at = as_arrow(rows, null=rows < 0)
    return replace(
        block, columns={**block.columns, **{name: column.take(at) for name, column in attached.items()}}
    )


def refuse_unusable_id(source: Source, on: str) -> None:
    """Raise a `RequestError` if a source has no such column, a `ContentError` if it holds no ids."""
    types = {field.name: field.type for field in source.fields}
    if on not in types:
        raise RequestError(
            "no_such_column",
            f'no column "{on}" for the id',
            hint=f"{did_you_mean(on, types)}columns: {few(types, 40, '')}",
            where=Where(source.name),
        )
    if types[on] is not None and not is_id(types[on]):
        raise ContentError(
            "id_type",
            f"has type {types[on]}, which cannot be an id",
            hint="ids are text or integers: cast the column when the file is written",
            where=Where(source.name),
            column=on,
        )
