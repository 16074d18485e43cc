"""Predictions for rows of other class frequencies: q'_k proportional to q_k pi'_k / pi_k."""

from __future__ import annotations

import numpy as np

from xentcli.core import kernel
from xentcli.core.exact import FloatArray
from xentcli.core.numbers.softmax import log_softmax

MOST_STEPS = 10_000
_SAME = 1e-12  # shares that change by less are those


def shift_of(before: FloatArray, after: FloatArray) -> FloatArray:
    """What is added to each log q `(K,)`, the first 0, for class frequencies `(K,)` > 0 before and after."""
    shift: FloatArray = kernel.log(after) - kernel.log(before)
    shift -= shift[0]
    return shift


def shift_of_kept(kept: FloatArray) -> FloatArray:
    """Likewise, where of each class only a share `(K,)` > 0 was kept for training."""
    return shift_of(kept, np.ones(kept.size))


def estimate_frequencies(log_q: FloatArray, weights: FloatArray, before: FloatArray) -> FloatArray | None:
    """The class frequencies `(K,)` of rows without labels; None where 10,000 steps do not settle them.

    `log_q` `(K, n)` is log softmax of predictions that are calibrated for frequencies `before` `(K,)` > 0.
    Expectation and maximization by turns (Saerens, Latinne & Decaestecker 2002), until no share changes by 1e-12.
    """
    shares, w = before / before.sum(), weights / weights.sum()
    for _ in range(MOST_STEPS):
        with np.errstate(divide="ignore"):
            posterior = kernel.exp(log_softmax(log_q + (kernel.log(shares) - kernel.log(before))[:, None]))
        found = np.array([float((w * each).sum()) for each in posterior])
        if float(np.abs(found - shares).max()) < _SAME:
            return found
        shares = found
    return None
