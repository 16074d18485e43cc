"""Reliability diagrams: of two classes from the state of a score, of more by a pass that gathers their events."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from xentcli.analysis.inputs import open_inputs
from xentcli.analysis.plotting.curve import reliability_of_results
from xentcli.analysis.plotting.diagram import axis_end, diagram, event_named
from xentcli.analysis.plotting.models import NEEDS_ROWS, Model, read_model
from xentcli.analysis.plotting.request import ModelRequest, PlotRequest
from xentcli.analysis.plotting.saved import saved_score
from xentcli.analysis.plotting.two_classes import refuse_other_classes
from xentcli.analysis.request import ScoreRequest
from xentcli.analysis.run import run_of_request
from xentcli.core.curves.odds import OddsCounts
from xentcli.core.curves.reliability import (
    FEW_POINTS,
    LEAST,
)
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.errors import RequestError, Where
from xentcli.results.pictures import AXES, BANDS, TOP_CLASS, Axis, BandKind, Reliability, ReliabilityPicture
from xentcli.results.score import ScoreResult
from xentcli.units import Unit

MOST_PANELS = 12  # classes


def reliability_picture(request: PlotRequest) -> tuple[ReliabilityPicture, list[Model]]:
    """Two classes, or the top class of more and of one model a panel for each class; only the first has a band.

    Raises `RequestError` where models are of other classes, and where a state of more than two is given.
    """
    models = [read_model(model, request, partial(_plan, model)) for model in request.models]
    if all(model.run is None for model in models):
        return _saved(models, request), models
    return reliability_of(models, request.band, request.axis, request.unit), models


def _saved(models: Sequence[Model], request: PlotRequest) -> ReliabilityPicture:
    """Of scores that were saved with their curves, which are of probabilities, with a band of consistency."""
    for option, given, usual in (("--axis", request.axis, AXES[0]), ("--band", request.band, BANDS[0])):
        if given not in (usual, "none"):
            message = f"{option} {given} takes predictions, or a state: a saved result has the curve alone"
            raise RequestError("saved", message, hint=NEEDS_ROWS, where=Where(models[0].file))
    results = {}
    for model in models:
        if model.document.get("format") != ScoreResult.format or not model.document.get("reliability_curve"):
            model.scored("reliability")  # which raises what it takes
        results[model.name] = saved_score(model.document, model.file).to_unit(request.unit)
    return reliability_of_results(results, band=request.band != "none")


def reliability_of(models: Sequence[Model], band: BandKind, axis: Axis, unit: Unit) -> ReliabilityPicture:
    """The same of models that were read; those of more than two classes with a plan for their events."""
    classes = [model.scored("reliability")[1].classes for model in models]
    refuse_other_classes(models, classes)
    first, two = models[0], len(classes[0]) == 2
    counts = [_two_classes(model) if two else _top_class(model) for model in models]
    events = () if two or len(models) > 1 else _events(first)
    least = axis_end(axis, [*counts, *(each for _, each in events)])
    drawn = tuple(
        _diagram(model, each, band if model is first else "none", least, two=two)
        for model, each in zip(models, counts, strict=True)
    )
    panels = (diagram(name, drawn[0].rows, each, band, least, points=FEW_POINTS) for name, each in events)
    _, result = first.scored("reliability")
    return ReliabilityPicture(
        models=drawn,
        panels=tuple(panels),
        event=event_named(result) if two else TOP_CLASS,
        band=band,
        axis=axis,
        unit=unit,
        class_count=len(classes[0]),
        least=least or LEAST,
        cluster=result.columns.cluster,
        labels=len(result.labels or ()),
        weighted=result.signature.weighted,
    )


def _diagram(model: Model, counts: OddsCounts, band: BandKind, least: float | None, *, two: bool) -> Reliability:
    """With the parts of the log loss if it is that of the event."""
    _, result = model.scored("reliability")
    parts = (result.metrics.log_loss, result.breakdown) if two else (None, None)
    return diagram(model.name, result.rows, counts, band, least, *parts)


def _two_classes(model: Model) -> OddsCounts:
    state, _ = model.broken_down("reliability")
    return OddsCounts.of(state.breakdown.odds)


def _top_class(model: Model) -> OddsCounts:
    run, result = model.scored("reliability")
    if not result.classes:
        hint = "xent plot losses draws tokens"
        raise RequestError("tokens", "tokens have no classes to predict", hint=hint, where=Where(model.file))
    if not run.plan.events:
        message = "a state of more than two classes does not say which predictions came true"
        raise RequestError("saved", message, hint="give the predictions themselves", where=Where(model.file))
    return OddsCounts.of(run.totals.events.top)


def _events(model: Model) -> tuple[tuple[str, OddsCounts], ...]:
    """The classes that have a panel, by name."""
    run, result = model.scored("reliability")
    pairs = zip(run.plan.events, run.totals.events.classes, strict=True)
    return tuple((result.classes[at], OddsCounts.of(odds)) for at, odds in pairs)


def _plan(model: ModelRequest, inputs: Inputs, request: ScoreRequest) -> Plan:
    """With what is drawn of more than two classes: of all, or of those that most of the weight is of."""
    count = inputs.first.class_count
    if count <= 2:
        return Plan()
    return Plan(breakdown=False, events=tuple(range(count)) if count <= MOST_PANELS else _frequent(model, request))


def _frequent(model: ModelRequest, request: ScoreRequest) -> tuple[int, ...]:
    """The most frequent classes, which it takes a pass to know."""
    run = run_of_request(request, open_inputs(model.inputs), Plan(breakdown=False))
    weight = run.totals.state.classes.labels.weight.totals()
    by_weight = sorted(range(len(weight)), key=lambda number: -weight[number])
    return tuple(sorted(by_weight[:MOST_PANELS]))
