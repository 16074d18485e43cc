"""The report of `xent gate`: the verdict, each requirement, the change against the baseline; then the scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from xentcli.render.page import Page
from xentcli.render.reports.report import Column, ColumnOf, Grid, Report, grid_of, input_names, numeric
from xentcli.render.reports.requirements import MOST_GATES, gate_grid, level_remarks, unlisted_requirements
from xentcli.render.reports.score import report as score_report
from xentcli.render.text import number, signed
from xentcli.results.gate import BaselineChange, GateResult
from xentcli.results.metrics import BREAKDOWN, METRICS
from xentcli.results.verdicts import Gate
from xentcli.wording import plural

_VERDICTS = {"pass": "Passed", "fail": "Failed", "undecided": "Undecided"}


def report(result: GateResult, page: Page) -> Report:
    """Everything that a person is told, the verdict first."""
    roles = [("scored", input_names(source.name for source in result.score.inputs))]
    if result.baseline is not None:
        roles.append(("baseline", result.baseline))
    return Report(
        name=_VERDICTS[result.verdict],
        what=_counts(result.gates),
        roles=tuple(roles),
        small_print="",
        grids=tuple(_grids(result)),
        words=tuple(gate.message for gate in result.gates[:MOST_GATES] if _says_more(gate)),
        remarks=(*unlisted_requirements(result.gates), *level_remarks(result.gates)),
        below=score_report(replace(result.score, gates=()), page),  # they stand above
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
    yield gate_grid(result.gates)
    if result.changes:
        columns: tuple[ColumnOf[BaselineChange], ...] = (
            (Column("Against the baseline"), lambda each: {**BREAKDOWN, **METRICS}[each.name].title),
            (numeric("baseline"), lambda each: number(each.baseline)),
            (numeric(f"now, {result.unit.value}"), lambda each: number(each.value)),
            (numeric("change"), lambda each: signed(each.difference)),
        )
        yield grid_of(result.changes, columns)
