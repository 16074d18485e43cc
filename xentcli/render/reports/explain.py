"""The report of `xent explain`: a page about one number, or the list of all."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.render.page import Page
from xentcli.render.reports.report import Column, Grid, Group, Report, Sentences
from xentcli.results.explain import ExplainedNumber, ExplainResult
from xentcli.results.metrics import TABLES
from xentcli.wording import plural

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
    if first.table == "labels":
        lines = (first.text, f"see also: {', '.join(first.see)}") if first.see else (first.text,)
        return Report(result.asked.strip(), "as it stands in reports", (), (Sentences(lines),))
    grids = tuple(Grid((Column(_place(each)), Column()), (Group(tuple(_lines(each))),)) for each in result.numbers)
    more = f", and in {plural(len(others), 'more table')}" if others else ""
    return Report(first.title, f"{_place(first)}{more}", (), grids, first=len(grids))


def _lines(each: ExplainedNumber) -> Iterator[tuple[str, str]]:
    """What there is to say of it; a label of a report that is no number has no formula or source."""
    lines = {
        "what": each.text,
        "formula": each.formula,
        "unit": _UNITS.get(each.unit, each.unit) if each.formula else "",
        "range": each.range,
        "mind": "" if each.caveats == "none" else each.caveats,
        "source": each.source,
        "see also": ", ".join(each.see),
    }
    yield from ((title, text) for title, text in lines.items() if text)


def _place(each: ExplainedNumber) -> str:
    return f"{each.table}.{each.name}"
