"""Requirements on how far a model has moved: `kl <= 0.01`, `same_top >= 0.98`, `kl[doc=*] <= 0.05`.

With a confidence, the bounds of kl are kl -/+ z_C kl_se (with clusters Student's t), those of same_top Wilson's;
other numbers have none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from xentcli.gates.check_score import no_interval, refuse_confidence, refuse_skipped
from xentcli.gates.estimates import matching_slices
from xentcli.gates.requirement import FixedLimit, Requirement
from xentcli.gates.verdict import Estimate, Threshold, gate_outcome
from xentcli.intervals import Level, wilson
from xentcli.results.divergence import DivergenceBasis, DivergenceMetrics, DivergenceResult
from xentcli.results.selectors import selector
from xentcli.results.verdicts import Gate
from xentcli.units import Unit
from xentcli.wording import few, plural

TESTED = ("kl", "same_top")


def refuse_untested_divergence(requirements: Sequence[Requirement], confidence: float | None) -> None:
    """Raise a `RequestError` for what no file could change: a level, or a number that has no interval."""
    refuse_confidence(confidence)
    for each in requirements:
        if confidence is None or each.is_count:
            continue
        if each.name not in TESTED:
            hint = f"those that have: {', '.join(TESTED)}; counts are compared as they are"
            raise no_interval(each, f": {each.name} has no interval", hint)
        if each.op == "==":
            raise no_interval(each, ": rows cannot show that a number is exactly that", "<= or >= can be")


def check_divergence(
    result: DivergenceResult,
    requirements: Sequence[Requirement],
    level: Level | None = None,
    unit: Unit | None = None,
) -> tuple[Gate, ...]:
    """What becomes of each requirement, in their order; `[COL=*]` has an outcome for each slice.

    Limits without a unit are read, and numbers given, in `unit`: by default the result's own.
    """
    refuse_skipped(result.metrics.skipped_rows, requirements)
    shown = unit or result.unit
    return tuple(
        _outcome(each, found, result.unit, shown, _confidence(result, each, found, level))
        for each in requirements
        for found in _estimates(result, each, None if each.is_count else level)
    )


def _confidence(
    result: DivergenceResult, requirement: Requirement, found: Estimate, level: Level | None
) -> float | None:
    """That of a test; None where there is no error: of counts, and where every row has the same predictions."""
    if level is None or requirement.is_count:
        return None
    metrics = next((part.metrics for part in result.slices if part.by == found.by), result.metrics)
    return None if metrics.kl_max == 0 else level.confidence


def _outcome(requirement: Requirement, found: Estimate, unit: Unit, shown: Unit, confidence: float | None) -> Gate:
    """The gate of a number found in `unit`: compared in the unit of its limit, and given in unit `shown`."""
    limit = requirement.limit
    assert isinstance(limit, FixedLimit)  # BASE is what is measured from: there is no other baseline
    of_limit = limit.unit or shown
    threshold = Threshold(limit.number, requirement.unit_words(of_limit))
    if requirement.metric.unit != "info":
        return gate_outcome(requirement, found, threshold, confidence)
    gate = gate_outcome(requirement, found.in_unit(of_limit.of(unit.nats)), threshold, confidence)
    return gate.in_unit(shown.of(of_limit.nats))


def _estimates(result: DivergenceResult, requirement: Requirement, level: Level | None) -> Iterator[Estimate]:
    if requirement.selector is None:
        reason = result.unavailable.get(requirement.name, "")
        yield _estimate(requirement.name, result.metrics, result.basis, level, (), reason)
        return
    alike, asked = matching_slices(result.slices, requirement)
    if not asked:
        shown = few((selector(part.by) for part in alike), 20, "")
        hint = f"slices: {shown}" if alike else f"--by {','.join(requirement.sliced_by)}"
        raise requirement.error("no_such_slice", "no row is of this slice", hint)
    for part in asked:
        yield _estimate(requirement.name, part.metrics, part.basis, level, part.by, "")


def _estimate(
    name: str,
    metrics: DivergenceMetrics,
    basis: DivergenceBasis,
    level: Level | None,
    by: tuple[tuple[str, str | None], ...],
    reason: str,
) -> Estimate:
    value = getattr(metrics, name)
    if value == math.inf:
        reason = f"NEW gives probability 0 in {plural(metrics.infinite_rows, 'row')} to what BASE does not"
    found = Estimate(value, None, by, reason=reason or "these rows do not determine it")
    if level is None or value is None or value == math.inf:
        return found
    se = metrics.kl_se if name == "kl" else metrics.same_top_se
    count, what = (metrics.rows, "rows") if basis.clusters is None else (basis.clusters, "clusters")
    if se is None or count < 2:
        return replace(found, reason=f"needs at least two {what}")
    z = level.quantile(None if basis.clusters is None else basis.clusters - 1)
    if name == "same_top":
        low, high = wilson(value, basis.effective_rows, z)
        return replace(found, se=se, low=low, high=high)
    return replace(found, se=se, low=value - z * se, high=value + z * se)
