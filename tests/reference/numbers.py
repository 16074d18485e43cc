"""Numbers of 60 digits, and their rounding to float64."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from mpmath import MPContext

mp = MPContext()
mp.dps = 60

Number = float | Fraction
Real = Any  # a 60-digit number of `mp`, which has no types

NOISE = mp.mpf("1e-50")  # a sum this small beside its terms is 60-digit rounding, so it is zero


def real(x: Number | Real) -> Real:
    """`x` to 60 digits."""
    return mp.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mp.mpf(x)


def log(x: Fraction) -> Real:
    """Logarithm of an exact x >= 0, accurate near 1 as well; -inf at 0."""
    return mp.log(real(x)) if x < Fraction(1, 2) else mp.log1p(real(x - 1))


def one_minus_exp(x: Real) -> Real:
    """1 - e^x: the probability of all other classes, for x = log q <= 0."""
    return -mp.expm1(x)


def add(terms: Iterable[Real]) -> Real:
    """Sum of the terms, where a rounding residue is an exact zero."""
    listed = list(terms)
    total = sum(listed, mp.zero)
    return mp.zero if abs(total) < NOISE * sum(map(abs, listed)) else total


def rounded(x: Real) -> int | float | None:
    """Nearest float64; beyond its range infinite; minus infinity is not available; no negative zero."""
    if x is None or isinstance(x, int):
        return x
    nearest = float(x)
    return None if nearest == -math.inf else nearest + 0.0


def all_rounded(values: dict[str, Real]) -> dict[str, int | float | None]:
    """Every value of a table, rounded."""
    return {name: rounded(value) for name, value in values.items()}
