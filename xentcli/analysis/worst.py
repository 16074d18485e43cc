"""The result of `xent worst`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xentcli import __version__
from xentcli.analysis.reading import Reading, read
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.core.exact import ONE, ratio
from xentcli.engine.engine import Engine
from xentcli.engine.scoring import Plan
from xentcli.engine.worst import WorstRow as Found
from xentcli.results.worst import RowResult, WorstResult
from xentcli.sources.source import Source
from xentcli.units import Unit


def worst_of_sources(
    sources: Sequence[Source], spec: ColumnSpec, policy: Policy, most: int, engine: Engine
) -> WorstResult:
    """The `most` rows of the largest loss of inputs taken as one, in nats."""
    found = read(sources, spec, policy, Plan(breakdown=False, worst=most), engine)
    losses = found.merged.state.losses
    total = math.inf if losses.counts.infinite else ratio(losses.loss.total.total(), ONE)
    return WorstResult(
        version=__version__,
        signature=found.signature(),
        inputs=found.inputs(),
        columns=found.columns_used(),
        shown=found.first.keys.show,
        scored_rows=losses.rows,
        classes=found.classes,
        input_kind=found.first.kind.value,
        unit=Unit.NATS,
        log_loss=math.inf if math.isinf(total) else ratio(losses.loss.total.total(), losses.weight),
        rows=tuple(_row(row, found, total) for row in found.merged.worst.rows),
        notices=tuple(found.notices()),
    )


def _row(row: Found, found: Reading, total: float) -> RowResult:
    _, where = row.place
    return RowResult(
        file=where.file,
        line=where.line,
        row=where.row,
        id=row.id,
        label=None if row.label is None else found.classes[row.label],
        forecast=None if row.forecast is None else found.classes[row.forecast],
        label_probability=row.probability,
        loss=row.loss,
        share=row.weight * row.loss / total if 0 < total < math.inf else None,
        columns=dict(row.columns),
    )
