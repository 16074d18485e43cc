"""What an option that names columns selects: a column, a pattern of them, or a list that may say their classes."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from xentcli.columns.columns import parse_list

_WILDCARDS = "*?["


class Selected(Struct, frozen=True):
    """One column that an option selects."""

    column: str
    of: str | None = None  # the class that it is of, by `CLASS=COL`
    star: str | None = None  # what the wildcards of the pattern stand for that found it


class Names(Protocol):
    """The columns there are."""

    @property
    def names(self) -> Collection[str]:
        """Their names."""

    @property
    def paths(self) -> Collection[str]:
        """What is inside columns: a pattern stands for these only where no name matches."""

    def column(self, name: str, /) -> str | None:
        """The column of a name or path, None if there is none."""
        ...


class PlainNames(Struct, frozen=True):
    """Columns that hold no others."""

    names: Mapping[str, None]
    paths: Sequence[str] = ()

    def column(self, name: str) -> str | None:
        """The column of a name, None if there is none."""
        return name if name in self.names else None


def select(option: str, there: Names) -> list[Selected] | str:
    """The columns that an option selects among those `there` are, or the first item that selects none.

    An exact name stands for its column; else a pattern for those that match it; else each item of a comma list is
    one of these or `CLASS=COL`. Of several readings, the first counts whose columns all exist.
    """
    found = _select_item(option, there)
    if found:
        return found
    selected: list[Selected] = []
    for item in parse_list(option):
        of_item = _select_item(item, there) or _of_class(item, there)
        if not of_item:
            return _of_class(option, there) or item
        selected += of_item
    return selected


def select_where_clear(options: Sequence[str], names: Sequence[str]) -> list[str]:
    """The columns that options select among `names`, leaving out items that select none there."""
    there = PlainNames(dict.fromkeys(names))
    found: list[str] = []
    for option in options:
        for item in [option] if _select_item(option, there) else parse_list(option):
            found += [each.column for each in _select_item(item, there) or _of_class(item, there)]
    return found


def is_pattern(item: str) -> bool:
    """Whether an item that is no column may stand for several."""
    return any(char in item for char in _WILDCARDS)


def _select_item(item: str, there: Names) -> list[Selected]:
    """The column of this name, else those that match it as a pattern; brackets may be meant as they stand."""
    column = there.column(item)
    if column is not None:
        return [Selected(column)]
    for names in (there.names, there.paths) if is_pattern(item) else ():
        found = [*_matches(item, item, names)] or [*_matches(item, item.replace("[", "[[]"), names)]
        if found:
            return found
    return []


def _matches(item: str, pattern: str, names: Collection[str]) -> Iterator[Selected]:
    wild = "*?[]" if pattern == item else "*?"
    places = [i for i, char in enumerate(item) if char in wild]
    if not places:
        return
    before, after = places[0], len(item) - places[-1] - 1
    for name in names:
        if fnmatch.fnmatchcase(name, pattern):
            yield Selected(name, star=name[before : len(name) - after] or name)


def _of_class(item: str, there: Names) -> list[Selected]:
    """The column of `CLASS=COL`; nothing where several readings name a column that exists."""
    cuts = ((item[:i], there.column(item[i + 1 :])) for i, char in enumerate(item) if char == "=" and i)
    found = [Selected(column, of=of) for of, column in cuts if column is not None]
    return found if len(found) == 1 else []
