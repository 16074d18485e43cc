"""The report of `xent columns`: each column with its role, the classes in order, and what is not clear."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.render.page import Page
from xentcli.render.reports.report import Column, ColumnOf, Report, grid_of, input_names, left_out, literal
from xentcli.render.text import number
from xentcli.results.columns import ColumnRole, ColumnsResult, RowSums
from xentcli.wording import brief, few, plural

MOST_COLUMNS = 100  # in a table for people; the flat formats have all
MOST_CLASSES = 10  # in a cell
_SAMPLE = 16  # characters of a value
_SHORT = 9  # characters of a number
_NEAR_ONE = 1e-4

COLUMNS: tuple[ColumnOf[ColumnRole], ...] = (
    (literal("column"), lambda each: each.column),
    (literal("type"), lambda each: each.type),
    (Column("role"), lambda each: each.role or "-"),
    (literal("class"), lambda each: _classes(each.classes)),
    (literal("samples", 2), lambda each: ", ".join(dict.fromkeys(map(_sample, each.samples)))),
    (literal("why", 1), lambda each: each.why),
)

_NEXT = ("with these columns: xent score FILE",)
_KINDS = {"probability": "probabilities", "logit": "logits", "log_probability": "log-probabilities"}


def _sample(value: str) -> str:
    """A value, or so much of it that one sees what it is."""
    try:
        return value if len(value) <= _SHORT else f"{float(value):.5g}"
    except ValueError:
        return brief(value, _SAMPLE)


def report(result: ColumnsResult, page: Page) -> Report:
    """Everything that a person is told."""
    return Report(
        name=input_names(name for name, _ in result.inputs),
        what=f"{result.inputs[0][1]}, {len(result.columns):,} columns",
        roles=tuple(_roles(result)),
        sections=(grid_of(result.columns[:MOST_COLUMNS], COLUMNS),),
        remarks=tuple(_remarks(result)),
        pointers=(*_NEXT[: result.problem is None], "how columns are found: xent help inputs"),
    )


def _roles(result: ColumnsResult) -> Iterator[tuple[str, str]]:
    if result.problem is not None:
        yield "not clear", result.problem.message
        if result.problem.hint:
            yield "hint", result.problem.hint
        return
    assert result.input_kind is not None
    yield "scores", _KINDS.get(result.input_kind, result.input_kind)
    if result.label_kind == "token":
        yield "classes", "none: log-probabilities of the true tokens"
    elif result.classes is not None:
        yield "classes", _classes(result.classes)
    elif result.positive is not None:
        yield "classes", f"{result.positive} and the other label (1 - its probability)"
    else:
        yield "classes", "two, by their labels: 0/1, -1/1 or false/true"
    sums = result.row_sums
    if sums is not None:
        yield "probabilities of a row", _sum(sums)


def _sum(sums: RowSums) -> str:
    rows = f"(first {plural(sums.rows, 'row')})"
    if max(abs(sums.low - 1), abs(sums.high - 1)) <= _NEAR_ONE:
        return f"sum to 1 {rows}"
    return f"sum to {number(sums.low)} to {number(sums.high)} {rows}: --normalize divides by the sum"


def _remarks(result: ColumnsResult) -> Iterator[str]:
    if len(result.inputs) > 1 and result.problem is None:
        yield f"the columns of {result.inputs[0][0]}; the other files have the same classes and kind"
    yield from left_out(len(result.columns) - MOST_COLUMNS, "columns", ",")


def _classes(names: tuple[str, ...]) -> str:
    return few(names, MOST_CLASSES, ", ... ({count:,})")
