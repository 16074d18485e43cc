"""Finding rows by id: text compared exactly, through sorted hashes, without a Python object for any row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from xentcli.columns.column_types import is_text
from xentcli.core.batch import IndexArray
from xentcli.core.mixing import HashArray
from xentcli.core.text_hashes import text_hashes
from xentcli.sources.arrays import BoolArray, as_arrow, raw_values, to_arrow
from xentcli.sources.source import Column

NO_ROW = -1  # in the place of the number of a row

_STEPS = 8  # from the start of a bucket to a hash; a bucket holds one or two
_EXACT = 2.0**53  # beyond it a float64 does not tell neighbouring integers apart


def is_id(kind: pa.DataType) -> bool:
    """Whether a column of this type has one way of being written, so that its values can be ids."""
    types = pa.types
    if types.is_dictionary(kind):
        return is_id(kind.value_type)
    number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    return bool(is_text(kind) or number or types.is_date(kind))


def id_texts(column: Column) -> pa.Array:
    """Ids `(n,)` of any type as large_string, "" where missing (null, empty, NaN).

    Integers are their decimal text, also those that a float column holds.
    """
    import pyarrow.compute as pc  # slow to load, and most scores need no ids

    column = to_arrow(column)
    if pa.types.is_dictionary(column.type):
        return _fill_missing(id_texts(column.dictionary).take(column.indices))
    if pa.types.is_floating(column.type):
        values = column.cast(pa.float64())
        whole = pc.and_(pc.equal(values, pc.floor(values)), pc.less(pc.abs(values), _EXACT))
        decimal = pc.if_else(whole, values, 0.0).cast(pa.int64()).cast(pa.large_string())
        text = pc.if_else(whole, decimal, values.cast(pa.large_string()))
        return _fill_missing(pc.if_else(pc.is_nan(values), pa.scalar(None, pa.large_string()), text))
    return _fill_missing(column.cast(pa.large_string()))


def is_missing(ids: pa.Array) -> BoolArray:
    """Where ids made by `id_texts` are missing."""
    return np.equal(np.diff(_offsets(ids)), 0)


def hashes(ids: pa.Array) -> HashArray:
    """A 64-bit hash `(n,)` of each text; equal texts have equal hashes, in any process."""
    return text_hashes(np.frombuffer(ids.buffers()[2] or b"", np.uint8), _offsets(ids))


class IdIndex:
    """Rows by id.

    Laws: `find(ids)[i]` is the first row whose id is `ids[i]`, byte for byte, or `NO_ROW`; a missing id finds
    nothing and is found by nothing; hashes only narrow the search, every hit is compared as text, so a collision
    costs time and never joins a wrong row. Immutable once built: any number of threads may call `find`.

    Complexity: building sorts the hashes, O(n log n) in native loops; `find` of m ids is O(m), as a table of the
    first hashes leads to within a step or two. Memory for each id: its text, 8 bytes of offset, 8 of hash, 8 of
    row number and at most 8 of the table; the text and offset twice for a moment while it is built.

    `duplicated` `(d,)` are the rows that repeat the id of an earlier row, `missing` `(m,)` the rows without an id,
    both ascending.
    """

    def __init__(self, blocks: Sequence[pa.Array]) -> None:
        """Index the ids of all rows, given in blocks made by `id_texts`."""
        self.texts = pa.concat_arrays(blocks) if blocks else pa.array([], pa.large_string())
        hashed = np.concatenate([hashes(block) for block in blocks]) if blocks else np.empty(0, np.uint64)
        self.missing = np.flatnonzero(is_missing(self.texts))
        order = np.argsort(hashed)
        if self.missing.size:
            present = np.ones(len(self.texts), np.bool_)
            present[self.missing] = False
            order = order[present[order]]
        hashed = hashed[order]
        self.duplicated = self._later(np.sort(order[_not_unique(hashed)]))
        if self.duplicated.size:
            first = np.ones(len(self.texts), np.bool_)
            first[self.duplicated] = False
            keep = first[order]
            order, hashed = order[keep], hashed[keep]
        self._rows, self._hashes = order, hashed
        self._shift, self._starts = _buckets(hashed)
        self._twins = order[_not_unique(hashed)]  # different ids of one hash
        self._twin_texts = self.texts.take(as_arrow(self._twins))

    def __len__(self) -> int:
        """Rows, those without a usable id included."""
        return len(self.texts)

    def find(self, ids: pa.Array) -> IndexArray:
        """The row `(m,)` of each id made by `id_texts`; `NO_ROW` where there is none."""
        import pyarrow.compute as pc  # slow to load, and most scores need no ids

        found = np.full(len(ids), NO_ROW, np.intp)
        if not self._rows.size or not len(ids):
            return found
        wanted = hashes(ids)
        at = self._search(wanted)
        asked = np.flatnonzero(self._hashes[at] == wanted)
        rows = self._rows[at[asked]]
        equal = pc.equal(self.texts.take(as_arrow(rows)), ids.take(as_arrow(asked)))
        same = raw_values(equal.cast(pa.uint8())) == 1
        found[asked[same]] = rows[same]
        if self._twins.size:
            twin = raw_values(pc.fill_null(pc.index_in(ids, value_set=self._twin_texts), -1))
            found[twin >= 0] = self._twins[twin[twin >= 0]]
        return found

    def _search(self, wanted: HashArray) -> IndexArray:
        """Where each hash stands among the sorted ones, or anywhere if it does not."""
        at: IndexArray = self._starts[wanted >> self._shift]
        behind = np.flatnonzero(self._hashes[at] < wanted)
        for _ in range(_STEPS):
            if not behind.size:
                break
            at[behind] = np.minimum(at[behind] + 1, self._hashes.size - 1)
            behind = behind[self._hashes[at[behind]] < wanted[behind]]
        at[behind] = np.minimum(np.searchsorted(self._hashes, wanted[behind]), self._hashes.size - 1)
        return at

    def _later(self, suspects: IndexArray) -> IndexArray:
        """Those of the ascending rows that repeat the text of an earlier one of them."""
        codes = raw_values(self.texts.take(as_arrow(suspects)).dictionary_encode().indices)
        return np.delete(suspects, first_of_each(codes))


def first_of_each(values: NDArray[Any]) -> IndexArray:
    """Where each different value stands first."""
    return np.unique(values, return_index=True)[1]


def _fill_missing(texts: pa.Array) -> pa.Array:
    import pyarrow.compute as pc  # slow to load, and most scores need no ids

    return pc.fill_null(texts, pa.scalar("", pa.large_string())) if texts.null_count else texts


def _offsets(ids: pa.Array) -> NDArray[np.int64]:
    buffer = ids.buffers()[1]
    if buffer is None or not len(ids):
        return np.zeros(1, np.int64)
    return np.frombuffer(buffer, np.int64)[ids.offset : ids.offset + len(ids) + 1]


def _not_unique(ordered: HashArray) -> BoolArray:
    """Which of the sorted hashes occur more than once."""
    equal = ordered[1:] == ordered[:-1]
    shared = np.zeros(ordered.size, np.bool_)
    shared[1:] |= equal
    shared[:-1] |= equal
    return shared


def _buckets(ordered: HashArray) -> tuple[np.uint64, NDArray[np.int64]]:
    """How far to shift a hash for the number of its bucket, and where in the sorted hashes each bucket begins."""
    bits = max(1, ordered.size.bit_length() - 1)
    shift = np.uint64(64 - bits)
    starts = np.cumsum(np.bincount((ordered >> shift).view(np.int64), minlength=1 << bits))
    starts[1:] = starts[:-1]
    starts[0] = 0
    return shift, np.minimum(starts, max(0, ordered.size - 1), out=starts)
