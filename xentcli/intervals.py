"""Intervals that need no more than square roots, or get their exp, and what bounds at a confidence take."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

Z95 = 1.959964  # two-sided 95 % point of the normal distribution


class Level(NamedTuple):
    """A confidence and the functions that bounds at it take: they are the kernel's, which only the core calls."""

    confidence: float  # 0.5 to 1
    quantile: Callable[[float | None], float]  # of it, by degrees of freedom; of the normal distribution for None
    exp: Callable[[float], float]


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


def logit_interval(share: float, se: float, z: float, exp: Callable[[float], float]) -> tuple[float, float]:
    """The interval logit(share) -/+ z se / (share (1 - share)), as shares; 0 < share < 1."""
    rest = 1.0 - share
    odds = exp(z * se / (share * rest))
    return share / (share + rest * odds), share / (share + rest / odds)
