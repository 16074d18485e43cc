"""The best that a monotone change of the predictions could do, for more than two classes.

    temperature      r = softmax(a log q)         a = 1/T >= 0      Guo, Pleiss, Sun & Weinberger 2017
    slope, offsets   r = softmax(a log q + b)     a >= 0, K - 1 free offsets b; the prediction itself is one of
                                                  these, and so is the class mix

Losses are means in nats over the rows given. Where the least loss is only approached (as the slope goes to
infinity, or to 0 with classes of q = 0 left out) it is the infimum. Fits run in one fixed order over the rows and
with the loops of the kernel and of NumPy itself, so the same rows in the same order give the same bits.
"""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct

from xentcli.core import kernel
from xentcli.core.exact import FloatArray
from xentcli.core.kept_rows import Rows
from xentcli.core.numbers.newton import MOST_STEPS, PRECISION, STRETCH, every_row_right, last_step, least
from xentcli.core.numbers.recalibration_loss import ONE, Curve, SoftmaxLoss

MOST_CLASSES = 30  # with offsets
_STEEP = 1e3  # log q, beyond which a Newton step for offsets alone sees a corner, and not where it leads
_FLATTER = 8  # slopes from which the offsets are approached: at the last, the loss is made of corners only


class Temperature(Struct, frozen=True):
    """The best slope a = 1/T, and its loss.

    `slope` is infinite where every row is right (its class on top, perhaps tied), 0 where predictions are worse
    than chance, 1 where it makes no difference. A T of 0 is none.
    """

    slope: float
    log_loss: float


class SlopeOffsets(Struct, frozen=True, eq=False):
    """The best slope and offsets `(K,)`, and their loss.

    Offsets add up to 0; classes that never happen have -inf. Where slope and offsets can get every row right
    the slope is infinite, the loss 0, and `offsets` are in units of the slope: softmax(a (log q + b)).
    """

    slope: float
    offsets: FloatArray
    log_loss: float
    last_step: (
        FloatArray  # (1 + K,): the change of slope and offsets at the end of the fit; 0 for an infinite slope
    )


class Recalibrated(Struct, frozen=True):
    """The loss after recalibration, after the best temperature alone, and as the predictions stand, normalized."""

    method: str  # slope_offsets, temperature or class_mix
    log_loss: float
    temperature: Temperature
    unchanged: float


def temperature(rows: Rows, smoothing: float = 0.0) -> Temperature:
    """The best temperature of rows; at least one. Targets are smoothed to (1 - e) t + e / K."""
    loss = SoftmaxLoss.of(rows, smoothing)
    return _temperature(loss, loss.along(ONE))


def slope_offsets(rows: Rows, smoothing: float = 0.0) -> SlopeOffsets:
    """The best slope and offsets of rows; at least one. Never worse than the predictions or the class mix."""
    loss = SoftmaxLoss.of(rows, smoothing)
    return _slope_offsets(loss, _temperature(loss, loss.along(ONE)))


def recalibrate(rows: Rows, smoothing: float = 0.0, *, spend: bool = False) -> Recalibrated:
    """Slope and offsets up to 30 classes, above them the better of temperature and class mix.

    The rows are overwritten if they may be spent.
    """
    loss = SoftmaxLoss.of(rows, smoothing, spend=spend)
    unchanged = loss.along(ONE)
    best = _temperature(loss, unchanged)
    if loss.classes <= MOST_CLASSES:
        return Recalibrated("slope_offsets", _slope_offsets(loss, best).log_loss, best, unchanged.loss)
    if best.log_loss <= loss.mix_entropy:
        return Recalibrated("temperature", best.log_loss, best, unchanged.loss)
    return Recalibrated("class_mix", loss.mix_entropy, best, unchanged.loss)


class TwoClassFits(Struct, frozen=True):
    """Of two classes that both occur: the best temperature, offset, and slope with offset, and what is without."""

    temperature: Temperature
    offset: float  # added to the log-odds of class 1
    log_loss_at_offset: float
    log_loss_at_both: float
    unchanged: float


def two_class_fits(rows: Rows) -> TwoClassFits:
    """What one and two parameters could do for two classes that both occur."""
    loss = SoftmaxLoss.of(rows)
    unchanged = loss.along(ONE)
    best = _temperature(loss, unchanged)
    both = _slope_offsets(loss, best).log_loss
    offsets, shifted = _best_offsets(loss)
    offset = float(offsets[1] - offsets[0])
    return TwoClassFits(best, offset, shifted, min(both, shifted), unchanged.loss)


def best_offsets(rows: Rows) -> FloatArray:
    """The best offsets `(K,)` at a slope of 1, of classes that all happen."""
    return _best_offsets(SoftmaxLoss.of(rows))[0]


def _best_offsets(loss: SoftmaxLoss) -> tuple[FloatArray, float]:
    """Likewise, and their loss."""
    slope, offsets = ONE, np.zeros(loss.classes)
    if loss.largest * ONE > _STEEP:  # then from the offsets of flatter predictions, step by step
        slope = _STEEP / loss.largest
        for _ in range(_FLATTER):
            offsets = STRETCH * least(loss, loss.at(np.array([slope]), offsets), slope_is_free=False).offsets
            slope *= STRETCH
            if slope >= ONE:
                break
        offsets, slope = offsets * (ONE / slope), ONE
    found = least(loss, loss.at(np.array([slope]), offsets), slope_is_free=False)
    return found.offsets + last_step(loss, found, slope_is_free=False)[1:], found.loss


def two_class_rows(x: FloatArray, positive: FloatArray, negative: FloatArray) -> Rows:
    """Two classes by distinct log-odds of class 1, as rows to fit to.

    `x` `(m,)` may be infinite; `positive` and `negative` `(m,)` are the weights >= 0 of rows of class 1 and 0
    there. Some weight is positive, and none where an infinite log-odds was wrong.
    """
    log_q = np.minimum(np.stack([-x, x]), 0.0)
    weights = np.concatenate([positive, negative])
    labels = np.repeat(np.array([1, 0], np.intp), x.size)
    rows = np.flatnonzero(weights)
    return Rows(np.tile(log_q, 2)[:, rows], labels[rows], None, weights[rows])


def _temperature(loss: SoftmaxLoss, here: Curve) -> Temperature:
    """The best temperature, from the loss at a slope > 0."""
    if loss.limit is not None:
        return Temperature(math.inf if loss.largest else 1.0, loss.limit)
    # The derivative rises with the slope: it tells on which side of the best slope one is, wherever one is.
    best, stretch, at_zero = here, STRETCH, None
    low, high = loss.least_slope, math.inf
    for _ in range(MOST_STEPS):
        wanted = _newton_slope(here)
        if at_zero is None and here.first >= 0 and wanted < here.slope / 2:
            at_zero = loss.along(loss.least_slope)
            if at_zero.first >= 0:
                return Temperature(0.0, at_zero.loss)
            best = min(best, at_zero, key=lambda curve: curve.loss)
        if here.first * here.first <= PRECISION * here.second * here.loss:
            return Temperature(min(max(low, wanted), high) / ONE, best.loss)
        low, high = (here.slope, high) if here.first < 0 else (low, here.slope)
        slope = min(max(wanted, here.slope / stretch), here.slope * stretch)
        if slope != wanted:
            stretch *= stretch
        if not low < slope < high:
            slope = math.sqrt(low) * math.sqrt(high)
        if not low < slope < high:
            break
        here = loss.along(slope)
        best = min(best, here, key=lambda curve: curve.loss)
    return Temperature(best.slope / ONE, best.loss)


def _newton_slope(here: Curve) -> float:
    """Where a parabola would have its least loss; 0 or infinite where there is none."""
    if 0 < here.second < math.inf:
        return here.slope * max(0.0, 1 - here.first / here.second)
    return math.inf if here.first < 0 else 0.0


def _slope_offsets(every: SoftmaxLoss, best: Temperature) -> SlopeOffsets:
    loss = every.without_absent()
    slope = ONE * (best.slope if 0 < best.slope < math.inf else 1.0)
    here = loss.at(np.array([slope]), np.zeros(loss.classes))
    if loss.mix_entropy < here.loss:
        here = loss.at(np.array([loss.least_slope]), kernel.log(loss.mix))
    here = least(loss, here)
    slope, offsets, log_loss = float(here.slopes[0]) / ONE, here.offsets, here.loss
    changes = np.zeros(1 + every.classes)
    if every_row_right(loss, here):
        with np.errstate(over="ignore"):
            offsets = offsets / slope
        slope, log_loss = math.inf, 0.0
    else:
        step = last_step(loss, here)
        changes[0], changes[1:][every.mix > 0] = slope * step[0], step[1:]
        slope = slope * max(0.0, 1 + float(step[0])) if here.slopes[0] > loss.least_slope else 0.0
        offsets = offsets + step[1:]
    all_offsets = np.full(every.classes, -math.inf)
    all_offsets[every.mix > 0] = offsets - offsets.mean()
    return SlopeOffsets(slope, all_offsets, log_loss, changes)
