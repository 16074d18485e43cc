"""How far a reliability curve strays by chance: pointwise bands by resampling (Dimitriadis et al. 2021).

For each draw the labels are drawn anew, and the isotonic fit is made anew. Of the n rows of one prediction
Binomial(n, p) are of class 1, by a uniform number that is a hash of the prediction and the draw: neither the order
of the rows nor how they were cut changes a bit.
"""

from __future__ import annotations

import math

import numpy as np

from xentcli.core.curves.odds import OddsCounts, isotonic_shares
from xentcli.core.exact import FloatArray
from xentcli.core.mixing import mix

DRAWS = 999
MOST_PREDICTIONS = 4096  # that are drawn apart; `OddsCounts.pooled` makes more of them so many
_TAIL = 50  # of 999 curves so many, at each prediction, lie below the band or on its edge: 5 %
_STEP = np.uint64(0x9E3779B97F4A7C15)  # of SplitMix64
_REACH = 9  # standard deviations from the mean that a uniform number of 53 bits does not leave


def resampled_band(counts: OddsCounts, shares: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The 5 % and the 95 % quantile `(m,)` of the isotonic fit at each prediction if class 1 has `shares` `(m,)`.

    `rows` `(m,)` are the independent rows that each prediction counts for: whole numbers of at least 1.
    """
    numbers = range(counts.keys.size)
    drawn = np.empty((counts.keys.size, DRAWS))
    for at in numbers:
        drawn[at] = _binomial(int(rows[at]), float(shares[at]), _uniform(counts.keys[at]))
    drawn *= (counts.weight / rows)[:, None]
    curves = np.empty((DRAWS, counts.keys.size))
    for draw, positive in enumerate(np.ascontiguousarray(drawn.T)):
        curves[draw] = isotonic_shares(positive, np.maximum(counts.weight - positive, 0.0))
    curves.partition((_TAIL - 1, DRAWS - _TAIL), axis=0)
    return curves[_TAIL - 1], curves[DRAWS - _TAIL]


def _uniform(key: np.uint64) -> FloatArray:
    """A number between 0 and 1 `(DRAWS,)` for each draw."""
    counter = np.arange(1, DRAWS + 1, dtype=np.uint64) * _STEP
    hashes = mix(mix(counter ^ mix(np.array([key]))))
    return ((hashes >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def _binomial(n: int, p: float, uniform: FloatArray) -> FloatArray:
    """The quantile of Binomial(n, p) at each number between 0 and 1: probabilities by recurrence from the mode."""
    if n == 1:
        return (uniform > 1 - p).astype(np.float64)
    if p in (0.0, 1.0):
        return np.full(uniform.size, n * p)
    reach = _REACH * math.sqrt(n * p * (1 - p)) + 2 * _REACH
    mode = min(n, int((n + 1) * p))
    low, high = max(0, int(mode - reach)), min(n, int(mode + reach))
    above, below = np.arange(mode, high, dtype=np.float64), np.arange(mode, low, -1, dtype=np.float64)
    odds = p / (1 - p)
    up = np.cumprod((n - above) / (above + 1) * odds)
    down = np.cumprod(below / (n - below + 1) / odds)
    cumulated = np.cumsum(np.concatenate([down[::-1], [1.0], up]))
    found: FloatArray = low + np.searchsorted(cumulated, uniform * cumulated[-1]).astype(np.float64)
    return found
