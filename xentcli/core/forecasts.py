"""The forecast of each class, in logarithms and without a rounded probability on the way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xentcli.core.exact import FloatArray
from xentcli.core.scores import Batch, IndexArray, InputKind, Policy, over_classes

FLOOR = -1e4  # exp of it is 0; stands in for log 0 wherever it is multiplied by that 0


def log_forecast(batch: Batch, policy: Policy) -> FloatArray:
    """Log q `(K, n)` as the row loss takes it; -inf where q is 0."""
    scores = batch.scores
    if batch.kind is InputKind.LOGIT:
        if len(scores) == 1:
            return np.stack([-softplus(scores[0]), -softplus(-scores[0])])
        highest, log1p_s = _softmax(scores)
        return scores - highest - log1p_s
    if len(scores) == 1:
        if batch.kind is InputKind.PROBABILITY:
            return np.stack([np.log1p(-scores[0]), np.log(scores[0])])
        return np.stack([log_rest(scores[0]), scores[0]])
    log_q = np.log(scores) if batch.kind is InputKind.PROBABILITY else scores
    return log_q - np.log(over_classes(np.exp(log_q))) if policy.normalize else log_q


def half_losses(batch: Batch, policy: Policy) -> FloatArray:
    """-(log q) / 2 `(K, n)` as the row loss takes it, clipped: half the loss of each class.

    Two finite logits may lie further apart than float64 reaches; half as far they never do, so a part of such a
    loss (a soft label's, or a smoothed one's) can still be taken.
    """
    if batch.kind is InputKind.LOGIT and len(batch.scores) > 1:
        highest, log1p_s = _softmax(batch.scores)
        half = highest / 2 - batch.scores / 2 + log1p_s / 2
    else:
        half = log_forecast(batch, policy) / -2
    if policy.clip is not None:
        half = np.clip(half, -np.log1p(-policy.clip) / 2, -np.log(policy.clip) / 2)
    return np.maximum(half, 0.0)  # -0, and a class within rounding above 1


def _softmax(scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(the highest score, log1p of the sum of e^(z - highest) over the others) `(n,)`."""
    top, highest, _ = top_class(scores)
    e = np.exp(np.maximum(scores - highest, FLOOR))
    e[top, np.arange(highest.size)] = 0.0
    return highest, np.log1p(over_classes(e))


def log_odds(batch: Batch) -> FloatArray:
    """Log q_1 / q_0 `(n,)` from the scores of two classes; infinite where one of them is 0."""
    log_q = np.log(batch.scores) if batch.kind is InputKind.PROBABILITY else batch.scores
    odds: FloatArray = log_q[1] - log_q[0]
    return odds


def softplus(t: FloatArray) -> FloatArray:
    """The loss of one logit: log(1 + e^t)."""
    loss: FloatArray = np.maximum(t, 0.0)
    loss += np.log1p(np.exp(-np.abs(t)))
    return loss


def log_rest(log_p: FloatArray) -> FloatArray:
    """log(1 - p) from log p, by whichever form keeps the digits."""
    return np.where(log_p > -np.log(2), np.log(-np.expm1(log_p)), np.log1p(-np.exp(log_p)))


def top_class(scores: FloatArray) -> tuple[IndexArray, FloatArray, NDArray[np.bool_]]:
    """First class of maximal score, that score, and whether another class has it too; all `(n,)`. No score is NaN.

    Much faster than `argmax`, which goes through the classes of one row after the other.
    """
    classes, rows = scores.shape
    highest = scores.max(axis=0)
    maximal = scores == highest
    if np.count_nonzero(maximal) == rows:  # one a row: the sum of k over the maximal classes k is that class
        number = np.arange(classes, dtype=np.min_scalar_type(classes))
        top = np.add.reduce(np.multiply(maximal, number[:, None]), axis=0, dtype=number.dtype)
        return top.astype(np.intp), highest, np.zeros(rows, np.bool_)
    places = np.flatnonzero(maximal)  # class after class
    of_places, columns = np.divmod(places, rows)
    top = np.zeros(rows, np.intp)
    top[columns[::-1]] = of_places[::-1]  # the first class is written last
    return top, highest, np.bincount(columns, minlength=rows) > 1
