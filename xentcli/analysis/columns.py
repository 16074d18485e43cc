"""`xent columns`: from inputs to what their columns would be used as."""

from __future__ import annotations

from xentcli import __version__
from xentcli.analysis.inputs import join_labels, open_sources
from xentcli.analysis.request import InputRequest
from xentcli.columns.agreement import resolve_all
from xentcli.columns.columns import Columns
from xentcli.columns.reasons import roles
from xentcli.columns.samples import first_values, row_sums
from xentcli.errors import AccessError, XentError
from xentcli.results.columns import ColumnRole, ColumnsResult, Problem, RowSums


def columns_of(request: InputRequest) -> ColumnsResult:
    """Which column would be used as what; what is not clear is part of the result.

    Raises `ContentError` or `AccessError` where an input cannot be read at all.
    """
    sources, spec = join_labels(request, open_sources(request))
    used: Columns | None = None
    problem: Problem | None = None
    try:
        used = resolve_all(sources, spec, request.on)[0]
    except AccessError:
        raise
    except XentError as error:
        problem = Problem.of(error)
    found = roles(sources[0].fields, spec, used)
    values = first_values(sources[0], sources[0].fields)
    sums = None if used is None else row_sums(sources[0], used)
    return ColumnsResult(
        version=__version__,
        inputs=tuple((source.name, source.format) for source in sources),
        columns=tuple(
            ColumnRole(r.column, r.type, r.role, r.classes, r.why, values.get(r.column, ())) for r in found
        ),
        input_kind=used.kind.value if used else None,
        label_kind=used.label_kind if used else None,
        classes=used.classes if used else None,
        positive=used.positive if used else None,
        problem=problem,
        row_sums=None
        if sums is None or not sums.size
        else RowSums(sums.size, float(sums.min()), float(sums.max())),
    )
