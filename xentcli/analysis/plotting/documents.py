"""Pictures of what a result says, as its JSON has it: those of predictions and of saved results are alike."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xentcli.analysis.plotting.models import Model
from xentcli.errors import RequestError, Where
from xentcli.results.parts import Breakdown, Number
from xentcli.results.pictures import (
    BreakdownPicture,
    ConfusionCell,
    ConfusionsPicture,
    McbDscPicture,
    ModelParts,
    SlicePoint,
    SlicesPicture,
)
from xentcli.results.saved import object_in, objects_in, saved_number
from xentcli.results.score import MOST_TOLD_APART
from xentcli.results.selectors import selector
from xentcli.units import Unit

_MOST_CLASSES, _MOST_SLICES = 12, 50
_ALIKE = 1e-9  # of label entropies, relative: of the same rows, up to the order in which they were read
_PARTS = ("uncertainty", "discrimination", "refinement", "miscalibration")  # info


def breakdown_picture(models: Sequence[Model], unit: Unit) -> BreakdownPicture:
    """The breakdown of each model."""
    return BreakdownPicture(tuple(part for model in models for part in _parts(model, unit, "breakdown")), unit)


def mcb_dsc_picture(models: Sequence[Model], unit: Unit) -> McbDscPicture:
    """Likewise. Raises `RequestError` where models do not have the same labels."""
    found = [(model, part) for model in models for part in _parts(model, unit, "mcb-dsc")]
    first = found[0][1]
    for model, part in found[1:]:
        one, other = first.breakdown.uncertainty or 0.0, part.breakdown.uncertainty or 0.0
        if abs(one - other) > _ALIKE * max(one, other):
            message = (
                f"{part.name} and {first.name} are of other rows: their label entropy is {other:.4g} and "
                f"{one:.4g} {unit.value}"
            )
            hint = "xent plot breakdown draws them one by one"
            raise RequestError("other_rows", message, hint=hint, where=Where(model.file))
    if all(math.isinf(part.log_loss) for _, part in found):
        message = "every model has rows of infinite loss: none has a place between these axes"
        raise RequestError("infinite", message, hint="xent plot breakdown draws them", where=Where(models[0].file))
    return McbDscPicture(tuple(part for _, part in found), unit)


def _parts(model: Model, unit: Unit, kind: str) -> Iterator[ModelParts]:
    """The breakdowns that a document holds: one of a score, several of a comparison or a ranking."""
    document, factor = model.document, _factor(model.document, unit)
    for name, loss, found in _breakdowns(model, document):
        parts = {each: saved_number(found, each) for each in _PARTS}
        numbers = {each: value * factor for each, value in parts.items() if value is not None}
        if loss is None or len(numbers) < len(_PARTS):
            reason = object_in(document, "unavailable").get("breakdown")
            model_named = "" if name == model.name else f"{name} "  # messages begin with the name of the file
            message = f"{model_named}has no breakdown of the log loss" + (f": {reason}" if reason else "")
            lacks = reason or document.get("classes") == []
            hint = "xent plot losses draws any rows" if lacks else "score again without --no-breakdown"
            raise RequestError("no_breakdown", message, hint=hint, where=Where(model.file))
        yield ModelParts(
            name=name,
            log_loss=loss * factor,
            breakdown=Breakdown(
                method=str(found.get("method")),
                p_value=saved_number(found, "p_value"),
                rows=int(saved_number(found, "rows") or 0),
                error_bound=(saved_number(found, "error_bound") or 0.0) * factor,
                **numbers,
            ),
        )


def _breakdowns(model: Model, document: Mapping[str, Any]) -> Iterator[tuple[str, Number, dict[str, Any]]]:
    """Name, log loss and breakdown of each model in a document."""
    metrics, breakdown = object_in(document, "metrics"), object_in(document, "breakdown")
    match document.get("format"):
        case "xent.score":
            yield model.name, saved_number(metrics, "log_loss"), breakdown
        case "xent.compare":
            for side in ("base", "new"):
                loss = saved_number(object_in(metrics, "log_loss"), side)
                yield f"{model.name}: {side}", loss, object_in(breakdown, side)
        case "xent.rank":
            for each in objects_in(document, "models"):
                loss = saved_number(object_in(each, "metrics"), "log_loss")
                yield str(each.get("name")), loss, object_in(each, "breakdown")
        case _:
            raise _other_document(model, "breakdown", "xent score, compare or rank")


def confusions_picture(model: Model, unit: Unit) -> ConfusionsPicture:
    """Rows by their class and their top class, of the classes whose confusions cost most.

    Raises `RequestError` for a document without them.
    """
    document, factor = _score_document(model, "confusions"), _factor(model.document, unit)
    pairs = [_cell(each, factor) for each in objects_in(document, "confusions")]
    own = {str(each.get("class")): each for each in objects_in(document, "per_class")}
    accuracy = saved_number(object_in(document, "metrics"), "accuracy")
    if (not pairs and accuracy != 1.0) or not own:
        raise _no_confusions(model)
    cost = dict.fromkeys(own, 0.0)
    for each in pairs:
        for name in (each.label, each.forecast):
            cost[name] = cost.get(name, 0.0) + (each.contribution or 0.0)
    costliest = sorted(own, key=lambda name: -cost[name])[:_MOST_CLASSES]
    classes = tuple(name for name in own if name in costliest)
    cells = [each for each in pairs if each.label in classes and each.forecast in classes]
    cells += [_right(name, own[name], pairs, factor) for name in classes]
    loss = (saved_number(object_in(document, "metrics"), "log_loss") or 0.0) * factor
    return ConfusionsPicture(model.name, classes, len(own), tuple(cells), loss, unit)


def _no_confusions(model: Model) -> RequestError:
    """Why a document tells no confusions apart, and what draws such rows."""
    count, labels = len(model.document.get("classes") or ()), object_in(model.document, "signature").get("labels")
    hint = "xent plot losses draws any rows"
    if not count:
        message = "tokens have no classes to take for one another"
    elif labels == "soft":
        message = "confusions are of plain labels, and these are soft ones"
    elif count > MOST_TOLD_APART:
        message = f"these are {count:,} classes, and confusions are told apart of up to {MOST_TOLD_APART}"
    else:
        message, hint = "was made with --no-breakdown", "score again without --no-breakdown"
    return RequestError("no_confusions", message, hint=hint, where=Where(model.file))


def _cell(pair: Mapping[str, Any], factor: float) -> ConfusionCell:
    cost = (saved_number(pair, "contribution") or 0.0) * factor
    rows = int(saved_number(pair, "rows") or 0)
    return ConfusionCell(str(pair.get("label")), str(pair.get("forecast")), rows, cost)


def _right(name: str, own: Mapping[str, Any], pairs: Sequence[ConfusionCell], factor: float) -> ConfusionCell:
    """Rows of a class whose top class it is: what its confusions leave of it."""
    wrong = [each for each in pairs if each.label == name]
    rows = int(saved_number(own, "rows") or 0) - sum(each.rows for each in wrong)
    of_class, cost = (saved_number(own, "contribution") or 0.0) * factor, sum(x.contribution or 0.0 for x in wrong)
    return ConfusionCell(name, name, rows, max(0.0, of_class - cost) if math.isfinite(cost) else None)


def slices_picture(model: Model, unit: Unit) -> SlicesPicture:
    """The slices, the costliest first. Raises `RequestError` for a document without any."""
    document, factor = _score_document(model, "slices"), _factor(model.document, unit)
    found = objects_in(document, "slices")
    if not found:
        hint = "xent plot slices FILE --by COL; of a saved result or state, score again with --by COL"
        raise RequestError("no_slices", "there are no slices", hint=hint, where=Where(model.file))
    if len(found) > _MOST_SLICES:  # each column has those of its own, by what they cost
        found = sorted(found, key=lambda each: -(saved_number(each, "contribution") or 0.0))
    drawn = tuple(_slice(each, factor) for each in found[:_MOST_SLICES])
    overall = (saved_number(object_in(document, "metrics"), "log_loss") or 0.0) * factor
    return SlicesPicture(model.name, drawn, len(found) - len(drawn), overall, unit)


def _slice(each: Mapping[str, Any], factor: float) -> SlicePoint:
    by = object_in(each, "by")
    name = selector((column, None if value is None else str(value)) for column, value in by.items())
    numbers = [
        saved_number(object_in(each, "metrics"), key) for key in ("log_loss", "log_loss_low", "log_loss_high")
    ]
    loss, low, high = (None if number is None else number * factor for number in numbers)
    return SlicePoint(name, int(saved_number(each, "rows") or 0), loss or 0.0, low, high)


def _score_document(model: Model, kind: str) -> Mapping[str, Any]:
    if model.document.get("format") != "xent.score":
        raise _other_document(model, kind, "xent score")
    return model.document


def _other_document(model: Model, kind: str, those: str) -> RequestError:
    message = f"holds {model.document.get('format')}, which does not say what {kind} draws"
    hint = f"predictions, a state, or what {those} --format json has written"
    return RequestError("saved", message, hint=hint, where=Where(model.file))


def _factor(document: Mapping[str, Any], unit: Unit) -> float:
    return unit.of(Unit(str(document.get("unit"))).nats)
