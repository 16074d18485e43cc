"""Arrays as bytes read back are the arrays; what no array lies in is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from tests.properties.strategies import law
from xentcli.states.arrays import ArrayForm, Malformed, array_bytes, arrays_of

DTYPES = [np.dtype(name) for name in ("float64", "int64", "uint64", "bool")]
shapes = array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)
any_array = st.sampled_from(DTYPES).flatmap(lambda dtype: arrays(dtype, shapes))


def back(given: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Arrays as bytes, and read."""
    forms, data = zip(*map(array_bytes, given), strict=True)
    return arrays_of(forms, memoryview(b"".join(data)))


@law
@given(st.lists(any_array, min_size=1, max_size=4), st.booleans())
def test_read_back_are_the_arrays(given: list[NDArray[Any]], sort: bool) -> None:
    given = [np.sort(array, axis=0) for array in given] if sort else given
    for array, read in zip(given, back(given), strict=True):
        assert (read.dtype, read.shape, read.tobytes()) == (array.dtype, array.shape, array.tobytes())


@pytest.mark.parametrize(
    ("array", "width"),
    [
        (np.arange(10**12, 10**12 + 1000), 5),
        (np.arange(1000), 1),
        (np.array([-64, 63]), 1),
        (np.array([5, -(1 << 36)]), 5),
        (np.zeros((3, 4), np.int64), 1),
    ],
)
def test_small_numbers_take_few_bytes(array: NDArray[Any], width: int) -> None:
    form, data = array_bytes(array)
    assert (form.width, len(data)) == (width, array.size * width)


GOOD = array_bytes(np.arange(6.0))[0]


@pytest.mark.parametrize(
    ("form", "size"),
    [
        (GOOD, 47),
        (GOOD, 49),
        (GOOD._replace(dtype="<f4"), 48),
        (GOOD._replace(dtype="|O"), 48),
        (GOOD._replace(width=4), 24),
        (GOOD._replace(ascending=True), 48),
        (GOOD._replace(signed=True), 48),
        (GOOD._replace(shape=(-6, -1)), 48),
        (GOOD._replace(dtype="<i8", width=0, shape=(1 << 60,)), 0),
        (GOOD._replace(dtype="<i8", width=9), 54),
        (GOOD._replace(dtype="|b1", width=8), 48),
    ],
)
def test_what_is_no_array_is_refused(form: ArrayForm, size: int) -> None:
    with pytest.raises(Malformed, match="do not lie so"):
        arrays_of([form], memoryview(bytes(size)))
