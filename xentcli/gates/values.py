"""The numbers of a score that a requirement is about: their values, and their bounds at a confidence.

Bounds are one-sided, each at the confidence C. Log loss (also of a class or slice), its total and perplexity:
value -/+ z_C max(standard error, overconfidence_se), as very confident forecasts have costly rows that a sample
has not met yet; accuracy, recall, precision: Wilson's. With clusters, Student's t takes the place of the normal
distribution.

The Brier score has such rows, too: its error if the forecasts are right is at most their overconfidence_se in nats
(half of that for two classes, whose Brier score is halved). With class a or b it differs by 2 |q_a - q_b| =
2 (q_a + q_b) tanh(|log q_a - log q_b| / 2) <= |log q_a - log q_b|, by which the losses differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from statistics import NormalDist
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from xentcli.errors import RequestError
from xentcli.gates.requirement import OfClass, OfEach, OfSlice, Requirement
from xentcli.gates.verdict import Found
from xentcli.intervals import student_t_quantile, wilson
from xentcli.results.metrics import CALIBRATION, METRICS
from xentcli.results.parts import Basis, Breakdown, ClassResult, Metrics, Number, SliceResult
from xentcli.results.score import ScoreResult
from xentcli.results.selectors import selector
from xentcli.units import Unit
from xentcli.wording import did_you_mean, few, plural

TESTED = ("log_loss", "total_log_loss", "perplexity", "accuracy", "brier")  # what has bounds
TESTED_BY_CLASS = ("log_loss", "recall", "precision")

_FEW = "needs at least two rows"
_OWN_ROWS = ("log_loss", "contribution", "recall")  # numbers of a class that are of its rows alone


def values(result: ScoreResult, requirement: Requirement, confidence: float | None) -> Iterator[Found]:
    """The number, or of `[COL=*]` one of each slice; bounds unless `confidence` is None.

    Raises `RequestError` for a class, slice or part that the result does not have.
    """
    of = requirement.selector
    if isinstance(of, OfClass):
        yield _of_class(result, requirement, _class(result, requirement, of.name), confidence)
    elif of is None:
        yield _of_rows(_Rows.of(result), requirement, confidence)
    else:
        for part in _slices(result, requirement, of):
            yield _of_rows(_Rows.of_slice(result, part), requirement, confidence)


class _Rows(Struct, frozen=True):
    """All rows, or a slice."""

    metrics: Metrics
    breakdown: Breakdown | None
    calibration: Any
    weight: float
    basis: Basis
    by: tuple[tuple[str, str | None], ...]
    left_out: bool  # nobody asked for the breakdown
    reasons: dict[str, str]
    unit: Unit
    classes: int

    @classmethod
    def of(cls, result: ScoreResult) -> _Rows:
        reasons, by = result.unavailable, ()
        left_out = result.breakdown is None and bool(result.classes) and "breakdown" not in reasons
        parts = (result.metrics, result.breakdown, result.calibration)
        return cls(*parts, result.weight, result.basis, by, left_out, reasons, result.unit, len(result.classes))

    @classmethod
    def of_slice(cls, result: ScoreResult, part: SliceResult) -> _Rows:
        return replace(
            cls.of(result),
            metrics=part.metrics,
            breakdown=part.breakdown,
            calibration=None,
            weight=part.weight,
            basis=part.basis,
            by=part.by,
            reasons={},
        )

    def most_brier_error(self) -> Number:
        """An upper bound of the standard error of the Brier score if the forecasts are right."""
        most = self.basis.overconfidence_se
        return None if most is None else most * self.unit.nats / (2 if self.classes == 2 else 1)

    def number(self, requirement: Requirement) -> tuple[Number, str]:
        """The number required, and why it is None or infinite."""
        name = requirement.name
        if name in METRICS:
            value = getattr(self.metrics, name)
            reason = self.reasons.get(name, "")
        else:
            table = "calibration" if name in CALIBRATION else "breakdown"
            part = getattr(self, table)
            if part is None and self.left_out:
                raise _lacks(requirement, "no_breakdown", "the breakdown is left out by --no-breakdown")
            value = None if part is None else getattr(part, name)
            reason = self.reasons.get(f"{table}.{name}", self.reasons.get(table, ""))
        infinite = self.metrics.infinite_rows
        if value == math.inf and infinite:
            reason = f"the true class of {plural(infinite, 'row')} was given probability 0"
        return value, reason or "these rows do not tell it"


def _of_rows(rows: _Rows, requirement: Requirement, confidence: float | None) -> Found:
    name = requirement.name
    value, reason = rows.number(requirement)
    if confidence is None or value is None or name not in TESTED:
        return Found(value, None, rows.by, reason=reason)
    metrics, basis = rows.metrics, rows.basis
    count = metrics.rows if basis.clusters is None else basis.clusters
    what = "rows" if basis.clusters is None else "clusters"
    if count < 2 or value == math.inf:
        return Found(value, None, rows.by, reason=reason if value == math.inf else f"needs at least two {what}")
    z = _quantile(confidence, basis)
    if name == "accuracy":
        return Found(value, None, rows.by, metrics.accuracy_se, *wilson(value, basis.effective_rows, z))
    if name == "brier":
        return _around(value, _larger(metrics.brier_se, rows.most_brier_error()), z, rows.by)
    se = _larger(metrics.log_loss_se, basis.overconfidence_se)
    if name == "log_loss":
        return _around(value, se, z, rows.by)
    if name == "total_log_loss":
        return _around(value, None if se is None else se * rows.weight, z, rows.by)
    return _perplexity(value, rows, se, z)


def _perplexity(value: float, rows: _Rows, se: Number, z: float) -> Found:
    """The exponentials of the bounds of the log loss; the standard error to first order."""
    if se is None:
        return Found(value, None, rows.by, reason=_FEW)
    error, log_loss = se * rows.unit.nats, (rows.metrics.log_loss or 0.0) * rows.unit.nats
    low, high = (_exp(log_loss + sign * z * error) for sign in (-1, 1))
    return Found(value, None, rows.by, value * error, low, high)


def _exp(nats: float) -> float:
    try:
        return math.exp(nats)
    except OverflowError:
        return math.inf


def _of_class(result: ScoreResult, requirement: Requirement, row: ClassResult, confidence: float | None) -> Found:
    name, of = requirement.name, row.name
    value = getattr(row, name)
    reason = result.unavailable.get(f"{name}[{of}]", "")
    if not row.rows and name in _OWN_ROWS:
        return Found(None, of, reason=reason or "no row has this class")
    if value == math.inf:
        reason = "a row of this class was given probability 0"
    basis = result.class_basis.get(of)
    if confidence is None or value is None or value == math.inf or name not in TESTED_BY_CLASS:
        return Found(value, of, reason=reason)
    if basis is None:
        return Found(value, of, reason="the errors of classes were not kept")
    z = _quantile(confidence, Basis())
    if name == "log_loss":
        return _around(value, _larger(basis.log_loss_se, basis.overconfidence_se), z, class_name=of)
    n = basis.recall_rows if name == "recall" else basis.precision_rows
    if n < 2:
        return Found(value, of, reason=_FEW)
    return Found(value, of, (), math.sqrt(max(0.0, value * (1 - value)) / n), *wilson(value, n, z))


def _around(
    value: float, se: Number, z: float, by: tuple[tuple[str, str | None], ...] = (), class_name: str | None = None
) -> Found:
    if se is None:
        return Found(value, class_name, by, reason=_FEW)
    return Found(value, class_name, by, se, value - z * se, value + z * se)


def _larger(one: Number, other: Number) -> Number:
    """The larger standard error; None without the sample's own."""
    return one if one is None or other is None else max(one, other)


def _quantile(confidence: float, basis: Basis) -> float:
    if basis.clusters is None:
        return NormalDist().inv_cdf(confidence)
    return student_t_quantile(confidence, basis.clusters - 1)


def _class(result: ScoreResult, requirement: Requirement, name: str) -> ClassResult:
    found = next((row for row in result.per_class if row.name == name), None)
    if found is None:
        hint = _meant(name, result.classes, "classes") if result.classes else None
        what = f'"{name}" is no class' if result.classes else "tokens have no classes"
        raise _lacks(requirement, "no_such_class", what, hint)
    return found


def _slices(result: ScoreResult, requirement: Requirement, of: OfSlice | OfEach) -> list[SliceResult]:
    """The slices selected: none that has no row is a slice."""
    if isinstance(of, OfEach):
        found = [each for each in result.slices if [column for column, _ in each.by] == [of.column]]
        if found:
            return found
        raise _lacks(requirement, "no_such_slice", f'there are no slices by "{of.column}"', f"--by {of.column}")
    asked = dict(of.by)
    alike = [each for each in result.slices if dict(each.by).keys() == asked.keys()]
    found = [each for each in alike if dict(each.by) == asked]
    if not found:
        there = list(dict.fromkeys(selector((c, dict(each.by)[c]) for c in asked) for each in alike))
        message = f"no row is of the slice [{selector(of.by)}]"
        raise _lacks(requirement, "no_such_slice", message, _meant(selector(of.by), there, "slices"))
    return found


def _lacks(requirement: Requirement, code: str, message: str, hint: str | None = None) -> RequestError:
    """The error about something that the result does not have."""
    return RequestError(code, f'requirement "{requirement.text}": {message}', hint=hint)


def _meant(name: str, known: Iterable[str], what: str) -> str:
    return f"{did_you_mean(name, known, any_case=False)}{what}: {few(known, 20)}"
