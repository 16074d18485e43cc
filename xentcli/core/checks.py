"""What was wrong or odd in a block of rows, value by value: asked only where the kernel says that something is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from xentcli.core import kernel
from xentcli.core.batch import Batch, Finding, InputKind, Policy, RowScores, by_row, over_classes
from xentcli.core.exact import FloatArray

EDGE = 1e-4  # a probability this far outside [0, 1] is rounding
LOG_EDGE = 1e-6  # likewise a log-probability above 0
TARGET_SLACK = 1e-6  # how far the soft labels of a row may miss a sum of 1
SUM_SLACK = 1e-9  # float noise on top of any tolerance of a row's sum
_LIGHTEST = 2.0**-1000  # times a loss it is off by less than 2^-74 of its own


def check(batch: Batch, policy: Policy) -> Iterator[Finding]:
    """The rows of a batch that cannot be scored, or can only after a correction that must be counted."""
    if batch.weights is not None:
        yield from by_row("weight_not_finite", ~np.isfinite(batch.weights), batch.weights)
        yield from by_row("weight_negative", batch.weights < 0, batch.weights)
    q = batch.matrix
    low, high = q.min(initial=np.inf), q.max(initial=-np.inf)  # NaN if there is one
    if np.isnan(low):
        yield from _by_score("score_nan", np.isnan(q), q)
        return
    if batch.targets is not None:
        yield from _check_targets(batch.targets, policy)
    if batch.sizes is not None:
        yield from by_row("bytes", ~((batch.sizes >= 0) & np.isfinite(batch.sizes)), batch.sizes)
    yield from _CHECKS[batch.kind](q, policy, float(low), float(high))


def needs_a_look(batch: Batch) -> bool:
    """Whether a weight is 0 or none, or a size is none: the kernel takes what can be added up."""
    w, sizes = batch.weights, batch.sizes
    if sizes is not None and not (sizes.min(initial=0.0) >= 0 and sizes.max(initial=0.0) < np.inf):
        return True
    return w is not None and not (w.min(initial=np.inf) > 0 and w.max(initial=1.0) < np.inf)


def suspicious_logits(batch: Batch, policy: Policy) -> Iterator[Finding]:
    """Rows whose logits could be probabilities, if the first could: only if all rows do is it worth a word."""
    if batch.kind is InputKind.LOGIT and batch.rows and _could_be_probabilities(batch.where(_FIRST).matrix).all():
        q = batch.matrix
        sums, within = over_classes(q), _could_be_probabilities(q)
        if len(q) > 1:
            within &= np.abs(sums - 1) <= policy.sum_tolerance + SUM_SLACK
        yield from by_row("looks_like_probabilities", within, sums)


_FIRST = np.zeros(1, np.intp)


def _could_be_probabilities(q: FloatArray) -> NDArray[np.bool_]:
    within: NDArray[np.bool_] = np.asarray(((q >= 0) & (q <= 1)).all(axis=0))
    return within


def loss_findings(batch: Batch, rows: RowScores) -> Iterator[Finding]:
    """Rows of infinite loss, by cause, and rows whose weight is beyond what float64 can square and multiply."""
    infinite = np.isinf(rows.loss)
    if infinite.any():
        overflow = infinite & np.isfinite(batch.matrix).all(axis=0) & (batch.kind is InputKind.LOGIT)
        yield from by_row("infinite_loss", infinite & ~overflow, rows.loss)
        yield from by_row("loss_overflow", overflow, rows.loss)
    if rows.weights is not None:
        largest = np.maximum(np.where(infinite, 0.0, rows.loss), rows.weights)
        if rows.top_loss is not None:
            largest = np.maximum(largest, np.where(np.isinf(rows.top_loss), 0.0, rows.top_loss))
        with np.errstate(over="ignore"):
            heavy = rows.weights * largest
        yield from by_row("weight_too_large", np.isinf(heavy), rows.weights)
        yield from by_row("weight_too_small", (rows.weights > 0) & (rows.weights < _LIGHTEST), rows.weights)


def soft_labels(targets: FloatArray, policy: Policy) -> FloatArray:
    """Targets `(K, n)`, or `(1, n)` of class 1, as `(K, n)`; what is out of range to rounding is put right."""
    t = np.clip(targets, 0.0, _most(targets, policy))
    return t / over_classes(t) if len(t) > 1 else np.stack([1.0 - t[0], t[0]])


def _most(targets: FloatArray, policy: Policy) -> float:
    """The largest target of a class: votes have no bound, as they are divided by their sum."""
    return np.inf if policy.normalize and len(targets) > 1 else 1.0


def _check_targets(targets: FloatArray, policy: Policy) -> Iterator[Finding]:
    """Soft labels are distributions, to rounding, or votes that are divided by their sum."""
    most = _most(targets, policy)
    bad = ~((targets >= -EDGE) & (targets <= most + EDGE) & (targets < np.inf))
    yield from _by_score("target_out_of_range", bad, targets)
    if bad.any():
        return
    yield from _by_score("target_rounded", (targets < 0) | (targets > most), targets)
    if len(targets) > 1:
        sums = over_classes(np.clip(targets, 0.0, most))
        yield from by_row("target_none", sums == 0, sums)
        off = np.abs(sums - 1) > TARGET_SLACK if most == 1.0 else sums == np.inf
        several = off & ((targets == 0) | (targets == 1)).all(axis=0)
        yield from by_row("several_classes", several & (sums != 0), sums)
        yield from by_row("target_sum", off & ~several & (sums != 0), sums)


def _check_probabilities(q: FloatArray, policy: Policy, low: float, high: float) -> Iterator[Finding]:
    if low < 0 or high > 1:
        outside = (q < -EDGE) | (q > 1 + EDGE)
        yield from _by_score("probability_out_of_range", outside, q)
        yield from _by_score("probability_rounded", ((q < 0) | (q > 1)) & ~outside, q)
        if outside.any():
            yield from by_row("not_percentages", ~_could_be_percentages(q), over_classes(q))
            return
    if len(q) > 1:
        yield from _check_sums(over_classes(np.clip(q, 0, 1)), policy)


def _could_be_percentages(q: FloatArray) -> NDArray[np.bool_]:
    """Which rows `(n,)` hold nothing but percentages, those of all classes of sum 100; NaN counts as one."""
    with np.errstate(invalid="ignore"):
        odd = ((q < 0) | (q > 100 + EDGE)).any(axis=0)
        if len(q) > 1:
            odd |= np.abs(over_classes(q) - 100) > 1
    return ~np.asarray(odd)


def _check_log_probabilities(q: FloatArray, policy: Policy, low: float, high: float) -> Iterator[Finding]:
    if high > 0:
        above = q > LOG_EDGE
        yield from _by_score("log_probability_positive", above, q)
        yield from _by_score("probability_rounded", (q > 0) & ~above, q)
        if above.any():
            return
    if len(q) > 1:
        yield from _check_sums(over_classes(kernel.exp(np.minimum(q, 0))), policy)


def _check_sums(sums: FloatArray, policy: Policy) -> Iterator[Finding]:
    yield from by_row("all_zero", sums == 0, sums)
    if not policy.normalize:
        off = np.abs(sums - 1) > policy.sum_tolerance + SUM_SLACK
        yield from by_row("row_sum", off & (sums != 0), sums)


def _check_logits(q: FloatArray, policy: Policy, low: float, high: float) -> Iterator[Finding]:
    if high == np.inf:
        yield from _by_score("logit_infinite", q == np.inf, q)
    if low == -np.inf and len(q) > 1:
        top = q.max(axis=0)
        yield from by_row("all_minus_infinity", top == -np.inf, top)


_CHECKS = {
    InputKind.PROBABILITY: _check_probabilities,
    InputKind.LOG_PROBABILITY: _check_log_probabilities,
    InputKind.LOGIT: _check_logits,
}


def _by_score(code: str, mask: NDArray[np.bool_], scores: FloatArray) -> Iterator[Finding]:
    if mask.any():
        rows, which = np.nonzero(mask.T)  # in the order of rows
        yield Finding(code, rows, which, scores[which, rows])
