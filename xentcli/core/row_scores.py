"""Row by row: the loss and everything else a state needs, each computed once.

Formulas (q the forecast, y the true class; CONTRACT names in the README, "Definitions"):

    loss                 l = -log q_y                      cross-entropy of a plain label
    entropy              H = -sum q log q, 0 log 0 = 0     what the forecast expects to lose
    entropy variance     V = sum q log^2 q - H^2           variance of -log q_Y when Y ~ q
    Brier                sum (t - q)^2, halved for K = 2
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from xentcli.core import kernel
from xentcli.core.batch import (
    Batch,
    Finding,
    IndexArray,
    InputKind,
    Policy,
    RowScores,
    TokenScores,
    by_row,
    over_classes,
)
from xentcli.core.exact import FloatArray
from xentcli.core.log_probabilities import clip_losses, half_losses, log_forecast

_KINDS = {
    InputKind.PROBABILITY: kernel.PROBABILITY,
    InputKind.LOGIT: kernel.LOGIT,
    InputKind.LOG_PROBABILITY: kernel.LOG_PROBABILITY,
}
_VAGUE = 650.0  # e^-650 still has all its digits
_LIGHTEST = 2.0**-1000  # times a loss it is off by less than 2^-74 of its own


def log_predictions(batch: Batch, policy: Policy) -> FloatArray:
    """Log q + a constant of the row `(K, n)`, as recalibrations take it: any logits are that already."""
    if policy.clip is None and batch.kind is not InputKind.PROBABILITY:
        return batch.scores
    with np.errstate(all="ignore"):
        log_q = log_forecast(batch, policy)
    return log_q if policy.clip is None else -_clip(-log_q, policy)


def row_scores(batch: Batch, policy: Policy) -> RowScores | TokenScores:
    """Score a batch whose `check` found nothing that forbids it and whose scores are clamped to their range."""
    with np.errstate(all="ignore"):
        if batch.tokens:
            return TokenScores(batch.weights, _clip(-batch.scores[0], policy), batch.sizes)
        return _class_scores(batch, policy)


def _class_scores(batch: Batch, policy: Policy) -> RowScores:
    rows = _label_scores(batch, policy)
    if batch.targets is not None:
        return _soft_label_scores(rows, batch, batch.targets, policy)
    if policy.smoothing:
        return _smooth(rows, batch, policy)
    rows = replace(rows, loss=_clip(rows.loss, policy))
    return replace(rows, top_loss=_top_loss(rows, batch, policy) if batch.classes > 2 else None)


def _top_loss(rows: RowScores, batch: Batch, policy: Policy) -> FloatArray:
    """Loss of the forecast that the top class is right: -log q_top, or -log of what is left for the others."""
    others = rows.top_loss
    assert others is not None  # of three classes or more
    wrong = rows.top != rows.labels
    far = np.flatnonzero(wrong & (others > _VAGUE))
    if far.size:
        others[far] = -_log_rest(rows.top[far], batch.where(far), policy)
    # No more than the row loses; with --clip that can be less.
    return np.where(wrong, np.clip(others, 0.0, rows.loss), rows.loss)


def _log_rest(top: IndexArray, batch: Batch, policy: Policy) -> FloatArray:
    """Log of what is left beside the top class, however little that is."""
    log_q = log_forecast(batch, policy)
    log_q[top, np.arange(top.size)] = -np.inf
    highest = np.maximum(log_q.max(axis=0, initial=-np.inf), np.finfo(float).min)
    rest: FloatArray = highest + kernel.log(over_classes(kernel.exp(log_q - highest)))
    return rest


def _clip(loss: FloatArray, policy: Policy) -> FloatArray:
    """Losses of min(max(q, clip), 1 - clip): in the loss, as -log is monotone, so one rule serves all kinds."""
    if policy.clip is not None:
        loss = np.clip(loss, *clip_losses(policy.clip))
    return np.maximum(loss, 0.0)  # -0, and a true class within rounding above 1


def _label_scores(batch: Batch, policy: Policy) -> RowScores:
    """Rows against plain labels; where targets say what happened, labels are all 0."""
    labels = np.zeros(batch.rows, np.intp) if batch.labels is None else batch.labels
    found = kernel.score_rows(_KINDS[batch.kind], batch.scores, labels, policy.normalize)
    return RowScores(
        batch.classes, labels, batch.weights, found.loss, found.top, found.tied, found.confidence, found.entropy,
        found.variance, found.brier, found.shares, found.log_sum,
        log_odds=found.log_odds, top_loss=found.rest_loss,
    )  # fmt: skip


def _soft_label_scores(rows: RowScores, batch: Batch, targets: FloatArray, policy: Policy) -> RowScores:
    """Rows against distributions: l = -sum t log q, Brier sum (t - q)^2, halved for two classes."""
    t = _as_two_classes(targets)
    class_loss = np.where(t > 0, 2 * (t * half_losses(batch, policy)), 0.0)
    scale = 1.0 if policy.normalize or rows.log_sum is None else kernel.exp(rows.log_sum)
    q = _as_two_classes(rows.shares * scale)
    brier = over_classes(np.square(t - q)) / (2 if len(t) == 2 else 1)
    entropy = -over_classes(np.where(t > 0, t * kernel.log(t), 0.0))
    return replace(
        rows,
        loss=over_classes(class_loss),
        brier=brier,
        targets=t,
        class_loss=class_loss,
        target_entropy=entropy,
        top_loss=None,
    )


def _smooth(rows: RowScores, batch: Batch, policy: Policy) -> RowScores:
    """Losses against (1 - e) t + e / K, as in training with label smoothing; the rest against t."""
    e, classes = policy.smoothing, rows.classes
    own, other = 1 - e + e / classes, e / classes
    part = half_losses(batch, policy)
    of_label = part[rows.labels, np.arange(batch.rows)] * (1 - e)
    part *= other
    loss = 2 * (of_label + over_classes(part))
    log_own, log_other = kernel.log(np.array([own, other]))
    entropy = -own * log_own - (classes - 1) * other * log_other
    return replace(rows, loss=loss, target_entropy=np.full(loss.size, entropy), top_loss=None)


def _as_two_classes(rows: FloatArray) -> FloatArray:
    """`(K, n)` as it is; `(1, n)`, the share of class 1, as both classes."""
    return rows if len(rows) > 1 else np.stack([1.0 - rows[0], rows[0]])


def loss_findings(batch: Batch, rows: RowScores | TokenScores) -> Iterator[Finding]:
    """Rows of infinite loss, by cause, and rows whose weight is beyond what float64 can square and multiply."""
    infinite = np.isinf(rows.loss)
    if infinite.any():
        overflow = infinite & np.isfinite(batch.scores).all(axis=0) & (batch.kind is InputKind.LOGIT)
        yield from by_row("infinite_loss", infinite & ~overflow, rows.loss)
        yield from by_row("loss_overflow", overflow, rows.loss)
    if rows.weights is not None:
        largest = np.maximum(np.where(infinite, 0.0, rows.loss), rows.weights)
        if isinstance(rows, RowScores) and rows.top_loss is not None:
            largest = np.maximum(largest, np.where(np.isinf(rows.top_loss), 0.0, rows.top_loss))
        with np.errstate(over="ignore"):
            heavy = rows.weights * largest
        yield from by_row("weight_too_large", np.isinf(heavy), rows.weights)
        yield from by_row("weight_too_small", (rows.weights > 0) & (rows.weights < _LIGHTEST), rows.weights)
