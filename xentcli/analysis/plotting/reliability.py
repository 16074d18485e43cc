"""Reliability diagrams: of two classes from the state of a score, of more by a pass that gathers their events."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from xentcli.analysis.inputs import open_inputs
from xentcli.analysis.plotting.diagram import diagram
from xentcli.analysis.plotting.models import Model, read_model
from xentcli.analysis.plotting.request import ModelRequest, PlotRequest
from xentcli.analysis.plotting.two_classes import refuse_other_classes
from xentcli.analysis.request import ScoreRequest
from xentcli.analysis.run import run_of_request
from xentcli.core.curves.odds import OddsCounts
from xentcli.core.curves.reliability import SMALL
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.errors import RequestError, Where
from xentcli.results.pictures import TOP_CLASS, Axis, BandKind, Reliability, ReliabilityPicture
from xentcli.units import Unit

MOST_PANELS = 12  # classes


def reliability_picture(request: PlotRequest) -> tuple[ReliabilityPicture, list[Model]]:
    """Two classes, or the top class of more and of one model a panel for each class; only the first has a band.

    Raises `RequestError` where models are of other classes, and where a state of more than two is given.
    """
    models = [read_model(model, request, partial(_plan, model)) for model in request.models]
    return reliability_of(models, request.band, request.axis, request.unit), models


def reliability_of(models: Sequence[Model], band: BandKind, axis: Axis, unit: Unit) -> ReliabilityPicture:
    """The same of models that were read; those of more than two classes with a plan for their events."""
    classes = [model.scored("reliability")[1].classes for model in models]
    refuse_other_classes(models, classes)
    rest: list[BandKind] = ["none"] * (len(models) - 1)
    two = len(classes[0]) == 2
    draw = _two_classes if two else _top_class
    pairs = zip(models, [band, *rest], strict=True)
    drawn = tuple(draw(model, of_model, axis) for model, of_model in pairs)
    panels = () if two or len(models) > 1 else _panels(models[0], band, axis)
    event = classes[0][1] if two else TOP_CLASS
    return ReliabilityPicture(drawn, panels, event, band, axis, unit)


def _two_classes(model: Model, band: BandKind, axis: Axis) -> Reliability:
    state, result = model.broken_down("reliability")
    counts, loss = OddsCounts.of(state.breakdown.odds), result.metrics.log_loss
    return diagram(model.name, result.rows, counts, band, axis, loss, result.breakdown)


def _top_class(model: Model, band: BandKind, axis: Axis) -> Reliability:
    run, result = model.scored("reliability")
    if not result.classes:
        hint = "xent plot losses draws tokens"
        raise RequestError("tokens", "tokens have no classes to predict", hint=hint, where=Where(model.file))
    if not run.plan.events:
        message = "a state of more than two classes does not say which predictions came true"
        raise RequestError("saved", message, hint="give the predictions themselves", where=Where(model.file))
    return diagram(model.name, result.rows, OddsCounts.of(run.totals.events.top), band, axis)


def _panels(model: Model, band: BandKind, axis: Axis) -> tuple[Reliability, ...]:
    run, result = model.scored("reliability")
    pairs = zip(run.plan.events, run.totals.events.classes, strict=True)
    return tuple(
        diagram(result.classes[at], result.rows, OddsCounts.of(odds), band, axis, detail=SMALL)
        for at, odds in pairs
    )


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
