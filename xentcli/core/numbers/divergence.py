"""From totals to numbers: how far two models are apart, in nats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from xentcli.core.clusters import spread
from xentcli.core.divergence import SUMS, Divergence, TrueClassChange
from xentcli.core.exact import ratio
from xentcli.core.kernel import exp_of
from xentcli.core.numbers.distributions import student_t_quantile
from xentcli.core.numbers.standard_errors import INFINITE
from xentcli.core.paired import FEW_CLUSTERS, TOO_FEW, difference, means
from xentcli.intervals import Z95, wilson
from xentcli.results.divergence import OF_LABELS, DivergenceBasis, DivergenceMetrics
from xentcli.results.parts import Number

_QUANTILES = (500, 900, 990, 999)  # of a thousand
_MOST_ROWS = 1e300  # what an error of nearly 0 amounts to
NO_LABELS = "no labels: --label COL names them"


def divergence_numbers(
    state: Divergence, missing: dict[str, str], *, clustered: bool = False
) -> tuple[DivergenceMetrics, DivergenceBasis]:
    """The numbers of at least one row; `missing` gets the reason for each that is None."""
    errors = _errors(state, clustered)
    z = _quantile(state, clustered)
    weight = state.same_top.weight.total()
    kl_finite = state.kl.mean()
    kl = math.inf if state.infinite else kl_finite
    kl_se = None if state.infinite else errors[0]
    few = FEW_CLUSTERS if clustered else TOO_FEW
    if kl_se is None:
        reason = INFINITE if state.infinite else few
        missing |= dict.fromkeys(("kl_se", "kl_low", "kl_high"), reason)
    if kl_finite is None:
        missing["kl_finite"] = "every row is infinite"
    quantiles = state.cells.quantiles(_QUANTILES, state.infinite_weight.total(), 1000)
    numbers: dict[str, Any] = {
        **dict(zip(SUMS, (ratio(total, weight) for total in state.sums.totals()), strict=True)),
        **dict(zip(("kl_p50", "kl_p90", "kl_p99", "kl_p999"), quantiles, strict=True)),
        **_same_top(state, errors, z, missing, few, clustered=clustered),
        **_of_labels(state.true_class, errors[2:], missing, few, clustered=clustered),
    }
    if state.reverse_infinite:
        numbers["kl_reverse"] = math.inf
    metrics = DivergenceMetrics(
        kl=kl,
        kl_se=kl_se,
        kl_low=None if kl_se is None or kl is None else max(0.0, kl - z * kl_se),
        kl_high=None if kl_se is None or kl is None else kl + z * kl_se,
        kl_finite=kl_finite,
        infinite_rows=state.infinite,
        kl_max=math.inf if state.infinite else state.largest.kl,
        max_dp=state.largest.max_dp,
        rows=state.rows,
        **numbers,
    )
    effective = _effective_rows(state, metrics.same_top or 0.0, errors[1], clustered)
    return metrics, DivergenceBasis(effective, state.clusters.count if clustered else None)


def _errors(state: Divergence, clustered: bool) -> Sequence[Number]:
    """The standard errors of kl (of its finite rows), same_top and, with labels, dp."""
    if clustered:
        found = state.clusters.residuals()
        return [spread(each) for each in found] if state.clusters.count > 1 else [None] * len(found)
    moments = [state.kl, state.same_top, *([state.true_class.dp] if state.labelled else [])]
    return [each.standard_error() for each in moments]


def _quantile(state: Divergence, clustered: bool) -> float:
    """How many standard errors an interval of 95 % reaches to either side."""
    if not clustered:
        return Z95
    return student_t_quantile(0.975, state.clusters.count - 1) if state.clusters.count > 1 else math.inf


def _effective_rows(state: Divergence, share: float, se: Number, clustered: bool) -> float:
    """So many independent rows of equal weight would give the share this standard error."""
    if not clustered:
        return state.same_top.effective_rows()
    return min(share * (1 - share) / se / se, _MOST_ROWS) if se else float(state.clusters.count)


def _same_top(
    state: Divergence, errors: Sequence[Number], z: float, missing: dict[str, str], few: str, *, clustered: bool
) -> dict[str, Number]:
    """The share of rows with the same top class, and Wilson's interval."""
    share, se = state.same_top.mean(), errors[1]
    assert share is not None  # there are rows
    names = [f"same_top_{part}" for part in ("se", "low", "high")]
    if se is None:
        missing |= dict.fromkeys(names, few)
        return {"same_top": share, **dict.fromkeys(names)}
    n = _effective_rows(state, share, se, clustered)
    se = se if clustered else math.sqrt(share * (1 - share) / n)
    return {"same_top": share, **dict(zip(names, (se, *wilson(share, n, z)), strict=True))}


def _of_labels(
    change: TrueClassChange, errors: Sequence[Number], missing: dict[str, str], few: str, *, clustered: bool
) -> dict[str, Number]:
    """What became of the probability of the true class, and of the log loss; None without labels."""
    if not change.dp.rows:
        missing |= dict.fromkeys(OF_LABELS, NO_LABELS)
        return {}
    base, new = means(change.paired, "log_loss")
    found = difference(change.paired, "log_loss", clustered=clustered)
    assert found is not None
    low, high = found.interval(0.95) or (None, None)
    mean = found.difference
    numbers: dict[str, Number] = {
        "dp": change.dp.mean(),
        "dp_se": errors[0],
        "dp_rms": math.sqrt(ratio(change.squares.total(), change.dp.weight.total())),
        "log_loss_base": base,
        "log_loss_new": new,
        "log_loss_difference": mean,
        "log_loss_difference_se": None if found.errors is None else found.errors.se,
        "log_loss_difference_low": low,
        "log_loss_difference_high": high,
        "perplexity_base": exp_of(base),
        "perplexity_new": exp_of(new),
        "perplexity_ratio": None if mean is None else exp_of(mean),
        "perplexity_ratio_low": None if low is None else exp_of(low),
        "perplexity_ratio_high": None if high is None else exp_of(high),
    }
    missing |= {name: found.reason or few for name, value in numbers.items() if value is None}
    return numbers
