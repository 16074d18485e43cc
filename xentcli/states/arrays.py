"""What is wrong with a state that is read, and where in it."""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Malformed(ValueError):
    """Not what the type of a field says; `place` leads there from the outermost state."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")


_LEVEL = 1  # of zlib: 6 takes about twice as long for 1 to 7 % fewer bytes
_MOST_BYTES = 1 << 30  # of one array: no state holds more, so a larger shape is a fault
_KEYS = {"dtype", "shape", "ascending", "zlib"}


def array_json(array: NDArray[Any]) -> dict[str, Any]:
    """The JSON of an array of 64-bit numbers or of truth values."""
    ascending = _is_ascending(array)
    items = np.diff(array, prepend=array.dtype.type(0)) if ascending else array
    little = np.ascontiguousarray(items).astype(array.dtype.newbyteorder("<"), copy=False)
    shuffled = little.reshape(-1).view(np.uint8).reshape(-1, array.dtype.itemsize).T.tobytes()
    return {
        "dtype": little.dtype.str,
        "shape": list(array.shape),
        "ascending": ascending,
        "zlib": base64.b64encode(zlib.compress(shuffled, _LEVEL)).decode(),
    }


def array_of(value: Any, dtype: np.dtype[Any], place: str) -> NDArray[Any]:
    """The array of this JSON, which must be of `dtype`; raises `Malformed`."""
    if not isinstance(value, dict) or value.keys() != _KEYS:
        raise Malformed(place, "is no array")
    expected = dtype.newbyteorder("<")
    if value["dtype"] != expected.str:
        raise Malformed(place, f"holds {value['dtype']}, not {expected.str}")
    shape = value["shape"]
    if not isinstance(shape, list) or not all(type(length) is int and length >= 0 for length in shape):
        raise Malformed(place, "has no shape")
    shape = tuple(shape)
    size = math.prod(shape) * dtype.itemsize
    if size > _MOST_BYTES:
        raise Malformed(place, f"has the shape {shape}, which is too large")
    shuffled = _bytes(value["zlib"], size, place)
    flat = np.frombuffer(shuffled, np.uint8).reshape(dtype.itemsize, -1).T
    items = np.ascontiguousarray(flat).reshape(-1).view(expected).astype(dtype, copy=False)
    if value["ascending"] is True and len(shape) == 1 and dtype.kind in "iu":
        items = np.cumsum(items, dtype=dtype)
    elif value["ascending"] is not False:
        raise Malformed(place, "cannot be ascending")
    return items.reshape(shape)


def _is_ascending(array: NDArray[Any]) -> bool:
    return (
        array.ndim == 1 and array.size > 1 and array.dtype.kind in "iu" and bool((array[1:] >= array[:-1]).all())
    )


def _bytes(text: Any, size: int, place: str) -> bytes:
    """Exactly `size` bytes, however many more a damaged stream would unfold to."""
    if not isinstance(text, str):
        raise Malformed(place, "has no bytes")
    try:
        stream = zlib.decompressobj()
        data = stream.decompress(base64.b64decode(text, validate=True), size + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise Malformed(place, f"cannot be unpacked ({error})") from None
    if len(data) != size or not stream.eof or stream.unused_data:
        raise Malformed(place, f"holds other than {size} bytes")
    return data
