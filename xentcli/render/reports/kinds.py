"""Which module makes the report of each kind of result."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from msgspec.structs import replace

from xentcli.render.page import Page
from xentcli.render.reports.report import Report
from xentcli.results.result import Result

REPORTS = {
    "xent.score": "xentcli.render.reports.score",
    "xent.calibrate": "xentcli.render.reports.calibrate",
    "xent.columns": "xentcli.render.reports.columns",
    "xent.worst": "xentcli.render.reports.worst",
    "xent.compare": "xentcli.render.reports.compare",
    "xent.rank": "xentcli.render.reports.rank",
    "xent.divergence": "xentcli.render.reports.divergence",
    "xent.explain": "xentcli.render.reports.explain",
    "xent.gradients": "xentcli.render.reports.gradients",
    "xent.gate": "xentcli.render.reports.gate",
}


def report_of(result: Result, page: Page) -> Report:
    """The report of a result of any kind, which begins with what puts its numbers in doubt."""
    make: Callable[[Result, Page], Report] = import_module(REPORTS[result.format]).report
    return replace(make(result, page), doubts=tuple(map(str, result.doubts)))
