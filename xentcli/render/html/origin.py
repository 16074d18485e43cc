"""How the numbers of a page were computed, and from which bytes."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.render.html.chapters import Chapter, remarks
from xentcli.render.html.elements import items, table, text
from xentcli.render.reports.report import ColumnOf, Sentences, grid_of, left_out, literal, numeric, signature_line
from xentcli.render.text import number
from xentcli.results.report import ReportResult
from xentcli.results.result import DEFINITIONS, InputInfo

_MOST_INPUTS, _MOST_NOTICES = 100, 50


def origin(result: ReportResult) -> Chapter:
    """Notices, what the page lacks, inputs with their checksums, signature and versions."""
    return Chapter("How this was computed", "origin", tuple(_content(result)))


def _content(result: ReportResult) -> Iterator[str]:
    score = result.score
    notices = [str(each) for each in result.notices if not each.doubt]
    yield items(Sentences((*notices[:_MOST_NOTICES], *result.left_out)))
    yield from remarks(list(left_out(len(notices) - _MOST_NOTICES, "notices")))
    inputs = _inputs(result)
    columns: list[ColumnOf[InputInfo]] = [
        (literal("input"), lambda each: each.name),
        (literal("format"), lambda each: each.format),
        (numeric("rows"), lambda each: number(each.rows)),
        (numeric("bytes"), lambda each: number(each.bytes)),
    ]
    yield from table(grid_of(inputs[:_MOST_INPUTS], columns, "Inputs"))
    yield from remarks(list(left_out(len(inputs) - _MOST_INPUTS, "inputs", ",")))
    if named := list(result.checksums)[:_MOST_INPUTS]:
        hashes = "".join(
            f"<dt>{text(name)}</dt><dd><code class=hash>{text(digest)}</code></dd>" for name, digest in named
        )
        yield f"<h3>SHA-256 of the inputs</h3><dl>{hashes}</dl>"
    yield "<h3>Signature</h3>"
    yield f"<p><code>{text(signature_line(score.signature, len(score.classes)))}</code></p>"
    yield f'<p class="muted">xent {text(score.version)}, definitions {DEFINITIONS}, unit {score.unit.value}.</p>'


def _inputs(result: ReportResult) -> list[InputInfo]:
    """Those of the scores, then those of the base that are others."""
    base = () if result.comparison is None else result.comparison.base.inputs
    return list({each.name: each for each in (*base, *result.score.inputs)}.values())
