"""What the numbers of a score say, in plain words: what to mend, and where the loss sits."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xentcli.render.text import number, percent
from xentcli.results.parts import Breakdown
from xentcli.results.score import ScoreResult
from xentcli.wording import plural

CHANCE = 0.05  # a p-value below is taken for more than chance
SHARP = 2.0  # an overconfidence beyond so many standard errors is named
FEW = 0.01  # of the log loss: savings below are not worth a word
HEAVY = 1.5  # a class that carries so many times its share of the rows is named
ENOUGH = 10  # rows for each class: with fewer, a fit finds more than there is
TAIL = 0.1  # of the loss, in the worst hundredth of the rows


def advice(result: ScoreResult) -> Iterator[str]:
    """A sentence or two each; strings of the input stand in them as they are."""
    if result.breakdown is None:
        return
    yield from _learned(result, result.breakdown)
    yield from _calibration(result, result.breakdown)
    yield from _class_mix(result, result.breakdown)
    yield from _heavy_class(result)
    yield from _confusion(result)
    yield from _tail(result)


def _learned(result: ScoreResult, breakdown: Breakdown) -> Iterator[str]:
    """How far the forecasts are from knowing nothing and from knowing all."""
    uncertainty, learned, loss = breakdown.uncertainty, breakdown.discrimination, result.metrics.log_loss
    if not uncertainty or learned is None or loss is None:
        return
    share = learned / uncertainty
    how_much = percent(share) if share >= 0.0005 else "hardly any"
    sentence = f"The forecasts hold {how_much} of the information in the labels"
    if breakdown.rows < ENOUGH * len(result.classes):  # the fit has about as many parameters as there are classes
        sentence += f", as far as {breakdown.rows:,} rows can tell"
    if loss > uncertainty:
        sentence += f", but always forecasting the class mix would lose less: {_info(uncertainty, result)}"
    yield f"{sentence}."


def _calibration(result: ScoreResult, breakdown: Breakdown) -> Iterator[str]:
    metrics, wasted = result.metrics, breakdown.miscalibration
    if metrics.infinite_rows:
        finite = metrics.log_loss_finite
        without = "" if finite is None else f" Without them it is {_info(finite, result)}."
        yield (
            f"Certain, and wrong: {plural(metrics.infinite_rows, 'row')} gave probability 0 to what happened, so "
            f"the log loss is infinite.{without}"
        )
        return
    if not wasted:
        return
    if breakdown.p_value is not None and breakdown.p_value >= CHANCE:
        yield (
            f"Calibrated, as far as {metrics.rows:,} rows can tell (p = {number(breakdown.p_value, 2)}): "
            f"the {_info(wasted, result)} wasted are no more than chance makes of right probabilities."
        )
        return
    yield f"{_verdict(result, breakdown)}{_saving(result)}"
    yield (
        f"Recalibration can save at most {_info(wasted, result)}; the other "
        f"{_info(breakdown.refinement, result)} need forecasts that tell the rows apart better."
    )


def _verdict(result: ScoreResult, breakdown: Breakdown) -> str:
    z, p = result.metrics.overconfidence_z, breakdown.p_value
    if z is not None and z > SHARP:
        return f"Overconfident: forecasts are sharper than they should be, z = {z:.1f}"
    if z is not None and z < -SHARP:
        return f"Underconfident: forecasts are more cautious than they need to be, z = {z:.1f}"
    if p is None:
        return f"{_info(breakdown.miscalibration, result)} are wasted by wrong probabilities"
    return f"Miscalibrated: the probabilities are off by more than chance, p = {number(p, 2)}"


def _saving(result: ScoreResult) -> str:
    """What one temperature would save, if it is worth a word."""
    calibration, loss = result.calibration, result.metrics.log_loss
    if calibration is None or calibration.temperature is None or calibration.log_loss_at_temperature is None:
        return "."
    assert loss is not None
    if calibration.temperature == math.inf:
        return "; no temperature helps, as likelier forecasts are right less often."
    saved = loss - calibration.log_loss_at_temperature
    if saved < FEW * loss:
        return "; a temperature would not help."
    return f"; temperature {calibration.temperature:.2f} would save {_info(saved, result)}."


def _class_mix(result: ScoreResult, breakdown: Breakdown) -> Iterator[str]:
    """A class that is forecast too often or too rarely, if that is much of what is wasted."""
    wasted, mix = breakdown.miscalibration, result.metrics.marginal_kl
    if not wasted or mix is None or mix < 0.2 * wasted or (breakdown.p_value or 0.0) >= CHANCE:
        return
    worst = max(result.per_class, key=lambda row: abs(row.predicted_share - row.share))
    often = "too often" if worst.predicted_share > worst.share else "too rarely"
    yield (
        f'Class "{worst.name}" is forecast {often}: {percent(worst.predicted_share)} on average, '
        f"and {percent(worst.share)} of the rows are of it."
    )


def _heavy_class(result: ScoreResult) -> Iterator[str]:
    loss = result.metrics.log_loss
    if not loss or loss == math.inf:
        return
    worst = max(result.per_class, key=lambda row: row.contribution or 0.0)
    carried = (worst.contribution or 0.0) / loss
    if worst.share < 1 and carried > HEAVY * worst.share:
        yield f'Class "{worst.name}" has {percent(worst.share)} of the rows and {percent(carried)} of the loss.'


def _confusion(result: ScoreResult) -> Iterator[str]:
    if len(result.classes) < 3 or not result.confusions:
        return
    worst = result.confusions[0]
    if worst.share is not None and worst.share > min(0.5, 2 / len(result.confusions)):
        yield (
            f'The costliest confusion: "{worst.label}" taken for "{worst.forecast}" in '
            f"{plural(worst.rows, 'row')}, {percent(worst.share)} of the loss."
        )


def _tail(result: ScoreResult) -> Iterator[str]:
    share = result.metrics.worst_1pct_share
    if share is not None and share > TAIL:
        yield f"The worst 1 % of the rows carry {percent(share)} of the loss: xent worst lists them."


def _info(value: float | None, result: ScoreResult) -> str:
    return f"{number(value)} {result.unit.value}"
