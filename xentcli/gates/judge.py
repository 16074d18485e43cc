"""The gate: requirements on the numbers of a score, judged. A pure function, whoever asks.

Limits without a unit are read in the unit asked for. A number is compared in the unit of its limit, to which it is
converted as an output would be, so that no second conversion moves it by a last digit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace

from xentcli.errors import RequestError
from xentcli.gates.baseline import Baseline
from xentcli.gates.requirement import Amount, OfBaseline, OfClass, Requirement
from xentcli.gates.values import TESTED, TESTED_BY_CLASS, values
from xentcli.gates.verdict import Bar, Found, gate, name_of
from xentcli.results.outcome import Gate
from xentcli.results.score import ScoreResult
from xentcli.units import Unit
from xentcli.wording import plural

_NOISE = "; the baseline's own noise is not in it, xent compare tests both models on the same rows"


def judge(
    result: ScoreResult,
    requirements: Sequence[Requirement],
    *,
    confidence: float | None = None,
    baseline: Baseline | None = None,
    unit: Unit | None = None,
) -> tuple[Gate, ...]:
    """What becomes of each requirement, in their order; `[COL=*]` has an outcome for each slice.

    `confidence` (0.5 to 1) turns a limit into two one-sided tests, each at that level. Limits are read, and the
    numbers of gates given, in `unit`: by default the result's own. Raises `RequestError` for what cannot be
    judged, `ContentError` for a baseline that cannot be compared.
    """
    refuse(requirements, confidence, with_baseline=baseline is not None)
    if baseline is not None:
        baseline.refuse_unlike(result.signature)
    refuse_skipped(result, requirements)
    if confidence is not None:
        _refuse_unsure(result, requirements)
    shown = result.unit if unit is None else unit
    return tuple(
        _judged(requirement, found, result.unit, shown, confidence, baseline)
        for requirement in requirements
        for found in values(result, requirement, _level(requirement, confidence))
    )


def refuse(requirements: Sequence[Requirement], confidence: float | None, *, with_baseline: bool) -> None:
    """Raise a `RequestError` for what no file could change: a level or limit that cannot be tested."""
    if confidence is not None and not 0.5 < confidence < 1:
        hint = f"did you mean {confidence / 100:g}?" if 50 < confidence < 100 else "such as 0.95"
        raise RequestError("confidence", f"--confidence {confidence:g} is not between 0.5 and 1", hint=hint)
    for each in requirements:
        if isinstance(each.limit, OfBaseline) and not with_baseline:
            raise RequestError("no_baseline", f'requirement "{each.text}" needs --baseline FILE')
        if confidence is not None:
            _refuse_untested(each)


def _refuse_untested(requirement: Requirement) -> None:
    of_class = isinstance(requirement.selector, OfClass)
    tested = TESTED_BY_CLASS if of_class else TESTED
    if requirement.metric.unit == "count":
        return
    start = f'requirement "{requirement.text}" cannot be tested with --confidence'
    if requirement.name not in tested:
        message = f"{start}: {requirement.name} has no interval{' by class' if of_class else ''}"
        hint = f"those that have: {', '.join(tested)}; counts are compared as they are"
        raise RequestError("no_interval", message, hint=hint)
    if requirement.op == "==":
        message = f"{start}: rows cannot show that a number is exactly that"
        raise RequestError("no_interval", message, hint="<= or >= can be")


def refuse_skipped(result: ScoreResult, requirements: Sequence[Requirement]) -> None:
    """Raise a `RequestError` if rows were left out and no requirement says how many may be."""
    skipped = result.metrics.skipped_rows
    if requirements and skipped and all(each.name != "skipped_rows" for each in requirements):
        raise RequestError(
            "skipped_rows",
            f"{plural(skipped, 'row')} left out by --missing skip: leaving out hard rows buys passes",
            hint='say how many may be: --require "skipped_rows <= N"',
        )


def _refuse_unsure(result: ScoreResult, requirements: Sequence[Requirement]) -> None:
    """Standard errors of parts that would not be what they seem."""
    for each in requirements:
        if not isinstance(each.selector, OfClass) or each.metric.unit == "count":
            continue
        why = None
        if result.columns.cluster is not None:
            why = "and --cluster: errors of classes take rows as independent"
        elif result.signature.labels != "hard":
            why = f"and {result.signature.labels} labels: the error of a class needs plain ones"
        elif result.signature.class_weights:
            why = "and --class-weight: how a row of another class would have weighed is not known"
        if why is not None:
            raise RequestError(
                "no_interval", f'requirement "{each.text}" cannot be tested with --confidence {why}'
            )


def _level(requirement: Requirement, confidence: float | None) -> float | None:
    """Counts are compared as they are."""
    return None if requirement.metric.unit == "count" else confidence


def _judged(
    requirement: Requirement,
    found: Found,
    unit: Unit,
    shown: Unit,
    confidence: float | None,
    baseline: Baseline | None,
) -> Gate:
    """The gate of one number, found in `unit`, with its numbers in unit `shown`."""
    info = requirement.metric.unit == "info"
    limit_unit = _limit_unit(requirement, shown, baseline) if info else shown
    bar = _bar(requirement, found, limit_unit, shown, baseline)
    there = found.scaled(limit_unit.of(unit.nats)) if info else found
    level, factor = _level(requirement, confidence), shown.of(limit_unit.nats)
    outcome = gate(requirement, there, bar, level)
    if limit_unit == shown or not info:
        return outcome
    here = found.scaled(shown.of(unit.nats))
    if bar.baseline is not None:  # nobody wrote a number in the baseline's unit: the sentence has the output's
        bar = replace(bar, limit=bar.limit * factor, unit=shown.value, baseline=bar.baseline * factor)
        return gate(requirement, here, bar, level, outcome.verdict)
    return _shown(outcome, here, factor)


def _limit_unit(requirement: Requirement, shown: Unit, baseline: Baseline | None) -> Unit:
    if isinstance(requirement.limit, OfBaseline) and baseline is not None:
        return baseline.unit
    return requirement.limit.unit or shown if isinstance(requirement.limit, Amount) else shown


def _bar(requirement: Requirement, found: Found, unit: Unit, shown: Unit, baseline: Baseline | None) -> Bar:
    """The limit in `unit`."""
    info = requirement.metric.unit == "info"
    words = unit.value if info else requirement.metric.unit.replace("count", "")
    limit = requirement.limit
    if isinstance(limit, Amount):
        return Bar(limit.number, words)
    assert baseline is not None  # refused otherwise
    base = baseline.number(requirement, found.class_name, found.by, name_of(requirement, found))
    change = "" if limit.sign is None else f"{limit.sign} {limit.number:.6g}"
    if info and limit.sign in ("+", "-") and unit != shown:
        limit = replace(limit, number=limit.number * unit.of(shown.nats))
    number = limit.of(base)
    if not math.isfinite(number):
        raise RequestError(
            "requirement", f'requirement "{requirement.text}": the limit is more than a number can be'
        )
    return Bar(number, words, base, change, _NOISE)


def _shown(outcome: Gate, found: Found, factor: float) -> Gate:
    """The gate with its numbers in the unit of the output; `factor` takes limits there."""
    limit, margin = (None if x is None else x * factor for x in (outcome.limit, outcome.margin))
    return replace(
        outcome, value=found.value, se=found.se, low=found.low, high=found.high, limit=limit, margin=margin
    )
