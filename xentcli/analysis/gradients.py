"""`xent gradients`: the gradient of cross-entropy beside that of squared error, by how wrong a row is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from xentcli import __version__
from xentcli.analysis.inputs import open_inputs
from xentcli.analysis.request import GradientsRequest
from xentcli.analysis.run import run_notices, run_of_request
from xentcli.core.exact import ratio
from xentcli.core.gradients import EDGES, WRONG, Gradients
from xentcli.engine.totals import Plan
from xentcli.errors import RequestError, Where
from xentcli.results.gradients import GradientBin, GradientsResult


def gradients_of(request: GradientsRequest) -> GradientsResult:
    """The gradients of inputs taken as one.

    Raises as `score_files` does, and `RequestError` for soft labels and tokens: a row is wrong by its true class.
    """
    run = run_of_request(request, open_inputs(request.inputs), Plan(breakdown=False, gradients=True))
    columns, totals = run.columns, run.totals
    if columns.label_kind != "hard":
        message = f"gradients are of plain labels, not of {columns.label_kind} ones"
        raise RequestError("label_kind", message, where=Where(run.inputs[0].name))
    state, weight = totals.gradients, totals.state.losses.weight
    bins = tuple(_bins(state, weight))
    return GradientsResult(
        version=__version__,
        signature=run.signature(),
        inputs=run.inputs,
        columns=run.columns_used(),
        rows=totals.state.losses.rows,
        classes=run.classes,
        input_kind=columns.kind.value,
        bins=bins,
        saturated_rows=sum(each.saturated_rows for each in bins),
        saturated_share=ratio(state.saturated.weight.total(), weight),
        wrong_share=sum(each.share for each in bins if each.high <= WRONG),
        notices=tuple(run_notices(run)),
    )


def _bins(state: Gradients, weight: int) -> Iterator[GradientBin]:
    columns = zip(
        pairwise(EDGES),
        state.bins.rows.tolist(),
        state.bins.weight.totals(),
        state.cross_entropy.totals(),
        state.squared_error.totals(),
        state.saturated.rows.tolist(),
        strict=True,
    )
    for (low, high), rows, own, cross_entropy, squared_error, saturated in columns:
        pull, other = (ratio(cross_entropy, own), ratio(squared_error, own)) if own else (None, None)
        yield GradientBin(low, high, rows, ratio(own, weight), pull, other, saturated)
