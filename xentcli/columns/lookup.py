"""What was asked about columns, and what there is: names looked up, patterns expanded, lists placed."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Sequence

from xentcli.columns.columns import ColumnSpec, split_lists
from xentcli.columns.peek import Peek
from xentcli.errors import RequestError, Where
from xentcli.sources.arrays import is_list, is_struct
from xentcli.wording import did_you_mean, few


class ColumnLookup:
    """Looks every name up in a table: tens of thousands of columns are no more than many."""

    def __init__(self, spec: ColumnSpec, peek: Peek) -> None:
        self.spec, self.peek, self.where = spec, peek, Where(peek.source.name)
        self.types = {field.name: field.type for field in peek.source.fields}
        self.paths = tuple(field.name for field in peek.source.fields if field.path)  # inside other columns
        self.names = tuple(field.name for field in peek.source.fields if not field.path)
        self.unnamed = {field.name for field in peek.source.fields if field.unnamed}

    def error(self, code: str, message: str, hint: str | None = None) -> RequestError:
        """An error of the request at this input."""
        return RequestError(code, message, hint=hint, where=self.where)

    def column_list(self) -> str:
        """The columns there are, for a hint."""
        inside = f"; inside them: {few(self.paths, 20, ' and {left} more')}" if self.paths else ""
        return f"columns: {few(self.names, 40, ' and {left} more')}{inside}"

    def known(self, name: str) -> str:
        """The name, without the brackets of a path through lists (`a[].b`) if only so there is such a column."""
        plain = name.replace("[]", "")
        return plain if name not in self.types and plain in self.types else name

    def find(self, name: str, role: str) -> str:
        """The name, if there is such a column."""
        name = self.known(name)
        if name in self.types:
            return name
        hint = f"{did_you_mean(name, self.types)}{self.column_list()}"
        raise self.error("no_such_column", f'no column "{name}" for the {role}', hint)

    def find_if_given(self, name: str | None, role: str) -> str | None:
        """The name, if it is given and there is such a column."""
        return None if name is None else self.find(name, role)

    def is_nested(self, name: str) -> bool:
        """Whether a column holds a list or struct a row; text holds one if its values begin with `[`."""
        kind = self.types[name]
        if kind is not None:
            return is_list(kind) or is_struct(kind)
        first = next(iter(self.peek.texts(name)), "")
        return first.lstrip().startswith("[")

    def expand(self, patterns: Sequence[str], taken: set[str | None]) -> tuple[tuple[str, ...], list[str]]:
        """The columns; and if patterns found them all, what the star stands for in each."""
        columns: list[str] = []
        star_texts: list[str] = []
        for item in map(self.known, split_lists(patterns, self.types)):
            if item in self.types or not any(char in item for char in "*?["):
                columns.append(self.find(item, "scores"))
                continue
            matches = [name for name in self.names if fnmatch.fnmatchcase(name, item) and name not in taken]
            matches = matches or [name for name in self.paths if fnmatch.fnmatchcase(name, item)]
            if not matches:
                raise self.error("no_such_column", f'no column matches "{item}"', self.column_list())
            columns += matches
            star_texts += [_star_text(item, name) for name in matches]
        twice = first_repeated(columns)
        if twice is not None:
            raise self.error("column_twice", f'column "{twice}" is given twice')
        return tuple(columns), star_texts


def first_repeated(names: Sequence[str | None]) -> str | None:
    """The first name that occurs more than once."""
    counts = Counter(names)
    return next((name for name in names if counts[name] > 1), None)


def _star_text(pattern: str, name: str) -> str:
    """What the star at one end of a pattern stands for; the name, if there is another wildcard or nothing left."""
    before, _, after = pattern.partition("*")
    if (before and after) or any(char in before + after for char in "*?["):
        return name
    return name[len(before) : len(name) - len(after)] or name
