"""Every number of a score in one table, grouped under titles, each with its interval and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from xentcli.render.reports.headline import CHANCE, SHARP
from xentcli.render.reports.report import Column, Grid, Group, numeric
from xentcli.render.text import number, p_value
from xentcli.results.metrics import BREAKDOWN, METRICS, TABLES
from xentcli.results.score import ScoreResult
from xentcli.wording import percent

_TOP_K = ("top_2_accuracy", "top_3_accuracy", "top_5_accuracy")
_GROUPS = {
    "Scores": (
        "log_loss", "accuracy", "brier", "brier_skill", "rps", "rps_se", "perplexity", "infinite_rows",
        "log_loss_finite", "row_sum_effect", "target_entropy", "kl_divergence", "bits_per_byte",
    ),
    "Class mix": ("label_entropy", "skill", "marginal_kl", "macro_log_loss", "prior_log_loss", "prior_gap"),
    "Confidence": ("predictive_entropy", "overconfidence", "overconfidence_z", "ece"),
    "Order of the rows": ("auc", "average_precision"),
    "Predicted class": ("balanced_accuracy", "macro_f1", "mcc", "cohen_kappa", *_TOP_K),
    "Row by row": (
        "loss_p50", "loss_p90", "loss_p99", "loss_max", "worst_1pct_share", "total_log_loss",
        "skipped_rows", "ignored_rows", "filtered_rows", "zero_weight_rows", "ties",
    ),
}  # fmt: skip
_UNLESS_0 = (
    "infinite_rows", "row_sum_effect", "skipped_rows", "ignored_rows", "filtered_rows", "zero_weight_rows", "ties",
)  # fmt: skip
_SHARES = ("accuracy", *_TOP_K, "balanced_accuracy", "brier_skill", "worst_1pct_share", "skill")
_IF_THERE = (*_TOP_K, "rps", "rps_se")  # of more classes, or of ordered ones
_ROUNDING = 1e-12  # a row sum effect below is that of float64


def metrics_grid(result: ScoreResult) -> Grid:
    """The metrics, grouped under titles."""
    columns = (Column("All numbers"), numeric(""), Column("interval", above=True), Column(dim=True))
    return Grid(columns, tuple(_groups(result)), "All numbers")


def _groups(result: ScoreResult) -> Iterator[Group]:
    for title, names in _GROUPS.items():
        lines = [_line(result, name) for name in names if _is_shown(result, name)]
        if title == "Confidence":
            lines += _part_lines(result, "breakdown", "calibration")
        if lines:
            yield Group(tuple(lines), title)
        if title == "Scores" and result.brier_breakdown is not None:
            yield Group(tuple(_part_lines(result, "brier_breakdown")), "Brier breakdown")
        if title == "Confidence" and result.chain is not None:
            yield Group(tuple(_part_lines(result, "chain")), "Chain rule")


def _part_lines(result: ScoreResult, *tables: str) -> Iterator[tuple[str, ...]]:
    """The test of calibration, what simple recalibrations could do, or the chain rule, as far as there are any."""
    for table in tables:
        part = getattr(result, table)
        metrics = {"p_value": BREAKDOWN["p_value"]} if table == "breakdown" else TABLES[table]
        for name, metric in metrics.items() if part is not None else ():
            value = getattr(part, name)
            if value is None and "offset" in name and len(result.classes) != 2:
                continue  # these are of two classes
            if name == "error_bound" and not value:
                continue
            if name == "p_value":
                shown = "-" if value is None else p_value(value)
            else:
                unit = result.unit_of(name) if metric.unit else ""
                shown = _with_unit(number(value), value, unit)
            said = _judged(result, name, value)
            if value is None:
                said = result.unavailable.get(f"{table}.{name}")
            yield metric.title, shown, "", said or metric.meaning


def _judged(result: ScoreResult, name: str, value: float | None) -> str | None:
    """What a value says, of those numbers that are read by a rule."""
    if value is None:
        return None
    if name == "overconfidence_z":
        sign = "overconfident" if value > 0 else "underconfident"
        return "no more than chance makes it" if abs(value) <= SHARP else f"{sign}: more than chance makes it"
    p = None if result.breakdown is None else result.breakdown.p_value
    if name in ("p_value", "temperature") and p is not None and p >= CHANCE:
        return "no miscalibration shown"
    if name == "p_value":
        return "miscalibrated: more than chance makes it"
    if name == "temperature":
        if value == inf:
            return "likelier classes are right less often"
        return "overconfident" if value > 1 else "underconfident"
    return None


def _is_shown(result: ScoreResult, name: str) -> bool:
    """Whether a metric is worth a line: tokens have no classes, so most say nothing there."""
    metrics = result.metrics
    value = getattr(metrics, name)
    if name in _UNLESS_0 and (not value or abs(value) < _ROUNDING):
        return False
    if name == "log_loss_finite" and not metrics.infinite_rows:
        return False
    if name in ("target_entropy", "kl_divergence") and result.signature.labels != "soft":
        return False
    if name in _GROUPS["Order of the rows"] and (len(result.classes) != 2 or result.signature.labels != "hard"):
        return False
    if value is None and name in _IF_THERE:
        return False
    if name in ("prior_log_loss", "prior_gap") and metrics.prior_log_loss is None:
        return False
    return value is not None or (bool(result.classes) and name != "bits_per_byte")


def _line(result: ScoreResult, name: str) -> tuple[str, ...]:
    metrics, metric = result.metrics, METRICS[name]
    value = getattr(metrics, name)
    low, high = getattr(metrics, f"{name}_low", None), getattr(metrics, f"{name}_high", None)
    show = percent if name in _SHARES else number
    meaning = _judged(result, name, value) or result.unavailable.get(name, metric.meaning)
    if name == "skill" and result.signature.prior and value is not None:
        meaning = "share of the loss of the prior saved"
    if name == "average_precision" and value is not None:
        meaning = f'mean precision over the recalls of "{result.classes[1]}"'
    interval = f"{show(low)} to {show(high)} (95 %)" if low is not None and high is not None else ""
    return metric.title, _with_unit(show(value), value, result.unit_of(name)), interval, meaning


def _with_unit(shown: str, value: float | None, unit: str) -> str:
    """Units belong to numbers; counts and plain numbers have none."""
    return shown if value is None or unit in ("", "count") else f"{shown} {unit}"
