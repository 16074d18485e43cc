"""Columns inside columns of Arrow types: `a.b` reaches into structs, also those in lists; and plainer views.

BigQuery's exports wrap a list as a struct `list` of structs `element`, Spark ML writes a vector as a struct of
`type`, `size`, `indices` and `values`: both are read as the list that they stand for.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray
from xentcli.sources.arrays import is_list, is_struct, list_parts, null_mask, to_arrow, to_floats
from xentcli.sources.batches import arrow_errors
from xentcli.sources.source import Block, Chunk, Column, Field, Projection, Source, WithColumns

_ELEMENTS = ({"element"}, {"item"}, {"array_element"})  # the only field of a struct around each value
_LISTS = ({"list"}, {"bag"}, {"array"})  # the only field of a struct around a list
_VECTOR = {"type", "size", "indices", "values"}
_DEEPEST = 12
_MOST_PATHS = 20_000
_LONGEST = 1 << 24  # values of a vector


class NestedSource(WithColumns):
    """A source whose lists are plain, and whose structs can be reached into. Plain columns pass as they are."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._views: dict[str, tuple[str, tuple[str, ...]]] = {}  # of a name: the column, and the keys on the way
        self._read_inside = any(field.path for field in source.fields)
        found = {field.name: self._plain(field) for field in source.fields}
        for field in () if self._read_inside else source.fields:
            for keys, kind in _paths(field.type):
                name = ".".join((field.name, *keys))
                if name not in found and len(found) < _MOST_PATHS + len(source.fields):
                    found[name] = Field(name, kind, path=True)
                    self._views[name] = field.name, keys
        self.fields = tuple(found.values())

    def _plain(self, field: Field) -> Field:
        if field.type is None or (kind := plain_type(field.type)) == field.type:
            return field
        self._views[field.name] = field.name, ()
        return Field(field.name, kind, path=field.path)

    @property
    def one_column(self) -> Projection:
        """The source's."""
        return self.source.one_column

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The source's chunks, with the views that are asked for."""
        views = {name: self._views[name] for name in projection.names if name in self._views}
        if not views:
            yield from self.source.chunks(projection)
            return
        own = projection.only(set(projection.names) - views.keys())
        bases = [base for base, _ in views.values() if base not in own.names]
        inner = replace(own, lists=tuple(dict.fromkeys((*own.lists, *bases))))

        def add(block: Block) -> Block:
            return replace(block, columns={**block.columns, **_read_views(block, views)})

        for chunk in self.source.chunks(inner):
            yield chunk.change(add)

    def of(self, source: Source) -> NestedSource:
        """The same of a split."""
        return NestedSource(source)


def _read_views(block: Block, views: dict[str, tuple[str, tuple[str, ...]]]) -> dict[str, Column]:
    with arrow_errors(block.where(0).file):
        return {name: reach(to_arrow(block.columns[base]), keys) for name, (base, keys) in views.items()}


def _names(kind: pa.DataType) -> list[str]:
    return [kind.field(i).name for i in range(kind.num_fields)]


def _is_vector(kind: pa.DataType) -> bool:
    names = set(_names(kind)) if is_struct(kind) else set()
    return {"type", "values"} <= names <= _VECTOR and is_list(kind.field("values").type)


def _wrapped(kind: pa.DataType) -> bool:
    """Whether a struct is only a wrapper of BigQuery's."""
    names = set(_names(kind)) if is_struct(kind) else set()
    return names in _ELEMENTS or (names in _LISTS and is_list(kind.field(0).type))


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type of `plain_array` of a column of this one."""
    if pa.types.is_map(kind):
        return pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)]))
    if _is_vector(kind):
        return pa.list_(pa.float64())
    if is_struct(kind) and _wrapped(kind) and is_list(kind.field(0).type):
        return plain_type(kind.field(0).type)
    if is_list(kind):
        inner = kind.value_type
        inner = inner.field(0).type if _wrapped(inner) else inner
        return kind if inner == kind.value_type and plain_type(inner) == inner else pa.list_(plain_type(inner))
    return kind


def plain_array(column: pa.Array) -> pa.Array:
    """A column whose lists are lists, without wrappers; anything else as it is."""
    kind = column.type
    if plain_type(kind) == kind:
        return column
    if _is_vector(kind):
        return _vectors(column)
    if is_struct(kind):
        return plain_array(column.flatten()[0])
    offsets, values = list_parts(column)
    if pa.types.is_map(kind):
        pairs = pa.StructArray.from_arrays(values.flatten(), ["key", "value"])
        return _list_array(column, offsets, pairs)
    values = values.flatten()[0] if _wrapped(values.type) else values
    return _list_array(column, offsets, plain_array(values))


def _list_array(like: pa.Array, offsets: IndexArray, values: pa.Array) -> pa.Array:
    """Lists of other values, null where `like` is."""
    null = null_mask(like)
    valid = None if null is None else pa.py_buffer(np.packbits(~null, bitorder="little"))
    large = pa.types.is_large_list(like.type) or int(offsets[-1]) >= 1 << 31
    kind = (pa.large_list if large else pa.list_)(values.type)
    starts = pa.py_buffer(offsets.astype(np.int64 if large else np.int32))
    return pa.Array.from_buffers(kind, len(like), [valid, starts], children=[values])


def reach(column: pa.Array, keys: tuple[str, ...]) -> pa.Array:
    """What stands under some keys in each row, as a plain column; lists on the way give lists."""
    if _is_vector(column.type):
        return _vectors(column)
    column = plain_array(column)
    if not keys:
        return column
    if is_list(column.type):
        offsets, values = list_parts(column)
        return _list_array(column, offsets, reach(values, keys))
    return reach(column.flatten()[_names(column.type).index(keys[0])], keys[1:])


def _paths(kind: pa.DataType | None, depth: int = 0) -> Iterator[tuple[tuple[str, ...], pa.DataType]]:
    """The keys of each value inside a column of this type, and its plain type."""
    if kind is None or depth > _DEEPEST:
        return
    if _is_vector(kind):
        yield ("values",), plain_type(kind)
        return
    kind, lists = plain_type(kind), 0
    while is_list(kind):
        kind, lists = kind.value_type, lists + 1
    for field in kind if is_struct(kind) else ():
        inside = _paths(field.type, depth + 1) if not (lists and _is_vector(field.type)) else ()
        for keys, each in (((), plain_type(field.type)), *inside):
            found = each
            for _ in range(lists):
                found = pa.list_(found)
            yield (field.name, *keys), found


def _vectors(column: pa.Array) -> pa.Array:
    """Spark's vectors `(n,)` as lists: dense ones as they are, sparse ones with the zeros that they leave out."""
    parts = dict(zip(_names(column.type), column.flatten(), strict=True))
    sparse = _numbers(parts["type"], 1.0) == 0.0
    if not sparse.any():
        return parts["values"].cast(pa.list_(pa.float64()))
    offsets, values = list_parts(parts["values"])
    own = np.diff(offsets)
    row = np.repeat(np.arange(len(column)), own)
    place = np.arange(own.sum()) - np.repeat(offsets[:-1], own)
    if {"size", "indices"} <= parts.keys():
        sizes = np.where(sparse, _numbers(parts["size"], 0.0), own).astype(np.int64)
        starts, indices = list_parts(parts["indices"])
        if (np.diff(starts)[sparse] != own[sparse]).any():
            raise pa.ArrowInvalid("a sparse vector has other indices than values")
        place[sparse[row]] = _numbers(indices, -1.0)[np.repeat(sparse, np.diff(starts))]
    else:
        raise pa.ArrowInvalid("a sparse vector has no indices")
    if (sizes < 0).any() or (sizes > _LONGEST).any() or (place < 0).any() or (place >= sizes[row]).any():
        raise pa.ArrowInvalid("an index of a sparse vector is beyond its size")
    ends = np.concatenate(([0], np.cumsum(sizes)))
    flat = np.zeros(int(ends[-1]))
    flat[ends[:-1][row] + place] = _numbers(values, np.nan)
    return _list_array(column, ends, pa.array(flat))


def _numbers(column: pa.Array, missing: float) -> FloatArray:
    values, null = to_floats(column)
    return values if null is None else np.where(null, missing, values)
