"""The page as a whole. The same result gives the same bytes; nothing in it asks for anything elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator

from xentcli.render.html.chapters import REST, Chapter, chapters, remarks, section_lines
from xentcli.render.html.elements import items, paragraph, styled, text
from xentcli.render.html.origin import origin
from xentcli.render.html.script import SORTING
from xentcli.render.html.style import page_style
from xentcli.render.page import Page
from xentcli.render.reports.kinds import report_of
from xentcli.render.reports.report import Report, Sentences, input_names
from xentcli.results.report import ReportResult

MOST_BYTES = 2_000_000
_MOST_ROWS = (200, 50, 10)  # of a table: fewer where the page would be too large
_MARKS = {"pass": "✓", "fail": "✗", "undecided": "?"}


def render(result: ReportResult) -> str:
    """The page; tables that would make it too large are cut, and say by how many rows."""
    for rows in _MOST_ROWS:
        written = "\n".join(_document(result, Page(full=True, pointers=False, most_rows=rows))) + "\n"
        if len(written.encode("utf-8", "backslashreplace")) <= MOST_BYTES:
            break
    return written


def _document(result: ReportResult, page: Page) -> Iterator[str]:
    score = report_of(result.score if not result.gate.gates else result.gate, page)
    verdict, score = (score, score.below) if score.below is not None else (None, score)
    title = result.title or score.name
    first = [*_verdict(result, verdict), *_doubts(tuple(str(each) for each in result.notices if each.doubt))]
    main = [*_numbers(score), *_comparison(result, page), *_score(result, score, page), origin(result)]
    yield from _head(title)
    yield '<body><div class="page">'
    yield from _header(title, score)
    yield from _contents(each for each in (*first, *main))
    yield "<main>"
    for chapter in (*first, *main):
        yield from chapter.html()
    yield "</main>"
    written = f"Written by xent {text(result.score.version)}."
    yield f"<footer>{written} xent explain NAME says what a number means.</footer>"
    yield f"</div><script>{SORTING}</script></body></html>"


def _head(title: str) -> Iterator[str]:
    style = page_style()
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(SORTING)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
    yield f'<link rel="icon" href="data:,"><title>{text(title)}: xent report</title>'
    yield f"<style>{style}</style></head>"


def _hash(inline: str) -> str:
    """What a policy calls a style or script that stands in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()}'"


def _header(title: str, score: Report) -> Iterator[str]:
    yield f"<header><h1>{text(title)}</h1>"
    about = score.what if title == score.name else f"{score.name}: {score.what}"
    yield paragraph(about, "muted")
    if score.roles:
        roles = "".join(f"<dt>{text(role)}</dt><dd>{text(column)}</dd>" for role, column in score.roles)
        yield f'<dl class="roles">{roles}</dl>'
    yield "</header>"


def _contents(listed: Iterable[Chapter]) -> Iterator[str]:
    links = "".join(f'<li><a href="#{each.anchor}">{text(each.title)}</a></li>' for each in listed)
    yield f'<nav aria-label="Contents"><ul>{links}</ul></nav>'


def _verdict(result: ReportResult, verdict: Report | None) -> Iterator[Chapter]:
    """The verdict, then each requirement; nothing where nothing is required."""
    if verdict is None:
        return
    gate = result.gate
    title = f"{_MARKS[gate.verdict]} {verdict.name}"
    yield Chapter(title, "verdict", (paragraph(verdict.what),), f"verdict {gate.verdict}")
    content = [line for each in verdict.sections for line in section_lines(each, "Requirements")]
    if gate.baseline is not None:
        content.append(paragraph(f"Baseline: {gate.baseline}", "muted"))
    yield Chapter("Requirements", "requirements", (*content, *remarks(verdict.remarks)), "checks")


def _doubts(doubts: tuple[str, ...]) -> Iterator[Chapter]:
    if doubts:
        yield Chapter("Check this first", "doubts", (items(Sentences(doubts)),), "doubts")


def _numbers(score: Report) -> Iterator[Chapter]:
    """The headline."""
    yield Chapter("Headline", "headline", tuple(section_lines(score.sections[0])))


def _comparison(result: ReportResult, page: Page) -> Iterator[Chapter]:
    if result.comparison is None:
        return
    found = report_of(result.comparison, page)
    base = input_names(each.name for each in result.comparison.base.inputs)
    content = [f'<p class="strong">{styled(found.verdict)}</p>', paragraph(f"{found.name}: {found.what}", "muted")]
    content += [line for each in found.sections for line in section_lines(each)]
    yield Chapter(f"Compared with {base}", "comparison", (*content, *remarks(found.remarks)))


def _score(result: ReportResult, score: Report, page: Page) -> Iterator[Chapter]:
    """All tables and pictures; the costliest rows before the table of all numbers."""
    found = list(chapters(score.sections[1:], result.pictures))
    rest = [each for each in found if each.anchor == REST.anchor]
    yield from (each for each in found if each not in rest)
    if result.worst is not None:
        worst = report_of(result.worst, page)
        content = [line for each in worst.sections for line in section_lines(each, "Rows of the largest loss")]
        yield Chapter("Rows of the largest loss", "rows", (*content, *remarks(worst.remarks)))
    for each in rest:
        yield Chapter(each.title, each.anchor, (*each.content, *remarks(score.remarks)))
