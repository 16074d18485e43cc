"""Tables for people, by rich. Strings of the input come in as `Text`, never as markup."""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from msgspec.structs import replace
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from xentcli.render.diagram import to_ascii
from xentcli.render.page import Page
from xentcli.render.reports.kinds import report_of
from xentcli.render.reports.report import (
    Column,
    Drawing,
    Facts,
    Grid,
    Report,
    Section,
    Sentences,
    Styled,
    least_useful,
    naming_columns,
    picked,
    without,
)
from xentcli.render.styled import HELD, indented, longest_word, styled
from xentcli.results.result import Result

_FEWEST = 12  # characters of a cell of words, as fewer a line serve nobody
_NAMES = 3  # a column of words has this part of the page before others are left out for it
_COMMAND = re.compile(r"\A((?:\s|\x1b\[[0-9;]*m)*):(?=:)")  # of a build log, where a string was broken before it
_AROUND = 4  # characters that a cell may have around it
_NATURAL_WIDTH = 100_000  # wider than any table: nothing is wrapped or cut


def render(result: Result, page: Page) -> str:
    """Headline, roles, tables and remarks, as wide as the page."""
    console = _console(page)
    report = report_of(result, page)
    if page.quiet:  # the headline numbers, what puts them in doubt, and requirements that are not met
        urgent = (each for each in report.sections[1:] if isinstance(each, Grid) and each.urgent)
        sections = (*report.sections[:1], *urgent)
        report = replace(report, sections=sections, remarks=(), small_print="", pointers=(), below=None)
    if not page.pointers:
        report = _without_pointers(report)
    text = _text(report, console, page)
    lines = [_COMMAND.sub(r"\1\\x3a", line.rstrip()) for line in text.replace(HELD, " ").splitlines()]
    spaced = (line for before, line in pairwise(["", *lines]) if line or before)  # one blank line between sections
    return "\n".join(spaced).rstrip("\n") + "\n"


def _without_pointers(report: Report) -> Report:
    below = None if report.below is None else _without_pointers(report.below)
    return replace(report, pointers=(), below=below)


def _text(report: Report, console: Console, page: Page) -> str:
    with console.capture() as capture:
        _print_head(report, console)
        left_out = [title for section in report.sections for title in _print_section(console, section, page)]
        for remark in report.remarks:
            console.print(indented(remark, "dim"))
        if left_out:
            titles = ", ".join(dict.fromkeys(left_out))
            console.print(indented(f"no room for these columns: {titles} (--full shows them)", "dim"))
        if report.small_print:
            console.print(indented(report.small_print, "dim"))
        for line in _fill(report.pointers, console.width - 1):
            console.print(indented(line, "dim"))
    return capture.get() + ("" if report.below is None else f"\n{_text(report.below, console, page)}")


def _print_head(report: Report, console: Console) -> None:
    """What was read, the verdict, and what to check first."""
    name, what = styled(report.name, "bold"), Text(report.what)
    fits = cell_len(name.plain) + 3 + cell_len(what.plain) <= console.width
    for line in (Text.assemble(name, "   ", what),) if fits else (name, what):
        console.print(line, overflow="fold")
    if report.verdict:
        console.print(styled(report.verdict, "bold"))
    for doubt in report.doubts:
        console.print(_hanging([(Styled("check this first:", "doubt"), Styled(doubt, "headline"))]))
    for filled in _fill([": ".join(filter(None, role)) for role in report.roles], console.width):
        console.print(Text(filled), overflow="fold")
    console.print()


def _print_section(console: Console, section: Section, page: Page) -> tuple[str, ...]:
    """Print it; the titles of the columns that there is no room for."""
    match section:
        case Grid():
            return _print_grid(console, section, page)
        case Facts():
            for line in _fact_lines(section, console.width):
                console.print(line, overflow="fold")
        case Sentences():
            if section.title:
                console.print(Text(f" {section.title}", "bold"))
            if section.numbered:
                console.print(_hanging((f"{i}.", line) for i, line in enumerate(section.lines, 1)))
            for sentence in () if section.numbered else section.lines:
                console.print(indented(sentence))
        case Drawing():
            _print_drawing(console, section)
    console.print()
    return ()


def _print_drawing(console: Console, drawing: Drawing) -> None:
    console.print(indented(drawing.title, "bold"))
    console.print(indented(drawing.above))
    for parts in drawing.lines:
        console.print(Text.assemble(*map(styled, parts)), no_wrap=True, crop=False, overflow="ignore")
    console.print(indented(drawing.below))
    for line in _fill(drawing.signs, console.width - 1):
        console.print(indented(line))


def _fact_lines(facts: Facts, width: int) -> Iterator[Text]:
    """A line each, some in columns; parts that there is no room for stand one below the other."""
    starts = [3 + max(cell_len(fact.title) for fact in facts.rows)]
    for parts in zip(*(fact.parts for fact in facts.rows if fact.aligned), strict=True):
        starts.append(starts[-1] + 3 + max(map(cell_len, parts)))
    fitting = sum(end - 3 <= width for end in starts[1:])
    for fact in facts.rows:
        line = Text(" ") + styled(fact.title)
        for place, part in enumerate(fact.parts):
            start = cell_len(line.plain) + 2 if place else starts[0]
            if fact.aligned and place < fitting:
                start = starts[place]
            elif place and part and (fact.aligned or start + cell_len(part) > width):
                yield line
                line, start = Text(), starts[0]
            line.append(" " * (start - cell_len(line.plain)))
            line.append_text(styled(part))
        line.rstrip()
        yield line


def _fill(parts: Sequence[str], width: int) -> Iterator[str]:
    """Lines of whole parts, as many on each as there is room for."""
    line = ""
    for part in parts:
        if line and cell_len(line) + 3 + cell_len(part) > width:
            yield line
            line = ""
        line = f"{line}   {part}" if line else part
    if line:
        yield line


def _hanging(lines: Iterable[tuple[str, str]], style: str = "") -> Padding:
    """Sentences behind their numbers, or whatever they begin with."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for first, rest in lines:
        grid.add_row(styled(first, style), styled(rest, style))
    return Padding(grid, (0, 0, 0, 1))


def _print_grid(console: Console, grid: Grid, page: Page) -> tuple[str, ...]:
    """Print the table without the columns that the page has no room for, whose titles it returns.

    Long words are broken first. A full page leaves out bars only. Columns that must stay and find no room go on in
    a table below, behind those that name the rows.
    """
    if _most(grid) <= console.width:  # as most do: to measure a table takes longer than to print it
        console.print(_table(grid, page.ascii, _NATURAL_WIDTH), crop=False, no_wrap=True)
        return ()
    left_out: list[str] = []
    words = max(_FEWEST, console.width // _NAMES)
    while (
        _least(console, grid, page, words) > console.width and (place := least_useful(grid, page.full)) is not None
    ):
        if not grid.columns[place].bar:
            left_out.append(grid.columns[place].title)
        grid = without(grid, place)
    for part in _parts(console, grid, page):
        table = _table(part, page.ascii, _widest_words(console, part, page))
        least = console.measure(table, options=console.options.update(width=_NATURAL_WIDTH)).minimum
        # A number is never broken: a terminal that is too narrow for all of them wraps the lines itself.
        table.width = least if least > console.width else None
        console.print(table, crop=False, no_wrap=True)
    return tuple(reversed(left_out))


def _widest_words(console: Console, grid: Grid, page: Page) -> int:
    """Characters of the longest line in a cell of words, where the table is to fit; the fewest if none."""
    if _least(console, grid, page) <= console.width:
        return _NATURAL_WIDTH
    widths = range(_FEWEST, console.width)
    spill = bisect_right(widths, console.width, key=lambda words: _least(console, grid, page, words))
    return widths[max(0, spill - 1)]


def _parts(console: Console, grid: Grid, page: Page) -> Iterator[Grid]:
    """The table in as many as it takes for each to fit: the first columns, which name the rows, stand in all."""
    first = naming_columns(grid)
    start, places = len(first), len(grid.columns)
    while start < places:
        end = start + 1
        while end < places:
            wider = picked(grid, [*first, *range(start, end + 1)])
            if _least(console, wider, page, _FEWEST) > console.width:
                break
            end += 1
        while end < places and grid.columns[end - 1].above:  # it stands with the next one
            end += 1
        yield picked(grid, [*first, *range(start, end)])
        start = end


def _most(grid: Grid) -> int:
    """Characters that the table cannot exceed: all cells and titles on one line each."""
    rows = [row for group in grid.groups for row in group.rows]
    columns = ([column.title, *(row[place] for row in rows)] for place, column in enumerate(grid.columns))
    longest = sum(_AROUND + max(map(cell_len, cells)) for cells in columns)
    return longest + _AROUND + max((cell_len(group.title) for group in grid.groups), default=0)


def _least(console: Console, grid: Grid, page: Page, words: int = _NATURAL_WIDTH) -> int:
    """Characters that the table takes if no line in a cell of words is longer than `words`."""
    options = console.options.update(width=_NATURAL_WIDTH)
    return console.measure(_table(grid, page.ascii, words), options=options).minimum


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


def _table(grid: Grid, ascii_only: bool, words: int) -> Table:
    lines = box.ASCII2 if ascii_only else box.SIMPLE_HEAD
    table = Table(box=lines, pad_edge=False, padding=(0, 1), collapse_padding=True, header_style="bold")
    held = 0  # characters of the longest interval above the column
    for place, column in enumerate(grid.columns):
        if not column.above:
            fixed = column.right or column.bar or column.whole
            cells = [row[place] for group in grid.groups for row in group.rows]
            longest = max(map(cell_len, cells), default=0)
            table.add_column(
                Text(column.title),
                justify="right" if column.right else "left",
                overflow="fold",
                no_wrap=fixed,
                min_width=max(longest, cell_len(column.title)) if fixed else max(min(_FEWEST, longest), held),
                max_width=None if fixed else max(words, held),
            )
            held = 0
        else:
            held = max((longest_word(row[place]) for group in grid.groups for row in group.rows), default=0)
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
        text = styled(cell, "dim" if column.dim else "")
        if column.above:
            above = text + Text("\n") if cell else Text()
            continue
        cells.append(above + text)
        above = Text()
    return [Text(indent) + cells[0], *cells[1:]]
