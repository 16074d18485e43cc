"""What is written in the place of scores, or beside them, and that it was written as it was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.columns.columns import Columns, ScoreColumns, ScoreLayout
from xentcli.core.batch import by_class
from xentcli.core.exact import FloatArray
from xentcli.decoding.named_scores import classes_of_items
from xentcli.decoding.number_columns import read_scores
from xentcli.decoding.row_problems import RowProblems
from xentcli.engine.rewriting.recalibrating import NewScores
from xentcli.errors import RequestError, Where
from xentcli.sources.arrays import BoolArray
from xentcli.sources.source import Block, Projection

Recalibrate = Callable[[Block], NewScores]
Write = Callable[[bytes], object]


class Change(Struct, frozen=True):
    """Where new scores go: into the score columns, or with a suffix into columns behind all others."""

    columns: Columns
    suffix: str | None = None
    interval_of: str | None = None  # the column whose Venn-Abers probabilities are added
    nothing: bool = False  # the bytes are to stay as they are

    @property
    def scores(self) -> ScoreColumns:
        """Where the scores of the file are."""
        return self.columns.scores

    @property
    def written(self) -> ScoreColumns:
        """Where the new scores are."""
        if self.suffix is None:
            return self.scores
        return replace(self.scores, names=tuple(f"{name}{self.suffix}" for name in self.scores.names))

    @property
    def bounds(self) -> tuple[str, ...]:
        """The columns of Venn-Abers probabilities."""
        return () if self.interval_of is None else (f"{self.interval_of}_p0", f"{self.interval_of}_p1")

    @property
    def added(self) -> tuple[str, ...]:
        """The columns behind all others."""
        return (*(() if self.suffix is None else self.written.names), *self.bounds)

    @property
    def read_back(self) -> Projection:
        """What to read of what is written."""
        names = dict.fromkeys((*self.written.names, *self.scores.names))
        names |= dict.fromkeys([self.scores.names_in] if self.scores.names_in else [])
        nested = self.scores.layout is not ScoreLayout.COLUMNS
        return Projection((), (*(() if nested else names), *self.bounds), tuple(names) if nested else ())

    def refuse_clashes(self, names: Sequence[str], file: str) -> None:
        """Raise a `RequestError` for columns to be added that are there, or are one."""
        for i, name in enumerate(self.added):
            if name in names or name in self.added[:i]:
                message = f'there is a column "{name}" already'
                raise RequestError(
                    "suffix", message, hint="--suffix TEXT gives new columns other names", where=Where(file)
                )

    def new_columns(self, new: NewScores) -> Iterator[FloatArray]:
        """The values `(n,)` of added plain columns; anything where a row stays as it is."""
        if self.suffix is not None and self.scores.layout is ScoreLayout.COLUMNS:
            yield from new.values
        if new.low is not None and new.high is not None:
            yield from (new.low, new.high)


def values_in_rows(block: Block, scores: ScoreColumns, new: NewScores) -> list[list[float]]:
    """The new scores of each row in the order in which it has them; of no row that stays as it is."""
    rows: list[list[float]] = new.values.T.tolist()
    if scores.layout is not ScoreLayout.NAMED:
        return rows
    sizes, classes = classes_of_items(block, scores)
    order = np.split(classes, np.cumsum(sizes)[:-1])
    return [
        [] if kept else [row[k] for k in each.tolist()]
        for row, each, kept in zip(rows, order, new.kept.tolist(), strict=True)
    ]


def refuse_misplaced(change: Change, before: Block, new: NewScores, after: Block | None) -> None:
    """Raise a `RuntimeError` unless what was written is read back as what it is meant to be, in the rows meant."""
    if after is None or after.rows != before.rows or (after.numbers() != before.numbers()).any():
        raise RuntimeError("what was written has other rows than what was read")
    stated = _read(before, change.scores)
    expected = np.where(new.kept, np.nan if change.suffix else stated, new.values)
    if not _same(_read(after, change.written), expected, new.kept if change.suffix else None):
        raise RuntimeError("scores that were written are not those that were computed")
    if change.suffix and not _same(_read(after, change.scores), stated, None):
        raise RuntimeError("scores that were to stay have changed")
    for name, bound in zip(change.bounds, (new.low, new.high), strict=False):
        found = _read(after, ScoreColumns((name,)))
        if bound is None or not _same(found, bound[None], new.kept):
            raise RuntimeError("probabilities that were written are not those that were computed")


def _same(found: FloatArray, expected: FloatArray, without: BoolArray | None) -> bool:
    """Whether all values `(S, n)` are equal, but for rows without any."""
    if without is not None:
        found, expected = found[:, ~without], expected[:, ~without]
    return np.array_equal(found, expected, equal_nan=True)


def _read(block: Block, scores: ScoreColumns) -> FloatArray:
    """The scores `(S, n)`, NaN where one is missing."""
    problems = RowProblems(block.rows)  # numbers as they are, also such as stand for a missing one
    values = by_class(read_scores(block, scores, "score_missing", problems)).copy()
    values[:, problems.missing | problems.broken] = np.nan
    return values
