"""Whether the scores of a row are a prediction, and the row that they make."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from tests.reference.cells import Broken
from tests.reference.faults import Fault, Unsure
from tests.reference.layout import Layout, Options
from tests.reference.numbers import Number, Real, mp, real
from tests.reference.rows import LOG_SLACK, SLACK, Row, Terms, read_row, softplus, two_class_logs, two_class_rows

SUM_TOLERANCE, SUM_NOISE = 0.01, Fraction(1, 10**9)
EDGE = Fraction(1, 10**12)  # nearer to a limit than this, rounding decides
NEAR_TIE = 1e-14
EXPANDED: Mapping[str, Callable[[Sequence[Number]], list[list[Any]]]] = {
    "probability": two_class_rows,
    "logit": softplus,
    "log_probability": two_class_logs,
}


def row_of(
    scores: Sequence[float], label: int, weight: Fraction, cluster: str | None, at: tuple[Layout, Options, int]
) -> Row:
    """The row of these scores, none of which is missing or NaN; Broken if they are no prediction."""
    layout, options, line = at
    column = layout.scores[0] if len(layout.scores) == 1 else None
    check_range(scores, layout.kind, line, column)
    inside: list[float] = list(scores)
    if layout.kind != "logit":
        low, high = (0.0, 1.0) if layout.kind == "probability" else (-math.inf, 0.0)
        inside = [min(max(x, low), high) for x in scores]
    if layout.single:
        [prediction] = EXPANDED[layout.kind](inside)
    else:
        prediction = inside
        check_sum(inside, layout, options, line)
    terms = Terms(options.clip, options.normalize, options.smoothing)
    row = read_row(label, prediction, layout.kind, weight, terms, cluster)
    gap = abs(mp.exp(row.log_q[0]) - mp.exp(row.log_q[1])) if layout.single else 1
    if layout.kind != "logit" and 0 < gap < NEAR_TIE:
        raise Unsure("nearly a tie")
    return row


def check_range(scores: Sequence[float], kind: str, line: int, column: str | None) -> None:
    """Scores that are none of their kind."""
    if kind == "logit":
        if math.inf in scores:
            raise Broken(Fault("logit_infinite", line, column))
        if len(scores) > 1 and max(scores) == -math.inf:
            raise Broken(Fault("all_minus_infinity", line))
        return
    low = 0.0 if kind == "probability" else -math.inf
    high = 1.0 if kind == "probability" else 0.0
    beyond = max(max(low - x, x - high) if x != -math.inf or low == 0 else 0.0 for x in scores)
    slack = SLACK if kind == "probability" else LOG_SLACK
    if abs(beyond - slack) < EDGE:
        raise Unsure("at the edge of what is rounding")
    if beyond > slack:
        code = "probability_out_of_range" if kind == "probability" else "log_probability_positive"
        raise Broken(Fault(code, line, column))


def check_sum(scores: Sequence[float], layout: Layout, options: Options, line: int) -> None:
    """A row of no mass, or of a sum that is not 1."""
    if layout.kind == "logit":
        return
    total: Real = (
        real(sum(map(Fraction, scores)))
        if layout.kind == "probability"
        else sum((mp.exp(x) for x in scores), mp.zero)
    )
    if float(total) == 0:
        raise Broken(Fault("all_zero", line))
    if options.normalize:
        return
    tolerance = SUM_TOLERANCE if options.sum_tolerance is None else options.sum_tolerance
    beyond = abs(total - 1) - real(Fraction(repr(tolerance)) + SUM_NOISE)
    if abs(beyond) < real(EDGE):
        raise Unsure("a sum at its tolerance")
    if beyond > 0:
        raise Broken(Fault("row_sum", line))
