"""Requirements on a comparison. `log_loss <= baseline + 0.005` is about the paired difference new - base.

For the log loss, accuracy and Brier score, of all rows or a slice, what is judged is new - base against the
margin, and new - c base against 0 for `baseline * c`; with a confidence by Student's one-sided bounds (for `<=` a
test of non-inferiority). Other numbers have no paired error: BASE's own stands for the baseline, without a
confidence. Limits without a baseline are judged on NEW's own score.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from xentcli.errors import RequestError
from xentcli.gates.baseline import Baseline
from xentcli.gates.judge import judge, refuse, refuse_skipped
from xentcli.gates.requirement import OfBaseline, OfClass, OfEach, Requirement
from xentcli.gates.values import values
from xentcli.gates.verdict import Bar, Found, gate, name_of
from xentcli.intervals import student_t_quantile
from xentcli.results.compare import UNITS, CompareResult, Difference, SliceDifference
from xentcli.results.outcome import Gate
from xentcli.results.selectors import selector
from xentcli.units import Unit
from xentcli.wording import few

COMPARED = tuple(UNITS)  # the metrics that have a paired difference


def judge_compared(
    result: CompareResult,
    requirements: Sequence[Requirement],
    confidence: float | None = None,
    unit: Unit | None = None,
) -> tuple[Gate, ...]:
    """What becomes of each requirement, in their order; `[COL=*]` has an outcome for each slice.

    Limits are read, and numbers given, in `unit`: by default the result's own. Raises `RequestError` for what
    cannot be judged, `ContentError` where BASE has no such number.
    """
    refuse(requirements, confidence, with_baseline=True)
    refuse_skipped(result.new, requirements)
    _refuse_same_count(requirements)
    shown = result.to_unit(result.unit if unit is None else unit)
    left_out = [each for each in requirements if each.name == "skipped_rows"]
    found: list[Gate] = []
    for each in requirements:
        if isinstance(each.limit, OfBaseline):
            found += _relative(shown, each, each.limit, confidence)
        else:  # those on skipped rows come along to say that somebody thought of them
            gates = judge(result.new, [each, *left_out], confidence=confidence, unit=shown.unit)
            found += gates[: len(gates) - len(left_out)]
    return tuple(found)


def _relative(
    result: CompareResult, requirement: Requirement, limit: OfBaseline, confidence: float | None
) -> Iterator[Gate]:
    if requirement.name in COMPARED and not isinstance(requirement.selector, OfClass):
        for by, found, alike in _differences(result, requirement):
            level = None if alike and limit.sign != "*" else confidence  # the same forecasts: there is no error
            yield _paired(result, requirement, limit, level, by, found)
        return
    _refuse_unpaired(requirement, confidence)
    base = Baseline(result.base.inputs[0].name, result.unit, result.base.to_dict())
    for one in values(result.new, requirement, None):
        number = base.number(requirement, one.class_name, one.by, name_of(requirement, one))
        change = "" if limit.sign is None else f"{limit.sign} {limit.number:.6g}"
        bar = _bounded(requirement, limit.of(number))
        yield gate(requirement, one, Bar(bar, _unit(result, requirement), number, change))


def _paired(
    result: CompareResult,
    requirement: Requirement,
    limit: OfBaseline,
    confidence: float | None,
    by: tuple[tuple[str, str | None], ...],
    difference: Difference,
) -> Gate:
    c = limit.number if limit.sign == "*" else 1.0
    if limit.sign == "*" and difference.base in (0.0, math.inf):
        _refuse_multiple(requirement, difference.base)
    margin = 0.0 if limit.sign in (None, "*") else limit.number if limit.sign == "+" else -limit.number
    value, se = difference.against(c)
    if math.inf in (difference.base, difference.new):  # what is infinite meets nothing, though rows may tie
        value, se = None if value != math.inf else value, None
    known = value is not None and math.isfinite(value)
    if known:
        _bounded(requirement, *(x for x in (value, se) if x is not None))
    reason = "needs at least two rows, or clusters" if known else "rows of infinite loss"
    found = Found(value, None, by, se, reason=reason)
    if confidence is not None and value is not None and se is not None and difference.basis is not None:
        half = student_t_quantile(confidence, difference.basis.df) * se
        found = replace(found, low=value - half, high=value + half)
    outcome = gate(requirement, found, Bar(margin, _unit(result, requirement)), confidence)
    name = name_of(requirement, found)
    of_base = "base" if c == 1.0 else f"{c:.6g} base"
    return replace(outcome, message=f"{name}, new - {of_base},{outcome.message.removeprefix(name)}")


def _differences(
    result: CompareResult, requirement: Requirement
) -> Iterator[tuple[tuple[tuple[str, str | None], ...], Difference, bool]]:
    """The slice, the difference of all rows or of each slice asked for, and whether no row's loss changed."""
    if requirement.name not in result.metrics:
        message = f'requirement "{requirement.text}": tokens have no {requirement.name}'
        raise RequestError("no_difference", message)
    if requirement.selector is None:
        yield (), result.metrics[requirement.name], not result.wins + result.losses
        return
    for part in _slices(result, requirement):
        yield part.by, part.metrics[requirement.name], not part.wins + part.losses


def _refuse_same_count(requirements: Sequence[Requirement]) -> None:
    """Rows that either model lacks are left out of both, so a limit on the other's count would always hold."""
    for each in requirements:
        if each.name == "skipped_rows" and isinstance(each.limit, OfBaseline):
            message = f'requirement "{each.text}" always holds: the same rows are left out of BASE and NEW'
            raise RequestError("skipped_rows", message, hint="skipped_rows <= 10, say")


def _refuse_multiple(requirement: Requirement, base: float) -> None:
    """A relative limit on 0, or on what is infinite, is none."""
    message = f'requirement "{requirement.text}": {requirement.name} of BASE is {"0" if not base else "infinite"}'
    hint = f"say by how much it may differ: {requirement.name} {requirement.op} baseline + 0.01, say"
    raise RequestError("baseline_zero" if not base else "baseline_infinite", message, hint=hint)


def _bounded(requirement: Requirement, *numbers: float) -> float:
    """The first of these numbers, all of which must be finite."""
    if not all(map(math.isfinite, numbers)):
        message = f'requirement "{requirement.text}": the limit is more than a number can be'
        raise RequestError("requirement", message)
    return numbers[0]


def _slices(result: CompareResult, requirement: Requirement) -> list[SliceDifference]:
    of, columns = requirement.selector, requirement.sliced_by
    alike = [part for part in result.slices if {column for column, _ in part.by} == set(columns)]
    asked = [part for part in alike if isinstance(of, OfEach) or dict(part.by) == dict(getattr(of, "by", ()))]
    if not asked:
        shown = few((selector(part.by) for part in alike), 20, "")
        message = f'requirement "{requirement.text}": no row is of this slice'
        hint = f"slices: {shown}" if alike else f"--by {','.join(columns)}"
        raise RequestError("no_such_slice", message, hint=hint)
    return asked


def _refuse_unpaired(requirement: Requirement, confidence: float | None) -> None:
    """A number without a paired difference has no test, and is not known of BASE's slices."""
    start = f'requirement "{requirement.text}"'
    hint = f"those that are compared row by row: {', '.join(COMPARED)}"
    if confidence is not None and requirement.metric.unit != "count":
        of = " by class" if isinstance(requirement.selector, OfClass) else ""
        message = f"{start} cannot be tested with --confidence: {requirement.name} has no paired difference{of}"
        raise RequestError("no_interval", message, hint=hint)
    if requirement.sliced_by:
        raise RequestError("no_difference", f"{start}: {requirement.name} is not compared by slice", hint=hint)


def _unit(result: CompareResult, requirement: Requirement) -> str:
    unit = requirement.metric.unit
    return result.unit.value if unit == "info" else unit.replace("count", "")
