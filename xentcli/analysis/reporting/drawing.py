"""The pictures of a page, from what was read: those that it can be drawn from, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec.structs import replace

from xentcli.analysis.plotting.curve import reliability_of_results
from xentcli.analysis.plotting.documents import (
    breakdown_picture,
    confusions_picture,
    mcb_dsc_picture,
    slices_picture,
)
from xentcli.analysis.plotting.losses import losses_picture
from xentcli.analysis.plotting.models import Model
from xentcli.analysis.plotting.reliability import MOST_PANELS, reliability_of
from xentcli.analysis.plotting.two_classes import murphy_picture, roc_picture
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.errors import RequestError
from xentcli.results.pictures import BANDS, Picture
from xentcli.units import Unit

MOST_WORST = 20  # rows that a page lists


def page_plan(inputs: Inputs, plan: Plan) -> Plan:
    """With the costliest rows, and what reliability diagrams of many classes take.

    Of more classes than there are panels the diagram of the top class is drawn alone.
    """
    count = inputs.first.class_count
    events = range(count if count <= MOST_PANELS else 1) if count > 2 and not inputs.first.tokens else ()
    return replace(plan, worst=MOST_WORST, events=tuple(events))


def pictures_of(models: Sequence[Model], unit: Unit) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """The pictures, and why others cannot be drawn.

    `models` has that of the page first, then the base if there is one; pictures of a single model show the first.
    """
    pictures, reasons = [], []
    for draw in _drawn(models, unit):
        try:
            pictures.append(draw())
        except RequestError as error:  # what was read does not hold it, or it would show nothing
            reasons.append(str(error))
    return tuple(pictures), tuple(dict.fromkeys(reasons))


def _drawn(models: Sequence[Model], unit: Unit) -> Iterator[Callable[[], Picture]]:
    """Those that fit the kind of predictions."""
    first = models[0]
    run, result, document = first.run, first.result, first.document
    classes = document.get("classes") or ()
    if document.get("breakdown"):
        yield lambda: breakdown_picture(models, unit)
    if len(models) > 1:
        yield lambda: mcb_dsc_picture(models, unit)
    if run is None and result is not None and result.reliability_curve is not None:
        yield lambda: reliability_of_results({first.name: result})
    if run is not None and result is not None:
        if run.plan.events or (len(classes) == 2 and run.plan.breakdown):
            yield lambda: _reliability(models, unit)
        yield lambda: losses_picture(models, unit)
        if len(classes) == 2 and run.plan.breakdown:
            yield lambda: roc_picture(models)
            yield lambda: murphy_picture(models)
    if document.get("confusions"):
        yield lambda: confusions_picture(first, unit)
    if document.get("slices"):
        yield lambda: slices_picture(first, unit)


def _reliability(models: Sequence[Model], unit: Unit) -> Picture:
    drawn = reliability_of(models, BANDS[0], "prob", unit)
    many = len(drawn.panels) < len(models[0].document["classes"])
    return replace(drawn, panels=()) if many else drawn
