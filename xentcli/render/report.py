"""What a person reads, before any format: a headline, roles, tables and remarks, as strings.

Each kind of result has a module that turns it into a `Report`; the table and Markdown renderers lay it out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from xentcli.results import Result

REPORTS = {
    "xent.score": "xentcli.render.score_report",
    "xent.columns": "xentcli.render.columns_report",
}


@dataclass(frozen=True)
class Column:
    """A column of a grid."""

    title: str = ""
    right: bool = False  # justified
    raw: bool = False  # holds strings of the input, which may hold anything
    dim: bool = False  # words beside the numbers
    above: bool = False  # stands above the next column where there is no room beside it


@dataclass(frozen=True)
class Group:
    """Rows under a title, or under none."""

    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Grid:
    """A table."""

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Report:
    """A result in words."""

    name: str  # of the input; raw
    what: str
    roles: tuple[tuple[str, str], ...]  # raw
    small_print: str
    grids: tuple[Grid, ...]
    remarks: tuple[str, ...] = ()  # raw


def report_of(result: Result) -> Report:
    """The report of a result of any kind."""
    make: Callable[[Result], Report] = import_module(REPORTS[result.format]).report
    return make(result)
