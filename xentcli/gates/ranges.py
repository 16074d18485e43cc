"""Limits that a number never reaches, or always meets, by its range: mostly a slip, such as 95 for 95 %.

Ranges are those that the explanations state.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from msgspec import Struct

from xentcli.errors import RequestError
from xentcli.gates.requirement import BaselineLimit, Requirement
from xentcli.results.explain import read_texts
from xentcli.wording import suggest, typed

_SHARE = (0.0, 1.0)
_LAST_NUMBER = re.compile(
    r"(?<![\w.])[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+(?=\s*+[A-Za-z]*+\s*+$)", re.ASCII
)


class Range(Struct, frozen=True):
    """From `low` to `high`, both included; infinite where there is no end."""

    low: float = -math.inf
    high: float = math.inf

    def __str__(self) -> str:
        if (self.low, self.high) == _SHARE:
            return "is a share from 0 to 1"
        if math.isfinite(self.low) and math.isfinite(self.high):
            return f"is from {self.low:g} to {self.high:g}"
        return f"is never below {self.low:g}" if math.isfinite(self.low) else f"is never above {self.high:g}"


def refuse_out_of_range(requirement: Requirement) -> None:
    """Raise a `RequestError` for a limit that no number or every number of its range meets."""
    found = _range_of(requirement.name, requirement.by_class)
    limit = _limits(requirement, found)
    never, always = _never(requirement.op, found, limit), _always(requirement.op, found, limit)
    if _counts(requirement) and requirement.op == "==" and not _is_whole(requirement):
        message = (
            f'requirement "{requirement.text}": {requirement.name} is a whole number, so no number can meet it'
        )
        raise RequestError("requirement_range", message)
    if never or always:
        verdict = "no number can meet it" if never else "every number meets it"
        message = f'requirement "{requirement.text}": {requirement.name} {found}, so {verdict}'
        raise RequestError("requirement_range", message, hint=_meant(requirement, found))


def _counts(requirement: Requirement) -> bool:
    return requirement.is_count


def _is_whole(requirement: Requirement) -> bool:
    """Whether a count can be the limit: any part of a baseline's count may be."""
    limit = requirement.limit
    return limit.number.is_integer() or (isinstance(limit, BaselineLimit) and limit.sign == "*")


@lru_cache(maxsize=256)
def _range_of(name: str, by_class: bool) -> Range:
    texts = read_texts()
    tables = ("per_class",) if by_class else ("metrics", "breakdown", "calibration", "ranking", "divergence")
    stated = next((texts[table][name]["range"] for table in tables if name in texts[table]), "any")
    if stated == "as the number itself":  # the ends of an interval of a share are shares; others may be beyond
        number = name.removesuffix("_low").removesuffix("_high")
        stated = next((texts[table][number]["range"] for table in tables if number in texts[table]), "any")
        return found if (found := _parse(stated)) == Range(*_SHARE) else Range()
    return Range(low=0.0) if name == "rows" else _parse(stated)  # none at all is an error of its own


def _parse(stated: str) -> Range:
    """The range that a text begins with; no ends where they hang on other numbers."""
    if between := re.match(r"(-?\d+) to (\d+)(?: \(two classes\) or (\d+))?(?=,|$)", stated):
        return Range(float(between[1]), float(between[3] or between[2]))
    if least := re.match(r">=? (\d+)(?=,|$)", stated):
        return Range(low=float(least[1]))
    most = re.match(r"<= (\d+)(?=,|$)", stated)
    return Range(high=float(most[1])) if most else Range()


def _limits(requirement: Requirement, found: Range) -> Range:
    """The least and the largest that the limit can be: a baseline's number has the same range."""
    limit = requirement.limit
    if not isinstance(limit, BaselineLimit):
        return Range(limit.number, limit.number)
    if limit.sign == "*" and not limit.number:
        return Range(0.0, 0.0)
    ends = sorted((limit.of(found.low), limit.of(found.high)))
    return Range(ends[0], ends[1])


def _never(op: str, found: Range, limit: Range) -> bool:
    return {
        ">=": limit.low > found.high,
        ">": limit.low >= found.high,
        "<=": limit.high < found.low,
        "<": limit.high <= found.low,
        "==": limit.low > found.high or limit.high < found.low,
    }[op]


def _always(op: str, found: Range, limit: Range) -> bool:
    """Whether every number meets it; a limit at the very end of the range asks for a number that is known."""
    if op in (">=", ">"):
        return limit.high < found.low or (op == ">=" and limit.low < limit.high == found.low)
    if op in ("<=", "<"):
        return limit.low > found.high or (op == "<=" and found.high == limit.low < limit.high)
    return False


_LEAST_PERCENTAGE = 2.0  # of a limit: a smaller one is as likely a slip, and its hundredth always met


def _meant(requirement: Requirement, found: Range) -> str | None:
    """A percentage as the share that it is."""
    number = requirement.limit.number
    percentage = _LEAST_PERCENTAGE <= number <= 100 or (
        isinstance(requirement.limit, BaselineLimit) and number == 1
    )
    if (found.low, found.high) != _SHARE or not percentage:
        return None
    text = _LAST_NUMBER.sub(f"{number / 100:.15g}", requirement.text, count=1)
    return suggest(typed("--require", text))
