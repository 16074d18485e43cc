"""The forecast of each class, in logarithms and without a rounded probability on the way."""

from __future__ import annotations

import numpy as np

from xentcli.core import kernel
from xentcli.core.batch import Batch, InputKind, Policy
from xentcli.core.exact import FloatArray
from xentcli.units import LN2


def log_forecast(batch: Batch, policy: Policy) -> FloatArray:
    """Log q `(K, n)` as the row loss takes it; -inf where q is 0."""
    scores = batch.scores
    if len(scores) > 1:
        z = _logarithms(batch)
        if not _is_softmax(batch, policy):
            return z
        highest, log1p_s = kernel.sum_exponentials(z)
        return z - highest - log1p_s
    if batch.kind is InputKind.LOGIT:
        return np.stack([-softplus(scores[0]), -softplus(-scores[0])])
    if batch.kind is InputKind.PROBABILITY:
        return np.stack([kernel.log1p(-scores[0]), kernel.log(scores[0])])
    return np.stack([log_rest(scores[0]), scores[0]])


def half_losses(batch: Batch, policy: Policy) -> FloatArray:
    """-(log q) / 2 `(K, n)` as the row loss takes it, clipped: half the loss of each class.

    Two finite logits may lie further apart than float64 reaches; half as far they never do, so a part of such a
    loss (a soft label's, or a smoothed one's) can still be taken.
    """
    if _is_softmax(batch, policy):
        z = _logarithms(batch)
        highest, log1p_s = kernel.sum_exponentials(z)
        half = highest / 2 - z / 2 + log1p_s / 2
    else:
        half = log_forecast(batch, policy) / -2
    if policy.clip is not None:
        least, most = clip_losses(policy.clip)
        half = np.clip(half, least / 2, most / 2)
    return np.maximum(half, 0.0)  # -0, and a class within rounding above 1


def _is_softmax(batch: Batch, policy: Policy) -> bool:
    """Whether several scores a row become a forecast by e^z / sum e^z: logits, and what is divided by its sum."""
    return len(batch.scores) > 1 and (batch.kind is InputKind.LOGIT or policy.normalize)


def _logarithms(batch: Batch) -> FloatArray:
    """Several scores a row, z `(K, n)`: log q, or logits."""
    return kernel.log(batch.scores) if batch.kind is InputKind.PROBABILITY else batch.scores


def clip_losses(clip: float) -> tuple[float, float]:
    """The smallest and the largest loss that `--clip` allows."""
    return -float(kernel.log1p(np.array([-clip]))[0]), -float(kernel.log(np.array([clip]))[0])


def softplus(t: FloatArray) -> FloatArray:
    """The loss of one logit: log(1 + e^t)."""
    loss: FloatArray = np.maximum(t, 0.0)
    loss += kernel.log1p(kernel.exp(-np.abs(t)))
    return loss


def log_rest(log_p: FloatArray) -> FloatArray:
    """log(1 - p) from log p, by whichever form keeps the digits."""
    return np.where(log_p > -LN2, kernel.log(-kernel.expm1(log_p)), kernel.log1p(-kernel.exp(log_p)))
