"""Quantiles and tail shares from the grid, against the sorted losses of the oracle."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.properties.merging import assert_merging_laws
from tests.properties.strategies import law, losses, weights
from xentcli.core.cells import LossCells
from xentcli.core.exact import ONE

PERCENTS = (50, 90, 99, 100)
WIDTH = 1 / 512  # of a cell, relative to its losses: at most 0.2 %


def cells(loss: Sequence[float] | NDArray[np.float64], w: Sequence[float] | None = None) -> LossCells:
    return LossCells.of(np.array(loss, np.float64), None if w is None else np.array(w, np.float64))


def quantile(loss: Sequence[float], w: Sequence[float], percent: int) -> float:
    """Smallest loss such that the rows of no larger loss have this percentage of the weight."""
    reached, enough = Fraction(0), sum(map(Fraction, w)) * percent / 100
    for x, each in sorted(zip(loss, w, strict=True)):
        reached += Fraction(each)
        if reached >= enough:
            return x
    raise AssertionError("all rows have all of the weight")


def sample(seed: int, rows: int = 1000) -> tuple[list[float], list[float]]:
    random = np.random.default_rng(seed)
    loss = random.exponential(random.choice([1e-6, 0.01, 1.0, 100.0], rows))
    return loss.tolist(), random.exponential(size=rows).tolist()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
def test_quantiles_are_within_a_cell_of_the_exact_ones(seed: int, weighted: bool) -> None:
    loss, w = sample(seed)
    found = cells(loss, w if weighted else None).quantiles(PERCENTS, 0)
    exact = [quantile(loss, w if weighted else [1.0] * len(loss), percent) for percent in PERCENTS]
    assert all(x <= each <= x * (1 + WIDTH) for each, x in zip(found, exact, strict=True))
    assert set(found) <= set(loss)
    assert found[-1] == max(loss)


@pytest.mark.parametrize("rows", [1, 2, 9, 10, 11, 20, 99, 100, 101, 1000])
def test_quantiles_of_whole_numbers_are_numpys(rows: int) -> None:
    # numpy.quantile, method "inverted_cdf": 90 % of ten rows are nine rows
    loss = np.arange(1.0, rows + 1)
    expected = [np.quantile(loss, percent / 100, method="inverted_cdf") for percent in PERCENTS]
    assert cells(loss).quantiles(PERCENTS, 0) == pytest.approx(expected, rel=WIDTH, abs=0)


def test_rows_of_infinite_loss_are_the_largest() -> None:
    found = cells([1.0, 2.0, 3.0])
    assert found.quantiles(PERCENTS, ONE) == [2.0, math.inf, math.inf, math.inf]
    assert LossCells.empty().quantiles(PERCENTS, ONE) == [math.inf] * 4


def test_a_weight_is_the_row_repeated() -> None:
    assert cells([0.5, 1.0, 7.0], [1.0, 7.0, 2.0]) == cells([0.5] + [1.0] * 7 + [7.0] * 2)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weighted", [False, True])
def test_tail_share_is_within_a_cell_of_the_exact_one(seed: int, weighted: bool) -> None:
    loss, w = sample(seed)
    w = w if weighted else [1.0] * len(loss)
    left, tail = sum(w) / 100, 0.0
    for x, each in sorted(zip(loss, w, strict=True), reverse=True):
        tail += min(left, each) * x
        left -= min(left, each)
    total = sum(a * b for a, b in zip(w, loss, strict=True))
    assert cells(loss, w if weighted else None).tail_share(1) == pytest.approx(tail / total, rel=2 * WIDTH, abs=0)


def test_tail_share_by_cases() -> None:
    assert cells([1.0] * 200).tail_share(1) == 0.01
    assert cells([0.0] * 99 + [3.0]).tail_share(1) == 1.0
    assert cells([0.0] * 49 + [3.0]).tail_share(1) == 0.5
    assert cells([0.0, 0.0]).tail_share(1) is None
    assert LossCells.empty().tail_share(1) is None


def test_losses_beyond_the_grid_share_its_ends() -> None:
    # below 2^-80 and from 2^48 on a quantile is the largest loss of the cell
    assert cells([0.0, 5e-324, 1e-30]).quantiles((10, 100), 0) == [1e-30, 1e-30]
    assert cells([2.0**48, 1e300]).quantiles((10, 100), 0) == [1e300, 1e300]
    assert cells([0.0, 0.0]).quantiles(PERCENTS, 0) == [0.0] * 4


@law
@given(losses, losses, losses, st.booleans(), st.data())
def test_merge_is_commutative_and_associative_with_identity(
    x: list[float], y: list[float], z: list[float], weighted: bool, data: st.DataObject
) -> None:
    def some(values: list[float]) -> LossCells:
        w = data.draw(st.lists(weights, min_size=len(values), max_size=len(values)))
        return cells(values, w if weighted else None)

    a, b, c = some(x), some(y), some(z)
    assert_merging_laws(a, b, c, LossCells.empty())
    assert pickle.loads(pickle.dumps(a)) == a


def test_a_cell_is_represented_by_its_largest_loss() -> None:
    for x, y in [(1.0, 1.001), (1.001, 1.0)]:
        for found in (cells([x, y]), cells([x]).merge(cells([y]))):
            assert found.quantiles((50, 100), 0) == [1.001, 1.001]


@law
@given(losses, losses)
def test_merged_cells_are_those_of_all_rows(x: list[float], y: list[float]) -> None:
    assert cells(x).merge(cells(y)) == cells([*y, *x])
