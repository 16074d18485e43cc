"""Asymptotic confidence sequences of a mean (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, arXiv 2103.06476).

A mean of n rows (or clusters) with standard error se lies within `half_width` of the true mean at every n at once
with probability 1 - a, so one may look again and again as rows come in, and stop at any time. With a = 1 - level
and r = sqrt((-2 log a + log(-2 log a + 1)) / N) the interval is tightest near N rows:

    two-sided  se sqrt(2 (n r^2 + 1) / (n r^2) log(sqrt(n r^2 + 1) / a))
    one-sided  se sqrt(2 (n r^2 + 1) / (n r^2) log(1 + sqrt(n r^2 + 1) / (2 a)))

A p-value is the smallest a, with r as it is, whose interval leaves the null hypothesis out.
"""

from __future__ import annotations

import math

from xentcli.core.kernel import exp_of, log1p_of, log_of
from xentcli.core.numbers.distributions import level
from xentcli.intervals import Level

LEVEL = 0.95  # of what reports show
LEAST_ROWS = 100  # or clusters: the sequence holds for large samples
LEAST_DIFFERING = 20  # of them: a mean of fewer values that are not 0 is not near normal


def shortage(n: int, differing: int, *, clustered: bool = False) -> str | None:
    """Why n rows, or clusters, of which so many differ between the models, have no interval; None if they have."""
    what = "clusters" if clustered else "rows"
    if n < LEAST_ROWS:
        return f"an interval for every look needs at least {LEAST_ROWS} {what}"
    if differing < LEAST_DIFFERING:
        return f"an interval for every look needs at least {LEAST_DIFFERING} {what} that differ between the models"
    return None


def growth_of(n: int, tightest: int, level: float) -> float:
    """The n r^2 of a sequence at this level, 0 to 1, that is tightest near so many rows or clusters, N > 0."""
    log_square = -2 * log_of(1 - level)
    return n * (log_square + log1p_of(log_square)) / tightest


def half_width(se: float, n: int, tightest: int, level: float) -> float:
    """How far a two-sided interval reaches from a mean of n rows with standard error `se`, in its unit."""
    growth = growth_of(n, tightest, level)
    return se * math.sqrt(2 * (growth + 1) / growth * log_of(math.sqrt(growth + 1) / (1 - level)))


def one_sided_width(se: float, n: int, tightest: int, confidence: float) -> float:
    """How far a one-sided bound at this confidence lies from a mean of n rows with standard error `se`."""
    growth = growth_of(n, tightest, confidence)
    return se * math.sqrt(2 * (growth + 1) / growth * log1p_of(math.sqrt(growth + 1) / (2 * (1 - confidence))))


def p_value(difference: float, se: float, n: int, tightest: int, level: float) -> float:
    """Two-sided, of a true mean of 0, for a sequence tuned at `level`; `se` > 0."""
    growth = growth_of(n, tightest, level)
    return min(1.0, math.sqrt(growth + 1) * exp_of(-_exponent(difference / se, growth)))


def one_sided_p_value(difference: float, se: float, n: int, tightest: int, level: float) -> float:
    """Of a true mean <= 0, small where the difference is far above 0; `se` > 0.

    From log(1 + sqrt(n r^2 + 1) / (2 a)) = x follows a = sqrt(n r^2 + 1) / (2 (e^x - 1)).
    """
    if difference <= 0:
        return 1.0
    growth = growth_of(n, tightest, level)
    shrunk = exp_of(-_exponent(difference / se, growth))
    return min(1.0, math.sqrt(growth + 1) * shrunk / (2 * (1 - shrunk))) if shrunk < 1 else 1.0


def _exponent(t: float, growth: float) -> float:
    """How much a mean t standard errors from 0 speaks against 0: the log of the evidence, but for a constant."""
    return growth * t * t / (2 * (growth + 1))


def gate_level(confidence: float | None, anytime: int | None) -> Level | None:
    """What gates need for one-sided bounds on a difference; None: they compare the number.

    With `anytime`, the size at which a sequence is tightest, they hold at every look, and are always asked for.
    """
    if anytime is None:
        return level(confidence)
    at = LEVEL if confidence is None else confidence
    return Level(at, lambda df: _one_sided_errors(df, anytime, at), exp_of)


def _one_sided_errors(df: float | None, anytime: int, confidence: float) -> float:
    assert df is not None  # only paired differences have a sequence
    return one_sided_width(1.0, int(df) + 1, anytime, confidence)
