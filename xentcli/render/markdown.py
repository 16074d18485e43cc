"""Markdown as GitHub shows it, for comments and summaries."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xentcli.render import Page, report
from xentcli.render.text import visible
from xentcli.results import ScoreResult


def render(result: ScoreResult, page: Page) -> str:
    """Headline, metrics and classes."""
    (name, what), *roles = report.heading(result)
    used = ", ".join(f"{escape(role)}: {escape(column)}" if column else escape(role) for role, column in roles)
    lines = [f"### {escape(name)}", "", f"{what}. {used}.", ""]
    for title, rows in report.groups(result):
        cells = [[row.title, row.value, row.interval, row.meaning] for row in rows]
        lines += _table([title, result.unit.value, "95 % interval", ""], "lrll", cells)
    header, classes = report.class_rows(result)
    if classes:
        lines += _table(
            header, "l" + "r" * (len(header) - 1), [[escape(first), *rest] for first, *rest in classes]
        )
    if more := report.left_out(result):
        lines += [more, ""]
    lines.append(f"`{report.signature_line(result.signature, len(result.classes))}`")
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """A string of the input as literal text of a table cell: no markup, HTML, mention or extra column."""
    text = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~:])", r"\\\1", text)


def _table(header: Sequence[str], justify: str, rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---:" if side == "r" else "---" for side in justify]
    return [f"| {' | '.join(cells)} |" for cells in (header, rule, *rows)] + [""]
