"""Columns as NumPy arrays, or as Arrow's: values, and where they are null.

pyarrow, which takes as long to load as a small text to score, is loaded where a column is Arrow's, or must be.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray
from xentcli.core.text import Numbers, Words
from xentcli.errors import ContentError
from xentcli.sources.source import Column

if TYPE_CHECKING:
    import pyarrow as pa

BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]

_EXACT_DIGITS = 15  # integers of so many digits are exact as float64
_EXACT_SCALE = 22  # as are the powers of ten up to this one


def is_of_arrow(error: Exception) -> bool:
    """Whether Arrow raised it."""
    arrow = sys.modules.get("pyarrow")
    return arrow is not None and isinstance(error, arrow.ArrowException)


def to_floats(column: Column) -> tuple[FloatArray, BoolArray | None]:
    """Values as the nearest float64 before any arithmetic, and where they are null (None if nowhere)."""
    if isinstance(column, Numbers):
        return column.values, column.missing
    import pyarrow as pa

    column = to_arrow(column)
    null = null_mask(column)
    if pa.types.is_decimal(column.type):
        return _decimals(column), null
    if pa.types.is_string(column.type):  # of cells that hold lists
        raise ContentError("not_a_list", "lists hold names where numbers are needed")
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    return raw_values(column.cast(pa.float64(), safe=False) if column.type != pa.float64() else column), null


def _decimals(column: pa.Array) -> FloatArray:
    """Decimals correctly rounded, which Arrow's own cast, multiplying by a power of ten, does not do.

    One division of exact numbers rounds once: 3 ns a value, where parsing the text of longer ones takes 185.
    """
    import pyarrow as pa

    kind = column.type
    if kind.precision > _EXACT_DIGITS or not 0 <= kind.scale <= _EXACT_SCALE:
        return raw_values(column.cast(pa.string()).cast(pa.float64()))
    width = kind.byte_width
    low = min(width, 8)  # bytes, the lowest first, that hold all digits
    count = (column.offset + len(column)) * (width // low)
    digits = np.frombuffer(column.buffers()[1] or b"", np.dtype(f"<i{low}"), count)[:: width // low]
    values: FloatArray = digits[column.offset : column.offset + len(column)] / 10.0**kind.scale
    return values


def raw_values(column: pa.Array) -> np.ndarray[tuple[int], np.dtype[Any]]:
    """What a primitive column holds, whatever stands where it is null; no copy.

    Arrow's own `to_numpy` and `fill_null` would turn integers with nulls into floats, and load pandas.
    """
    count = column.offset + len(column)  # a buffer of a damaged file may be longer, and end within a value
    values = np.frombuffer(column.buffers()[1] or b"", column.type.to_pandas_dtype(), count)
    return values[column.offset : column.offset + len(column)]


def null_mask(column: pa.Array) -> BoolArray | None:
    """Where a column is null; None if nowhere."""
    if not column.null_count:
        return None
    if column.buffers()[0] is None:  # a column of type null
        return np.ones(len(column), np.bool_)
    valid = np.unpackbits(np.frombuffer(column.buffers()[0], np.uint8), bitorder="little")
    mask: BoolArray = valid[column.offset : column.offset + len(column)] == 0
    return mask


def as_arrow(rows: IndexArray, null: BoolArray | None = None) -> pa.Array:
    """Row numbers as an Arrow array, null where asked: no copy, and unlike `pa.array` no pandas."""
    import pyarrow as pa

    return _from_buffer(pa.int64(), np.ascontiguousarray(rows, np.int64), null)


def to_arrow(column: Column, *, distinct: bool = True) -> pa.Array:
    """A column as Arrow's: float64, or text, as a dictionary if words are `distinct`."""
    import pyarrow as pa

    if isinstance(column, Numbers):
        return _from_buffer(pa.float64(), np.ascontiguousarray(column.values), column.missing)
    if not isinstance(column, Words):
        return column
    offsets = pa.py_buffer(column.ends.astype(np.int32))
    words = pa.Array.from_buffers(pa.string(), column.ends.size - 1, [None, offsets, pa.py_buffer(column.utf8)])
    missing = column.codes == 0
    codes = _from_buffer(pa.int32(), (column.codes - 1).astype(np.int32), missing if missing.any() else None)
    return pa.DictionaryArray.from_arrays(codes, words) if distinct else words.take(codes)


def _from_buffer(kind: pa.DataType, values: np.ndarray[Any, np.dtype[Any]], null: BoolArray | None) -> pa.Array:
    import pyarrow as pa

    valid = None if null is None else pa.py_buffer(np.packbits(~null, bitorder="little"))
    return pa.Array.from_buffers(kind, values.size, [valid, pa.py_buffer(values)])


def is_list(kind: pa.DataType) -> bool:
    """Whether a row is a list."""
    import pyarrow as pa

    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def is_struct(kind: pa.DataType) -> bool:
    """Whether a row is a struct."""
    import pyarrow as pa

    return bool(pa.types.is_struct(kind))


def list_parts(column: pa.Array) -> tuple[IndexArray, pa.Array]:
    """Where each list begins and the last ends `(n + 1,)`, and what all hold, one after the other.

    A list that is null holds nothing. A map is a list of structs.
    """
    import pyarrow as pa

    null, rows = null_mask(column), len(column)
    if pa.types.is_fixed_size_list(column.type):
        size = column.type.list_size
        starts, lengths = np.arange(column.offset, column.offset + rows) * size, np.full(rows, size)
        values = column.values
    else:
        offsets = raw_values(column.offsets).astype(np.intp)
        starts, lengths = offsets[:-1], np.diff(offsets)
        values = column.values
    if null is not None and lengths[null].any():
        lengths = np.where(null, 0, lengths)
        at = np.arange(lengths.sum()) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        values = values.take(as_arrow(at))
    else:
        values = values.slice(int(starts[0]) if rows else 0, int(lengths.sum()))
    return np.concatenate(([0], np.cumsum(lengths))), values


def leaf_type(kind: pa.DataType) -> pa.DataType:
    """What lists hold, however deep they are in one another; of other types themselves."""
    while is_list(kind):
        kind = kind.value_type
    return kind


def leaf_parts(column: pa.Array) -> tuple[IndexArray, pa.Array]:
    """`list_parts` of lists, however deep they are in one another: what all lists in a row hold is its own."""
    offsets, values = list_parts(column)
    while is_list(values.type):
        inner, values = list_parts(values)
        offsets = inner[offsets]
    return offsets, values


def leaf_field(column: pa.Array, name: str | None) -> pa.Array:
    """What all lists of a column hold, one after the other; of structs one field."""
    _, values = leaf_parts(column)
    if name is None:
        return values
    return values.flatten()[[field.name for field in values.type].index(name)]


def fixed_size(kind: pa.DataType) -> int:
    """The length of every list of a column of fixed-size lists; 0 for others."""
    import pyarrow as pa

    return int(kind.list_size) if pa.types.is_fixed_size_list(kind) else 0
