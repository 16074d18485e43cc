"""Arrow columns as NumPy arrays: values, and where they are null."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray

BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]

_EXACT_DIGITS = 15  # integers of so many digits are exact as float64
_EXACT_SCALE = 22  # as are the powers of ten up to this one


def keep_signals() -> None:
    """Leave signals to whoever handles them: those of Arrow, for the time of a read, can lose one at its end."""
    pa.enable_signal_handlers(False)


def to_floats(column: pa.Array) -> tuple[FloatArray, BoolArray | None]:
    """Values as the nearest float64 before any arithmetic, and where they are null (None if nowhere)."""
    null = null_mask(column)
    if pa.types.is_decimal(column.type):
        return _decimals(column), null
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    return raw_values(column.cast(pa.float64(), safe=False) if column.type != pa.float64() else column), null


def _decimals(column: pa.Array) -> FloatArray:
    """Decimals correctly rounded, which Arrow's own cast, multiplying by a power of ten, does not do.

    One division of exact numbers rounds once: 3 ns a value, where parsing the text of longer ones takes 185.
    """
    kind = column.type
    if kind.precision > _EXACT_DIGITS or not 0 <= kind.scale <= _EXACT_SCALE:
        return raw_values(column.cast(pa.string()).cast(pa.float64()))
    width = kind.byte_width
    low = min(width, 8)  # bytes, the lowest first, that hold all digits
    digits = np.frombuffer(column.buffers()[1] or b"", np.dtype(f"<i{low}"))[:: width // low]
    values: FloatArray = digits[column.offset : column.offset + len(column)] / 10.0**kind.scale
    return values


def raw_values(column: pa.Array) -> np.ndarray[tuple[int], np.dtype[Any]]:
    """What a primitive column holds, whatever stands where it is null; no copy.

    Arrow's own `to_numpy` and `fill_null` would turn integers with nulls into floats, and load pandas.
    """
    values = np.frombuffer(column.buffers()[1] or b"", column.type.to_pandas_dtype())
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
    rows = np.ascontiguousarray(rows, np.int64)
    valid = None if null is None else pa.py_buffer(np.packbits(~null, bitorder="little"))
    return pa.Array.from_buffers(pa.int64(), rows.size, [valid, pa.py_buffer(rows)])


def is_list(kind: pa.DataType) -> bool:
    """Whether a row is a list."""
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))
