"""The report of `xent gate`: the verdict, each requirement, the change against the baseline; then the scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from xentcli.render.page import Page
from xentcli.render.reports.gate_grid import gate_grid
from xentcli.render.reports.report import Column, Grid, Group, Report
from xentcli.render.reports.score import EACH_LEVEL, MOST_GATES, left_out, names_of
from xentcli.render.reports.score import report as score_report
from xentcli.render.text import number
from xentcli.results.gate import BaselineChange, GateResult
from xentcli.results.metrics import BREAKDOWN, METRICS
from xentcli.results.outcome import Gate
from xentcli.results.parts import Number
from xentcli.wording import plural

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
        then=score_report(replace(result.score, gates=()), page),  # they stand above
    )


def _counts(gates: Sequence[Gate]) -> str:
    """How many of the requirements hold, or do not."""
    of = f"of {plural(len(gates), 'requirement', '')}"
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
    yield from left_out(len(result.gates) - MOST_GATES, "requirements, none worse")
    if sum(gate.confidence is not None for gate in result.gates) > 1:
        yield EACH_LEVEL


def change_grid(changes: Sequence[BaselineChange], unit: str) -> Grid:
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
