"""From a paired state to numbers, in nats: mean difference, its error, interval and test."""

from __future__ import annotations

import math
from dataclasses import dataclass

from xentcli.core.paired import QUANTITIES, Paired
from xentcli.core.standard_errors import INFINITE
from xentcli.intervals import student_t_p, student_t_quantile

POWER = 2.8016  # standard errors: a true difference so large is found at 5 % with a power of 80 %
ALIKE = "every row has the same difference"
TOO_FEW = "needs at least two rows"
FEW_CLUSTERS = "needs at least two clusters"
BOTH_WAYS = "each model has rows of infinite loss that the other does not"


@dataclass(frozen=True)
class Found:
    """A mean difference new - c base; `se` has `df` degrees of freedom, `reason` says why it is None."""

    difference: float | None
    se: float | None
    df: int
    reason: str | None = None

    def bounds(self, confidence: float) -> tuple[float, float] | None:
        """Student's interval, two-sided; None without a standard error."""
        if self.difference is None or self.se is None:
            return None
        half = student_t_quantile((1 + confidence) / 2, self.df) * self.se
        return self.difference - half, self.difference + half

    def test(self) -> tuple[float | None, float | None]:
        """(t, two-sided p-value) of no difference; None without a standard error, and where that is 0."""
        if self.difference is None or not self.se:
            return None, None
        t = self.difference / self.se
        return t, student_t_p(t, self.df)


def difference(state: Paired, name: str, c: float = 1.0, *, clustered: bool = False) -> Found | None:
    """The mean of new - c base of one of QUANTITIES; None if the rows have no such number."""
    moments = state.moments(name)
    if not moments.rows:
        return None
    df = (len(state.clusters.totals) if clustered else moments.rows) - 1
    if name == "log_loss" and (found := _infinite(state, c, df)):
        return found
    se = state.clusters.standard_error(QUANTITIES.index(name), c) if clustered else moments.standard_error(c)
    reason = (FEW_CLUSTERS if clustered else TOO_FEW) if se is None else None
    return Found(moments.difference(c), se, df, reason)


def _infinite(state: Paired, c: float, df: int) -> Found | None:
    """What is left to say of the log loss where rows lose infinitely much; None if none does."""
    new, base = state.new_infinite, state.base_infinite
    if c != 1 and state.both_infinite:
        new, base = 1, 1
    if not new and not base:
        return None
    if new and base:
        return Found(None, None, df, BOTH_WAYS)
    return Found(math.inf if new else None, None, df, INFINITE)


def means(state: Paired, name: str) -> tuple[float, float]:
    """(base, new): what each model scores."""
    base, new = state.moments(name).means()
    if name != "log_loss":
        return base, new
    infinite = state.both_infinite
    return (
        math.inf if infinite + state.base_infinite else base,
        math.inf if infinite + state.new_infinite else new,
    )
