"""`xent calibrate`: recalibrations fitted, what they save on rows that a fit has not seen, and the one to save."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from xentcli import __version__
from xentcli.analysis.applying.targets import targets_of
from xentcli.analysis.calibrating.folds import Folds, folds_of
from xentcli.analysis.calibrating.prior_shift import PRIOR, Frequencies, shifted
from xentcli.analysis.calibrating.request import ESTIMATE, CalibrateRequest
from xentcli.analysis.inputs import open_inputs
from xentcli.analysis.refusals import refuse_bad_sums, refuse_foreign_logits
from xentcli.analysis.request import refuse_overwriting
from xentcli.analysis.run import run_notices, run_of_request
from xentcli.analysis.saving import refuse_unwritable
from xentcli.core.batch import SummaryOptions
from xentcli.core.exact import ONE, ratio
from xentcli.core.fits.cross_fitting import NONE, CrossFit, Gain, cross_fit, gain_of
from xentcli.core.fits.fitted import Fitted
from xentcli.core.fits.folds import FoldPlan, for_fitting
from xentcli.core.fits.methods import counts_by_odds, methods_for
from xentcli.core.fits.rows import FitRows
from xentcli.core.numbers.summary import summarize
from xentcli.core.numbers.venn_abers import venn_abers_steps
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.errors import Notice, RequestError, Where
from xentcli.results.calibrate import AUTO, CalibrateResult, MethodResult
from xentcli.results.calibration_map import CalibrationFit, CalibrationMap, FittedInput, calibration_map
from xentcli.states.run import Run
from xentcli.units import Unit
from xentcli.wording import plural

_DEFAULT_FOLDS = 5
_LEAST_TO_CHOOSE = 3  # folds: one that is predicted, and two to choose by


_ESTIMATED = Notice(
    "prior_estimated",
    1,
    "estimated frequencies are right if the predictions are calibrated for those of --prior-from",
)


def calibrate_files(request: CalibrateRequest) -> CalibrateResult:
    """Fit recalibrations to inputs taken as one, and save the one chosen.

    Raises as `score_files` does; `RequestError` for soft labels and tokens, which no calibration is of, and
    `ContentError` where no row can be fitted to or class frequencies cannot be estimated.
    """
    return _finish(request, fit_files(request)[0])


def fit_files(
    request: CalibrateRequest, most_classes: int | None = None
) -> tuple[CalibrateResult, CrossFit | None, Folds | None]:
    """The same in nats, before it is saved or judged, and what it is made from: nothing without labels.

    Raises `RequestError` for more classes than these, of which fits by folds take long.
    """
    frequencies = Frequencies.of(request.shift, request.inputs)
    refuse_unwritable(request.save)
    inputs = _open(request, frequencies)
    if request.cross_fit is not None:
        targets_of(request.cross_fit, [source.name for source in inputs.sources])
    refuse_overwriting(request.save, [source.name for source in inputs.sources], request.inputs.labels)
    columns = inputs.first
    if columns.label_kind != "hard" or columns.multilabel is not None:
        kind = "several labels a row" if columns.multilabel is not None else f"{columns.label_kind} labels"
        message = f"a calibration is of one plain label a row, not of {kind}"
        raise RequestError("label_kind", message, where=Where(inputs.name))
    if columns.label is None:
        return _estimated(request, inputs, frequencies), None, None
    if most_classes is not None and columns.class_count > most_classes:
        message = f"{columns.class_count:,} classes are too many to try every recalibration for a picture"
        hint = "xent plot reliability draws these; xent calibrate --method temperature fits one recalibration"
        raise RequestError("many_classes", message, hint=hint, where=Where(inputs.name))
    folds = FoldPlan(request.folds or _DEFAULT_FOLDS, request.inputs.spec.fold is not None)
    run = run_of_request(request, inputs, Plan(breakdown=False, folds=folds))
    _refuse_wrong_losses(request, run)
    result, found, of_folds = _result(request, run, frequencies)
    if request.cross_fit is not None:
        _write_cross_fitted(request, run, result.calibration, found, of_folds)
    return result, found, of_folds


def _refuse_wrong_losses(request: CalibrateRequest, run: Run) -> None:
    """Probabilities and classes that `xent score` refuses too."""
    options = SummaryOptions(run.columns.label_kind, breakdown=False, calibration=False)
    summary = summarize(run.totals.state, run.classes, options)
    refuse_bad_sums(summary, request.policy, run.inputs[0].name)
    refuse_foreign_logits(summary, run.columns, run.inputs[0].name)


def _open(request: CalibrateRequest, frequencies: Frequencies) -> Inputs:
    """The inputs; where frequencies are estimated they may have no labels, as the classes are known."""
    if request.shift.after != ESTIMATE:
        return open_inputs(request.inputs)
    return open_inputs(replace(request.inputs, spec=replace(request.inputs.spec, known=_known(frequencies))))


def _estimated(request: CalibrateRequest, inputs: Inputs, frequencies: Frequencies) -> CalibrateResult:
    """The result for inputs without labels, whose class frequencies are estimated, in nats."""
    from xentcli.analysis.calibrating.prior_estimate import unlabelled_result, unlabelled_run

    if request.cross_fit is not None:
        message = "--cross-fit needs labels: without them nothing is fitted"
        raise RequestError("cross_fit", message, hint="xent apply cal.json FILE -o OUT")
    run, rows = unlabelled_run(request, inputs, _known(frequencies))
    fitted = shifted(frequencies, run.classes, rows)
    count = int(rows.weights.sum())
    fit = CalibrationFit(count, float(count), None, None, None, None, None, tuple(_digests(run, request)))
    return unlabelled_result(run, rows, _calibration(run, fitted, [rows], fit), _ESTIMATED)


def _known(frequencies: Frequencies) -> tuple[str, ...]:
    """The classes that --prior-from names."""
    assert frequencies.before is not None  # an estimate without them is refused
    return tuple(dict.fromkeys(name for name, _ in frequencies.before.amounts))


def _finish(request: CalibrateRequest, result: CalibrateResult) -> CalibrateResult:
    """The result in its unit, once it is saved, with what became of requirements."""
    if request.save is not None:
        from xentcli.states.calibration import write_calibration

        write_calibration(result.calibration, request.save)
    result = result.to_unit(request.unit)
    if not request.gating.requirements:
        return result
    from xentcli.gates.check_calibration import check_calibration

    return replace(result, gates=check_calibration(result, request.gating.requirements))


def _result(
    request: CalibrateRequest, run: Run, frequencies: Frequencies
) -> tuple[CalibrateResult, CrossFit, Folds]:
    """The result, in nats, and what it is made from."""
    folds = folds_of(run)
    every, losses = FitRows.join(folds.rows), run.totals.state.losses
    stated = losses.loss.mean()
    assert stated is not None  # there are rows to fit to, each of finite loss
    beyond = stated - every.mean(every.losses())
    kept, total = run.totals.folds.total_kept()
    exact = run.totals.folds.exact and kept == total
    shift = shifted(frequencies, run.classes, every) if request.shift.given else None
    found = _fits(request, run, folds.rows, shift, beyond if exact else 0.0)
    methods = _methods(found, run.classes, beyond, exact=exact)
    judged = methods[-1] if found.chosen.method != NONE else None
    after = next((m.log_loss_in_sample for m in methods if m.method == found.chosen.method), stated)
    fit = CalibrationFit(
        rows=losses.rows,
        weight=ratio(losses.weight, ONE),
        log_loss=stated,
        log_loss_calibrated=after,
        gain=0.0 if judged is None else judged.gain,
        gain_se=0.0 if judged is None else judged.gain_se,
        folds=len(folds.rows),
        inputs=tuple(_digests(run, request)),
    )
    result = CalibrateResult(
        version=__version__,
        signature=run.signature(),
        inputs=run.inputs,
        columns=run.columns_used(),
        rows=losses.rows,
        infinite_rows=losses.counts.infinite,
        weight=fit.weight,
        classes=run.classes,
        input_kind=run.columns.kind.value,
        unit=Unit.NATS,
        log_loss=stated,
        methods=methods,
        chosen=found.chosen.method,
        folds=len(folds.rows),
        fold_column=run.columns.keys.fold,
        forward=request.forward,
        calibration=_calibration(run, found.chosen, folds.rows, fit),
        notices=(*run_notices(run), *_notices(request, run, found, folds)),
    )
    return result, found, folds


def _write_cross_fitted(
    request: CalibrateRequest, run: Run, chosen: CalibrationMap, found: CrossFit, folds: Folds
) -> None:
    """Write the inputs again, each row recalibrated by a fit that has not seen it, or as it was where none has."""
    from xentcli.analysis.applying.apply import ApplyRequest, apply_to_files
    from xentcli.engine.rewriting.cross_fitted import FoldMaps

    fits = {id(fitted): fitted for fitted in found.by_fold if fitted is not None}
    maps = {key: calibration_map(run.classes, each.method, each.named(run.classes)) for key, each in fits.items()}
    by_name = {
        name: maps[id(fitted)]
        for names, fitted in zip(folds.names, found.by_fold, strict=True)
        for name in names
        if fitted is not None
    }
    spec = replace(request.inputs.spec, label=None, weight=None, where=())
    apply_to_files(
        ApplyRequest(
            map=calibration_map(chosen.classes, NONE, {}),
            inputs=replace(request.inputs, spec=spec),
            output=request.cross_fit,
            policy=request.policy,
            folds=FoldMaps(run.plan.folds or FoldPlan(), by_name),
        )
    )


def _fits(
    request: CalibrateRequest, run: Run, folds: Sequence[FitRows], shift: Fitted | None, mended: float
) -> CrossFit:
    """What the methods asked for save, or a prior `shift`; `mended` is as `cross_fit` takes it."""
    if shift is not None:
        every = FitRows.join(folds)
        gain = gain_of(shift, every, mended)
        if request.shift.after is not None and request.shift.before is None:  # rows of the frequencies before
            gain = replace(gain, cross_fitted=None, gain=None, se=None, low=None, verdict="not shown")
        return CrossFit(every.mean(every.losses()), (gain,), None, shift, (shift,) * len(folds))
    suiting = methods_for(len(run.classes))
    if request.method == AUTO:
        return cross_fit(folds, suiting, choose=True, forward=request.forward, mended=mended)
    if request.method not in (*suiting, NONE):
        message = f"{request.method} is no method for {len(run.classes)} classes"
        raise RequestError("method", message, hint=f"those that are: {', '.join((*suiting, PRIOR, NONE))}")
    return cross_fit(folds, [request.method], choose=False, forward=request.forward, mended=mended)


def _methods(found: CrossFit, classes: Sequence[str], beyond: float, *, exact: bool) -> tuple[MethodResult, ...]:
    """A row a method; see `_method`."""
    rows = [_method(gain, gain.fitted.named(classes), beyond, exact=exact) for gain in found.gains]
    return (*rows, *([] if found.auto is None else [_method(found.auto, {}, beyond, exact=exact)]))


def _method(gain: Gain, parameters: Mapping[str, object], beyond: float, *, exact: bool) -> MethodResult:
    """What a method does, where the stated loss is so much `beyond` that of the rows fitted to.

    If these are all rows, `exact`, it is because probabilities do not sum to 1, which any recalibration mends: so
    the gain holds it. If they are a sample, or in cells, it is what all losses of theirs are short of.
    """
    more = 0.0 if exact and gain.fitted.method != NONE else beyond
    return MethodResult(
        method=gain.method,
        parameters=dict(parameters),
        log_loss_in_sample=gain.in_sample + more,
        log_loss_cross_fitted=None if gain.cross_fitted is None else gain.cross_fitted + more,
        gain=gain.gain,
        gain_se=gain.se,
        gain_low=gain.low,
        verdict=gain.verdict,
    )


def _calibration(run: Run, chosen: Fitted, folds: Sequence[FitRows], fit: CalibrationFit) -> CalibrationMap:
    parameters = chosen.named(run.classes)
    if chosen.knots is not None:
        parameters |= venn_abers_steps(*counts_by_odds(FitRows.join(for_fitting(folds))))
    return calibration_map(run.classes, chosen.method, parameters, fit, run.signature().to_dict())


def _digests(run: Run, request: CalibrateRequest) -> Iterator[FittedInput]:
    """The inputs with the SHA-256 of the files among them, which takes reading them once more."""
    for each in run.inputs:
        if not (request.inputs.paths and each.bytes is not None and os.path.isfile(each.name)):
            yield FittedInput(each.name, None)
            continue
        with open(each.name, "rb") as file:
            yield FittedInput(each.name, hashlib.file_digest(file, "sha256").hexdigest())


def _notices(request: CalibrateRequest, run: Run, found: CrossFit, folds: Folds) -> Iterator[Notice]:
    infinite = run.totals.state.losses.counts.infinite
    if infinite:
        message = f"{plural(infinite, 'row')} of infinite loss left out of the fits"
        yield Notice("left_out_of_fit", infinite, message)
    kept, total = run.totals.folds.total_kept()
    if kept < total:
        yield Notice("sampled", kept, f"fitted to an even sample of {kept:,} of {total:,} rows")
    names = sum(map(len, folds.names))
    if len(folds.rows) < names:
        message = f"{names:,} values of {run.columns.keys.fold} joined to {len(folds.rows)} folds, in order"
        yield Notice("folds_joined", names, message)
    if found.auto is not None and len(folds.rows) < _LEAST_TO_CHOOSE:
        message = (
            f"auto is chosen by folds of the folds fitted to: {plural(len(folds.rows), 'fold')} cannot show a gain"
        )
        hint = "give three folds or more, or --method"
        yield Notice("too_few_folds", len(folds.rows), f"{message}; {hint}")
    for gain in found.gains:
        if gain.fitted.instead_of is not None:
            message = f"{gain.method} has no best parameters on these rows: {gain.fitted.method} takes its place"
            yield Notice("no_best_parameters", 1, message)
    if request.shift.given and found.gains[0].gain is None:
        message = "the rows have the class frequencies before the shift: they cannot show what it saves"
        yield Notice("prior_not_judged", 1, message)
    if request.shift.after == ESTIMATE:
        yield _ESTIMATED
