"""The report of `xent gradients`: what each loss makes of a row, by how wrong the row is."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.render.diagram import span_bar
from xentcli.render.page import Page
from xentcli.render.reports.report import (
    EXPLAIN,
    Column,
    ColumnOf,
    Report,
    Sentences,
    grid_of,
    input_names,
    numeric,
    signature_line,
)
from xentcli.render.text import number
from xentcli.results.gradients import GradientBin, GradientsResult
from xentcli.wording import percent, plural

_TAKEN = 78  # characters of the columns beside the bars


def report(result: GradientsResult, page: Page) -> Report:
    """Everything that a person is told."""
    most = max((each.squared_error or 0.0 for each in result.bins), default=0.0)
    columns: tuple[ColumnOf[GradientBin], ...] = (
        (Column("p(label)", whole=True), lambda each: f"{each.low:g} to {each.high:g}"),
        (numeric("rows"), lambda each: number(each.rows)),
        (numeric("share", 2), lambda each: percent(each.share)),
        (numeric("cross-entropy"), lambda each: number(each.cross_entropy)),
        (numeric("squared error"), lambda each: number(each.squared_error)),
        (numeric("saturated", 1), lambda each: number(each.saturated_rows)),
        (
            Column("pull of squared error", bar=True, drop=3),
            lambda each: span_bar(0.0, each.squared_error or 0.0, most, page.bar_beside(_TAKEN)),
        ),
    )
    return Report(
        name=input_names(source.name for source in result.inputs),
        what=f"{plural(result.rows, 'row')}: mean size of the gradient by the logits",
        roles=(),
        sections=(grid_of(result.bins, columns), Sentences(tuple(_words(result)))),
        small_print=signature_line(result.signature, len(result.classes), full=page.full),
        pointers=("scores: xent score FILE", "rows: xent worst FILE", EXPLAIN),
        first=2,
    )


def _words(result: GradientsResult) -> Iterator[str]:
    yield (
        "Cross-entropy pulls on a row by q - t, as much as the row is wrong. Squared error "
        "multiplies that by the slope of the softmax, which is flat where the prediction is certain, right or not."
    )
    if not result.wrong_share:
        yield "No row gave its label less than one half, so there is nothing that squared error could miss here."
        return
    yield (
        f"{percent(result.wrong_share)} of the rows are wrong (p(label) below one half). On "
        f"{percent(result.saturated_share)} of all, {plural(result.saturated_rows, 'row')}, squared error has "
        "saturated: it pulls less than a tenth as hard as cross-entropy, where there is most to learn."
    )
