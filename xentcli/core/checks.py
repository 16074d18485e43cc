"""What a block of rows is asked before it is scored: are the values in range, and what they are called?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from xentcli.core import kernel
from xentcli.core.batch import Batch, Finding, InputKind, Policy, by_row, over_classes
from xentcli.core.exact import FloatArray

EDGE = 1e-6  # a probability this far outside [0, 1], or a log-probability this far above 0, is rounding
SUM_SLACK = 1e-9  # float noise on top of any tolerance of a row's sum


def check(batch: Batch, policy: Policy) -> Iterator[Finding]:
    """The rows of a batch that cannot be scored, or can only after a correction that must be counted."""
    if batch.weights is not None:
        yield from by_row("weight_not_finite", ~np.isfinite(batch.weights), batch.weights)
        yield from by_row("weight_negative", batch.weights < 0, batch.weights)
    low, high = batch.scores.min(initial=np.inf), batch.scores.max(initial=-np.inf)  # NaN if there is one
    if np.isnan(low):
        yield from _by_score("score_nan", np.isnan(batch.scores), batch.scores)
        return
    if batch.targets is not None:
        yield from _check_targets(batch.targets)
    if batch.sizes is not None:
        yield from by_row("bytes", ~((batch.sizes >= 0) & np.isfinite(batch.sizes)), batch.sizes)
    yield from _CHECKS[batch.kind](batch, policy, float(low), float(high))


def suspicious_logits(batch: Batch, policy: Policy) -> Iterator[Finding]:
    """Rows whose logits could be probabilities, if the first could: only if all rows do is it worth a word."""
    q = batch.scores
    if batch.kind is InputKind.LOGIT and batch.rows and ((q[:, 0] >= 0) & (q[:, 0] <= 1)).all():
        sums = over_classes(q)
        within: NDArray[np.bool_] = np.asarray(((q >= 0) & (q <= 1)).all(axis=0))
        if len(q) > 1:
            within &= np.abs(sums - 1) <= policy.sum_tolerance + SUM_SLACK
        yield from by_row("looks_like_probabilities", within, sums)


def clamp_to_range(batch: Batch) -> Batch:
    """The batch with rounding outside the range of its kind taken as the nearest end."""
    if batch.targets is not None:
        targets = np.clip(batch.targets, 0.0, 1.0)
        total = over_classes(targets)
        batch = replace(batch, targets=targets if len(targets) == 1 else targets / total)
    if batch.kind is InputKind.LOGIT:
        return batch
    low = 0.0 if batch.kind is InputKind.PROBABILITY else -np.inf
    high = 1.0 if batch.kind is InputKind.PROBABILITY else 0.0
    if batch.scores.min(initial=0.0) >= low and batch.scores.max(initial=0.0) <= high:
        return batch
    return replace(batch, scores=np.clip(batch.scores, low, high))


def _check_targets(targets: FloatArray) -> Iterator[Finding]:
    """Soft labels are distributions, to rounding."""
    bad = ~((targets >= -EDGE) & (targets <= 1 + EDGE))
    yield from _by_score("target_out_of_range", bad, targets)
    if len(targets) > 1 and not bad.any():
        sums = over_classes(targets)
        yield from by_row("target_sum", np.abs(sums - 1) > EDGE, sums)


def _check_probabilities(batch: Batch, policy: Policy, low: float, high: float) -> Iterator[Finding]:
    q = batch.scores
    if low < 0 or high > 1:
        outside = (q < -EDGE) | (q > 1 + EDGE)
        yield from _by_score("probability_out_of_range", outside, q)
        yield from _by_score("probability_rounded", ((q < 0) | (q > 1)) & ~outside, q)
        if outside.any():
            return
    if len(q) > 1:
        yield from _check_sums(over_classes(np.clip(q, 0, 1)), policy)


def _check_log_probabilities(batch: Batch, policy: Policy, low: float, high: float) -> Iterator[Finding]:
    q = batch.scores
    if high > 0:
        above = q > EDGE
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


def _check_logits(batch: Batch, policy: Policy, low: float, high: float) -> Iterator[Finding]:
    if high == np.inf:
        yield from _by_score("logit_infinite", batch.scores == np.inf, batch.scores)
    if low == -np.inf and len(batch.scores) > 1:
        top = batch.scores.max(axis=0)
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
