"""The table of the documents that tokens are of."""

from __future__ import annotations

from collections.abc import Sequence

from xentcli.render.reports.report import ColumnOf, Grid, grid_of, literal, numeric
from xentcli.render.text import number
from xentcli.results.parts import DocumentResult

MOST_DOCUMENTS = 20  # in a table for people; the flat formats have all


def document_grid(documents: Sequence[DocumentResult]) -> Grid:
    """The documents of the highest log loss."""
    columns: list[ColumnOf[DocumentResult]] = [
        (literal("document"), lambda each: each.document),
        (numeric("tokens"), lambda each: number(each.rows)),
        (numeric("log loss"), lambda each: number(each.log_loss)),
        (numeric("perplexity"), lambda each: number(each.perplexity)),
        (numeric("contribution"), lambda each: number(each.contribution)),
    ]
    if any(each.bits_per_byte is not None for each in documents):
        columns.append((numeric("bits per byte"), lambda each: number(each.bits_per_byte)))
    return grid_of(documents[:MOST_DOCUMENTS], columns, "Documents")
