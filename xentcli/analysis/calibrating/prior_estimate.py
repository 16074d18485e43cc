"""Class frequencies of rows without labels, from what calibrated predictions say of them."""

from __future__ import annotations

from functools import reduce

import numpy as np

from xentcli import __version__
from xentcli.analysis.applying.apply import refuse_broken
from xentcli.analysis.applying.classes import with_classes_of
from xentcli.analysis.calibrating.request import CalibrateRequest
from xentcli.analysis.row_errors import row_notices
from xentcli.columns.peek import read_blocks
from xentcli.core.exact import FloatArray
from xentcli.core.fits.rows import FitRows
from xentcli.core.kept_rows import KeptRows, row_keys
from xentcli.core.odds.cells import OddsCells
from xentcli.engine.inputs import Inputs
from xentcli.engine.rewriting.recalibrating import Recalibration, Recalibrator
from xentcli.engine.totals import Plan
from xentcli.errors import Notice, RequestError, Where
from xentcli.results.calibrate import CalibrateResult, MethodResult
from xentcli.results.calibration_map import CalibrationMap, calibration_map
from xentcli.states.run import Run
from xentcli.units import Unit


class _Stated:
    """The predictions of rows as they come, as the estimate needs them: counted, or an even sample."""

    def __init__(self, classes: int) -> None:
        self.odds = OddsCells.empty() if classes == 2 else None
        self.kept = KeptRows.empty(classes)
        self._rows = 0

    def __call__(self, x: FloatArray) -> None:
        """Add log-odds `(n,)`, or log-softmax `(K, n)`."""
        rows = np.arange(self._rows, self._rows + x.shape[-1])
        self._rows += rows.size
        if self.odds is not None:
            self.odds = self.odds.merge(OddsCells.of(x, np.zeros(x.size, bool), None))
        else:
            self.kept = self.kept.merge(
                KeptRows.of(x, np.zeros(rows.size, np.intp), None, None, row_keys(0, rows))
            )

    def rows(self) -> FitRows:
        """As rows of the first class, each of which counts alike; no label is looked at."""
        if self.odds is None:
            found = self.kept.arrays()
            return FitRows.of(found.log_q, np.zeros(found.count, np.intp))
        x, _, weights, _ = self.odds.keys()
        return FitRows.of(x, np.zeros(x.size, np.intp), weights)


def unlabelled_run(request: CalibrateRequest, inputs: Inputs, classes: tuple[str, ...]) -> tuple[Run, FitRows]:
    """The run of inputs without labels whose classes are known, and their predictions.

    Raises `ContentError` for bad content, `RequestError` where one column does not say which class it is of.
    """
    plain, stated = calibration_map(classes, "none", {}), _Stated(len(classes))
    done = [_read(request, inputs, number, plain, stated) for number in range(len(inputs.sources))]
    totals = reduce(lambda one, other: one.merge(other), (each.totals for each in done))
    rows = {number: each.rows for number, each in enumerate(done)}
    inputs.finish()
    columns = with_classes_of(plain, inputs.first, inputs.name)
    run = Run(
        inputs=inputs.infos(rows, 0),
        numbers=tuple(range(len(inputs.sources))),
        columns=columns,
        label_file=None,
        policy=request.policy,
        prior=None,
        plan=Plan(breakdown=False),
        totals=totals,
        notices=tuple(row_notices(totals.tally, sum(rows.values()), len(classes))),
    )
    return run, stated.rows()


def _read(
    request: CalibrateRequest, inputs: Inputs, number: int, plain: CalibrationMap, stated: _Stated
) -> Recalibrator:
    source, columns = inputs.sources[number], inputs.columns[number]
    if columns.single and columns.positive is None and columns.classes is None:
        message = f'column "{columns.scores.names[0]}" does not say which class it is of'
        raise RequestError("positive", message, hint="--positive CLASS", where=Where(source.name))
    named = with_classes_of(plain, columns, source.name)
    found = Recalibrator(number, named, request.policy, Recalibration(plain), stated)
    for block in read_blocks(source, columns.projection):
        found(block)
    refuse_broken(found, named, request.policy, source.name)
    return found


def unlabelled_result(run: Run, rows: FitRows, calibration: CalibrationMap, notice: Notice) -> CalibrateResult:
    """The result for rows whose loss is not known."""
    count = int(rows.weights.sum())
    shift = MethodResult("prior", calibration.parameters, None, None, None, None, None, "not shown")
    return CalibrateResult(
        version=__version__,
        signature=run.signature(),
        inputs=run.inputs,
        columns=run.columns_used(),
        rows=count,
        infinite_rows=0,
        weight=float(count),
        classes=run.classes,
        input_kind=run.columns.kind.value,
        unit=Unit.NATS,
        log_loss=None,
        methods=(shift,),
        chosen="prior",
        folds=0,
        fold_column=None,
        forward=False,
        calibration=calibration,
        notices=(*run.notices, notice),
    )
