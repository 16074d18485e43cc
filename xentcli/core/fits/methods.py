"""The methods of recalibration: weighted maximum likelihood, without penalty.

Where a method has no best parameters, as its likelihood rises without end (rows that can be told apart without an
error, a class that never happens), one with fewer parameters takes its place and says so.
"""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace

from xentcli.core import kernel
from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray
from xentcli.core.fits.class_slopes import ClassSlopesLoss
from xentcli.core.fits.fitted import Fitted, unchanged
from xentcli.core.fits.rows import FitRows
from xentcli.core.fits.separation import falls_along, offsets_settle
from xentcli.core.numbers.isotonic import pool_with_ends
from xentcli.core.numbers.newton import every_row_right, last_step, least
from xentcli.core.numbers.recalibration import best_offsets, slope_offsets, temperature

TWO_CLASSES = ("offset", "temperature", "affine", "beta", "isotonic")
MORE_CLASSES = ("offset", "temperature", "slope_offsets", "vector")
_FEWER = {
    "vector": "slope_offsets",
    "beta": "affine",
    "affine": "offset",
    "slope_offsets": "offset",
    "offset": "temperature",
    "temperature": "none",
    "isotonic": "none",
}


def methods_for(classes: int) -> tuple[str, ...]:
    """The methods that suit K classes."""
    return TWO_CLASSES if classes == 2 else MORE_CLASSES


def fit(method: str, rows: FitRows) -> Fitted:
    """The best parameters of a method, or of one with fewer where there are none; `rows` may be none."""
    tried = method
    with np.errstate(all="ignore"):  # log 0, and exponentials beyond float64, are what they should be
        while tried != "none" and rows.entries:
            found = _FITS[tried](rows)
            if found is not None:
                return found if tried == method else replace(found, instead_of=method)
            tried = _FEWER[tried]
            if tried == "temperature" and rows.classes == 2:  # which has as many parameters as an offset
                break
    return unchanged(rows.classes, None if method == "none" else method)


def _temperature(rows: FitRows) -> Fitted | None:
    slope = temperature(rows.kernel_rows()).slope
    if slope == math.inf:
        return None
    return Fitted("temperature", np.full(rows.classes, slope), np.zeros(rows.classes), 1)


def _offset(rows: FitRows) -> Fitted | None:
    if not offsets_settle(rows):
        return None
    offsets = best_offsets(rows.kernel_rows())
    return Fitted("offset", np.ones(rows.classes), offsets - offsets[0], rows.classes - 1)


def _slope_offsets(rows: FitRows) -> Fitted | None:
    if not offsets_settle(rows):
        return None
    found = slope_offsets(rows.kernel_rows())
    change, *changes = found.last_step
    if found.slope == math.inf or falls_along(rows, np.full(rows.classes, change), np.array(changes)):
        return None
    name = "affine" if rows.classes == 2 else "slope_offsets"
    slopes = np.full(rows.classes, found.slope)
    return Fitted(name, slopes, found.offsets - found.offsets[0], rows.classes)


def _class_slopes(rows: FitRows) -> Fitted | None:
    """A slope for each class, from the best of one for all: so never worse than that."""
    start = _slope_offsets(rows)
    if start is None:
        return None
    loss = ClassSlopesLoss.of(rows)
    found = least(loss, loss.at(np.maximum(start.slopes, loss.least_slope), start.offsets))
    if every_row_right(loss, found):
        return None
    of_slopes, of_offsets = np.split(last_step(loss, found), 2)
    if falls_along(rows, found.slopes * of_slopes, of_offsets):
        return None
    slopes = np.where(found.slopes > loss.least_slope, found.slopes * (1 + of_slopes), 0.0)
    offsets = found.offsets + of_offsets
    name = "beta" if rows.classes == 2 else "vector"
    return Fitted(name, np.maximum(slopes, 0.0), offsets - offsets[0], 2 * rows.classes - 1)


def counts_by_odds(rows: FitRows) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Two classes by distinct log-odds `(m,)`, rising: weights `(m,)` of class 1 and of class 0, mean 1 a row."""
    x, up, down = _weights_by_odds(rows)
    scale = _rows_per_weight(rows)
    return x, up * scale, down * scale


def _weights_by_odds(rows: FitRows) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Likewise, the weights as they are."""
    assert rows.log_odds is not None  # of two classes
    x, number = np.unique(rows.log_odds, return_inverse=True)
    up, down = (_totals(number, np.where(rows.labels == label, rows.weights, 0.0), x.size) for label in (1, 0))
    return x, up, down


def _rows_per_weight(rows: FitRows) -> float:
    return float(rows.counts.sum() / rows.weights.sum())


def _isotonic(rows: FitRows) -> Fitted | None:
    """Blocks of an isotonic fit, smoothed: the log-odds of (S + 1/2) / (W + 1) at the mean log-odds of each."""
    x, up, down = _weights_by_odds(rows)
    ends = pool_with_ends(up, down)[2]  # of weights that no scale has rounded: equal shares are one block
    starts = np.concatenate([[0], ends[:-1]])
    ones, zeros = (np.add.reduceat(each, starts) * _rows_per_weight(rows) for each in (up, down))
    finite = np.where(np.isfinite(x), up + down, 0.0)
    of_finite = np.add.reduceat(finite, starts)
    some = of_finite > 0
    if not some.any():
        return None
    at = np.add.reduceat(finite * np.where(np.isfinite(x), x, 0.0), starts)[some] / of_finite[some]
    logits = np.maximum.accumulate(kernel.log((ones + 0.5) / (zeros + 0.5)))[some]
    return Fitted("isotonic", np.ones(2), np.zeros(2), at.size, np.stack([at, logits]))


def _totals(number: IndexArray, weights: FloatArray, size: int) -> FloatArray:
    return np.bincount(number, weights, size).astype(np.float64)


_FITS = {
    "offset": _offset,
    "temperature": _temperature,
    "affine": _slope_offsets,
    "slope_offsets": _slope_offsets,
    "beta": _class_slopes,
    "vector": _class_slopes,
    "isotonic": _isotonic,
}
