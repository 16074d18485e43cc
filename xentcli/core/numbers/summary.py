"""From totals to numbers: every ratio of a `ScoreState` is taken here, in nats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.core import kernel
from xentcli.core.batch import SummaryOptions
from xentcli.core.exact import ONE, mean, ratio
from xentcli.core.kernel import exp_of
from xentcli.core.numbers.breakdown import breakdown_of
from xentcli.core.numbers.brier import brier_breakdown_of
from xentcli.core.numbers.entropies import entropy, marginal_kl, smooth
from xentcli.core.numbers.ordering import order_numbers
from xentcli.core.numbers.standard_errors import INFINITE, Dependence, basis_of, expected_error, intervals
from xentcli.core.numbers.tables import chain, class_results, confusions, reliability
from xentcli.core.numbers.top_class import PLAIN, ranked_probability, top_class_numbers
from xentcli.core.state import LossTotals, ScoreState
from xentcli.results.parts import (
    Basis,
    Breakdown,
    BrierBreakdown,
    Calibration,
    ChainRule,
    ClassResult,
    Confusion,
    Metrics,
    Number,
    ReliabilityBin,
)
from xentcli.units import LN2


class Summary(Struct, frozen=True):
    """Numbers of a state in nats; `unavailable` gives the reason for each that is None."""

    metrics: Metrics
    weight: float
    unavailable: dict[str, str]
    per_class: tuple[ClassResult, ...] = ()
    breakdown: Breakdown | None = None
    calibration: Calibration | None = None
    brier_breakdown: BrierBreakdown | None = None
    chain: ChainRule | None = None
    confusions: tuple[Confusion, ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()
    basis: Basis = field(default_factory=Basis)


def summarize(
    state: ScoreState, classes: Sequence[str], options: SummaryOptions, clusters: Dependence | None = None
) -> Summary:
    """Compute the numbers of a state that has at least one row; `classes` are its classes by name."""
    missing: dict[str, str] = {}
    values: dict[str, Any] = dict.fromkeys(Metrics.__struct_fields__)
    values |= _loss_numbers(state.losses, missing)
    weight = ratio(state.losses.weight, ONE)
    if options.labels == "token":
        values |= intervals(state, values, clusters, missing)
        reason = "token log-probabilities say nothing about other classes"
        missing |= {name: reason for name, value in values.items() if value is None and name not in missing}
        return Summary(Metrics(**values), weight, missing, basis=basis_of(state, values, clusters))
    soft = options.labels == "soft"
    per_class = tuple(class_results(state, classes, soft, missing))
    values |= _prediction_numbers(state, per_class, options, missing)
    values |= _calibration_numbers(state, options, missing)
    values |= top_class_numbers(state.classes, per_class, soft=soft, missing=missing)
    values |= order_numbers(state, options, clusters, missing)
    dependent = clusters is not None
    values |= ranked_probability(state.classes, ordinal=options.ordinal, dependent=dependent, missing=missing)
    values |= intervals(state, values, clusters, missing)
    metrics = Metrics(**values)
    summary = Summary(metrics, weight, missing, per_class, basis=basis_of(state, values, clusters))
    if options.labels == "hard":
        summary = replace(summary, reliability=tuple(reliability(state)))
    return _broken_down(summary, state, classes, options, missing) if options.breakdown else summary


def _broken_down(
    summary: Summary, state: ScoreState, classes: Sequence[str], options: SummaryOptions, missing: dict[str, str]
) -> Summary:
    """With the breakdown of the log loss, and of whose loss it is."""
    log_loss = summary.metrics.log_loss
    assert log_loss is not None  # there are rows
    breakdown, calibration = breakdown_of(state, summary.metrics, options, missing)
    return replace(
        summary,
        breakdown=breakdown,
        calibration=calibration,
        brier_breakdown=brier_breakdown_of(state, summary.metrics, options, missing),
        chain=chain(state, log_loss, missing) if options.plain and len(classes) > 2 else None,
        confusions=tuple(confusions(state, classes, log_loss)),
    )


def _loss_numbers(state: LossTotals, missing: dict[str, str]) -> dict[str, Any]:
    """What the row losses alone tell."""
    counts = state.counts
    log_loss, total = _log_loss(state)
    p50, p90, p99, largest = _quantiles(state)
    sizes = state.sizes.total()
    target_entropy = ratio(state.target_entropy.total(), state.weight)
    return {
        "log_loss": log_loss,
        "total_log_loss": total,
        "log_loss_finite": _available(
            "log_loss_finite", state.loss.mean(), "every row's loss is infinite", missing
        ),
        "infinite_rows": counts.infinite,
        "loss_p50": p50,
        "loss_p90": p90,
        "loss_p99": p99,
        "loss_max": largest,
        "worst_1pct_share": _worst(state, missing),
        "perplexity": exp_of(log_loss),
        "bits_per_byte": _available("bits_per_byte", _bits(state, sizes), "needs tokens and --bytes", missing),
        "target_entropy": target_entropy,
        "kl_divergence": log_loss - target_entropy,
        "rows": state.rows,
        "skipped_rows": counts.skipped,
        "ignored_rows": counts.ignored,
        "filtered_rows": 0,  # for whoever has read the rows to say
        "zero_weight_rows": counts.zero_weight,
        "ties": counts.ties,
    }


def _prediction_numbers(
    state: ScoreState, per_class: Sequence[ClassResult], options: SummaryOptions, missing: dict[str, str]
) -> dict[str, Any]:
    """What the predictions over classes tell."""
    totals, weight = state.classes, state.losses.weight
    log_loss, _ = _log_loss(state.losses)
    losses = [row.log_loss for row in per_class if row.log_loss is not None]
    own = totals.labels.weight.totals()
    mix = smooth(own, weight, options.smoothing)
    label_entropy = entropy(mix)
    of_mix = log_loss / label_entropy if label_entropy else None
    return {
        "macro_log_loss": mean(losses),
        "label_entropy": label_entropy,
        "predictive_entropy": ratio(totals.entropy.total(), weight),
        "marginal_kl": _available("marginal_kl", marginal_kl(totals, per_class, weight), _TOO_SMALL, missing),
        **_against(log_loss, label_entropy, _prior_loss(mix, options.prior), missing),
        "normalized_entropy": _available("normalized_entropy", of_mix, _ONE_CLASS, missing),
        "accuracy": ratio(totals.hits.weight.total(), weight),
        "brier": totals.brier.mean(),
        "row_sum_effect": ratio(totals.log_sum.total(), weight),
    }


def _calibration_numbers(state: ScoreState, options: SummaryOptions, missing: dict[str, str]) -> dict[str, Any]:
    """What plain labels tell of the confidence of the predictions."""
    names = ("overconfidence", "overconfidence_se", "overconfidence_z", "ece")
    if options.labels == "soft":
        missing |= dict.fromkeys(names, PLAIN)
        return {}
    over, se, z = _overconfidence(state, missing)
    if not options.plain:
        missing |= dict.fromkeys(names[1:3], "label smoothing: the loss is not that of the labels")
        se = z = None
    return dict(zip(names, (over, se, z, _ece(state)), strict=True))


_ONE_CLASS = "all rows are of one class: the label entropy is 0"
_TOO_SMALL = "a class that occurs has a mean prediction below what float64 can hold"
_IMPOSSIBLE = "a class that occurs has a prior of 0"


def _available(name: str, value: Number, reason: str, missing: dict[str, str]) -> Number:
    if value is None:
        missing[name] = reason
    return value


def _log_loss(state: LossTotals) -> tuple[float, float]:
    """(mean, total): infinite with any row of infinite loss."""
    if state.counts.infinite:
        return math.inf, math.inf
    total = state.loss.total.total()
    return ratio(total, state.weight), ratio(total, ONE)


def _against(
    log_loss: float, label_entropy: float, prior_loss: Number, missing: dict[str, str]
) -> dict[str, Number]:
    """The log loss beside that of a constant prediction: the prior, or without one the class mix itself."""
    if prior_loss is None:
        missing |= dict.fromkeys(("prior_log_loss", "prior_gap"), "needs --prior")
        return {"skill": _skill(log_loss, label_entropy, _ONE_CLASS, missing)}
    gap = max(0.0, prior_loss - label_entropy)
    skill = _skill(log_loss, prior_loss, "the prior is certain, and right", missing)
    return {"skill": skill, "prior_log_loss": prior_loss, "prior_gap": gap}


def _skill(log_loss: float, reference: float, none: str, missing: dict[str, str]) -> Number:
    """1 - log loss / reference; `none` is the reason if the reference is 0."""
    if math.inf in (log_loss, reference):
        return _available("skill", None, INFINITE if log_loss == math.inf else _IMPOSSIBLE, missing)
    return 1 - log_loss / reference if reference else _available("skill", None, none, missing)


def _prior_loss(mix: Sequence[int], prior: tuple[float, ...] | None) -> Number:
    """-sum pi log prior in nats, pi given by amounts; infinite where a class that occurs has a prior of 0."""
    if prior is None:
        return None
    whole = sum(mix)
    pairs = [(ratio(part, whole), q) for part, q in zip(mix, prior, strict=True) if part]
    if not all(q for _, q in pairs):
        return math.inf
    shares, q = np.array(pairs).T
    return math.fsum((-shares * kernel.log(q)).tolist()) + 0.0


def _bits(state: LossTotals, sizes: int) -> Number:
    """Bits of loss per byte of text; None where no bytes are known."""
    if not sizes:
        return None
    return math.inf if state.counts.infinite else ratio(state.loss.total.total(), sizes) / LN2


def _quantiles(state: LossTotals) -> tuple[float, float, float, float]:
    infinite = state.infinite.total()
    p50, p90, p99, largest = state.cells.quantiles((50, 90, 99, 100), infinite)
    return p50, p90, p99, math.inf if infinite else largest


def _worst(state: LossTotals, missing: dict[str, str]) -> Number:
    if state.counts.infinite:
        return _available("worst_1pct_share", None, INFINITE, missing)
    return _available("worst_1pct_share", state.cells.tail_share(1), "no row has a loss above 0", missing)


def _overconfidence(state: ScoreState, missing: dict[str, str]) -> tuple[float, Number, Number]:
    """(log loss - predictive entropy, its standard error if the predictions are right, their ratio)."""
    if state.losses.counts.infinite:
        missing |= dict.fromkeys(("overconfidence_se", "overconfidence_z"), INFINITE)
        return math.inf, None, None
    weight = state.losses.weight
    se = expected_error(state) or 0.0
    over = ratio(state.losses.loss.total.total() - state.classes.entropy.total(), weight)
    z = over / se if se else None
    return over, se, _available("overconfidence_z", z, "every prediction is certain", missing)


def _ece(state: ScoreState) -> float:
    totals = state.classes
    pairs = zip(totals.bin_hits.weight.totals(), totals.bin_confidence.totals(), strict=True)
    return math.fsum(ratio(abs(hits - confidence), state.losses.weight) for hits, confidence in pairs)
