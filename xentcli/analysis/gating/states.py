"""What is required of the whole that states make: which numbers there are hangs on the command that saved them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from xentcli.analysis.gating.scores import baseline_of, with_gates
from xentcli.analysis.request import refuse_no_sequence
from xentcli.errors import RequestError, UnusedOptionError, Where
from xentcli.gates.gating import Gating, parse_divergence_gating, parse_gating
from xentcli.results.gate import ModelVerdicts, Verdicts
from xentcli.results.score import ScoreResult
from xentcli.results.worst import WorstResult
from xentcli.states.merge import SavedRun
from xentcli.states.run import NoRows, Run
from xentcli.units import Unit

if TYPE_CHECKING:
    from xentcli.gates.baseline import Baseline
    from xentcli.states.comparison import AnyComparison, AnyRun


class StateGating(Struct, frozen=True):
    """Requirements on states of one command, and what they are held against."""

    gating: Gating
    baseline: Baseline | None = None
    file: str = ""  # of the first state

    @classmethod
    def of(
        cls,
        first: SavedRun[AnyRun] | None,
        require: Sequence[str],
        confidence: Any,
        baseline: Any,
        read: Baseline | None = None,
    ) -> StateGating:
        """What texts ask for of states such as the first; without one, nothing is checked.

        `baseline` is a file, and `read` what is in it if that is known.

        Raises `RequestError` for what cannot be checked of them, and what reading a baseline raises.
        """
        if first is None:
            return cls(Gating())
        if isinstance(first.run, Run) and first.run.plan.worst:
            gating = _parse_no_gating(first.file, require, confidence, baseline)
        elif isinstance(first.run, Run | NoRows):
            gating = parse_gating(require, confidence, baseline)
        else:
            gating = _parse_of_models(first.run, require, confidence, baseline)
        return cls(gating, read or baseline_of(gating), first.file)

    def with_what_it_takes(self, whole: AnyRun) -> AnyRun:
        """The whole with the errors of classes where they are tested.

        Raises a `RequestError` where slices that are required were not saved.
        """
        if isinstance(whole, NoRows):
            return whole
        refuse_other_slices(whole, self.file, self.gating)
        return whole.with_class_errors(self.gating.class_errors)

    def check(self, result: Any, unit: Unit) -> tuple[Any, Verdicts]:
        """The result in a unit with its gates, and the verdicts, the worst first."""
        if isinstance(result, WorstResult):
            return result.to_unit(unit), ModelVerdicts((), result.doubts, result.scored_rows, unit, result.inputs)
        if isinstance(result, ScoreResult):
            gate = with_gates(result.to_unit(unit), self.gating, self.baseline)
            return gate.score, gate
        from xentcli.analysis.comparing.gating import gate_comparison, gate_divergence, gate_ranking

        gates: dict[str, Callable[[Any, Gating, Unit], Any]]
        gates = {"xent.compare": gate_comparison, "xent.rank": gate_ranking, "xent.divergence": gate_divergence}
        found = gates[result.format](result, self.gating, unit)
        return found, found.verdicts


def _parse_no_gating(file: str, require: Sequence[str], confidence: Any, baseline: Any) -> Gating:
    """No requirement; raises a `RequestError` for any."""
    if require or confidence is not None or baseline is not None:
        message = "holds the rows of the largest loss, which requirements are not about"
        hint = f"xent gate {file} judges the scores of all rows"
        raise RequestError("no_requirement", message, hint=hint, where=Where(file))
    return Gating()


def _parse_of_models(run: AnyComparison, require: Sequence[str], confidence: Any, baseline: Any) -> Gating:
    if baseline is not None:
        message = f"--baseline has no effect on a state of xent {run.command}: its BASE is the baseline"
        raise UnusedOptionError("--baseline", "no_effect", message, hint="leave it out")
    if run.command == "divergence":
        return parse_divergence_gating(require, confidence)
    ranked = run.command == "rank"
    gating = parse_gating(require, confidence, paired=True, ranked=ranked)
    refuse_no_sequence(run.anytime, gating)
    if ranked and gating.requirements:
        _refuse_no_base(run, gating)
        _refuse_no_areas(run, gating)
        from xentcli.gates.check_ranking import refuse_unknown_models

        refuse_unknown_models(gating.requirements, run.names, None if run.base is None else run.names[run.base])
    return gating


def _refuse_no_base(run: AnyComparison, gating: Gating) -> None:
    """Raise a `RequestError` for a limit that hangs on a base where models were ranked without one."""
    for each in gating.requirements:
        if each.by_baseline and run.base is None:
            message = f'requirement "{each.text}" needs a base, and these models were ranked without one'
            raise RequestError("no_baseline", message, hint="xent rank ... --base NAME --save-state STATE")


def _refuse_no_areas(run: AnyComparison, gating: Gating) -> None:
    """Raise a `RequestError` for a difference of AUCs that was not saved: most rankings do without."""
    if gating.areas and run.anytime is None and not getattr(run.compared, "areas", ()):
        message = "the states of these rankings do not hold the differences of AUCs"
        hint = "--require 'auc[MODEL] >= baseline' --exit-zero, where the parts are ranked"
        raise RequestError("no_difference", message, hint=hint)


def refuse_other_slices(state: Run | AnyComparison, file: str, gating: Gating) -> None:
    """Raise a `RequestError` for requirements on slices that were not saved."""
    run = state if isinstance(state, Run) else state.runs[0]
    known = [set(names) for names in run.columns.keys.by]
    for names in gating.slices:
        if set(names) not in known:
            by = ",".join(names)
            message = f"was saved without slices by {by}, which a requirement is about"
            hint = f"--by {by}, where the parts are scored"
            raise RequestError("no_such_slice", message, hint=hint, where=Where(file))
