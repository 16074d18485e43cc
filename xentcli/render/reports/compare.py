"""The report of `xent compare`: the verdict, both models beside each other, and where they differ."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xentcli.render.page import Page
from xentcli.render.reports.breakdown import MOST_SLICES, by_columns
from xentcli.render.reports.gate_grid import gate_grid
from xentcli.render.reports.report import Column, Grid, Group, Report
from xentcli.render.reports.score import MOST_GATES, names_of, signature_line, slices_left_out, verdict_words
from xentcli.render.text import number, percent
from xentcli.results.compare import CompareResult, Difference, RowDifference, SliceDifference
from xentcli.results.metrics import METRICS
from xentcli.results.outcome import sort_worst_first
from xentcli.results.parts import Number
from xentcli.wording import few

LEVEL = 0.05  # p-values below tell of a difference


def report(result: CompareResult, page: Page) -> Report:
    """Everything that a person is told."""
    names = [names_of([each.name for each in side.inputs]) for side in (result.base, result.new)]
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
    p = f"p = {p_text(found.p_value)}".replace("= <", "< ")
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


def p_text(p: float) -> str:
    """A p-value to two digits; one that no float64 holds is below the smallest."""
    return f"{p:.2g}" if p > 0 else "<1e-300"


def signed(value: Number) -> str:
    """A difference with its sign."""
    text = number(value)
    return f"+{text}" if value is not None and value > 0 else text


def _roles(result: CompareResult) -> Iterator[tuple[str, str]]:
    """What was read of each file."""
    for name, side in (("base", result.base), ("new", result.new)):
        columns = list(dict.fromkeys(side.columns.scores.values()))
        shown = few(columns, 5, ", ... ({count})")
        yield name, f"{names_of([each.name for each in side.inputs])}: {shown}"
    used = result.new.columns
    roles = {"id": result.on, "label": used.label, "weight": used.weight, "cluster": used.cluster}
    yield from ((role, column) for role, column in roles.items() if column is not None)


def _grids(result: CompareResult) -> Iterator[Grid]:
    yield _metrics(result)
    if result.change is not None:
        yield _breakdown(result)
    yield from _slices(result)
    if result.most_different:
        yield _rows(result)
    if result.gates:
        yield gate_grid(sort_worst_first(result.gates)[:MOST_GATES])


def _metrics(result: CompareResult) -> Grid:
    columns = (
        Column(),
        Column("base", right=True),
        Column("new", right=True),
        Column("new - base", right=True),
        Column("95 % interval"),
        Column("t", right=True),
        Column("p", right=True),
    )
    rows = tuple(_line(name, found, result) for name, found in result.metrics.items())
    return Grid(columns, (Group(rows),))


def _line(name: str, found: Difference, result: CompareResult) -> tuple[str, ...]:
    title = f"log loss, {result.unit.value}" if name == "log_loss" else METRICS[name].title
    show, change, unit = (percent, _points, " points") if name == "accuracy" else (number, signed, "")
    interval = "" if found.low is None else f"{change(found.low)} to {change(found.high)}{unit}"
    p = "-" if found.p_value is None else p_text(found.p_value)
    t = "-" if found.t is None else f"{found.t:.2f}"
    return title, show(found.base), show(found.new), change(found.difference), interval, t, p


def _points(share: Number) -> str:
    """A difference of shares, in points of percent."""
    return "-" if share is None else f"{100 * share + 0.0:+.1f}"


def _breakdown(result: CompareResult) -> Grid:
    columns = (
        Column("Where the change comes from"),
        Column("base", right=True),
        Column("new", right=True),
        Column("adds to the loss", right=True),
    )
    base, new, change = result.base.breakdown, result.new.breakdown, result.change
    assert base is not None
    assert new is not None
    assert change is not None
    learned = None if change.discrimination is None else 0.0 - change.discrimination
    loss = result.metrics["log_loss"]
    rows = (
        ("  label entropy", number(base.uncertainty), number(new.uncertainty), ""),
        ("- learned (discrimination)", number(base.discrimination), number(new.discrimination), signed(learned)),
        (
            "+ wasted (miscalibration)",
            number(base.miscalibration),
            number(new.miscalibration),
            signed(change.miscalibration),
        ),
        ("= log loss", number(loss.base), number(loss.new), signed(loss.difference)),
    )
    return Grid(columns, (Group(rows),))


def _slices(result: CompareResult) -> Iterator[Grid]:
    """A table for each set of columns sliced by."""
    for names, slices in by_columns(result.slices).items():
        columns = (
            *(Column(name, raw=True) for name in names),
            Column("rows", right=True),
            Column("base", right=True),
            Column("new", right=True),
            Column("new - base", right=True),
            Column("95 % interval"),
            Column("adds", right=True),
        )
        yield Grid(columns, (Group(tuple(_slice(each) for each in slices[:MOST_SLICES])),))


def _slice(each: SliceDifference) -> tuple[str, ...]:
    found = each.metrics["log_loss"]
    interval = "" if found.low is None else f"{signed(found.low)} to {signed(found.high)}"
    values = ("(missing)" if value is None else value for _, value in each.by)
    numbers = (number(each.rows), number(found.base), number(found.new), signed(found.difference))
    return (*values, *numbers, interval, signed(each.contribution))


def _rows(result: CompareResult) -> Grid:
    rows = result.most_different
    ids, labels = any(row.id is not None for row in rows), any(row.label is not None for row in rows)
    several = len({row.file for row in rows}) > 1
    columns = [
        *([Column("file", raw=True)] if several else []),
        Column("line" if any(row.line is not None for row in rows) else "row", right=True),
        *([Column("id", raw=True)] if ids else []),
        *([Column("label", raw=True)] if labels else []),
        *([Column("p base", right=True), Column("p new", right=True)] if labels else []),
        Column("base", right=True),
        Column("new", right=True),
        Column("new - base", right=True),
    ]
    return Grid(tuple(columns), (Group(tuple(_row(row, several, ids, labels) for row in rows)),))


def _row(row: RowDifference, several: bool, ids: bool, labels: bool) -> tuple[str, ...]:
    cells = [row.file] if several else []
    cells.append(f"{row.line if row.line is not None else row.row}")
    cells += [row.id or "-"] if ids else []
    cells += [row.label or "-", number(row.base_probability), number(row.new_probability)] if labels else []
    gain = "-inf" if row.difference is None else signed(row.difference)
    return (*cells, number(row.base), number(row.new), gain)


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
    yield from slices_left_out(result.slices)
    if result.most_different:
        given = "; p is what each model gave to the label" if result.most_different[0].label is not None else ""
        yield f"listed: the rows whose loss differs most, in either direction{given}"
    if any(gate.metric in result.metrics and "baseline" in gate.require for gate in result.gates):
        yield "where a limit hangs on the baseline, the value is new - base, or new - c base"
    yield from verdict_words(sort_worst_first(result.gates))
