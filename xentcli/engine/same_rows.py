"""Whether inputs that count as one, or one of them, hold the same rows twice: two models, not parts of a whole."""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.columns.columns import GroupColumns
from xentcli.core.batch import IndexArray
from xentcli.core.mixing import HashArray, mix
from xentcli.core.text import Words
from xentcli.core.text_hashes import text_hashes
from xentcli.decoding.decode import DecodedBlock
from xentcli.engine.id_counts import IdCounts
from xentcli.sources.source import Block, Column

_WORD = 1 << 64


class RowSums(Struct, frozen=True):
    """Sums over some rows of one input, equal for inputs that hold the same (but for collisions of 64 bits).

    `merge` is commutative and associative with `RowSums()` as identity: it hangs on no order of blocks.
    """

    rows: int = 0
    labels: int = 0  # of hashes of a row's number and label, modulo 2^64
    classes: int = 0  # a bit for each class seen, of the first 64
    ids: int = 0  # of hashes of a row's id
    counts: IdCounts = field(default_factory=IdCounts)  # of the same ids

    def merge(self, other: Self) -> Self:
        """Of both sets of rows."""
        return type(self)(
            self.rows + other.rows,
            (self.labels + other.labels) % _WORD,
            self.classes | other.classes,
            (self.ids + other.ids) % _WORD,
            self.counts.merge(other.counts),
        )


class SameRows(Struct, frozen=True):
    """Sums by the number of the input. `merge` is commutative and associative with `SameRows()` as identity."""

    sums: dict[int, RowSums] = field(default_factory=dict)

    @classmethod
    def of(cls, number: int, block: Block, decoded: DecodedBlock, keys: GroupColumns) -> Self:
        """Those of a block whose first input is `number`."""
        parts = block.parts or (block.rows,)
        sums = {number + i: RowSums(rows) for i, rows in enumerate(parts) if rows or not block.parts}
        labels = decoded.batch.labels
        if labels is not None and labels.size:
            hashed = mix(mix(_bits(block.numbers()[decoded.rows])) ^ mix(~_bits(labels)))
            totals = _sums(hashed, np.searchsorted(decoded.rows, block.ends))
            classes = _classes(labels, np.searchsorted(block.ends, decoded.rows, "right"), len(parts))
            for i in sums:
                sums[i] = replace(sums[i], labels=totals[i - number], classes=classes[i - number])
        if keys.watched is not None:
            ids, ends = _id_hashes(block.columns[keys.watched]), block.ends.tolist()
            totals = _sums(mix(ids), block.ends)
            for i in sums:
                end = ends[i - number]
                counts = IdCounts.of(ids[end - sums[i].rows : end])
                sums[i] = replace(sums[i], ids=totals[i - number], counts=counts)
        return cls(sums)

    def merge(self, other: Self) -> Self:
        """Of both sets of rows."""
        fewer, more = sorted((self.sums, other.sums), key=len)
        sums = {number: found.merge(more.get(number, RowSums())) for number, found in fewer.items()}
        return type(self)({**more, **sums})


def _id_hashes(column: Column) -> HashArray:
    if isinstance(column, Words):
        return text_hashes(column.utf8, np.concatenate([[0], column.ends]))[column.codes]
    from xentcli.joining.id_index import hashes, id_texts  # needs Arrow

    return hashes(id_texts(column))


def _bits(numbers: IndexArray) -> HashArray:
    return numbers.astype(np.uint64)


def _sums(hashed: HashArray, ends: IndexArray) -> list[int]:
    """Of each part of the hashes, which ends before `ends` `(parts,)`; modulo 2^64."""
    until = np.concatenate([np.zeros(1, np.uint64), np.cumsum(hashed)])[ends]
    return [int(each) for each in np.diff(until, prepend=np.uint64(0))]


def _classes(labels: IndexArray, part: IndexArray, parts: int) -> list[int]:
    """A bit for each class that a part `(n,)` has, of the first 64."""
    seen = np.bincount(part * 64 + labels % 64, minlength=parts * 64).reshape(parts, 64) > 0
    return [int.from_bytes(each.tobytes(), "little") for each in np.packbits(seen, axis=1, bitorder="little")]
