"""What recalibration saves, and reliability before and after it on rows that its fit has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xentcli.analysis.calibrating.calibrate import fit_files
from xentcli.analysis.calibrating.request import CalibrateRequest
from xentcli.analysis.plotting.diagram import diagram
from xentcli.analysis.plotting.models import Model
from xentcli.analysis.plotting.request import PlotRequest
from xentcli.core.curves.odds import OddsCounts
from xentcli.core.exact import FloatArray
from xentcli.core.fits.fitted import Fitted, unchanged
from xentcli.core.fits.rows import FitRows
from xentcli.core.numbers.breakdown import isotonic_breakdown
from xentcli.core.odds.cells import OddsCells
from xentcli.errors import RequestError, Where
from xentcli.results.pictures import BandKind, CalibratePicture, MethodPoint, Reliability, ReliabilityPicture
from xentcli.results.saved import objects_in, saved_number
from xentcli.units import Unit


def calibrate_picture(request: PlotRequest) -> tuple[CalibratePicture, list[Model]]:
    """Of predictions, or of the JSON of `xent calibrate`, which has the gains alone.

    Raises as `calibrate_files` does, and `RequestError` for a state, and for a result of another command.
    """
    [model] = request.models
    if model.document is not None:
        return _saved(model.document, model.file, request.unit), []
    if model.state is not None:
        message = "a state does not hold the rows that recalibrations are fitted to"
        hint = "xent plot calibrate PREDICTIONS, or the JSON of xent calibrate PREDICTIONS --format json"
        raise RequestError("saved", message, hint=hint, where=Where(model.file))
    asked = CalibrateRequest(model.inputs, policy=request.policy, engine=request.engine)
    result, found, folds = fit_files(asked)
    there = result.to_unit(request.unit)
    methods = tuple(MethodPoint(m.method, m.gain, m.gain_se, m.method == there.chosen) for m in there.methods)
    before_and_after = None
    if len(result.classes) == 2 and found is not None and folds is not None:
        of_folds = list(zip(folds.rows, found.by_fold, strict=True))
        after = [(rows, fitted) for rows, fitted in of_folds if fitted is not None]
        before = [(rows, unchanged(2)) for rows, _ in after or of_folds]
        models = [("as stated", before), (f"{there.chosen}, by fits that have not seen the row", after)]
        drawn = tuple(_reliability(name, each, request, at == 0) for at, (name, each) in enumerate(models) if each)
        event = result.classes[1]
        before_and_after = ReliabilityPicture(drawn, (), event, request.band, request.axis, request.unit)
    picture = CalibratePicture(before_and_after, methods, request.unit)
    return picture, [Model(model.name, result.inputs[0].name, {}, notices=result.notices)]


def _reliability(
    name: str, folds: Sequence[tuple[FitRows, Fitted]], request: PlotRequest, band: bool
) -> Reliability:
    """Of the predictions of each fold, recalibrated by a fit of its own."""
    rows = FitRows.join([each for each, _ in folds])
    log_odds: FloatArray = np.concatenate([fitted.log_odds(each) for each, fitted in folds])
    loss = rows.mean(np.concatenate([fitted.losses(each) for each, fitted in folds]))
    weights, squares = (OddsCells.of(log_odds, rows.labels == 1, each) for each in (rows.weights, rows.squares))
    counts = OddsCounts.of(weights, squares)
    kind: BandKind = request.band if band else "none"
    breakdown = isotonic_breakdown(counts.positive, counts.negative, loss, int(rows.counts.sum()))
    factor = request.unit.of(1.0)
    return diagram(name, breakdown.rows, counts, kind, request.axis, loss * factor, breakdown.in_unit(factor))


def _saved(document: dict[str, Any], file: str, unit: Unit) -> CalibratePicture:
    if document.get("format") != "xent.calibrate":
        message = f"holds {document.get('format')}, which does not say what recalibration saves"
        hint = "give predictions, or what xent calibrate --format json has written"
        raise RequestError("saved", message, hint=hint, where=Where(file))
    factor, points = unit.of(Unit(str(document.get("unit"))).nats), []
    for each in objects_in(document, "methods"):
        gain, se = (saved_number(each, name) for name in ("gain", "gain_se"))
        name = str(each.get("method"))
        points.append(MethodPoint(name, _times(gain, factor), _times(se, factor), name == document.get("chosen")))
    return CalibratePicture(None, tuple(points), unit)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
