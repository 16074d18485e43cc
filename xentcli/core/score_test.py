"""The score test of calibration for two classes: is there a slope and an offset that would do better?

With log-odds x, p the probability of class 1, v = p (1 - p):

    u = (sum w (y - p), sum w (y - p) x)      V = sum w^2 v [[1, x], [x, x^2]]      u' V^-1 u ~ chi^2, 2 df

if the forecasts are right (Cox 1958; Rao 1948). It streams and merges, and weights are sampling weights.
"""

from __future__ import annotations

import math
from typing import Self

import numpy as np

from xentcli.core.exact import ONE, PRODUCT_ONE, ExactProducts, ExactSums, FloatArray, ratio
from xentcli.core.merging import Merging
from xentcli.core.row_scores import BoolArray
from xentcli.frozen import frozen

_SAME = 10**13  # log-odds that spread by less than a root of this part of their size count as equal
_CLOSE = 10**6  # likewise two products that differ by less than this part of them
_MOST = float(np.finfo(np.float64).max)
_FAR = 800.0  # log-odds from which v, and v x^2, are 0 in float64


@frozen
class ScoreTest(Merging):
    """Totals over rows of finite log-odds; `merge` has `ScoreTest.empty()` as identity."""

    offset: ExactSums  # sum w (y - p)
    slope: ExactSums  # sum w (y - p) x
    variance: ExactProducts  # sum w^2 v
    covariance: ExactProducts  # sum w^2 v x
    slope_variance: ExactProducts  # sum w^2 v x^2
    refuted: int  # rows whose forecast was certain, and wrong

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        sums, products = ExactSums.empty(), ExactProducts.empty()
        return cls(sums, sums, products, products, products, 0)

    @classmethod
    def of(cls, log_odds: FloatArray, positive: BoolArray, weights: FloatArray | None) -> Self:
        """Totals of rows `(n,)`: log q_1 / q_0, whether class 1 happened, weights or None for ones."""
        certain = np.isinf(log_odds)
        refuted = 0
        if certain.any():
            refuted = int(np.count_nonzero(certain & ((log_odds > 0) != positive)))
            log_odds, positive = log_odds[~certain], positive[~certain]
            weights = None if weights is None else weights[~certain]
        size = np.abs(log_odds)
        e = np.exp(-size)
        small, big = e / (1.0 + e), 1.0 / (1.0 + e)  # of the two probabilities
        wrong = (log_odds > 0) != positive
        miss = np.where(positive, 1.0, -1.0) * np.where(wrong, big, small)  # y - p, to its last digit
        v = small * big
        near = np.clip(log_odds, -_FAR, _FAR)
        with np.errstate(over="ignore", under="ignore"):
            pull = miss * log_odds if weights is None else miss * weights * log_odds
            pull = np.clip(pull, -_MOST, _MOST)  # certain and wrong: the test fails, however certain
            spread = v * near
            square = spread * near
        return cls(
            ExactSums.of(miss if weights is None else miss * weights),
            ExactSums.of(pull),
            ExactProducts.of_weighted_twice(v, weights),
            ExactProducts.of_weighted_twice(spread, weights),
            ExactProducts.of_weighted_twice(square, weights),
            refuted,
        )

    def p_value(self) -> float | None:
        """How likely a right forecast fits so badly, or worse; None if every forecast is certain, and right."""
        if self.refuted:
            return 0.0
        v, c, s = self.variance.total(), self.covariance.total(), self.slope_variance.total()
        if not v:  # every forecast is certain, or all but: none was wrong if nothing pulls
            return 0.0 if self.slope.total() else None
        # In whole numbers: u in units of 2^-1074, V in units of 1 / PRODUCT_ONE.
        a, b = self.offset.total(), self.slope.total()
        determinant = v * s - c * c
        if determinant * _SAME <= v * s:  # to rounding, all log-odds are equal: one degree of freedom
            if abs(b * v - a * c) * _CLOSE > abs(b * v) + abs(a * c):
                return 0.0  # but for rows that were all but certain, and wrong
            return math.erfc(math.sqrt(ratio(a * a * PRODUCT_ONE, v * ONE * ONE) / 2))
        quadratic = a * a * s - 2 * a * b * c + b * b * v
        return math.exp(-ratio(quadratic * PRODUCT_ONE, determinant * ONE * ONE) / 2)
