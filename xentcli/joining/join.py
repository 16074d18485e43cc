"""Rows that meet: those of predictions, which are streamed, and those of a file in memory.

Rows meet by id (`on`), or without one as they stand. The file's id, label and weight columns take about 60 bytes a
row for ids of 12 characters.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from msgspec.structs import replace

from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, Notice, RequestError, Where
from xentcli.joining.id_columns import IdColumns
from xentcli.joining.id_digest import IdDigest
from xentcli.joining.id_index import NO_ROW, id_texts, is_id
from xentcli.joining.joined_source import JoinedSource, Matcher
from xentcli.joining.label_file import LabelFile, count, with_id
from xentcli.joining.match_report import BlockMatch, MatchReport
from xentcli.joining.row_order import RowOrder, RowVerdict, WatchedNames
from xentcli.sources.source import Block, Projection, Source
from xentcli.wording import did_you_mean, few, typed


def join_sources(
    predictions: Sequence[Source], labels: Source, on: IdColumns | None, *, allow_extra: bool
) -> list[Source]:
    """Each of `predictions` with the columns of `labels`, which holds the labels of all of them together.

    Rows without a label have nulls in its place. `joined_source.finish` says whether all met as they should.

    No column but the id is in both (see `shared_columns.resolve_name_clashes`). Raises what `match_rows` raises.
    """
    if on is None and allow_extra:
        raise RequestError("allow_extra", "--allow-extra needs --on: without ids, rows are matched in order")
    file = LabelFile(labels, None if on is None else on.right)
    matcher = match_rows(predictions, file, on, allow_extra=allow_extra)
    return [JoinedSource(number, matcher) for number in range(len(predictions))]


def match_rows(
    predictions: Sequence[Source],
    labels: LabelFile,
    on: IdColumns | None,
    *,
    allow_extra: bool,
    used: Collection[str] = (),
    models: bool = False,
) -> Matcher:
    """Rows meet where their ids, in column `on.left` of `predictions`, are the same text as those of `labels`.

    Without ids they meet in order; then columns of distinct values in both, but those that are `used` otherwise,
    are looked at: they may say that the order is another. `labels` may be BASE of two `models`.

    Raises `RequestError` where the id is lacking,
    `ContentError` for an id that has no text.
    """
    if on is None:
        order = RowOrder(predictions, labels.source, frozenset(used), models)
        return OrderMatcher(predictions, labels, order)
    refuse_unusable_id(labels.source, on.right)
    for source in predictions:
        refuse_unusable_id(source, on.left)
    return _IdMatcher(predictions, labels, on.left, allow_extra)


class _IdMatcher(Matcher):
    def __init__(self, predictions: Sequence[Source], labels: LabelFile, on: str, allow_extra: bool) -> None:
        super().__init__(predictions, labels)
        self._on, self._allow_extra = on, allow_extra
        self._report: MatchReport | None = None

    def reading(self, number: int, projection: Projection) -> Projection:
        """A reading of all inputs begins with the first of them, and with a new report."""
        if number == 0 or self._report is None:
            self._report = MatchReport(self.labels, [source.name for source in self.predictions])
        return with_id(projection, self._on, self.predictions[number].name)

    def begin(self, number: int) -> _IdChunk:
        assert self._report is not None  # a reading has begun
        return _IdChunk(number, self._on, self._report)

    def finish(self) -> None:
        if self._report is None or not self._report.complete:
            raise RuntimeError("a join is finished before its chunks have been read")
        self._report.refuse_problems(self._on, self._allow_extra)


class _IdChunk:
    """A chunk of input `number`; one that is left before its end leaves no trace in the report."""

    def __init__(self, number: int, on: str, report: MatchReport) -> None:
        self._number, self._on, self._report, self._ticket = number, on, report, report.ticket()
        self._matched: list[BlockMatch] = []

    def rows(self, block: Block, found: dict[int, Any]) -> IndexArray:
        same = id(self._report.index)
        if same not in found:
            found[same] = self._report.match(self._number, id_texts(block.columns[self._on]), block.where)
        self._matched.append(found[same])
        return self._matched[-1].rows

    def end(self, *, complete: bool) -> None:
        self._report.enter(self._ticket, self._matched if complete else ())


class OrderMatcher(Matcher):
    """Rows meet as they stand, those of a part of the predictions from row `first` of all on."""

    in_order = True  # a block does not know its first row until those before have been read

    def __init__(self, predictions: Sequence[Source], labels: LabelFile, order: RowOrder, first: int = 0) -> None:
        super().__init__(predictions, labels)
        self._first = first
        self._starts = [0]  # of each input that is known, and of the one after it
        self._order = order
        labels.watch = lambda: order.names[1]
        self.digests: dict[str, IdDigest] = {}  # of columns that may be ids, as far as they have been read

    def reading(self, number: int, projection: Projection) -> Projection:
        """With the columns of texts that may be ids."""
        if not projection.names:  # something must be read for the rows to be counted
            projection = self.predictions[number].one_column
        if number == 0:
            self.digests = self._order.begin(projection, self._first)
        return replace(projection, labels=tuple(dict.fromkeys((*projection.labels, *self.digests))))

    def begin(self, number: int) -> _OrderedInput:
        """Begin an input."""
        return _OrderedInput(self, self._start(number), number)

    def meet(self, block: Block, row: int) -> IndexArray:
        """The rows of the file for a block that begins at a row."""
        for name, digest in self.digests.items():
            digest.add(id_texts(block.columns[name]))
        rows = np.arange(row, row + block.rows)
        rows[rows >= self.labels.rows] = NO_ROW
        return rows

    def end(self, number: int, row: int) -> None:
        """Input `number` has been read up to a row."""
        self._starts[number + 1 : number + 2] = [row]  # what would have been counted

    @property
    def watched(self) -> WatchedNames:
        """The columns of both that may be ids."""
        return self._order.names

    def end_parts(self, rows: Sequence[int], own: dict[str, IdDigest], other: dict[str, IdDigest]) -> None:
        """All parts have been read elsewhere: `rows` of each input, and digests of columns that may be ids."""
        self._starts = [0, *accumulate(rows)]
        self.digests, self.labels.digests = own, other

    def _start(self, number: int) -> int:
        """The rows of all inputs before; those that have not been read are counted."""
        while len(self._starts) <= number:
            self._starts.append(self._starts[-1] + count(self.predictions[len(self._starts) - 1]))
        return self._starts[number]

    @property
    def _verdict(self) -> RowVerdict:
        return self._order.conclude(self.digests, self.labels.digests)

    def finish(self) -> None:
        """Raise an error if the rows are not as many, or ids say that they do not belong together."""
        rows = self._start(len(self.predictions))
        if rows != self.labels.rows:
            found = self._verdict.id_columns()
            raise ContentError(
                "row_counts",
                f"{rows} prediction rows, but {self.labels.rows} rows in {self.labels.source.name}",
                hint=f"{'--on COL' if found is None else typed('--on', str(found))} matches rows by an id",
                where=Where(self.predictions[-1].name),
            )
        self._verdict.refuse()

    def notices(self) -> Sequence[Notice]:
        """What columns that may be ids leave in doubt."""
        return tuple(self._verdict.notices())


class _OrderedInput:
    """An input of which blocks have been read up to a row."""

    def __init__(self, matcher: OrderMatcher, row: int, number: int) -> None:
        self._matcher, self._row, self._number = matcher, row, number

    def rows(self, block: Block, found: dict[int, Any]) -> IndexArray:
        rows = self._matcher.meet(block, self._row)
        self._row += block.rows
        return rows

    def end(self, *, complete: bool) -> None:
        if complete:
            self._matcher.end(self._number, self._row)


def refuse_unusable_id(source: Source, on: str) -> None:
    """Raise a `RequestError` where the id is lacking, a `ContentError` where its values have no text."""
    types = {field.name: field.type for field in source.fields}
    if on not in types:
        two = "--on LEFT=RIGHT where ids have two names"
        raise RequestError(
            "no_such_column",
            f'no column "{on}" for the id',
            hint=f"{did_you_mean(on, types)}{two}; columns: {few(types, 40, '')}",
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
