"""Several models on the same rows, the best first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from xentcli.analysis.comparing.rank import rank_files
from xentcli.analysis.comparing.rank_request import ModelRequest, RankRequest
from xentcli.analysis.plotting.models import Model, saved_model
from xentcli.analysis.plotting.request import ModelRequest as PlottedModel
from xentcli.analysis.plotting.request import PlotRequest
from xentcli.errors import RequestError, Where
from xentcli.results.pictures import RankedPoint, RankPicture
from xentcli.results.saved import object_in, objects_in, saved_number
from xentcli.units import Unit

_RANKED = "give the predictions of two models or more, or: xent rank A B ... --json | xent plot rank -"


def rank_picture(request: PlotRequest) -> tuple[RankPicture, list[Model]]:
    """Of predictions, or of the one JSON of `xent rank`.

    Raises as `rank_files` does, and `RequestError` for a result of another command.
    """
    first = request.models[0]
    if first.document is not None and len(request.models) == 1:
        read = saved_model(first, first.document)
        return _picture(first.document, first.file, request.unit), [read]
    _refuse(request.models)
    result = rank_files(
        RankRequest(
            models=tuple(ModelRequest(each.name, each.inputs) for each in request.models),
            on=request.on,
            base=request.base,
            policy=request.policy,
            breakdown=False,
            unit=request.unit,
            engine=request.engine,
        )
    )
    picture = _picture(result.to_dict(), first.file, request.unit)
    return picture, [Model(first.name, first.file, {}, notices=result.notices)]


def _refuse(models: Sequence[PlottedModel]) -> None:
    """Raise a `RequestError` for models that hold no rows, and for a single one."""
    for model in models:
        if model.is_saved:
            holds = "a state" if model.document is None else str(model.document.get("format"))
            message = f"holds {holds}: models are ranked by their rows"
            raise RequestError("saved", message, hint=_RANKED, where=Where(model.file))
    if len(models) == 1:
        message = "is one model, and a ranking has two or more"
        raise RequestError("models", message, hint=_RANKED, where=Where(models[0].file))


def _picture(document: Mapping[str, Any], file: str, unit: Unit) -> RankPicture:
    if document.get("format") != "xent.rank":
        message = f"holds {document.get('format')}, which does not say what rank draws"
        raise RequestError("saved", message, hint=_RANKED, where=Where(file))
    factor = unit.of(Unit(str(document.get("unit"))).nats)
    models = objects_in(document, "models")
    base = document.get("base") or (models[0].get("name") if models else "")
    infinite = any(math.isinf(_log_loss(each)) for each in models if each.get("name") == base)
    return RankPicture(
        models=tuple(_point(each, factor, infinite_base=infinite) for each in models),
        base=str(base),
        level=saved_number(document, "level") or 0.0,
        rows=int(saved_number(document, "rows") or 0),
        unit=unit,
        best_is_base=document.get("base") is None,
    )


def _log_loss(model: Mapping[str, Any]) -> float:
    return saved_number(object_in(model, "metrics"), "log_loss") or 0.0


def _point(model: Mapping[str, Any], factor: float, *, infinite_base: bool) -> RankedPoint:
    """JSON has no difference for the base, which is 0 from itself, and none of a finite loss less an infinite."""
    numbers = (saved_number(object_in(model, "difference"), name) for name in ("value", "low", "high"))
    difference, low, high = (None if number is None else number * factor for number in numbers)
    if model.get("difference") is None:
        difference = 0.0
    elif difference is None and infinite_base and math.isfinite(_log_loss(model)):
        difference = -math.inf
    return RankedPoint(
        name=str(model.get("name")),
        rank_low=int(saved_number(model, "rank_low") or 0),
        rank_high=int(saved_number(model, "rank_high") or 0),
        log_loss=_log_loss(model) * factor,
        difference=difference,
        low=low,
        high=high,
        may_be_best=model.get("may_be_best") is True,
    )
