"""One scorer for each way in which scores are given: what `RowScores` holds, before clipping and smoothing.

Their `top_loss` is that of a top class which is wrong, -log(1 - q_top); infinite or vague where 1 - q_top is no
longer a float64.

From logits nothing passes through a rounded probability: with m = max z, d = z - m <= 0 and
s = sum of exp(d) over the classes other than one maximal class,

    log q_k = d_k - log1p(s)        q_top = 1 / (1 + s)        1 - q_top = s / (1 + s)

keeps every digit of small losses, where m + log(sum) keeps none ([40, 0] loses 4.25e-18).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xentcli.core.exact import FloatArray
from xentcli.core.forecasts import FLOOR, log_rest, top_class
from xentcli.core.row_scores import BoolArray, RowScores
from xentcli.core.scores import Batch, IndexArray, InputKind, Policy, over_classes


def happened(batch: Batch) -> IndexArray:
    """The class of each row `(n,)`; all 0 where targets say it."""
    return batch.labels if batch.labels is not None else np.zeros(batch.rows, np.intp)


def _logits(batch: Batch, policy: Policy) -> RowScores:
    z, labels = batch.scores, happened(batch)
    top, highest, tied = top_class(z)
    rows = np.arange(labels.size)
    at_top, at_label = top * labels.size + rows, labels * labels.size + rows  # in the flat arrays
    distance = highest - z.take(at_label)
    d = z - highest
    np.maximum(d, FLOOR, out=d)
    e = np.exp(d)
    e.put(at_top, 0.0)  # the maximal class is the 1 of log1p
    s = over_classes(e)
    log1p_s, whole = np.log1p(s), 1.0 + s
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
        top_loss=log1p_s - np.log(s),
    )  # fmt: skip


def _probabilities(batch: Batch, policy: Policy) -> RowScores:
    q, labels = batch.scores, happened(batch)
    top, _, tied = top_class(q)
    true = q[labels, np.arange(labels.size)]
    return _stored(batch, policy, q, np.log(q), -np.log(true), top, tied)


def _log_probabilities(batch: Batch, policy: Policy) -> RowScores:
    log_q, labels = batch.scores, happened(batch)
    top, _, tied = top_class(log_q)
    true = log_q[labels, np.arange(labels.size)]
    return _stored(batch, policy, np.exp(log_q), log_q.copy(), -true, top, tied)


def _stored(
    batch: Batch,
    policy: Policy,
    q: FloatArray,
    log_q: FloatArray,
    loss: FloatArray,
    top: IndexArray,
    tied: BoolArray,
) -> RowScores:
    """Rows of stored probabilities: loss and Brier as they stand, the rest from q / sum q."""
    labels, rows = happened(batch), np.arange(batch.rows)
    at_top, at_label = top * labels.size + rows, labels * labels.size + rows  # in the flat arrays
    total = over_classes(q)
    log_sum = np.log(total)
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
    log1p_s = np.log1p(below / forecast.take(at_top))
    rest.put(at_top, forecast.take(at_top))
    rest.put(at_label, 0.0)  # left out rather than subtracted: a good forecast keeps its digits
    others = over_classes(np.square(rest, out=rest))
    return RowScores(
        batch.classes, labels, batch.weights, loss + log_sum if policy.normalize else loss, top, tied,
        shares.take(at_top), log1p_s - mean_d, np.maximum(variance, 0.0),
        _brier(1.0 - true, others, len(q)), shares, log_sum, top_loss=-np.log(below),
    )  # fmt: skip


def _one_logit(batch: Batch, policy: Policy) -> RowScores:
    t, labels = batch.scores[0], happened(batch)
    size = np.abs(t)
    e = np.exp(-size)
    whole = 1.0 + e
    softplus = np.log1p(e)  # the loss when the likelier class happened; the other adds |t|
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
    return _one_column(batch, p[None], np.log(p), 1.0 - p, np.log1p(-p))


def _one_log_probability(batch: Batch, policy: Policy) -> RowScores:
    log_p = batch.scores[0]
    p, rest = np.exp(log_p), -np.expm1(log_p)
    return _one_column(batch, np.stack([rest, p]), log_p, rest, log_rest(log_p))


def _one_column(
    batch: Batch, shares: FloatArray, log_p: FloatArray, rest: FloatArray, log_rest: FloatArray
) -> RowScores:
    """Two classes from the probability p of class 1, the last of `shares`, and `rest` = 1 - p of class 0."""
    p = shares[-1]
    labels = happened(batch)
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
