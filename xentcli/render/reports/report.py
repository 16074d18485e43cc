"""What a person reads, before any format: a headline, roles, tables and remarks, as strings.

Each kind of result has a module that turns it into a `Report`; the table and Markdown renderers lay it out. Every
string of a report is made visible when it is put in, so that no module has to think of it, and none can forget it.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import force_setattr

from xentcli.render.text import visible


class _Visible(Struct, frozen=True):
    """A part of a report: no string in it holds what would not show as itself."""

    def __post_init__(self) -> None:
        """Write out what would not show."""
        for name in self.__struct_fields__:
            force_setattr(self, name, _shown(getattr(self, name)))


def _shown(value: object) -> object:
    if isinstance(value, str):
        return visible(value)
    return tuple(map(_shown, value)) if isinstance(value, tuple) else value


class Column(_Visible, frozen=True):
    """A column of a grid."""

    title: str = ""
    right: bool = False  # justified
    raw: bool = False  # holds strings of the input, which may be any markup
    dim: bool = False  # words beside the numbers
    above: bool = False  # stands above the next column where there is no room beside it
    bar: bool = False  # drawn; left out where the page is too narrow


class Group(_Visible, frozen=True):
    """Rows under a title, or under none."""

    rows: tuple[tuple[str, ...], ...]
    title: str = ""


class Grid(_Visible, frozen=True):
    """A table."""

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]


class Report(_Visible, frozen=True):
    """A result in words."""

    name: str  # of the input; raw
    what: str
    roles: tuple[tuple[str, str], ...]  # raw
    small_print: str
    grids: tuple[Grid, ...]
    words: tuple[str, ...] = ()  # what the first grid says; raw
    remarks: tuple[str, ...] = ()  # raw
    then: Report | None = None  # below it
    verdict: str = ""  # what is said before all else; raw


def without_bars(grid: Grid) -> Grid:
    """The same table without what is drawn."""
    kept = [place for place, column in enumerate(grid.columns) if not column.bar]
    cells = (tuple(tuple(row[place] for place in kept) for row in group.rows) for group in grid.groups)
    groups = tuple(Group(rows, group.title) for rows, group in zip(cells, grid.groups, strict=True))
    return Grid(tuple(grid.columns[place] for place in kept), groups)
