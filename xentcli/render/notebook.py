"""HTML as notebooks show it: a fragment that takes fonts and colours from the page around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import accumulate

from xentcli.render.page import Page
from xentcli.render.pictures.kinds import draw
from xentcli.render.pictures.style import style_sheet
from xentcli.render.reports.kinds import report_of
from xentcli.render.reports.report import Column, Facts, Grid, Report, Section, Sentences, Styled
from xentcli.results.pictures import Picture
from xentcli.results.result import Result
from xentcli.wording import plural

_DOUBT = "border-left: 4px solid #d08700; padding-left: 0.7em"  # seen on light and dark pages
# What each meaning looks like, readable on light and dark pages; it is never told by color alone.
COLORS = {
    "pass": "#2e8b3d", "better": "#2e8b3d", "fail": "#d03a3a", "worse": "#d03a3a", "undecided": "#b07a00",
    "discrimination": "#14909a", "miscalibration": "#b455b4", "miscalibrated": "#b455b4",
}  # fmt: skip
_BAR = "text-align: left; font-family: monospace; white-space: pre"


_SIDE_BY_SIDE = "display: flex; flex-wrap: wrap; gap: 1em; align-items: flex-start; margin: 1em 0"
MOST = 50_000  # characters of all pictures: a notebook keeps them all
_PAPER = ".xent{background:var(--paper);border-radius:6px;max-width:100%;height:auto}"


def render(result: Result, page: Page, pictures: Sequence[Picture] = ()) -> str:
    """Verdict, doubts and headline; all other numbers, which open with a click; the pictures below."""
    return "\n".join(("<div>", *_report(report_of(result, page)), *_drawn(pictures), "</div>")) + "\n"


def _drawn(pictures: Sequence[Picture]) -> Iterator[str]:
    """Pictures as wide as there is room, as many as are small; their style holds for nothing else on the page."""
    fragments = [draw(each).fragment().rstrip("\n") for each in pictures]
    sizes = accumulate(map(len, fragments))
    shown = [fragment for fragment, size in zip(fragments, sizes, strict=True) if size <= MOST]
    if shown:
        yield f'<style>{style_sheet()}{_PAPER}</style><div style="{_SIDE_BY_SIDE}">'
        yield from (*shown, "</div>")
    if left := len(fragments) - len(shown):
        yield f"<p>{plural(left, 'picture')} more: xentcli.report(...) has all of them.</p>"


def _report(report: Report) -> Iterator[str]:
    roles = ", ".join(": ".join(map(escape, filter(None, role))) for role in report.roles)
    yield f"<p><strong>{_text(report.name)}</strong> &nbsp; {escape(report.what)}{roles and f'<br>{roles}'}</p>"
    if report.verdict:
        yield f"<p><strong>{_text(report.verdict)}</strong></p>"
    for doubt in report.doubts:
        yield f'<p style="{_DOUBT}"><strong>Check this first:</strong> {escape(doubt)}</p>'
    for section in report.sections[: report.first]:
        yield from _section(section)
    rest = [line for section in report.sections[report.first :] for line in _section(section)]
    rest += [f"<p>{escape(remark)}</p>" for remark in report.remarks]
    rest += [f"<p><code>{escape(report.small_print)}</code></p>"] if report.small_print else []
    if rest:
        yield from ("<details><summary>All numbers</summary>", *rest, "</details>")
    if report.below is not None:
        yield from _report(report.below)


def _section(section: Section) -> Iterator[str]:
    match section:
        case Grid():
            yield from _table(section)
        case Sentences():
            kind = "ol" if section.numbered else "ul"
            items = "".join(f"<li>{escape(line)}</li>" for line in section.lines)
            yield from [f"<p><strong>{escape(section.title)}</strong></p>"] if section.title else []
            yield f"<{kind}>{items}</{kind}>"
        case Facts():
            yield "<table><tbody>"
            width = max((len(fact.parts) for fact in section.rows), default=0)
            for fact in section.rows:
                cells = [fact.title, *fact.parts, *[""] * (width - len(fact.parts))]
                tag = "strong" if isinstance(fact.title, Styled) else "span"  # what stands out
                first = (f"<{tag}>{_text(cell)}</{tag}>" for cell in cells[:2])
                yield _row((*first, *map(_text, cells[2:])))
            yield "</tbody></table>"


def _table(grid: Grid) -> Iterator[str]:
    styles = [_style(column) for column in grid.columns]
    titles = "".join(
        f'<th style="{style}">{escape(column.title)}</th>'
        for column, style in zip(grid.columns, styles, strict=True)
    )
    yield f"<table><thead><tr>{titles}</tr></thead><tbody>"
    for group in grid.groups:
        if group.title:
            yield f'<tr><th colspan="{len(grid.columns)}" style="text-align: left">{escape(group.title)}</th></tr>'
        for row in group.rows:
            yield _row(map(_text, row), styles)
    yield "</tbody></table>"


def _text(text: str) -> str:
    """A string of a report in the color of what it means, with the blanks that it begins with."""
    blanks = len(text) - len(text.lstrip(" "))
    written = "&nbsp;" * blanks + escape(text.strip(" "))
    color = COLORS.get(text.style) if isinstance(text, Styled) else None
    return written if color is None else f'<span style="color: {color}">{written}</span>'


def _row(cells: Iterable[str], styles: Iterable[str] | None = None) -> str:
    cells = tuple(cells)
    of = ["text-align: left"] * len(cells) if styles is None else styles
    written = (f'<td style="{style}">{cell}</td>' for cell, style in zip(cells, of, strict=True))
    return f"<tr>{''.join(written)}</tr>"


def _style(column: Column) -> str:
    return _BAR if column.bar else f"text-align: {'right' if column.right else 'left'}"
