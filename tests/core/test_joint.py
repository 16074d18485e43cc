"""The state of several models against that of two, which has references of its own, and its laws."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import extreme_weights, law
from xentcli.core.batch import IndexArray, RowScores
from xentcli.core.exact import FloatArray
from xentcli.core.joint import Joint, PairErrors
from xentcli.core.paired import Paired, difference

NAMES = [f"g{k}" for k in range(9)]


def scores(loss: FloatArray, weights: FloatArray | None = None) -> RowScores:
    """Rows of three classes, with the top class and the Brier score by the digits of the loss."""
    digits = np.where(np.isfinite(loss), loss, 0.0)
    return RowScores(
        3, loss, labels=np.zeros(loss.size, np.intp), weights=weights, top=(digits * 7 % 3).astype(np.intp),
        brier=digits % 1.0,
    )  # fmt: skip


def models(seed: int, *, weighted: bool, count: int = 4, rows: int = 60) -> list[RowScores]:
    random = np.random.default_rng(seed)
    weights = random.uniform(0.1, 5, rows) if weighted else None
    loss = random.exponential(size=(count, rows))
    loss[1] = loss[0]  # the same model twice
    loss[-1, :2] = math.inf
    return [scores(each, weights) for each in loss]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("clustered", [False, True])
def test_two_of_its_models_are_the_state_of_two(weighted: bool, clustered: bool) -> None:
    rows, codes = models(1, weighted=weighted), np.arange(60) % 9 if clustered else None
    named: tuple[Any, ...] = () if codes is None else (codes, NAMES)
    state = Joint.of(rows, 2, *named)
    for new in (0, 1, 3):
        expected, found = Paired.of(rows[new], rows[2], *named), state.against(new, 2)
        for name in ("log_loss", "accuracy", "brier"):
            if new != 3 or name != "log_loss":  # where a loss is infinite, the state of two has its own counts
                one, two = (difference(each, name, clustered=clustered) for each in (found, expected))
                assert one == two, name
        assert (found.wins, found.losses, found.ties) == (expected.wins, expected.losses, expected.ties)
        assert found.new_infinite == expected.new_infinite


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("clustered", [False, True])
def test_errors_of_all_pairs_have_the_bits_of_those_of_two(weighted: bool, clustered: bool) -> None:
    random = np.random.default_rng(2)
    weights = np.ldexp(1.0, random.integers(-300, 300, 40)) if weighted else None
    rows = [scores(each, weights) for each in random.exponential(size=(3, 40)) * [[1e-18], [1.0], [1e150]]]
    named: tuple[Any, ...] = (np.arange(40) % 9, NAMES) if clustered else ()
    errors = PairErrors(Joint.of(rows, None, *named), clustered=clustered)
    for new, base in ((0, 1), (2, 1), (1, 1)):
        two = difference(Paired.of(rows[new], rows[base], *named), "log_loss", clustered=clustered)
        assert two is not None
        assert two.errors is not None
        assert errors.difference(new, base) == two.difference
        assert errors.error(new, base) == two.errors.se
        assert errors.n == two.errors.df + 1


# Expected: scipy.stats.ttest_rel(x, y) of every two models, SciPy 1.17.1.
def test_every_pair_is_scipys_paired_test() -> None:
    loss = np.random.default_rng(3).exponential(size=(5, 200))
    errors = PairErrors(Joint.of([RowScores(0, each) for each in loss], None), clustered=False)
    for i, j in ((i, j) for i in range(5) for j in range(5) if i != j):
        se = errors.error(i, j)
        assert se == pytest.approx(scipy.stats.sem(loss[i] - loss[j]), rel=1e-12)
        expected = scipy.stats.ttest_rel(loss[i], loss[j]).statistic
        assert errors.difference(i, j) / (se or 0.0) == pytest.approx(expected, rel=1e-11)


def test_one_row_or_cluster_has_no_error() -> None:
    two = [RowScores(0, np.array([1.0])), RowScores(0, np.array([2.0]))]
    assert PairErrors(Joint.of(two, None), clustered=False).error(0, 1) is None
    assert PairErrors(Joint.of(two, None, np.array([0]), ["g"]), clustered=True).error(0, 1) is None


def test_differing_counts_rows_or_clusters() -> None:
    one, two = (RowScores(0, np.array(each)) for each in ([1.0, 2.0, 3.0, 5.0], [1.0, 3.0, 2.0, 6.0]))
    state = Joint.of([one, two], None, np.array([0, 1, 1, 2]), NAMES)
    assert PairErrors(state, clustered=False).differing(0, 1) == 3
    assert PairErrors(state, clustered=True).differing(0, 1) == 1  # those of g1 cancel


three = st.lists(
    st.tuples(*[st.floats(0, 1e150) | st.just(math.inf)] * 3, extreme_weights, st.integers(0, 3)), max_size=12
)


def _state(rows: list[tuple[float, float, float, float, int]], based: bool) -> Joint:
    if not rows:
        return Joint.empty(3, based=based)
    table = np.array([each[:4] for each in rows]).T
    codes: IndexArray = np.array([each[4] for each in rows], np.intp)
    return Joint.of([scores(each, table[3]) for each in table[:3]], 0 if based else None, codes, NAMES)


@law
@given(st.lists(three, max_size=4), st.booleans(), st.randoms(use_true_random=False))
def test_states_do_not_depend_on_order_or_cuts(parts: list[Any], based: bool, random: Any) -> None:
    whole = _state([row for part in parts for row in part], based)
    shuffled = [list(part) for part in parts]
    for part in (*shuffled, shuffled):
        random.shuffle(part)
    merged = reduce(Joint.merge, (_state(part, based) for part in shuffled), Joint.empty(3, based=based))
    for name in whole.__struct_fields__:
        one, two = getattr(whole, name), getattr(merged, name)
        assert np.array_equal(one, two) if isinstance(one, np.ndarray) else one == two, name
