"""How the numbers of a page were computed, and from which bytes."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.render.html.chapters import Chapter, remarks
from xentcli.render.html.elements import items, table, text
from xentcli.render.inputs import MOST_INPUTS, summarize_inputs
from xentcli.render.reports.report import ColumnOf, Sentences, grid_of, left_out, literal, numeric, signature_line
from xentcli.render.text import number
from xentcli.results.report import ReportResult
from xentcli.results.result import DEFINITIONS, InputInfo

_MOST_NOTICES = 50


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
    checksums = dict(result.checksums)
    if len(inputs) > MOST_INPUTS:
        yield from table(grid_of([inputs[0], inputs[-1]], columns, "Inputs, the first and the last"))
        yield from remarks([_summary(inputs)])
        between = {each.name for each in inputs[1:-1]}
        checksums = {name: digest for name, digest in checksums.items() if name not in between}
    else:
        yield from table(grid_of(inputs, columns, "Inputs"))
    if checksums:
        hashes = "".join(
            f"<dt>{text(name)}</dt><dd><code class=hash>{text(digest)}</code></dd>"
            for name, digest in checksums.items()
        )
        yield f"<h3>SHA-256 of the inputs</h3><dl>{hashes}</dl>"
    yield "<h3>Signature</h3>"
    yield f"<p><code>{text(signature_line(score.signature, len(score.classes)))}</code></p>"
    yield f'<p class="muted">xent {text(score.version)}, definitions {DEFINITIONS}, unit {score.unit.value}.</p>'


def _summary(inputs: list[InputInfo]) -> str:
    found = summarize_inputs([each.to_dict() for each in inputs])
    size = "" if found["bytes"] is None else f", {found['bytes']:,} bytes"
    return (
        f"{found['count']:,} inputs with {found['rows']:,} rows{size}; SHA-256 of their names, formats, rows and "
        f"bytes: {found['sha256']}"
    )


def _inputs(result: ReportResult) -> list[InputInfo]:
    """Those of the scores, then those of the base that are others."""
    base = () if result.comparison is None else result.comparison.base.inputs
    return list({each.name: each for each in (*base, *result.score.inputs)}.values())
