"""The table of what became of requirements."""

from __future__ import annotations

from collections.abc import Sequence

from xentcli.render.reports.report import Column, Grid, Group
from xentcli.render.text import number
from xentcli.results.metrics import UNITS
from xentcli.results.outcome import Gate
from xentcli.results.parts import Number
from xentcli.results.selectors import selector

_DIGITS = 17  # of a float64: more tell nothing apart


def gate_grid(gates: Sequence[Gate]) -> Grid:
    """Each requirement with what was found; numbers in as many digits as tell value and limit apart."""
    bounded = any(gate.confidence is not None for gate in gates)
    columns = [Column("verdict"), Column("requirement", raw=True), Column("value", right=True)]
    columns += [Column("bounds", right=True)] if bounded else []
    columns += [Column("limit", right=True), Column("margin", right=True)]
    return Grid(tuple(columns), (Group(tuple(_gate(gate, bounded) for gate in gates)),))


def _gate(gate: Gate, bounded: bool) -> tuple[str, ...]:
    digits = digits_apart(gate.limit, (gate.value, gate.low, gate.high))
    none = gate.low is None or gate.high is None
    bounds = "" if none else f"{number(gate.low, digits)} to {number(gate.high, digits)}"
    return (
        "FAIL" if gate.verdict == "fail" else gate.verdict,
        gate.require + (f" ({selector(gate.by)})" if gate.by and "*" in gate.require else ""),
        number(gate.value, digits),
        *([bounds] if bounded else []),
        number(_counted(gate, gate.limit), digits),
        _margin(_counted(gate, gate.margin), digits),
    )


def _margin(margin: Number, digits: int) -> str:
    """To as many decimals as the value, unless it is so small that three digits say all."""
    return number(margin) if margin is not None and abs(margin) < 1e-3 else number(margin, digits)


def _counted(gate: Gate, value: Number) -> Number:
    """A whole limit of a count is shown as one."""
    whole = UNITS[gate.metric] == "count" and value is not None and float(value).is_integer()
    return int(value) if whole and value is not None else value


def digits_apart(limit: Number, values: Sequence[Number]) -> int:
    """Decimals that tell the values from the limit, unless they are the same; 4 at least."""
    unlike = [value for value in values if value is not None and value != limit]
    digits = 4
    while digits < _DIGITS and any(number(value, digits) == number(limit, digits) for value in unlike):
        digits += 1
    return digits
