"""The numbers that a report begins with: a line each, with its interval and what it is measured against."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from xentcli.render.reports.report import Fact, Styled
from xentcli.render.text import number, p_value
from xentcli.results.score import ScoreResult
from xentcli.wording import percent, plural

CHANCE = 0.05  # a p-value below is taken for more than chance
MANY_CLASSES = 10  # beyond which the top-2 accuracy is among the first numbers
SHARP = 2.0  # an overconfidence beyond so many standard errors is named


def headline(result: ScoreResult) -> Iterator[Fact]:
    """Log loss and accuracy first; entropies and calibration as far as the result has them."""
    metrics = result.metrics
    yield _log_loss(result)
    if not result.classes:
        yield Fact("perplexity", (number(metrics.perplexity),))
        if metrics.bits_per_byte is not None:
            yield Fact("bits per byte", (number(metrics.bits_per_byte),))
        return
    mix, of_mix = result.most_frequent_share, result.class_mix_brier
    yield _measured(
        Styled("accuracy", "headline"),
        Styled(percent(metrics.accuracy), "headline"),
        _interval(metrics.accuracy_low, metrics.accuracy_high, share=True),
        f"class mix: {percent(mix)}" if mix is not None else "",
    )
    if len(result.classes) > MANY_CLASSES and metrics.top_2_accuracy is not None:
        yield _measured("top-2 accuracy", percent(metrics.top_2_accuracy), "", "")
    yield _measured(
        "Brier score",
        number(metrics.brier),
        _interval(metrics.brier_low, metrics.brier_high),
        f"class mix: {number(of_mix)}" if of_mix is not None else "",
    )
    if metrics.auc is not None:
        yield _measured("AUC", number(metrics.auc), _interval(metrics.auc_low, metrics.auc_high), "chance: 0.5")
    yield Fact("entropy", tuple(_entropies(result)))
    if metrics.kl_divergence is not None and result.signature.labels == "soft":
        yield Fact("KL divergence", (f"{_info(metrics.kl_divergence, result)} from the targets",))
    if parts := tuple(_calibration(result)):
        yield Fact("calibration", parts)


def _measured(title: str, value: str, interval: str, against: str) -> Fact:
    return Fact(title, (value, interval, against), aligned=True)


def _log_loss(result: ScoreResult) -> Fact:
    metrics = result.metrics
    prior = metrics.prior_log_loss
    against = f"prior: {number(prior)}" if prior is not None else f"class mix: {number(metrics.label_entropy)}"
    interval = _interval(metrics.log_loss_low, metrics.log_loss_high)
    if metrics.infinite_rows:
        interval = plural(metrics.infinite_rows, "infinite row")
        finite = metrics.log_loss_finite
        against = "" if finite is None else f"without: {number(finite)}"
    value = Styled(_info(metrics.log_loss, result), "headline")
    return _measured(Styled("log loss", "headline"), value, interval, against if result.classes else "")


def _entropies(result: ScoreResult) -> Iterator[str]:
    metrics = result.metrics
    if result.signature.labels == "soft":
        yield f"targets {_info(metrics.target_entropy, result)}"
    for name, value in (("labels", metrics.label_entropy), ("predictions", metrics.predictive_entropy)):
        if value is not None:
            yield f"{name} {_info(value, result)}"


def _calibration(result: ScoreResult) -> Iterator[str]:
    breakdown, found, ece = result.breakdown, result.calibration, result.metrics.ece
    if breakdown is not None and breakdown.p_value is not None and not result.metrics.infinite_rows:
        verdict = calibration_verdict(result)
        yield verdict if breakdown.p_value >= CHANCE else Styled(verdict, "miscalibrated")
        yield f"p {_compared(breakdown.p_value)}"
    if ece is not None:
        yield f"ECE {number(ece)}"
    temperature = None if found is None or result.metrics.infinite_rows else found.temperature
    if temperature is not None and isfinite(temperature):
        yield f"temperature {number(temperature, 2)}"


def calibration_verdict(result: ScoreResult) -> str:
    """One word, by the test of calibration and the sign of the overconfidence."""
    z = result.metrics.overconfidence_z
    assert result.breakdown is not None
    if (result.breakdown.p_value or 0.0) >= CHANCE:
        return "no miscalibration shown"
    if z is None or abs(z) <= SHARP:
        return "MISCALIBRATED"
    return "OVERCONFIDENT" if z > 0 else "UNDERCONFIDENT"


def _compared(p: float) -> str:
    shown = p_value(p)
    return shown if shown.startswith("<") else f"= {shown}"


def _interval(low: float | None, high: float | None, *, share: bool = False) -> str:
    if low is None or high is None:
        return ""
    if share:
        return f"95 %: {percent(low).removesuffix(' %')} to {percent(high)}"
    return f"95 %: {number(low)} to {number(high)}"


def _info(value: float | None, result: ScoreResult) -> str:
    return f"{number(value)} {result.unit.value}"
