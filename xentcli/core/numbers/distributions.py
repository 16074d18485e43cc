"""The normal distribution and Student's t, by the kernel's functions: p-values, and how far bounds are away."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache, partial

from xentcli.core.kernel import erfc_of, exp_of, lgamma_of, log1p_of, log_of
from xentcli.intervals import Level

_Function = Callable[[float], float]

_PRECISION = 1e-15  # of a quantile
_TINY = 1e-300
_TERMS = 100_000
_NEARLY_NORMAL = 1e6  # degrees of freedom
_LARGE = 32.0  # from which Stirling's series has all digits


def level(confidence: float | None) -> Level | None:
    """What gates need for one-sided bounds at a confidence, 0.5 to 1; None without one."""
    return None if confidence is None else Level(confidence, partial(quantile, confidence), exp_of)


def quantile(p: float, df: float | None) -> float:
    """Of Student's t with `df` degrees of freedom > 0, or of the normal distribution without; 0.5 <= p < 1."""
    return normal_quantile(p) if df is None else student_t_quantile(p, df)


def normal_quantile(p: float) -> float:
    """The z with P(Z <= z) = p, for 0.5 <= p < 1."""
    return _upper_quantile(p, 0.0, _normal_tail, lambda z: exp_of(-z * z / 2) / math.sqrt(2 * math.pi))


def _normal_tail(z: float) -> float:
    """P(Z >= z) of a standard normal Z."""
    return erfc_of(z / math.sqrt(2)) / 2


def student_t_p(t: float, df: float) -> float:
    """Two-sided p-value of t with `df` degrees of freedom > 0: P(|T| >= |t|)."""
    if math.isinf(t):
        return 0.0
    square = min(t * t, 1e300)
    if df > _NEARLY_NORMAL:  # Abramowitz & Stegun 26.7.8, off by about 1 / df^2
        return erfc_of(math.sqrt(square / (1 + square / (2 * df)) / 2) * (1 - 1 / (4 * df)))
    return _incomplete_beta(df / (df + square), square / (df + square), df / 2, 0.5)


def student_t_quantile(p: float, df: float) -> float:
    """The t with P(T <= t) = p, for 0.5 <= p < 1 and `df` degrees of freedom > 0."""
    scale = _log_beta(df / 2, 0.5)

    def density(t: float) -> float:
        return exp_of(-(df + 1) / 2 * log1p_of(t * t / df) - scale) / math.sqrt(df)

    return _upper_quantile(p, normal_quantile(p), lambda t: student_t_p(t, df) / 2, density)


def _upper_quantile(p: float, start: float, tail: _Function, density: _Function) -> float:
    """Where a tail is 1 - p, an exact difference, by Newton's steps: as it falls ever slower from `start` >= 0 on,
    where it is more than that, none goes too far.
    """
    x, rest = start, 1 - p
    while (step := (tail(x) - rest) / density(x)) > _PRECISION * x:
        x += step
    return x


def _incomplete_beta(x: float, rest: float, a: float, b: float) -> float:
    """The regularized incomplete beta function I_x(a, b), with `rest` = 1 - x given to its last digit."""
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _incomplete_beta(rest, x, b, a)
    log_x = log_of(x) if x < 0.5 else log1p_of(-rest)
    log_rest = log_of(rest) if rest < 0.5 else log1p_of(-x)
    return exp_of(a * log_x + b * log_rest - _log_beta(a, b)) * _continued_fraction(x, a, b) / a


@lru_cache(maxsize=64)  # tests of many models have the same degrees of freedom
def _log_beta(a: float, b: float) -> float:
    """Log of the beta function; for a large argument by Stirling's series, as the difference of two large
    log-gammas has few digits left.
    """
    low, high = min(a, b), max(a, b)
    if high < _LARGE:
        return lgamma_of(a) + lgamma_of(b) - lgamma_of(a + b)
    total = low + high
    series = _stirling(high) - _stirling(total)
    return lgamma_of(low) + series + low - low * log_of(total) + (high - 0.5) * log1p_of(-low / total)


def _stirling(x: float) -> float:
    """Log Gamma(x) - ((x - 1/2) log x - x + log(2 pi) / 2), for large x."""
    y = 1 / (x * x)
    return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x


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
