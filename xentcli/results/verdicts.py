"""What became of a requirement: a frozen value, never rounded, that renderers show and programs read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

from msgspec.structs import replace

from xentcli.results.metrics import UNITS
from xentcli.results.parts import Number, ResultPart, multiply
from xentcli.wording import and_more

Verdict = Literal["pass", "fail", "undecided"]
VERDICTS: tuple[Verdict, ...] = ("fail", "undecided", "pass")  # the worst first
_MOST_LINES = 10
NUMBERS = ("value", "se", "low", "high", "limit", "margin")  # in the unit of the metric


class Gate(ResultPart, frozen=True):
    """One requirement, what was found, and the verdict. Amounts of information are in the result's unit."""

    renamed: ClassVar[dict[str, str]] = {"class_name": "class"}
    paired = ("by",)
    optional = ("model",)

    require: str  # as it was written
    metric: str
    class_name: str | None  # of a requirement on one class
    by: tuple[tuple[str, str | None], ...]  # of a requirement on one slice; empty: on all rows
    op: str  # "<=", "<", ">=", ">" or "=="
    value: Number  # None: not available, which meets nothing
    se: Number
    low: Number  # one-sided bounds at `confidence`; None without
    high: Number
    limit: Number  # resolved: a baseline's number is in it
    margin: Number  # value to limit, positive on the good side
    confidence: float | None  # 0.5 to 1; None: the value itself is compared
    verdict: Verdict
    message: str  # what was compared and why the verdict is what it is, in one sentence
    model: str | None = None  # of several

    def in_unit(self, factor: float) -> Self:
        """The same with its amounts of information multiplied by `factor`; the message stays as it is."""
        if factor == 1.0 or UNITS.get(self.metric) != "info":
            return self
        return replace(self, **multiply(self, NUMBERS, factor))


def sort_worst_first(gates: Sequence[Gate]) -> list[Gate]:
    """Failed, undecided, passed; among these the smallest margin for the size of its limit first."""
    return sorted(gates, key=_badness)


def _badness(each: Gate) -> tuple[int, float]:
    margin = float("-inf") if each.margin is None else each.margin / (abs(each.limit or 0.0) or 1.0)
    return VERDICTS.index(each.verdict), margin


def failure_lines(gates: Sequence[Gate]) -> tuple[str, ...]:
    """What did not hold, a line each, for a log beside an output that has it all: the worst ten."""
    bad = [each for each in sort_worst_first(gates) if each.verdict != "pass"]
    words = {"fail": "failed", "undecided": "undecided"}
    lines = tuple(f"{words[each.verdict]}: {each.message}" for each in bad[:_MOST_LINES])
    return (*lines, and_more(len(bad) - _MOST_LINES)) if len(bad) > _MOST_LINES else lines


def overall_verdict(gates: Sequence[Gate]) -> Verdict:
    """A fail fails all; else what is undecided leaves all undecided."""
    return min((gate.verdict for gate in gates), key=VERDICTS.index, default="pass")


def verdict_exit_code(gates: Sequence[Gate]) -> int:
    """The exit code: 1 if any failed, 5 if any is undecided, otherwise 0."""
    return {"fail": 1, "undecided": 5, "pass": 0}[overall_verdict(gates)]
