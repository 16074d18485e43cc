"""Means and standard errors against NumPy, SciPy, closed forms, and the formula in fractions."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from tests.core.scoring import state_of, tokens
from tests.properties.merging import assert_merging_laws
from tests.properties.strategies import extreme_weights, law, losses
from xentcli.core.exact import FloatArray
from xentcli.core.moments import Moments
from xentcli.core.state import ScoreState


def state(x: Sequence[float] | FloatArray, w: Sequence[float] | FloatArray | None = None) -> ScoreState:
    """Of tokens of losses x >= 0."""
    return state_of(tokens(x, w))


def moments(x: Sequence[float] | FloatArray, w: Sequence[float] | FloatArray | None = None) -> Moments:
    return state(x, w).losses.loss


def test_mean_and_standard_error_are_numpys_and_scipys() -> None:
    x = np.random.default_rng(1).exponential(size=1000)
    found = moments(x)
    assert found.mean() == pytest.approx(np.mean(x), rel=1e-15, abs=0)
    assert found.standard_error() == pytest.approx(scipy.stats.sem(x), rel=1e-14, abs=0)


def test_weighted_mean_and_standard_error_are_numpys() -> None:
    random = np.random.default_rng(2)
    x, w = random.exponential(size=1000), random.exponential(size=1000)
    found, mean = moments(x, w), np.average(x, weights=w)
    se = math.sqrt(1000 / 999 * np.sum(w**2 * (x - mean) ** 2)) / w.sum()
    assert found.mean() == pytest.approx(mean, rel=1e-14, abs=0)
    assert found.standard_error() == pytest.approx(se, rel=1e-13, abs=0)
    assert found.effective_rows() == pytest.approx(w.sum() ** 2 / np.sum(w**2), rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("x", "mean", "se"),
    [
        ([1e16, 1e16 + 2], 1e16 + 1, 1.0),  # sqrt(2 (1 + 1) / 1) / 2; E x^2 - (E x)^2 has no digit left
        ([0.0, 1e308], 5e307, 5e307),  # the squares exceed float64
        ([0.0, 5e-324 * 2**10], 5e-324 * 2**9, 5e-324 * 2**9),  # and here they vanish
        ([1e308] * 3, 1e308, 0.0),  # the total exceeds float64
        ([3.0, 5.0, 10.0], 6.0, math.sqrt(13 / 3)),  # sample variance 13
    ],
)
def test_closed_forms(x: list[float], mean: float, se: float) -> None:
    assert (moments(x).mean(), moments(x).standard_error()) == (mean, se)


@pytest.mark.parametrize("x", [0.0, 0.1, 1 / 3, 709.78, 1e-300, 1e300])
def test_constant_values_have_no_standard_error(x: float) -> None:
    for w in (None, [1.0, 1.0, 1.0], [0.5, 4.0, 2.0**-20]):
        found = moments([x] * 3, w)
        assert (found.mean(), found.standard_error()) == (x, 0.0)
    rounded_products = moments([x] * 3, [1.0, 3.0, 0.1])
    assert rounded_products.mean() == pytest.approx(x, rel=2e-16, abs=0)
    assert rounded_products.standard_error() == pytest.approx(0.0, abs=1e-16 * x)


def root(x: Fraction) -> float:
    return float(mp.sqrt(mp.mpf(x.numerator) / x.denominator))


@law
@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0.001, 1000)), min_size=2, max_size=20))
def test_standard_error_is_the_formula_in_fractions(pairs: list[tuple[float, float]]) -> None:
    x, w = [Fraction(x) for x, _ in pairs], [Fraction(w) for _, w in pairs]
    n, whole = len(pairs), sum(w, Fraction(0))
    mean = sum(a * b for a, b in zip(x, w, strict=True)) / whole
    squares = sum((b**2 * (a - mean) ** 2 for a, b in zip(x, w, strict=True)), Fraction(0))
    found = moments([x for x, _ in pairs], [w for _, w in pairs])
    expected, rounding = root(n * squares / (n - 1)) / float(whole), 1e-15 * float(mean)  # of the products w x
    subnormal = len(pairs) * math.ulp(0)  # of products below 2e-308, which have fewer digits
    assert found.mean() == pytest.approx(float(mean), rel=1e-15, abs=subnormal)
    assert found.standard_error() == pytest.approx(expected, rel=1e-14, abs=rounding + subnormal)


def test_too_few_rows() -> None:
    empty = ScoreState.empty(0).losses.loss
    assert (empty.mean(), empty.standard_error()) == (None, None)
    assert (empty.effective_rows(), moments([]).mean()) == (0.0, None)
    assert (moments([0.25], [3.0]).mean(), moments([0.25], [3.0]).standard_error()) == (0.25, None)


def test_effective_rows_is_kishs_formula() -> None:
    assert moments([1.0] * 7).effective_rows() == 7.0
    assert moments([1.0, 1.0], [3.0, 1.0]).effective_rows() == 16 / 10
    assert moments([1.0, 1.0], [1e150, 1e-150]).effective_rows() == 1.0


@law
@given(losses, losses, losses, st.booleans(), st.data())
def test_merge_is_commutative_and_associative_with_identity(
    x: list[float], y: list[float], z: list[float], weighted: bool, data: st.DataObject
) -> None:
    def some(values: list[float]) -> ScoreState:
        small = [min(value, 1e100) for value in values]  # with the weights, within float64
        w = data.draw(st.lists(extreme_weights, min_size=len(values), max_size=len(values)))
        return state(small, w if weighted else None)

    a, b, c = some(x), some(y), some(z)
    assert_merging_laws(a, b, c, ScoreState.empty(0))
    assert pickle.loads(pickle.dumps(a)) == a


@law
@given(losses, losses)
def test_merged_moments_are_those_of_all_rows(x: list[float], y: list[float]) -> None:
    merged = state(x).merge(state(y))
    assert merged == state([*y, *x])
    assert merged.losses.loss == moments([*x, *y])
