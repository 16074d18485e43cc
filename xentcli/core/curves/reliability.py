"""The CORP reliability curve with its band, and how often each prediction is made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xentcli.core import kernel
from xentcli.core.curves.band import MOST_PREDICTIONS, resampled_band
from xentcli.core.curves.odds import OddsCounts
from xentcli.core.curves.thinning import MOST_POINTS, thinned
from xentcli.core.exact import FloatArray, IntArray
from xentcli.core.numbers.softmax import probabilities_of

BINS = 20  # of a histogram
FEW_POINTS = 80  # of a curve in a panel, a quarter as wide
LEAST = 0.0005  # probability at the lower end of an axis of log-odds, unless more of the rows lie beyond it
_LOWEST = 5e-7
_BEYOND = 0.05  # of the weight, at most, is left beyond the ends


def log_odds_end(each: Sequence[OddsCounts]) -> float:
    """The probability at the lower end of an axis of log-odds that these models share; its upper end is 1 - that.

    0.0005, or a tenth of it, and so on, until at most one row in twenty of each lies beyond, or 5e-7.
    """
    least = LEAST
    while least > 2 * _LOWEST and any(_beyond(counts, least) > _BEYOND for counts in each):
        least /= 10
    return least


def _beyond(counts: OddsCounts, least: float) -> float:
    """The share of the weight that is predicted beyond either end, but for 0 and 1, which no end holds."""
    p = counts.predictions
    outside = ((p < least) & (p > 0)) | ((p > 1 - least) & (p < 1))
    return float(np.cumsum(counts.weight * outside)[-1] / np.cumsum(counts.weight)[-1])


def reliability_curve(
    counts: OddsCounts, least: float | None = None, points: int = MOST_POINTS
) -> tuple[FloatArray, FloatArray]:
    """Prediction and recalibrated probability of class 1, `(k,)` each and rising: the corners of the curve.

    Between them lie straight lines, on an axis of probabilities, or of log-odds from that of `least`.
    """
    shares = counts.recalibrated()
    kept = _corners(counts.predictions, [shares], points, least)
    return counts.predictions[kept], shares[kept]


def reliability_band(
    counts: OddsCounts, *, of_curve: bool, least: float | None = None, points: int = MOST_POINTS
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Prediction, and the 5 % and 95 % quantile of the curve there `(k,)`, if the predictions were right.

    `of_curve`: if the curve were right, instead.
    """
    pooled = counts.pooled(MOST_PREDICTIONS)
    right = pooled.recalibrated() if of_curve else pooled.predictions
    low, high = resampled_band(pooled, right, pooled.independent_rows())
    kept = _corners(pooled.predictions, [low, high], points, least)
    return pooled.predictions[kept], low[kept], high[kept]


def prediction_histogram(counts: OddsCounts, least: float | None = None) -> tuple[FloatArray, FloatArray]:
    """Edges `(BINS + 1,)` of bins that are alike on the axis, and the share of the weight `(BINS,)` in each.

    A bin [a, b) holds its lower edge, the last both; the first begins at 0 and the last ends at 1.
    """
    edges = np.arange(1, BINS) / BINS
    if least is not None:
        edges = probabilities_of((2 * edges - 1) * _on_axis(np.array([1.0]), least))
    weight = np.bincount(np.searchsorted(edges, counts.predictions, side="right"), counts.weight, BINS)
    return np.concatenate([[0.0], edges, [1.0]]), weight / np.cumsum(weight)[-1]


def _corners(predictions: FloatArray, curves: list[FloatArray], points: int, least: float | None) -> IntArray:
    """Numbers of the points that any of these curves needs."""
    places = [_on_axis(each, least) for each in (predictions, *curves)]
    return np.unique(np.concatenate([thinned(places[0], each, points) for each in places[1:]]))


def _on_axis(probabilities: FloatArray, least: float | None) -> FloatArray:
    if least is None:
        return probabilities
    within = np.clip(probabilities, least, 1 - least)
    place: FloatArray = kernel.log(within) - kernel.log1p(-within)
    return place
