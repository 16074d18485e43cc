"""From a number and its limit to a verdict, and to the sentence that says why.

Numbers are compared unrounded. None and infinity meet nothing, in either direction. With a confidence, for
`<=`: pass if the upper bound is within the limit, fail if the lower bound is beyond it, otherwise undecided; `>=`
mirrored.
"""

from __future__ import annotations

import math
from operator import eq, ge, gt, le, lt

from msgspec import Struct
from msgspec.structs import replace

from xentcli.gates.requirement import Requirement
from xentcli.results.parts import Number, multiply
from xentcli.results.selectors import quoted, selector
from xentcli.results.verdicts import Gate, Verdict

_MEETS = {"<=": le, "<": lt, ">=": ge, ">": gt, "==": eq}
_WORDS = {"<=": "at most", "<": "below", ">=": "at least", ">": "above", "==": "equal to"}
_FEWEST, _MOST = 4, 17  # digits of a number in a sentence


class Estimate(Struct, frozen=True):
    """A number that a requirement is about, with one-sided bounds if it is to be tested."""

    value: Number
    class_name: str | None = None
    by: tuple[tuple[str, str | None], ...] = ()
    se: Number = None
    low: Number = None
    high: Number = None
    reason: str = ""  # why the value, or the bounds, are None

    def in_unit(self, factor: float) -> Estimate:
        """The same in another unit."""
        return self if factor == 1.0 else replace(self, **multiply(self, ("value", "se", "low", "high"), factor))


class Threshold(Struct, frozen=True):
    """A limit that is settled, and what a sentence says about it."""

    limit: float  # finite
    unit: str = ""  # behind numbers: "nats", or nothing
    baseline: float | None = None  # what the limit was made from
    change: str = ""  # and how, as in "+ 0.01"
    remark: str = ""  # a sentence's last words

    def text(self, digits: int) -> str:
        """The limit, and what it was made from."""
        limit = _figure(self.limit, digits)
        if self.baseline is None:
            return limit
        change = f" {self.change}" if self.change else ""
        return f"{limit} (baseline {_figure(self.baseline, digits)}{change})"


def gate_outcome(
    requirement: Requirement,
    found: Estimate,
    threshold: Threshold,
    confidence: float | None = None,
    verdict: Verdict | None = None,
) -> Gate:
    """What became of a requirement: `found` and `threshold` in one unit, bounds at `confidence` (0.5 to 1).

    Bounds of no width, which a standard error of 0 gives, decide nothing.

    `verdict` is given where it has been found in another unit, which is the one that counts.
    """
    verdict = verdict or _verdict(requirement.op, found, threshold.limit, confidence)
    return Gate(
        require=requirement.text,
        model=requirement.model,
        metric=requirement.name,
        class_name=found.class_name,
        by=found.by,
        op=requirement.op,
        value=found.value,
        se=found.se,
        low=found.low,
        high=found.high,
        limit=threshold.limit,
        margin=_margin(requirement.op, found.value, threshold.limit),
        confidence=confidence,
        verdict=verdict,
        message=_message(requirement, found, threshold, confidence, verdict),
    )


def number_name(requirement: Requirement, found: Estimate) -> str:
    """The number as a requirement calls it: a slice of `[site=*]` by its own value."""
    of = selector(found.by) if found.class_name is None else quoted(found.class_name)
    model = None if requirement.model is None else quoted(requirement.model)
    inside = ", ".join(filter(None, (model, of)))
    return f"{requirement.name}[{inside}]" if inside else requirement.name


def _verdict(op: str, found: Estimate, limit: float, confidence: float | None) -> Verdict:
    if found.value is None or not math.isfinite(found.value):
        return "fail"
    if confidence is None:
        return "pass" if _MEETS[op](found.value, limit) else "fail"
    if found.low is None or found.high is None or found.low == found.high:
        return "undecided"
    good, bad = (found.high, found.low) if op.startswith("<") else (found.low, found.high)
    if _MEETS[op](good, limit):
        return "pass"
    return "undecided" if _MEETS[op](bad, limit) else "fail"


def _margin(op: str, value: Number, limit: float) -> Number:
    """Value to limit, positive on the good side; where only the limit is good, minus the distance."""
    if value is None or not math.isfinite(value):
        return None
    if op == "==":
        return 0.0 - abs(value - limit)
    return limit - value if op.startswith("<") else value - limit


def _message(
    requirement: Requirement, found: Estimate, threshold: Threshold, confidence: float | None, verdict: Verdict
) -> str:
    name = number_name(requirement, found)
    if found.value is None:
        return f"{name} is not available, so the requirement fails: {found.reason}"
    if not math.isfinite(found.value):
        sign = "minus infinity" if found.value < 0 else "infinite"
        return f"{name} is {sign}, so the requirement fails{f': {found.reason}' if found.reason else ''}"
    shown = (found.value, threshold.limit, found.low, found.high, threshold.baseline)
    digits = _digits([x for x in shown if x is not None])
    value = f"{name} is {_figure(found.value, digits)}{f' {threshold.unit}' if threshold.unit else ''}"
    limit = f"{_WORDS[requirement.op]} {threshold.text(digits)}"
    if confidence is None:
        sentence = f"{value}, {limit}" if verdict == "pass" else f"{value} and must be {limit}"
    else:
        upper = (verdict == "pass") == requirement.op.startswith("<")
        sentence = (
            f"{value}{_bounds(found, limit, f'with {100 * confidence:g} % confidence', verdict, upper, digits)}"
        )
    return f"{sentence}{threshold.remark}"


def _bounds(found: Estimate, limit: str, sure: str, verdict: Verdict, upper: bool, digits: int) -> str:
    """What bounds say about a limit; the `upper` one is what decided."""
    if found.low is None or found.high is None:
        return f", which says nothing {sure}: {found.reason}"
    if found.low == found.high:  # it says nothing of the costly rows that have not been seen
        return f", which says nothing {sure}: every row is alike, and the next may not be"
    low, high = (_figure(bound, digits) for bound in (found.low, found.high))
    if verdict == "undecided":
        return f", between {low} and {high} (each bound {sure}): too few rows to tell whether it is {limit}"
    bound = f" and, {sure}, at {f'most {high}' if upper else f'least {low}'}"
    return f"{bound}, so {limit}" if verdict == "pass" else f"{bound}, but must be {limit}"


def _digits(values: list[float]) -> int:
    """How many significant digits it takes to tell unlike numbers apart."""
    unlike = len(set(values))
    enough = (each for each in range(_FEWEST, _MOST) if len({_figure(value, each) for value in values}) == unlike)
    return next(enough, _MOST)


def _figure(value: float, digits: int) -> str:
    """A number in a sentence; whole ones in full."""
    if digits >= _MOST:
        return repr(value + 0.0)  # the fewest digits that are this number alone
    text = f"{value + 0.0:.{digits}g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 1e15 else text
