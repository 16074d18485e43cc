"""The forecast of each class, in logarithms and without a rounded probability on the way."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from xentcli.core import kernel
from xentcli.core.batch import Batch, BoolArray, IndexArray, InputKind, Policy, RowScores, over_classes
from xentcli.core.exact import FloatArray

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
            return np.stack([kernel.log1p(-scores[0]), kernel.log(scores[0])])
        return np.stack([log_rest(scores[0]), scores[0]])
    log_q = kernel.log(scores) if batch.kind is InputKind.PROBABILITY else scores
    return log_q - kernel.log(over_classes(kernel.exp(log_q))) if policy.normalize else log_q


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
        least, most = clip_losses(policy.clip)
        half = np.clip(half, least / 2, most / 2)
    return np.maximum(half, 0.0)  # -0, and a class within rounding above 1


def _softmax(scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(the highest score, log1p of the sum of e^(z - highest) over the others) `(n,)`."""
    top, highest, _ = top_class(scores)
    e = kernel.exp(np.maximum(scores - highest, FLOOR))
    e[top, np.arange(highest.size)] = 0.0
    return highest, kernel.log1p(over_classes(e))


def log_odds(batch: Batch) -> FloatArray:
    """Log q_1 / q_0 `(n,)` from the scores of two classes; infinite where one of them is 0."""
    log_q = kernel.log(batch.scores) if batch.kind is InputKind.PROBABILITY else batch.scores
    odds: FloatArray = log_q[1] - log_q[0]
    return odds


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
    return np.where(log_p > -math.log(2), kernel.log(-kernel.expm1(log_p)), kernel.log1p(-kernel.exp(log_p)))


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


def true_class(batch: Batch) -> IndexArray:
    """The class of each row `(n,)`; all 0 where targets say it."""
    return batch.labels if batch.labels is not None else np.zeros(batch.rows, np.intp)


def _logits(batch: Batch, policy: Policy) -> RowScores:
    z, labels = batch.scores, true_class(batch)
    top, highest, tied = top_class(z)
    rows = np.arange(labels.size)
    at_top, at_label = top * labels.size + rows, labels * labels.size + rows  # in the flat arrays
    distance = highest - z.take(at_label)
    d = z - highest
    np.maximum(d, FLOOR, out=d)
    e = kernel.exp(d)
    e.put(at_top, 0.0)  # the maximal class is the 1 of log1p
    s = over_classes(e)
    log1p_s, whole = kernel.log1p(s), 1.0 + s
    shares = e
    shares /= whole
    weighted = shares * d
    mean_d = over_classes(weighted)
    entropy = log1p_s - mean_d
    weighted *= d
    variance = over_classes(weighted) - mean_d**2
    confidence = 1.0 / whole
    right = labels == top
    own = shares.take(at_label)  # 0 where it is the top class
    wrong = np.where(right, s / whole, 1.0 - own)  # 1 - q_y
    others = over_classes(np.square(shares, out=weighted))
    others += np.where(right, 0.0, confidence**2 - own**2)
    shares.put(at_top, confidence)
    return RowScores(
        batch.classes, labels, batch.weights, distance + log1p_s, top, tied, confidence, entropy,
        np.maximum(variance, 0.0), _brier(wrong, np.maximum(others, 0.0), len(z)), shares, None,
        top_loss=log1p_s - kernel.log(s),
    )  # fmt: skip


def _probabilities(batch: Batch, policy: Policy) -> RowScores:
    q, labels = batch.scores, true_class(batch)
    top, _, tied = top_class(q)
    true = q[labels, np.arange(labels.size)]
    return _from_probabilities(batch, policy, q, kernel.log(q), -kernel.log(true), top, tied)


def _log_probabilities(batch: Batch, policy: Policy) -> RowScores:
    log_q, labels = batch.scores, true_class(batch)
    top, _, tied = top_class(log_q)
    true = log_q[labels, np.arange(labels.size)]
    return _from_probabilities(batch, policy, kernel.exp(log_q), log_q.copy(), -true, top, tied)


def _from_probabilities(
    batch: Batch,
    policy: Policy,
    q: FloatArray,
    log_q: FloatArray,
    loss: FloatArray,
    top: IndexArray,
    tied: BoolArray,
) -> RowScores:
    """Rows of stored probabilities: loss and Brier as they stand, the rest from q / sum q."""
    labels, rows = true_class(batch), np.arange(batch.rows)
    at_top, at_label = top * labels.size + rows, labels * labels.size + rows  # in the flat arrays
    total = over_classes(q)
    log_sum = kernel.log(total)
    log_top = log_q.take(at_top)
    d = np.maximum(np.subtract(log_q, log_top, out=log_q), FLOOR, out=log_q)
    shares = q / total
    weighted = shares * d
    mean_d = over_classes(weighted)
    weighted *= d
    variance = over_classes(weighted) - mean_d**2
    forecast = shares if policy.normalize else q
    true = forecast.take(at_label)
    rest = weighted
    np.copyto(rest, forecast)
    rest.put(at_top, 0.0)
    below = over_classes(rest)  # what the other classes have: log sum q - log q_top is log1p of its share of q_top
    log1p_s = kernel.log1p(below / forecast.take(at_top))
    rest.put(at_top, forecast.take(at_top))
    rest.put(at_label, 0.0)  # left out rather than subtracted: a good forecast keeps its digits
    others = over_classes(np.square(rest, out=rest))
    return RowScores(
        batch.classes, labels, batch.weights, loss + log_sum if policy.normalize else loss, top, tied,
        shares.take(at_top), log1p_s - mean_d, np.maximum(variance, 0.0),
        _brier(1.0 - true, others, len(q)), shares, log_sum, top_loss=-kernel.log(below),
    )  # fmt: skip


def _one_logit(batch: Batch, policy: Policy) -> RowScores:
    t, labels = batch.scores[0], true_class(batch)
    size = np.abs(t)
    e = kernel.exp(-size)
    whole = 1.0 + e
    softplus = kernel.log1p(e)  # the loss when the likelier class happened; the other adds |t|
    wrong = (t > 0) != (labels == 1)
    small, big = e / whole, 1.0 / whole
    finite = np.minimum(size, -FLOOR)
    shares = np.stack([np.where(t > 0, small, big), np.where(t > 0, big, small)])  # 1 - q has no digits of its own
    top = (t > 0).astype(np.intp)
    return RowScores(
        2, labels, batch.weights, softplus + np.where(wrong, size, 0.0), top, t == 0,
        big, softplus + finite * small, small * big * finite**2, np.where(wrong, big, small) ** 2, shares, None,
        log_odds=t,
    )  # fmt: skip


def _one_probability(batch: Batch, policy: Policy) -> RowScores:
    p = batch.scores[0]
    return _one_column(batch, p[None], kernel.log(p), 1.0 - p, kernel.log1p(-p))


def _one_log_probability(batch: Batch, policy: Policy) -> RowScores:
    log_p = batch.scores[0]
    p, rest = kernel.exp(log_p), -kernel.expm1(log_p)
    return _one_column(batch, np.stack([rest, p]), log_p, rest, log_rest(log_p))


def _one_column(
    batch: Batch, shares: FloatArray, log_p: FloatArray, rest: FloatArray, log_rest: FloatArray
) -> RowScores:
    """Two classes from the probability p of class 1, the last of `shares`, and `rest` = 1 - p of class 0."""
    p = shares[-1]
    labels = true_class(batch)
    positive = labels == 1
    loss = -np.where(positive, log_p, log_rest)
    log_odds = log_p - log_rest
    log_p, log_rest = np.maximum(log_p, FLOOR), np.maximum(log_rest, FLOOR)
    top = (p > rest).astype(np.intp)
    return RowScores(
        2, labels, batch.weights, loss, top, p == rest, np.maximum(p, rest),
        -(p * log_p + rest * log_rest), p * rest * (log_p - log_rest) ** 2,
        np.where(positive, rest, p) ** 2, shares, None, log_odds=log_odds,
    )  # fmt: skip


Scorer = Callable[[Batch, Policy], RowScores]
SCORERS: dict[tuple[InputKind, bool], Scorer] = {
    (InputKind.LOGIT, False): _logits,
    (InputKind.LOGIT, True): _one_logit,
    (InputKind.PROBABILITY, False): _probabilities,
    (InputKind.PROBABILITY, True): _one_probability,
    (InputKind.LOG_PROBABILITY, False): _log_probabilities,
    (InputKind.LOG_PROBABILITY, True): _one_log_probability,
}


def _brier(wrong: FloatArray, others: FloatArray, classes: int) -> FloatArray:
    """(1 - q_y)^2 + sum of q_k^2 over k != y, halved for two classes."""
    brier: FloatArray = wrong**2 + others
    return brier / 2 if classes == 2 else brier
