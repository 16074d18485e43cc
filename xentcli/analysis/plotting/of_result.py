"""The pictures of a result in memory: those that it holds the numbers of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from xentcli.analysis.plotting.curve import reliability_of_results
from xentcli.analysis.plotting.plot import plot_files
from xentcli.analysis.plotting.request import ModelRequest, PlotRequest
from xentcli.analysis.request import InputRequest
from xentcli.errors import RequestError
from xentcli.results.calibrate import CalibrateResult
from xentcli.results.compare import CompareResult
from xentcli.results.gate import GateResult
from xentcli.results.pictures import RANK, Picture
from xentcli.results.rank import RankResult
from xentcli.results.result import InfoResult, Result
from xentcli.results.score import ScoreResult


def pictures_of_result(result: Result) -> dict[str, Picture]:
    """By kind, in the order in which they are shown; none of results that nothing is drawn of."""
    found = {}
    for kind, draw in _drawn(result.score if isinstance(result, GateResult) else result):
        try:
            found[kind] = draw()
        except RequestError:  # it does not hold what this kind takes, or the picture would show nothing
            continue
    return found


def _drawn(result: Result) -> Iterator[tuple[str, Callable[[], Picture]]]:
    """Those that fit the kind of result."""
    match result:
        case ScoreResult():
            yield from _of_score(result)
        case CompareResult():
            sides = {"base": result.base, "new": result.new}
            if result.base.breakdown is not None:
                yield "breakdown", lambda: _plot("breakdown", sides)
            yield "reliability", lambda: reliability_of_results(dict(reversed(sides.items())))
        case RankResult():
            yield RANK, lambda: _plot(RANK, {"": result})
            yield "mcb-dsc", lambda: _plot("mcb-dsc", {"": result})
        case CalibrateResult():
            yield "calibrate", lambda: _plot("calibrate", {"": result})


def _of_score(result: ScoreResult) -> Iterator[tuple[str, Callable[[], Picture]]]:
    named = {result.inputs[0].name if len(result.inputs) == 1 else f"{len(result.inputs)} files": result}
    if result.breakdown is not None:
        yield "breakdown", lambda: _plot("breakdown", named)
    yield "reliability", lambda: reliability_of_results(named)
    if len(result.classes) > 2 and result.confusions:
        yield "confusions", lambda: _plot("confusions", named)
    if result.slices:
        yield "slices", lambda: _plot("slices", named)


def _plot(kind: str, results: Mapping[str, InfoResult]) -> Picture:
    """What `xent plot` draws of the JSON of these."""
    models = tuple(ModelRequest(name, InputRequest(), each.to_dict()) for name, each in results.items())
    unit = next(iter(results.values())).unit
    return plot_files(PlotRequest(kind, models, unit=unit)).picture
