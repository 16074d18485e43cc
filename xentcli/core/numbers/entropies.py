"""Entropies and divergences of class mixes that are given by exact amounts, in nats."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from xentcli.core import kernel
from xentcli.core.exact import ratio
from xentcli.core.kernel import log_of
from xentcli.core.state import ClassTotals
from xentcli.results.parts import ClassResult, Number
from xentcli.units import LN2

_NEAR, _TERMS = 0.1, 18  # 0.1^16 / (18 * 17) is below the last digit of x^2 / 2


def smooth(amounts: Sequence[int], whole: int, smoothing: float) -> list[int]:
    """The amounts of the classes in the mix (1 - e) pi + e / K, in units common to them all."""
    e, unit = smoothing.as_integer_ratio()
    return [(unit - e) * len(amounts) * amount + e * whole for amount in amounts]


def entropy(amounts: Sequence[int]) -> float:
    """H(pi) in nats of a distribution given by amounts, 0 log 0 = 0."""
    whole = sum(amounts)
    shares = [ratio(part, whole) for part in amounts if part]
    logs = _log_ratios([(part, whole) for part in amounts if part])
    return math.fsum(-share * log_share for share, log_share in zip(shares, logs, strict=True)) + 0.0


def marginal_kl(totals: ClassTotals, per_class: Sequence[ClassResult], weight: int) -> Number:
    """KL(pi || mean q); None if it is a mean q that is positive, as losses are finite, but too small a number."""
    own, predicted = totals.labels.weight.totals(), totals.shares.totals()
    none = [row.log_loss for row, q in zip(per_class, predicted, strict=True) if not q and row.share > 0]
    if none and all(loss is not None and loss < math.inf for loss in none):
        return None
    return _divergence(own, predicted, weight)


def _divergence(p: Sequence[int], q: Sequence[int], weight: int) -> float:
    """KL(p || q) in nats of distributions given by amounts; termwise >= 0, so rounding cannot make it negative."""
    pairs = list(zip(p, q, strict=True))
    if any(own and not predicted for own, predicted in pairs):
        return math.inf
    occurring = [pair for pair in pairs if pair[0]]
    absent = [ratio(predicted, weight) for own, predicted in pairs if not own]
    logs = _log_ratios(occurring)
    excess = (_excess(*pair, log_ratio, weight) for pair, log_ratio in zip(occurring, logs, strict=True))
    return math.fsum([*excess, *absent])


def _excess(p: int, q: int, log_ratio: float, weight: int) -> float:
    """P log(p / q) - p + q in nats, >= 0, of two amounts > 0; of all classes it is the KL, as shares sum to 1.

    With x = p / q - 1 it is q ((1 + x) log(1 + x) - x) = q (x^2/2 - x^3/6 + ...), whose digits cancel for small x.
    """
    x = ratio(p - q, q)
    if abs(x) < _NEAR:
        series = 0.0
        for k in range(_TERMS - 1, 1, -1):
            series = 1 / (k * (k - 1)) - x * series
        return ratio(q, weight) * (x * x * series)
    return ratio(p, weight) * log_ratio + ratio(q - p, weight)


def _log_ratios(pairs: Sequence[tuple[int, int]]) -> list[float]:
    """log(a / b) of positive integers, to the last digits where a is nearly b or no float64 holds a / b."""
    quotients = np.array([ratio(a, b) for a, b in pairs])
    less_one = np.array([ratio(a - b, b) for a, b in pairs])
    logs = np.where((quotients > 0.5) & (quotients < 2), kernel.log1p(less_one), kernel.log(quotients))
    far = (quotients < 1e-300) | (quotients == math.inf)
    return [_far_log(*pairs[i]) if far[i] else log for i, log in enumerate(logs.tolist())]


def _far_log(a: int, b: int) -> float:
    """log(a / b) of positive integers whose quotient no float64 holds with all digits."""
    power = a.bit_length() - b.bit_length()
    return power * LN2 + log_of(ratio(a << max(0, -power), b << max(0, power)))
