"""The report of `xent columns`: each column with its role, the classes in order, and what is not clear."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.render.page import Page
from xentcli.render.reports.report import Column, ColumnOf, Report, grid_of, input_names, left_out, literal
from xentcli.results.columns import ColumnRole, ColumnsResult
from xentcli.wording import few

MOST_COLUMNS = 100  # in a table for people; the flat formats have all
MOST_CLASSES = 10  # in a cell

COLUMNS: tuple[ColumnOf[ColumnRole], ...] = (
    (literal("column"), lambda each: each.column),
    (literal("type"), lambda each: each.type),
    (Column("role"), lambda each: each.role or "-"),
    (literal("class"), lambda each: _classes(each.classes)),
    (literal("why"), lambda each: each.why),
)


def report(result: ColumnsResult, page: Page) -> Report:
    """Everything that a person is told."""
    return Report(
        name=input_names(name for name, _ in result.inputs),
        what=f"{result.inputs[0][1]}, {len(result.columns):,} columns",
        roles=tuple(_roles(result)),
        sections=(grid_of(result.columns[:MOST_COLUMNS], COLUMNS),),
        remarks=tuple(_remarks(result)),
    )


def _roles(result: ColumnsResult) -> Iterator[tuple[str, str]]:
    if result.problem is not None:
        yield "not clear", result.problem.message
        if result.problem.hint:
            yield "hint", result.problem.hint
        return
    assert result.input_kind is not None
    yield "kind", result.input_kind.replace("_", "-")
    if result.label_kind == "token":
        yield "classes", "none: the probability of what happened"
    elif result.classes is not None:
        yield "classes", _classes(result.classes)
    elif result.positive is not None:
        yield "classes", f"{result.positive}, and the other label"
    else:
        yield "classes", "two, told by the labels: 0/1, -1/1 or false/true"


def _remarks(result: ColumnsResult) -> Iterator[str]:
    if len(result.inputs) > 1 and result.problem is None:
        yield f"the columns of {result.inputs[0][0]}; the other files have the same classes and kind"
    yield from left_out(len(result.columns) - MOST_COLUMNS, "columns", ",")


def _classes(names: tuple[str, ...]) -> str:
    return few(names, MOST_CLASSES, ", ... ({count:,})")
