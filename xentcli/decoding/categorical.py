"""A column of any type as the texts that occur in it and, for each row, which of them it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xentcli.columns.labels import as_dictionary, texts
from xentcli.core.batch import IndexArray
from xentcli.core.integer_keys import IntegerKeys
from xentcli.core.text import Numbers, Words
from xentcli.sources.arrays import BoolArray, as_arrow, null_mask, raw_values, to_arrow
from xentcli.sources.source import Column

if TYPE_CHECKING:
    import pyarrow as pa

Value = TypeVar("Value")

MISSING_TEXT = 0  # the code of a missing text
_CLOSE = 1 << 10  # integers that lie so close together need no dictionary


class Categorical(Struct, Generic[Value], frozen=True, eq=False):
    """`values[codes[i]]` is what row i holds."""

    codes: IndexArray  # (n,)
    values: Sequence[Value]

    def groups(self) -> list[tuple[int, IndexArray]]:
        """(code, the numbers of the rows that have it), for each code that occurs."""
        counts = np.bincount(self.codes, minlength=len(self.values))
        small = self.codes.astype(np.uint16) if len(counts) < 1 << 16 else self.codes  # sorted by digits
        rows = np.split(np.argsort(small, kind="stable"), np.cumsum(counts)[:-1])
        return [(code, rows[code]) for code in np.flatnonzero(counts).tolist()]

    def where(self, rows: BoolArray | IndexArray) -> Categorical[Value]:
        """Some of the rows; `values` may then hold some that no row has."""
        return Categorical(self.codes[rows], self.values)


def encode_texts(column: Column) -> tuple[IndexArray, dict[int, str | None]]:
    """For each row a code, and the text of each code that occurs; null has a code without a text."""
    if isinstance(column, Words):
        return column.codes, dict(enumerate(column.words[1:], 1))
    import pyarrow as pa

    column = to_arrow(column)
    if pa.types.is_integer(column.type) and len(column) and not column.null_count:
        whole = raw_values(column)
        low, high = int(whole.min()), int(whole.max())
        if high - low < _CLOSE:  # counted rather than hashed: a fifth of the time
            codes = whole.astype(np.intp) - np.array(low).astype(np.intp)
            present = np.flatnonzero(np.bincount(codes))
            return codes, {code: str(low + code) for code in present.tolist()}
    column = as_dictionary(column)
    codes = raw_values(column.indices).astype(np.intp, copy=False)
    size = len(column.dictionary)
    null = null_mask(column.indices)
    if null is not None:
        codes = np.where(null, size, codes)
    present = np.flatnonzero(np.bincount(codes, minlength=size + 1)[:size])
    words = column.dictionary
    if present.size < size:  # what Arrow computes with is slow to load
        if pa.types.is_string_view(words.type):  # which cannot be taken from
            words = words.cast(pa.string())
        words = words.take(as_arrow(present))
    return codes, dict(zip(present.tolist(), texts(words), strict=True))


def by_code(codes: IndexArray, value_of: Mapping[int, float], other: float) -> NDArray[Any]:
    """What the code of each row `(n,)` stands for; `other` for codes without a value."""
    values = np.full(codes.max(initial=0) + 1, other)
    values[list(value_of)] = list(value_of.values())
    return values[codes]


def categorical_texts(column: Column) -> Categorical[str | None]:
    """The texts of a column: None, of code 0, for missing ones, then each once in no order that means anything."""
    codes, words = encode_texts(column)
    number = {word: i for i, word in enumerate(dict.fromkeys([None, *words.values()]))}
    numbers = {code: number[word] for code, word in words.items()}  # an empty text is missing as null is
    return Categorical(by_code(codes, numbers, number[None]), tuple(number))


class KnownTexts:
    """The texts of a column from block after block: each keeps its code, and whoever knows that needs no texts."""

    def __init__(self) -> None:
        self._integers = IntegerKeys()
        self._spelled: list[str | None] = [None]  # the integers
        self._codes: dict[str | None, int] = {None: MISSING_TEXT}
        self._texts: list[str | None] = [None]
        self._last: tuple[pa.Array, IndexArray] | None = None  # a dictionary, and the codes of its words

    def encode(self, column: Column) -> Categorical[str | None]:
        """As `categorical_texts`, with values that go on from block to block: this one may lack some."""
        if isinstance(column, Words):
            return Categorical(self._codes_of(column.words)[column.codes], self._texts)
        if isinstance(column, Numbers):
            return categorical_texts(column)
        import pyarrow as pa

        if pa.types.is_integer(column.type) and not column.null_count and column.type != pa.uint64():
            codes = self._integers.numbers(raw_values(column)) + 1
            self._spelled += map(str, self._integers.distinct(len(self._spelled) - 1))
            return Categorical(codes, self._spelled)
        return self._of_dictionary(as_dictionary(column))

    def _of_dictionary(self, column: pa.DictionaryArray) -> Categorical[str | None]:
        """Blocks of a file often share their dictionary."""
        words = column.dictionary
        if self._last is None or not words.equals(self._last[0]):
            if len(words) > len(column):  # most of which no row may have
                return categorical_texts(column)
            self._last = words, np.append(self._codes_of(texts(words)), MISSING_TEXT)
        rows = raw_values(column.indices).astype(np.intp, copy=False)
        null = null_mask(column.indices)
        rows = rows if null is None else np.where(null, len(words), rows)
        return Categorical(self._last[1][rows], self._texts)

    def _codes_of(self, words: Sequence[str | None]) -> IndexArray:
        found = list(map(self._codes.get, words))
        for i, code in enumerate(found):
            if code is None:
                found[i] = self._codes.setdefault(words[i], len(self._codes))
        self._texts += islice(self._codes, len(self._texts), None)
        return np.array(found, np.intp)
