"""The CORP reliability curve with its band, and how often each prediction is made."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xentcli.core import kernel
from xentcli.core.curves.band import MOST_PREDICTIONS, resampled_band
from xentcli.core.curves.odds import OddsCounts
from xentcli.core.curves.thinning import MOST_POINTS, thinned
from xentcli.core.exact import FloatArray, IntArray
from xentcli.core.numbers.softmax import probabilities_of

BINS = 20  # of a histogram


class Detail(Struct, frozen=True):
    """How fine a diagram is: predictions that its band is drawn at, and points of a curve, at most."""

    predictions: int = MOST_PREDICTIONS
    points: int = MOST_POINTS


FINE = Detail()
SMALL = Detail(512, 80)  # a panel, a quarter as wide
_LEAST = 0.0005  # probability at the end of an axis of log-odds


def reliability_curve(
    counts: OddsCounts, *, log_odds: bool, detail: Detail = FINE
) -> tuple[FloatArray, FloatArray]:
    """Prediction and recalibrated probability of class 1, `(k,)` each and rising: the corners of the curve.

    Between them lie straight lines, on an axis of probabilities or of `log_odds`.
    """
    shares = counts.recalibrated()
    kept = _corners(counts.predictions, [shares], detail, log_odds=log_odds)
    return counts.predictions[kept], shares[kept]


def reliability_band(
    counts: OddsCounts, *, of_curve: bool, log_odds: bool, detail: Detail = FINE
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Prediction, and the 5 % and 95 % quantile of the curve there `(k,)`, if the predictions were right.

    `of_curve`: if the curve were right, instead.
    """
    pooled = counts.pooled(detail.predictions)
    right = pooled.recalibrated() if of_curve else pooled.predictions
    low, high = resampled_band(pooled, right, pooled.independent_rows())
    kept = _corners(pooled.predictions, [low, high], detail, log_odds=log_odds)
    return pooled.predictions[kept], low[kept], high[kept]


def prediction_histogram(counts: OddsCounts, *, log_odds: bool) -> tuple[FloatArray, FloatArray]:
    """Edges `(BINS + 1,)` of bins that are alike on the axis, and the share of the weight `(BINS,)` in each.

    A bin [a, b) holds its lower edge, the last both; the first begins at 0 and the last ends at 1.
    """
    edges = np.arange(1, BINS) / BINS
    if log_odds:
        edges = probabilities_of((2 * edges - 1) * _on_axis(np.array([1.0]), log_odds=True))
    weight = np.bincount(np.searchsorted(edges, counts.predictions, side="right"), counts.weight, BINS)
    return np.concatenate([[0.0], edges, [1.0]]), weight / np.cumsum(weight)[-1]


def _corners(predictions: FloatArray, curves: list[FloatArray], detail: Detail, *, log_odds: bool) -> IntArray:
    """Numbers of the points that any of these curves needs."""
    places = [_on_axis(each, log_odds=log_odds) for each in (predictions, *curves)]
    return np.unique(np.concatenate([thinned(places[0], each, detail.points) for each in places[1:]]))


def _on_axis(probabilities: FloatArray, *, log_odds: bool) -> FloatArray:
    if not log_odds:
        return probabilities
    within = np.clip(probabilities, _LEAST, 1 - _LEAST)
    place: FloatArray = kernel.log(within) - kernel.log1p(-within)
    return place
