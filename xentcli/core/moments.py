"""Mean and standard error of a row quantity, from exact first and second moments."""

from __future__ import annotations

import math
from typing import Self

from msgspec import Struct

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
from xentcli.core.kernel import erfc_of, exp_of


class Moments(Merging, frozen=True):
    """Sufficient statistics of (w_i, x_i) for the weighted mean of x and its standard error.

    With w_i = 1 the weights are the count; otherwise a_i = w_i x_i, rounded once, takes the place of x_i.
    `merge` is commutative and associative with `Moments.empty()` as identity.
    """

    rows: int
    weight: ExactSums  # sum w
    total: ExactSums  # sum w x
    squares: ExactProducts  # sum (w x)^2
    cross: ExactProducts  # sum (w x) w
    weight_squares: ExactProducts  # sum w^2

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        sums, products = ExactSums.empty(), ExactProducts.empty()
        return cls(0, sums, sums, products, products, products)

    @classmethod
    def of(cls, totals: FloatArray, weights: FloatArray) -> Self:
        """Of w x `(n,)` and the weights w `(n,)` > 0, all finite."""
        products = (ExactProducts.of(*pair) for pair in ((totals, totals), (totals, weights), (weights, weights)))
        return cls(totals.size, ExactSums.of(weights), ExactSums.of(totals), *products)

    @classmethod
    def of_values(cls, x: FloatArray, weights: FloatArray | None) -> Self:
        """Of x `(n,)`, finite, with weights `(n,)` > 0 or None for ones."""
        if weights is not None:
            return cls.of(x * weights, weights)
        count, total = count_or_sum(None, x.size), ExactSums.of(x)
        counted, crossed = ExactProducts.of_sums(count), ExactProducts.of_sums(total)
        return cls(x.size, count, total, ExactProducts.of(x, x), crossed, counted)

    def mean(self) -> float | None:
        """Sum w x / sum w; None without rows."""
        return ratio(self.total.total(), self.weight.total()) if self.rows else None

    def standard_error(self) -> float | None:
        """sqrt(n/(n-1) sum w^2 (x - mean)^2) / sum w; None for n < 2. Weights are sampling weights."""
        if self.rows < 2:
            return None
        weight, total = self.weight.total(), self.total.total()
        # sum (a - mean w)^2, times (sum w)^2 so that it stays an integer: it cannot come out negative.
        spread = (
            self.squares.total() * weight**2
            - 2 * self.cross.total() * total * weight
            + self.weight_squares.total() * total**2
        )
        return root_ratio(self.rows * spread * ONE**2, (self.rows - 1) * PRODUCT_ONE * weight**4)

    def effective_rows(self) -> float:
        """(sum w)^2 / sum w^2 (Kish); the number of rows without weights. 0 without rows."""
        weight = self.weight.total()
        squares = self.weight_squares.total()
        return ratio(weight**2 * PRODUCT_ONE, squares * ONE**2) if self.rows else 0.0


_SAME = 10**13  # log-odds that spread by less than a root of this part of their size count as equal
_CLOSE = 10**6  # likewise two products that differ by less than this part of them


class ScoreTest(Struct, frozen=True):
    """The sums of the test of calibration over rows of finite log-odds; see `native/score_test.h`."""

    offset: ExactSums  # sum w (y - p)
    slope: ExactSums  # sum w (y - p) x
    variance: ExactProducts  # sum w^2 v
    covariance: ExactProducts  # sum w^2 v x
    slope_variance: ExactProducts  # sum w^2 v x^2
    refuted: int  # rows whose prediction was certain, and wrong

    def p_value(self) -> float | None:
        """How likely a right prediction fits so badly, or worse; None if every one is certain, and right."""
        if self.refuted:
            return 0.0
        v, c, s = self.variance.total(), self.covariance.total(), self.slope_variance.total()
        if not v:  # every prediction is certain, or all but: none was wrong if nothing pulls
            return 0.0 if self.slope.total() else None
        # In whole numbers: u in units of 2^-1074, V in units of 1 / PRODUCT_ONE.
        a, b = self.offset.total(), self.slope.total()
        determinant = v * s - c * c
        if determinant * _SAME <= v * s:  # to rounding, all log-odds are equal: one degree of freedom
            if abs(b * v - a * c) * _CLOSE > abs(b * v) + abs(a * c):
                return 0.0  # but for rows that were all but certain, and wrong
            return erfc_of(math.sqrt(ratio(a * a * PRODUCT_ONE, v * ONE * ONE) / 2))
        quadratic = a * a * s - 2 * a * b * c + b * b * v
        return exp_of(-ratio(quadratic * PRODUCT_ONE, determinant * ONE * ONE) / 2)
