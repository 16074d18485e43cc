"""`xent merge`: the result of all rows together, from the states that parts of them were saved as."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from xentcli.analysis.gating.states import StateGating
from xentcli.analysis.merging.parts import as_one_table, saved_part, with_rows
from xentcli.analysis.request import Target, refuse_no_target, refuse_two_stdins
from xentcli.analysis.saving import refuse_unwritable
from xentcli.analysis.saving import save_state as save
from xentcli.analysis.score import result_of
from xentcli.engine.engine import Progress
from xentcli.errors import ContentError, UnusedOptionError
from xentcli.results.gate import GateResult, Verdicts
from xentcli.results.result import Result
from xentcli.results.score import ScoreResult
from xentcli.states.file import read_states
from xentcli.states.merge_states import merge
from xentcli.states.run import NoRows, Run
from xentcli.units import Unit

if TYPE_CHECKING:
    from xentcli.results.compare import CompareResult
    from xentcli.results.divergence import DivergenceResult
    from xentcli.results.rank import RankResult
    from xentcli.results.worst import WorstResult
    from xentcli.states.comparison import AnyComparison, AnyRun


class MergeRequest(Struct, frozen=True):
    """What `xent merge` is asked; what is required is parsed once it is known what the states are of."""

    paths: tuple[str | os.PathLike[str], ...]
    require: tuple[str, ...] = ()
    confidence: Any = None  # 0.5 to 1
    baseline: Any = None  # a file
    unit: Unit = Unit.NATS
    save_state: Target | None = None  # for the state of the whole; it may be one of those read
    reliability: bool = False  # whether the result of a score has the curve
    progress: Progress | None = None  # is told how far the merging has come

    def __post_init__(self) -> None:
        refuse_no_target("save_state", self.save_state)
        refuse_two_stdins((*self.paths, self.baseline if isinstance(self.baseline, str) else None))


class Merged(Struct, frozen=True):
    """The state of the whole, what it says, and what became of what is required of that."""

    run: AnyRun
    result: Any  # with its gates
    verdicts: Verdicts

    @property
    def summary(self) -> Result:
        """What the summary of a job shows: of scores the verdict before them."""
        return self.verdicts if isinstance(self.verdicts, GateResult) else self.result


def merge_states(paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]], **asked: Any) -> Any:
    """The result of scoring, comparing or ranking as one all that the states in these files were saved from.

    It is what `score_files`, `compare_files`, `rank_files` or `diverge_files` gives of all rows. `asked` has the
    fields of a `MergeRequest`. Raises as `merge_and_gate` does.
    """
    given = (paths,) if isinstance(paths, str | os.PathLike) else tuple(paths)
    return merge_and_gate(MergeRequest(given, **asked)).result


def merge_and_gate(request: MergeRequest) -> Merged:
    """All that the states in these files were saved from as one, and what becomes of what is required of it.

    Raises as `score_files` does: `ContentError` for what is damaged, or no state, or was scored otherwise;
    `RequestError` for requirements on what the states do not hold.
    """
    refuse_unwritable(request.save_state)
    saved = read_states([os.fspath(path) for path in request.paths], request.progress)
    first = next(saved, None)
    gating = StateGating.of(first, request.require, request.confidence, request.baseline)
    whole = merge(chain(() if first is None else (first,), saved))
    if request.save_state is not None and isinstance(whole, Run | NoRows):
        whole = saved_part(whole, request.save_state)
    whole = gating.with_what_it_takes(whole)
    result = result_of_state(whole, reliability=request.reliability)
    if request.save_state is not None:
        save(whole, request.save_state)
    return Merged(whole, *gating.check(result, request.unit))


def result_of_state(
    whole: AnyRun, *, reliability: bool = False
) -> ScoreResult | WorstResult | CompareResult | RankResult | DivergenceResult:
    """What these totals say, in nats, with the curve of `reliability`.

    Raises `ContentError` for totals that no rows can have.
    """
    if isinstance(whole, NoRows) or (isinstance(whole, Run) and not whole.plan.worst):
        return result_of_scores(whole, reliability=reliability)
    if reliability:
        message = "--reliability has no effect: these are no states of xent score"
        raise UnusedOptionError("--reliability", "no_effect", message, hint="leave it out")
    if isinstance(whole, Run):
        return _listed(whole)
    with _possible():
        return _compared(whole)


def result_of_scores(whole: Run | NoRows, *, reliability: bool = False) -> ScoreResult:
    """Likewise of scores, of which some may have been merged in memory."""
    run = as_one_table(with_rows(whole))
    with _possible():
        result = result_of(run)
        if not reliability:
            return result
        from xentcli.analysis.plotting.curve import with_curve

        return with_curve(result, run)


def _listed(whole: Run) -> WorstResult:
    """Likewise of the rows of the largest loss."""
    from xentcli.analysis.worst import worst_of_run  # which a score need not load

    with _possible():
        return worst_of_run(with_rows(whole))


@contextmanager
def _possible() -> Iterator[None]:
    """Raise a `ContentError` if totals, each of which may be sound, cannot be those of any rows together."""
    try:
        yield
    except (ArithmeticError, LookupError, ValueError) as fault:
        raise ContentError("state", "no rows can have the totals of these states") from fault


def _compared(whole: AnyComparison) -> CompareResult | RankResult | DivergenceResult:
    """Likewise of several models."""
    from xentcli.analysis.comparing.differences import comparison_result  # which a score need not load
    from xentcli.analysis.comparing.divergence import divergence_result
    from xentcli.analysis.comparing.standings import ranking_result
    from xentcli.engine.comparing.moved import Moved
    from xentcli.engine.comparing.pairs import ComparedPair

    if isinstance(whole.compared, Moved):
        return divergence_result(whole)
    if isinstance(whole.compared, ComparedPair):
        return comparison_result(whole)
    return ranking_result(whole)
