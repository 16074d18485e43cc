"""The report of `xent worst`: the costliest rows, one a line."""

from __future__ import annotations

from xentcli.render.page import Page
from xentcli.render.reports.report import Column, Grid, Group, Report
from xentcli.render.reports.score import names_of, signature_line
from xentcli.render.text import number, percent
from xentcli.results.worst import RowResult, WorstResult


def report(result: WorstResult, page: Page) -> Report:
    """Everything that a person is told."""
    several = len({row.file for row in result.rows}) > 1
    columns = [Column("file", raw=True)] if several else []
    columns.append(Column("line" if any(row.line is not None for row in result.rows) else "row", right=True))
    columns += [Column("id", raw=True)] if result.columns.id is not None else []
    if result.classes:
        columns += [Column("label", raw=True), Column("forecast", raw=True), Column("p(label)", right=True)]
    columns += [Column(result.unit.value, right=True), Column("of the loss", right=True)]
    columns += [Column(name, raw=True) for name in result.shown]
    rows = tuple(_row(row, result, several) for row in result.rows)
    return Report(
        name=names_of([source.name for source in result.inputs]),
        what=f"the worst {len(result.rows):,} of {result.scored_rows:,} rows",
        roles=(("log loss", f"{number(result.log_loss)} {result.unit.value} a row"),),
        small_print=signature_line(result.signature, len(result.classes)),
        grids=(Grid(tuple(columns), (Group(rows),)),),
        remarks=tuple(_remarks(result)),
    )


def _row(row: RowResult, result: WorstResult, several: bool) -> tuple[str, ...]:
    cells = [row.file] if several else []
    cells.append(f"{row.line if row.line is not None else row.row}")
    cells += ["-" if row.id is None else row.id] if result.columns.id is not None else []
    if result.classes:
        cells += [row.label or "-", row.forecast or "-", number(row.label_probability)]
    cells += [number(row.loss), percent(row.share)]
    return (*cells, *("-" if value is None else value for value in row.columns.values()))


def _remarks(result: WorstResult) -> list[str]:
    shares = [row.share for row in result.rows if row.share is not None]
    if not shares:
        return []
    return [f"these {len(result.rows):,} rows carry {percent(min(1.0, sum(shares)))} of the loss"]
