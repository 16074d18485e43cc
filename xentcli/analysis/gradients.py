"""The result of `xent gradients`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from xentcli import __version__
from xentcli.analysis.reading import read
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.core.exact import ratio
from xentcli.core.gradients import EDGES, WRONG, Gradients
from xentcli.engine.engine import Engine
from xentcli.engine.scoring import Plan
from xentcli.errors import RequestError, Where
from xentcli.results.gradients import GradientBin, GradientsResult
from xentcli.sources.source import Source


def gradients_of_sources(
    sources: Sequence[Source], spec: ColumnSpec, policy: Policy, engine: Engine
) -> GradientsResult:
    """The gradients of inputs taken as one.

    Raises `RequestError` for soft labels and tokens: it takes one class that happened to say how wrong a row is.
    """
    found = read(sources, spec, policy, Plan(breakdown=False, gradients=True), engine)
    if found.first.label_kind != "hard":
        message = f"gradients are of plain labels, not of {found.first.label_kind} ones"
        raise RequestError("label_kind", message, where=Where(sources[0].name))
    state, weight = found.merged.gradients, found.merged.state.losses.weight
    bins = tuple(_bins(state, weight))
    return GradientsResult(
        version=__version__,
        signature=found.signature(),
        inputs=found.inputs(),
        columns=found.columns_used(),
        rows=found.merged.state.losses.rows,
        classes=found.classes,
        input_kind=found.first.kind.value,
        bins=bins,
        saturated_rows=sum(each.saturated_rows for each in bins),
        saturated_share=ratio(state.saturated.weight.total(), weight),
        wrong_share=sum(each.share for each in bins if each.high <= WRONG),
        notices=tuple(found.notices()),
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
