"""A column of any type as the texts that occur in it and, for each row, which of them it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np
import pyarrow as pa
from msgspec import Struct

from xentcli.columns.labels import texts
from xentcli.core.batch import IndexArray
from xentcli.sources.arrays import BoolArray, as_arrow, null_mask, stored

Value = TypeVar("Value")

_CLOSE = 1 << 10  # integers that lie so close together need no dictionary


class Categorical(Struct, Generic[Value], frozen=True, eq=False):
    """`values[codes[i]]` is what row i holds."""

    codes: IndexArray  # (n,)
    values: Sequence[Value]

    def where(self, rows: BoolArray | IndexArray) -> Categorical[Value]:
        """Some of the rows; `values` may then hold some that no row has."""
        return Categorical(self.codes[rows], self.values)


def encode_texts(column: pa.Array) -> tuple[IndexArray, IndexArray, Sequence[str | None]]:
    """For each row a code, the codes that occur other than that of null, ascending, and their texts.

    Null has a code that no text has.
    """
    if pa.types.is_integer(column.type) and len(column) and not column.null_count:
        whole = stored(column)
        low, high = int(whole.min()), int(whole.max())
        if high - low < _CLOSE:  # counted rather than hashed: a fifth of the time
            codes = whole.astype(np.intp) - np.array(low).astype(np.intp)
            present = np.flatnonzero(np.bincount(codes))
            return codes, present, [str(low + code) for code in present.tolist()]
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    codes = stored(column.indices).astype(np.intp, copy=False)
    size = len(column.dictionary)
    null = null_mask(column.indices)
    if null is not None:
        codes = np.where(null, size, codes)
    present = np.flatnonzero(np.bincount(codes, minlength=size + 1)[:size])
    words = column.dictionary
    if present.size < size:  # what Arrow computes with is slow to load
        words = _plain(words).take(as_arrow(present))
    return codes, present, texts(words)


def categorical_texts(column: pa.Array) -> Categorical[str | None]:
    """The texts of a column: each once, in no order that means anything, and None for missing ones."""
    codes, present, words = encode_texts(column)
    place = {word: i for i, word in enumerate(dict.fromkeys([*words, None]))}  # an empty text is missing too
    by_code = np.full(max(codes.max(initial=0), present.max(initial=0)) + 1, place[None])
    by_code[present] = [place[word] for word in words]
    return Categorical(by_code[codes], tuple(place))


def _plain(words: pa.Array) -> pa.Array:
    """Text that may be taken from, as Arrow's views may not."""
    return words.cast(pa.string()) if pa.types.is_string_view(words.type) else words
