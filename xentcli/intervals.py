"""Intervals that the standard library lacks: Student's t distribution, and Wilson's interval for a share."""

from __future__ import annotations

import math

Z95 = 1.959964  # two-sided 95 % point of the normal distribution

_TINY = 1e-300
_TERMS = 100_000
_NEARLY_NORMAL = 1e6  # degrees of freedom


def student_t_p(t: float, df: float) -> float:
    """Two-sided p-value of t with `df` degrees of freedom > 0: P(|T| >= |t|)."""
    if math.isinf(t):
        return 0.0
    square = min(t * t, 1e300)
    if df > _NEARLY_NORMAL:  # Abramowitz & Stegun 26.7.8, off by about 1 / df^2
        return math.erfc(math.sqrt(square / (1 + square / (2 * df)) / 2) * (1 - 1 / (4 * df)))
    return _incomplete_beta(df / (df + square), square / (df + square), df / 2, 0.5)


def student_t_quantile(p: float, df: float) -> float:
    """The t with P(T <= t) = p, for 0.5 <= p < 1 and `df` degrees of freedom > 0."""
    from statistics import NormalDist  # loads fractions, random and a dozen more: only where it is used

    low, high = 0.0, max(1.0, NormalDist().inv_cdf(p))
    while student_t_p(high, df) / 2 > 1 - p:
        low, high = high, 2 * high
    while high - low > 1e-15 * high:
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if student_t_p(middle, df) / 2 > 1 - p else (low, middle)
    return (low + high) / 2


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval for a share of n (Wilson 1927); within [0, 1], n >= 0. Of no rows it is all of that."""
    return _wilson_low(share, n, z), 1.0 - _wilson_low(1.0 - share, n, z)


def _wilson_low(share: float, n: float, z: float) -> float:
    """The lower root of (x - p)^2 n = z^2 x (1 - x), from the product of both, so that nothing cancels."""
    if not share:
        return 0.0
    square = z * z
    root = z * math.sqrt(4 * n * share * (1 - share) + square)
    return 2 * n * share * share / (2 * n * share + square + root)


def _incomplete_beta(x: float, rest: float, a: float, b: float) -> float:
    """The regularized incomplete beta function I_x(a, b), with `rest` = 1 - x given to its last digit."""
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _incomplete_beta(rest, x, b, a)
    log_x = math.log(x) if x < 0.5 else math.log1p(-rest)
    log_rest = math.log(rest) if rest < 0.5 else math.log1p(-x)
    return math.exp(a * log_x + b * log_rest - _log_beta(a, b)) * _continued_fraction(x, a, b) / a


def _log_beta(a: float, b: float) -> float:
    """Log of the beta function; for a large argument by Stirling's series, as the difference of two huge
    log-gammas has no digits left.
    """
    low, high = min(a, b), max(a, b)
    if high < 1e3:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    whole = low + high
    series = _stirling(high) - _stirling(whole)
    return math.lgamma(low) + series + low - low * math.log(whole) + (high - 0.5) * math.log1p(-low / whole)


def _stirling(x: float) -> float:
    """Log Gamma(x) - ((x - 1/2) log x - x + log(2 pi) / 2), for large x."""
    return 1 / (12 * x) - 1 / (360 * x**3) + 1 / (1260 * x**5)


def _continued_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1.0 - (a + b) * x / (a + 1)
    d = 1.0 / (d if abs(d) > _TINY else _TINY)
    total = d
    for m in range(1, _TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 + term * d
            c = 1.0 + term / c
            d = 1.0 / (d if abs(d) > _TINY else _TINY)
            c = c if abs(c) > _TINY else _TINY
            total *= d * c
        if abs(d * c - 1.0) < 1e-16:
            break
    return total
