"""Which of several models may be best, and which ranks each may have, from one-sided tests of every two.

Tests are of i being no worse than j: p[i, j] is small where i loses more. By Bonferroni's bound the truly best is
among those that may be best, whatever the dependence; ranks follow from Holm's method (1979) over both directions
of all pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from xentcli.core.numbers.anytime import one_sided_p_value, shortage
from xentcli.core.numbers.distributions import student_t_p
from xentcli.core.paired import FEW_CLUSTERS, TOO_FEW


class Standing(Struct, frozen=True):
    """What tests say of one of K models."""

    low: int  # 1 + models shown better
    high: int  # K - models shown worse
    may_be_best: bool


class PairTest(Struct, frozen=True):
    """A mean difference a - b with a standard error, of n rows or clusters of which so many differ.

    With `anytime`, the size at which its interval is tightest, p-values hold at every look; that is tuned at the
    level.
    """

    difference: float
    se: float | None  # None: nothing is known of the error
    n: int
    differing: int
    anytime: int | None = None
    level: float = 0.95

    @property
    def possible(self) -> bool:
        """Whether there are rows enough."""
        return not self.shortage()

    def shortage(self, *, clustered: bool = False) -> str:
        """Why there are too few rows, or clusters; "" where there are enough."""
        if self.se is None:
            return FEW_CLUSTERS if clustered else TOO_FEW
        short = None if self.anytime is None else shortage(self.n, self.differing, clustered=clustered)
        return short or ""

    def p_values(self) -> tuple[float, float]:
        """One-sided, of a being no worse than b, and of b being no worse than a.

        A standard error of 0 leaves no doubt: 0 or 1, and 1/2 where they do not differ. What has too few rows for
        a test shows nothing: 1.
        """
        d, se = self.difference, self.se
        if se is None or not self.possible:
            return 1.0, 1.0
        if not se:
            return (0.5, 0.5) if not d else (float(d < 0), float(d > 0))
        if self.anytime is not None:
            args = se, self.n, self.anytime, self.level
            return one_sided_p_value(d, *args), one_sided_p_value(-d, *args)
        upper = student_t_p(d / se, self.n - 1) / 2
        return (upper, 1 - upper) if d >= 0 else (1 - upper, upper)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values by Holm's method: the least level at which each test would be rejected, with all others tested."""
    adjusted, largest = [1.0] * len(p_values), 0.0
    for done, at in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - done) * p_values[at]))
        adjusted[at] = largest
    return adjusted


def standings(
    models: Sequence[int],
    p_values: Mapping[tuple[int, int], float],
    adjusted: Mapping[tuple[int, int], float],
    level: float,
) -> dict[int, Standing]:
    """What is known of each model: p-values are of i being no worse than j, by (i, j), and those by Holm's method.

    A model may be best unless (K - 1) min_j p[i, j] <= 1 - level.
    """
    count, error, found = len(models), 1 - level, {}
    for i in models:
        others = [j for j in models if j != i]
        better = sum(adjusted[i, j] <= error for j in others)
        worse = sum(adjusted[j, i] <= error for j in others)
        least = min((p_values[i, j] for j in others), default=1.0)
        found[i] = Standing(1 + better, count - worse, (count - 1) * least > error or count == 1)
    return found
