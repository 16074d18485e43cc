"""What recalibration saves, and reliability before and after it on rows that its fit has not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace

from xentcli.analysis.calibrating.calibrate import fit_files
from xentcli.analysis.calibrating.folds import Folds
from xentcli.analysis.calibrating.request import CalibrateRequest
from xentcli.analysis.plotting.diagram import axis_end, diagram
from xentcli.analysis.plotting.models import Model, saved_model
from xentcli.analysis.plotting.request import PlotRequest
from xentcli.core.curves.odds import OddsCounts
from xentcli.core.curves.reliability import LEAST
from xentcli.core.exact import FloatArray
from xentcli.core.fits.cross_fitting import CrossFit
from xentcli.core.fits.fitted import Fitted, unchanged
from xentcli.core.fits.rows import FitRows
from xentcli.core.numbers.breakdown import isotonic_breakdown
from xentcli.core.odds.cells import OddsCells
from xentcli.errors import RequestError, Where, XentError
from xentcli.results.calibrate import CalibrateResult
from xentcli.results.pictures import BandKind, CalibratePicture, MethodPoint, Reliability, ReliabilityPicture
from xentcli.results.saved import objects_in, saved_number
from xentcli.units import Unit

MOST_CLASSES = 100  # of more, fits by folds take minutes
_DRAWN_BY = {"label_kind": "losses", "no_finite_row": "confusions"}  # what has no fits, by why


def calibrate_picture(request: PlotRequest) -> tuple[CalibratePicture, list[Model]]:
    """Of predictions, or of the JSON of `xent calibrate`, which has the gains alone.

    Raises as `calibrate_files` does, and `RequestError` for a state, and for a result of another command.
    """
    [model] = request.models
    if model.document is not None:
        read = saved_model(model, model.document)
        return _saved(model.document, model.file, request.unit), [read]
    if model.state is not None:
        message = "a state does not hold the rows that recalibrations are fitted to"
        hint = "xent plot calibrate PREDICTIONS, or the JSON of xent calibrate PREDICTIONS --format json"
        raise RequestError("saved", message, hint=hint, where=Where(model.file))
    asked = CalibrateRequest(model.inputs, policy=request.policy, engine=request.engine)
    result, found, folds = _fit(asked, model.file)
    result = result.to_unit(request.unit)
    picture = _picture(result.to_dict(), request.unit)
    if len(result.classes) == 2 and found is not None and folds is not None:
        of_folds = list(zip(folds.rows, found.by_fold, strict=True))
        after = [(rows, fitted) for rows, fitted in of_folds if fitted is not None]
        before = [(rows, unchanged(2)) for rows, _ in after or of_folds]
        models = [("as stated", before), (f"{result.chosen}, by fits that have not seen the row", after)]
        drawn = _reliability({name: each for name, each in models if each}, request, result)
        picture = replace(picture, before_and_after=drawn)
    return picture, [Model(model.name, result.inputs[0].name, {}, notices=result.notices)]


def _fit(request: CalibrateRequest, file: str) -> tuple[CalibrateResult, CrossFit | None, Folds | None]:
    """As `fit_files`; of what cannot be fitted the error names the kind that draws it."""
    try:
        return fit_files(request, MOST_CLASSES)
    except XentError as error:
        if error.code not in _DRAWN_BY:
            raise
        hint = f"xent plot {_DRAWN_BY[error.code]} draws these"
        raise RequestError(error.code, error.message, hint=hint, where=Where(file)) from error


def _reliability(
    models: Mapping[str, Sequence[tuple[FitRows, Fitted]]], request: PlotRequest, result: CalibrateResult
) -> ReliabilityPicture:
    """Of the predictions of each fold, recalibrated by a fit of its own; the first has the band."""
    counted = {name: _counts(folds) for name, folds in models.items()}
    least = axis_end(request.axis, [counts for counts, _, _ in counted.values()])
    factor = request.unit.of(1.0)
    drawn: list[Reliability] = []
    for name, (counts, loss, rows) in counted.items():
        parts = isotonic_breakdown(counts.positive, counts.negative, loss, rows).in_unit(factor)
        band: BandKind = "none" if drawn else request.band
        drawn.append(diagram(name, rows, counts, band, least, loss * factor, parts))
    return ReliabilityPicture(
        models=tuple(drawn),
        panels=(),
        event=result.classes[1],
        band=request.band,
        axis=request.axis,
        unit=request.unit,
        least=least or LEAST,
        cluster=result.columns.cluster,
        weighted=result.signature.weighted,
    )


def _counts(folds: Sequence[tuple[FitRows, Fitted]]) -> tuple[OddsCounts, float, int]:
    """What happened at each recalibrated prediction, the log loss in nats, and how many rows there are."""
    rows = FitRows.join([each for each, _ in folds])
    log_odds: FloatArray = np.concatenate([fitted.log_odds(each) for each, fitted in folds])
    loss = rows.mean(np.concatenate([fitted.losses(each) for each, fitted in folds]))
    weights, squares = (OddsCells.of(log_odds, rows.labels == 1, each) for each in (rows.weights, rows.squares))
    return OddsCounts.of(weights, squares), loss, int(rows.counts.sum())


def _saved(document: Mapping[str, Any], file: str, unit: Unit) -> CalibratePicture:
    if document.get("format") != "xent.calibrate":
        message = f"holds {document.get('format')}, which does not say what recalibration saves"
        hint = "give predictions, or what xent calibrate --format json has written"
        raise RequestError("saved", message, hint=hint, where=Where(file))
    return _picture(document, unit)


def _picture(document: Mapping[str, Any], unit: Unit) -> CalibratePicture:
    """What each method saves, as the JSON of `xent calibrate` has it."""
    factor, chosen = unit.of(Unit(str(document.get("unit"))).nats), str(document.get("chosen"))
    points = []
    for each in objects_in(document, "methods"):
        gain, low = (saved_number(each, name) for name in ("gain", "gain_low"))
        high = None if gain is None or low is None else 2 * gain - low
        name, bounds = str(each.get("method")), (gain, low, high)
        gain, low, high = (None if number is None else number * factor for number in bounds)
        points.append(MethodPoint(name, gain, low, high, str(each.get("verdict")), name == chosen))
    infinite = int(saved_number(document, "infinite_rows") or 0)
    return CalibratePicture(None, tuple(points), unit, chosen, infinite)
