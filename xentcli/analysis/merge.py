"""`xent merge`: the result of all rows together, from the states that parts of them were saved as."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from xentcli.analysis.merging.parts import as_one_table, saved_part, with_rows
from xentcli.analysis.request import Target, refuse_no_target
from xentcli.analysis.saving import refuse_unwritable
from xentcli.analysis.saving import save_state as save
from xentcli.analysis.score import result_of
from xentcli.engine.engine import Progress
from xentcli.errors import ContentError
from xentcli.results.score import ScoreResult
from xentcli.states.file import read_states
from xentcli.states.merge_states import merge
from xentcli.states.run import NoRows, Run
from xentcli.units import Unit

if TYPE_CHECKING:
    from xentcli.results.compare import CompareResult
    from xentcli.results.divergence import DivergenceResult
    from xentcli.results.rank import RankResult
    from xentcli.states.comparison import AnyComparison, AnyRun


def merge_states(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    save_state: Target | None = None,
    unit: Unit | str = Unit.NATS,
    reliability: bool = False,
    progress: Progress | None = None,
) -> Any:
    """The result of scoring, comparing or ranking as one all that the states in these files were saved from.

    It is what `score_files`, `compare_files`, `rank_files` or `diverge_files` gives of all rows.

    `save_state` is a file for the state of the whole; it may be one of those read. `reliability` adds the curve to
    the result of a score. `progress` is told how far the merging has come.

    Raises as `score_files` does: `ContentError` for what is damaged, or no state, or was scored otherwise.
    """
    refuse_no_target("save_state", save_state)
    refuse_unwritable(save_state)
    unit = Unit(unit)
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    whole = merge(read_states([os.fspath(path) for path in given], progress))
    if save_state is not None and isinstance(whole, Run | NoRows):
        whole = saved_part(whole, save_state)
    result = result_of_state(whole, reliability=reliability)
    if save_state is not None:
        save(whole, save_state)
    return result.to_unit(unit)


def result_of_state(
    whole: AnyRun, *, reliability: bool = False
) -> ScoreResult | CompareResult | RankResult | DivergenceResult:
    """What these totals say, in nats, with the curve of `reliability`.

    Raises `ContentError` for totals that no rows can have.
    """
    if isinstance(whole, Run | NoRows):
        return result_of_scores(whole, reliability=reliability)
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
