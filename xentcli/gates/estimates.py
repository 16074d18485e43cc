"""The numbers of a score that a requirement is about: their values, and their bounds at a confidence.

Bounds are one-sided, each at the confidence C. Log loss (also of a class or slice), its total and perplexity:
value -/+ z_C max(standard error, overconfidence_se), as very confident predictions have costly rows that a sample
has not met yet; accuracy, also of the top k classes, recall, precision: Wilson's; AUC: DeLong's error on the logit
scale; RPS: its standard error. With clusters, Student's t takes the place of the normal distribution.

The Brier score has such rows, too: for right predictions its error is at most their overconfidence_se in nats
(half of that for two classes, whose Brier score is halved). With class a or b it differs by 2 |q_a - q_b| =
2 (q_a + q_b) tanh(|log q_a - log q_b| / 2) <= |log q_a - log q_b|, by which the losses differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from msgspec.structs import replace

from xentcli.gates.requirement import EverySlice, OneClass, OneSlice, Requirement
from xentcli.gates.verdict import Estimate
from xentcli.intervals import Level, logit_interval, wilson
from xentcli.results.metrics import CALIBRATION, METRICS
from xentcli.results.parts import Basis, ClassResult, Number, SliceResult
from xentcli.results.score import ScoreResult
from xentcli.results.selectors import selector
from xentcli.wording import did_you_mean, few, plural


class _OfSlice(Protocol):
    """The numbers of a slice."""

    @property
    def by(self) -> tuple[tuple[str, str | None], ...]:
        """Columns and values."""


AnySlice = TypeVar("AnySlice", bound=_OfSlice)
TOP_K = ("top_2_accuracy", "top_3_accuracy", "top_5_accuracy")
TESTED = ("log_loss", "total_log_loss", "perplexity", "accuracy", *TOP_K, "brier", "rps", "auc")  # what has bounds
TESTED_BY_CLASS = ("log_loss", "recall", "precision")

_OF_LOG_ODDS = ("auc", "auc_se", "auc_low", "auc_high", "auc_error_bound", "average_precision")
_FEW = "needs at least two rows"
_OWN_ROWS = ("log_loss", "contribution", "recall")  # numbers of a class that are of its rows alone


def estimates(result: ScoreResult, requirement: Requirement, level: Level | None) -> Iterator[Estimate]:
    """The number, or of `[COL=*]` one of each slice; bounds unless `level` is None.

    Raises `RequestError` for a class, slice or part that the result does not have.
    """
    of = requirement.selector
    left_out = result.breakdown is None and bool(result.classes) and "breakdown" not in result.unavailable
    if isinstance(of, OneClass):
        yield _estimate_class(result, requirement, _find_class(result, requirement, of.name), level)
    elif of is None:
        yield _estimate_rows(result, requirement, level, left_out)
    else:
        for part in _find_slices(result, requirement, of):
            rows = replace(
                result,
                metrics=part.metrics,
                breakdown=part.breakdown,
                calibration=None,
                weight=part.weight,
                basis=part.basis,
                unavailable={},
            )
            yield replace(_estimate_rows(rows, requirement, level, left_out), by=part.by)


def matching_slices(slices: Sequence[AnySlice], requirement: Requirement) -> tuple[list[AnySlice], list[AnySlice]]:
    """The slices by the columns of a requirement, and those of them that it is about."""
    alike = [each for each in slices if {column for column, _ in each.by} == set(requirement.sliced_by)]
    if requirement.selector is None or isinstance(requirement.selector, OneClass | EverySlice):
        return alike, alike
    asked = dict(requirement.selector.by)
    return alike, [each for each in alike if dict(each.by) == asked]


def _find_number(result: ScoreResult, requirement: Requirement, left_out: bool) -> Estimate:
    """The number required, and why it is None or infinite; `left_out`: nobody asked for the breakdown."""
    name = requirement.name
    if name in METRICS:
        value, reason = getattr(result.metrics, name), result.unavailable.get(name, "")
        two = len(result.classes) == 2 and result.signature.labels == "hard"
        if value is None and left_out and two and name in _OF_LOG_ODDS:
            raise requirement.error("no_breakdown", f"{name} takes what --no-breakdown leaves out")
    else:
        table = "calibration" if name in CALIBRATION else "breakdown"
        part = getattr(result, table)
        if part is None and left_out:
            raise requirement.error("no_breakdown", "the breakdown is left out by --no-breakdown")
        value = None if part is None else getattr(part, name)
        reason = result.unavailable.get(f"{table}.{name}", result.unavailable.get(table, ""))
    infinite = result.metrics.infinite_rows
    if value == math.inf and infinite:
        reason = f"the true class of {plural(infinite, 'row')} was given probability 0"
    return Estimate(value, reason=reason or "these rows do not determine it")


def _estimate_rows(result: ScoreResult, requirement: Requirement, level: Level | None, left_out: bool) -> Estimate:
    name, metrics, basis = requirement.name, result.metrics, result.basis
    found = _find_number(result, requirement, left_out)
    if level is None or found.value is None or found.value == math.inf or name not in TESTED:
        return found
    count, what = (metrics.rows, "rows") if basis.clusters is None else (basis.clusters, "clusters")
    if count < 2:
        return replace(found, reason=f"needs at least two {what}")
    if name == "auc":
        return _auc(found, metrics.auc_se, level, result.unavailable.get("auc_se"))
    z = _quantile(level, basis)
    if name in ("rps", *TOP_K) and basis.clusters is not None:
        return replace(found, reason="its error is not known where rows depend on one another")
    if name == "rps":
        return _add_bounds(found, metrics.rps_se, z)
    if name in TOP_K:
        return _add_wilson(found, found.value, basis.effective_rows, z)
    if name == "accuracy":
        return replace(_add_wilson(found, found.value, basis.effective_rows, z), se=metrics.accuracy_se)
    if name == "brier":  # see the top of this module
        most = basis.overconfidence_se
        nats = None if most is None else most * result.unit.nats / (2 if len(result.classes) == 2 else 1)
        return _add_bounds(found, _larger(metrics.brier_se, nats), z)
    se = _larger(metrics.log_loss_se, basis.overconfidence_se)
    if name == "perplexity":
        return _perplexity(found, metrics.log_loss or 0.0, se, level.exp, z, result.unit.nats)
    return _add_bounds(found, se if se is None or name == "log_loss" else se * result.weight, z)


def _auc(found: Estimate, se: Number, level: Level, reason: str | None) -> Estimate:
    if se is None or found.value is None:
        return replace(found, reason=reason or "these rows give the AUC no error")
    low, high = logit_interval(found.value, se, level.quantile(None), level.exp)
    return replace(found, se=se, low=low, high=high)


def _perplexity(
    found: Estimate, log_loss: float, se: Number, exp: Callable[[float], float], z: float, nats: float
) -> Estimate:
    """The exponentials of the bounds of the log loss; the standard error to first order."""
    if se is None or found.value is None:
        return replace(found, reason=_FEW)
    error, log_loss = se * nats, log_loss * nats
    low, high = (exp(log_loss + sign * z * error) for sign in (-1, 1))
    return replace(found, se=found.value * error, low=low, high=high)


def _estimate_class(
    result: ScoreResult, requirement: Requirement, row: ClassResult, level: Level | None
) -> Estimate:
    name, of = requirement.name, row.name
    value = getattr(row, name)
    reason = result.unavailable.get(f"{name}[{of}]", "")
    if not row.rows and name in _OWN_ROWS:
        return Estimate(None, of, reason=reason or "no row has this class")
    if value == math.inf:
        reason = "a row of this class was given probability 0"
    found = Estimate(value, of, reason=reason)
    if level is None or value is None or value == math.inf or name not in TESTED_BY_CLASS:
        return found
    basis = result.class_basis.get(of)
    if basis is None:
        return replace(found, reason="the errors of classes were not kept")
    z = level.quantile(None)
    if name == "log_loss":
        return _add_bounds(found, _larger(basis.log_loss_se, basis.overconfidence_se), z)
    n = basis.recall_rows if name == "recall" else basis.precision_rows
    if n < 2:
        return replace(found, reason=_FEW)
    return _add_wilson(found, value, n, z)


def _add_wilson(found: Estimate, share: float, rows: float, z: float) -> Estimate:
    low, high = wilson(share, rows, z)
    return replace(found, se=math.sqrt(max(0.0, share * (1 - share)) / rows), low=low, high=high)


def _add_bounds(found: Estimate, se: Number, z: float) -> Estimate:
    if se is None or found.value is None:
        return replace(found, reason=_FEW)
    return replace(found, se=se, low=found.value - z * se, high=found.value + z * se)


def _larger(one: Number, other: Number) -> Number:
    """The larger standard error; None without the sample's own."""
    return one if one is None or other is None else max(one, other)


def _quantile(level: Level, basis: Basis) -> float:
    return level.quantile(None if basis.clusters is None else basis.clusters - 1)


def _find_class(result: ScoreResult, requirement: Requirement, name: str) -> ClassResult:
    found = next((row for row in result.per_class if row.name == name), None)
    if found is None:
        hint = _suggest(name, result.classes, "classes") if result.classes else None
        what = f'unknown class "{name}"' if result.classes else "tokens have no classes"
        raise requirement.error("no_such_class", what, hint)
    return found


def _find_slices(result: ScoreResult, requirement: Requirement, of: OneSlice | EverySlice) -> list[SliceResult]:
    """The slices selected: none that has no row is a slice."""
    alike, found = matching_slices(result.slices, requirement)
    if found:
        return found
    if isinstance(of, EverySlice):
        raise requirement.error("no_such_slice", f'there are no slices by "{of.column}"', f"--by {of.column}")
    columns = requirement.sliced_by
    there = list(dict.fromkeys(selector((c, dict(each.by)[c]) for c in columns) for each in alike))
    name = selector(of.by)
    raise requirement.error("no_such_slice", f"no row is of the slice [{name}]", _suggest(name, there, "slices"))


def _suggest(name: str, known: Iterable[str], what: str) -> str:
    return f"{did_you_mean(name, known, any_case=False)}{what}: {few(known, 20)}"
