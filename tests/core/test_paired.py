"""The paired difference against SciPy, NumPy, closed forms, and the definitions in plain Python."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from functools import reduce

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.properties.strategies import extreme_weights, law, losses
from xentcli.core.batch import RowScores
from xentcli.core.exact import FloatArray
from xentcli.core.numbers.anytime import half_width, p_value
from xentcli.core.numbers.standard_errors import INFINITE
from xentcli.core.paired import (
    ALIKE,
    FEW_CLUSTERS,
    NO_T,
    TOO_FEW,
    Errors,
    MeanDifference,
    Paired,
    PairMoments,
    difference,
    means,
)
from xentcli.results.compare import BOTH_WAYS, Difference, PairBasis

INF = math.inf


def paired(
    new: Sequence[float] | FloatArray,
    base: Sequence[float] | FloatArray,
    weights: Sequence[float] | FloatArray | None = None,
    clusters: Sequence[int] | NDArray[np.int64] | None = None,
) -> Paired:
    w = None if weights is None else np.array(weights, np.float64)
    own, other = (RowScores(0, np.array(values, np.float64), weights=w) for values in (new, base))
    if clusters is None:
        return Paired.of(own, other)
    codes = np.array(clusters, np.intp)
    return Paired.of(own, other, codes, [f"g{k}" for k in range(int(codes.max()) + 1)])


def log_loss(state: Paired, *, clustered: bool = False, anytime: int | None = None) -> MeanDifference:
    found = difference(state, "log_loss", clustered=clustered, anytime=anytime)
    assert found is not None
    return found


def errors(found: MeanDifference) -> Errors:
    assert found.errors is not None
    return found.errors


# Expected: scipy.stats.ttest_rel(new, base), SciPy 1.17.1.
@pytest.mark.parametrize("n", [2, 3, 30, 10_000])
def test_without_weights_it_is_scipys_paired_t_test(n: int) -> None:
    random = np.random.default_rng(n)
    base = random.exponential(size=n)
    new = base * random.uniform(0.5, 1.4, n)
    found, expected = log_loss(paired(new, base)), scipy.stats.ttest_rel(new, base)
    t, p = found.test()
    assert found.difference == pytest.approx(np.mean(new - base), rel=1e-12, abs=0)
    assert errors(found).se == pytest.approx(scipy.stats.sem(new - base), rel=1e-12, abs=0)
    assert errors(found).df == expected.df
    assert t == pytest.approx(expected.statistic, rel=1e-12, abs=0)
    assert p == pytest.approx(expected.pvalue, rel=1e-10, abs=0)
    interval = expected.confidence_interval(0.95)
    assert found.interval(0.95) == pytest.approx((interval.low, interval.high), rel=1e-10, abs=0)


def test_with_weights_it_is_the_formula_of_the_log_loss_on_the_differences() -> None:
    random = np.random.default_rng(4)
    new, base, w = random.exponential(size=(3, 500))
    found, d = log_loss(paired(new, base, w)), new - base
    mean = np.average(d, weights=w)
    assert found.difference == pytest.approx(mean, rel=1e-12, abs=0)
    assert errors(found).se == pytest.approx(
        math.sqrt(500 / 499 * np.sum(w**2 * (d - mean) ** 2)) / w.sum(), rel=1e-12, abs=0
    )


def slow_cluster_error(d: Sequence[float], w: Sequence[float], clusters: Sequence[int]) -> float:
    """sqrt(G/(G-1) sum over clusters (sum over its rows of w (d - mean))^2) / sum w, row by row."""
    whole = math.fsum(w)
    mean = math.fsum(x * y for x, y in zip(d, w, strict=True)) / whole
    total = 0.0
    names = set(clusters)
    for name in names:
        inside = [y * (x - mean) for x, y, own in zip(d, w, clusters, strict=True) if own == name]
        total += math.fsum(inside) ** 2
    return math.sqrt(len(names) / (len(names) - 1) * total) / whole


@pytest.mark.parametrize("weighted", [False, True])
def test_with_clusters_it_is_the_definition_row_by_row(weighted: bool) -> None:
    random = np.random.default_rng(5)
    new, base = random.exponential(size=(2, 300))
    w = random.uniform(0.5, 3, 300) if weighted else np.ones(300)
    clusters = random.integers(0, 17, 300)
    found = log_loss(paired(new, base, w if weighted else None, clusters), clustered=True)
    expected = slow_cluster_error((new - base).tolist(), w.tolist(), clusters.tolist())
    assert errors(found).se == pytest.approx(expected, rel=1e-12, abs=0)
    assert errors(found).df == 16
    _, p = found.test()
    t = found.difference / expected if found.difference is not None else 0.0
    assert p == pytest.approx(2 * scipy.stats.t.sf(abs(t), 16), rel=1e-10, abs=0)


def test_a_cluster_for_each_row_is_the_test_of_rows() -> None:
    new, base = np.random.default_rng(6).exponential(size=(2, 40))
    state = paired(new, base, None, np.arange(40))
    assert errors(log_loss(state, clustered=True)).se == pytest.approx(errors(log_loss(state)).se, rel=1e-14)


# Expected: NumPy on the row values new - c base.
@pytest.mark.parametrize("c", [1.0, 1.02, 0.5, 0.0, -1.0, 3.0])
@pytest.mark.parametrize("clustered", [False, True])
def test_the_error_of_new_less_a_multiple_of_base(c: float, clustered: bool) -> None:
    new, base = np.random.default_rng(7).exponential(size=(2, 200))
    clusters = np.arange(200) % 10
    state = paired(new, base, None, clusters)
    found, (mean, _) = log_loss(state, clustered=clustered), means(state, "log_loss")
    e = errors(found)
    basis = PairBasis(e.df, e.base_covariance, e.base_variance)
    whole = Difference(mean, None, found.difference, e.se, None, None, None, None, basis)
    d = new - c * base
    ones = [1.0] * 200
    expected = slow_cluster_error(d.tolist(), ones, clusters.tolist()) if clustered else scipy.stats.sem(d)
    assert whole.relative_to(c) == pytest.approx((np.mean(d), expected), rel=1e-11)


# Expected: by hand. d = 1, 3: mean 2, se = sqrt(2)/sqrt(2) = 1, t = 2 with one degree of freedom:
# p = 1 - 2/pi atan(2).
def test_closed_form() -> None:
    found = log_loss(paired([2.0, 7.0], [1.0, 4.0]))
    assert (found.difference, errors(found).se) == (2.0, 1.0)
    t, p = found.test()
    assert t == 2.0
    assert p == pytest.approx(1 - 2 / math.pi * math.atan(2), rel=1e-12)


def test_no_digit_is_lost_where_both_lose_much_and_alike() -> None:
    """Losses of 1e9 that differ by 1 and 3: squares of the losses have no digit for it."""
    found = log_loss(paired([1e9 + 1, 1e9 + 3], [1e9, 1e9]))
    assert (found.difference, errors(found).se) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("new", "base", "expected", "reason"),
    [
        ([INF, 1.0], [1.0, 1.0], INF, INFINITE),
        ([1.0, 1.0], [INF, 1.0], None, INFINITE),
        ([INF, 1.0], [1.0, INF], None, BOTH_WAYS),
        ([1.0], [0.5], 0.5, TOO_FEW),
        ([1.5, 2.5], [1.0, 2.0], 0.5, ALIKE),
    ],
)
def test_what_cannot_be_tested_says_why(
    new: list[float], base: list[float], expected: float | None, reason: str
) -> None:
    found = log_loss(paired(new, base))
    assert (found.difference, found.reason, found.test()) == (expected, reason, (None, None))


def test_one_cluster_has_no_error() -> None:
    found = log_loss(paired([1.0, 2.0], [2.0, 1.5], None, [0, 0]), clustered=True)
    assert (found.errors, found.reason, found.interval(0.95)) == (None, FEW_CLUSTERS, None)


def test_infinite_for_both_is_a_tie() -> None:
    state = paired([INF, 1.0, 3.0], [INF, 2.0, 2.0])
    assert (state.wins, state.losses, state.ties, state.both_infinite) == (1, 1, 1, 1)
    assert means(state, "log_loss") == (INF, INF)
    found = log_loss(state)
    assert found.difference == 0.0
    assert errors(found).se == pytest.approx(scipy.stats.sem([0.0, -1.0, 1.0]))


def test_means_are_infinite_for_whom_a_row_is() -> None:
    assert means(paired([INF, 1.0], [1.0, 2.0]), "log_loss") == (1.5, INF)


@law
@given(st.lists(st.tuples(losses.map(lambda x: x[:1] or [0.0]), losses.map(lambda x: x[:1] or [0.0])), min_size=2))
def test_swapping_the_models_negates_the_difference(pairs: list[tuple[list[float], list[float]]]) -> None:
    new, base = ([min(pair[k][0], 1e300) for pair in pairs] for k in (0, 1))
    one, other = log_loss(paired(new, base)), log_loss(paired(base, new))
    assert one.difference is not None
    assert other.difference == -one.difference
    assert errors(one).se == errors(other).se
    state, back = paired(new, base), paired(base, new)
    assert (state.wins, state.losses, state.ties) == (back.losses, back.wins, back.ties)


pair_lists = st.lists(st.tuples(st.floats(0, 1e30), st.floats(0, 1e30), extreme_weights, st.integers(0, 3)))


def state_of(rows: Sequence[tuple[float, float, float, int]]) -> Paired:
    if not rows:
        return Paired.empty()
    new, base, weights, clusters = (list(column) for column in zip(*rows, strict=True))
    return paired(new, base, weights, clusters)


@law
@given(pair_lists, st.randoms(use_true_random=False), st.integers(1, 5))
def test_states_do_not_depend_on_order_or_cuts(
    rows: list[tuple[float, float, float, int]], random: object, pieces: int
) -> None:
    whole = state_of(rows)
    shuffled = sorted(rows, key=lambda _: random.random())  # type: ignore[attr-defined]  # a random.Random
    parts = [state_of(shuffled[k::pieces]) for k in range(pieces)]
    merged = reduce(Paired.merge, parts)
    assert merged == whole == whole.merge(Paired.empty()) == Paired.empty().merge(whole)
    assert pickle.loads(pickle.dumps(whole)) == whole
    if rows:
        assert log_loss(merged).difference == log_loss(whole).difference
        assert log_loss(merged, clustered=True).errors == log_loss(whole, clustered=True).errors


# Expected: 5 %, by the definition of a test at 95 %; 600 files give that to within 2.7 points (three errors).
@pytest.mark.parametrize("n", [5, 50])
def test_a_model_at_the_margin_is_found_not_inferior_as_seldom_as_promised(n: int) -> None:
    random, margin, passed = np.random.default_rng(9), 0.005, 0
    for _ in range(600):
        base = random.exponential(size=n)
        new = base + 10 + margin + random.normal(0, 0.3, n)  # losses far from 0: none is cut off
        found = log_loss(paired(new, base + 10))
        bounds = found.interval(0.9)  # two-sided at 90 %: each bound at 95 %
        passed += bounds is not None and bounds[1] <= margin
    assert passed / 600 == pytest.approx(0.05, abs=0.027)


def test_empty_moments_are_the_identity() -> None:
    found = PairMoments.of(np.array([1.0, 2.0]), np.array([0.5, 0.25]), None)
    assert found.merge(PairMoments.empty()) == found
    assert found.means() == (0.375, 1.5)


def test_a_confidence_sequence_in_place_of_students_t() -> None:
    random = np.random.default_rng(3)
    base = random.exponential(size=200)
    state = paired(base * random.uniform(0.5, 1.4, 200), base)
    found = log_loss(state, anytime=1000)
    assert found.difference is not None
    half = half_width(errors(found).se, 200, 1000, 0.95)
    assert found.interval(0.95) == (found.difference - half, found.difference + half)
    assert found.test() == (None, p_value(found.difference, errors(found).se, 200, 1000, 0.95))
    assert found.reason == NO_T


# By hand: rows that differ are counted, and of clusters those whose differences do not cancel.
@pytest.mark.parametrize(
    ("differing", "clusters", "reason"),
    [
        (19, None, "an interval for every look needs at least 20 rows that differ between the models"),
        (20, None, NO_T),
        (200, 99, "an interval for every look needs at least 100 clusters"),
        (98, 100, NO_T),
    ],
)
def test_few_rows_that_differ_have_no_sequence(differing: int, clusters: int | None, reason: str) -> None:
    base = np.ones(200)
    new = base + np.where(np.arange(200) < differing, 0.5, 0.0)
    codes = None if clusters is None else np.arange(200) % clusters
    found = log_loss(paired(new, base, clusters=codes), clustered=clusters is not None, anytime=100)
    assert (found.errors is None, found.reason) == (reason != NO_T, reason)


def test_clusters_whose_differences_cancel_do_not_differ() -> None:
    base, codes = np.ones(240), np.repeat(np.arange(120), 2)
    new = base + np.tile([0.3, -0.3], 120)
    new[:38] += 0.125  # 19 clusters
    found = log_loss(paired(new, base, clusters=codes), clustered=True, anytime=100)
    assert found.reason == "an interval for every look needs at least 20 clusters that differ between the models"
