"""Arrays as bytes, one after the other, and what is wrong with a state that is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Malformed(ValueError):
    """Not what the type of a field says; `place` leads there from the outermost state."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")


_DTYPES = {name: np.dtype(name) for name in ("<f8", "<i8", "<u8", "|b1")}


class ArrayForm(NamedTuple):
    """How an array lies in the bytes: the first byte of every item, then the second of every item, and so on.

    Of integers the high bytes that are 0 in every item are left out, so that small numbers take little room.
    """

    dtype: str
    shape: tuple[int, ...]
    width: int  # bytes of an item that are held, the lowest first
    ascending: bool  # whether these are the differences of one item and the next
    signed: bool  # whether they are n as 2 n, and -n as 2 n - 1

    @property
    def size(self) -> int:
        """How many bytes."""
        return math.prod(self.shape) * self.width

    def fits(self) -> bool:
        """Whether an array can lie so."""
        plain = self.dtype in ("<f8", "|b1")
        whole = self.dtype not in _DTYPES or self.width != _DTYPES[self.dtype].itemsize
        if self.dtype not in _DTYPES or (plain and (whole or self.ascending or self.signed)):
            return False
        return 1 <= self.width <= 8 and all(length >= 0 for length in self.shape)


def array_bytes(array: NDArray[Any]) -> tuple[ArrayForm, bytes]:
    """An array of 64-bit numbers or of truth values as bytes, and how it lies in them."""
    dtype = array.dtype.newbyteorder("<").str
    width, ascending, signed = array.dtype.itemsize, False, False
    items = array.reshape(-1)
    if array.dtype.kind in "iu":
        ascending = array.ndim == 1 and bool((items[1:] >= items[:-1]).all())
        if ascending:
            items = np.diff(items, prepend=items.dtype.type(0))
        if array.dtype.kind == "i" and items.min(initial=0) < 0:
            signed, items = True, (items << 1) ^ (items >> 63)
        items = items.view(np.uint64)
        width = (int(items.max(initial=1)).bit_length() + 7) // 8
    little = np.ascontiguousarray(items).astype(items.dtype.newbyteorder("<"), copy=False)
    planes = little.view(np.uint8).reshape(items.size, array.dtype.itemsize).T[:width]
    return ArrayForm(dtype, array.shape, width, ascending, signed), planes.tobytes()


def arrays_of(forms: Sequence[ArrayForm], data: memoryview) -> list[NDArray[Any]]:
    """The arrays that lie so in `data`, all of it; raises `Malformed`."""
    if not all(form.fits() for form in forms) or sum(form.size for form in forms) != len(data):
        raise Malformed("arrays", "do not lie so")
    found, start = [], 0
    for form in forms:
        found.append(_array(form, data[start : start + form.size]))
        start += form.size
    return found


def _array(form: ArrayForm, data: memoryview) -> NDArray[Any]:
    dtype, count = _DTYPES[form.dtype], math.prod(form.shape)
    planes = np.zeros((count, dtype.itemsize), np.uint8)
    planes.T[: form.width] = np.frombuffer(data, np.uint8).reshape(form.width, count)
    items: NDArray[Any] = planes.reshape(-1).view(dtype).astype(dtype.newbyteorder("="), copy=False)
    if form.signed:
        whole = items.view(np.uint64)
        items = ((whole >> np.uint64(1)) ^ (np.uint64(0) - (whole & np.uint64(1)))).view(items.dtype)
    if form.ascending:
        items = np.cumsum(items, dtype=items.dtype)
    return items.reshape(form.shape)
