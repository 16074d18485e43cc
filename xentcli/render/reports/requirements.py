"""What became of requirements: their table, and what is said below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from xentcli.render.reports.report import Column, ColumnOf, Grid, Styled, grid_of, left_out, literal, numeric
from xentcli.render.text import number
from xentcli.results.metrics import RANKING, UNITS
from xentcli.results.parts import Number
from xentcli.results.selectors import selector
from xentcli.results.verdicts import Gate

MOST_GATES = 50  # requirements in a table for people: the worst
_DIGITS = 17  # of a float64: more tell nothing apart


def gate_grid(gates: Sequence[Gate]) -> Grid:
    """The worst of the requirements with what was found; in as many digits as tell value and limit apart.

    A quiet page has it where a requirement is not met, as the exit code alone does not say which.
    """
    gates = gates[:MOST_GATES]
    columns: list[ColumnOf[Gate]] = [
        (
            Column("verdict", whole=True),
            lambda gate: Styled("FAIL" if gate.verdict == "fail" else gate.verdict, gate.verdict),
        ),
        (literal("requirement"), _requirement),
        (numeric("value"), lambda gate: number(gate.value, _digits(gate))),
        (Column("bounds", whole=True), _bounds),
        (numeric("limit", 2), lambda gate: number(_counted(gate, gate.limit), _digits(gate))),
        (numeric("margin", 1), _margin),
    ]
    if all(gate.confidence is None for gate in gates):
        columns = [each for each in columns if each[0].title != "bounds"]
    urgent = any(gate.verdict != "pass" for gate in gates)
    return replace(grid_of(gates, columns, "Requirements"), urgent=urgent)


def _requirement(gate: Gate) -> str:
    return gate.require + (f" ({selector(gate.by)})" if gate.by and "*" in gate.require else "")


def _bounds(gate: Gate) -> str:
    if gate.low is None or gate.high is None:
        return ""
    return f"{number(gate.low, _digits(gate))} to {number(gate.high, _digits(gate))}"


def _margin(gate: Gate) -> str:
    """To as many decimals as the value, unless it is so small that three digits say all."""
    margin = _counted(gate, gate.margin)
    return number(margin) if margin is not None and abs(margin) < 1e-3 else number(margin, _digits(gate))


def _counted(gate: Gate, value: Number) -> Number:
    """A whole limit of a count or a rank is shown as one."""
    counted = UNITS[gate.metric] == "count" or gate.metric in RANKING
    whole = counted and value is not None and float(value).is_integer()
    return int(value) if whole and value is not None else value


def _digits(gate: Gate) -> int:
    """Decimals that tell the value and its bounds from the limit, unless they are the same; 4 at least."""
    limit = gate.limit
    unlike = [value for value in (gate.value, gate.low, gate.high) if value is not None and value != limit]
    digits = 4
    while digits < _DIGITS and any(number(value, digits) == number(limit, digits) for value in unlike):
        digits += 1
    return digits


def requirement_remarks(gates: Sequence[Gate]) -> Iterator[str]:
    """Of requirements, the worst first: which did not hold and why, and what else there is to say of them."""
    yield from unlisted_requirements(gates)
    yield from (gate.message for gate in gates[:MOST_GATES] if gate.verdict != "pass")
    if gates and all(gate.verdict == "pass" for gate in gates):
        yield "every requirement is met"
    yield from level_remarks(gates)


def unlisted_requirements(gates: Sequence[Gate]) -> Iterator[str]:
    """How many requirements the table leaves out."""
    return left_out(len(gates) - MOST_GATES, "requirements, none worse")


def level_remarks(gates: Sequence[Gate]) -> Iterator[str]:
    """What is to be minded where several requirements are tested."""
    if sum(gate.confidence is not None for gate in gates) > 1:
        yield "each requirement is tested at its own level; the chance that one of several errs is higher"
