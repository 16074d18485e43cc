"""`xent worst`: the rows of the largest loss."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xentcli import __version__
from xentcli.analysis.inputs import open_sources, resolved_inputs
from xentcli.analysis.merging.parts import saved_part, scored_part
from xentcli.analysis.request import WorstRequest, refuse_overwriting
from xentcli.analysis.run import run_notices, run_of_request
from xentcli.analysis.saving import refuse_unwritable, save_state
from xentcli.core.exact import ONE, ratio
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.engine.worst import LargestLoss
from xentcli.results.worst import RowResult, WorstResult
from xentcli.sources.source import Source
from xentcli.states.run import Run
from xentcli.units import Unit


def worst_of(request: WorstRequest) -> WorstResult:
    """The rows of the largest loss of inputs taken as one.

    Raises as `score_files` does.
    """
    refuse_unwritable(request.save_state)
    sources = open_sources(request.inputs)
    refuse_overwriting(request.save_state, [each.name for each in sources], request.inputs.labels)
    if request.save_state is None:
        run, _ = _run_of(request, sources, part=False)
    else:
        part = scored_part(lambda: _run_of(request, sources, part=True), sources, None)
        run = saved_part(part, request.save_state)
    result = worst_of_run(run)
    if request.save_state is not None:
        save_state(run, request.save_state)
    return result.to_unit(request.unit)


def _run_of(request: WorstRequest, sources: Sequence[Source], *, part: bool) -> tuple[Run, Inputs]:
    """All rows scored, of a `part` perhaps none; and the sources with their labels."""
    inputs = resolved_inputs(request.inputs, sources, request.id)
    plan = Plan(breakdown=False, worst=request.most, class_errors=part)
    return run_of_request(request, inputs, plan, part=part), inputs


def worst_of_run(run: Run) -> WorstResult:
    """The rows of the largest loss of a run whose plan was to keep them, in nats."""
    losses, classes = run.totals.state.losses, run.classes
    total = math.inf if losses.counts.infinite else ratio(losses.loss.total.total(), ONE)
    return WorstResult(
        version=__version__,
        signature=run.signature(),
        inputs=run.inputs,
        columns=run.columns_used(),
        shown=run.columns.keys.show,
        scored_rows=losses.rows,
        classes=classes,
        input_kind=run.columns.kind.value,
        unit=Unit.NATS,
        log_loss=math.inf if math.isinf(total) else ratio(losses.loss.total.total(), losses.weight),
        rows=tuple(_row(row, classes, total) for row in run.totals.worst.rows),
        notices=tuple(run_notices(run)),
    )


def _row(row: LargestLoss, classes: Sequence[str], total: float) -> RowResult:
    where = row.place[1]
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
