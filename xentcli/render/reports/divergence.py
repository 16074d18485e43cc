"""The report of `xent divergence`: how far NEW has moved from BASE, and which rows moved most."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

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
from xentcli.render.text import number, signed
from xentcli.results.divergence import DivergenceResult, MovedRow, SliceDivergence
from xentcli.results.metrics import DIVERGENCE
from xentcli.results.parts import Number
from xentcli.results.verdicts import sort_worst_first
from xentcli.wording import few, percent, plural

FEW_ROWS = 5  # of those that moved most, in the report that is to fit on a screen
_QUANTILES = ("kl_p50", "kl_p90", "kl_p99", "kl_p999", "kl_max")
_INTERVAL = Column("95 % interval", whole=True, drop=1)


def report(result: DivergenceResult, page: Page) -> Report:
    """Everything that a person is told."""
    how = "matched on id" if result.on is not None else "matched in order"
    clusters = "" if result.clusters is None else f", {result.clusters:,} clusters"
    sides = result.inputs[: result.base_inputs], result.inputs[result.base_inputs :]
    base, new = (input_names(each.name for each in side) for side in sides)
    return Report(
        name=f"{new} against {base}",
        what=f"{plural(result.rows, 'row')}, {how}{clusters}",
        roles=tuple(_roles(result, (base, new))),
        sections=tuple(_sections(result, page)),
        remarks=tuple(_remarks(result)),
        pointers=() if page.full else ("more rows: --full", "guide: xent help divergence", EXPLAIN),
        small_print=signature_line(result.signature, len(result.classes), full=page.full),
        verdict=Styled(verdict(result), "headline"),
        first=2 + 2 * bool(result.gates),
    )


def verdict(result: DivergenceResult) -> str:
    """One sentence: how far NEW has moved, and how often the top class is another."""
    metrics, unit = result.metrics, result.unit.value
    if metrics.kl == 0 and metrics.max_dp == 0:
        return f"no change: both predict the same in every one of the {result.rows:,} rows"
    top = f"the top class is the same in {_same_top(result)}"
    if metrics.kl == math.inf:
        finite = "" if metrics.kl_finite is None else f"; {number(metrics.kl_finite)} {unit} a row in the others"
        rows = plural(metrics.infinite_rows, "row")
        return (
            f"NEW has moved from BASE without bound: in {rows} it gives probability 0 to what BASE does not"
            f"{finite}; {top}"
        )
    within = f" (95 %: {number(metrics.kl_low)} to {number(metrics.kl_high)})" if metrics.kl_se is not None else ""
    return f"NEW has moved {number(metrics.kl)} {unit} a row from BASE{within}; {top}"


def _same_top(result: DivergenceResult) -> str:
    share, rows = result.metrics.same_top or 0.0, result.rows
    if result.signature.weighted:
        return f"{percent(share)} of the weight"
    return f"{round(share * rows):,} of {rows:,} rows ({percent(share)})"


def _roles(result: DivergenceResult, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What was read of each file."""
    for side, name in zip(("base", "new"), names, strict=True):
        columns = list(dict.fromkeys(result.columns[side].scores.values()))
        yield side, f"{name}: {few(columns, 5, ', ... ({count})')}"
    used = result.columns["new"]
    roles = {"id": result.on, "label": used.label, "weight": used.weight, "cluster": used.cluster}
    yield from given_roles(roles)


def _sections(result: DivergenceResult, page: Page) -> Iterator[Section]:
    yield _metrics(result)
    yield _spread(result)
    if result.gates:
        gates = sort_worst_first(result.gates)
        yield gate_grid(gates)
        yield Sentences(tuple(requirement_remarks(gates)))
    if result.labelled:
        yield _labels(result)
    yield from slice_grids(result.slices, SLICES)
    if result.rows_most_different:
        yield _rows(result.rows_most_different[: None if page.full else FEW_ROWS])


def _title(name: str, result: DivergenceResult) -> str:
    metric = DIVERGENCE[name]
    return f"{metric.title}, {result.unit.value}" if metric.unit == "info" else metric.title


def _metrics(result: DivergenceResult) -> Grid:
    metrics = result.metrics
    kl = _interval(metrics.kl_low, metrics.kl_high, number)
    top = _interval(metrics.same_top_low, metrics.same_top_high, percent)
    lines = [
        (Styled(_title("kl", result), "headline"), number(metrics.kl), kl),
        *([(_title("kl_finite", result), number(metrics.kl_finite), "")] if metrics.infinite_rows else []),
        (_title("kl_reverse", result), number(metrics.kl_reverse), ""),
        (_title("js", result), number(metrics.js), ""),
        (_title("entropy_change", result), signed(metrics.entropy_change), ""),
        (_title("tv", result), percent(metrics.tv), ""),
        (_title("max_dp", result), number(metrics.max_dp), ""),
        (_title("same_top", result), percent(metrics.same_top), top),
    ]
    return Grid((Column("How far NEW is from BASE"), numeric(""), _INTERVAL), (Group(tuple(lines)),))


def _spread(result: DivergenceResult) -> Grid:
    titles = ("median", "90 %", "99 %", "99.9 %", "largest")
    cells = (f"of a row, {result.unit.value}", *(number(getattr(result.metrics, name)) for name in _QUANTILES))
    return Grid((Column("KL divergence"), *map(numeric, titles)), (Group((cells,)),))


def _labels(result: DivergenceResult) -> Grid:
    metrics = result.metrics
    loss = _interval(metrics.log_loss_difference_low, metrics.log_loss_difference_high, signed)
    ratio = _interval(metrics.perplexity_ratio_low, metrics.perplexity_ratio_high, number)
    lines = [
        (
            f"log loss, {result.unit.value}",
            number(metrics.log_loss_base),
            number(metrics.log_loss_new),
            signed(metrics.log_loss_difference),
            loss,
        ),
        (
            "perplexity",
            number(metrics.perplexity_base),
            number(metrics.perplexity_new),
            f"x {number(metrics.perplexity_ratio)}",
            ratio and f"x {ratio}",
        ),
        (
            DIVERGENCE["dp"].title,
            "",
            "",
            signed(metrics.dp),
            "" if metrics.dp_se is None else f"se {number(metrics.dp_se)}",
        ),
        (DIVERGENCE["dp_rms"].title, "", "", number(metrics.dp_rms), ""),
    ]
    columns = (Column("Against the labels"), numeric("base"), numeric("new"), numeric("new - base"), _INTERVAL)
    return Grid(columns, (Group(tuple(lines)),))


def _interval(low: Number, high: Number, show: Callable[[Number], str]) -> str:
    return "" if low is None or high is None else f"{show(low)} to {show(high)}"


SLICES: tuple[ColumnOf[SliceDivergence], ...] = (
    (numeric("rows"), lambda each: number(each.rows)),
    (numeric("KL divergence"), lambda each: number(each.metrics.kl)),
    (
        Column("95 % interval", whole=True, drop=2),
        lambda each: _interval(each.metrics.kl_low, each.metrics.kl_high, number),
    ),
    (numeric("same top class"), lambda each: percent(each.metrics.same_top)),
    (numeric("contribution", 1), lambda each: number(each.contribution)),
)


def _rows(rows: Sequence[MovedRow]) -> Grid:
    columns: list[ColumnOf[MovedRow]] = place_columns(rows)
    if any(row.id is not None for row in rows):
        columns.append((literal("id"), lambda row: row.id or "-"))
    if any(row.label is not None for row in rows):
        columns.append((literal("label"), lambda row: row.label or "-"))
    columns += [
        (numeric("KL divergence"), lambda row: number(row.kl)),
        (literal("BASE predicts"), lambda row: row.base_class),
        (numeric("p of it", 1), lambda row: number(row.base_probability)),
        (literal("NEW predicts"), lambda row: row.new_class),
        (numeric("p of it", 1), lambda row: number(row.new_probability)),
    ]
    return grid_of(rows, columns)


def _remarks(result: DivergenceResult) -> Iterator[str]:
    yield from unlisted_slices(result.slices)
    if result.rows_most_different:
        yield "listed: the rows that moved most; p is the predicted probability of that class"
