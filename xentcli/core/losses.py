"""Row by row: the loss and everything else a state needs, each computed once.

Formulas (q the forecast, y the true class; CONTRACT names in the README, "Definitions"):

    loss                 l = -log q_y                      cross-entropy of a plain label
    entropy              H = -sum q log q, 0 log 0 = 0     what the forecast expects to lose
    entropy variance     V = sum q log^2 q - H^2           variance of -log q_Y when Y ~ q
    Brier                sum (t - q)^2, halved for K = 2

From logits nothing passes through a rounded probability: with m = max z, d = z - m <= 0 and
s = sum of exp(d) over the classes other than one maximal class,

    log q_k = d_k - log1p(s)        q_top = 1 / (1 + s)        1 - q_top = s / (1 + s)

keeps every digit of small losses, where m + log(sum) keeps none ([40, 0] loses 4.25e-18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xentcli.core.exact import FloatArray
from xentcli.core.scores import Batch, Finding, IndexArray, InputKind, Policy, by_row, over_classes

_MANY = 32  # classes from which a reduction over the array beats one pass for each class
_LIGHTEST = 2.0**-1000  # times a loss it is off by less than 2^-74 of its own
_FLOOR = -1e4  # exp of it is 0; stands in for log 0 wherever it is multiplied by that 0


@dataclass(frozen=True, eq=False)
class RowScores:
    """A block of rows after the arithmetic; all `(n,)` unless said."""

    classes: int
    labels: IndexArray  # all 0 where there are targets
    weights: FloatArray | None  # None: ones
    loss: FloatArray  # nats, >= 0, infinite where the true class had probability 0
    top: IndexArray  # the first class of maximal score
    ties: int  # rows whose maximal score is shared
    confidence: FloatArray  # q_top
    entropy: FloatArray  # nats
    entropy_variance: FloatArray  # nats^2
    brier: FloatArray
    shares: FloatArray  # (K, n): q / sum q; (1, n) for class 1 of a two-class column
    log_sum: FloatArray | None  # log sum q as stored; None where it is 0 by construction
    targets: FloatArray | None = None  # (K, n): soft labels
    class_loss: FloatArray | None = None  # (K, n): -t_k log q_k, where there are targets
    target_entropy: FloatArray | None = None  # nats; None: 0


@dataclass(frozen=True, eq=False)
class TokenScores:
    """Rows of which only the probability of what happened is known; all `(n,)`."""

    weights: FloatArray | None  # None: ones
    loss: FloatArray  # nats, >= 0
    sizes: FloatArray | None  # bytes


def row_scores(batch: Batch, policy: Policy) -> RowScores | TokenScores:
    """Score a batch whose `check` found nothing that forbids it and which is `tidy`."""
    with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        if batch.tokens:
            return TokenScores(batch.weights, _clipped(-batch.scores[0], policy), batch.sizes)
        scorer = _SCORERS[batch.kind, batch.scores.shape[0] == 1]
        if batch.targets is not None:
            return _soft(scorer, batch, batch.targets, policy)
        rows = scorer(batch, policy)
        if policy.smoothing:
            return _smoothed(rows, batch, policy)
        return replace(rows, loss=_clipped(rows.loss, policy))


def _clipped(loss: FloatArray, policy: Policy) -> FloatArray:
    """Losses of min(max(q, clip), 1 - clip): in the loss, as -log is monotone, so one rule serves all kinds."""
    if policy.clip is not None:
        loss = np.clip(loss, -np.log1p(-policy.clip), -np.log(policy.clip))
    return np.maximum(loss, 0.0)  # -0, and a true class within rounding above 1


def _soft(scorer: Scorer, batch: Batch, targets: FloatArray, policy: Policy) -> RowScores:
    """Rows against distributions: l = -sum t log q, Brier sum (t - q)^2, halved for two classes."""
    rows = scorer(replace(batch, labels=np.zeros(batch.rows, np.intp)), policy)
    t = _both(targets)
    class_loss = np.where(t > 0, t * _clipped(-_log_forecast(batch, policy), policy), 0.0)
    q = _both(rows.shares if policy.normalize or rows.log_sum is None else rows.shares * np.exp(rows.log_sum))
    brier = over_classes(np.square(t - q)) / (2 if len(t) == 2 else 1)
    entropy = -over_classes(np.where(t > 0, t * np.log(t), 0.0))
    return replace(
        rows, loss=over_classes(class_loss), brier=brier, targets=t, class_loss=class_loss, target_entropy=entropy
    )


def _smoothed(rows: RowScores, batch: Batch, policy: Policy) -> RowScores:
    """Losses against (1 - e) t + e / K, as in training with label smoothing; the rest against t."""
    e, classes = policy.smoothing, rows.classes
    every = over_classes(_clipped(-_log_forecast(batch, policy), policy))
    loss = (1 - e) * _clipped(rows.loss, policy) + e / classes * every
    own, other = 1 - e + e / classes, e / classes
    entropy = -own * np.log(own) - (classes - 1) * other * np.log(other)
    return replace(rows, loss=loss, target_entropy=np.full(loss.size, entropy))


def _both(rows: FloatArray) -> FloatArray:
    """`(K, n)` as it is; `(1, n)`, the share of class 1, as both classes."""
    return rows if len(rows) > 1 else np.stack([1.0 - rows[0], rows[0]])


def _log_forecast(batch: Batch, policy: Policy) -> FloatArray:
    """Log q `(K, n)` as the row loss takes it; -inf where q is 0."""
    scores = batch.scores
    if batch.kind is InputKind.LOGIT:
        if len(scores) == 1:
            return np.stack([-_softplus(scores[0]), -_softplus(-scores[0])])
        top, highest, _ = _top(scores)
        e = np.exp(np.maximum(scores - highest, _FLOOR))
        e[top, np.arange(batch.rows)] = 0.0
        return scores - highest - np.log1p(over_classes(e))
    if len(scores) == 1:
        if batch.kind is InputKind.PROBABILITY:
            return np.stack([np.log1p(-scores[0]), np.log(scores[0])])
        return np.stack([_log_rest(scores[0]), scores[0]])
    log_q = np.log(scores) if batch.kind is InputKind.PROBABILITY else scores
    return log_q - np.log(over_classes(np.exp(log_q))) if policy.normalize else log_q


def _softplus(t: FloatArray) -> FloatArray:
    """The loss of one logit: log(1 + e^t)."""
    loss: FloatArray = np.maximum(t, 0.0)
    loss += np.log1p(np.exp(-np.abs(t)))
    return loss


def _log_rest(log_p: FloatArray) -> FloatArray:
    """log(1 - p) from log p, by whichever form keeps the digits."""
    return np.where(log_p > -np.log(2), np.log(-np.expm1(log_p)), np.log1p(-np.exp(log_p)))


def odd_losses(batch: Batch, rows: RowScores | TokenScores) -> Iterator[Finding]:
    """Rows of infinite loss, by cause, and rows whose weight is beyond what float64 can square and multiply."""
    infinite = np.isinf(rows.loss)
    if infinite.any():
        overflow = infinite & np.isfinite(batch.scores).all(axis=0) & (batch.kind is InputKind.LOGIT)
        yield from by_row("infinite_loss", infinite & ~overflow, rows.loss)
        yield from by_row("loss_overflow", overflow, rows.loss)
    if rows.weights is not None:
        with np.errstate(over="ignore"):
            heavy = rows.weights * np.maximum(np.where(infinite, 0.0, rows.loss), rows.weights)
        yield from by_row("weight_too_large", np.isinf(heavy), rows.weights)
        yield from by_row("weight_too_small", (rows.weights > 0) & (rows.weights < _LIGHTEST), rows.weights)


def happened(batch: Batch) -> IndexArray:
    """The class of each row `(n,)`; all 0 where targets say it."""
    return batch.labels if batch.labels is not None else np.zeros(batch.rows, np.intp)


def _logits(batch: Batch, policy: Policy) -> RowScores:
    z, labels = batch.scores, happened(batch)
    top, highest, ties = _top(z)
    at = np.arange(labels.size)
    distance = highest - z[labels, at]
    d = z - highest
    np.maximum(d, _FLOOR, out=d)
    e = np.exp(d)
    e[top, at] = 0.0  # the maximal class is the 1 of log1p
    s = over_classes(e)
    log1p_s, whole = np.log1p(s), 1.0 + s
    weighted = e * d
    mean_d = over_classes(weighted) / whole  # sum q_k d_k
    entropy = log1p_s - mean_d
    weighted *= d
    variance = over_classes(weighted) / whole - mean_d**2
    shares = np.divide(e, whole, out=e)
    confidence = 1.0 / whole
    wrong = np.where(labels == top, s / whole, 1.0 - shares[labels, at])  # 1 - q_y
    others = over_classes(shares * shares)
    others += np.where(labels == top, 0.0, confidence**2 - shares[labels, at] ** 2)
    shares[top, at] = confidence
    return RowScores(
        batch.classes, labels, batch.weights, distance + log1p_s, top, ties, confidence, entropy,
        np.maximum(variance, 0.0), _brier(wrong, np.maximum(others, 0.0), len(z)), shares, None,
    )  # fmt: skip


def _probabilities(batch: Batch, policy: Policy) -> RowScores:
    q, labels = batch.scores, happened(batch)
    top, _, ties = _top(q)
    true = q[labels, np.arange(labels.size)]
    return _stored(batch, policy, q, np.log(q), -np.log(true), top, ties)


def _log_probabilities(batch: Batch, policy: Policy) -> RowScores:
    log_q, labels = batch.scores, happened(batch)
    top, _, ties = _top(log_q)
    at = np.arange(labels.size)
    return _stored(batch, policy, np.exp(log_q), log_q.copy(), -log_q[labels, at], top, ties)


def _stored(
    batch: Batch,
    policy: Policy,
    q: FloatArray,
    log_q: FloatArray,
    loss: FloatArray,
    top: IndexArray,
    ties: int,
) -> RowScores:
    """Rows of stored probabilities: loss and Brier as they stand, the rest from q / sum q."""
    labels, at = happened(batch), np.arange(batch.rows)
    total = over_classes(q)
    log_sum = np.log(total)
    log_top = log_q[top, at]
    d = np.maximum(np.subtract(log_q, log_top, out=log_q), _FLOOR, out=log_q)
    shares = q / total
    weighted = shares * d
    mean_d = over_classes(weighted)
    weighted *= d
    variance = over_classes(weighted) - mean_d**2
    forecast = shares if policy.normalize else q
    true = forecast[labels, at]
    rest = forecast.copy()
    rest[labels, at] = 0.0  # left out rather than subtracted: a good forecast keeps its digits
    others = over_classes(np.square(rest, out=rest))
    return RowScores(
        batch.classes, labels, batch.weights, loss + log_sum if policy.normalize else loss, top, ties,
        shares[top, at], np.maximum(log_sum - log_top - mean_d, 0.0), np.maximum(variance, 0.0),
        _brier(1.0 - true, others, len(q)), shares, log_sum,
    )  # fmt: skip


def _one_logit(batch: Batch, policy: Policy) -> RowScores:
    t, labels = batch.scores[0], happened(batch)
    size = np.abs(t)
    e = np.exp(-size)
    whole = 1.0 + e
    softplus = np.log1p(e)  # the loss when the likelier class happened; the other adds |t|
    wrong = (t > 0) != (labels == 1)
    small, big = e / whole, 1.0 / whole
    finite = np.minimum(size, -_FLOOR)
    shares = np.where(t > 0, big, small)[None]
    top = (t > 0).astype(np.intp)
    return RowScores(
        2, labels, batch.weights, softplus + np.where(wrong, size, 0.0), top, int(np.count_nonzero(t == 0)),
        big, softplus + finite * small, small * big * finite**2, np.where(wrong, big, small) ** 2, shares, None,
    )  # fmt: skip


def _one_probability(batch: Batch, policy: Policy) -> RowScores:
    p = batch.scores[0]
    return _one_column(batch, p, np.log(p), 1.0 - p, np.log1p(-p))


def _one_log_probability(batch: Batch, policy: Policy) -> RowScores:
    log_p = batch.scores[0]
    p = np.exp(log_p)
    return _one_column(batch, p, log_p, -np.expm1(log_p), _log_rest(log_p))


def _one_column(
    batch: Batch, p: FloatArray, log_p: FloatArray, rest: FloatArray, log_rest: FloatArray
) -> RowScores:
    """Two classes from the probability p of class 1 and `rest` = 1 - p of class 0."""
    labels = happened(batch)
    positive = labels == 1
    loss = -np.where(positive, log_p, log_rest)
    log_p, log_rest = np.maximum(log_p, _FLOOR), np.maximum(log_rest, _FLOOR)
    top = (p > rest).astype(np.intp)
    return RowScores(
        2, labels, batch.weights, loss, top, int(np.count_nonzero(p == rest)), np.maximum(p, rest),
        -(p * log_p + rest * log_rest), p * rest * (log_p - log_rest) ** 2,
        np.where(positive, rest, p) ** 2, p[None], None,
    )  # fmt: skip


Scorer = Callable[[Batch, Policy], RowScores]
_SCORERS: dict[tuple[InputKind, bool], Scorer] = {
    (InputKind.LOGIT, False): _logits,
    (InputKind.LOGIT, True): _one_logit,
    (InputKind.PROBABILITY, False): _probabilities,
    (InputKind.PROBABILITY, True): _one_probability,
    (InputKind.LOG_PROBABILITY, False): _log_probabilities,
    (InputKind.LOG_PROBABILITY, True): _one_log_probability,
}


def _top(scores: FloatArray) -> tuple[IndexArray, FloatArray, int]:
    """First class of maximal score, that score, and how many rows share it between classes."""
    if len(scores) > _MANY:
        highest = scores.max(axis=0)
        shared = np.count_nonzero(scores == highest, axis=0) > 1
        return scores.argmax(axis=0), highest, int(np.count_nonzero(shared))
    highest = scores[0].copy()
    top = np.zeros(highest.size, np.intp)
    tied: NDArray[np.bool_] = np.zeros(highest.size, np.bool_)
    for k, row in enumerate(scores[1:], 1):
        better = row > highest
        tied = (tied & ~better) | (row == highest)
        np.copyto(top, k, where=better)
        np.maximum(highest, row, out=highest)
    return top, highest, int(np.count_nonzero(tied))


def _brier(wrong: FloatArray, others: FloatArray, classes: int) -> FloatArray:
    """(1 - q_y)^2 + sum of q_k^2 over k != y, halved for two classes."""
    brier: FloatArray = wrong**2 + others
    return brier / 2 if classes == 2 else brier
