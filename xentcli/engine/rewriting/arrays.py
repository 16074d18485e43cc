"""Arrow columns of scores with other numbers in them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from msgspec import Struct

from xentcli.columns.columns import ScoreColumns, ScoreLayout
from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray
from xentcli.sources.arrays import BoolArray, is_list, is_struct, list_parts


def with_floats(kind: pa.DataType, scores: ScoreColumns) -> pa.DataType:
    """The type of new scores: of floats as it is, of other numbers float64."""
    if is_list(kind):
        inner = kind.value_field.with_type(with_floats(kind.value_type, scores))
        if pa.types.is_fixed_size_list(kind):
            return pa.list_(inner, kind.list_size)
        return pa.large_list(inner) if pa.types.is_large_list(kind) else pa.list_(inner)
    if is_struct(kind):
        changed = scores.pair[1:] or scores.order
        fields = [
            field.with_type(with_floats(field.type, scores)) if field.name in changed else field for field in kind
        ]
        return pa.struct(fields)
    return kind if pa.types.is_floating(kind) else pa.float64()


class Replacing(Struct, frozen=True, eq=False):
    """New scores `(S, n)`, and the rows `(n,)` that stay as they are, or if `blank` are null."""

    scores: ScoreColumns
    values: FloatArray
    kept: BoolArray
    blank: bool
    classes: IndexArray | None = None  # of all items of lists that name them, one after the other

    def column(self, old: pa.Array, kind: pa.DataType, name: str) -> pa.Array:
        """The new column in the place of an old one."""
        if self.scores.layout is ScoreLayout.STRUCT:
            return self._structs(old, kind)
        if is_list(kind):
            return self._lists(old, kind)
        return self._numbers(old, kind, self.values[self.scores.names.index(name)], self.kept)

    def _structs(self, old: pa.Array, kind: pa.DataType) -> pa.Array:
        values = dict(zip(self.scores.order, self.values, strict=True))
        children = [
            self._numbers(child, field.type, values[field.name], self.kept)
            for child, field in zip(old.flatten(), kind, strict=True)
        ]
        return pa.StructArray.from_arrays(children, fields=list(kind), mask=pa.array(self._null(old)))

    def _null(self, old: pa.Array) -> BoolArray:
        null: BoolArray = np.asarray(old.is_null())
        return null | self.kept if self.blank else null

    def _numbers(self, old: pa.Array, kind: pa.DataType, values: FloatArray, kept: BoolArray) -> pa.Array:
        """Numbers `(m,)`, but old ones where they are kept."""
        if not kept.any():
            return pa.array(values, pa.float64()).cast(kind, safe=False)
        stated = np.asarray(old.cast(pa.float64(), safe=False).fill_null(0.0))
        mask = kept if self.blank else np.asarray(old.is_null()) & kept
        return pa.array(np.where(kept, stated, values), pa.float64(), mask=mask).cast(kind, safe=False)

    def _lists(self, old: pa.Array, kind: pa.DataType) -> pa.Array:
        offsets, items = list_parts(old)
        lengths = np.diff(offsets)
        row = np.repeat(np.arange(lengths.size), lengths)
        of = np.arange(row.size) - offsets[row] if self.classes is None else self.classes
        kept = self.kept[row]
        values = np.zeros(row.size)
        values[~kept] = self.values[of[~kept], row[~kept]]
        inner = kind.value_type
        if is_struct(inner):
            fields = list(inner)
            parts = dict(zip([field.name for field in fields], items.flatten(), strict=True))
            [name] = self.scores.pair[1:]
            parts[name] = self._numbers(parts[name], inner.field(name).type, values, kept)
            child = pa.StructArray.from_arrays([*parts.values()], fields=fields, mask=items.is_null())
        else:
            child = self._numbers(items, inner, values, kept)
        return self._listed(old, kind, offsets, child)

    def _listed(self, old: pa.Array, kind: pa.DataType, offsets: IndexArray, child: pa.Array) -> pa.Array:
        """Lists of these items, which lie as `list_parts` has them."""
        null = pa.array(self._null(old))
        if pa.types.is_fixed_size_list(kind):
            return _fixed(child, kind, np.diff(offsets), null)
        large = pa.types.is_large_list(kind)
        ends = pa.array(offsets, pa.int64() if large else pa.int32())
        make = pa.LargeListArray if large else pa.ListArray
        return make.from_arrays(ends, child, type=kind, mask=null)


def _fixed(child: pa.Array, kind: pa.DataType, lengths: IndexArray, null: pa.Array) -> pa.Array:
    """Lists of a fixed size, of which `child` holds those that are not null in the input."""
    size = kind.list_size
    there = lengths == size
    at = np.where(there, np.cumsum(np.where(there, size, 0)) - size, 0)[:, None] + np.arange(size)
    mask = ~np.repeat(there, size)
    items = child.take(pa.array(at.reshape(-1), mask=mask)) if len(child) else pa.nulls(at.size, child.type)
    return pa.FixedSizeListArray.from_arrays(items, type=kind, mask=null)
