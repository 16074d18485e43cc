"""From totals to numbers: every ratio of a `ScoreState` is taken here, in nats."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from xentcli.core.exact import ONE, ratio, root_ratio
from xentcli.core.moments import Moments
from xentcli.core.score_state import ClassState, LossState, ScoreState
from xentcli.results import ClassResult, Metrics, Number

Z95 = 1.959964  # two-sided 95 % point of the normal distribution


@dataclass(frozen=True)
class Summary:
    """Numbers of a state in nats; `unavailable` gives the reason for each that is None."""

    metrics: Metrics
    per_class: tuple[ClassResult, ...]
    weight: float
    unavailable: dict[str, str]


def summarize(state: ScoreState, classes: Sequence[str], labels: str, *, smoothing: float = 0.0) -> Summary:
    """Compute the numbers of a state that has at least one row.

    `classes` are its classes by name, `labels` is "hard", "soft" or "token"; label smoothing changes the class
    mix that the log loss is measured against.
    """
    missing: dict[str, str] = {}
    values: dict[str, Any] = dict.fromkeys(f.name for f in fields(Metrics))
    values |= _loss_numbers(state.losses, missing)
    per_class: tuple[ClassResult, ...] = ()
    if labels == "token":
        reason = "token log-probabilities tell nothing of other classes"
        missing |= {name: reason for name, value in values.items() if value is None and name not in missing}
    else:
        per_class = tuple(_class_results(state, classes, labels == "soft", missing))
        values |= _forecast_numbers(state, per_class, smoothing, missing)
        values |= _calibration_numbers(state, labels == "soft", missing)
    weight = ratio(state.losses.weight, ONE)
    return Summary(Metrics(**values), per_class, weight, missing)


def _loss_numbers(state: LossState, missing: dict[str, str]) -> dict[str, Any]:
    """What the row losses alone tell."""
    counts = state.counts
    log_loss, total = _log_loss(state)
    se = _standard_error("log_loss", state.loss, missing, infinite=counts.infinite > 0)
    p50, p90, p99, largest = _quantiles(state)
    sizes = state.sizes.total()
    target_entropy = ratio(state.target_entropy.total(), state.weight)
    return {
        "log_loss": log_loss,
        "log_loss_se": se,
        "log_loss_low": _offset(log_loss, se, -Z95),
        "log_loss_high": _offset(log_loss, se, Z95),
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
        "perplexity": _exp(log_loss),
        "bits_per_byte": _available("bits_per_byte", _bits(state, sizes), "needs tokens and --bytes", missing),
        "target_entropy": target_entropy,
        "kl_divergence": log_loss - target_entropy,
        "rows": state.rows,
        "skipped_rows": counts.skipped,
        "ignored_rows": counts.ignored,
        "zero_weight_rows": counts.zero_weight,
        "ties": counts.ties,
    }


def _forecast_numbers(
    state: ScoreState, per_class: Sequence[ClassResult], smoothing: float, missing: dict[str, str]
) -> dict[str, Any]:
    """What the forecasts over classes tell."""
    totals, weight = state.classes, state.losses.weight
    log_loss, _ = _log_loss(state.losses)
    losses = [row.log_loss for row in per_class if row.log_loss is not None]
    own = totals.labels.weight.totals()
    label_entropy = _entropy(_smoothed(own, weight, smoothing))
    accuracy, effective = ratio(totals.hits.weight.total(), weight), totals.brier.effective_rows()
    low, high = wilson(accuracy, effective)
    brier = totals.brier.mean()
    assert brier is not None  # there are rows
    se = _standard_error("brier", totals.brier, missing)
    of_mix = log_loss / label_entropy if label_entropy else None
    return {
        "macro_log_loss": math.fsum(losses) / len(losses),
        "label_entropy": label_entropy,
        "predictive_entropy": ratio(totals.entropy.total(), weight),
        "marginal_kl": _available("marginal_kl", _marginal_kl(totals, per_class, weight), _TOO_SMALL, missing),
        "skill": _skill(log_loss, label_entropy, missing),
        "normalized_entropy": _available("normalized_entropy", of_mix, _ONE_CLASS, missing),
        "accuracy": accuracy,
        "accuracy_se": math.sqrt(max(0.0, accuracy * (1 - accuracy)) / effective),
        "accuracy_low": low,
        "accuracy_high": high,
        "brier": brier,
        "brier_se": se,
        "brier_low": _offset(brier, se, -Z95),
        "brier_high": _offset(brier, se, Z95),
        "row_sum_effect": ratio(totals.log_sum.total(), weight),
    }


def _calibration_numbers(state: ScoreState, soft: bool, missing: dict[str, str]) -> dict[str, Any]:
    """What plain labels tell of the confidence of the forecasts."""
    names = ("overconfidence", "overconfidence_se", "overconfidence_z", "ece")
    if soft:
        missing |= dict.fromkeys(names, "needs plain labels")
        return {}
    return dict(zip(names, (*_overconfidence(state, missing), _ece(state)), strict=True))


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval for a share of n (Wilson 1927); within [0, 1], n > 0."""
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


_ONE_CLASS = "all rows are of one class: the label entropy is 0"
_INFINITE = "rows of infinite loss"
_TOO_SMALL = "a class that occurs has a mean forecast below what float64 can hold"
_TOO_FEW = "needs at least two rows"


def _available(name: str, value: Number, reason: str, missing: dict[str, str]) -> Number:
    if value is None:
        missing[name] = reason
    return value


def _offset(value: float, se: Number, z: float) -> Number:
    return None if se is None else value + z * se


def _exp(nats: float) -> float:
    try:
        return math.exp(nats)
    except OverflowError:
        return math.inf


def _log_loss(state: LossState) -> tuple[float, float]:
    """(mean, total): infinite with any row of infinite loss."""
    if state.counts.infinite:
        return math.inf, math.inf
    total = state.loss.total.total()
    return ratio(total, state.weight), ratio(total, ONE)


def _standard_error(name: str, moments: Moments, missing: dict[str, str], *, infinite: bool = False) -> Number:
    se = None if infinite else moments.standard_error()
    if se is None:
        for suffix in ("se", "low", "high"):
            missing[f"{name}_{suffix}"] = _INFINITE if infinite else _TOO_FEW
    return se


def _skill(log_loss: float, label_entropy: float, missing: dict[str, str]) -> Number:
    if not label_entropy:
        return _available("skill", None, _ONE_CLASS, missing)
    if log_loss == math.inf:
        return _available("skill", None, _INFINITE, missing)
    return 1 - log_loss / label_entropy


def _bits(state: LossState, sizes: int) -> Number:
    """Bits of loss per byte of text; None where no bytes are known."""
    if not sizes:
        return None
    return math.inf if state.counts.infinite else ratio(state.loss.total.total(), sizes) / math.log(2)


def _quantiles(state: LossState) -> tuple[float, float, float, float]:
    infinite = state.infinite.total()
    p50, p90, p99, largest = state.cells.quantiles((50, 90, 99, 100), infinite)
    return p50, p90, p99, math.inf if infinite else largest


def _worst(state: LossState, missing: dict[str, str]) -> Number:
    if state.counts.infinite:
        return _available("worst_1pct_share", None, _INFINITE, missing)
    return _available("worst_1pct_share", state.cells.tail_share(1), "no row has a loss above 0", missing)


def _overconfidence(state: ScoreState, missing: dict[str, str]) -> tuple[float, Number, Number]:
    """(log loss - predictive entropy, its standard error if the forecasts are right, their ratio)."""
    if state.losses.counts.infinite:
        missing |= dict.fromkeys(("overconfidence_se", "overconfidence_z"), _INFINITE)
        return math.inf, None, None
    weight = state.losses.weight
    se = root_ratio(state.classes.entropy_variance.total(), weight**2 * ONE)
    over = ratio(state.losses.loss.total.total() - state.classes.entropy.total(), weight)
    z = over / se if se else None
    return over, se, _available("overconfidence_z", z, "every forecast is certain", missing)


def _smoothed(amounts: Sequence[int], whole: int, smoothing: float) -> list[int]:
    """The amounts of the classes in the mix (1 - e) pi + e / K, in units common to them all."""
    e, unit = smoothing.as_integer_ratio()
    return [(unit - e) * len(amounts) * amount + e * whole for amount in amounts]


def _entropy(amounts: Sequence[int]) -> float:
    """H(pi) in nats of a distribution given by amounts, 0 log 0 = 0."""
    whole = sum(amounts)
    return math.fsum(-ratio(part, whole) * _log_ratio(part, whole) for part in amounts if part) + 0.0


def _marginal_kl(totals: ClassState, per_class: Sequence[ClassResult], weight: int) -> Number:
    """KL(pi || mean q); None if it is a mean q that is positive, as losses are finite, but too small a number."""
    own, forecast = totals.labels.weight.totals(), totals.shares.totals()
    none = [row.log_loss for row, q in zip(per_class, forecast, strict=True) if not q and row.share > 0]
    if none and all(loss is not None and loss < math.inf for loss in none):
        return None
    return _divergence(own, forecast, weight)


def _divergence(p: Sequence[int], q: Sequence[int], weight: int) -> float:
    """KL(p || q) in nats of distributions given by amounts; termwise >= 0, so rounding cannot make it negative."""
    pairs = list(zip(p, q, strict=True))
    if any(own and not forecast for own, forecast in pairs):
        return math.inf
    excess = (ratio(own, weight) * _log_ratio(own, forecast) if own else 0.0 for own, forecast in pairs)
    return math.fsum(e + ratio(forecast - own, weight) for e, (own, forecast) in zip(excess, pairs, strict=True))


def _log_ratio(a: int, b: int) -> float:
    """log(a / b) of positive integers, to the last digits where a is nearly b or no float64 holds a / b."""
    quotient = ratio(a, b)
    if 0.5 < quotient < 2:
        return math.log1p(ratio(a - b, b))
    return math.log(quotient) if 1e-300 < quotient < math.inf else math.log(a) - math.log(b)


def _ece(state: ScoreState) -> float:
    totals = state.classes
    pairs = zip(totals.bin_hits.weight.totals(), totals.bin_confidence.totals(), strict=True)
    return math.fsum(ratio(abs(hits - confidence), state.losses.weight) for hits, confidence in pairs)


def _class_results(
    state: ScoreState, classes: Sequence[str], soft: bool, missing: dict[str, str]
) -> Iterator[ClassResult]:
    totals, weight = state.classes, state.losses.weight
    rows = [ratio(t, ONE) for t in totals.amount.totals()] if soft else totals.labels.rows.tolist()
    columns = zip(
        classes,
        rows,
        totals.labels.weight.totals(),
        totals.shares.totals(),
        totals.class_loss.totals(),
        totals.infinite.tolist(),
        totals.hits.weight.totals(),
        totals.tops.weight.totals(),
        strict=True,
    )
    for name, count, own, forecast, loss, infinite, hits, tops in columns:
        if not own:
            missing |= dict.fromkeys((f"log_loss[{name}]", f"recall[{name}]"), "no row has this class")
        if not tops:
            missing[f"precision[{name}]"] = "never the top class"
        yield ClassResult(
            name=name,
            rows=count,
            share=ratio(own, weight),
            predicted_share=ratio(forecast, weight),
            log_loss=(math.inf if infinite else ratio(loss, own)) if own else None,
            contribution=math.inf if infinite else ratio(loss, weight),
            recall=ratio(hits, own) if own else None,
            precision=ratio(hits, tops) if tops else None,
        )
