"""Delimited text by the kernel: where its records end, and its columns as numbers and words.

The rules are those of `native/text.h`. Nothing here holds the interpreter's lock for longer than a few calls.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xentcli.core.kernel import FloatArray, IntArray, TextTask, WordsTask, address, call

SKIPPED = -1  # in the place of a column that nobody asked for
_MOST_TABLES = 8  # slots for each word, of all the tables that it may be in one after the other
_FIRST_TABLES = 256
# Bytes for the words of a column at first: so many times its share of the text. Few columns are longer, and then
# have room for all of it; thousands of columns with that much would take all addresses there are.
_MANY_SHARES, _LEAST_BYTES = 4, 1 << 12


class Numbers(Struct, frozen=True, eq=False):
    """A column of numbers, and where they are missing; None if nowhere."""

    values: FloatArray  # (n,)
    missing: NDArray[np.bool_] | None  # (n,)

    def __len__(self) -> int:
        """Rows."""
        return self.values.size

    def to_pylist(self) -> list[float | None]:
        """As of Arrow's columns: numbers, None where missing."""
        missing = [False] * len(self) if self.missing is None else self.missing.tolist()
        return [None if null else value for value, null in zip(self.values.tolist(), missing, strict=True)]


class Words(Struct, frozen=True, eq=False, dict=True):
    """A column of texts: `words[codes[i]]` is what row i holds. Every word occurs, but perhaps the first, None."""

    codes: IntArray  # (n,)
    utf8: NDArray[np.uint8]  # of all words but the first, one after the other
    ends: IntArray  # where each ends, beginning with 0 for the first

    def __len__(self) -> int:
        """Rows."""
        return self.codes.size

    def to_pylist(self) -> list[str | None]:
        """As of Arrow's columns: texts, None where missing."""
        return [self.words[code] for code in self.codes.tolist()]

    @cached_property
    def words(self) -> tuple[str | None, ...]:
        """Each word once; None, the first, is missing."""
        data, ends = self.utf8.tobytes(), self.ends.tolist()
        if data.isascii():
            text = data.decode()
            return (None, *[text[begin:end] for begin, end in pairwise(ends)])
        return (None, *(data[begin:end].decode() for begin, end in pairwise(ends)))

    def take(self, rows: NDArray[np.intp]) -> Words:
        """Some of the rows, by their numbers `(m,)`, with the words that they hold."""
        present, codes = np.unique(self.codes[rows], return_inverse=True)
        kept = present[present > 0]
        data, ends = self.utf8.tobytes(), self.ends.tolist()
        words = b"".join(data[ends[code - 1] : ends[code]] for code in kept.tolist())
        sizes = self.ends[kept] - self.ends[kept - 1]
        new_ends = np.concatenate([np.zeros(1, self.ends.dtype), np.cumsum(sizes, dtype=self.ends.dtype)])
        new_codes = (codes + (kept.size == present.size)).astype(self.codes.dtype)
        return Words(new_codes, np.frombuffer(words, np.uint8), new_ends)

    def text(self, row: int) -> str | None:
        """What one row holds."""
        code = int(self.codes[row])
        return self.utf8[self.ends[code - 1] : self.ends[code]].tobytes().decode() if code else None


class Dialect(Struct, frozen=True):
    """How the fields of a record are told apart, and how their numbers are written."""

    delimiter: str  # a blank: any run of blanks and tabs
    decimal: str = "."
    trims: bool = False  # blanks beside a delimiter are no part of the fields
    comment: str | None = None  # lines that begin with it are none

    @property
    def codes(self) -> tuple[int, int, int]:
        """Delimiter, trims and comment as the kernel takes them."""
        return ord(self.delimiter), self.trims, -1 if self.comment is None else ord(self.comment)


class Cut(NamedTuple):
    """Where the last complete record of a text ends, in bytes and in lines, and where a quote opens for good."""

    end: int
    lines: int
    open_quote: int | None


def cut(data: bytes | memoryview, dialect: Dialect) -> Cut:
    """Cut a text that begins with a record; a CR at its very end may be half of a line end."""
    text = np.frombuffer(data, np.uint8)
    found = np.empty(3, np.int64)
    call("cut", address(text), text.size, *dialect.codes, address(found))
    end, lines, quote = found.tolist()
    return Cut(end, lines, None if quote < 0 else quote)


class FieldPlaces(Struct, frozen=True, eq=False):
    """Where fields are in the bytes of a text, of the columns of numbers first, then those of texts."""

    begins: IntArray  # (columns, n): behind the quote, if there is one
    ends: IntArray  # (columns, n): before the quote
    record_ends: IntArray  # (n,): where the line end of each record is


class ParsedText(Struct, frozen=True, eq=False):
    """The columns of some records. Where `faults` says that something is wrong, they are worthless."""

    lines: IntArray  # (n,): physical line of each record
    missing: Sequence[int]  # fields of numbers that hold each spelling of what is missing
    numbers: Sequence[Numbers]
    texts: Sequence[Words]
    faults: TextTask  # what XentText says is wrong
    places: FieldPlaces | None = None  # where it is asked for


class Layout(Struct, frozen=True, eq=False):
    """What the columns of a text are: `places` (columns,) are SKIPPED or count numbers, then texts."""

    places: NDArray[np.int32]
    numbers: int
    texts: Sequence[bool]  # whether a word that occurs often is to be held once
    dialect: Dialect
    missing: Sequence[str] = ()  # what stands for nothing where a number is to be, beside the empty field


def parse(
    data: bytes | memoryview, line: int, most_rows: int, layout: Layout, *, locate: bool = False
) -> ParsedText:
    """Parse whole records, at most `most_rows` of them, that begin on physical line `line`.

    The last byte is a line end, and every quote closed. With `locate` fields are told with their places.
    """
    text, places = np.frombuffer(data, np.uint8), np.require(layout.places, np.int32, ("C", "A"))
    room = max(1, most_rows)
    values, missing = np.empty((layout.numbers, room)), np.empty((layout.numbers, room), np.bool_)
    missing_rows, lines = np.empty(layout.numbers, np.int64), np.empty(room, np.int64)
    shapes = [(layout.numbers + len(layout.texts), room)] * 2 + [(1, room)] if locate else []
    located = [np.empty(shape, np.int64) for shape in shapes]
    share = min(text.size, max(_LEAST_BYTES, _MANY_SHARES * text.size // places.size))
    spaces = [_Space.of(room, share, distinct) for distinct in layout.texts]
    spellings = [spelling.encode() for spelling in layout.missing]
    spelling = np.frombuffer(b"".join(spellings) or b" ", np.uint8)
    ends, spelled = np.cumsum([*map(len, spellings)], dtype=np.int64), np.empty(len(spellings), np.int64)
    delimiter, trims, comment = layout.dialect.codes
    while True:
        words = (WordsTask * len(spaces))(*(space.task for space in spaces))
        task = TextTask(
            text=address(text), size=text.size, line=line, delimiter=delimiter, trims=trims, comment=comment,
            decimal=ord(layout.dialect.decimal), spelling=address(spelling), spelling_ends=address(ends),
            spellings=ends.size, spelled=address(spelled), places=address(places), columns=places.size,
            numbers=layout.numbers, texts=len(spaces), room=room, values=address(values), missing=address(missing),
            missing_rows=address(missing_rows), words=ctypes.addressof(words), lines=address(lines),
            **dict(zip(("begins", "ends", "record_ends"), map(address, located), strict=False)),
        )  # fmt: skip
        call("read_text", ctypes.addressof(task))
        if task.full < 0:
            break
        if spaces[task.full].utf8.size == text.size:
            raise ValueError("the words of a text have more bytes than the text")
        spaces[task.full] = _Space.of(room, text.size, layout.texts[task.full])
    n = task.rows
    found = zip(values, missing, missing_rows.tolist(), strict=True)
    return ParsedText(
        lines[:n],
        spelled.tolist(),
        [Numbers(x[:n], null[:n] if count else None) for x, null, count in found],
        [space.words(n, task.count) for space, task in zip(spaces, words, strict=True)],
        task,
        FieldPlaces(located[0][:, :n], located[1][:, :n], located[2][0, :n]) if locate else None,
    )


class _Space(Struct, frozen=True, eq=False):
    """Room for the words of a column; what is not needed is never touched, and costs nothing."""

    codes: IntArray
    utf8: NDArray[np.uint8]
    ends: IntArray
    table: NDArray[np.int32]
    distinct: bool

    @classmethod
    def of(cls, rows: int, size: int, distinct: bool) -> _Space:
        slots = _MOST_TABLES * rows + _FIRST_TABLES if distinct else 1
        codes, ends = np.empty(rows, np.int64), np.empty(rows + 1, np.int64)
        return cls(codes, np.empty(size, np.uint8), ends, np.empty(slots, np.int32), distinct)

    @property
    def task(self) -> WordsTask:
        return WordsTask(
            codes=address(self.codes), bytes=address(self.utf8), bytes_room=self.utf8.size,
            ends=address(self.ends), ends_room=self.ends.size, distinct=self.distinct,
            table=address(self.table), table_room=self.table.size,
        )  # fmt: skip

    def words(self, rows: int, count: int) -> Words:
        ends = self.ends[: count + 1]
        return Words(self.codes[:rows], self.utf8[: ends[-1]], ends)
