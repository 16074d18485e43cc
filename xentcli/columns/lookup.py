"""What was asked about columns, and what there is: names looked up, patterns expanded, lists placed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from xentcli.columns.column_types import is_label, is_number, may_be_number
from xentcli.columns.columns import ColumnSpec
from xentcli.columns.peek import Peek
from xentcli.columns.selection import Selected, is_pattern, select
from xentcli.errors import RequestError, UnusedOptionError, Where
from xentcli.sources.arrays import is_list, is_struct
from xentcli.wording import did_you_mean, few, nearest, suggest


class ColumnLookup:
    """Looks every name up in a table: tens of thousands of columns are no more than many."""

    def __init__(self, spec: ColumnSpec, peek: Peek) -> None:
        self.spec, self.peek, self.where = spec, peek, Where(peek.source.name)
        self.types = {field.name: field.type for field in peek.source.fields}
        self.paths = tuple(field.name for field in peek.source.fields if field.path)  # inside other columns
        self._inside = frozenset(self.paths)
        self.names = tuple(field.name for field in peek.source.fields if not field.path)
        self.unnamed = {field.name for field in peek.source.fields if field.unnamed}

    def error(self, code: str, message: str, hint: str | None = None) -> RequestError:
        """An error of the request at this input; if its header may be none, that is what the hint begins with."""
        if self.peek.source.remedy is not None and code in ("no_label", "no_scores", "no_such_column"):
            hint = f"{self.peek.source.remedy}; {hint}" if hint else self.peek.source.remedy
        return RequestError(code, message, hint=hint, where=self.where)

    def unused(self, option: str, message: str, hint: str | None = None) -> UnusedOptionError:
        """The error that an option has no effect on this input."""
        code = option.removeprefix("--").replace("-", "_")
        return UnusedOptionError(option, code, message, hint=hint, where=self.where)

    def column_list(self) -> str:
        """The columns there are, for a hint."""
        inside = f"; inside them: {few(self.paths, 20, ' and {left} more')}" if self.paths else ""
        return f"columns: {few(self.names, 40, ' and {left} more')}{inside}"

    def known(self, name: str) -> str:
        """The name, without the brackets of a path through lists (`a[].b`) if only so there is such a column."""
        plain = name.replace("[]", "")
        if name not in self.types and plain in self.types:
            return plain
        bare = name.strip(" \t#%")  # as a name stands in a header with blanks, or in a comment
        return bare if name not in self.types and bare in self.types else name

    def column(self, name: str) -> str | None:
        """The column of this name or path, None if there is none."""
        name = self.known(name)
        return name if name in self.types else None

    def last_key(self, name: str) -> str:
        """The name of a column; of one inside another that without the path to it."""
        return name.rpartition(".")[2] if name in self._inside else name

    def find(self, name: str, role: str) -> str:
        """The name, if there is such a column."""
        found = self.column(name)
        if found is not None:
            return found
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

    def expand(self, options: Sequence[str], taken: set[str | None]) -> list[Selected]:
        """The columns that options select; patterns leave out those `taken`, and those that are not numbers."""
        columns: list[Selected] = []
        for option in options:
            found = select(option, self)
            if isinstance(found, str):
                raise self._selects_nothing(found)
            kept = [each for each in found if each.star is None or each.column not in taken]
            if not kept:
                raise self.error("no_such_column", f'no column matches "{option}"', self.column_list())
            columns += kept
        columns = self._without_words(columns)
        twice = first_repeated([each.column for each in columns])
        if twice is not None:
            raise self.error("column_twice", f'column "{twice}" is given twice')
        return columns

    def _selects_nothing(self, item: str) -> RequestError:
        """That a part of an option names no column."""
        if is_pattern(item):
            return self.error("no_such_column", f'no column matches "{item}"', self.column_list())
        of, _, column = item.partition("=")
        close = nearest(column, self.types) if column else None
        meant = "" if close is None else f"{suggest(f'''{of}={close}''')} "
        hint = f"{meant or did_you_mean(item, self.types)}{self.column_list()}"
        return self.error("no_such_column", f'no column "{item}" for the scores', hint)

    def _without_words(self, columns: list[Selected]) -> list[Selected]:
        """Those that a name selects, and of those that a pattern does, those of numbers, if there are any.

        A column counts as one of numbers if any of its values is one, so that no broken column goes unseen.
        """
        matched = [each.column for each in columns if each.star is not None]
        if len(matched) < 2:
            return columns
        kinds = {name: self.types[name] for name in matched}
        other = {name for name, kind in kinds.items() if kind is not None and not may_be_number(kind)}
        text = [name for name, kind in kinds.items() if kind is None or (is_label(kind) and not is_number(kind))]
        words = other.union(self.peek.words(text) if text else ())
        return columns if words == set(matched) else [each for each in columns if each.column not in words]


def first_repeated(names: Sequence[str | None]) -> str | None:
    """The first name that occurs more than once."""
    counts = Counter(names)
    return next((name for name in names if counts[name] > 1), None)
