"""Confidence sequences against the formulas of arXiv 2103.06476 in mpmath, and the figures of `breast_cancer`."""

from __future__ import annotations

import math

import pytest
from mpmath import mp

from xentcli.core.numbers.anytime import (
    gate_level,
    growth_of,
    half_width,
    one_sided_p_value,
    one_sided_width,
    p_value,
    shortage,
)

OLD_TO_NEW = -0.05019393379902457, 0.017278198323561738  # scipy.stats.ttest_rel: mean, mean / statistic
CASES = [(569, 569, 0.95), (100, 10**6, 0.9), (10**9, 1000, 0.999)]


def width(n: int, tightest: int, level: float, *, one_sided: bool) -> float:
    a = 1 - mp.mpf(level)
    r2 = (-2 * mp.log(a) + mp.log(-2 * mp.log(a) + 1)) / tightest
    root = mp.sqrt(n * r2 + 1)
    return float(mp.sqrt(2 * (n * r2 + 1) / (n * r2) * mp.log(1 + root / (2 * a) if one_sided else root / a)))


def test_the_sequence_of_breast_cancer() -> None:
    assert math.sqrt(growth_of(569, 569, 0.95) / 569) == pytest.approx(0.1180997359458108, rel=1e-14)
    assert half_width(OLD_TO_NEW[1], 569, 569, 0.95) == pytest.approx(0.05244294288917848, rel=1e-14)


@pytest.mark.parametrize(("n", "tightest", "level"), CASES)
def test_widths_are_those_of_the_paper(n: int, tightest: int, level: float) -> None:
    assert half_width(2.0, n, tightest, level) == pytest.approx(
        2 * width(n, tightest, level, one_sided=False), rel=1e-13
    )
    sequence = gate_level(level, tightest)
    assert sequence is not None
    one_sided = 2 * width(n, tightest, level, one_sided=True)
    assert one_sided_width(2.0, n, tightest, level) == pytest.approx(one_sided, rel=1e-13)
    assert 2 * sequence.quantile(n - 1) == pytest.approx(one_sided, rel=1e-13)


@pytest.mark.parametrize(("n", "tightest", "level"), CASES)
def test_at_the_bound_the_p_value_is_the_level(n: int, tightest: int, level: float) -> None:
    edge = half_width(0.5, n, tightest, level)
    assert p_value(edge, 0.5, n, tightest, level) == pytest.approx(1 - level, rel=1e-12)
    assert p_value(-edge, 0.5, n, tightest, level) == p_value(edge, 0.5, n, tightest, level)
    edge = one_sided_width(0.5, n, tightest, level)
    assert one_sided_p_value(edge, 0.5, n, tightest, level) == pytest.approx(1 - level, rel=1e-12)


def test_p_values_stay_between_0_and_1() -> None:
    assert p_value(0.0, 1.0, 100, 100, 0.95) == one_sided_p_value(0.0, 1.0, 100, 100, 0.95) == 1.0
    assert one_sided_p_value(-9.0, 1.0, 100, 100, 0.95) == one_sided_p_value(1e-200, 1.0, 100, 100, 0.95) == 1.0
    assert p_value(1e300, 1e-300, 100, 100, 0.95) == one_sided_p_value(1e300, 1e-300, 100, 100, 0.95) == 0.0


def test_the_interval_is_tightest_near_the_planned_size() -> None:
    """Beside an interval for one look, of a fixed number of standard errors."""
    scaled = {n: half_width(1.0, n, 1000, 0.95) for n in (100, 500, 1000, 2000, 10_000)}
    assert min(scaled, key=scaled.__getitem__) == 1000


@pytest.mark.parametrize(
    ("n", "differing", "clustered", "reason"),
    [
        (99, 99, False, "an interval for every look needs at least 100 rows"),
        (99, 99, True, "an interval for every look needs at least 100 clusters"),
        (100, 19, False, "an interval for every look needs at least 20 rows that differ between the models"),
        (100, 20, True, None),
    ],
)
def test_few_rows_have_no_sequence(n: int, differing: int, clustered: bool, reason: str | None) -> None:
    assert shortage(n, differing, clustered=clustered) == reason
