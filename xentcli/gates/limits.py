"""The right side of a requirement: a number, or what a baseline has."""

from __future__ import annotations

import math
import re

from xentcli.errors import RequestError
from xentcli.frozen import frozen
from xentcli.gates.parser import EXAMPLE, wrong
from xentcli.units import Unit
from xentcli.wording import brief

_NUMBER = r"[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+"
_AMOUNT = re.compile(rf"({_NUMBER})\s*+([A-Za-z]*+)", re.ASCII)
_BASELINE = re.compile(rf"baseline(?:\s*+([-+*])\s*+({_NUMBER}))?+", re.ASCII)
_PERCENTAGE = re.compile(rf"{_NUMBER}\s*+%", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d++,\d++", re.ASCII)


@frozen
class Amount:
    """A number, finite; in `unit`, or without one in the unit of the output."""

    number: float
    unit: Unit | None = None

    def __str__(self) -> str:
        return f"{self.number!r}{f' {self.unit}' if self.unit else ''}"


@frozen
class OfBaseline:
    """The baseline's number, alone or with a margin (in the unit of the output) or factor."""

    sign: str | None = None  # "+", "-" or "*"
    number: float = 0.0  # finite

    def __str__(self) -> str:
        return "baseline" if self.sign is None else f"baseline {self.sign} {self.number!r}"

    def of(self, baseline: float) -> float:
        """The limit, for a baseline in the unit of `number`."""
        if self.sign == "*":
            return baseline * self.number
        return baseline - self.number if self.sign == "-" else baseline + self.number


Limit = Amount | OfBaseline


def parse_limit(text: str, rest: str) -> Limit:
    """The limit that `rest`, what the requirement `text` has after its operator, states."""
    if not rest:
        raise wrong(text, "has no limit", EXAMPLE)
    if found := _BASELINE.fullmatch(rest):
        sign, number = found.groups()
        return OfBaseline(sign, _finite(text, number)) if sign else OfBaseline()
    if rest.startswith("baseline"):
        raise wrong(
            text, f'"{brief(rest)}" is no limit', "baseline, baseline + 0.01, baseline - 0.01 or baseline * 1.02"
        )
    if found := _AMOUNT.fullmatch(rest):
        number, unit = found.groups()
        return Amount(_finite(text, number), _unit(text, unit) if unit else None)
    raise _no_number(text, rest)


def _finite(text: str, number: str) -> float:
    found = float(number)
    if not math.isfinite(found):
        raise wrong(text, f"{brief(number)} is more than a number can be")
    return found


def _unit(text: str, name: str) -> Unit:
    try:
        return Unit(name)
    except RequestError as error:
        raise wrong(text, error.message, error.hint) from None


def _no_number(text: str, rest: str) -> RequestError:
    hint = "a limit is a finite number such as 0.35, with nats, bits or bans after it, or baseline + 0.01"
    if _PERCENTAGE.fullmatch(rest):
        hint = f"shares are numbers from 0 to 1: {float(rest.rstrip('% ')) / 100:g}"
    elif _DECIMAL_COMMA.fullmatch(rest):
        hint = f"the decimal mark is a point: {brief(rest.replace(',', '.'))}"
    return wrong(text, f'"{brief(rest)}" is not a number', hint)
