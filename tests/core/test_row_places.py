"""Keys of kept rows lead back to the rows, whatever the numbers of the inputs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_kept_rows import bits, state
from tests.properties.strategies import law
from xentcli.core.kept_rows import keys_at, places_of, renumber, row_keys, rows_at

inputs = st.lists(st.integers(0, 10**6), min_size=1, max_size=8, unique=True)
rows = st.lists(st.integers(0, 1 << 40), min_size=1, max_size=20)


@law
@given(inputs, rows, st.data())
def test_keys_lead_back_to_input_and_row(numbers: list[int], rows: list[int], data: st.DataObject) -> None:
    of = data.draw(st.lists(st.sampled_from(numbers), min_size=len(rows), max_size=len(rows)))
    keys = np.array([row_keys(n, np.array([row]))[0] for n, row in zip(of, rows, strict=True)])
    places = places_of(keys)
    found = rows_at(places, np.array(numbers))
    assert [each.tolist() for each in found] == [of, rows]
    assert keys_at(places).tolist() == keys.tolist()


def test_consecutive_rows_have_consecutive_places() -> None:
    places = places_of(row_keys(7, np.arange(1000)))
    assert np.unique(np.diff(places)).tolist() == [1]


def test_inputs_lie_far_apart() -> None:
    """So far that no two of the first 100,000 inputs can be mixed up before one has 2^30 rows."""
    first = np.zeros(1, np.int64)
    starts = np.sort(places_of(np.concatenate([row_keys(number, first) for number in range(100_000)])))
    assert int(np.diff(starts).min()) > 1 << 30


def test_rows_under_new_numbers_are_those_of_inputs_with_these_numbers() -> None:
    one, two = state(range(100), source=0), state(range(50, 300), source=1)
    moved = renumber(one.merge(two), {0: 5, 1: 0})
    budget = 300  # a sample shows the keys
    expected = state(range(100), budget, source=5).merge(state(range(50, 300), budget, source=0))
    cut = [moved.merge(type(moved).empty(3, budget)), expected]
    assert cut[0].level == cut[1].level > 0
    assert bits(cut[0].arrays()) == bits(cut[1].arrays())


def test_a_sample_keeps_its_keys() -> None:
    kept = state(range(1000), 300)
    assert kept.level > 0
    assert renumber(kept, {0: 3}) is kept
