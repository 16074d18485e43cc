"""Numbers of integer keys: in the order in which they were met, whatever blocks they come in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.levels import each_level
from xentcli.core import kernel
from xentcli.core.integer_keys import IntegerKeys

LEAST, MOST = np.iinfo(np.int64).min, np.iinfo(np.int64).max
one_key = st.integers(LEAST, MOST) | st.integers(-3, 3) | st.integers(-16, 15).map(lambda n: n << 58)
keys = st.lists(one_key, max_size=60)


def in_order(blocks: list[list[int]]) -> tuple[list[list[int]], list[int]]:
    """The reference: a dictionary."""
    known: dict[int, int] = {}
    return [[known.setdefault(key, len(known)) for key in block] for block in blocks], list(known)


def numbered(blocks: list[list[int]]) -> tuple[list[list[int]], list[int]]:
    table = IntegerKeys()
    return [table.numbers(np.array(block, np.int64)).tolist() for block in blocks], table.distinct()


@given(st.lists(keys, max_size=4))
def test_numbers_are_in_the_order_of_keys(blocks: list[list[int]]) -> None:
    for _ in each_level():
        assert numbered(blocks) == in_order(blocks)


def test_the_table_grows() -> None:
    values = np.random.default_rng(1).integers(-(2**40), 2**40, 50_000).tolist()
    blocks = [values[:700], values[:30_000], values]
    assert numbered(blocks) == in_order(blocks)
    table = IntegerKeys()
    table.numbers(np.array(values))
    assert table.distinct(49_990) == in_order([values])[1][49_990:]


def test_wrong_tables_are_refused() -> None:
    table, ones = np.zeros((8, 2), np.int64), np.ones(3, np.int64)
    place = kernel.address(table)
    broken = (0, place, 4, 0), (place, 0, 4, 0), (place, place, 3, 0), (place, place, 4, 3), (place, place, 0, 0)
    for fields in broken:
        with pytest.raises(ValueError, match="refused"):
            kernel.number_keys(kernel.Keys(*fields), ones, ones.copy())
    with pytest.raises(ValueError, match="contiguous int64"):
        kernel.number_keys(kernel.Keys(place, place, 4, 0), ones, np.zeros(6, np.int64)[::2])
