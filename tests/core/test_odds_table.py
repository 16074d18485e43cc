"""Counts by log-odds as the kernel keeps them: against a dictionary, at each level of SIMD."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.core.levels import each_level
from tests.properties.strategies import law
from xentcli.core import kernel
from xentcli.core.exact import FloatArray
from xentcli.core.odds.cells import OddsCells
from xentcli.core.odds.table import OddsTable
from xentcli.core.odds.totals import CELL_BITS

Counts = dict[int, tuple[int, int]]  # by key: rows of class 1, rows of class 0

odds = st.floats(allow_nan=False) | st.sampled_from(
    [-math.inf, -1.0, -0.0, 0.0, 5e-324, -5e-324, 1.0, math.nextafter(1, 2), math.inf]
)
rows = st.lists(st.tuples(odds, st.booleans()), max_size=40)


def place(x: float) -> int:
    """How many float64 lie from 0.0 to x: negative below, where -1 is the place of the largest of them."""
    bits = int(np.array(abs(x)).view(np.int64))
    return bits if x >= 0 else -bits - 1


def reference(given_rows: Iterable[tuple[float, bool]], limit: int) -> tuple[Counts, bool]:
    """Counts by key, and whether log-odds are kept apart."""
    found: Counts = {}
    for x, positive in given_rows:
        up, down = found.get(place(x), (0, 0))
        found[place(x)] = (up + positive, down + (not positive))
    if len(found) <= limit:
        return found, True
    cells: Counts = {}
    for key, (up, down) in found.items():
        before = cells.get(key >> CELL_BITS, (0, 0))
        cells[key >> CELL_BITS] = (before[0] + up, before[1] + down)
    return cells, False


def filled(x: FloatArray, y: NDArray[np.bool_], limit: int = 1 << 18, cuts: Iterable[int] = ()) -> OddsTable:
    table, ends = OddsTable(limit=limit), [0, *sorted(cuts), x.size]
    for start, stop in pairwise(ends):
        table.add(x[start:stop], y[start:stop])
    return table


def found(table: OddsTable) -> tuple[Counts, bool]:
    [(totals, exact)] = table.totals()
    assert (totals.keys[1:] > totals.keys[:-1]).all()
    assert (totals.exponents == 1023).all()
    assert not totals.halves[1::2].any()
    pairs = zip(*(totals.halves[half] >> 25 for half in (0, 2)), strict=True)
    return dict(zip(totals.keys.tolist(), [(int(up), int(down)) for up, down in pairs], strict=True)), exact


@law
@given(rows, st.sampled_from([0, 1, 3, 10, 1 << 18]), st.data())
def test_counts_are_those_of_a_dictionary_in_any_order_and_blocks(
    given_rows: list[tuple[float, bool]], limit: int, data: st.DataObject
) -> None:
    expected = reference(given_rows, limit)
    shuffled = data.draw(st.permutations(given_rows))
    x, y = np.array([x for x, _ in shuffled]), np.array([y for _, y in shuffled], np.bool_)
    cuts = data.draw(st.lists(st.integers(0, x.size), max_size=3))
    for level in each_level():
        assert found(filled(x, y, limit, cuts)) == expected, level


@pytest.mark.parametrize("limit", [100, 5000, 1 << 18])
def test_a_table_grows_and_goes_to_cells_as_the_rows_of_one_state_do(limit: int) -> None:
    """20,000 log-odds, of which some are those of many rows, and many lie next to each other."""
    random = np.random.default_rng(1)
    x = np.concatenate([random.normal(0, 3, 15_000), random.integers(0, 5000, 30_000) / 1000 - 2.5])
    random.shuffle(x)
    y = random.random(x.size) < 0.4
    expected = reference(zip(x.tolist(), y.tolist(), strict=True), limit)
    assert expected[1] == (limit == 1 << 18)
    states = []
    for level in each_level():
        table = filled(x, y, limit)
        assert found(table) == expected, level
        assert table.struct.used == len(expected[0])
        assert table.struct.rows == x.size
        states.append(OddsCells.of_table(table))
    weighed = OddsCells.of(x, y, np.ones(x.size), limit)  # by another kind of entries
    assert all(state == weighed for state in states)


weights = st.floats(0, 1e300) | st.sampled_from([0.0, 1.0, 0.1, 5e-324, 2.0**-1022])
weighted_rows = st.lists(st.tuples(odds, st.floats(0, 1) | st.sampled_from([0.0, 1.0]), weights), max_size=40)
Totals = dict[tuple[int, int], list[int]]  # by key and exponent: halves of class 1, halves of class 0


def weighted_reference(given_rows: Iterable[tuple[float, float, float]], limit: int) -> tuple[Totals, bool]:
    """Totals with Python's integers, and whether log-odds are kept apart."""
    values = [
        (place(x), half, v) for x, y, w in given_rows for half, v in ((0, w * y), (2, w * (1.0 - y))) if v > 0
    ]
    exact = len({key for key, _, _ in values}) <= limit
    found: Totals = {}
    for key, half, value in values:
        exponent = max(1, math.frexp(value)[1] + 1022)
        whole = int(Fraction(value) * 2**1075 / 2**exponent)
        halves = found.setdefault((key if exact else key >> CELL_BITS, exponent), [0, 0, 0, 0])
        halves[half] += whole >> 27
        halves[half + 1] += whole % (1 << 27)
    return found, exact


@law
@given(weighted_rows, st.sampled_from([0, 1, 3, 10, 1 << 18]), st.data())
def test_weights_are_added_up_as_whole_numbers_in_any_order(
    given_rows: list[tuple[float, float, float]], limit: int, data: st.DataObject
) -> None:
    expected, expected_exact = weighted_reference(given_rows, limit)
    shuffled = data.draw(st.permutations(given_rows))
    x, y, w = np.array(shuffled).reshape(len(shuffled), 3).T
    for level in each_level():
        table = OddsTable(weighted=True, limit=limit)
        cut = data.draw(st.integers(0, x.size))
        for some in (slice(cut), slice(cut, None)):
            table.add_weighted(x[some], y[some], w[some])
        [(totals, exact)] = table.totals()
        entries = list(zip(totals.keys.tolist(), totals.exponents.tolist(), strict=True))
        assert entries == sorted(entries)
        assert dict(zip(entries, totals.halves.T.tolist(), strict=True)) == expected, level
        assert exact == expected_exact


@pytest.mark.parametrize("limit", [100, 3000, 1 << 18])
def test_a_weighted_table_grows_and_goes_to_cells_by_the_number_of_log_odds(limit: int) -> None:
    """3,000 log-odds with some 20 exponents each: far more entries than log-odds."""
    random = np.random.default_rng(4)
    x, y = random.integers(0, 3000, 60_000) / 100 - 15, random.random(60_000)
    w = np.ldexp(1.0, random.integers(-10, 10, 60_000))
    assert np.unique(x).size == 3000
    expected, exact = weighted_reference(zip(x.tolist(), y.tolist(), w.tolist(), strict=True), limit)
    assert exact == (limit >= 3000)
    for _ in each_level():
        table = OddsTable(weighted=True, limit=limit)
        table.add_weighted(x, y, w)
        [(totals, found_exact)] = table.totals()
        entries = zip(totals.keys.tolist(), totals.exponents.tolist(), strict=True)
        assert dict(zip(entries, totals.halves.T.tolist(), strict=True)) == expected
        assert found_exact == exact


def test_neighbouring_keys_and_those_of_one_place_are_told_apart() -> None:
    """Keys whose product with the golden ratio starts alike stand next to each other, around the end as well."""
    inverse = pow(0x9E3779B97F4A7C15, -1, 1 << 64)
    products = [(top << 54) + low for top in (0, 1, 1023) for low in range(0, 100 << 40, 1 << 40)]
    keys = np.array([product * inverse % (1 << 64) for product in products], np.uint64)
    bits = np.where(keys >> np.uint64(63) == 1, keys & np.uint64((1 << 63) - 1), ~keys)
    x = bits.view(np.float64)
    x = np.repeat(x[~np.isnan(x)], 2)
    assert x.size > 300
    y = np.arange(x.size) % 2 == 0
    for _ in each_level():
        table = OddsTable()
        table.add(x, y)
        assert found(table) == reference(zip(x.tolist(), y.tolist(), strict=True), 1 << 18)


def test_memory_is_little_for_few_rows_and_bounded_for_many() -> None:
    random = np.random.default_rng(2)
    table = filled(random.normal(size=500), np.ones(500, np.bool_))
    assert table.struct.capacity * 16 <= 1 << 14
    largest = 0
    for _ in range(30):
        table.add(random.normal(size=10_000), np.ones(10_000, np.bool_))
        largest = max(largest, table.struct.capacity)
    assert largest == 1 << 19
    table.add(random.normal(size=300_000), np.ones(300_000, np.bool_))
    assert table.struct.shift == CELL_BITS
    assert table.struct.capacity <= 1 << 14


def test_a_state_begun_in_cells_stays_there() -> None:
    x, y = np.array([1.0, math.nextafter(1, 2), -1.0]), np.array([True, False, True])
    table = OddsTable(exact=False)
    table.add(x, y)
    assert OddsCells.of_table(table) == OddsCells.of(x, y, None).in_cells()


@pytest.mark.parametrize("exact", [True, False])
def test_more_rows_than_half_an_integer_counts_are_counted_in_parts(exact: bool) -> None:
    """A table that has all but 100 of the rows it can count, as if they had been added before."""
    x, y = np.array([1.0, -2.0]), np.array([True, False])
    many = (1 << 32) - 101
    table = OddsTable(exact=exact)
    table.add(x[:1], y[:1])
    table._entries[table._entries[:, 0] > 0, 1] = np.uint64(many << 32)
    table.struct.rows = many
    table.add(np.tile(x, 200), np.tile(y, 200))
    parts = table.totals()
    assert [int(totals.halves[0].sum()) >> 25 for totals, _ in parts] == [many, 200]
    _, positive, negative, is_exact = OddsCells.of_table(table).keys()
    assert (positive.tolist(), negative.tolist()) == ([0, many + 200], [200, 0])
    assert is_exact is exact


def test_rows_that_do_not_fit_together_are_refused() -> None:
    table = OddsTable()
    with pytest.raises(ValueError, match="differ in number"):
        table.add(np.zeros(3), np.zeros(2, np.bool_))
    with pytest.raises(TypeError, match="float64 is wanted"):
        table.add(np.zeros(3, np.float32), np.zeros(3, np.bool_))


def test_a_nan_is_refused_with_its_tile() -> None:
    for _ in each_level():
        table = OddsTable()
        x = np.zeros(300)
        x[299] = math.nan
        with pytest.raises(ValueError, match="only finite"):
            table.add(x, np.ones(300, np.bool_))
        assert table.struct.rows == 256


@pytest.mark.parametrize("weight", [math.nan, math.inf])
def test_a_weight_that_is_no_number_is_refused_with_its_tile(weight: float) -> None:
    for _ in each_level():
        table = OddsTable(weighted=True)
        with pytest.raises(ValueError, match="only finite"):
            table.add_weighted(np.zeros(2), np.ones(2), np.array([1.0, weight]))
        with pytest.raises(ValueError, match="only finite"):
            table.add_weighted(np.zeros(2), np.array([0.5, weight]), None)
        assert table.struct.rows == table.struct.used == 0


def test_rows_of_the_other_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="refused the arguments of add_odds"):
        OddsTable(weighted=True).add(np.zeros(1), np.zeros(1, np.bool_))
    with pytest.raises(ValueError, match="refused the arguments of add_weighted_odds"):
        OddsTable().add_weighted(np.zeros(1), np.zeros(1), None)
    with pytest.raises(TypeError, match="bool is wanted"):
        OddsTable().add(np.zeros(1), np.zeros(1))


def test_the_kernel_refuses_a_table_that_cannot_be() -> None:
    for _ in each_level():
        wrong = {"entries": None, "words": 3, "capacity": 1000, "used": 1 << 10, "rows": 1 << 32, "shift": 3}
        for name, value in wrong.items():
            table = OddsTable()
            setattr(table.struct, name, value)
            with pytest.raises(ValueError, match="refused the arguments of add_odds"):
                table.add(np.zeros(1), np.zeros(1, np.bool_))
        cells, exact = OddsTable(exact=False), OddsTable()
        with pytest.raises(ValueError, match="refused the arguments of move_odds"):
            kernel.call("move_odds", cells.address, exact.address)
        weighted = OddsTable(weighted=True)
        with pytest.raises(ValueError, match="refused the arguments of move_odds"):
            kernel.call("move_odds", weighted.address, exact.address)


def test_a_full_table_takes_none_of_a_tile() -> None:
    for _ in each_level():
        table, following = OddsTable(), np.zeros(1, np.int64)
        x, y = np.arange(1000.0), np.ones(1000, np.uint8)
        arrays = (kernel.address(x), kernel.address(y), x.size, kernel.address(following))
        assert not kernel.call("add_odds", table.address, *arrays)
        assert following.tolist() == [512]  # two tiles of 256 are 512 of 640 entries; three would be too many
        assert table.struct.used == table.struct.rows == 512


def test_weights_of_whole_numbers_are_rows_repeated() -> None:
    x, y, w = np.array([0.5, -1.0, 0.5]), np.array([True, True, False]), np.array([3, 2, 5])
    weighed = OddsCells.of(x, y, w.astype(float))
    _, positive, negative, _ = OddsCells.of(np.repeat(x, w), np.repeat(y, w), None).keys()
    assert [Fraction(v) for v in positive] == [Fraction(v) for v in weighed.keys()[1]] == [2, 3]
    assert negative.tolist() == weighed.keys()[2].tolist() == [0, 5]
