"""What cross-fitting takes of rows that are read: by fold, each log-odds and label with its weight, or rows.

Two classes are counted by log-odds, exactly up to 2^18 different ones a fold, beyond in cells; of more classes,
and where clusters have to be told apart, rows are kept: all of them up to a budget, then an even sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from msgspec import Struct, field

from xentcli.core.batch import IndexArray, KeyArray, RowScores
from xentcli.core.clusters import digests
from xentcli.core.exact import FloatArray, IntArray
from xentcli.core.fits.rows import FitRows
from xentcli.core.kept_rows import BUDGET, KeptRows, row_keys
from xentcli.core.odds.cells import OddsCells
from xentcli.core.odds.table import LIMIT

MOST_FOLDS = 1000
_LOW = np.uint64(0xFFFFFFFF)
_WORD = np.uint64(32)


class FoldPlan(Struct, frozen=True):
    """How rows get their folds: by a hash, of the row or of its cluster, unless a column says."""

    count: int = 5
    by_column: bool = False


class RowPlaces(Struct, frozen=True, eq=False):
    """Which rows those of a block are, and their folds and clusters: `names[codes[i]]`, None without."""

    input: int
    numbers: IntArray  # (n,)
    fold: tuple[IndexArray, Sequence[str | None]] | None
    cluster: tuple[IndexArray, Sequence[str | None]] | None


class FoldCounts(Struct, frozen=True):
    """Two classes of a fold: weights of each by log-odds; with weights also their squares, and rows."""

    weights: OddsCells
    squares: OddsCells | None = None
    counts: OddsCells | None = None

    @classmethod
    def of(cls, rows: RowScores) -> Self:
        """Rows of finite loss."""
        x, y, w = rows.known("log_odds"), rows.known("labels") == 1, rows.weights
        if w is None:
            return cls(OddsCells.of(x, y, None))
        squares = OddsCells.of(x, y, w * w)
        return cls(OddsCells.of(x, y, w), squares, OddsCells.of(x, y, np.ones(w.size)))

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows, all with weights or all without."""
        merged: dict[str, Any] = {"weights": self.weights.merge(other.weights)}
        if self.squares is not None and other.squares is not None:
            merged["squares"] = self.squares.merge(other.squares)
        if self.counts is not None and other.counts is not None:
            merged["counts"] = self.counts.merge(other.counts)
        return type(self)(**merged)

    def rows(self, *, exact: bool) -> FitRows:
        """As rows to fit to; unless `exact`, in cells."""
        totals: list[FloatArray] = []
        x = np.empty(0)
        for each in (self.weights, self.squares, self.counts):
            cells = self.weights if each is None else each
            x, positive, negative, _ = (cells if exact else cells.in_cells()).keys()
            totals.append(np.stack([negative, positive]))
        return FitRows.counted(x, *totals)


class FoldTotals(Struct, frozen=True):
    """Counts or kept rows by the name of the fold.

    `merge` is commutative and associative with `FoldTotals()` as identity. More than `MOST_FOLDS` names are
    `too_many`, and nothing else.
    """

    counts: dict[str, FoldCounts] = field(default_factory=dict)
    kept: dict[str, KeptRows] = field(default_factory=dict)  # of log q, or log-odds, and two halves of a cluster
    too_many: bool = False

    @classmethod
    def of(cls, plan: FoldPlan, rows: RowScores, places: RowPlaces) -> Self:
        """Rows of a block; those of infinite loss are left out."""
        finite = np.flatnonzero(np.isfinite(rows.loss))
        keys = row_keys(places.input, places.numbers)
        totals = cls()
        if places.fold is not None and len(np.unique(places.fold[0])) > MOST_FOLDS:
            return cls(too_many=True)
        clusters = _cluster_digests(places)
        for name, members in _by_fold(plan, places, keys if clusters is None else clusters):
            chosen = members[np.isin(members, finite, assume_unique=True)]
            if not chosen.size:
                continue
            part = rows.where(chosen)
            if rows.classes == 2 and places.cluster is None:
                totals = totals.merge(cls(counts={name: FoldCounts.of(part)}))
            else:
                of = None if clusters is None else clusters[chosen]
                totals = totals.merge(cls(kept={name: _kept(part, of, keys[chosen])}))
        return totals

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        names = (self.counts.keys() | other.counts.keys(), self.kept.keys() | other.kept.keys())
        if self.too_many or other.too_many or max(map(len, names)) > MOST_FOLDS:
            return type(self)(too_many=True)
        return type(self)(_merged(self.counts, other.counts), _merged(self.kept, other.kept))

    def total_kept(self) -> tuple[int, int]:
        """How many rows are kept, and out of how many."""
        whole = self._level()
        rows = sum(each.at_level(whole).rows for each in self.kept.values())
        return rows, sum(each.total for each in self.kept.values())

    def _level(self) -> int:
        """The level at which the rows of all folds together fit the budget."""
        parts = list(self.kept.values())
        if not parts:
            return 0
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.merge(part)
        return whole.level

    @property
    def exact(self) -> bool:
        """Whether no two log-odds share a cell."""
        return all(each.weights.compact().exact for each in self.counts.values())

    def folds(self, *, clustered: bool) -> dict[str, FitRows]:
        """The rows to fit to of each fold."""
        exact = self.exact
        found = {name: each.rows(exact=exact) for name, each in self.counts.items()}
        level = self._level()
        for name, kept in self.kept.items():
            rows = kept.at_level(level).arrays()
            if rows.count:
                found[name] = _fit_rows(rows, clustered=clustered)
        return found


def for_fitting(folds: Sequence[FitRows]) -> list[FitRows]:
    """Folds with the same fits: those of two classes with many log-odds in cells, which are faster to fit to."""
    many = sum(rows.entries for rows in folds) > LIMIT
    return [_in_cells(rows) if many and rows.log_odds is not None else rows for rows in folds]


def _in_cells(rows: FitRows) -> FitRows:
    assert rows.log_odds is not None
    x, y = rows.log_odds, rows.labels == 1
    cells = [OddsCells.of(x, y, each).in_cells().keys() for each in (rows.weights, rows.counts)]
    weights, counts = (np.stack([negative, positive]) for _, positive, negative, _ in cells)
    return FitRows.counted(cells[0][0], weights, weights, counts)


def rows_by_fold(plan: FoldPlan, places: RowPlaces) -> list[tuple[str, IndexArray]]:
    """The name of each fold that rows of a block may have, and which rows: the same wherever a row is read."""
    clusters = _cluster_digests(places)
    return _by_fold(plan, places, row_keys(places.input, places.numbers) if clusters is None else clusters)


def _cluster_digests(places: RowPlaces) -> KeyArray | None:
    """A number `(n,)` of the cluster of each row, if there are any."""
    if places.cluster is None:
        return None
    codes, names = places.cluster
    found: KeyArray = digests([name or "" for name in names])[0][codes]
    return found


def _by_fold(plan: FoldPlan, places: RowPlaces, hashes: KeyArray) -> list[tuple[str, IndexArray]]:
    """The name of each fold that rows have, and which rows."""
    if places.fold is not None:
        codes, names = places.fold
        return [(names[code] or "", np.flatnonzero(codes == code)) for code in np.unique(codes).tolist()]
    number = ((hashes & _LOW) * np.uint64(plan.count)) >> _WORD
    return [(str(fold + 1), np.flatnonzero(number == fold)) for fold in range(plan.count)]


def _kept(rows: RowScores, clusters: KeyArray | None, keys: KeyArray) -> KeptRows:
    two = rows.classes == 2
    columns = [rows.known("log_odds")[None]] if two else [rows.known("log_q")]
    if clusters is not None:
        columns += [(clusters >> _WORD).astype(np.float64)[None], (clusters & _LOW).astype(np.float64)[None]]
    values = np.concatenate(columns)
    budget = BUDGET // rows.classes * len(values)  # so that classes times rows are within it
    return KeptRows.of(values, rows.known("labels"), None, rows.weights, keys, budget)


def _fit_rows(rows: Any, *, clustered: bool) -> FitRows:
    values, clusters = rows.log_q, None
    if clustered:
        values, (high, low) = values[:-2], values[-2:].astype(np.uint64)
        clusters = ((high << _WORD) | low).view(np.int64)
    scores = values[0] if len(values) == 1 else values
    return FitRows.of(scores, rows.labels, rows.weights, clusters)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for name, part in other.items():
        merged[name] = merged[name].merge(part) if name in merged else part
    return merged
