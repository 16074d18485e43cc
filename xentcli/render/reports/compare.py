"""The report of `xent compare`: the verdict, both models beside each other, and where they differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from xentcli.render.page import Page
from xentcli.render.reports.breakdown import slice_grids, unlisted_slices
from xentcli.render.reports.report import (
    Column,
    ColumnOf,
    Grid,
    Group,
    Report,
    given_roles,
    grid_of,
    input_names,
    literal,
    numeric,
    place_columns,
    signature_line,
)
from xentcli.render.reports.requirements import gate_grid, requirement_remarks
from xentcli.render.text import number, p_value, percent, signed
from xentcli.results.compare import BreakdownChange, CompareResult, Difference, RowDifference, SliceDifference
from xentcli.results.metrics import METRICS
from xentcli.results.parts import Breakdown, Number
from xentcli.results.score import ScoreResult
from xentcli.results.verdicts import sort_worst_first
from xentcli.wording import few

LEVEL = 0.05  # p-values below tell of a difference


def report(result: CompareResult, page: Page) -> Report:
    """Everything that a person is told."""
    names = [_side_name(side) for side in (result.base, result.new)]
    how = "met by id" if result.on is not None else "met in order"
    clusters = "" if result.clusters is None else f", {result.clusters:,} clusters"
    return Report(
        name=f"{names[1]} against {names[0]}",
        what=f"{result.rows:,} rows, {how}{clusters}",
        roles=tuple(_roles(result)),
        small_print=signature_line(result.signature, len(result.new.classes)),
        grids=tuple(_grids(result)),
        words=tuple(_words(result)),
        remarks=tuple(_remarks(result)),
        verdict=verdict(result),
    )


def verdict(result: CompareResult) -> str:
    """One sentence: which model is better, by how much, and how sure that is."""
    found, unit = result.metrics["log_loss"], result.unit.value
    if not result.wins and not result.losses:
        return f"no difference: every one of the {result.rows:,} rows has the same loss under both models"
    if found.difference == math.inf:
        return "new is worse without bound: it gave probability 0 to what happened, in rows where base did not"
    if found.difference is None:
        if found.new == math.inf:
            return "not to be compared: each model gave probability 0 to what happened, in rows of its own"
        return "new is better without bound: base gave probability 0 to what happened, in rows where new did not"
    better = "better" if found.difference < 0 else "worse"
    size = f"{number(abs(found.difference))} {unit} a row"
    if found.p_value is None or found.low is None or found.high is None:
        return f"new is {better} by {size}; no test: {result.unavailable['log_loss.p_value']}"
    p = f"p = {p_value(found.p_value)}".replace("= <", "< ")
    if found.p_value < LEVEL:
        low, high = sorted((abs(found.low), abs(found.high)))
        half = (found.high - found.low) / 2
        within = f" ± {number(half)}" if math.isfinite(half) else ""
        return (
            f"new is {better} by {number(abs(found.difference))}{within} {unit} a row "
            f"(95 %: {number(low)} to {number(high)}), {p}"
        )
    many = f"{result.rows:,} rows" if result.clusters is None else f"{result.clusters:,} clusters"
    return (
        f"no difference that {many} could show: {signed(found.difference)} {unit} a row "
        f"(95 %: {signed(found.low)} to {signed(found.high)}), {p}; "
        f"the smallest detectable is {number(result.detectable_difference)} {unit}"
    )


def _roles(result: CompareResult) -> Iterator[tuple[str, str]]:
    """What was read of each file."""
    for name, side in (("base", result.base), ("new", result.new)):
        columns = list(dict.fromkeys(side.columns.scores.values()))
        shown = few(columns, 5, ", ... ({count})")
        yield name, f"{_side_name(side)}: {shown}"
    used = result.new.columns
    roles = {"id": result.on, "label": used.label, "weight": used.weight, "cluster": used.cluster}
    yield from given_roles(roles)


def _side_name(side: ScoreResult) -> str:
    return input_names(each.name for each in side.inputs)


def _grids(result: CompareResult) -> Iterator[Grid]:
    yield _metrics(result)
    base, new, change = result.base.breakdown, result.new.breakdown, result.change
    if base is not None and new is not None and change is not None:
        yield _breakdown(base, new, change, result.metrics["log_loss"])
    yield from slice_grids(result.slices, SLICES)
    if result.most_different:
        yield _rows(result.most_different)
    if result.gates:
        yield gate_grid(sort_worst_first(result.gates))


def _metrics(result: CompareResult) -> Grid:
    numbers = (numeric("base"), numeric("new"), numeric("new - base"))
    columns = (Column(), *numbers, Column("95 % interval"), numeric("t"), numeric("p"))
    return Grid(columns, (Group(tuple(_line(name, found, result) for name, found in result.metrics.items())),))


def _line(name: str, found: Difference, result: CompareResult) -> tuple[str, ...]:
    title = f"log loss, {result.unit.value}" if name == "log_loss" else METRICS[name].title
    show, change, unit = (percent, _points, " points") if name == "accuracy" else (number, signed, "")
    interval = "" if found.low is None else f"{change(found.low)} to {change(found.high)}{unit}"
    p = "-" if found.p_value is None else p_value(found.p_value)
    t = "-" if found.t is None else f"{found.t:.2f}"
    return title, show(found.base), show(found.new), change(found.difference), interval, t, p


def _points(share: Number) -> str:
    """A difference of shares, in points of percent."""
    return "-" if share is None else f"{100 * share + 0.0:+.1f}"


def _breakdown(base: Breakdown, new: Breakdown, change: BreakdownChange, loss: Difference) -> Grid:
    columns = (
        Column("Where the change comes from"), numeric("base"), numeric("new"), numeric("adds to the loss"),
    )  # fmt: skip
    learned = None if change.discrimination is None else 0.0 - change.discrimination
    parts = (
        ("  label entropy", base.uncertainty, new.uncertainty, ""),
        ("- learned (discrimination)", base.discrimination, new.discrimination, signed(learned)),
        ("+ wasted (miscalibration)", base.miscalibration, new.miscalibration, signed(change.miscalibration)),
        ("= log loss", loss.base, loss.new, signed(loss.difference)),
    )
    return Grid(columns, (Group(tuple((title, number(old), number(now), by) for title, old, now, by in parts)),))


SLICES: tuple[ColumnOf[SliceDifference], ...] = (
    (numeric("rows"), lambda each: number(each.rows)),
    (numeric("base"), lambda each: number(each.metrics["log_loss"].base)),
    (numeric("new"), lambda each: number(each.metrics["log_loss"].new)),
    (numeric("new - base"), lambda each: signed(each.metrics["log_loss"].difference)),
    (Column("95 % interval"), lambda each: _interval(each.metrics["log_loss"])),
    (numeric("adds"), lambda each: signed(each.contribution)),
)


def _interval(found: Difference) -> str:
    return "" if found.low is None else f"{signed(found.low)} to {signed(found.high)}"


def _rows(rows: Sequence[RowDifference]) -> Grid:
    columns: list[ColumnOf[RowDifference]] = place_columns(rows)
    if any(row.id is not None for row in rows):
        columns.append((literal("id"), lambda row: row.id or "-"))
    if any(row.label is not None for row in rows):
        columns += [
            (literal("label"), lambda row: row.label or "-"),
            (numeric("p base"), lambda row: number(row.base_probability)),
            (numeric("p new"), lambda row: number(row.new_probability)),
        ]
    columns += [
        (numeric("base"), lambda row: number(row.base)),
        (numeric("new"), lambda row: number(row.new)),
        (numeric("new - base"), lambda row: "-inf" if row.difference is None else signed(row.difference)),
    ]
    return grid_of(rows, columns)


def _words(result: CompareResult) -> Iterator[str]:
    """What the first table says beside the verdict."""
    if not result.wins and not result.losses:
        return
    ties = f", {result.ties:,} tied" if result.ties else ""
    yield f"New loses less in {result.wins:,} of the rows, more in {result.losses:,}{ties}{_outweighed(result)}."
    detectable = result.detectable_difference
    if detectable:
        yield (
            f"So many rows show a difference of {number(detectable)} {result.unit.value} a row "
            "four times in five (5 % level, 80 % power)."
        )
    change, loss = result.change, result.metrics["log_loss"].difference
    if change is None or loss is None or change.miscalibration is None or not math.isfinite(loss):
        return
    learned = 0.0 - (change.discrimination or 0.0)
    yield (
        f"Of the change of {signed(loss)}, {signed(change.miscalibration)} is calibration "
        f"({'less' if change.miscalibration <= 0 else 'more'} is wasted) and {signed(learned)} discrimination "
        f"({'more' if learned <= 0 else 'less'} is learned)."
    )


def _outweighed(result: CompareResult) -> str:
    """What makes up for it if the model that is better on average is so in fewer rows."""
    difference, more = result.metrics["log_loss"].difference or 0.0, result.wins - result.losses
    if difference * more <= 0:
        return ""
    return "; the fewer gains are the larger" if difference < 0 else "; the fewer losses are the larger"


def _remarks(result: CompareResult) -> Iterator[str]:
    yield from unlisted_slices(result.slices)
    if result.most_different:
        given = "; p is what each model gave to the label" if result.most_different[0].label is not None else ""
        yield f"listed: the rows whose loss differs most, in either direction{given}"
    if any(gate.metric in result.metrics and "baseline" in gate.require for gate in result.gates):
        yield "where a limit hangs on the baseline, the value is new - base, or new - c base"
    yield from requirement_remarks(sort_worst_first(result.gates))
