"""The breakdown of the log loss: what is in the labels, what the predictions learned, and what they waste.

With a recalibrated prediction of loss S (Siegert 2017; for two classes CORP: Dimitriadis, Gneiting & Jordan 2021):

    log loss = uncertainty - discrimination + miscalibration
    uncertainty = H(pi)      discrimination = H(pi) - S      miscalibration = log loss - S      refinement = S

S is taken no larger than the loss of either prediction that every recalibration could have chosen, the class mix
and the prediction as it stands, so rounding makes no part negative.
"""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.core.batch import SummaryOptions, clip_losses
from xentcli.core.exact import FloatArray
from xentcli.core.kernel import erfc_of
from xentcli.core.numbers.isotonic import pool_adjacent, recalibrated_bound, recalibrated_loss
from xentcli.core.numbers.recalibration import (
    MOST_CLASSES,
    Temperature,
    recalibrate,
    temperature,
    two_class_fits,
    two_class_rows,
)
from xentcli.core.state import ScoreState
from xentcli.results.parts import Breakdown, Calibration, Metrics, Number

NO_FINITE_ROWS = "every row's loss is infinite, so there is nothing to fit"
BEYOND = "the losses to fit to are beyond float64"
ALL_RIGHT = "every row of finite loss is right, so the best temperature is 0"
ONE_CLASS = "all rows are of one class"


def breakdown_of(
    state: ScoreState, metrics: Metrics, options: SummaryOptions, missing: dict[str, str]
) -> tuple[Breakdown | None, Calibration | None]:
    """The parts of a state's log loss in nats, and its temperature; `missing` gets reasons for what is None."""
    log_loss, label_entropy = _known(metrics.log_loss), _known(metrics.label_entropy)
    two = len(state.classes.labels.rows) == 2
    with np.errstate(all="ignore"):  # log 0, and exponentials beyond float64, are what they should be
        found = _two_classes(state, metrics, options) if two else _more_classes(state, metrics, options)
    if found is None:
        missing |= dict.fromkeys(("breakdown", "calibration"), NO_FINITE_ROWS)
        return None, None
    refinement = max(0.0, min(found.loss, label_entropy, log_loss))
    breakdown = Breakdown(
        method=found.method,
        uncertainty=label_entropy,
        discrimination=label_entropy - refinement,
        refinement=refinement,
        miscalibration=log_loss - refinement,
        p_value=_p_value(state, metrics, options, missing),
        rows=found.rows,
        error_bound=found.error_bound,
    )
    return breakdown, _calibration(found, len(state.classes.labels.rows), missing) if options.calibration else None


def isotonic_breakdown(positive: FloatArray, negative: FloatArray, log_loss: float, rows: int) -> Breakdown:
    """The parts of a log loss in nats of two classes, from their weights `(m,)` by rising prediction; no test."""
    entropy = recalibrated_loss((positive.sum(keepdims=True), negative.sum(keepdims=True)))
    refinement = min(recalibrated_loss(pool_adjacent(positive, negative)), entropy, log_loss)
    return Breakdown(
        method="isotonic",
        uncertainty=entropy,
        discrimination=entropy - refinement,
        refinement=refinement,
        miscalibration=log_loss - refinement,
        p_value=None,
        rows=rows,
        error_bound=0.0,
    )


class _BestRecalibration(Struct, frozen=True):
    """A recalibration: its loss S in nats, how it was made, on how many rows; and what simpler ones could do."""

    method: str
    loss: float
    rows: int
    error_bound: float
    temperature: Temperature | None = None  # None without a row of finite loss, or where nobody asks
    offset: Number = None
    loss_at_offset: Number = None
    loss_at_both: Number = None


def _two_classes(state: ScoreState, metrics: Metrics, options: SummaryOptions) -> _BestRecalibration:
    """Isotonic regression on all rows, those of infinite loss included."""
    x, positive, negative, exact = state.odds_keys
    loss = recalibrated_loss(pool_adjacent(positive, negative), options.smoothing)
    bound = 0.0 if exact else recalibrated_bound(positive, negative)
    found = _BestRecalibration("isotonic", loss, metrics.rows, bound)
    if metrics.log_loss_finite is None or not options.calibration:
        return found
    x, up, down = _smooth(x, positive, negative, options)
    rows = two_class_rows(x, up, down)
    if not (up.any() and down.any()):
        return replace(found, temperature=temperature(rows))
    fits = two_class_fits(rows)
    # On cells, what a fit saves in the middle of each cell is what it saves.
    shift = 0.0 if exact else metrics.log_loss_finite - fits.unchanged
    return replace(
        found,
        temperature=_shift_loss(fits.temperature, shift),
        offset=fits.offset,
        loss_at_offset=fits.log_loss_at_offset + shift,
        loss_at_both=fits.log_loss_at_both + shift,
    )


def _smooth(
    x: FloatArray, positive: FloatArray, negative: FloatArray, options: SummaryOptions
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log-odds, certain ones as --clip has them, and what happened as the loss has it, of rows of finite loss."""
    if options.clip is not None:
        least, most = clip_losses(options.clip)
        limit = most - least
        x = np.clip(x, -limit, limit)
    whole = positive + negative
    up, down = ((1 - options.smoothing) * part + options.smoothing / 2 * whole for part in (positive, negative))
    return x, np.where(x == -np.inf, 0.0, up), np.where(x == np.inf, 0.0, down)


def _more_classes(state: ScoreState, metrics: Metrics, options: SummaryOptions) -> _BestRecalibration | None:
    """A parametric recalibration of the rows of finite loss, or of as many of them as are kept."""
    kept = state.breakdown.kept
    if not kept.rows:
        return None
    found = recalibrate(kept.arrays(), options.smoothing, spend=True)
    # What those kept would save is what all would save.
    shift = _known(metrics.log_loss_finite) - found.unchanged if kept.level else 0.0
    best = _shift_loss(found.temperature, shift)
    loss = found.log_loss + shift
    both = loss if found.method == "slope_offsets" else None
    return _BestRecalibration(found.method, loss, kept.rows, 0.0, best, loss_at_both=both)


def _shift_loss(best: Temperature, shift: float) -> Temperature:
    """The same temperature, its loss that of all rows."""
    return Temperature(best.slope, best.log_loss + shift)


def _calibration(found: _BestRecalibration, classes: int, missing: dict[str, str]) -> Calibration:
    """The fits, and reasons for those that there are none of."""
    best = found.temperature
    reason = NO_FINITE_ROWS if best is None else ALL_RIGHT if best.slope == math.inf else None
    values = {
        "offset": found.offset,
        "log_loss_at_offset": _finite(found.loss_at_offset),
        "log_loss_at_slope_offsets": _finite(found.loss_at_both),
    }
    if best is not None and reason is None:
        values["log_loss_at_temperature"] = _finite(best.log_loss)
        if values["log_loss_at_temperature"] is not None:
            values["temperature"] = 1 / best.slope if best.slope else math.inf
    for name in Calibration.__struct_fields__:
        if values.get(name) is None:
            missing[f"calibration.{name}"] = reason or _no_fit(name, classes)
    return Calibration(**values)


def _no_fit(name: str, classes: int) -> str:
    if name in ("offset", "log_loss_at_offset") and classes > 2:
        return "is fitted for two classes"
    if name == "log_loss_at_slope_offsets" and classes > MOST_CLASSES:
        return f"is fitted up to {MOST_CLASSES} classes"
    return ONE_CLASS if classes == 2 and "temperature" not in name else BEYOND


def _finite(loss: Number) -> Number:
    return loss if loss is not None and math.isfinite(loss) else None


def _p_value(state: ScoreState, metrics: Metrics, options: SummaryOptions, missing: dict[str, str]) -> Number:
    """Score test of calibration: of the log-odds for two classes, of the overconfidence for more."""
    if not options.plain:
        missing["breakdown.p_value"] = "needs plain labels, and no label smoothing"
        return None
    if metrics.infinite_rows:
        return 0.0  # what was given probability 0 happened
    two = len(state.classes.labels.rows) == 2
    z = metrics.overconfidence_z
    p = state.breakdown.test.p_value() if two else None if z is None else erfc_of(abs(z) / math.sqrt(2))
    if p is None:
        missing["breakdown.p_value"] = "every prediction is certain"
    return p


def _known(value: Number) -> float:
    """A number that there is wherever there are rows and classes."""
    assert value is not None
    return value
