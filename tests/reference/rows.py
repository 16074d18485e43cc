"""One row: its prediction, checked, and its loss."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.reference.numbers import Number, Real, log, mp, one_minus_exp, real

KINDS = ("probability", "logit", "log_probability")
SLACK = Fraction(1, 10**4)  # how far outside its range a stored probability may lie
LOG_SLACK = Fraction(1, 10**6)  # how far above 0 a log-probability may


@dataclass(frozen=True)
class Terms:
    """What changes the loss: a clip e in (0, 1/2), division by the row sum, label smoothing in [0, 1)."""

    clip: float | None = None
    normalize: bool = False
    smoothing: float = 0.0


PLAIN = Terms()


@dataclass(frozen=True)
class Row:
    """One scored row. `log_q` is the prediction as it stands, `log_r` is log(q / sum q).

    `log_scored` is the one of them that loss and Brier score are taken from: `log_r` if normalized.
    """

    label: int
    weight: Fraction
    scores: list[Any]
    log_q: list[Real]
    log_r: list[Real]
    log_scored: list[Real]
    log_sum: Real
    top: int
    tied: bool
    loss: Real
    cluster: Hashable = None

    @property
    def correct(self) -> bool:
        return self.top == self.label


def read_rows(
    labels: Sequence[int],
    scores: Sequence[Sequence[Number]],
    kind: str = "probability",
    weights: Sequence[float] | None = None,
    terms: Terms = PLAIN,
) -> list[Row]:
    """Every row, checked and scored, also those of weight 0."""
    weights = [1.0] * len(labels) if weights is None else weights
    rows = [
        read_row(int(label), [exact(x) for x in prediction], kind, weight, terms)
        for label, prediction, weight in zip(labels, scores, weights, strict=True)
    ]
    if len({len(row.log_q) for row in rows}) > 1:
        raise ValueError("rows of different lengths")
    if not sum(row.weight for row in rows) > 0:
        raise ValueError("the weights must have a positive sum")
    return rows


def exact(x: Number) -> Number:
    """A score as a Fraction or float (NumPy's and Python's numbers convert without rounding)."""
    return x if isinstance(x, Fraction) else float(x)


def two_class_rows(p: Sequence[Number]) -> list[list[Fraction]]:
    """Rows [1 - p, p], exactly, of one column of probabilities of class 1."""
    return [[1 - Fraction(value), Fraction(value)] for value in p]


def softplus(t: Sequence[Number]) -> list[list[Number]]:
    """One column of logits of class 1 as rows [0, t]: class 0 costs log(1 + e^t), class 1 log(1 + e^-t)."""
    return [[0.0, value] for value in t]


def two_class_logs(log_p: Sequence[Number]) -> list[list[Real]]:
    """Rows [log(1 - p), log p] of one column of log-probabilities of class 1."""
    return [[mp.log(one_minus_exp(real(x))) if x < 0 else -mp.inf, real(x)] for x in log_p]


def read_row(
    label: int,
    scores: list[Any],
    kind: str,
    weight: float | Fraction,
    terms: Terms = PLAIN,
    cluster: Hashable = None,
) -> Row:
    """One row, checked and scored."""
    if not 0 <= label < len(scores):
        raise ValueError(f"label {label} has no score")
    if not 0 <= weight < math.inf:
        raise ValueError(f"weight {weight}")
    scores = admitted(scores, kind)
    log_q, log_r, log_sum = forecast_of(scores, kind)
    log_scored = log_r if terms.normalize else log_q
    highest = max(scores)
    return Row(
        label=label,
        weight=Fraction(weight),
        scores=scores,
        log_q=log_q,
        log_r=log_r,
        log_scored=log_scored,
        log_sum=log_sum,
        top=scores.index(highest),
        tied=scores.count(highest) > 1,
        loss=row_loss(log_scored, label, terms),
        cluster=cluster,
    )


def admitted(scores: list[Any], kind: str) -> list[Any]:
    """The scores, those just outside their range moved to its end; others outside are errors."""
    if any(x != x or x == math.inf for x in scores):
        raise ValueError(f"not a number or +infinite: {scores}")
    lowest = 0 if kind == "probability" else -math.inf
    if all(x <= lowest for x in scores):
        raise ValueError(f"no class has a probability: {scores}")
    if kind == "probability":
        if any(not float(-SLACK) <= x <= 1 + float(SLACK) for x in scores):
            raise ValueError(f"not probabilities: {scores}")
        return [min(max(Fraction(x), Fraction(0)), Fraction(1)) for x in scores]
    if kind == "log_probability":
        if any(x > float(LOG_SLACK) for x in scores):  # an mpf has no order with a Fraction
            raise ValueError(f"not log-probabilities: {scores}")
        return [min(x, 0.0) for x in scores]
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r}")
    return scores


def forecast_of(scores: list[Any], kind: str) -> tuple[list[Real], list[Real], Real]:
    """Returns log q as it stands, log(q / sum q), and log sum q."""
    if kind == "probability":
        q = [Fraction(x) for x in scores]
        return [log(x) for x in q], [log(x / sum(q)) for x in q], log(sum(q, Fraction(0)))
    log_r = log_softmax(scores)
    if kind == "logit":
        return log_r, log_r, mp.zero
    log_q = [real(x) for x in scores]
    top = log_q.index(max(log_q))
    return log_q, log_r, log_q[top] - log_r[top]


def log_softmax(z: Sequence[Any]) -> list[Real]:
    """Softmax: log q_k = (z_k - m) - log1p(sum over j of exp(z_j - m)), j all classes but one of z = m."""
    top = z.index(max(z))
    below = [real(x) - real(z[top]) for x in z]
    rest = sum((mp.exp(x) for j, x in enumerate(below) if j != top), mp.zero)
    return [x - mp.log1p(rest) for x in below]


def row_loss(log_q: Sequence[Real], label: int, terms: Terms) -> Real:
    """Loss -sum t log q of the target t = (1 - e) [label] + e / K; beyond float64 infinite."""
    e = real(terms.smoothing)
    total = (1 - e) * class_loss(log_q[label], terms.clip)
    if e:
        total += e / len(log_q) * sum(class_loss(x, terms.clip) for x in log_q)
    return total if float(total) < math.inf else mp.inf


def class_loss(log_q: Real, clip: float | None) -> Real:
    """-log q, q limited to [e, 1 - e] by a clip e."""
    if clip is not None:
        log_q = min(max(log_q, log(Fraction(clip))), log(1 - Fraction(clip)))
    return -log_q
