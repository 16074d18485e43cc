"""How two-class predictions order the rows: the area under the ROC curve (AUC), its error, and average precision.

A row's placement is the share, by weight, of the other class that it is on the right side of: for rows of class 1
the share of class 0 below, for rows of class 0 the share of class 1 above, ties counted half. The mean of either
is the AUC; how they vary gives its error (DeLong, DeLong & Clarke-Pearson 1988), here with sampling weights.

Weights by log-odds are first taken to whole numbers below 2^60, so that sums of those below are exact.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from msgspec import Struct

from xentcli.core.batch import SummaryOptions
from xentcli.core.exact import ONE, PRODUCT_ONE, ExactProducts, ExactSums, FloatArray, IntArray, ratio
from xentcli.core.kernel import exp_of
from xentcli.core.numbers.standard_errors import Dependence
from xentcli.core.numbers.top_class import PLAIN
from xentcli.core.state import ScoreState
from xentcli.intervals import Z95, logit_interval
from xentcli.results.parts import Number

TWO_CLASSES = "is of two classes"
NOT_KEPT = "takes the log-odds, which --no-breakdown leaves out"
ONE_CLASS = "all rows are of one class"
TOO_LARGE = "the weights are beyond float64"
AT_THE_END = "the AUC is 0 or 1, for which there is no error"
TOO_FEW = "needs at least two rows of each class"
DEPENDENT = "its error takes rows as independent of one another"
_UNCERTAIN = ("auc_se", "auc_low", "auc_high")
_NAMES = ("auc", *_UNCERTAIN, "auc_error_bound", "average_precision")
_BITS = 60  # of the sum of the whole numbers that weights are taken to
_HALF = 31


class Placements(NamedTuple):
    """Of the rows of each log-odds among those of the other class."""

    area: float  # their mean, by weight
    positive: FloatArray  # (m,), 0 to 1: of rows of class 1
    negative: FloatArray  # (m,): of rows of class 0


class Ordering(Struct, frozen=True, eq=False, dict=True):
    """The weight of each class by rising log-odds `(m,)`, in whole numbers of a unit of its own; each has some."""

    positive: IntArray
    negative: IntArray
    powers: tuple[int, int] = (0, 0)  # of two that weights were multiplied by

    @classmethod
    def of(cls, positive: FloatArray, negative: FloatArray) -> Self:
        """Of finite weights `(m,)`."""
        powers = _power(positive), _power(negative)
        return cls(_whole(positive, powers[0]), _whole(negative, powers[1]), powers)

    @cached_property
    def weights(self) -> tuple[int, int]:
        """Of class 1 and of class 0."""
        return int(self.positive.sum()), int(self.negative.sum())

    @property
    def area(self) -> float:
        """The AUC, rounded once."""
        return self._mean(_twice_below(self.negative))

    @property
    def tied_area(self) -> float:
        """Half the share of pairs of one row of each class that share a log-odds."""
        return self._mean(self.negative)

    def placements(self, *, turned: bool) -> Placements:
        """Of the rows; `turned`, on the wrong side, so that where nearly all are right no digit is lost."""
        ones, zeros = self.weights
        positive, negative = _twice_below(self.negative), _twice_below(self.positive)
        if turned:
            positive = 2 * zeros - positive
        else:
            negative = 2 * ones - negative
        return Placements(self._mean(positive), positive / float(2 * zeros), negative / float(2 * ones))

    def average_precision(self) -> float:
        """Sum over falling log-odds of the recall gained times the precision reached; ties are one step."""
        own, least = self.positive.astype(np.float64), min(self.powers)
        right, wrong = (
            np.ldexp(np.cumsum(each[::-1])[::-1].astype(np.float64), least - power)
            for each, power in zip((self.positive, self.negative), self.powers, strict=True)
        )
        precise = np.divide(right, right + wrong, out=np.ones_like(right), where=wrong > 0)
        return ratio(ExactProducts.of(own, precise).total(), self.weights[0] * PRODUCT_ONE)

    def _mean(self, twice: IntArray) -> float:
        """Of placements of class 1, given as twice the weight of class 0."""
        ones, zeros = self.weights
        return ratio(_sum_of_products(self.positive, twice), 2 * ones * zeros * PRODUCT_ONE)


def _sum_of_products(x: IntArray, y: IntArray) -> int:
    """Exact, in units of 1 / PRODUCT_ONE, of whole numbers from 0 on: the halves of large ones are float64s."""
    if max(x.max(initial=0), y.max(initial=0)) < 1 << 53:
        return ExactProducts.of(x.astype(np.float64), y.astype(np.float64)).total()
    halves = [((each >> _HALF, _HALF), (each & ((1 << _HALF) - 1), 0)) for each in (x, y)]
    return sum(
        ExactProducts.of(a.astype(np.float64), b.astype(np.float64)).total() << (i + j)
        for a, i in halves[0]
        for b, j in halves[1]
    )


def _whole(weights: FloatArray, power: int) -> IntArray:
    return np.rint(np.ldexp(weights, power)).astype(np.int64)


def _power(weights: FloatArray) -> int:
    """The power of two that takes weights to whole numbers of _BITS bits in sum."""
    return _BITS - (ExactSums.of(weights).total().bit_length() - (ONE.bit_length() - 1))


def _twice_below(weights: IntArray) -> IntArray:
    """Twice the weight below each place, its own counted half."""
    twice: IntArray = 2 * np.cumsum(weights) - weights
    return twice


def mean_product(squares: FloatArray, power: int, x: FloatArray, y: FloatArray, rows: int, weight: int) -> float:
    """n/(n-1) sum w^2 x y / (sum w)^2, of sums of squared weights over 4^power; `weight` in units of 2^-1074."""
    total = rows * ExactSums.of(squares * x * y).total() * ONE
    whole = (rows - 1) * weight**2
    return ratio(total << max(0, 2 * power), whole << max(0, -2 * power))


def order_numbers(
    state: ScoreState, options: SummaryOptions, clusters: Dependence | None, missing: dict[str, str]
) -> dict[str, Number]:
    """The AUC with its error and interval, and the average precision; `missing` gets reasons for what is None."""
    reason = _reason(state, options)
    if reason is not None:
        missing |= dict.fromkeys(_NAMES, reason)
        return {}
    keys = state.odds_keys
    ordering = Ordering.of(keys.positive, keys.negative)
    area = ordering.area
    found: dict[str, Number] = {
        "auc": area,
        "auc_error_bound": 0.0 if keys.exact else ordering.tied_area,
        "average_precision": ordering.average_precision(),
    }
    few = min(state.classes.labels.rows.tolist()) < 2
    unknown = AT_THE_END if area in (0.0, 1.0) else TOO_FEW if few else DEPENDENT if clusters is not None else None
    if unknown is not None:
        missing |= dict.fromkeys(_UNCERTAIN, unknown)
        return found
    se = _error(state, ordering.placements(turned=area > 0.5))
    low, high = logit_interval(area, se, Z95, exp_of)
    return found | {"auc_se": se, "auc_low": low, "auc_high": high}


def _reason(state: ScoreState, options: SummaryOptions) -> str | None:
    """Why there are none of these numbers."""
    rows = state.classes.labels.rows
    if options.labels != "hard":
        return PLAIN
    if rows.size != 2:
        return TWO_CLASSES
    if not options.breakdown:
        return NOT_KEPT
    if not rows.all():
        return ONE_CLASS
    keys = state.odds_keys
    finite = np.isfinite(keys.positive).all() and np.isfinite(keys.negative).all()
    return None if finite else TOO_LARGE


def _error(state: ScoreState, placements: Placements) -> float:
    """DeLong's standard error of the AUC."""
    squares, rows = state.odds_squares, state.classes.labels.rows.tolist()
    weights = state.classes.labels.weight.totals()
    of_class = ((squares.negative, placements.negative), (squares.positive, placements.positive))
    variance = 0.0
    for (each, placed), n, weight in zip(of_class, rows, weights, strict=True):
        d = placed[squares.key] - placements.area
        variance += mean_product(each, squares.power, d, d, n, weight)
    return math.sqrt(variance)
