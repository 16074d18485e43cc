"""Tables for people, by rich. Strings of the input come in as `Text`, never as markup."""

from __future__ import annotations

import io

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from xentcli.render import Page, report
from xentcli.render.text import visible
from xentcli.results import ScoreResult

_NARROWEST = 40  # a terminal that is narrower wraps the lines itself; cells of two characters serve nobody
_NATURAL_WIDTH = 100_000  # wider than any table: nothing is wrapped or cut


def render(result: ScoreResult, page: Page) -> str:
    """What was scored, the metrics, and the classes."""
    console = Console(
        file=io.StringIO(),
        width=max(page.width, _NARROWEST) if page.width else _NATURAL_WIDTH,
        force_terminal=page.color,
        color_system="standard" if page.color else None,
        no_color=not page.color,
        emoji=False,
        highlight=False,
        markup=False,
        legacy_windows=False,
    )
    lines = box.ASCII2 if page.ascii else box.SIMPLE_HEAD
    with console.capture() as capture:
        (name, what), *roles = report.heading(result)
        console.print(Text(f"{visible(name)}  {what}", "bold"), overflow="fold")
        console.print(_roles(roles))
        console.print(_signature(result))
        console.print(_metrics(result, lines))
        if result.classes:
            console.print(_classes(result, lines))
        if more := report.left_out(result):
            console.print(Padding(Text(more, "dim"), (0, 0, 0, 2)))
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def _roles(roles: list[tuple[str, str]]) -> Padding:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    grid.add_column(overflow="fold")
    for role, column in roles:
        grid.add_row(Text(visible(role)), Text(visible(column)))
    return Padding(grid, (0, 0, 0, 2))


def _signature(result: ScoreResult) -> Padding:
    return Padding(Text(report.signature_line(result.signature, len(result.classes)), "dim"), (0, 0, 0, 2))


def _metrics(result: ScoreResult, lines: box.Box) -> Table:
    table = Table(box=lines, pad_edge=False, padding=(0, 1), header_style="bold", title_justify="left")
    table.add_column("", overflow="fold", no_wrap=False)
    table.add_column(result.unit.value, justify="right", overflow="fold", no_wrap=True)
    table.add_column("", overflow="fold")
    for title, rows in report.groups(result):
        table.add_row(Text(title, "bold"))
        for row in rows:
            meaning = Text(row.meaning, "dim")
            if row.interval:
                meaning = Text(f"{row.interval} (95 %)\n").append(meaning)
            table.add_row(
                Text("  " + row.title), Text(row.value, "bold" if row.title == "log loss" else ""), meaning
            )
        table.add_section()
    return table


def _classes(result: ScoreResult, lines: box.Box) -> Table:
    header, rows = report.class_rows(result)
    table = Table(box=lines, pad_edge=False, padding=(0, 1), header_style="bold")
    table.add_column(header[0], overflow="fold")
    for title in header[1:]:
        table.add_column(title, justify="right", overflow="fold")
    for name, *cells in rows:
        table.add_row(Text(visible(name)), *(Text(cell) for cell in cells))
    return table
