"""Which rows are read: those whose columns hold, or do not hold, certain values."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import Struct

from xentcli.errors import RequestError


class Condition(Struct, frozen=True):
    """The text in a column is `value`, or is not; "" is a missing one."""

    column: str
    value: str
    equal: bool = True

    def __str__(self) -> str:
        """As `--where` takes it."""
        return f"{self.column}{'=' if self.equal else '!='}{self.value}"


def parse_condition(text: str, names: Collection[str]) -> Condition | None:
    """COL=VALUE or COL!=VALUE, cut at the first sign before which one of `names` stands; None where none does.

    Raises `RequestError` for what has no sign.
    """
    readings = _readings(text)
    return next((each for each in readings if each.column in names), None)


def first_reading(text: str) -> Condition:
    """The condition, cut at the first sign; raises `RequestError` for what has none."""
    return _readings(text)[0]


def _readings(text: str) -> list[Condition]:
    found = [*_cuts(text)]
    if not found:
        hint = "--where split=test, or --where Usage!=Ignored"
        raise RequestError("where", f'"{text}" is not COL=VALUE or COL!=VALUE', hint=hint)
    return found


def _cuts(text: str) -> Iterator[Condition]:
    for at, char in enumerate(text):
        if char == "=" and at > 1 and text[at - 1] == "!":
            yield Condition(text[: at - 1], text[at + 1 :], equal=False)
        if char == "=" and at > 0:
            yield Condition(text[:at], text[at + 1 :])
