"""Arrays come back bit by bit, and what is no array is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from tests.properties.strategies import law
from xentcli.states.arrays import Malformed, array_json, array_of

DTYPES = [np.dtype(name) for name in ("float64", "int64", "uint64", "bool")]
shapes = arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)
any_array = st.sampled_from(DTYPES).flatmap(lambda dtype: arrays.arrays(dtype, shapes))


@law
@given(any_array, st.booleans())
def test_read_back_is_the_array(array: NDArray[Any], sort: bool) -> None:
    array = np.sort(array, axis=0) if sort else array
    back = array_of(json.loads(json.dumps(array_json(array))), array.dtype, "x")
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_ascending_integers_take_little_room() -> None:
    assert len(json.dumps(array_json(np.arange(10**12, 10**12 + 100_000)))) < 5000


GOOD = array_json(np.arange(6.0))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"dtype": "<i8"}, "holds <i8, not <f8"),
        ({"shape": [7]}, "holds other than 56 bytes"),
        ({"shape": [-1]}, "has no shape"),
        ({"shape": [True]}, "has no shape"),
        ({"shape": [1 << 40]}, "too large"),
        ({"shape": [5]}, "holds other than 40 bytes"),
        ({"zlib": GOOD["zlib"][:-8]}, "holds other than 48 bytes"),
        ({"zlib": "@"}, "cannot be unpacked"),
        ({"zlib": "abcd"}, "cannot be unpacked"),
        ({"zlib": None}, "has no bytes"),
        ({"zlib": "é"}, "cannot be unpacked"),
        ({"ascending": True}, "cannot be ascending"),
        ({"more": 1}, "is no array"),
    ],
)
def test_what_is_no_array_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(Malformed, match=says):
        array_of({**GOOD, **change}, np.dtype("float64"), "x")
