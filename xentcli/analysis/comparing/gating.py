"""Comparisons, rankings and divergences with what becomes of what is required of them."""

from __future__ import annotations

from msgspec.structs import replace

from xentcli.core.numbers.anytime import gate_level
from xentcli.core.numbers.distributions import level
from xentcli.gates.check_comparison import check_comparison
from xentcli.gates.check_divergence import check_divergence
from xentcli.gates.gating import Gating
from xentcli.results.compare import CompareResult
from xentcli.results.divergence import DivergenceResult
from xentcli.results.rank import RankResult
from xentcli.units import Unit


def gate_comparison(result: CompareResult, gating: Gating, unit: Unit) -> CompareResult:
    """The comparison in a unit, with its gates; raises as `check_comparison` does."""
    at = gate_level(gating.confidence, result.anytime)
    gates = check_comparison(result, gating.requirements, at, unit)
    return replace(result.to_unit(unit), gates=gates)


def gate_ranking(result: RankResult, gating: Gating, unit: Unit) -> RankResult:
    """The ranking in a unit, with its gates; raises as `check_ranking` does."""
    result = result.to_unit(unit)
    if not gating.requirements:
        return result
    from xentcli.gates.check_ranking import check_ranking  # which most rankings need not load

    at = gate_level(gating.confidence, result.anytime)
    return replace(result, gates=check_ranking(result, gating.requirements, at, unit))


def gate_divergence(result: DivergenceResult, gating: Gating, unit: Unit) -> DivergenceResult:
    """The divergence in a unit, with its gates; raises as `check_divergence` does."""
    gates = check_divergence(result, gating.requirements, level(gating.confidence), unit)
    return replace(result.to_unit(unit), gates=gates)
