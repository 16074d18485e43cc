"""The report of `xent gate`: the verdict, each requirement, the change against the baseline; then the scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xentcli.gate_results import Gate
from xentcli.metrics import BREAKDOWN, METRICS, UNITS
from xentcli.render import Page
from xentcli.render.report import Column, Grid, Group, Report
from xentcli.render.score_report import names_of
from xentcli.render.score_report import report as score_report
from xentcli.render.text import number
from xentcli.result_parts import Number
from xentcli.selectors import quoted, selector
from xentcli.verdict_results import Change, GateResult

MOST_GATES = 50  # in a table for people, the worst; JSON has all
_DIGITS = 17  # of a float64: more tell nothing apart

_VERDICTS = {"pass": "Passed", "fail": "Failed", "undecided": "Undecided"}


def report(result: GateResult, page: Page) -> Report:
    """Everything that a person is told, the verdict first."""
    roles = [("scored", names_of([source.name for source in result.score.inputs]))]
    if result.baseline is not None:
        roles.append(("baseline", result.baseline))
    return Report(
        name=_VERDICTS[result.verdict],
        what=_counts(result.gates),
        roles=tuple(roles),
        small_print="",
        grids=tuple(_grids(result)),
        words=tuple(gate.message for gate in result.gates[:MOST_GATES] if _says_more(gate)),
        remarks=tuple(_remarks(result)),
        then=score_report(result.score, page),
    )


def _counts(gates: Sequence[Gate]) -> str:
    """How many of the requirements hold, or do not."""
    of = f"of {len(gates)} requirement{'s' * (len(gates) != 1)}"
    failed = sum(gate.verdict == "fail" for gate in gates)
    unsure = sum(gate.verdict == "undecided" for gate in gates)
    parts = [f"{failed} {of} not met"] * bool(failed)
    parts += [f"{unsure} {'' if failed else of + ' '}undecided"] * bool(unsure)
    return ", ".join(parts) or f"{len(gates)} {of} met"


def _says_more(gate: Gate) -> bool:
    """Does the sentence say more than the row of the table? A plain pass does not."""
    return gate.verdict != "pass" or gate.confidence is not None or "baseline" in gate.require


def _grids(result: GateResult) -> Iterator[Grid]:
    yield gate_grid(result.gates[:MOST_GATES])
    if result.changes:
        yield change_grid(result.changes, result.unit.value)


def _remarks(result: GateResult) -> Iterator[str]:
    left = len(result.gates) - MOST_GATES
    if left > 0:
        yield f"and {left} more requirements, none worse: --format json has them all"


def gate_grid(gates: Sequence[Gate]) -> Grid:
    """Each requirement with what was found; numbers in as many digits as tell value and limit apart."""
    bounded = any(gate.confidence is not None for gate in gates)
    columns = [Column("verdict"), Column("requirement", raw=True), Column("value", right=True)]
    columns += [Column("bounds", right=True)] if bounded else []
    columns += [Column("limit", right=True), Column("margin", right=True)]
    return Grid(tuple(columns), (Group(tuple(_gate(gate, bounded) for gate in gates)),))


def _gate(gate: Gate, bounded: bool) -> tuple[str, ...]:
    digits = digits_apart(gate.limit, (gate.value, gate.low, gate.high))
    value, low, high, limit, margin = (
        number(_whole(gate, each), digits) for each in (gate.value, gate.low, gate.high, gate.limit, gate.margin)
    )
    return (
        "FAIL" if gate.verdict == "fail" else gate.verdict,
        f"{gate.require}{_about(gate)}",
        value,
        *(["" if gate.low is None else f"{low} to {high}"] if bounded else []),
        limit,
        margin,
    )


def _whole(gate: Gate, value: Number) -> Number:
    """A count without decimals."""
    return int(value) if UNITS.get(gate.metric) == "count" and value is not None and value == value // 1 else value


def _about(gate: Gate) -> str:
    """Which slice or class, where the requirement is about each."""
    if "*" not in gate.require:
        return ""
    return f" ({selector(gate.by) if gate.class_name is None else quoted(gate.class_name)})"


def digits_apart(limit: Number, values: Sequence[Number]) -> int:
    """Decimals that tell the values from the limit, unless they are the same; 4 at least."""
    unlike = [value for value in values if value is not None and value != limit]
    digits = 4
    while digits < _DIGITS and any(number(value, digits) == number(limit, digits) for value in unlike):
        digits += 1
    return digits


def change_grid(changes: Sequence[Change], unit: str) -> Grid:
    """The baseline beside today."""
    columns = (
        Column("Against the baseline"),
        Column("baseline", right=True),
        Column(f"now, {unit}", right=True),
        Column("change", right=True),
    )
    titles = {**BREAKDOWN, **METRICS}
    rows = tuple(
        (titles[each.name].title, number(each.baseline), number(each.value), _signed(each.difference))
        for each in changes
    )
    return Grid(columns, (Group(rows),))


def _signed(value: Number) -> str:
    return f"+{number(value)}" if value is not None and value > 0 else number(value)
