"""One value a line: table, by, class, metric, value, unit."""

from __future__ import annotations

import csv
import io

from xentcli.render import Page
from xentcli.render.text import visible
from xentcli.results import FLAT_COLUMNS, ScoreResult


def render(result: ScoreResult, page: Page) -> str:
    """Numbers by repr, infinity `inf`, not available empty; control characters of names written out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FLAT_COLUMNS)
    for table, by, name, metric, value, unit in result.to_rows():
        writer.writerow([table, by, visible(name), metric, "" if value is None else repr(value), unit])
    return out.getvalue()
