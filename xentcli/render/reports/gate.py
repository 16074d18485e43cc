"""The report of `xent gate`: the verdict, each requirement, the change against the baseline; then the scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from xentcli.render.page import Page
from xentcli.render.reports.report import (
    Column,
    ColumnOf,
    Report,
    Section,
    Sentences,
    Styled,
    grid_of,
    input_names,
    numeric,
)
from xentcli.render.reports.requirements import MOST_GATES, gate_grid, level_remarks, unlisted_requirements
from xentcli.render.reports.score import reliability_remarks, reliability_sections
from xentcli.render.reports.score import report as score_report
from xentcli.render.text import number, signed
from xentcli.results.gate import BaselineChange, GateResult
from xentcli.results.metrics import BREAKDOWN, METRICS
from xentcli.results.verdicts import Gate
from xentcli.wording import plural

_VERDICTS = {"pass": "Passed", "fail": "Failed", "undecided": "Undecided"}


def report(result: GateResult, page: Page) -> Report:
    """Everything that a person is told, the verdict first."""
    names = input_names(source.name for source in result.score.inputs)
    roles = [("scored", names)] if page.full else []  # it stands below
    if result.baseline is not None:
        roles.append(("baseline", result.baseline))
    sections = tuple(_sections(result))
    return Report(
        name=Styled(_VERDICTS[result.verdict], result.verdict),
        what=_counts(result.gates),
        roles=tuple(roles),
        sections=sections,
        remarks=(*unlisted_requirements(result.gates), *level_remarks(result.gates)),
        below=_scores(result, page),
        first=len(sections),
    )


def _scores(result: GateResult, page: Page) -> Report:
    """The report of the scores; or its headline, the reliability curve if asked for, and how to see the rest."""
    found = score_report(replace(result.score, gates=()), page)  # the requirements stand above
    pointers = ("all scores: --full", *found.pointers[1:])
    if page.full:
        return replace(found, first=1)
    sections = (*found.sections[:1], *reliability_sections(result.score, page))
    return replace(
        found, sections=sections, remarks=tuple(reliability_remarks(result.score, page)), pointers=pointers
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


def _sections(result: GateResult) -> Iterator[Section]:
    yield gate_grid(result.gates)
    if lines := tuple(gate.message for gate in result.gates[:MOST_GATES] if _says_more(gate)):
        yield Sentences(lines)
    if result.changes:
        columns: tuple[ColumnOf[BaselineChange], ...] = (
            (Column("Against the baseline"), lambda each: {**BREAKDOWN, **METRICS}[each.name].title),
            (numeric("baseline"), lambda each: number(each.baseline)),
            (numeric(f"now, {result.unit.value}"), lambda each: number(each.value)),
            (numeric("change"), lambda each: signed(each.difference)),
        )
        yield grid_of(result.changes, columns, "Since the baseline")
