"""The report of `xent compare`: the verdict, both models beside each other, and where they differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from xentcli.render.page import Page
from xentcli.render.reports.breakdown import slice_grids, unlisted_slices
from xentcli.render.reports.report import (
    EXPLAIN,
    Column,
    ColumnOf,
    Grid,
    Group,
    Report,
    Section,
    Sentences,
    Styled,
    given_roles,
    grid_of,
    input_names,
    literal,
    numeric,
    place_columns,
    signature_line,
)
from xentcli.render.reports.requirements import gate_grid, requirement_remarks
from xentcli.render.text import number, p_value, signed
from xentcli.results.compare import (
    BOTH_WAYS,
    BreakdownChange,
    CompareResult,
    Difference,
    RowDifference,
    SliceDifference,
)
from xentcli.results.metrics import METRICS
from xentcli.results.parts import Breakdown, Number
from xentcli.results.score import ScoreResult
from xentcli.results.verdicts import Gate, sort_worst_first
from xentcli.wording import few, percent, plural

LEVEL = 0.05  # p-values below tell of a difference
FEW_ROWS = 5  # of those where the models differ most, in the report that is to fit on a screen


def report(result: CompareResult, page: Page) -> Report:
    """Everything that a person is told."""
    names = [_side_name(side) for side in (result.base, result.new)]
    how = "matched on id" if result.on is not None else "matched in order"
    clusters = "" if result.clusters is None else f", {result.clusters:,} clusters"
    return Report(
        name=f"{names[1]} against {names[0]}",
        what=f"{plural(result.rows, 'row')}, {how}{clusters}",
        roles=tuple(_roles(result)),
        sections=tuple(_sections(result, page)),
        remarks=tuple(_remarks(result, page)),
        pointers=() if page.full else ("more rows: --full", "guide: xent help compare", EXPLAIN),
        small_print=signature_line(result.signature, len(result.new.classes), full=page.full),
        verdict=Styled(verdict(result), _tone(result)),
        first=2 + 2 * bool(result.gates),
    )


def _tone(result: CompareResult) -> str:
    """Whether NEW is shown to be better or worse."""
    found = result.metrics["log_loss"]
    if found.difference is None or found.difference == math.inf:
        return "headline"
    if found.p_value is None or found.p_value >= LEVEL:
        return "headline"
    return "better" if found.difference < 0 else "worse"


def verdict(result: CompareResult) -> str:
    """One sentence: which model is better, by how much, and how sure that is."""
    found, unit = result.metrics["log_loss"], result.unit.value
    if not result.wins and not result.losses:
        return f"no difference: every one of the {result.rows:,} rows has the same loss under both models"
    if found.difference == math.inf:
        return "NEW is worse without bound: it gave the true class probability 0 in rows where BASE did not"
    if found.difference is None:
        if found.reason == BOTH_WAYS:
            return "not to be compared: each model gave the true class probability 0 in rows of its own"
        return "NEW is better without bound: BASE gave the true class probability 0 in rows where NEW did not"
    better = "better" if found.difference < 0 else "worse"
    size = f"{number(abs(found.difference))} {unit} a row"
    if found.p_value is None or found.low is None or found.high is None:
        return f"NEW is {better} by {size}; no test: {result.unavailable['log_loss.p_value']}"
    p = f"p = {p_value(found.p_value)}".replace("= <", "<")
    level = "95 %" if result.anytime is None else "95 % at every look"
    if found.p_value < LEVEL:
        low, high = sorted((abs(found.low), abs(found.high)))
        half = (found.high - found.low) / 2
        within = f" ± {number(half)}" if math.isfinite(half) else ""
        return (
            f"NEW is {better} by {number(abs(found.difference))}{within} {unit} a row "
            f"({level}: {number(low)} to {number(high)}), {p}"
        )
    many = f"{result.rows:,} rows" if result.clusters is None else f"{result.clusters:,} clusters"
    detectable = result.detectable_difference
    least = "" if detectable is None else f"; the smallest detectable is {number(detectable)} {unit}"
    return (
        f"no difference shown by {many}: {signed(found.difference)} {unit} a row "
        f"({level}: {signed(found.low)} to {signed(found.high)}), {p}{least}"
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


def _sections(result: CompareResult, page: Page) -> Iterator[Section]:
    yield _metrics(result)
    if lines := tuple(_words(result)):
        yield Sentences(lines)
    if result.gates:
        gates = sort_worst_first(result.gates)
        yield gate_grid(gates)
        yield Sentences(tuple(_gate_lines(result, gates)))
    base, new, change = result.base.breakdown, result.new.breakdown, result.change
    if base is not None and new is not None and change is not None:
        yield _breakdown(base, new, change, result.metrics["log_loss"])
    yield from slice_grids(result.slices, SLICES, page.most_rows)
    if result.most_different:
        yield _rows(result.most_different[: None if page.full else FEW_ROWS])


def _metrics(result: CompareResult) -> Grid:
    numbers = (numeric("base"), numeric("new"), numeric("new - base"))
    columns = [Column(), *numbers, Column("95 % interval", whole=True, drop=1), numeric("t", 3), numeric("p", 2)]
    lines = [[*_line(name, found, result)] for name, found in result.metrics.items()]
    if result.anytime is not None:  # which leaves no t
        del columns[-2]
        lines = [[*line[:-2], line[-1]] for line in lines]
    return Grid(tuple(columns), (Group(tuple(map(tuple, lines))),), "Both models")


def _line(name: str, found: Difference, result: CompareResult) -> tuple[str, ...]:
    title = f"log loss, {result.unit.value}" if name == "log_loss" else METRICS[name].title
    show, change, unit = (percent, _points, " points") if name == "accuracy" else (number, signed, "")
    interval = "" if found.low is None else f"{change(found.low)} to {change(found.high)}{unit}"
    p = "-" if found.p_value is None else p_value(found.p_value)
    t = "-" if found.t is None else f"{found.t:.2f}"
    lower_is_better = name not in ("accuracy", "auc")
    difference = _toned(change(found.difference), found.difference, lower_is_better=lower_is_better)
    return title, show(found.base), show(found.new), difference, interval, t, p


def _toned(text: str, difference: Number, *, lower_is_better: bool = True) -> str:
    if not difference:
        return text
    return Styled(text, "better" if (difference < 0) == lower_is_better else "worse")


def _points(share: Number) -> str:
    """A difference of shares, in points of percent."""
    if share is None:
        return "-"
    return f"{100 * share:+.1f}" if abs(share) >= 0.0005 else "0.0"


def _breakdown(base: Breakdown, new: Breakdown, change: BreakdownChange, loss: Difference) -> Grid:
    columns = (
        Column("Where the change comes from"), numeric("base"), numeric("new"), numeric("loss change"),
    )  # fmt: skip
    learned = None if change.discrimination is None else 0.0 - change.discrimination
    parts = (
        ("  label entropy", base.uncertainty, new.uncertainty, ""),
        (
            Styled("- discrimination (learned)", "discrimination"),
            base.discrimination,
            new.discrimination,
            _toned(signed(learned), learned),
        ),
        (
            Styled("+ miscalibration (wasted)", "miscalibration"),
            base.miscalibration,
            new.miscalibration,
            _toned(signed(change.miscalibration), change.miscalibration),
        ),
        (Styled("= log loss", "headline"), loss.base, loss.new, _toned(signed(loss.difference), loss.difference)),
    )
    lines = tuple((title, number(old), number(now), by) for title, old, now, by in parts)
    return Grid(columns, (Group(lines),), "Where the change comes from")


SLICES: tuple[ColumnOf[SliceDifference], ...] = (
    (numeric("rows"), lambda each: number(each.rows)),
    (numeric("base"), lambda each: number(each.metrics["log_loss"].base)),
    (numeric("new"), lambda each: number(each.metrics["log_loss"].new)),
    (numeric("new - base"), lambda each: _change(each.metrics["log_loss"].difference)),
    (Column("95 % interval", whole=True, drop=2), lambda each: _interval(each.metrics["log_loss"])),
    (numeric("contribution", 1), lambda each: signed(each.contribution)),
)


def _change(difference: Number) -> str:
    return _toned(signed(difference), difference)


def _interval(found: Difference) -> str:
    return "" if found.low is None else f"{signed(found.low)} to {signed(found.high)}"


def _rows(rows: Sequence[RowDifference]) -> Grid:
    columns: list[ColumnOf[RowDifference]] = place_columns(rows)
    if any(row.id is not None for row in rows):
        columns.append((literal("id"), lambda row: row.id or "-"))
    if any(row.label is not None for row in rows):
        columns += [
            (literal("label"), lambda row: row.label or "-"),
            (numeric("p base", 1), lambda row: number(row.base_probability)),
            (numeric("p new", 1), lambda row: number(row.new_probability)),
        ]
    columns += [
        (numeric("base"), lambda row: number(row.base)),
        (numeric("new"), lambda row: number(row.new)),
        (numeric("new - base"), lambda row: "-inf" if row.difference is None else signed(row.difference)),
    ]
    return grid_of(rows, columns, "Rows that differ most")


def _words(result: CompareResult) -> Iterator[str]:
    """What the first table says beside the verdict."""
    yield from _sequence_words(result)
    if not result.wins and not result.losses:
        return
    ties = f", {result.ties:,} tied" if result.ties else ""
    wins = plural(result.wins, "row")
    yield f"NEW is better on {wins} and worse on {result.losses:,}{ties}{_outweighed(result)}."
    detectable = result.detectable_difference
    if detectable:
        of = plural(result.rows, "row") if result.clusters is None else plural(result.clusters, "cluster")
        yield (
            f"Smallest difference detectable with {of}: {number(detectable)} {result.unit.value} "
            "(power 80 %, alpha 0.05)."
        )
    change, loss = result.change, result.metrics["log_loss"].difference
    if change is None or loss is None or change.miscalibration is None or not math.isfinite(loss):
        return
    learned = 0.0 - (change.discrimination or 0.0)
    yield (
        f"Of the change of {signed(loss)}, {signed(change.miscalibration)} is miscalibration and "
        f"{signed(learned)} discrimination."
    )


def _sequence_words(result: CompareResult) -> Iterator[str]:
    """For how many looks the intervals hold, and which have too few rows."""
    if result.anytime is None:
        return
    what = plural(result.anytime, "row" if result.clusters is None else "cluster")
    yield f"Intervals and p hold at every look at a set of rows that grows; they are tightest near {what}."
    for name, found in result.metrics.items():
        if name != "log_loss" and found.se is None:
            yield f"No interval of {METRICS[name].title}: {found.reason}."


def _outweighed(result: CompareResult) -> str:
    """What makes up for it if the model that is better on average is so in fewer rows."""
    difference, more = result.metrics["log_loss"].difference or 0.0, result.wins - result.losses
    if difference * more <= 0:
        return ""
    return ", but its gains are larger" if difference < 0 else ", but its losses are larger"


def _gate_lines(result: CompareResult, gates: Sequence[Gate]) -> Iterator[str]:
    yield from requirement_remarks(gates)
    if any(gate.metric in result.metrics and "baseline" in gate.require for gate in gates):
        yield "where a limit names the baseline, the value is new - base, or new - c base"
        if result.anytime is not None:
            yield "bounds of these values hold at every look"


def _remarks(result: CompareResult, page: Page) -> Iterator[str]:
    yield from unlisted_slices(result.slices, page.most_rows)
    if result.most_different:
        labelled = result.most_different[0].label is not None
        given = "; p is the predicted probability of the true class" if labelled else ""
        yield f"listed: the rows whose loss differs most, in either direction{given}"
