"""Weights by log-odds: the laws of the state, and its totals against Python's fractions."""

from __future__ import annotations

import math
import pickle
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.levels import each_level
from tests.properties.merging import assert_merging_laws, merged_as_a_tree
from tests.properties.strategies import law
from xentcli.core.odds.cells import OddsCells
from xentcli.core.odds.table import LIMIT

Row = tuple[float, float, float | None]  # log-odds, share of class 1, weight

odds = st.floats(allow_nan=False) | st.sampled_from(
    [-math.inf, -1.0, -0.0, 0.0, 1.0, math.nextafter(1, 2), math.inf]
)
plain = st.lists(st.tuples(odds, st.sampled_from([0.0, 1.0]), st.none()), max_size=30)
weighted = st.lists(st.tuples(odds, st.floats(0, 1), st.sampled_from([1.0, 0.1, 1e-9, 3e200])), max_size=30)
limits = st.sampled_from([1, 3, 10, LIMIT])


def state(rows: Sequence[Row], limit: int = LIMIT) -> OddsCells:
    if not rows:
        return OddsCells.empty(limit)
    x, share, weight = (np.array(column) for column in zip(*rows, strict=True))
    whole = rows[0][2] is None
    positive: Any = share == 1 if whole else share
    return OddsCells.of(x, positive, None if whole else weight.astype(float), limit)


def bits(found: OddsCells) -> tuple[Any, ...]:
    *arrays, exact = found.keys()
    return (*(array.tobytes() for array in arrays), exact)


@law
@given(plain | weighted, limits, st.data())
def test_merge_is_commutative_and_associative_with_identity(
    rows: list[Row], limit: int, data: st.DataObject
) -> None:
    third = data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows)))
    a, b, c = (state([r for r, i in zip(rows, third, strict=True) if i == part], limit) for part in range(3))
    assert_merging_laws(a, b, c, OddsCells.empty(limit))
    assert a.merge(b).merge(c) == state(rows, limit)
    assert pickle.loads(pickle.dumps(a)) == a


@law
@given(plain | weighted)
def test_totals_are_those_of_fractions(rows: list[Row]) -> None:
    up: dict[float, Fraction] = defaultdict(Fraction)
    down: dict[float, Fraction] = defaultdict(Fraction)
    for x, share, weight in rows:
        w = 1.0 if weight is None else weight
        up[x + 0.0] += Fraction(w * share)
        down[x + 0.0] += Fraction(w * (1.0 - share))
    found, positive, negative, exact = state(rows).keys()
    expected = sorted(key for key in up if up[key] or down[key])
    assert exact
    assert found.tolist() == expected
    assert positive.tolist() == [float(up[key]) for key in expected]
    assert negative.tolist() == [float(down[key]) for key in expected]


@law
@given(plain | weighted)
def test_squared_weights_are_those_of_fractions(rows: list[Row]) -> None:
    expected: dict[float, list[Fraction]] = {}
    for x, share, weight in rows:
        w = 1.0 if weight is None else weight
        sums = expected.setdefault(x + 0.0, [Fraction(0), Fraction(0)])
        for k, part in enumerate((w * share, w * (1.0 - share))):
            sums[k] += Fraction(part) ** 2
    least = Fraction(1, 2**1000) * max(
        (value for sums in expected.values() for value in sums), default=Fraction(0)
    )
    for _ in each_level():
        found = state(rows)
        squares = found.squares()
        for k, values in enumerate((squares.positive, squares.negative)):
            sums_of = [Fraction(0)] * found.keys()[0].size
            for key, value in zip(squares.key.tolist(), values.tolist(), strict=True):
                sums_of[key] += Fraction(value) * Fraction(4) ** squares.power
            wanted = [expected[x][k] for x in found.keys()[0].tolist()]
            assert all(abs(a - b) <= least + b / 2**50 for a, b in zip(sums_of, wanted, strict=True))


@pytest.mark.parametrize("weighted_rows", [False, True])
@pytest.mark.parametrize("limit", [100, 5_000, LIMIT])
def test_orders_blocks_and_merge_trees_do_not_show(weighted_rows: bool, limit: int) -> None:
    random = np.random.default_rng(1)
    x = np.concatenate([random.normal(0, 3, 3000), random.integers(-5, 5, 1000).astype(float)])
    y, w = random.random(x.size) < 0.4, random.exponential(size=x.size) if weighted_rows else None

    def of(rows: Any) -> OddsCells:
        return OddsCells.of(x[rows], y[rows], None if w is None else w[rows], limit)

    whole = of(np.arange(x.size))
    assert whole.keys()[3] == (limit == LIMIT or limit == 5_000)
    for pieces in (7, 400):
        blocks = [of(rows) for rows in np.array_split(random.permutation(x.size), pieces)]
        found = merged_as_a_tree(blocks, random)
        assert found == whole
        assert bits(found) == bits(whole)


def test_more_keys_than_the_limit_become_cells_of_the_top_20_bits() -> None:
    near = [1.0, math.nextafter(1.0, 2), 1.0 + 2**-9]
    x, positive, _, exact = state([(value, 1.0, None) for value in [*near, 1.0 + 2**-8, -1.0, math.inf]], 5).keys()
    assert not exact
    assert positive.tolist() == [1, 3, 1, 1]
    assert x.tolist() == [-(1 + 2**-9 - 2**-52), 1 + 2**-9, 1 + 2**-8 + 2**-9, math.inf]


@pytest.mark.parametrize("decimals", [2, 5])
def test_a_long_chain_of_small_blocks_is_added_up_on_the_way(decimals: int) -> None:
    random = np.random.default_rng(2)
    x = random.normal(size=600_000).round(decimals)
    blocks = (OddsCells.of(part, part > 0, None) for part in np.array_split(x, 2000))
    found = reduce(OddsCells.merge, blocks)
    assert sum(part.keys.size for part in found.waiting) <= max(1 << 16, found.totals.keys.size)
    assert found == OddsCells.of(x, x > 0, None)
