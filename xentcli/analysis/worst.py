"""`xent worst`: the rows of the largest loss."""

from __future__ import annotations

import math

from xentcli import __version__
from xentcli.analysis.request import WorstRequest
from xentcli.analysis.run import run_notices, run_of_request
from xentcli.core.exact import ONE, ratio
from xentcli.engine.totals import Plan
from xentcli.engine.worst import LargestLoss
from xentcli.results.worst import RowResult, WorstResult
from xentcli.states.run import Run
from xentcli.units import Unit


def worst_of(request: WorstRequest) -> WorstResult:
    """The rows of the largest loss of inputs taken as one.

    Raises as `score_files` does.
    """
    run = run_of_request(request, Plan(breakdown=False, worst=request.most))
    losses = run.totals.state.losses
    total = math.inf if losses.counts.infinite else ratio(losses.loss.total.total(), ONE)
    result = WorstResult(
        version=__version__,
        signature=run.signature(),
        inputs=run.inputs,
        columns=run.columns_used(),
        shown=run.columns.keys.show,
        scored_rows=losses.rows,
        classes=run.classes,
        input_kind=run.columns.kind.value,
        unit=Unit.NATS,
        log_loss=math.inf if math.isinf(total) else ratio(losses.loss.total.total(), losses.weight),
        rows=tuple(_row(row, run, total) for row in run.totals.worst.rows),
        notices=tuple(run_notices(run)),
    )
    return result.to_unit(request.unit)


def _row(row: LargestLoss, run: Run, total: float) -> RowResult:
    where, classes = row.place[1], run.classes
    return RowResult(
        file=where.file,
        line=where.line,
        row=where.row,
        id=row.id,
        label=None if row.label is None else classes[row.label],
        forecast=None if row.forecast is None else classes[row.forecast],
        label_probability=row.probability,
        loss=row.loss,
        share=row.weight * row.loss / total if 0 < total < math.inf else None,
        columns=dict(row.columns),
    )
