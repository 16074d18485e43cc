"""Flat rows, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io

from xentcli.render.page import Page
from xentcli.render.text import visible
from xentcli.results.result import Result


def render(result: Result, page: Page) -> str:
    """Numbers by repr, infinity `inf`, not available empty; control characters of names written out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in (result.flat_columns, *result.to_rows()):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _cell(value: str | float | None) -> str:
    if isinstance(value, str):
        return visible(value)
    return "" if value is None else repr(value)
