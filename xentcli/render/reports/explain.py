"""The report of `xent explain`: a page about one number, or the list of all."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.render.page import Page
from xentcli.render.reports.report import Column, Grid, Group, Report
from xentcli.results.explain import ExplainedNumber, ExplainResult
from xentcli.results.metrics import TABLES

_UNITS = {"info": "nats, bits or bans", "count": "count", "": "none"}


def report(result: ExplainResult, page: Page) -> Report:
    """Everything that a person is told."""
    if result.asked is None:
        columns = (Column("name"), Column("meaning", dim=True))
        rows = {
            name: [(each.name, each.meaning) for each in result.numbers if each.table == name] for name in TABLES
        }
        grid = Grid(columns, tuple(Group(tuple(lines), name) for name, lines in rows.items()))
        return Report("xent explain NAME", "what each number means", (), (grid,))
    first, *others = result.numbers
    grids = tuple(Grid((Column(_place(each)), Column()), (Group(tuple(_lines(each))),)) for each in result.numbers)
    more = f", and in {len(others)} more tables" if others else ""
    return Report(first.title, f"{_place(first)}{more}", (), grids, first=len(grids))


def _lines(each: ExplainedNumber) -> Iterator[tuple[str, str]]:
    yield "what", each.text
    yield "formula", each.formula
    yield "unit", _UNITS.get(each.unit, each.unit)
    yield "range", each.range
    yield "mind", each.caveats
    yield "source", each.source
    if each.see:
        yield "see also", ", ".join(each.see)


def _place(each: ExplainedNumber) -> str:
    return f"{each.table}.{each.name}"
