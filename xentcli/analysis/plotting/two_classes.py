"""Murphy and ROC curves of two classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from xentcli.analysis.plotting.diagram import event_named
from xentcli.analysis.plotting.models import Model
from xentcli.core.curves.odds import OddsCounts
from xentcli.core.curves.scores import (
    area,
    brier_score,
    counts_above,
    murphy_curve,
    murphy_thresholds,
    roc_curve,
    roc_hull,
)
from xentcli.core.curves.thinning import thinned
from xentcli.core.exact import FloatArray
from xentcli.errors import RequestError, Where
from xentcli.results.pictures import Decision, ModelCurve, MurphyPicture, Points, RocPicture

_THRESHOLDS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def murphy_picture(models: Sequence[Model]) -> MurphyPicture:
    """A curve a model. Raises `RequestError` for other than two classes."""
    event = event_of(models, "murphy")
    return MurphyPicture(tuple(_murphy(each.name, counts) for each, counts in _counts(models, "murphy")), event)


def roc_picture(models: Sequence[Model]) -> RocPicture:
    """A curve a model. Raises `RequestError` for other than two classes, and where all rows are of one."""
    event = event_of(models, "roc")
    curves = []
    for each, counts in _counts(models, "roc"):
        if not (counts.positive.any() and counts.negative.any()):
            message = "all rows are of one class: there is no ROC curve"
            hint = "xent plot reliability draws such rows"
            raise RequestError("one_class", message, hint=hint, where=Where(each.file))
        curves.append(_roc(each.name, counts))
    return RocPicture(tuple(curves), event)


def event_of(models: Sequence[Model], kind: str) -> str:
    """The class that the predictions of all models are of. Raises `RequestError` for other than two classes."""
    found = []
    for each in models:
        _, result = each.scored(kind)
        if len(result.classes) != 2:
            what = f"{len(result.classes):,} classes" if result.classes else "tokens, which have no classes"
            fits = "reliability" if result.classes else "losses"
            message = f"{kind} is of two classes, and these are {what}"
            hint = f"xent plot {fits} draws these"
            raise RequestError("two_classes", message, hint=hint, where=Where(each.file))
        if result.signature.labels == "soft":
            message = f"{kind} is of plain labels, and these are soft ones"
            hint = "xent plot breakdown draws these"
            raise RequestError("two_classes", message, hint=hint, where=Where(each.file))
        found.append(result.classes)
    refuse_other_classes(models, found)
    return event_named(models[0].scored(kind)[1])


def refuse_other_classes(models: Sequence[Model], classes: Sequence[tuple[str, ...]]) -> None:
    """Raise a `RequestError` where models are of other classes than the first, or have them in another order."""
    for model, found in zip(models, classes, strict=True):
        if found != classes[0]:
            message = f"is about the classes {', '.join(found)}, {models[0].name} about {', '.join(classes[0])}"
            hint = "--positive CLASS or --classes A,B gives all one order" if {*found} == {*classes[0]} else None
            raise RequestError("classes", message, hint=hint, where=Where(model.file))


def _counts(models: Sequence[Model], kind: str) -> Iterator[tuple[Model, OddsCounts]]:
    for each in models:
        state, _ = each.broken_down(kind)
        yield each, OddsCounts.of(state.breakdown.odds)


def _murphy(name: str, counts: OddsCounts) -> ModelCurve:
    recalibrated = counts.recalibrated()
    return ModelCurve(
        name=name,
        curve=_murphy_points(counts.predictions, counts),
        recalibrated=_murphy_points(recalibrated, counts),
        area=brier_score(counts.predictions, counts),
        recalibrated_area=brier_score(recalibrated, counts),
    )


def _murphy_points(predictions: FloatArray, counts: OddsCounts) -> Points:
    thresholds = murphy_thresholds(predictions)
    return points(thresholds, murphy_curve(predictions, counts, thresholds))


def _roc(name: str, counts: OddsCounts) -> ModelCurve:
    curve, hull = roc_curve(counts), roc_hull(counts)
    return ModelCurve(name, points(*curve), points(*hull), area(*curve), area(*hull), tuple(_decisions(counts)))


def _decisions(counts: OddsCounts) -> Iterator[Decision]:
    """At round thresholds."""
    down, up = (float(np.cumsum(each)[-1]) for each in (counts.negative, counts.positive))
    alarms, hits = counts_above(counts, np.array(_THRESHOLDS))
    for threshold, alarm, hit in zip(_THRESHOLDS, alarms.tolist(), hits.tolist(), strict=True):
        yield Decision(
            threshold=threshold,
            predicted=(hit + alarm) / (up + down),
            precision=hit / (hit + alarm) if hit + alarm else None,
            recall=hit / up,
            false_positives=alarm / down,
            accuracy=(hit + down - alarm) / (up + down),
        )


def points(x: FloatArray, y: FloatArray) -> Points:
    """As many of the points `(n,)` as the curve through them needs."""
    kept = thinned(x, y)
    return tuple(zip(x[kept].tolist(), np.asarray(y)[kept].tolist(), strict=True))
