"""Numbers of the Python API, in whatever arrays they come, as Arrow columns."""

from __future__ import annotations

import numbers
import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from xentcli.columns.column_types import refuse_number_type
from xentcli.columns.names import class_in
from xentcli.errors import ContentError, RequestError, Where
from xentcli.sources.arrays import BoolArray, is_list
from xentcli.wording import few

ARRAYS = "arrays"  # what they are called in messages and results


def number_column(values: Any, column: str) -> pa.Array:
    """Numbers from `(n,)` or `(n, 1)`, lists of K from `(n, K)`; numbers, lists or structs of Arrow as they are.

    What is None or masked is null. Raises `ContentError` for what holds no numbers, text included, and for other
    shapes.
    """
    found = _of_arrow(values)
    if found is None:
        found = _of_numpy(values, column)
    nested = is_list(found.type) or pa.types.is_struct(found.type)
    refuse_number_type(found.type, Where(ARRAYS), column, nested=nested)
    return found


def flat_column(values: Any, column: str) -> pa.Array:
    """Numbers, one a row."""
    found = number_column(values, column)
    if is_list(found.type) or pa.types.is_struct(found.type):
        raise _error("shape", "more than one number a row, where one is needed", column)
    return found


def by_class(table: pa.StructArray, classes: Sequence[str] | None, column: str) -> pa.StructArray:
    """The columns of a table under the names of the classes that they are of.

    A column's name is its class, or holds it as `prob_cat` does, if all do. Raises `RequestError` where these are
    not `classes`: names and order would say different things.
    """
    own = [field.name for field in table.type]
    inside = [name for name in map(class_in, own) if name is not None]
    readings = [inside, own] if len(inside) == len(own) else [own]
    names = next((each for each in readings if classes is None or set(each) == set(classes)), None)
    if names is None:
        raise RequestError(
            "classes",
            f"has the columns {few(own, 10)}, which are not the classes {few(classes or (), 10)}",
            hint="columns go by their names; .to_numpy() drops those, and classes= then gives the order",
            where=Where(ARRAYS),
            column=column,
        )
    return renamed(table, names)


def renamed(table: pa.StructArray, names: Sequence[str]) -> pa.StructArray:
    """A table with these names for its columns."""
    return pa.StructArray.from_arrays(table.flatten(), list(names))


def _of_arrow(values: Any) -> pa.Array | None:
    """What Arrow, polars or pandas' own types hold, with its nulls; a table is a struct. None for other values."""
    if isinstance(getattr(values, "dtype", None), np.dtype):
        return None
    values = getattr(values, "array", values)  # of a pandas Series
    if hasattr(values, "__arrow_c_stream__"):
        return pa.chunked_array(values).combine_chunks()
    if hasattr(values, "__arrow_c_array__") or hasattr(values, "__arrow_array__"):
        return pa.array(values, from_pandas=True)
    return None


def _of_numpy(values: Any, column: str) -> pa.Array:
    try:
        array = np.asarray(values)
    except ValueError:  # lists of different lengths: told with their row when they are read
        return _ragged(values, column)
    if array.dtype == object and array.ndim == 1 and any(isinstance(v, list | tuple | np.ndarray) for v in array):
        return _ragged(values, column)
    if array.ndim not in (1, 2) or array.shape[1:] == (0,):
        raise _error("shape", f"has shape {array.shape}, not (n,) or (n, K)", column)
    mask = np.ma.getmaskarray(values).ravel() if isinstance(values, np.ma.MaskedArray) else None
    width = array.shape[1] if array.ndim == 2 else 1
    objects = array.dtype == object
    flat = _of_objects(array.ravel(), mask, width, column) if objects else _floats(array, mask, column)
    return flat if width == 1 else pa.FixedSizeListArray.from_arrays(flat, width)


def _floats(array: np.ndarray[Any, Any], mask: BoolArray | None, column: str) -> pa.Array:
    """Numbers of any size and byte order; NumPy would parse text, and take the real part of a complex number."""
    if array.dtype.kind in "fiub":
        return pa.array(array.astype(np.float64).ravel(), mask=mask)
    text = array.dtype.kind in "UST"
    message = f"holds {'text' if text else f'values of type {array.dtype}'}, not numbers"
    raise _error("not_a_number", message, column, "numbers stored as text: .astype(float)" if text else None)


def _of_objects(values: np.ndarray[Any, Any], mask: BoolArray | None, width: int, column: str) -> pa.Array:
    """Python objects, each as the nearest float64, null where it is None, NA or masked."""
    found: list[float | None] = []
    for i, value in enumerate(values):
        try:
            found.append(None if mask is not None and mask[i] else _float(value))
        except (TypeError, ValueError, OverflowError) as error:
            large = isinstance(error, OverflowError)
            message = "holds a number beyond float64" if large else f"holds {reprlib.repr(value)}, not a number"
            where = Where(ARRAYS, row=i // width)
            raise ContentError("not_a_number", message, where=where, column=column) from error
    return pa.array(found, pa.float64())


def _float(value: Any) -> float | None:
    if isinstance(value, numbers.Number | np.bool_):  # a Decimal and a Fraction are, a text of digits is not
        return float(value)  # type: ignore[arg-type]  # a complex one raises TypeError
    missing: float | None = pa.scalar(value, pa.float64(), from_pandas=True).as_py()
    return missing


def _ragged(values: Any, column: str) -> pa.Array:
    try:
        return pa.array(list(values), from_pandas=True)
    except pa.ArrowException as error:
        raise _error("not_a_number", f"holds no numbers or lists of numbers: {error}", column) from error


def _error(code: str, message: str, column: str, hint: str | None = None) -> ContentError:
    return ContentError(code, message, hint=hint, where=Where(ARRAYS), column=column)
