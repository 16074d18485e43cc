"""What to do about a score: what is wrong, what mends it and how much that saves, and where the loss sits."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xentcli.render.reports.headline import CHANCE
from xentcli.render.text import number, p_value, signed
from xentcli.results.parts import Breakdown, Calibration
from xentcli.results.score import ScoreResult
from xentcli.wording import percent, plural

FEW = 0.01  # of the log loss: savings below are not worth a word
MOST = 0.9  # of what slope and offsets save: one number that saves as much is named instead
HEAVY = 1.5  # a class that carries so many times its share of the rows is named
ENOUGH = 10  # rows for each class: with fewer, a fit finds more than there is
TAIL = 0.1  # of the loss, in the worst hundredth of the rows

# Doubts that leave the numbers as they are. Of all others, no number means what it says: no advice then.
_MINOR = frozenset({"skipped_rows", "unused_ignore_label"})


def advice(result: ScoreResult) -> Iterator[str]:
    """A sentence or two each; strings of the input stand in them as they are."""
    if result.breakdown is None or any(doubt.code not in _MINOR for doubt in result.doubts):
        return
    yield from _infinite(result)
    yield from _worse_than_nothing(result, result.breakdown)
    yield from _calibration(result, result.breakdown)
    yield from _class_mix(result, result.breakdown)
    yield from _heavy_class(result)
    yield from _confusion(result)
    yield from _tail(result)


def _infinite(result: ScoreResult) -> Iterator[str]:
    metrics = result.metrics
    if metrics.infinite_rows:
        rows, it, its = plural(metrics.infinite_rows, "row"), "them", "their"
        if metrics.infinite_rows == 1:
            it, its = "it", "its"
        yield (
            f"In {rows} the true class has probability 0, so the log loss is infinite: xent worst FILE lists "
            f"{it}, --clip EPS limits {its} loss."
        )


def _worse_than_nothing(result: ScoreResult, breakdown: Breakdown) -> Iterator[str]:
    uncertainty, loss, learned = breakdown.uncertainty, result.metrics.log_loss, breakdown.discrimination
    if not uncertainty or loss is None or learned is None or loss <= uncertainty:
        return
    if loss < math.inf:
        yield f"Always predicting the class frequencies would lose less: {_info(uncertainty, result)}."
    if learned < 0.0005 * uncertainty:
        yield "The predictions explain hardly any of the label entropy."


def _calibration(result: ScoreResult, breakdown: Breakdown) -> Iterator[str]:
    metrics, wasted = result.metrics, breakdown.miscalibration
    if metrics.infinite_rows or not wasted:
        return
    few = ""
    if breakdown.rows < ENOUGH * len(result.classes):  # the fit has about as many parameters as there are classes
        few = f", of only {breakdown.rows:,} rows"
    if breakdown.p_value is not None and breakdown.p_value >= CHANCE:
        yield (
            f"Leave the calibration as it is: {_showing(metrics.rows)} no miscalibration "
            f"(p = {p_value(breakdown.p_value)})."
        )
    else:
        yield f"{_remedy(result, wasted, few)}."
    if not _is_worth_a_word(breakdown.refinement, result):
        return
    other = "" if breakdown.p_value is not None and breakdown.p_value >= CHANCE else "other "
    yield f"The {other}{_info(breakdown.refinement, result)} need a better model or better features."


def _showing(rows: int) -> str:
    return f"{plural(rows, 'row')} {'shows' if rows == 1 else 'show'}"


def _is_worth_a_word(part: float | None, result: ScoreResult) -> bool:
    return (part or 0.0) >= FEW * (result.metrics.log_loss or 0.0)


def _remedy(result: ScoreResult, wasted: float, few: str) -> str:
    """The simplest recalibration that saves most of what any of them does, fitted to the rows themselves."""
    loss, found = result.metrics.log_loss, result.calibration
    assert loss is not None
    saved = {name: loss - value for name, value in _losses(found).items() if value is not None}
    best = max(saved.values(), default=0.0)
    of = f"of the {_info(wasted, result)} that miscalibration costs"
    if found is None or best < FEW * loss:
        return f"No temperature or offset saves any {of} (in-sample{few}): see --reliability"
    name = next(each for each in saved if saved[each] >= MOST * best)
    how = {
        "temperature": _dividing(found.temperature),
        "offset": f'Adding {signed(found.offset, 2)} to the log-odds of "{result.classes[-1]}"',
        "both": "A temperature with an offset for each class",
    }[name]
    fits = ": xent calibrate FILE fits it" if result.signature.labels == "hard" else ""
    return f"{how} saves {number(saved[name])} {of} (in-sample{few}){fits}"


def _dividing(temperature: float | None) -> str:
    """A temperature as what to do; an infinite one leaves nothing of the predictions."""
    if temperature == math.inf:
        return "Giving every class the same probability"
    return f"Dividing all logits by {number(temperature, 2)}"


def _losses(found: Calibration | None) -> dict[str, float | None]:
    """What is lost after each, the simplest first."""
    if found is None:
        return {}
    return {
        "temperature": found.log_loss_at_temperature,
        "offset": found.log_loss_at_offset,
        "both": found.log_loss_at_slope_offsets,
    }


def _class_mix(result: ScoreResult, breakdown: Breakdown) -> Iterator[str]:
    """A class that is predicted too often or too rarely, if that is much of what is wasted."""
    wasted, mix = breakdown.miscalibration, result.metrics.marginal_kl
    if not wasted or mix is None or mix < 0.2 * wasted or (breakdown.p_value or 0.0) >= CHANCE:
        return
    worst = max(result.per_class, key=lambda row: abs(row.predicted_share - row.share))
    often = "too often" if worst.predicted_share > worst.share else "too rarely"
    yield (
        f'"{worst.name}" is predicted {often}: {percent(worst.predicted_share)} on average, '
        f"for {percent(worst.share)} of the rows."
    )


def _heavy_class(result: ScoreResult) -> Iterator[str]:
    loss = result.metrics.log_loss
    if not loss or loss == math.inf:
        return
    worst = max(result.per_class, key=lambda row: row.contribution or 0.0)
    carried = (worst.contribution or 0.0) / loss
    if worst.share < 1 and carried > HEAVY * worst.share:
        yield f'"{worst.name}" costs {percent(carried)} of the loss with {percent(worst.share)} of the rows.'


def _confusion(result: ScoreResult) -> Iterator[str]:
    if len(result.classes) < 3 or not result.confusions:
        return
    worst = result.confusions[0]
    if worst.share is not None and worst.share > min(0.5, 2 / len(result.confusions)):
        yield (
            f'"{worst.label}" predicted as "{worst.forecast}" costs {percent(worst.share)} of the loss in '
            f"{plural(worst.rows, 'row')}."
        )


def _tail(result: ScoreResult) -> Iterator[str]:
    share = result.metrics.worst_1pct_share
    if share is not None and share > TAIL:
        yield f"The worst 1 % of the rows cost {percent(share)} of the loss: xent worst FILE lists them."


def _info(value: float | None, result: ScoreResult) -> str:
    return f"{number(value)} {result.unit.value}"
