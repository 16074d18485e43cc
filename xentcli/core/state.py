"""The state of a scoring run: exact totals over rows, mergeable in any order, from which every number is computed.

All sums stand in one `ExactSums`, all counts in one array (their places: `layout`), so two states are merged by
adding both. What those totals are called is what `losses`, `classes` and `breakdown` give.
"""

from __future__ import annotations

from functools import cached_property
from typing import Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from xentcli.core.cells import LossCells, PairLosses
from xentcli.core.exact import ExactProducts, ExactSums, FloatArray, IntArray, Merging
from xentcli.core.kept_rows import KeptRows
from xentcli.core.kernel import MOST_PAIRS
from xentcli.core.layout import layout
from xentcli.core.moments import Moments, ScoreTest
from xentcli.core.odds.cells import OddsCells, OddsKeys, SquaredWeights


class Counts(Struct, frozen=True):
    """Rows that are counted and not scored, and rows worth a count."""

    ties: int
    zero_weight: int
    skipped: int
    ignored: int
    infinite: int  # of infinite loss


class LossTotals(Struct, frozen=True):
    """Totals of the row losses; all there is for tokens."""

    counts: Counts
    loss: Moments  # over rows of finite loss
    cells: LossCells  # likewise
    infinite: ExactSums  # weight of the rows of infinite loss
    target_entropy: ExactSums  # sum w H(t)
    sizes: ExactSums  # sum of bytes

    @property
    def rows(self) -> int:
        """Number of rows of positive weight."""
        return self.loss.rows + self.counts.infinite

    @property
    def weight(self) -> int:
        """Their weight, in units of 2^-1074."""
        return self.loss.weight.total() + self.infinite.total()


class ByGroup(Merging, frozen=True):
    """Totals over groups of rows (classes, or bins of confidence), each `(G,)`: rows, and their weight."""

    rows: IntArray
    weight: ExactSums

    @classmethod
    def empty(cls, groups: int) -> Self:
        """The identity of `merge`."""
        return cls(np.zeros(groups, np.int64), ExactSums.empty(groups))

    @classmethod
    def of(cls, group: NDArray[np.integer], weights: FloatArray | None, groups: int) -> Self:
        """Count and weight of rows by `group` `(n,)`; weights `(n,)` or None for ones."""
        rows = np.bincount(group, minlength=groups).astype(np.int64)
        return cls(rows, ExactSums.of_counts(rows) if weights is None else ExactSums.of(weights, group, groups))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByGroup) and bool((self.rows == other.rows).all()) and self.weight == other.weight

    __hash__ = None  # type: ignore[assignment]  # holds an array


class ClassTotals(Struct, frozen=True):
    """Totals by class `(K,)`, and over the predictions; of nothing for tokens.

    With soft labels a row belongs to class k with weight w t_k.
    """

    brier: Moments
    entropy: ExactSums  # sum w H
    entropy_variance: ExactProducts  # sum w^2 V
    log_sum: ExactSums  # sum w log sum q
    labels: ByGroup  # by true class; with soft labels `rows` counts those with t_k > 0
    amount: ExactSums  # sum t_k of soft labels
    infinite: IntArray  # rows of infinite loss, by true class
    tops: ByGroup  # by top class
    hits: ByGroup  # rows whose top class is the true one, by class
    places: ByGroup  # (3,): by the place of the label among the classes, 1 or 2, 3, 4 or 5; of plain labels, K > 2
    rps: Moments  # ranked probability score; all 0 where nobody asked for it
    class_loss: ExactSums  # sum w l over rows of finite loss, by true class
    shares: ExactSums  # sum w q / sum q
    bins: ByGroup  # by bin of confidence; plain labels only
    bin_hits: ByGroup  # rows whose top class is the true one, by bin
    bin_confidence: ExactSums  # sum w q_top, by bin
    confusions: IntArray  # (K K,): rows by true class, then top class; empty above 100 classes


class BreakdownTotals(Struct, frozen=True):
    """Of two classes `odds` and `test`, of more `kept` and `top_loss`; of plain labels `pairs`."""

    odds: OddsCells
    test: ScoreTest
    kept: KeptRows
    top_loss: ExactSums  # sum w of the loss of "is the top class right?", over rows where that is finite
    top_infinite: int  # rows where it is not
    pairs: PairLosses


class ScoreState(Struct, frozen=True, eq=False, dict=True):
    """Sufficient statistics of everything a result reports.

    `merge` is commutative and associative with `ScoreState.empty(K)` as identity; the state of a set of rows
    does not depend on how the set was cut or ordered. Rows of weight 0 are only counted.
    """

    class_count: int  # K; 0 for tokens
    counts: IntArray
    sums: ExactSums
    cells: LossCells
    odds: OddsCells  # as are those below, empty if nobody asked for the breakdown
    kept: KeptRows
    pairs: PairLosses

    @classmethod
    def empty(cls, classes: int) -> Self:
        """The identity of `merge`, for K classes (0 for tokens)."""
        places = layout(classes)
        counts, sums = np.zeros(places.number_count, np.int64), ExactSums.empty(places.group_count)
        return cls(
            classes,
            counts,
            sums,
            LossCells.empty(),
            OddsCells.empty(),
            KeptRows.empty(classes),
            PairLosses.empty(),
        )

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        if other.adds_nothing:
            return self
        return type(self)(
            self.class_count,
            self.counts + other.counts,
            self.sums.merge(other.sums),
            self.cells.merge(other.cells),
            self.odds.merge(other.odds),
            self.kept.merge(other.kept),
            self.pairs.merge(other.pairs),
        )

    @cached_property
    def adds_nothing(self) -> bool:
        """Whether it is `empty`, as what a block adds beside its scores is, where no row of it was left out."""
        return self == self.empty(self.class_count)

    def identity(self) -> Self:
        """The identity of `merge` with this state, that keeps no more for the breakdown than it does."""
        return self.empty(self.class_count).as_coarse_as(self)

    def as_coarse_as(self, whole: ScoreState) -> Self:
        """The state of a part of `whole`, without what that no longer tells apart: their merge is the same."""
        odds = self.odds if whole.odds.exact else self.odds.in_cells()
        return replace(self, odds=odds, kept=self.kept.at_level(whole.kept.level))

    def compact(self) -> Self:
        """The same state, with the work done that can be done before it is merged."""
        return replace(self, odds=self.odds.compact())

    def counting(self, **rows: int) -> Self:
        """With more rows that are only counted: `zero_weight`, `skipped`, `ignored`."""
        if not any(rows.values()):
            return self
        counts = self.counts.copy()
        for name, count in rows.items():
            counts[layout(self.class_count).numbers[name]] += count
        return replace(self, counts=counts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScoreState) or not np.array_equal(self.counts, other.counts):
            return False
        names = ("class_count", "sums", "cells", "odds", "kept", "pairs")
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment]  # holds arrays

    @cached_property
    def losses(self) -> LossTotals:
        """What the row losses add up to."""
        names = ("ties", "zero_weight", "skipped", "ignored", "infinite")
        return LossTotals(
            Counts(*map(self._count, names)),
            self._moments("loss", self._count("rows"), self._sum("weight")),
            self.cells,
            self._sum("infinite"),
            self._sum("target_entropy"),
            self._sum("sizes"),
        )

    @cached_property
    def classes(self) -> ClassTotals:
        """What is added up by class, and over the predictions."""
        rows = self._count("rows") + self._count("infinite")
        weight = self._sum("weight").merge(self._sum("infinite"))
        bins = self._numbers("bins").reshape(-1, 2)
        return ClassTotals(
            brier=self._moments("brier", rows, weight),
            entropy=self._sum("entropy"),
            entropy_variance=self._weighted_twice("entropy_variance"),
            log_sum=self._sum("log_sum"),
            labels=self._by_group("labels"),
            amount=self._sum("amount"),
            infinite=self._numbers("infinite_labels"),
            tops=self._by_group("tops"),
            hits=self._by_group("hits"),
            places=self._by_group("places"),
            rps=self._moments("rps", rows, weight),
            class_loss=self._sum("class_loss"),
            shares=self._sum("shares"),
            bins=ByGroup(bins.sum(axis=1), self._sum("bin_weight")),
            bin_hits=ByGroup(bins[:, 1], self._sum("bin_hits")),
            bin_confidence=self._sum("bin_confidence"),
            confusions=self._numbers("confusions"),
        )

    @cached_property
    def breakdown(self) -> BreakdownTotals:
        """What the breakdown of the log loss takes."""
        test = ScoreTest(
            self._sum("offset"),
            self._sum("slope"),
            self._weighted_twice("variance"),
            self._weighted_twice("covariance"),
            self._weighted_twice("slope_variance"),
            self._count("refuted"),
        )
        top, top_infinite = self._sum("top_loss"), self._count("top_infinite")
        return BreakdownTotals(self.odds, test, self.kept, top, top_infinite, self.pairs)

    @cached_property
    def odds_keys(self) -> OddsKeys:
        """The weights of two classes by log-odds."""
        return self._odds.keys()

    @property
    def odds_places(self) -> tuple[IntArray, int]:
        """Where those log-odds are, as integers, and how many bits these leave out."""
        return self._odds.places()

    @cached_property
    def odds_squares(self) -> SquaredWeights:
        """Sums of their squares."""
        return self._odds.squares()

    @cached_property
    def _odds(self) -> OddsCells:
        return self.odds.compact()

    def _sum(self, name: str) -> ExactSums:
        return self.sums.between(layout(self.class_count).groups[name])

    def _numbers(self, name: str) -> IntArray:
        return self.counts[layout(self.class_count).numbers[name]]

    def _count(self, name: str) -> int:
        return int(self._numbers(name)[0])

    def _by_group(self, name: str) -> ByGroup:
        return ByGroup(self._numbers(name), self._sum(name))

    def _moments(self, name: str, rows: int, weight: ExactSums) -> Moments:
        squares, cross, weights = (
            ExactProducts.of_groups(self._sum(f"{name}_{part}")) for part in ("squares", "cross", "weights")
        )
        return Moments(rows, weight, self._sum(name), squares, cross, weights)

    def _weighted_twice(self, name: str) -> ExactProducts:
        return ExactProducts.of_weighted_groups(self._sum(name))


def tells_pairs(classes: int) -> bool:
    """Whether losses are told apart by true and top class."""
    return 0 < classes <= MOST_PAIRS
