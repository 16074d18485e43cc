"""`xent score` and `xent gate`: the scores, and what becomes of what is required of them.

What only some of them need is imported there: a score of a small file should not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from xentcli.analysis.inputs import open_sources
from xentcli.analysis.request import ScoreRequest
from xentcli.analysis.saving import refuse_unwritable
from xentcli.analysis.score import PlanOf, score_sources
from xentcli.core.numbers.distributions import level
from xentcli.gates.gating import Gating
from xentcli.results.gate import GateResult
from xentcli.results.score import ScoreResult
from xentcli.results.verdicts import Gate, sort_worst_first
from xentcli.states.run import Run

if TYPE_CHECKING:
    from xentcli.gates.baseline import Baseline


def score_files(request: ScoreRequest) -> ScoreResult:
    """Score inputs as one, and judge what is required of the numbers.

    Raises `RequestError`, `ContentError` or `AccessError` (see `xentcli.errors`).
    """
    return gate_of(request).score


def gate_of(request: ScoreRequest) -> GateResult:
    """What became of the requirements, the worst first; the scores; what changed since the baseline.

    Raises as `score_files` does.
    """
    return score_and_gate(request)[1]


def score_and_gate(
    request: ScoreRequest, plan_of: PlanOf | None = None, id: str | None = None
) -> tuple[Run, GateResult]:
    """The run that the result of `gate_of` is computed from, and that; `id` is the column that names rows."""
    refuse_unwritable(request.save_state)
    sources = open_sources(request.inputs)
    baseline = baseline_of(request.gating)
    run, result = score_sources(request, sources, plan_of, id)
    return run, with_gates(result, request.gating, baseline)


def baseline_of(gating: Gating) -> Baseline | None:
    """The baseline of a gating, if it has one: a saved result, or what a state says.

    Raises `AccessError` for a file that cannot be read, `ContentError` for one that is neither.
    """
    if gating.baseline is None:
        return None
    from xentcli.analysis.gating.baseline import read_baseline

    return read_baseline(gating.baseline)


def with_gates(result: ScoreResult, gating: Gating, baseline: Baseline | None) -> GateResult:
    """The scores with what became of what is required of them, and of the baseline's numbers."""
    gates: tuple[Gate, ...] = ()
    if gating.requirements:
        from xentcli.gates.check_score import check_score

        at, unit = level(gating.confidence), result.unit
        gates = check_score(result, gating.requirements, level=at, baseline=baseline, unit=unit)
    score = replace(result, gates=gates)
    if baseline is None:
        return GateResult(tuple(sort_worst_first(gates)), score)
    from xentcli.gates.baseline import baseline_changes

    return GateResult(tuple(sort_worst_first(gates)), score, baseline.name, baseline_changes(score, baseline))
