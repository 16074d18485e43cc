"""Two models on the same rows: exact totals of what each scores, and of their products.

With x the row value of the new model, y that of the base (row loss, hit, Brier score), what is asked for is the
mean of d = x - y and its standard error. Sums of w^2 x^2, w^2 x y and w^2 y^2 give the covariance of d and y too,
so that the error of x - c y follows for any c = 1 + e, without losing digits where c is close to 1:

    var(x - c y) = var(d) - 2 e cov(d, y) + e^2 var(y)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Self

import numpy as np
from msgspec import Struct

from xentcli.core.batch import IndexArray, RowScores
from xentcli.core.clusters import QUANTITIES, Clusters, ClusterTotals, covariance, residuals, spread
from xentcli.core.exact import (
    ONE,
    PRODUCT_ONE,
    ExactProducts,
    ExactSums,
    FloatArray,
    Merging,
    count_or_sum,
    ratio,
    root_ratio,
)
from xentcli.core.numbers.anytime import LEVEL, half_width, p_value, shortage
from xentcli.core.numbers.distributions import student_t_p, student_t_quantile
from xentcli.core.numbers.standard_errors import INFINITE
from xentcli.results.compare import BOTH_WAYS


class Errors(Struct, frozen=True):
    """How sure the mean of d is."""

    se: float  # of the mean of d
    base_covariance: float  # of the means of d and y
    base_variance: float  # of the mean of y
    df: int  # degrees of freedom


class PairMoments(Merging, frozen=True):
    """Sufficient statistics of (w_i, x_i, y_i); a_i = w_i x_i and b_i = w_i y_i, rounded once.

    `merge` is commutative and associative with `PairMoments.empty()` as identity. Without weights w_i = 1.
    """

    rows: int
    differing: int  # rows with x other than y
    weight: ExactSums  # sum w
    new: ExactSums  # sum a
    base: ExactSums  # sum b
    new_squares: ExactProducts  # sum a^2
    base_squares: ExactProducts  # sum b^2
    product: ExactProducts  # sum a b
    new_cross: ExactProducts  # sum a w
    base_cross: ExactProducts  # sum b w
    weight_squares: ExactProducts  # sum w^2

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        one, products = ExactSums.empty(), ExactProducts.empty()
        return cls(0, 0, one, one, one, *[products] * 6)

    @classmethod
    def of(cls, new: FloatArray, base: FloatArray, weights: FloatArray | None) -> Self:
        """Moments of two values `(n,)` a row, finite, with weights `(n,)` > 0 or None for ones."""
        a, b = (new, base) if weights is None else (weights * new, weights * base)
        whole, a_sum, b_sum = count_or_sum(weights, new.size), ExactSums.of(a), ExactSums.of(b)
        squares = ExactProducts.of(a, a), ExactProducts.of(b, b), ExactProducts.of(a, b)
        crosses = (
            [ExactProducts.of_sums(each) for each in (a_sum, b_sum, whole)]
            if weights is None
            else [ExactProducts.of(each, weights) for each in (a, b, weights)]
        )
        return cls(new.size, _count(new != base), whole, a_sum, b_sum, *squares, *crosses)

    def means(self) -> tuple[float, float]:
        """(base, new): the mean of each model's values. There is at least one row."""
        weight = self.weight.total()
        return ratio(self.base.total(), weight), ratio(self.new.total(), weight)

    def difference(self) -> float:
        """Mean of d, rounded once. There is at least one row."""
        return ratio(self.new.total() - self.base.total(), self.weight.total())

    def errors(self) -> Errors | None:
        """n/(n-1) sum w^2 (d - mean d)(d - mean d) / (sum w)^2, and so on; None for n < 2."""
        if self.rows < 2:
            return None
        weight, base, d = self.weight.total(), self.base.total(), self.new.total() - self.base.total()
        product, base_squares, base_cross = (
            self.product.total(),
            self.base_squares.total(),
            self.base_cross.total(),
        )
        d_squares = self.new_squares.total() - 2 * product + base_squares
        d_cross, weights = self.new_cross.total() - base_cross, self.weight_squares.total()
        # sum (a - mean w)(b - mean w), times (sum w)^2 so that it stays an integer: a square cannot be negative.
        of_d = d_squares * weight**2 - 2 * d_cross * d * weight + weights * d**2
        of_base = base_squares * weight**2 - 2 * base_cross * base * weight + weights * base**2
        of_both = (
            (product - base_squares) * weight**2 - (d_cross * base + base_cross * d) * weight + weights * d * base
        )
        factor, whole = self.rows * ONE**2, (self.rows - 1) * PRODUCT_ONE * weight**4
        covariance, variance = ratio(of_both * factor, whole), ratio(of_base * factor, whole)
        return Errors(root_ratio(of_d * factor, whole), covariance, variance, self.rows - 1)


def clustered_errors(clusters: Clusters, name: str) -> Errors | None:
    """G/(G-1) sum over clusters (sum of w (d - mean d))^2 / (sum w)^2, and so on, of one of QUANTITIES.

    None for G < 2. Totals of clusters are of x, then of y, for each quantity.
    """
    if clusters.whole is None or clusters.count < 2:
        return None
    weights, d, y = _cluster_totals(clusters.whole, name)
    own, base = residuals(d, weights), residuals(y, weights)
    return Errors(spread(own), covariance(own, base), covariance(base, base), clusters.count - 1)


def differing_clusters(clusters: Clusters, name: str) -> int:
    """How many have a total of w d other than 0, of one of QUANTITIES."""
    return 0 if clusters.whole is None else len(_cluster_totals(clusters.whole, name)[1].carried().used_groups())


def _cluster_totals(whole: ClusterTotals, name: str) -> tuple[ExactSums, ExactSums, ExactSums]:
    """Totals of w, w d and w y of each cluster."""
    weights, *sums = whole.sums
    place = 2 * QUANTITIES.index(name)
    x, y = sums[place : place + 2]
    return weights, x.merge(y.negated()), y


class Paired(Merging, frozen=True):
    """Sufficient statistics of a comparison.

    `merge` is commutative and associative with `Paired.empty()` as identity. An infinite loss counts 0 among the
    moments, so a row that is infinite for both models is a tie; how many there are is counted.
    """

    log_loss: PairMoments
    accuracy: PairMoments  # empty for tokens
    brier: PairMoments  # likewise
    clusters: Clusters
    wins: int  # rows where the new model loses less
    losses: int
    ties: int
    new_infinite: int  # rows of infinite loss for the new model only
    base_infinite: int
    both_infinite: int

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        one = PairMoments.empty()
        return cls(one, one, one, Clusters(), *[0] * 6)

    @classmethod
    def of(
        cls, new: RowScores, base: RowScores, codes: IndexArray | None = None, names: Sequence[str | None] = ()
    ) -> Self:
        """The state of rows that both models scored, all of positive weight; the weights are those of `new`.

        With clusters, row i is of cluster `names[codes[i]]`.
        """
        values = list(_values(new, base))
        weights = new.weights
        moments = dict.fromkeys(QUANTITIES, PairMoments.empty())
        moments |= {name: PairMoments.of(x, y, weights) for name, (x, y) in zip(QUANTITIES, values, strict=False)}
        clusters = (
            Clusters() if codes is None else Clusters.of([*chain.from_iterable(values)], weights, codes, names)
        )
        new_infinite, base_infinite = np.isinf(new.loss), np.isinf(base.loss)
        return cls(
            **moments,
            clusters=clusters,
            wins=_count(new.loss < base.loss),
            losses=_count(new.loss > base.loss),
            ties=_count(new.loss == base.loss),
            new_infinite=_count(new_infinite & ~base_infinite),
            base_infinite=_count(base_infinite & ~new_infinite),
            both_infinite=_count(new_infinite & base_infinite),
        )

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.log_loss.rows

    def moments(self, name: str) -> PairMoments:
        """The moments of one of QUANTITIES."""
        found: PairMoments = getattr(self, name)
        return found


def _values(new: RowScores, base: RowScores) -> Iterator[tuple[FloatArray, FloatArray]]:
    """The row values (new, base) of each quantity that there is."""
    yield finite_losses(new.loss), finite_losses(base.loss)
    yield from zip(quantities_of(new), quantities_of(base), strict=True)


def finite_losses(loss: FloatArray) -> FloatArray:
    """Row losses, with 0 for those that are infinite."""
    finite: FloatArray = np.where(np.isfinite(loss), loss, 0.0)
    return finite


def quantities_of(rows: RowScores) -> Iterator[FloatArray]:
    """What is compared beside the loss: whether the top class is right, and the Brier score; of tokens nothing."""
    if rows.classes:
        yield _hits(rows)
        yield rows.known("brier")


def _hits(rows: RowScores) -> FloatArray:
    """1 where the top class is right; with soft labels the target of the top class."""
    top = rows.known("top")
    hits: FloatArray
    hits = (top == rows.labels).astype(np.float64)
    return hits if rows.targets is None else rows.targets[top, np.arange(top.size)]


def _count(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    return int(np.count_nonzero(mask))


POWER = 2.8016  # standard errors: a true difference so large is found at 5 % with a power of 80 %
ALIKE = "every row has the same difference"
TOO_FEW = "needs at least two rows"
FEW_CLUSTERS = "needs at least two clusters"
NO_T = "an interval that is valid at every look has no t"
NO_POWER = "what is found depends on how often one looks"


class MeanDifference(Struct, frozen=True):
    """A mean difference new - base, and its errors; `reason` says why what is None is not available.

    With `anytime`, the rows or clusters at which the interval is tightest, it and the p-value hold at every look.
    """

    difference: float | None
    errors: Errors | None
    reason: str | None = None
    anytime: int | None = None

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """Student's interval, or the confidence sequence, two-sided; None without a standard error."""
        if self.difference is None or self.errors is None:
            return None
        se, df = self.errors.se, self.errors.df
        if self.anytime is None:
            half = student_t_quantile((1 + confidence) / 2, df) * se
        else:
            half = half_width(se, df + 1, self.anytime, confidence)
        return self.difference - half, self.difference + half

    def test(self, level: float = LEVEL) -> tuple[float | None, float | None]:
        """(t, two-sided p-value) of no difference; None without a standard error, and where that is 0.

        A confidence sequence, whose p-value depends on the level of its interval, has no t.
        """
        if self.difference is None or self.errors is None or not self.errors.se:
            return None, None
        if self.anytime is not None:
            n = self.errors.df + 1
            return None, p_value(self.difference, self.errors.se, n, self.anytime, level)
        t = self.difference / self.errors.se
        return t, student_t_p(t, self.errors.df)


def difference(
    state: Paired, name: str, *, clustered: bool = False, anytime: int | None = None
) -> MeanDifference | None:
    """The mean difference of one of QUANTITIES; None if the rows have no such number.

    With `anytime` its errors are None where there are too few rows or clusters for a confidence sequence.
    """
    moments = state.moments(name)
    if not moments.rows:
        return None
    if name == "log_loss" and (state.new_infinite or state.base_infinite):
        if state.new_infinite and state.base_infinite:
            return MeanDifference(None, None, BOTH_WAYS)
        return MeanDifference(math.inf if state.new_infinite else None, None, INFINITE)
    errors = clustered_errors(state.clusters, name) if clustered else moments.errors()
    reason = (FEW_CLUSTERS if clustered else TOO_FEW) if errors is None else None if errors.se else ALIKE
    if anytime is not None:
        n, differing = (
            (state.clusters.count, differing_clusters(state.clusters, name))
            if clustered
            else (moments.rows, moments.differing)
        )
        short = shortage(n, differing, clustered=clustered)
        reason, errors = short or reason or NO_T, None if short else errors
    return MeanDifference(moments.difference(), errors, reason, anytime)


def means(state: Paired, name: str) -> tuple[float, float]:
    """(base, new): what each model scores."""
    base, new = state.moments(name).means()
    if name != "log_loss":
        return base, new
    infinite = state.both_infinite
    return (
        math.inf if infinite + state.base_infinite else base,
        math.inf if infinite + state.new_infinite else new,
    )
