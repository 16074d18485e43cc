"""Mean and standard error of a row quantity, from exact first and second moments."""

from __future__ import annotations

from typing import Self

import numpy as np

from xentcli.core.exact import (
    ONE,
    PRODUCT_ONE,
    ExactProducts,
    ExactSums,
    FloatArray,
    ratio,
    root_ratio,
)
from xentcli.frozen import frozen


@frozen
class Moments:
    """Sufficient statistics of (w_i, x_i) for the weighted mean of x and its standard error.

    `merge` is commutative and associative with `Moments.empty()` as identity. With w_i = 1 the weights are
    the count; otherwise a_i = w_i x_i, rounded once, takes the place of x_i.
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
    def of(cls, x: FloatArray, weights: FloatArray | None) -> Self:
        """Moments of x `(n,)`, finite, with weights `(n,)` > 0 or None for ones."""
        if weights is None:
            total, count = ExactSums.of(x), ExactSums.of_counts(np.array([x.size]))
            cross, weight_squares = ExactProducts.of_sums(total), ExactProducts.of_sums(count)
            return cls(x.size, count, total, ExactProducts.of(x, x), cross, weight_squares)
        a = weights * x
        return cls(
            x.size,
            ExactSums.of(weights),
            ExactSums.of(a),
            ExactProducts.of(a, a),
            ExactProducts.of(a, weights),
            ExactProducts.of(weights, weights),
        )

    def merge(self, other: Self) -> Self:
        """The moments of both sets of rows."""
        return type(self)(
            self.rows + other.rows,
            self.weight.merge(other.weight),
            self.total.merge(other.total),
            self.squares.merge(other.squares),
            self.cross.merge(other.cross),
            self.weight_squares.merge(other.weight_squares),
        )

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
