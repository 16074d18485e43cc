"""Failures and notices as values: what happened, where, and the way out.

The class of an error fixes its exit code (see "Exit codes" in the README); `code` names the kind of mistake
for programs. The message holds names and values as found, very long ones without their middle, URIs without their
secrets: whoever shows it makes them printable.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from functools import partial
from typing import IO, Any

from msgspec import Struct
from msgspec.structs import asdict

from xentcli.wording import brief, brief_middle, plural, without_secrets

_LONGEST = 4000  # characters of a message: values in it may be of any length


class Where(Struct, frozen=True, order=True):
    """A place in an input: `line` (1-based, physical) of a text file or `row` (0-based) of a binary one."""

    file: str
    line: int | None = None
    row: int | None = None

    def without_secrets(self) -> Where:
        """The same without those of a URI."""
        file = without_secrets(self.file)
        return self if file is self.file else Where(file, self.line, self.row)

    @property
    def in_file(self) -> str:
        """The line or row, where the file is clear; the file if neither is known."""
        if self.line is not None:
            return f"line {self.line}"
        return self.file if self.row is None else f"row {self.row}"

    def __str__(self) -> str:
        return self.file if self.line is None and self.row is None else f"{self.file}, {self.in_file}"


def _places(where: Iterable[Where]) -> str:
    """`a.csv, lines 2, 3, b.csv, row 7`: each file once, before its lines or rows."""
    found: dict[tuple[str, str], list[str]] = {}
    for place in where:
        kind = "" if place.in_file == place.file else "row" if place.line is None else "line"
        found.setdefault((place.file, kind), []).append(place.in_file.removeprefix(f"{kind} "))
    return ", ".join(
        f"{file}, {kind}{'s' * (len(numbers) > 1)} {', '.join(numbers)}" if kind else file
        for (file, kind), numbers in found.items()
    )


class Notice(Struct, frozen=True):
    """Something the reader of the numbers should know; never a failure. `where` names the first places.

    One that puts the numbers in `doubt` also stands in the report, before them.
    """

    code: str
    count: int
    message: str
    where: tuple[Where, ...] = ()
    doubt: bool = False

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "code": self.code,
            "count": self.count,
            "message": self.message,
            "where": [{k: v for k, v in asdict(place).items() if v is not None} for place in self.where],
            **({"doubt": True} if self.doubt else {}),
        }

    def __str__(self) -> str:
        places = _places(dict.fromkeys(self.where))
        more = ", ..." if self.count > len(self.where) > 1 else ""
        of_rows = self.where and self.where[0] != Where(self.where[0].file)
        count = f"{plural(self.count, 'row')}: " if of_rows else ""
        return f"{count}{self.message}{f' ({places}{more})' if places else ''}"


class XentError(Exception):
    """Base of the errors that are the user's to mend; never raised itself."""

    exit_code = 70

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        where: Where | None = None,
        column: str | None = None,
    ) -> None:
        message = brief_middle(without_secrets(message), _LONGEST)
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = None if hint is None else brief_middle(without_secrets(hint), _LONGEST)
        self.where = where if where is None else where.without_secrets()
        self.column = column

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, so that a failure on another machine arrives as what it is."""
        named = partial(type(self), hint=self.hint, where=self.where, column=self.column)
        return named, (self.code, self.message)

    def __str__(self) -> str:
        place = [str(self.where)] if self.where else []
        place += [f'column "{brief(self.column)}"'] if self.column is not None else []
        return f"{', '.join(place)}: {self.message}" if place else self.message


class RequestError(XentError):
    """The command line or configuration is wrong, names something the input lacks, or must say more."""

    exit_code = 2


class UnusedOptionError(RequestError):
    """An option has no effect on these inputs: it is refused, unless it is but a default of a configuration."""

    def __init__(
        self, option: str, code: str, message: str, *, hint: str | None = None, where: Where | None = None
    ) -> None:
        super().__init__(code, message, hint=hint, where=where)
        self.option = option  # as typed: "--log-base"

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, likewise."""
        return partial(type(self), self.option, hint=self.hint, where=self.where), (self.code, self.message)


class ContentError(XentError):
    """The content is bad: values, rows, format, compression, or no rows at all."""

    exit_code = 3


class UnscoredPartError(ContentError):
    """A part has no row to score; its state was written all the same, perhaps to an open file, the `stream`."""

    stream: IO[bytes] | None = None


class AccessError(XentError):
    """The operating system refused to open, read or write."""

    exit_code = 4


MOST_THREADS = 1 << 10  # each holds blocks of the input
MOST_ROWS = 10**9  # of a list of rows
MOST_SHARDS = 1 << 40


# What loaders, Python, NumPy, Arrow and C++ say, in errors of many types.
_SIGNS = (
    "failed to map segment", "cannot map", "cannot allocate", "unable to allocate", "out of memory",
    "std::bad_alloc", "can't start new thread", "failed to launch worker thread",
)  # fmt: skip


def first_line(error: Exception, otherwise: str | None = None) -> str:
    """What an error of another library says, for a message; of one that says nothing, `otherwise` or its class."""
    return str(error).splitlines()[0] if str(error) else otherwise or type(error).__name__


def is_of_memory(error: BaseException | None) -> bool:
    """Is this, or what led to it, that there was no memory, or none for another thread?"""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
            return True
        if not isinstance(error, ValueError | LookupError):  # which quote what they were given
            text = str(error).lower()
            if any(sign in text for sign in _SIGNS):
                return True
        error = error.__cause__ or error.__context__
    return False
