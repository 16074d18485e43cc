"""The state of a scoring run: exact totals over rows, mergeable in any order, computed once at the end."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from xentcli.core.batch import IndexArray, RowScores, TokenScores
from xentcli.core.cells import LossCells, PairLosses
from xentcli.core.exact import ExactProducts, ExactSums, FloatArray, IntArray, Merging
from xentcli.core.kept_rows import KeptRows
from xentcli.core.moments import Moments, ScoreTest
from xentcli.core.odds_cells import OddsCells

MOST_CONFUSIONS = 100  # classes up to which confusions are told apart


class BreakdownState(Merging, frozen=True):
    """Of two classes `odds` and `test`, of more `kept` and `top_loss`; of plain labels `pairs`."""

    odds: OddsCells
    test: ScoreTest
    kept: KeptRows
    top_loss: ExactSums  # sum w of the loss of "is the top class right?", over rows where that is finite
    top_infinite: int  # rows where it is not
    pairs: PairLosses

    @classmethod
    def empty(cls, classes: int) -> Self:
        """The identity of `merge`, for K classes."""
        one = ExactSums.empty()
        return cls(OddsCells.empty(), ScoreTest.empty(), KeptRows.empty(classes), one, 0, PairLosses.empty())

    def identity(self) -> Self:
        """The identity of `merge` with this state, that keeps no more than it does."""
        return self.empty(self.kept.classes).as_coarse_as(self)

    def as_coarse_as(self, whole: Self) -> Self:
        """The state of a part of `whole`, without what that no longer tells apart: their merge is the same."""
        odds = self.odds if whole.odds.exact else self.odds.in_cells()
        return replace(self, odds=odds, kept=self.kept.at_level(whole.kept.level))

    def compact(self) -> Self:
        """The same state, with the work done that can be done before it is merged."""
        return replace(self, odds=self.odds.compact())

    @classmethod
    def of(cls, rows: RowScores) -> Self:
        """The state of one block of rows, all of positive weight."""
        w, classes = rows.weights, rows.classes
        plain = rows.targets is None
        odds, test = OddsCells.empty(), ScoreTest.empty()
        if rows.log_odds is not None:
            positive = rows.labels == 1 if rows.targets is None else rows.targets[1]
            odds = OddsCells.of(rows.log_odds, positive, w)
            test = ScoreTest.of(rows.log_odds, rows.labels == 1, w) if plain else test
        top, top_infinite = _top_losses(rows.top_loss, w)
        pairs = PairLosses.empty()
        if plain and classes <= MOST_CONFUSIONS:
            pairs = PairLosses.of(rows.labels, rows.top, _times(rows.loss, w), classes)
        return cls(odds, test, _kept_rows(rows), top, top_infinite, pairs)


def _kept_rows(rows: RowScores) -> KeptRows:
    """The rows of finite loss, of three classes or more."""
    finite = np.isfinite(rows.loss)
    rows = rows if finite.all() else rows.where(finite)
    if rows.log_forecast is None or rows.keys is None:
        return KeptRows.empty(rows.classes)
    labels = rows.labels if rows.targets is None else None
    return KeptRows.of(rows.log_forecast, labels, rows.targets, rows.weights, rows.keys)


def _top_losses(loss: FloatArray | None, weights: FloatArray | None) -> tuple[ExactSums, int]:
    if loss is None:
        return ExactSums.empty(), 0
    finite = np.isfinite(loss)
    weighted = _times(loss, weights)
    return ExactSums.of(weighted[finite]), int(np.count_nonzero(~finite))


BINS = 15


class ByGroup(Merging, frozen=True):
    """Exact totals over groups of rows (classes, or bins of confidence), each `(G,)`.

    Weights are summed over the rows of the group; `rows` counts them.
    """

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
        return cls.of_counts(rows) if weights is None else cls(rows, ExactSums.of(weights, group, groups))

    @classmethod
    def of_counts(cls, rows: IntArray) -> Self:
        """So many rows of weight 1 a group, `(G,)`."""
        return cls(rows, ExactSums.of_counts(rows))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByGroup) and bool((self.rows == other.rows).all()) and self.weight == other.weight

    __hash__ = None  # type: ignore[assignment]  # holds an array


class Counts(Merging, frozen=True):
    """Rows that are counted and not scored, and rows worth a count; `merge` adds."""

    ties: int = 0
    zero_weight: int = 0
    skipped: int = 0
    ignored: int = 0
    infinite: int = 0


class LossState(Merging, frozen=True):
    """Totals of the row losses; all there is for tokens."""

    counts: Counts
    loss: Moments  # over rows of finite loss
    cells: LossCells  # likewise
    infinite: ExactSums  # weight of the rows of infinite loss
    target_entropy: ExactSums  # sum w H(t)
    sizes: ExactSums  # sum of bytes

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        one = ExactSums.empty()
        return cls(Counts(), Moments.empty(), LossCells.empty(), one, one, one)

    @classmethod
    def of(cls, rows: RowScores | TokenScores, counts: Counts) -> Self:
        """The state of one block of rows, all of positive weight."""
        w, one = rows.weights, ExactSums.empty()
        finite = np.isfinite(rows.loss)
        infinite = int(np.count_nonzero(~finite))
        loss, loss_w = (rows.loss, w) if not infinite else (rows.loss[finite], _at(w, finite))
        entropy = rows.target_entropy if isinstance(rows, RowScores) else None
        sizes = rows.sizes if isinstance(rows, TokenScores) else None
        lost = one
        if infinite:
            lost = ExactSums.of_counts(np.array([infinite])) if w is None else ExactSums.of(w[~finite])
        return cls(
            replace(counts, infinite=infinite),
            Moments.of(loss, loss_w),
            LossCells.of(loss, loss_w),
            lost,
            one if entropy is None else ExactSums.of(_times(entropy, w)),
            one if sizes is None else ExactSums.of(_times(sizes, w)),
        )

    @property
    def rows(self) -> int:
        """Number of rows of positive weight."""
        return self.loss.rows + self.counts.infinite

    @property
    def weight(self) -> int:
        """Their weight, in units of 2^-1074."""
        return self.loss.weight.total() + self.infinite.total()


class ClassState(Merging, frozen=True):
    """Totals by class `(K,)`, and over the forecasts; empty for tokens.

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
    class_loss: ExactSums  # sum w l over rows of finite loss, by true class
    shares: ExactSums  # sum w q / sum q
    bins: ByGroup  # by bin of confidence; plain labels only
    bin_hits: ByGroup  # rows whose top class is the true one, by bin
    bin_confidence: ExactSums  # sum w q_top, by bin
    confusions: IntArray  # (K K,): rows by true class, then top class; empty above 100 classes

    @classmethod
    def empty(cls, classes: int) -> Self:
        """The identity of `merge`, for K classes."""
        by_class, by_bin = ByGroup.empty(classes), ByGroup.empty(BINS)
        one, per_class = ExactSums.empty(), ExactSums.empty(classes)
        return cls(
            Moments.empty(), one, ExactProducts.empty(), one, by_class, per_class, np.zeros(classes, np.int64),
            by_class, by_class, per_class, per_class, by_bin, by_bin, ExactSums.empty(BINS),
            np.zeros(_pairs(classes), np.int64),
        )  # fmt: skip

    @classmethod
    def of(cls, rows: RowScores) -> Self:
        """The state of one block of rows, all of positive weight."""
        w = rows.weights
        part = _soft_part(rows, rows.targets) if rows.targets is not None else _plain_part(rows)
        return cls(
            brier=Moments.of(rows.brier, w),
            entropy=ExactSums.of(_times(rows.entropy, w)),
            entropy_variance=ExactProducts.of_weighted_twice(rows.entropy_variance, w),
            log_sum=ExactSums.empty() if rows.log_sum is None else ExactSums.of(_times(rows.log_sum, w)),
            shares=_shares(_times(rows.shares, w), w, rows.loss.size),
            **part,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClassState) and all(
            np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b
            for a, b in ((getattr(self, name), getattr(other, name)) for name in self.__struct_fields__)
        )

    __hash__ = None  # type: ignore[assignment]  # holds arrays


class ScoreState(Merging, frozen=True):
    """Sufficient statistics of everything a result reports.

    `merge` is commutative and associative with `ScoreState.empty(K)` as identity; the state of a set of rows
    does not depend on how the set was cut or ordered. Rows of weight 0 are only counted.
    """

    losses: LossState
    classes: ClassState
    breakdown: BreakdownState  # empty if nobody asked for it

    @classmethod
    def empty(cls, classes: int) -> Self:
        """The identity of `merge`, for K classes (0 for tokens)."""
        return cls(LossState.empty(), ClassState.empty(classes), BreakdownState.empty(classes))

    @classmethod
    def of(cls, rows: RowScores | TokenScores, *, breakdown: bool = True) -> Self:
        """The state of one block of rows, all of positive weight."""
        if isinstance(rows, TokenScores):
            return cls(LossState.of(rows, Counts()), ClassState.empty(0), BreakdownState.empty(0))
        return cls(
            LossState.of(rows, Counts(ties=int(np.count_nonzero(rows.tied)))),
            ClassState.of(rows),
            BreakdownState.of(rows) if breakdown else BreakdownState.empty(rows.classes),
        )

    def identity(self) -> Self:
        """The identity of `merge` with this state, that keeps no more for the breakdown than it does."""
        return replace(self.empty(self.classes.infinite.size), breakdown=self.breakdown.identity())

    def as_coarse_as(self, whole: BreakdownState) -> Self:
        """The state of a part, with no more kept for its breakdown than the whole keeps."""
        return replace(self, breakdown=self.breakdown.as_coarse_as(whole))

    def counting(self, counts: Counts) -> Self:
        """With more rows that are only counted."""
        return replace(self, losses=replace(self.losses, counts=self.losses.counts.merge(counts)))


def _plain_part(rows: RowScores) -> dict[str, Any]:
    """What is counted by the class of plain labels."""
    w, classes = rows.weights, rows.classes
    finite = np.isfinite(rows.loss)
    kept = slice(None) if finite.all() else finite
    bins = np.minimum((rows.confidence * BINS).astype(np.intp), BINS - 1)
    pairs = _pairs(classes)
    confusions = np.zeros(0, np.int64)
    if pairs:
        confusions = np.bincount(rows.labels * classes + rows.top, minlength=pairs).astype(np.int64)
    return {
        "amount": ExactSums.empty(classes),
        "infinite": np.bincount(rows.labels[~finite], minlength=classes).astype(np.int64),
        "class_loss": ExactSums.of(_times(rows.loss[kept], _at(w, kept)), rows.labels[kept], classes),
        "bin_confidence": ExactSums.of(_times(rows.confidence, w), bins, BINS),
        "confusions": confusions,
        **(_weigh(rows, bins) if w is not None or not pairs else _count(rows, bins, confusions)),
    }


def _weigh(rows: RowScores, bins: IndexArray) -> dict[str, ByGroup]:
    """Rows and right rows by class and by bin."""
    w, classes = rows.weights, rows.classes
    hit = np.flatnonzero(rows.top == rows.labels)
    return {
        "labels": ByGroup.of(rows.labels, w, classes),
        "tops": ByGroup.of(rows.top, w, classes),
        "hits": ByGroup.of(rows.labels[hit], _at(w, hit), classes),
        "bins": ByGroup.of(bins, w, BINS),
        "bin_hits": ByGroup.of(bins[hit], _at(w, hit), BINS),
    }


def _count(rows: RowScores, bins: IndexArray, confusions: IntArray) -> dict[str, ByGroup]:
    """The same of rows without weights, from their confusions: two counts in place of five."""
    table = confusions.reshape(rows.classes, rows.classes)
    bins_and_hits = np.bincount(2 * bins + (rows.top == rows.labels), minlength=2 * BINS)
    of_bins = bins_and_hits.astype(np.int64).reshape(BINS, 2)
    return {
        "labels": ByGroup.of_counts(table.sum(axis=1)),
        "tops": ByGroup.of_counts(table.sum(axis=0)),
        "hits": ByGroup.of_counts(table.diagonal().copy()),
        "bins": ByGroup.of_counts(of_bins.sum(axis=1)),
        "bin_hits": ByGroup.of_counts(of_bins[:, 1].copy()),
    }


def _soft_part(rows: RowScores, targets: FloatArray) -> dict[str, Any]:
    """What is counted by class with weights w t_k."""
    w, classes = rows.weights, rows.classes
    assert rows.class_loss is not None  # goes with targets
    finite = np.isfinite(rows.loss)
    at_top = np.where(np.arange(classes)[:, None] == rows.top, targets, 0.0)
    weighted = _times(targets, w)
    counts = np.count_nonzero(targets, axis=1).astype(np.int64)
    by_bin = ByGroup.empty(BINS)
    return {
        "labels": ByGroup(counts, ExactSums.of_rows(weighted)),
        "tops": ByGroup.of(rows.top, w, classes),
        "amount": ExactSums.of_rows(targets),
        "infinite": np.count_nonzero(np.isinf(rows.class_loss), axis=1).astype(np.int64),
        "hits": ByGroup(np.count_nonzero(at_top, axis=1).astype(np.int64), ExactSums.of_rows(_times(at_top, w))),
        "class_loss": ExactSums.of_rows(_times(np.where(finite, rows.class_loss, 0.0), w)),
        "bins": by_bin,
        "bin_hits": by_bin,
        "bin_confidence": ExactSums.empty(BINS),
        "confusions": np.zeros(_pairs(classes), np.int64),
    }


def _pairs(classes: int) -> int:
    return classes * classes if classes <= MOST_CONFUSIONS else 0


def _times(x: FloatArray, weights: FloatArray | None) -> FloatArray:
    return x if weights is None else x * weights


def _at(weights: FloatArray | None, rows: NDArray[np.bool_] | IndexArray | slice) -> FloatArray | None:
    return None if weights is None else weights[rows]


def _shares(weighted: FloatArray, weights: FloatArray | None, rows: int) -> ExactSums:
    """Totals of the forecast by class; class 0 of a two-class column has what class 1 leaves."""
    if len(weighted) > 1:
        return ExactSums.of_rows(weighted)
    positive = ExactSums.of(weighted[0])
    whole = ExactSums.of_counts(np.array([rows])) if weights is None else ExactSums.of(weights)
    return whole.merge(positive.negated()).placed(slice(0, 1), 2).merge(positive.placed(slice(1, 2), 2))
