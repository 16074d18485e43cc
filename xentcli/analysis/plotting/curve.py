"""The reliability curve as part of a result, and a diagram of what a result holds."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from xentcli.analysis.plotting.diagram import diagram, event_named
from xentcli.core.curves.odds import OddsCounts
from xentcli.core.odds.cells import OddsCells
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.errors import RequestError, Where
from xentcli.results.pictures import TOP_CLASS, BandKind, Reliability, ReliabilityPicture
from xentcli.results.reliability import BandPoint, CurvePoint, PredictionBin, ReliabilityCurve
from xentcli.results.score import ScoreResult
from xentcli.states.run import Run


def curve_plan(inputs: Inputs, plan: Plan) -> Plan:
    """With the predictions of the top class, where there are more than two classes."""
    many = inputs.first.class_count > 2 and not inputs.first.tokens
    return replace(plan, events=(0,)) if many else plan


def with_curve(result: ScoreResult, run: Run) -> ScoreResult:
    """The result with its reliability curve and the band of chance, or with the reason why there is none."""
    if (found := _counts(result, run)) is None:
        missing = {"reliability_curve": _reason(result, run)}
        return replace(result, unavailable=result.unavailable | missing)
    event, counts = found
    return replace(result, reliability_curve=_curve(event, result.rows, counts))


def _curve(event: str, rows: int, counts: OddsCounts) -> ReliabilityCurve:
    drawn = diagram("", rows, counts, "consistency", None)
    return ReliabilityCurve(
        event=event,
        curve=tuple(CurvePoint(*point) for point in drawn.curve),
        band=tuple(BandPoint(*point) for point in drawn.band),
        histogram=tuple(PredictionBin(*each) for each in drawn.histogram),
    )


def _counts(result: ScoreResult, run: Run) -> tuple[str, OddsCounts] | None:
    """The event and how often it happened; None where that is not known."""
    if len(result.classes) == 2 and run.plan.breakdown:
        return event_named(result), OddsCounts.of(run.totals.state.breakdown.odds)
    if run.plan.events:
        return TOP_CLASS, OddsCounts.of(run.totals.events.top)
    return None


def _reason(result: ScoreResult, run: Run) -> str:
    if not result.classes:
        return "tokens have no classes to predict"
    if len(result.classes) == 2:
        return "it takes the breakdown"
    return "a state of more than two classes does not say which predictions came true"


def _of_result(name: str, result: ScoreResult, *, band: bool) -> tuple[str, Reliability] | None:
    """The event and its diagram, of a result with the curve or, for two classes, the counts that it takes."""
    curve, odds = result.reliability_curve, result.counts.odds
    two = len(result.classes) == 2
    loss, parts = (result.metrics.log_loss, result.breakdown) if two else (None, None)
    if curve is not None:
        points = tuple((each.prediction, each.share) for each in curve.curve)
        limits = tuple((each.prediction, each.low, each.high) for each in curve.band) if band else ()
        bins = tuple((each.low, each.high, each.share) for each in curve.histogram)
        return curve.event, Reliability(name, result.rows, points, limits, bins, loss, parts)
    if not two or not isinstance(odds, OddsCells):
        return None
    kind: BandKind = "consistency" if band else "none"
    return event_named(result), diagram(name, result.rows, OddsCounts.of(odds), kind, None, loss, parts)


def reliability_of_results(results: Mapping[str, ScoreResult], *, band: bool = True) -> ReliabilityPicture:
    """The diagram of each, by its name; the first has the band.

    Raises `RequestError` where a result has neither a curve nor counts, or where they are of different events.
    """
    found: list[tuple[str, Reliability]] = []
    for name, result in results.items():
        if (one := _of_result(name, result, band=band and not found)) is None:
            message = "has no reliability curve" if name else "the result has no reliability curve"
            hint = "score again with --reliability, or give predictions"
            raise RequestError("saved", message, hint=hint, where=Where(name))
        found.append(one)
    if len({event for event, _ in found}) > 1:
        raise RequestError("classes", f"curves are of different events: {', '.join(event for event, _ in found)}")
    first = next(iter(results.values()))
    return ReliabilityPicture(
        models=tuple(each for _, each in found),
        panels=(),
        event=found[0][0],
        band="consistency" if band else "none",
        axis="prob",
        unit=first.unit,
        class_count=len(first.classes),
        cluster=first.columns.cluster,
        labels=len(first.labels or ()),
        weighted=first.signature.weighted,
    )


def with_own_curve(result: ScoreResult) -> ScoreResult:
    """A result in memory with the curve of its counts, if it has no curve and those."""
    odds = result.counts.odds
    if result.reliability_curve is not None or not isinstance(odds, OddsCells):
        return result
    return replace(result, reliability_curve=_curve(event_named(result), result.rows, OddsCounts.of(odds)))
