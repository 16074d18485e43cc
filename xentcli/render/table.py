"""Tables for people, by rich. Strings of the input come in as `Text`, never as markup."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from xentcli.render.diagram import to_ascii
from xentcli.render.page import Page
from xentcli.render.reports.kinds import report_of
from xentcli.render.reports.report import Column, Grid, Report, without_bars
from xentcli.results.result import Result

_FEWEST = 12  # characters of a cell of words, as fewer a line serve nobody
_COMMAND = re.compile(r"\A((?:\s|\x1b\[[0-9;]*m)*):(?=:)")  # of a build log, where a string was broken before it
_NATURAL_WIDTH = 100_000  # wider than any table: nothing is wrapped or cut


def render(result: Result, page: Page) -> str:
    """Headline, roles, tables and remarks, as wide as the page."""
    console = _console(page)
    text = _text(report_of(result, page), console, page)
    return "\n".join(_COMMAND.sub(r"\1\\x3a", line.rstrip()) for line in text.splitlines()) + "\n"


def _text(report: Report, console: Console, page: Page) -> str:
    with console.capture() as capture:
        console.print(Text(f"{report.name}  {report.what}", "bold"), overflow="fold")
        if report.verdict:
            console.print(Text(report.verdict, "bold"))
        for doubt in report.doubts:
            console.print(_indented(f"! {doubt}", "bold yellow"))
        if report.roles:
            console.print(_roles(report.roles))
        if report.small_print:
            console.print(_indented(report.small_print, "dim"))
        for place, grid in enumerate(report.grids):
            _print_grid(console, grid, page)
            for sentence in report.words if place == 0 else ():
                console.print(_indented(sentence))
        for remark in report.remarks:
            console.print(_indented(remark, "dim"))
    return capture.get() + ("" if report.below is None else f"\n{_text(report.below, console, page)}")


def _print_grid(console: Console, grid: Grid, page: Page) -> None:
    lines = box.ASCII2 if page.ascii else box.SIMPLE_HEAD
    table = _table(grid, lines, page.ascii)
    least = _least(console, table)
    if least > console.width and any(column.bar for column in grid.columns):
        table = _table(without_bars(grid), lines, page.ascii)
        least = _least(console, table)
    # A number is never broken: a terminal that is too narrow for all of them wraps the lines itself.
    table.width = least if least > console.width else None
    console.print(table, crop=False, no_wrap=True)


def _least(console: Console, table: Table) -> int:
    return console.measure(table, options=console.options.update(width=_NATURAL_WIDTH)).minimum


def _console(page: Page) -> Console:
    return Console(
        file=io.StringIO(),
        width=page.width or _NATURAL_WIDTH,
        force_terminal=page.color,
        color_system="standard" if page.color else None,
        no_color=not page.color,
        emoji=False,
        highlight=False,
        markup=False,
        legacy_windows=False,
    )


def _indented(text: str, style: str = "") -> Padding:
    return Padding(Text(text, style), (0, 0, 0, 2))


def _roles(roles: Sequence[tuple[str, str]]) -> Padding:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(overflow="fold")
    grid.add_column(overflow="fold")
    for role, column in roles:
        grid.add_row(Text(role), Text(column))
    return Padding(grid, (0, 0, 0, 2))


def _table(grid: Grid, lines: box.Box, ascii_only: bool) -> Table:
    table = Table(box=lines, pad_edge=False, padding=(0, 1), header_style="bold")
    for place, column in enumerate(grid.columns):
        if not column.above:
            fixed = column.right or column.bar
            longest = max((cell_len(row[place]) for group in grid.groups for row in group.rows), default=0)
            table.add_column(
                Text(column.title),
                justify="right" if column.right else "left",
                overflow="fold",
                no_wrap=fixed,
                min_width=max(longest, cell_len(column.title)) if fixed else min(_FEWEST, longest),
            )
    for group in grid.groups:
        if group.title:
            table.add_row(Text(group.title, "bold"))
        for row in group.rows:
            table.add_row(*_cells(row, grid.columns, "  " if group.title else "", ascii_only))
        table.add_section()
    return table


def _cells(row: Sequence[str], columns: Sequence[Column], indent: str, ascii_only: bool) -> list[Text]:
    cells: list[Text] = []
    above = Text()
    for cell, column in zip(row, columns, strict=True):
        if column.bar and ascii_only:
            cell = to_ascii(cell)
        text = Text(cell, "dim" if column.dim else "")
        if column.above:
            above = text + Text("\n") if cell else Text()
            continue
        cells.append(above + text)
        above = Text()
    return [Text(indent) + cells[0], *cells[1:]]
