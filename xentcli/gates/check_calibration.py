"""Requirements on what a recalibration saves: `gain >= 0.005`, and `gain_low`, its one-sided 95 % bound."""

from __future__ import annotations

from collections.abc import Sequence

from xentcli.gates.requirement import FixedLimit, Requirement
from xentcli.gates.verdict import Estimate, Threshold, gate_outcome
from xentcli.results.calibrate import CalibrateResult
from xentcli.results.verdicts import Gate, sort_worst_first

_UNSEEN = "needs rows that a fit has not seen: more rows, or folds"
_SHIFTED = "needs --prior-from, and rows of the new class frequencies: these have those before the shift"


def check_calibration(result: CalibrateResult, requirements: Sequence[Requirement]) -> tuple[Gate, ...]:
    """What becomes of each requirement, the worst first, in the unit of the result.

    The gain is that of what is saved: 0 where predictions are left as they are.
    """
    return tuple(sort_worst_first([_outcome(result, each) for each in requirements]))


def _outcome(result: CalibrateResult, requirement: Requirement) -> Gate:
    limit = requirement.limit
    assert isinstance(limit, FixedLimit)  # there is no baseline
    value = 0.0 if result.chosen == "none" else getattr(result.judged, requirement.name)
    unit = limit.unit or result.unit
    found = Estimate(value, reason=_SHIFTED if result.judged.method == "prior" else _UNSEEN)
    found = found.in_unit(unit.of(result.unit.nats))
    gate = gate_outcome(requirement, found, Threshold(limit.number, unit.value))
    return gate.in_unit(result.unit.of(unit.nats))
