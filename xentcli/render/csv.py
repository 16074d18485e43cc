"""Flat rows, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io

from xentcli.render import Page
from xentcli.render.text import visible
from xentcli.results import Result


def render(result: Result, page: Page) -> str:
    """Numbers by repr, infinity `inf`, not available empty; control characters of names written out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(result.flat_columns)
    writer.writerows([_cell(value) for value in row] for row in result.to_rows())
    return out.getvalue()


def _cell(value: str | float | None) -> str:
    if isinstance(value, str):
        return visible(value)
    return "" if value is None else repr(value)
