"""The report of `xent worst`: the costliest rows, one a line."""

from __future__ import annotations

from functools import partial

from xentcli.render.page import Page
from xentcli.render.reports.report import (
    EXPLAIN,
    ColumnOf,
    Report,
    grid_of,
    input_names,
    literal,
    numeric,
    place_columns,
    signature_line,
)
from xentcli.render.text import number
from xentcli.results.worst import RowResult, WorstResult
from xentcli.wording import percent, plural


def report(result: WorstResult, page: Page) -> Report:
    """Everything that a person is told."""
    columns: list[ColumnOf[RowResult]] = place_columns(result.rows)
    if result.columns.id is not None:
        columns.append((literal("id"), lambda row: "-" if row.id is None else row.id))
    if result.classes:
        columns += [
            (literal("label"), lambda row: row.label or "-"),
            (literal("predicted"), lambda row: row.forecast or "-"),
            (numeric("p(label)", 1), lambda row: number(row.label_probability)),
        ]
    columns += [
        (numeric(f"loss, {result.unit.value}"), lambda row: number(row.loss)),
        (numeric("of the loss", 2), lambda row: percent(row.share)),
        *((literal(name), partial(_text, name=name)) for name in result.shown),
    ]
    shares = [row.share for row in result.rows if row.share is not None]
    these = "this row carries" if len(result.rows) == 1 else f"these {len(result.rows):,} rows carry"
    carried = f"{these} {percent(min(1.0, sum(shares)))} of the loss"
    return Report(
        name=input_names(source.name for source in result.inputs),
        what=f"the worst {len(result.rows):,} of {plural(result.scored_rows, 'row')}",
        roles=(("log loss", f"{number(result.log_loss)} {result.unit.value} a row"),),
        sections=(grid_of(result.rows, columns, "Rows of the largest loss"),),
        small_print=signature_line(result.signature, len(result.classes), full=page.full),
        remarks=(carried,) if shares else (),
        pointers=("more rows: -n 50", "with their columns: --show COL", EXPLAIN),
    )


def _text(row: RowResult, name: str) -> str:
    value = row.columns[name]
    return "-" if value is None else value
