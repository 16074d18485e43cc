"""From a paired state to numbers, in nats: mean difference, its error, interval and test."""

from __future__ import annotations

import math

from xentcli.core.paired import Errors, Paired, clustered_errors
from xentcli.core.standard_errors import INFINITE
from xentcli.frozen import frozen
from xentcli.intervals import student_t_p, student_t_quantile

POWER = 2.8016  # standard errors: a true difference so large is found at 5 % with a power of 80 %
ALIKE = "every row has the same difference"
TOO_FEW = "needs at least two rows"
FEW_CLUSTERS = "needs at least two clusters"
BOTH_WAYS = "each model has rows of infinite loss that the other does not"


@frozen
class Found:
    """A mean difference new - base, and its errors; `reason` says what is None, and why."""

    difference: float | None
    errors: Errors | None
    reason: str | None = None

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """Student's interval, two-sided; None without a standard error."""
        if self.difference is None or self.errors is None:
            return None
        half = student_t_quantile((1 + confidence) / 2, self.errors.df) * self.errors.se
        return self.difference - half, self.difference + half

    def test(self) -> tuple[float | None, float | None]:
        """(t, two-sided p-value) of no difference; None without a standard error, and where that is 0."""
        if self.difference is None or self.errors is None or not self.errors.se:
            return None, None
        t = self.difference / self.errors.se
        return t, student_t_p(t, self.errors.df)


def difference(state: Paired, name: str, *, clustered: bool = False) -> Found | None:
    """The mean difference of one of QUANTITIES; None if the rows have no such number."""
    moments = state.moments(name)
    if not moments.rows:
        return None
    if name == "log_loss" and (state.new_infinite or state.base_infinite):
        if state.new_infinite and state.base_infinite:
            return Found(None, None, BOTH_WAYS)
        return Found(math.inf if state.new_infinite else None, None, INFINITE)
    errors = clustered_errors(state.clusters, name) if clustered else moments.errors()
    few = FEW_CLUSTERS if clustered else TOO_FEW
    return Found(moments.difference(), errors, few if errors is None else None if errors.se else ALIKE)


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
