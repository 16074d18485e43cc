"""Markdown as GitHub shows it, for comments and summaries."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec.structs import replace

from xentcli.render.diagram import GAP
from xentcli.render.page import Page
from xentcli.render.reports.kinds import report_of
from xentcli.render.reports.report import Column, Drawing, Facts, Grid, Report, Section, Sentences, Styled
from xentcli.results.result import Result

if TYPE_CHECKING:
    from xentcli.render.pictures.files import PictureFile

_ROOM = 3  # cells of a headline number: its value, interval, and what it is measured against

# What Markdown reads as more than itself: anywhere in a line; where a line begins; where it ends.
_MARKUP = re.compile(
    r"""[\\`|~]
    |(?<!\s)\*|\*(?!\s)  # emphasis, unless between spaces
    |(?<![^\W_])_|_(?![^\W_])  # emphasis, unless inside a word
    |\](?=[(\[:])  # a link
    |:(?=//|[\w+-]+:)  # an address, an emoji
    |(?<=www)\.""",
    re.VERBOSE,
)
_AT_START = re.compile(  # up to the sign: a list, a heading, a quotation, a box to tick
    r"\A\s*(?:\d+(?=[.)](?:\s|\Z))|(?=[-+](?:[-\s]|\Z)|#{1,6}(?:\s|\Z)|>|\[[ xX]\]))"
)
_ENTITIES = {"<": "&lt;", "&": "&amp;", "@": "&#64;"}
_HTML = re.compile(r"<(?=[A-Za-z/!?])|&(?=[#\w])|@(?=\w)")


def render(result: Result, page: Page, pictures: Sequence[PictureFile] = (), folder: str = "") -> str:
    """Verdict and headline; all other numbers, which open with a click.

    Pictures are referred to as seen from `folder`, and stand in place of drawings in characters.
    """
    report = report_of(result, replace(page, full=True, width=None, blocks=True))
    lines, rest = _lines(report, drawn=not pictures)
    if report.below is not None:
        above, below = _lines(report.below, drawn=not pictures)
        lines += above
        rest += below
    for each in pictures:
        lines += [f"![{each.words}]({quote(os.path.relpath(each.path, folder or os.curdir))})", ""]
    if rest:
        lines += ["<details><summary>All numbers</summary>", "", *rest, "</details>"]
    return "\n".join(lines).rstrip("\n") + "\n"


def _lines(report: Report, *, drawn: bool) -> tuple[list[str], list[str]]:
    """What stands open, with drawings in characters or without, and what can be folded."""
    used = ", ".join(": ".join(map(_inline, filter(None, role))) for role in report.roles)
    lines = [f"### {escape(report.name)}", ""]
    lines += [f"**{_inline(report.verdict.strip())}**", ""] if report.verdict else []
    lines += [part for doubt in report.doubts for part in (f"> **Check this first:** {_inline(doubt)}", "")]
    lines += [f"{escape(report.what)}{f'; {used}' if used else ''}.", ""]
    later = report.sections[report.first :]
    drawings = (each for each in later if drawn and isinstance(each, Drawing))
    for section in (*report.sections[: report.first], *drawings):
        lines += _section(section)
    rest = [line for section in later if not isinstance(section, Drawing) for line in _section(section)]
    rest += [line for remark in report.remarks for line in (escape(remark), "")]
    rest += [_code(report.small_print), ""] if report.small_print else []
    return lines, rest


def _section(section: Section) -> Iterator[str]:
    match section:
        case Grid():
            yield from _tables(section)
        case Sentences():
            yield from [f"**{_inline(section.title)}**", ""] if section.title else []
            for place, line in enumerate(section.lines, 1):
                yield f"{f'{place}.' if section.numbered else '-'} {escape(line)}"
            yield ""
        case Drawing():
            yield from (f"**{_inline(section.title)}**: {_inline(section.above)}", "")
            drawn = ("".join(line).rstrip() for line in section.lines)
            yield from ("```text", *drawn, section.below, "", *section.signs, "```", "")
        case Facts():
            yield from ("| | | | |", "|---|---|---|---|")
            for fact in section.rows:
                parts = [*fact.parts[: _ROOM - 1], ", ".join(fact.parts[_ROOM - 1 :])]
                cells = [*map(_inline, parts), *[""] * (_ROOM - len(parts))]
                title, value = _inline(fact.title), cells[0]
                if isinstance(fact.title, Styled):  # what stands out
                    title, value = f"**{title}**", f"**{value}**"
                yield _line([title, value, *cells[1:]])
            yield ""


def escape(text: str) -> str:
    """A string as literal text where a line or its text begins: no markup, HTML, mention, link or extra column."""
    text = _AT_START.sub(r"\g<0>\\", _inline(text))
    closed = text.rstrip()
    before = closed.rstrip("#")  # signs at the end of a heading would be part of it
    return before + "\\#" * (len(closed) - len(before)) + text[len(closed) :]


def _inline(text: str) -> str:
    """Likewise within a line, where fewer signs mean more than themselves."""
    return _HTML.sub(lambda sign: _ENTITIES[sign[0]], _MARKUP.sub(r"\\\g<0>", text))


def _code(text: str) -> str:
    """A span of code, whose fence is longer than any run of backticks within."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if len(fence) > 1 else ""
    return f"{fence}{space}{text}{space}{fence}"


def _tables(grid: Grid) -> Iterator[str]:
    rule = ["---:" if column.right else "---" for column in grid.columns]
    for group in grid.groups:
        titles = [_inline(column.title) for column in grid.columns]
        yield _line([_inline(group.title) or titles[0], *titles[1:]])
        yield _line(rule)
        for row in group.rows:
            yield _line([_cell(cell, column) for cell, column in zip(row, grid.columns, strict=True)])
        yield ""


def _cell(cell: str, column: Column) -> str:
    if column.bar:  # spaces before it would be lost, and the bar begin at the edge
        bar = cell.lstrip(" ")
        return GAP * (len(cell) - len(bar)) + bar
    return _inline(cell)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
