"""The rows of a block that are to be read: others are left out before anything is made of what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec.structs import replace

from xentcli.columns.conditions import Condition
from xentcli.core.batch import IndexArray
from xentcli.core.text import Numbers, Words
from xentcli.decoding.categorical import by_code, encode_texts
from xentcli.sources.arrays import BoolArray, as_arrow
from xentcli.sources.source import Block, Column


class RowFilter:
    """Keeps the rows for which all conditions hold; without any, all rows."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self.conditions = conditions

    def mask(self, block: Block) -> BoolArray:
        """Which rows `(n,)` of the block stay."""
        kept = np.ones(block.rows, np.bool_)
        for each in self.conditions:
            kept &= _holds(each, block.columns[each.column])
        return kept

    def keeps(self, block: Block) -> BoolArray | None:
        """Likewise; None for all of them."""
        kept = self.mask(block) if self.conditions else None
        return None if kept is None or kept.all() else kept

    def select(self, block: Block) -> Block:
        """The block with the rows that stay."""
        kept = self.keeps(block)
        return block if kept is None else take_rows(block, np.flatnonzero(kept))


def _holds(condition: Condition, column: Column) -> BoolArray:
    codes, words = encode_texts(column)
    found = {code: float((word or "") == condition.value) for code, word in words.items()}
    equal: BoolArray = by_code(codes, found, float(not condition.value)) == 1.0
    return equal if condition.equal else ~equal


def take_rows(block: Block, rows: IndexArray) -> Block:
    """Some rows of a block, by their ascending numbers `(m,)` in it."""
    columns: Mapping[str, Column] = {name: _take(column, rows) for name, column in block.columns.items()}
    return Block(rows.size, columns, lambda row: block.where(int(rows[row])), lambda: block.numbers()[rows])


def _take(column: Column, rows: IndexArray) -> Column:
    if isinstance(column, Words):
        return column.take(rows)
    if isinstance(column, Numbers):
        missing = None if column.missing is None else column.missing[rows]
        return replace(column, values=column.values[rows], missing=missing)
    import pyarrow as pa

    if pa.types.is_string_view(column.type):  # which cannot be taken from
        column = column.cast(pa.string())
    return column.take(as_arrow(rows))
