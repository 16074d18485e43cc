"""Requirements on the numbers of a score, and what becomes of them. A pure function, whoever asks.

Limits without a unit are read in the unit asked for. A number is compared in the unit of its limit, to which it is
converted as an output would be, so that no second conversion moves it by a last digit.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from xentcli.errors import RequestError
from xentcli.gates.baseline import Baseline
from xentcli.gates.estimates import TESTED, TESTED_BY_CLASS, estimates
from xentcli.gates.requirement import BaselineLimit, Requirement
from xentcli.gates.verdict import Estimate, Threshold, gate_outcome
from xentcli.intervals import Level
from xentcli.results.parts import multiply
from xentcli.results.score import ScoreResult
from xentcli.results.verdicts import Gate
from xentcli.units import Unit
from xentcli.wording import plural, suggest, typed

_NOISE = "; the baseline's own noise is not in it, xent compare tests both models on the same rows"


def check_score(
    result: ScoreResult,
    requirements: Sequence[Requirement],
    *,
    level: Level | None = None,
    baseline: Baseline | None = None,
    unit: Unit | None = None,
) -> tuple[Gate, ...]:
    """What becomes of each requirement, in their order; `[COL=*]` has an outcome for each slice.

    `level` turns a limit into two one-sided tests, each at its confidence. Limits are read, and the
    numbers of gates given, in `unit`: by default the result's own. Raises `RequestError` for what cannot be
    checked, `ContentError` for a baseline that cannot be compared.
    """
    confidence = None if level is None else level.confidence
    refuse_untestable(requirements, confidence, with_baseline=baseline is not None)
    if baseline is not None:
        baseline.refuse_unlike(result.signature)
    refuse_skipped(result.metrics.skipped_rows, requirements)
    if level is not None:
        _refuse_class_errors(result, requirements)
    return tuple(
        _outcome(each, found, result.unit, unit or result.unit, None if each.is_count else confidence, baseline)
        for each in requirements
        for found in estimates(result, each, None if each.is_count else level)
    )


def refuse_untestable(
    requirements: Sequence[Requirement], confidence: float | None, *, with_baseline: bool
) -> None:
    """Raise a `RequestError` for what no file could change: a level or limit that cannot be tested."""
    refuse_confidence(confidence)
    for each in requirements:
        if each.by_baseline and not with_baseline:
            raise RequestError("no_baseline", f'requirement "{each.text}" needs --baseline FILE')
        if confidence is not None and not each.is_count:
            _refuse_untested(each)


def refuse_confidence(confidence: float | None) -> None:
    """Raise a `RequestError` for a level that no test has."""
    if confidence is not None and not 0.5 < confidence < 1:
        hint = suggest(f"{confidence / 100:g}") if 50 < confidence < 100 else "such as 0.95"
        raise RequestError("confidence", f"--confidence {confidence:g} is not between 0.5 and 1", hint=hint)


def _refuse_untested(requirement: Requirement) -> None:
    tested = TESTED_BY_CLASS if requirement.by_class else TESTED
    if requirement.name not in tested:
        why = f": {requirement.name} has no interval{' by class' if requirement.by_class else ''}"
        raise no_interval(
            requirement, why, f"those that have: {', '.join(tested)}; counts are compared as they are"
        )
    if requirement.op == "==":
        raise no_interval(requirement, ": rows cannot show that a number is exactly that", "<= or >= can be")


def no_interval(requirement: Requirement, why: str, hint: str | None = None) -> RequestError:
    """The error about a requirement that has no test."""
    message = f'requirement "{requirement.text}" cannot be tested with --confidence{why}'
    return RequestError("no_interval", message, hint=hint)


def refuse_skipped(skipped: int, requirements: Sequence[Requirement], of: str = "") -> None:
    """Raise a `RequestError` if rows were left out and no requirement says how many may be, `of` a model."""
    if requirements and skipped and all(each.name != "skipped_rows" for each in requirements):
        raise RequestError(
            "skipped_rows",
            f"{plural(skipped, 'row')} left out by --missing skip: skipped rows can hide failures",
            hint=f"{typed('--require', f'skipped_rows{of} <= {skipped}')} says how many may be",
        )


def _refuse_class_errors(result: ScoreResult, requirements: Sequence[Requirement]) -> None:
    """Standard errors of classes that would not be what they seem."""
    of_class = next((each for each in requirements if each.by_class and not each.is_count), None)
    if of_class is None:
        return
    if result.columns.cluster is not None:
        raise no_interval(of_class, " and --cluster: errors of classes take rows as independent")
    if result.signature.labels != "hard":
        why = f" and {result.signature.labels} labels: the error of a class needs plain ones"
        raise no_interval(of_class, why)
    if result.signature.class_weights:
        why = " and --class-weight: how a row of another class would have weighed is not known"
        raise no_interval(of_class, why)


def _outcome(
    requirement: Requirement,
    found: Estimate,
    unit: Unit,
    shown: Unit,
    confidence: float | None,
    baseline: Baseline | None,
) -> Gate:
    """The gate of one number, found in `unit`, with its numbers in unit `shown`."""
    limit = requirement.limit
    if isinstance(limit, BaselineLimit):
        assert baseline is not None  # refused otherwise
        limit_unit, threshold = baseline.unit, baseline.threshold(requirement, limit, found, shown, _NOISE)
    else:
        limit_unit = limit.unit or shown
        threshold = Threshold(limit.number, requirement.unit_words(limit_unit))
    if requirement.metric.unit != "info":
        return gate_outcome(requirement, found, threshold, confidence)
    there = gate_outcome(requirement, found.in_unit(limit_unit.of(unit.nats)), threshold, confidence)
    if limit_unit == shown:
        return there
    here, factor = found.in_unit(shown.of(unit.nats)), shown.of(limit_unit.nats)
    if threshold.baseline is not None:  # nobody wrote a number in its unit: the sentence has the output's
        numbers = {"limit": threshold.limit * factor, "baseline": threshold.baseline * factor}
        threshold = replace(threshold, unit=shown.value, **numbers)
        return gate_outcome(requirement, here, threshold, confidence, there.verdict)
    numbers = {name: getattr(here, name) for name in ("value", "se", "low", "high")}
    return replace(there, **numbers, **multiply(there, ("limit", "margin"), factor))
