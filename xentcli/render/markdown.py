"""Markdown as GitHub shows it, for comments and summaries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xentcli.render import Page
from xentcli.render.diagram import GAP
from xentcli.render.report import Column, Grid, Report, report_of
from xentcli.render.text import visible
from xentcli.results import Result


def render(result: Result, page: Page) -> str:
    """Headline, roles, a table for each group of rows, and remarks."""
    return _text(report_of(result, page))


def _text(report: Report) -> str:
    used = ", ".join(
        f"{escape(role)}: {escape(column)}" if column else escape(role) for role, column in report.roles
    )
    verdict = [f"**{escape(report.verdict)}**", ""] if report.verdict else []
    lines = [f"### {escape(report.name)}", "", *verdict, f"{report.what}.{f' {used}.' if used else ''}", ""]
    for place, grid in enumerate(report.grids):
        lines += _tables(grid)
        if place == 0 and report.words:
            lines += [*(f"- {escape(sentence)}" for sentence in report.words), ""]
    for remark in report.remarks:
        lines += [escape(remark), ""]
    if report.small_print:
        lines.append(f"`{report.small_print}`")
    text = "\n".join(lines).rstrip("\n") + "\n"
    return text if report.then is None else f"{text}\n{_text(report.then)}"


def escape(text: str) -> str:
    """A string of the input as literal text of a table cell: no markup, HTML, mention or extra column."""
    text = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~:])", r"\\\1", text)


def _tables(grid: Grid) -> Iterator[str]:
    rule = ["---:" if column.right else "---" for column in grid.columns]
    for group in grid.groups:
        titles = [escape(column.title) if column.raw else column.title for column in grid.columns]
        yield _line([group.title or titles[0], *titles[1:]])
        yield _line(rule)
        for row in group.rows:
            yield _line(_cells(row, grid.columns))
        yield ""


def _cells(row: Sequence[str], columns: Sequence[Column]) -> list[str]:
    return [_cell(cell, column) for cell, column in zip(row, columns, strict=True)]


def _cell(cell: str, column: Column) -> str:
    if column.bar:  # spaces before it would be lost, and the bar begin at the edge
        bar = cell.lstrip(" ")
        return GAP * (len(cell) - len(bar)) + bar
    return escape(cell) if column.raw else cell


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
