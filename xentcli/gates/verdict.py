"""From a number and its limit to a verdict, and to the sentence that says why.

Numbers are compared unrounded. None and infinity meet nothing, in either direction. With a confidence, for
`<=`: pass if the upper bound is within the limit, fail if the lower bound is beyond it, otherwise undecided; `>=`
mirrored.
"""

from __future__ import annotations

import math

from msgspec import Struct
from msgspec.structs import replace

from xentcli.gates.requirement import Requirement
from xentcli.results.outcome import Gate, Verdict
from xentcli.results.parts import Number
from xentcli.results.selectors import quoted, selector

_UP, _DOWN = ("<=", "<"), (">=", ">")
_WORDS = {"<=": "at most", "<": "below", ">=": "at least", ">": "above", "==": "equal to"}
_FEWEST, _MOST = 4, 17  # digits of a number in a sentence


class Found(Struct, frozen=True):
    """A number that a requirement is about, with one-sided bounds if it is to be tested."""

    value: Number
    class_name: str | None = None
    by: tuple[tuple[str, str | None], ...] = ()
    se: Number = None
    low: Number = None
    high: Number = None
    reason: str = ""  # why the value, or the bounds, are None

    def scaled(self, factor: float) -> Found:
        """The same in another unit."""
        if factor == 1.0:
            return self
        numbers = {name: getattr(self, name) for name in ("value", "se", "low", "high")}
        return replace(self, **{name: x * factor for name, x in numbers.items() if x is not None})


class Bar(Struct, frozen=True):
    """A limit that is settled, and what a sentence says about it."""

    limit: float  # finite
    unit: str = ""  # behind numbers: "nats", or nothing
    baseline: float | None = None  # what the limit was made from
    change: str = ""  # and how, as in "+ 0.01"
    remark: str = ""  # a sentence's last words


def gate(
    requirement: Requirement,
    found: Found,
    bar: Bar,
    confidence: float | None = None,
    verdict: Verdict | None = None,
) -> Gate:
    """What became of a requirement: `found` and `bar` in one unit, bounds at `confidence` (0.5 to 1).

    Bounds of no width, which a standard error of 0 gives, decide nothing.

    `verdict` is given where it has been found in another unit, which is the one that counts.
    """
    verdict = verdict or _verdict(requirement.op, found, bar.limit, confidence)
    return Gate(
        require=requirement.text,
        metric=requirement.name,
        class_name=found.class_name,
        by=found.by,
        op=requirement.op,
        value=found.value,
        se=found.se,
        low=found.low,
        high=found.high,
        limit=bar.limit,
        margin=_margin(requirement.op, found.value, bar.limit),
        confidence=confidence,
        verdict=verdict,
        message=_message(requirement, found, bar, confidence, verdict),
    )


def name_of(requirement: Requirement, found: Found) -> str:
    """The number as a requirement calls it: a slice of `[site=*]` by its own value."""
    if found.class_name is not None:
        return f"{requirement.name}[{quoted(found.class_name)}]"
    return f"{requirement.name}[{selector(found.by)}]" if found.by else requirement.name


def _verdict(op: str, found: Found, limit: float, confidence: float | None) -> Verdict:
    if found.value is None or not math.isfinite(found.value):
        return "fail"
    if confidence is None:
        return "pass" if _meets(found.value, op, limit) else "fail"
    if found.low is None or found.high is None or _untold(found):
        return "undecided"
    good, bad = (found.high, found.low) if op in _UP else (found.low, found.high)
    if _meets(good, op, limit):
        return "pass"
    return "undecided" if _meets(bad, op, limit) else "fail"


def _untold(found: Found) -> bool:
    """Bounds of no width: every row is alike, which says nothing of the costly rows that have not been seen."""
    return found.low == found.high


def _meets(value: float, op: str, limit: float) -> bool:
    if op in _UP:
        return value < limit if op == "<" else value <= limit
    if op in _DOWN:
        return value > limit if op == ">" else value >= limit
    return value == limit


def _margin(op: str, value: Number, limit: float) -> Number:
    """Value to limit, positive on the good side; where only the limit is good, minus the distance."""
    if value is None or not math.isfinite(value):
        return None
    if op == "==":
        return 0.0 - abs(value - limit)
    return limit - value if op in _UP else value - limit


def _message(requirement: Requirement, found: Found, bar: Bar, confidence: float | None, verdict: Verdict) -> str:
    name = name_of(requirement, found)
    if found.value is None:
        return f"{name} is not available, which meets no limit: {found.reason}"
    if not math.isfinite(found.value):
        sign = "minus infinity" if found.value < 0 else "infinite"
        return f"{name} is {sign}, which meets no limit{f': {found.reason}' if found.reason else ''}"
    shown = [x for x in (found.value, bar.limit, found.low, found.high, bar.baseline) if x is not None]
    digits = _digits(shown)
    value = f"{name} is {_figure(found.value, digits)}{f' {bar.unit}' if bar.unit else ''}"
    limit = f"{_WORDS[requirement.op]} {_limit(bar, digits)}"
    return f"{_reasoned(value, limit, found, confidence, verdict, digits)}{bar.remark}"


def _reasoned(
    value: str, limit: str, found: Found, confidence: float | None, verdict: Verdict, digits: int
) -> str:
    """Value and limit, put together as the verdict has it."""
    if confidence is None:
        return f"{value}, {limit}" if verdict == "pass" else f"{value} and must be {limit}"
    sure = f"with {100 * confidence:g} % confidence"
    if found.low is None or found.high is None:
        return f"{value}, which says nothing {sure}: {found.reason}"
    if _untold(found):
        return f"{value}, which says nothing {sure}: every row is alike, and the next may not be"
    low, high = (_figure(bound, digits) for bound in (found.low, found.high))
    if verdict == "undecided":
        bounds = f"between {low} and {high} (each bound {sure})"
        return f"{value}, {bounds}: too few rows to tell whether it is {limit}"
    upper = (verdict == "pass") == limit.startswith((_WORDS["<="], _WORDS["<"]))
    bound = f"{value} and, {sure}, at {f'most {high}' if upper else f'least {low}'}"
    return f"{bound}, so {limit}" if verdict == "pass" else f"{bound}, but must be {limit}"


def _limit(bar: Bar, digits: int) -> str:
    text = _figure(bar.limit, digits)
    if bar.baseline is None:
        return text
    return f"{text} (baseline {_figure(bar.baseline, digits)}{f' {bar.change}' if bar.change else ''})"


def _digits(values: list[float]) -> int:
    """How many significant digits it takes to tell unlike numbers apart."""
    unlike = len(set(values))
    for digits in range(_FEWEST, _MOST):
        if len({_figure(value, digits) for value in values}) == unlike:
            return digits
    return _MOST


def _figure(value: float, digits: int) -> str:
    """A number in a sentence; whole ones in full."""
    if digits >= _MOST:
        return repr(value + 0.0)  # the fewest digits that are this number alone
    text = f"{value + 0.0:.{digits}g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 1e15 else text
