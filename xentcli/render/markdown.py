"""Markdown as GitHub shows it, for comments and summaries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xentcli.render.diagram import GAP
from xentcli.render.page import Page
from xentcli.render.reports.kinds import report_of
from xentcli.render.reports.report import Column, Grid, Report
from xentcli.results.result import Result


def render(result: Result, page: Page) -> str:
    """Headline, roles, a table for each group of rows, and remarks."""
    return _text(report_of(result, page))


def _text(report: Report) -> str:
    used = ", ".join(
        f"{escape(role)}: {escape(column)}" if column else escape(role) for role, column in report.roles
    )
    verdict = [f"**{escape(report.verdict)}**", ""] if report.verdict else []
    verdict += [part for doubt in report.doubts for part in (f"> **In doubt:** {escape(doubt)}", "")]
    what = escape(report.what)
    lines = [f"### {escape(report.name)}", "", *verdict, f"{what}.{f' {used}.' if used else ''}", ""]
    for place, grid in enumerate(report.grids):
        lines += _tables(grid)
        if place == 0 and report.words:
            lines += [*(f"- {escape(sentence)}" for sentence in report.words), ""]
    for remark in report.remarks:
        lines += [escape(remark), ""]
    if report.small_print:
        lines.append(_code(report.small_print))
    text = "\n".join(lines).rstrip("\n") + "\n"
    return text if report.below is None else f"{text}\n{_text(report.below)}"


def escape(text: str) -> str:
    """A string of the input as literal text anywhere: no markup, HTML, mention, link or extra column."""
    return _entities(re.sub(r"([\\`*_{}\[\]()#+\-.!|~:])", r"\\\1", text))


def _literal(text: str) -> str:
    """Words of ours and numbers within a line: no markup, HTML, mention, link or extra column either."""
    return _entities(re.sub(r"([\\`*_{}\[\]|~]|:(?=//)|(?<=www)\.)", r"\\\1", text))


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")


def _code(text: str) -> str:
    """A span of code, whose fence is longer than any run of backticks within."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if len(fence) > 1 else ""
    return f"{fence}{space}{text}{space}{fence}"


def _tables(grid: Grid) -> Iterator[str]:
    rule = ["---:" if column.right else "---" for column in grid.columns]
    for group in grid.groups:
        titles = [_words(column.title, column) for column in grid.columns]
        yield _line([_literal(group.title) or titles[0], *titles[1:]])
        yield _line(rule)
        for row in group.rows:
            yield _line([_cell(cell, column) for cell, column in zip(row, grid.columns, strict=True)])
        yield ""


def _cell(cell: str, column: Column) -> str:
    if column.bar:  # spaces before it would be lost, and the bar begin at the edge
        bar = cell.lstrip(" ")
        return GAP * (len(cell) - len(bar)) + bar
    return _words(cell, column)


def _words(text: str, column: Column) -> str:
    return escape(text) if column.raw else _literal(text)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
