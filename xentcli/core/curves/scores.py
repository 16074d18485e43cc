"""Murphy curves and ROC curves of two-class predictions."""

from __future__ import annotations

import numpy as np

from xentcli.core.curves.odds import OddsCounts
from xentcli.core.exact import FloatArray
from xentcli.core.numbers.isotonic import pool_adjacent

_ROUNDING = 1e-12  # of a probability that went through its log-odds


def murphy_curve(predictions: FloatArray, counts: OddsCounts, thresholds: FloatArray) -> FloatArray:
    """Mean cost of deciding at each threshold t `(k,)` by `predictions` `(m,)`, which rise.

    A row of class 1 that is not predicted above t costs 2 (1 - t), one of class 0 that is costs 2 t (Ehm et al.
    2016). The mean over t is the Brier score; weighted by 1 / (2 t (1 - t)) it is the log loss.
    """
    below = np.searchsorted(predictions, thresholds, side="right")
    missed = np.append(0.0, np.cumsum(counts.positive))[below]
    alarms = np.append(0.0, np.cumsum(counts.negative))
    cost: FloatArray = 2 * (missed * (1 - thresholds) + (alarms[-1] - alarms[below]) * thresholds)
    return cost / np.sum(counts.weight)


def murphy_thresholds(*predictions: FloatArray) -> FloatArray:
    """Where Murphy curves of these predictions bend or jump: 0, 1, each prediction, and what is next below it."""
    at = np.unique(np.concatenate(predictions))
    return np.unique(np.concatenate([[0.0, 1.0], np.nextafter(at, 0.0), at]))


def brier_score(predictions: FloatArray, counts: OddsCounts) -> float:
    """Mean squared error of predictions `(m,)` of class 1: the area under the Murphy curve."""
    squares = counts.positive * (1 - predictions) ** 2 + counts.negative * predictions**2
    return float(np.cumsum(squares)[-1] / np.cumsum(counts.weight)[-1])


def roc_curve(counts: OddsCounts) -> tuple[FloatArray, FloatArray]:
    """Share of class 0 and of class 1 `(m + 1,)` predicted above each threshold, from the highest on."""
    return _cumulated(counts.negative), _cumulated(counts.positive)


def counts_above(counts: OddsCounts, thresholds: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weight of class 0 and of class 1 `(k,)` predicted above each threshold `(k,)`.

    A prediction that is the threshold but for rounding is not above it.
    """
    below = np.searchsorted(counts.predictions, thresholds * (1 + _ROUNDING), side="right")
    up, down = (np.append(np.cumsum(each[::-1])[::-1], 0.0)[below] for each in (counts.positive, counts.negative))
    return down, up


def roc_hull(counts: OddsCounts) -> tuple[FloatArray, FloatArray]:
    """The convex hull of the ROC curve, which is that of the isotonic fit (Fawcett and Niculescu-Mizil 2007)."""
    up, down = pool_adjacent(counts.positive, counts.negative)
    return _cumulated(down), _cumulated(up)


def area(x: FloatArray, y: FloatArray) -> float:
    """Under the lines through these points `(n,)`, x rising."""
    return float(np.cumsum(np.append(0.0, np.diff(x) * (y[1:] + y[:-1]) / 2))[-1])


def _cumulated(weight: FloatArray) -> FloatArray:
    total = np.cumsum(np.append(0.0, weight[::-1]))
    shares: FloatArray = total / total[-1]
    return shares
