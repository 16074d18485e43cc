"""Exact sums against `fractions.Fraction`, which rounds nothing, and `math.fsum`, which rounds once."""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from tests.properties.merging import assert_merging_laws
from tests.properties.strategies import finite, float_lists, law
from xentcli.core.exact import ONE, PRODUCT_ONE, ExactProducts, ExactSums, ratio, root_ratio

EXTREMES = {
    "nothing": [],
    "zeros": [0.0, -0.0],
    "beyond float64": [1e308] * 3,
    "the largest, both signs": [1.7976931348623157e308, -1.7976931348623157e308, 1.0],
    "the smallest": [5e-324] * 3,
    "subnormals": [5e-324, -1e-310, 2.2250738585072014e-308, 2.2250738585072009e-308],
    "all sizes": [1e308, 1e-308, -1e308, 5e-324, 1.0, -1e-20],
    "cancellation": [1e16, 1.0, -1e16],
    "negatives": [-0.1] * 10,
    "many bits": [2.0**53 - 1, 2.0**-53, -(2.0**52 + 1)],
    "on both sides of what is scaled": [2.0**977, 2.0**978, -(2.0**977), 2.0**1023],
}


def array(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


def sums(values: Sequence[float]) -> ExactSums:
    return ExactSums.of(array(values))


def products(x: Sequence[float], y: Sequence[float]) -> ExactProducts:
    return ExactProducts.of(array(x), array(y))


def total(values: Sequence[float]) -> Fraction:
    return sum(map(Fraction, values), Fraction(0))


# --- sums ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", EXTREMES.values(), ids=EXTREMES)
def test_total_of_extremes_is_that_of_fractions(values: list[float]) -> None:
    assert Fraction(sums(values).total(), ONE) == total(values)


@law
@given(float_lists)
def test_total_is_that_of_fractions(values: list[float]) -> None:
    assert Fraction(sums(values).total(), ONE) == total(values)


def test_rounded_total_is_fsum() -> None:
    # 100,000 values whose exponents spread over 600 powers of two
    random = np.random.default_rng(1)
    values = np.ldexp(random.normal(size=100_000), random.integers(-300, 300, 100_000))
    assert ratio(ExactSums.of(values).total(), ONE) == math.fsum(values)


def test_a_mean_may_be_finite_where_the_total_is_not() -> None:
    found = sums([1e308] * 3).total()
    assert (ratio(found, ONE), ratio(found, 3 * ONE)) == (math.inf, 1e308)
    assert ratio(-found, ONE) == -math.inf


@law
@given(st.lists(st.tuples(finite, st.integers(0, 3)), max_size=30))
def test_groups_are_summed_apart(pairs: list[tuple[float, int]]) -> None:
    values, group = array([x for x, _ in pairs]), np.array([g for _, g in pairs], np.intp)
    found = ExactSums.of(values, group, 4)
    expected = [total([x for x, g in pairs if g == each]) for each in range(4)]
    assert [Fraction(each, ONE) for each in found.totals()] == expected
    assert (found.groups, Fraction(found.total(), ONE)) == (4, sum(expected))


def test_rows_and_counts_are_groups() -> None:
    values = np.array([[0.1, 0.2, 0.3], [1e300, -1e300, 5e-324]])
    found = ExactSums.of_rows(values).totals()
    assert [Fraction(each, ONE) for each in found] == [total(each) for each in values.tolist()]
    assert ExactSums.of_counts(np.array([3, 0, 2**40])).totals() == [3 * ONE, 0, 2**40 * ONE]
    assert ExactSums.of_counts(np.array([3, 2])).placed(slice(1, 3), 4).totals() == [0, 3 * ONE, 2 * ONE, 0]
    assert sums([0.1, -3.0]).negated() == sums([-0.1, 3.0])


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_only_finite_values_are_summed(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        sums([1.0, bad])


@law
@given(float_lists, float_lists, float_lists)
def test_merge_is_commutative_and_associative_with_identity(
    x: list[float], y: list[float], z: list[float]
) -> None:
    a, b, c = sums(x), sums(y), sums(z)
    assert_merging_laws(a, b, c, ExactSums.empty())
    assert a.merge(b) == sums([*y, *x])


@law
@given(float_lists)
def test_pickled_sums_are_the_sums(values: list[float]) -> None:
    assert pickle.loads(pickle.dumps(sums(values))) == sums(values)


def test_sums_of_other_totals_differ() -> None:
    assert sums([0.1]) != sums([0.1, 5e-324])
    assert sums([0.1]) != 0.1


# --- products --------------------------------------------------------------------------------------------


def product_total(x: Sequence[float], y: Sequence[float]) -> Fraction:
    return sum((Fraction(a) * Fraction(b) for a, b in zip(x, y, strict=True)), Fraction(0))


@pytest.mark.parametrize("values", EXTREMES.values(), ids=EXTREMES)
def test_squares_of_extremes_are_those_of_fractions(values: list[float]) -> None:
    x = array(values)
    assert Fraction(ExactProducts.of(x, x).total(), PRODUCT_ONE) == product_total(values, values)


@law
@given(st.lists(st.tuples(finite, finite), max_size=20))
def test_products_are_those_of_fractions(pairs: list[tuple[float, float]]) -> None:
    x, y = [x for x, _ in pairs], [y for _, y in pairs]
    assert Fraction(products(x, y).total(), PRODUCT_ONE) == product_total(x, y)
    assert products(x, y) == products(y, x)


@law
@given(float_lists, float_lists, float_lists)
def test_merging_products_is_commutative_and_associative_with_identity(
    x: list[float], y: list[float], z: list[float]
) -> None:
    a, b, c = products(x, x), products(y, y), products(z, z)
    assert_merging_laws(a, b, c, ExactProducts.empty())
    assert a.merge(b) == products([*y, *x], [*y, *x])
    assert a.merge(products([], [])).scaled() == a.scaled()


@law
@given(float_lists)
def test_pickled_products_are_the_products(values: list[float]) -> None:
    found = products(values, values[::-1])
    assert pickle.loads(pickle.dumps(found)) == found


@law
@given(float_lists)
def test_sums_are_products_with_one(values: list[float]) -> None:
    assert ExactProducts.of_sums(sums(values)) == products(values, [1.0] * len(values))


# --- quotients -------------------------------------------------------------------------------------------


@law
@given(st.integers(-(2**2000), 2**2000), st.integers(1, 2**2000))
def test_ratio_is_correctly_rounded(numerator: int, denominator: int) -> None:
    # float(Fraction) is correctly rounded by definition; it raises where the quotient exceeds float64
    try:
        expected = float(Fraction(numerator, denominator))
    except OverflowError:
        expected = math.inf if numerator > 0 else -math.inf
    assert ratio(numerator, denominator) == expected


@law
@given(st.integers(0, 2**2000), st.integers(1, 2**2000))
def test_root_ratio_is_within_one_unit_in_the_last_place(numerator: int, denominator: int) -> None:
    with mp.workdps(1300):
        expected = float(mp.sqrt(mp.mpf(numerator) / denominator))
    assert abs(root_ratio(numerator, denominator) - expected) <= math.ulp(expected)


def test_root_ratio_by_cases() -> None:
    assert [root_ratio(0, 7), root_ratio(9, 4), root_ratio(1, 4**600)] == [0.0, 1.5, 2.0**-600]
    assert root_ratio(1 << 4000, 1) == math.inf
