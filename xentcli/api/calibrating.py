"""The function that fits recalibrations: paths, tables and arrays in, a result out that can be applied."""

from __future__ import annotations

from typing import Any, Unpack

from xentcli.analysis.calibrating.calibrate import calibrate_files
from xentcli.analysis.calibrating.request import CalibrateRequest, PriorShift
from xentcli.api.arguments import class_shares, column_name, texts
from xentcli.api.asking import engine_of, inputs_of, policy_of
from xentcli.api.calling import takes, values_of
from xentcli.api.parameters import CalibrateArguments
from xentcli.errors import RequestError
from xentcli.gates.gating import parse_gains
from xentcli.results.calibrate import CalibrateResult
from xentcli.units import Unit


@takes(CalibrateArguments)
def calibrate(data: Any, **arguments: Unpack[CalibrateArguments]) -> CalibrateResult:
    """Recalibrate the probabilities in `data`, which is as for `score`, and tell whether it helps.

    The result has a row a method: its parameters, the loss in-sample, the loss and the gain on rows that its fit
    has not seen; `chosen` is the one that is shown to help, or "none". `result.apply(data)` recalibrates other
    predictions, `result.save(path)` writes the file that `xent apply` takes. Raises as `score` does.

    >>> calibrate([1, 0, 1, 0] * 50, probs=[0.6, 0.4, 0.7, 0.6] * 50, method="temperature").chosen
    'temperature'
    """
    asked = values_of(CalibrateArguments, arguments)
    forward = column_name("folds_forward", asked.folds_forward)
    by_column = column_name("fold_column", asked.fold_column)
    if forward is not None and by_column is not None:
        raise RequestError("folds", "fold_column= and folds_forward= both say what the folds are", hint="keep one")
    asked.fold = forward if by_column is None else by_column
    kept = class_shares(asked.kept, "kept")
    if isinstance(kept, str):
        raise RequestError("kept", f"kept= maps classes to shares, not {kept!r}")
    before = class_shares(asked.prior_from, "prior_from")
    request = CalibrateRequest(
        inputs=inputs_of(data, asked),
        method=asked.method,
        folds=asked.folds,
        forward=forward is not None,
        shift=PriorShift(before, class_shares(asked.prior_to, "prior_to"), kept),
        policy=policy_of(asked),
        engine=engine_of(asked),
        unit=Unit(asked.unit),
        gating=parse_gains(texts("require", asked.require)),
        save=asked.save,
        cross_fit=asked.cross_fit,
    )
    return calibrate_files(request)
