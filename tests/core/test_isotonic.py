"""Isotonic fits: against SciPy, scikit-learn and R's figures, and the bound of cells."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import scipy.optimize
import sklearn.isotonic
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import law
from xentcli.core import kernel
from xentcli.core.exact import FloatArray
from xentcli.core.numbers.isotonic import pool_adjacent, recalibrated_bound, recalibrated_loss

# R, reliabilitydiag: reliabilitydiag(x = c(.4, .3, .2, .1, .5, .9), y = c(0, 0, 0, 1, 1, 1)), summary(score = ...)
Y, P = np.array([0, 0, 0, 1, 1, 1.0]), np.array([0.4, 0.3, 0.2, 0.1, 0.5, 0.9])


def test_rs_six_rows() -> None:
    order = np.argsort(P)
    up, down = pool_adjacent(Y[order], 1 - Y[order])
    assert (up / (up + down)).tolist() == [0.25, 1.0]
    assert ((up + down) / (up + down).sum()).tolist() == pytest.approx([4 / 6, 2 / 6], rel=1e-15)
    log_loss = float(-np.log(np.where(Y == 1, P, 1 - P)).mean())
    refinement = recalibrated_loss((up, down))
    assert log_loss == pytest.approx(0.6986228180, abs=5e-11)
    assert log_loss - refinement == pytest.approx(0.3237327216, abs=5e-11)
    assert np.log(2) - refinement == pytest.approx(0.3182570841, abs=5e-11)
    recalibrate = np.repeat(up / (up + down), [4, 2])
    brier, after = float(((P - Y) ** 2).mean()), float(((recalibrate - Y[order]) ** 2).mean())
    assert [brier, brier - after, 0.25 - after] == pytest.approx([0.2266667, 0.1016667, 0.125], abs=5e-8)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("rows", [3, 50, 5000])
def test_the_fit_is_scipys_and_scikit_learns(rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    up, down = random.exponential(size=(2, rows)) * random.choice([1, 1, 0], (2, rows)) + 1e-9
    share, weight = up / (up + down), up + down
    expected = scipy.optimize.isotonic_regression(share, weights=weight).x
    assert expected == pytest.approx(sklearn.isotonic.isotonic_regression(share, sample_weight=weight), rel=1e-9)
    found_up, found_down = pool_adjacent(up, down)
    values = found_up / (found_up + found_down)
    assert (np.diff(values) > 0).all()
    middle = np.cumsum(found_up + found_down) - (found_up + found_down) / 2  # of each block
    rows_of = np.searchsorted(np.cumsum(weight) / weight.sum(), middle / (found_up + found_down).sum())
    assert values == pytest.approx(expected[rows_of], rel=1e-9)
    assert values.size == 1 + np.count_nonzero(np.diff(expected) > 1e-12)


@pytest.mark.parametrize("scale", [5e-324 * 2**100, 1e-200, 1e300])
def test_weights_of_any_size(scale: float) -> None:
    up, down = np.array([0.0, 2.0, 0.0, 1.0]), np.array([1.0, 0.0, 1.0, 0.0])
    one, other = pool_adjacent(up, down), pool_adjacent(up * scale, down * scale)
    assert other[0] / other[0].sum() == pytest.approx(one[0] / one[0].sum(), rel=1e-14)
    assert recalibrated_loss(other) == pytest.approx(recalibrated_loss(one), rel=1e-14)


def test_an_order_that_pools_one_block_at_a_time() -> None:
    # rising shares, and a heavy last block below them all: everything is one block in the end
    share = np.linspace(0.1, 0.9, 20_000)
    up, down = np.append(share, 0.0), np.append(1 - share, 1e9)
    found = pool_adjacent(up, down)
    assert found[0].size == 1
    assert found[0][0] / found[1][0] == pytest.approx(up.sum() / down.sum(), rel=1e-12)


def test_perfect_and_one_class() -> None:
    assert recalibrated_loss(pool_adjacent(np.array([0.0, 0, 1]), np.array([1.0, 1, 0]))) == 0
    assert recalibrated_loss(pool_adjacent(np.array([1.0, 1]), np.array([0.0, 0]))) == 0
    worse = pool_adjacent(np.array([1.0, 1, 0]), np.array([0.0, 0, 1]))  # in the wrong order: the class mix
    assert recalibrated_loss(worse) == pytest.approx(np.log(3) - 2 / 3 * np.log(2), rel=1e-14)


def test_smoothed_labels_keep_the_blocks() -> None:
    up, down = pool_adjacent(np.array([1.0, 0, 3]), np.array([2.0, 5, 1]))
    share, weight = up / (up + down), (up + down) / (up + down).sum()
    mix = 0.8 * share + 0.1
    expected = float((weight * -(mix * np.log(mix) + (1 - mix) * np.log(1 - mix))).sum())
    assert recalibrated_loss((up, down), 0.2) == pytest.approx(expected, rel=1e-14)


cells = st.lists(st.lists(st.booleans(), min_size=1, max_size=6), min_size=1, max_size=8)


@law
@given(cells)
def test_the_bound_holds_for_rows_told_apart(rows: list[list[bool]]) -> None:
    up: FloatArray = np.array([float(sum(cell)) for cell in rows])
    down: FloatArray = np.array([float(len(cell) - sum(cell)) for cell in rows])
    apart = np.array([float(y) for cell in rows for y in cell])
    exact = recalibrated_loss(pool_adjacent(apart, 1 - apart))
    together = recalibrated_loss(pool_adjacent(up, down))
    assert -1e-14 <= together - exact <= recalibrated_bound(up, down) + 1e-14


def test_keys_without_weight_change_nothing() -> None:
    random = np.random.default_rng(3)
    up, down = random.integers(0, 3, (2, 200)).astype(float)
    some = up + down > 0
    for one, other in zip(pool_adjacent(up, down), pool_adjacent(up[some], down[some]), strict=True):
        assert one.tolist() == other.tolist()
    assert pool_adjacent(np.empty(0), np.empty(0))[0].size == 0


@pytest.mark.parametrize("seed", range(20))
def test_blocks_are_those_of_fractions(seed: int) -> None:
    random = np.random.default_rng(seed)
    up, down = random.integers(0, 4, (2, random.integers(1, 60))).astype(float)
    up[0] += 1
    blocks: list[list[int]] = []
    for p, n in zip(up.astype(int).tolist(), down.astype(int).tolist(), strict=True):
        blocks.append([p, n])
        while len(blocks) > 1 and (
            not sum(blocks[-1]) or Fraction(blocks[-1][0], sum(blocks[-1])) <= share(blocks[-2])
        ):
            p, n = blocks.pop()
            blocks[-1] = [blocks[-1][0] + p, blocks[-1][1] + n]
    found = pool_adjacent(up, down)
    whole = (up + down).sum() / (found[0] + found[1]).sum()  # the common factor, a power of two
    assert (np.array(found).T * whole).tolist() == blocks


def share(block: list[int]) -> Fraction:
    return Fraction(block[0], sum(block))


@pytest.mark.parametrize("level", kernel.available)
def test_blocks_have_the_same_bits_at_every_level(level: str) -> None:
    random = np.random.default_rng(4)
    up, down = random.exponential(size=(2, 5000)) * random.choice([1, 0], (2, 5000))
    before, results = kernel.level, []
    for each in ("base", level):
        kernel.use(each)
        blocks = pool_adjacent(up, down)
        results.append((blocks[0].tobytes(), blocks[1].tobytes(), recalibrated_loss(blocks, 0.1)))
    kernel.use(before)
    assert results[0] == results[1]


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_weights_that_are_none_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match=r"finite|refused"):
        pool_adjacent(np.array([1.0, wrong]), np.ones(2))
    with pytest.raises(ValueError, match="shapes differ"):
        pool_adjacent(np.ones(2), np.ones(3))
