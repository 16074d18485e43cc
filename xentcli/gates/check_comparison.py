"""Requirements on a comparison. `log_loss <= baseline + 0.005` is about the paired difference new - base.

For the log loss, accuracy and Brier score, of all rows or a slice, what is checked is new - base against the
margin, and new - c base against 0 for `baseline * c`; with a confidence by Student's one-sided bounds (for `<=` a
test of non-inferiority), and where intervals hold at every look always by one-sided bounds that do so. Other
numbers have no paired error: BASE's own stands for the baseline, without a confidence. Limits without a baseline
are checked on NEW's own score.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from xentcli.errors import RequestError
from xentcli.gates.baseline import Baseline
from xentcli.gates.check_score import check_score, no_interval, refuse_skipped, refuse_untestable
from xentcli.gates.estimates import estimates, matching_slices
from xentcli.gates.requirement import BaselineLimit, Requirement
from xentcli.gates.verdict import Estimate, Threshold, gate_outcome, number_name
from xentcli.intervals import Level
from xentcli.results.compare import COMPARED, CompareResult, Difference
from xentcli.results.selectors import selector
from xentcli.results.verdicts import Gate
from xentcli.units import Unit
from xentcli.wording import few


def check_comparison(
    result: CompareResult,
    requirements: Sequence[Requirement],
    level: Level | None = None,
    unit: Unit | None = None,
) -> tuple[Gate, ...]:
    """What becomes of each requirement, in their order; `[COL=*]` has an outcome for each slice.

    Limits are read, and numbers given, in `unit`: by default the result's own. Raises `RequestError` for what
    cannot be checked, `ContentError` where BASE has no such number. Where the intervals of `result` hold at every
    look, so do the bounds of `level`, and only differences are tested.
    """
    one_look = level if result.anytime is None else None
    refuse_untestable(requirements, None if one_look is None else one_look.confidence, with_baseline=True)
    refuse_skipped(result.new.metrics.skipped_rows, requirements)
    _refuse_same_count(requirements)
    shown = result.to_unit(result.unit if unit is None else unit)
    left_out = [each for each in requirements if each.name == "skipped_rows"]
    found: list[Gate] = []
    for each in requirements:
        if isinstance(each.limit, BaselineLimit):
            found += _baseline_gates(shown, each, each.limit, level)
        else:  # those on skipped rows come along to say that somebody thought of them
            gates = check_score(result.new, [each, *left_out], level=one_look, unit=shown.unit)
            found += gates[: len(gates) - len(left_out)]
    return tuple(found)


def _baseline_gates(
    result: CompareResult, requirement: Requirement, limit: BaselineLimit, level: Level | None
) -> Iterator[Gate]:
    if _is_paired(requirement) or _is_of_auc(requirement, result):
        for by, found, alike in _differences(result, requirement):
            # The same predictions: there is no error. But rows to come, at which one will look too, may differ.
            certain = alike and limit.sign != "*" and result.anytime is None
            yield _paired_outcome(result, requirement, limit, None if certain else level, by, found)
        return
    _refuse_unpaired(requirement, level if result.anytime is None else None)
    base = Baseline(result.base.inputs[0].name, result.unit, result.base.to_dict())
    for one in estimates(result.new, requirement, None):
        yield gate_outcome(requirement, one, base.threshold(requirement, limit, one, result.unit))


def _paired_outcome(
    result: CompareResult,
    requirement: Requirement,
    limit: BaselineLimit,
    level: Level | None,
    by: tuple[tuple[str, str | None], ...],
    difference: Difference,
) -> Gate:
    factor = limit.number if limit.sign == "*" else 1.0
    if limit.sign == "*" and difference.base in (0.0, math.inf):
        _refuse_multiple(requirement, difference.base)
    margin = {"+": limit.number, "-": -limit.number}.get(limit.sign or "", 0.0)
    value, se = difference.relative_to(factor)
    if math.inf in (difference.base, difference.new):  # what is infinite meets nothing, though rows may tie
        value, se = None if value != math.inf else value, None
    known = value is not None and math.isfinite(value)
    if known:
        requirement.refuse_infinite(value, se)
    reason = difference.reason if known or requirement.name == "auc" else "rows of infinite loss"
    found = Estimate(value, None, by, se, reason=reason)
    if level is not None and value is not None and se is not None and difference.basis is not None:
        half = level.quantile(difference.basis.df) * se
        found = replace(found, low=value - half, high=value + half)
    threshold = Threshold(margin, requirement.unit_words(result.unit))
    outcome = gate_outcome(requirement, found, threshold, None if level is None else level.confidence)
    name = number_name(requirement, found)
    of_base = "base" if factor == 1.0 else f"{factor:.6g} base"
    return replace(
        outcome, message=f"{name}, {requirement.model or 'new'} - {of_base},{outcome.message.removeprefix(name)}"
    )


def _is_paired(requirement: Requirement) -> bool:
    """Whether it is about a difference with a paired error."""
    return requirement.by_baseline and requirement.name in COMPARED and not requirement.by_class


def _is_of_auc(requirement: Requirement, result: CompareResult) -> bool:
    """Likewise of that of the AUCs, which is tested at one look only."""
    return requirement.by_baseline and requirement.name == "auc" in result.metrics and result.anytime is None


def refuse_one_look(requirements: Sequence[Requirement], confidence: float | None) -> None:
    """Raise a `RequestError` for a requirement that is tested, but not by a test that holds at every look."""
    for each in requirements:
        if _is_paired(each):
            if each.op == "==":
                message = f'requirement "{each.text}" cannot be tested: rows cannot show that models are alike'
                raise RequestError("no_interval", message, hint="<= or >= can be")
        elif confidence is not None and not each.is_count:
            message = f'requirement "{each.text}" has no test that holds at every look (--anytime)'
            hint = "log_loss <= baseline + 0.01 has one; without --confidence the number itself is compared"
            raise RequestError("no_interval", message, hint=hint)


def _differences(
    result: CompareResult, requirement: Requirement
) -> Iterator[tuple[tuple[tuple[str, str | None], ...], Difference, bool]]:
    """The slice, the difference of all rows or of each slice asked for, and whether no row's loss changed."""
    if requirement.name not in result.metrics:
        raise requirement.error("no_difference", f"tokens have no {requirement.name}")
    if requirement.selector is None:
        yield (), result.metrics[requirement.name], not result.wins + result.losses
        return
    if requirement.name == "auc":
        hint = f"of all rows it is: auc {requirement.op} baseline - 0.01, say"
        raise requirement.error("no_difference", "auc is not compared by slice", hint)
    alike, asked = matching_slices(result.slices, requirement)
    if not asked:
        shown = few((selector(part.by) for part in alike), 20, "")
        hint = f"slices: {shown}" if alike else f"--by {','.join(requirement.sliced_by)}"
        raise requirement.error("no_such_slice", "no row is of this slice", hint)
    for part in asked:
        yield part.by, part.metrics[requirement.name], not part.wins + part.losses


def _refuse_same_count(requirements: Sequence[Requirement]) -> None:
    """Rows that either model lacks are left out of both, so a limit on the other's count would always hold."""
    for each in requirements:
        if each.name == "skipped_rows" and each.by_baseline:
            message = f'requirement "{each.text}" always holds: the same rows are left out of BASE and NEW'
            raise RequestError("skipped_rows", message, hint="skipped_rows <= 10, say")


def _refuse_multiple(requirement: Requirement, base: float) -> None:
    """A relative limit on 0, or on what is infinite, is none."""
    code, what = ("baseline_zero", "0") if not base else ("baseline_infinite", "infinite")
    hint = f"say by how much it may differ: {requirement.name} {requirement.op} baseline + 0.01, say"
    raise requirement.error(code, f"{requirement.name} of BASE is {what}", hint)


def _refuse_unpaired(requirement: Requirement, level: Level | None) -> None:
    """A number without a paired difference has no test, and is not known of BASE's slices."""
    hint = f"those that are compared row by row: {', '.join(COMPARED)}"
    if level is not None and not requirement.is_count:
        of = " by class" if requirement.by_class else ""
        raise no_interval(requirement, f": {requirement.name} has no paired difference{of}", hint)
    if requirement.sliced_by:
        raise requirement.error("no_difference", f"{requirement.name} is not compared by slice", hint)
