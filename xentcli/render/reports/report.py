"""What a person reads, before any format: a headline, roles, facts, tables and sentences, as strings.

Each kind of result has a module that turns it into a `Report`; the table and Markdown renderers lay it out. Every
string of a report is made visible when it is put in, so that no module has to think of it, and none can forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from msgspec.structs import force_setattr

from xentcli.render.inputs import MOST_INPUTS
from xentcli.render.text import visible
from xentcli.wording import and_more, brief_middle, few

if TYPE_CHECKING:
    from xentcli.results.compare import RowDifference
    from xentcli.results.divergence import MovedRow
    from xentcli.results.result import Signature
    from xentcli.results.worst import RowResult


class Styled(str):
    """A string that a page with colors shows in a style, named by what it means; it says the same without."""

    __slots__ = ("style",)

    def __new__(cls, text: str, style: str) -> Styled:
        """The text, with the name of its style."""
        styled = super().__new__(cls, text)
        styled.style = style
        return styled

    style: str


class _Visible(Struct, frozen=True):
    """A part of a report: no string in it holds what would not show as itself."""

    def __post_init__(self) -> None:
        """Write out what would not show."""
        for name in self.__struct_fields__:
            force_setattr(self, name, _make_visible(getattr(self, name)))


def _make_visible(value: object) -> object:
    if isinstance(value, Styled):
        return Styled(visible(value), value.style)
    if isinstance(value, str):
        return visible(value)
    return tuple(map(_make_visible, value)) if isinstance(value, tuple) else value


class Column(_Visible, frozen=True):
    """A column of a grid."""

    title: str = ""
    right: bool = False  # justified
    raw: bool = False  # holds strings of the input, which may be any markup
    dim: bool = False  # words beside the numbers
    above: bool = False  # stands above the next column where there is no room beside it
    bar: bool = False  # drawn
    whole: bool = False  # an interval or the like, which is never broken in two
    drop: int = 0  # where the page is too narrow the columns of the highest go first; those of 0 stay


class Group(_Visible, frozen=True):
    """Rows under a title, or under none."""

    rows: tuple[tuple[str, ...], ...]
    title: str = ""


class Grid(_Visible, frozen=True):
    """A table."""

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    title: str = ""  # what a page with headings calls it
    urgent: bool = False  # it stands on a quiet page too


class Fact(_Visible, frozen=True):
    """What comes first: a number, its interval and what it is measured against; or a few parts of their own."""

    title: str
    parts: tuple[str, ...]
    aligned: bool = (
        False  # its parts stand below those of the other facts that are aligned; an empty one has a place
    )


class Facts(_Visible, frozen=True):
    """The headline numbers, one below the other."""

    rows: tuple[Fact, ...]


class Sentences(_Visible, frozen=True):
    """What there is to say or to do, each on its own; raw."""

    lines: tuple[str, ...]
    title: str = ""
    numbered: bool = False


class Drawing(_Visible, frozen=True):
    """A picture in characters, where there is no other."""

    title: str
    above: str  # what the vertical axis shows
    lines: tuple[tuple[str, ...], ...]  # each in parts, which may have styles
    below: str  # what the horizontal axis shows
    signs: tuple[str, ...]  # what each sign means


Section = Facts | Grid | Sentences | Drawing


_LONG_TITLE = 16  # characters of a name above a column
EXPLAIN = "meaning: xent explain NAME"  # the last of the pointers


class Report(_Visible, frozen=True):
    """A result in words."""

    name: str  # of the input; raw
    what: str
    roles: tuple[tuple[str, str], ...]  # raw
    sections: tuple[Section, ...]
    remarks: tuple[str, ...] = ()  # raw
    small_print: str = ""
    pointers: tuple[str, ...] = ()  # what to type to see more
    below: Report | None = None  # below it
    verdict: str = ""  # what is said before all else; raw
    doubts: tuple[str, ...] = ()  # what may make all numbers wrong, said before them; raw
    first: int = 1  # so many sections stand open where the others can be folded


Row = TypeVar("Row")
ColumnOf = tuple[Column, Callable[[Row], str]]  # a column, and what stands in it for a row


def numeric(title: str, drop: int = 0) -> Column:
    """A column of numbers."""
    return Column(title, right=True, drop=drop)


def numeric_of(name: str, drop: int = 0) -> Column:
    """A column of numbers of a class or model, whose name is cut where it is long: a title is never broken."""
    return numeric(brief_middle(name, _LONG_TITLE), drop)


def literal(title: str, drop: int = 0) -> Column:
    """A column of strings of the input."""
    return Column(title, raw=True, drop=drop)


def grid_of(rows: Iterable[Row], columns: Iterable[ColumnOf[Row]], title: str = "") -> Grid:
    """The table of these rows."""
    columns = tuple(columns)
    cells = tuple(tuple(cell(row) for _, cell in columns) for row in rows)
    return Grid(tuple(column for column, _ in columns), (Group(cells),), title)


def least_useful(grid: Grid, bars_only: bool = False) -> int | None:
    """The place of the column to leave out first where there is no room for all; None if all must stay."""
    drops = [(column.drop, place) for place, column in enumerate(grid.columns) if column.bar or not bars_only]
    most, place = max(drops, default=(0, 0))
    return place if most else None


def without(grid: Grid, place: int) -> Grid:
    """The same table without a column."""
    return picked(grid, [each for each in range(len(grid.columns)) if each != place])


def picked(grid: Grid, places: Sequence[int]) -> Grid:
    """The same table with these columns only."""
    cells = (tuple(tuple(row[place] for place in places) for row in group.rows) for group in grid.groups)
    groups = tuple(Group(rows, group.title) for rows, group in zip(cells, grid.groups, strict=True))
    return Grid(tuple(grid.columns[place] for place in places), groups, grid.title)


def naming_columns(grid: Grid) -> Sequence[int]:
    """The places of the columns at the left that say what a row is about: one, or two of words."""
    words = [place for place, column in enumerate(grid.columns[:2]) if not (column.right or column.bar)]
    return range(2) if words == [0, 1] and len(grid.columns) > 2 else range(1)


Placed = TypeVar("Placed", "RowResult", "RowDifference", "MovedRow")


def place_columns(rows: Sequence[Placed]) -> list[ColumnOf[Placed]]:
    """Where rows of inputs are: the file where there are several, and the line or row."""
    columns: list[ColumnOf[Placed]] = []
    if len({row.file for row in rows}) > 1:
        columns.append((literal("file"), lambda row: row.file))
    title = "line" if any(row.line is not None for row in rows) else "row"
    return [*columns, (numeric(title), lambda row: f"{row.row if row.line is None else row.line}")]


def input_names(names: Iterable[str]) -> str:
    """One input by its name, several by their number and the first names, many by the first and the last."""
    names = list(names)
    if len(names) > MOST_INPUTS:
        return f"{len(names):,} files, {names[0]} to {names[-1]}"
    return names[0] if len(names) == 1 else f"{len(names)} files: {few(names, 5)}"


def given_roles(roles: dict[str, str | None]) -> Iterator[tuple[str, str]]:
    """Those of the roles that a column has."""
    yield from ((role, column) for role, column in roles.items() if column is not None)


def left_out(count: int, what: str, thousands: str = "", *, full: bool = True) -> Iterator[str]:
    """How many a table leaves out, and where they are; nothing if it has them all."""
    if count > 0:
        where = "--format csv or json has them all" if full else "--full shows more"
        yield f"{and_more(count, what, thousands)}: {where}"


def signature_line(signature: Signature, classes: int, *, full: bool = True) -> str:
    """How the numbers were computed, on one line: all of it, or what is not as it is by default."""
    weights = ",".join(f"{name}={weight:g}" for name, weight in signature.class_weights)
    parts = {
        "definitions": signature.definitions,
        "labels": signature.labels,
        "classes": classes,
        "weights": "yes" if signature.weighted else "no",
        "clip": "no" if signature.clip is None else repr(signature.clip),
        "normalize": "yes" if signature.normalize else "no",
        "sum-tolerance": repr(signature.sum_tolerance),
        "missing": signature.missing,
        **({"na": ",".join(signature.na)} if signature.na else {}),
        **({"ignored": ",".join(signature.ignored)} if signature.ignored else {}),
        **({"where": ",".join(signature.where)} if signature.where else {}),
        **({"smoothing": repr(signature.smoothing)} if signature.smoothing else {}),
        **({"class-weights": weights} if weights else {}),
    }
    usual = {} if full else _USUAL | {"definitions": signature.definitions, "classes": classes}
    return " ".join(f"{name}={value}" for name, value in parts.items() if usual.get(name) != value)


_USUAL: dict[str, object] = {
    "labels": "hard", "weights": "no", "clip": "no", "normalize": "no", "sum-tolerance": "0.01",
    "missing": "error",
}  # fmt: skip
