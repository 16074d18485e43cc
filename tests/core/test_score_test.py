"""The score test of calibration: its formula, its laws, and that it holds its level."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from tests.core.scoring import state_of
from tests.properties.strategies import law
from xentcli import score
from xentcli.core.batch import Batch, InputKind
from xentcli.core.exact import FloatArray
from xentcli.core.moments import ScoreTest
from xentcli.core.state import ScoreState

finite = st.floats(-50, 50)
rows = st.lists(
    st.tuples(finite | st.sampled_from([1e308, -1e308, math.inf, -math.inf]), st.booleans()), max_size=12
)


def of(x: FloatArray, y: Any, w: FloatArray | None = None) -> ScoreState:
    """The state of rows with log-odds x: of logits, and where they are infinite of probabilities."""
    labels, certain = np.asarray(y, np.intp), np.isposinf(x)
    logits = Batch(InputKind.LOGIT, (x,), labels, w).where(~certain)
    ones = Batch(InputKind.PROBABILITY, (np.ones(x.size),), labels, w).where(certain)
    return state_of(logits).merge(state_of(ones))


def calibration(x: FloatArray, y: Any, w: FloatArray | None = None) -> ScoreTest:
    return of(x, y, w).breakdown.test


def state(given_rows: list[tuple[float, bool]]) -> ScoreState:
    return of(np.array([x for x, _ in given_rows], float), [y for _, y in given_rows])


def p_value(given_rows: list[tuple[float, bool]]) -> float | None:
    return state(given_rows).breakdown.test.p_value()


def by_formula(x: Any, y: Any, w: Any) -> float:
    with mp.workdps(50):
        x, w = [mp.mpf(v) for v in x], [mp.mpf(v) for v in w]
        p = [1 / (1 + mp.exp(-v)) for v in x]
        misses = [a * (b - c) for a, b, c in zip(w, y, p, strict=True)]
        u = mp.matrix([mp.fsum(misses), mp.fsum(a * b for a, b in zip(misses, x, strict=True))])
        v = [a**2 * c * (1 - c) for a, c in zip(w, p, strict=True)]
        moments = [mp.fsum(a * b**k for a, b in zip(v, x, strict=True)) for k in range(3)]
        matrix = mp.matrix([[moments[0], moments[1]], [moments[1], moments[2]]])
        return float(mp.exp(-(u.T * matrix**-1 * u)[0] / 2))


@pytest.mark.parametrize("weighted", [False, True])
def test_the_formula(weighted: bool) -> None:
    random = np.random.default_rng(1)
    x = random.normal(0, 3, 40)
    y = random.random(40) < scipy.special.expit(0.7 * x + 0.3)
    w = random.exponential(size=40) if weighted else None
    expected = by_formula(x.tolist(), [int(v) for v in y], np.ones(40) if w is None else w)
    assert calibration(x, y, w).p_value() == pytest.approx(expected, rel=1e-10)


def test_one_degree_of_freedom_where_all_log_odds_are_equal() -> None:
    x, y = np.full(100, math.log(3)), np.arange(100) < 80  # 75 expected, variance 100 * 3/16
    assert calibration(x, y).p_value() == pytest.approx(2 * scipy.stats.norm.sf(5 / math.sqrt(18.75)), rel=1e-9)


def test_certain_forecasts() -> None:
    assert p_value([(math.inf, True), (-math.inf, False)]) is None
    assert p_value([(math.inf, True), (0.0, True), (1.0, False)]) == p_value([(0.0, True), (1.0, False)])
    assert p_value([(math.inf, False), (0.0, True)]) == 0.0
    assert p_value([(1e308, False), (0.0, True)]) == 0.0
    assert p_value([(1e308, True), (-900.0, False)]) is None
    for x, true_class in ((1e308, False), (-1e308, True), (900.0, False), (-900.0, True)):
        assert p_value([(x, true_class), (1e308, True)]) == 0.0


@law
@given(rows, rows, rows)
def test_merge_is_commutative_and_associative_with_identity(a: Any, b: Any, c: Any) -> None:
    one, two, three = state(a), state(b), state(c)
    assert one.merge(two) == two.merge(one)
    assert one.merge(two).merge(three) == one.merge(two.merge(three)) == state([*a, *b, *c])
    assert one.merge(ScoreState.empty(2)) == one
    p = one.breakdown.test.p_value()
    assert p is None or 0 <= p <= 1


@pytest.mark.parametrize("weighted", [False, True])
def test_calibrated_forecasts_are_called_miscalibrated_once_in_twenty(weighted: bool) -> None:
    random = np.random.default_rng(2)
    below = 0
    for _ in range(2000):
        x = random.normal(-1, 2, 300)
        y = random.random(300) < scipy.special.expit(x)
        w = random.exponential(size=300) + 0.1 if weighted else None
        below += (calibration(x, y, w).p_value() or 0.0) < 0.05
    assert scipy.stats.binomtest(below, 2000, 0.05).pvalue > 1e-3


@pytest.mark.parametrize("times", [100, pytest.param(400, marks=pytest.mark.slow)])
def test_overconfidence_of_calibrated_forecasts_is_standard_normal_and_intervals_cover(times: int) -> None:
    random = np.random.default_rng(3)
    zs, covered, below = [], 0, 0
    truth = None
    for _ in range(times):
        q = scipy.special.softmax(random.normal(0, 1.5, (500, 3)), axis=1)
        y = (q.cumsum(axis=1) < random.random((500, 1))).sum(axis=1)
        result = score(y, probs=q)
        metrics = result.metrics
        assert result.breakdown is not None
        assert result.breakdown.p_value is not None
        zs.append(metrics.overconfidence_z)
        below += result.breakdown.p_value < 0.05
        if truth is None:  # the mean loss of very many such rows: that of their entropies
            many = scipy.special.softmax(random.normal(0, 1.5, (400_000, 3)), axis=1)
            truth = float(scipy.special.entr(many).sum(axis=1).mean())
        covered += (metrics.log_loss_low or 0) <= truth <= (metrics.log_loss_high or 0)
    assert scipy.stats.kstest(zs, "norm").pvalue > 1e-3
    assert scipy.stats.binomtest(below, times, 0.05).pvalue > 1e-3
    assert scipy.stats.binomtest(covered, times, 0.95).pvalue > 1e-3
