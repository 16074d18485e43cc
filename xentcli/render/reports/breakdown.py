"""The tables of the breakdown: a sum to check by eye, confusions, slices, confidence against accuracy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import inf
from typing import TypeVar

from xentcli.render.diagram import gap_bar, span_bar
from xentcli.render.page import MOST_ROWS, Page
from xentcli.render.reports.report import (
    Column,
    ColumnOf,
    Grid,
    Group,
    Styled,
    grid_of,
    left_out,
    literal,
    numeric,
    numeric_of,
)
from xentcli.render.text import number, p_value
from xentcli.results.compare import SliceDifference
from xentcli.results.divergence import SliceDivergence
from xentcli.results.parts import Breakdown, Confusion, LabelResult, Number, ReliabilityBin, SliceResult
from xentcli.results.rank import RankSlice
from xentcli.results.score import ScoreResult
from xentcli.units import Unit
from xentcli.wording import percent

Sliced = TypeVar("Sliced", SliceResult, SliceDifference, RankSlice, SliceDivergence)

MOST_CONFUSIONS = 5  # in a table for people; the flat formats have all

CONFUSIONS: tuple[ColumnOf[Confusion], ...] = (
    (literal("class"), lambda each: each.label),
    (literal("predicted as"), lambda each: each.forecast),
    (numeric("rows"), lambda each: number(each.rows)),
    (numeric("contribution", 1), lambda each: number(each.contribution)),
    (numeric("of the loss"), lambda each: percent(each.share)),
)
LABELS: tuple[ColumnOf[LabelResult], ...] = (
    (literal("label"), lambda each: each.name),
    (numeric("rows"), lambda each: number(each.rows)),
    (numeric("true"), lambda each: percent(each.share)),
    (numeric("log loss"), lambda each: number(each.log_loss)),
    (numeric("contribution", 2), lambda each: number(each.contribution)),
    (numeric("accuracy"), lambda each: percent(each.accuracy)),
    (numeric("Brier score", 1), lambda each: number(each.brier)),
)


def confusion_grid(classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> Grid:
    """Rows by label, and by predicted class from left to right."""
    columns = (literal("class / predicted as"), *map(numeric_of, classes))
    rows = ((label, *(f"{count:,}" for count in counts)) for label, counts in zip(classes, matrix, strict=True))
    return Grid(columns, (Group(tuple(rows)),), "Rows by class and predicted class")


def slice_columns(unit: Unit) -> tuple[ColumnOf[SliceResult], ...]:
    """What the tables of slices show beside the values."""
    return (
        (numeric("rows"), lambda each: number(each.rows)),
        (numeric(f"log loss, {unit.value}"), lambda each: number(each.metrics.log_loss)),
        (numeric("contribution", 2), lambda each: number(each.contribution)),
        (numeric("accuracy"), lambda each: percent(each.metrics.accuracy)),
        (numeric("entropy", 5), lambda each: number(each.metrics.label_entropy)),
        (numeric("discrimination", 4), lambda each: number(getattr(each.breakdown, "discrimination", None))),
        (numeric("miscalibration", 3), lambda each: number(getattr(each.breakdown, "miscalibration", None))),
        (numeric("p", 1), lambda each: _p(getattr(each.breakdown, "p_value", None))),
    )


def _p(value: Number) -> str:
    return "-" if value is None else p_value(value)


def reliability_grid(bins: Sequence[ReliabilityBin], page: Page) -> Grid:
    """Confidence against accuracy."""
    columns: tuple[ColumnOf[ReliabilityBin], ...] = (
        (Column("confidence", whole=True), lambda each: f"{each.low:.3f} to {each.high:.3f}"),
        (numeric("rows"), lambda each: number(each.rows)),
        (numeric("mean"), lambda each: number(each.confidence, 3)),
        (numeric("accuracy"), lambda each: number(each.accuracy, 3)),
        (
            Column("accuracy, and | where it should end", bar=True, drop=1),
            lambda each: gap_bar(each.accuracy, each.confidence, page.bar_beside()),
        ),
    )
    return grid_of((each for each in bins if each.rows), columns, "Confidence and accuracy")


def sum_grid(result: ScoreResult, breakdown: Breakdown, page: Page) -> Grid:
    """Label entropy - discrimination + miscalibration = log loss; beside each its share of the label entropy."""
    title = "Where the loss comes from (KL)"
    columns = (
        Column(title, whole=True), numeric(result.unit.value), numeric("of entropy", 1), Column(bar=True, drop=2),
    )  # fmt: skip
    groups = [Group(tuple(_sum(result, breakdown, page)))]
    if result.signature.labels == "soft":
        groups.append(Group(tuple(_targets(result, page)), "Against the targets"))
    return Grid(columns, tuple(groups), "Where the loss comes from")


def _sum(result: ScoreResult, breakdown: Breakdown, page: Page) -> Iterator[tuple[str, ...]]:
    entropy, rest, loss = breakdown.uncertainty or 0.0, breakdown.refinement or 0.0, result.metrics.log_loss or 0.0
    parts = [
        ("  label entropy", entropy, 0.0, entropy),
        (Styled("- discrimination (learned)", "discrimination"), breakdown.discrimination, rest, entropy),
        ("= refinement (remaining)", rest, 0.0, rest),
        (Styled("+ miscalibration (wasted)", "miscalibration"), breakdown.miscalibration, rest, loss),
        (Styled("= log loss", "headline"), loss, 0.0, loss),
    ]
    if not page.full:
        del parts[2]
    return _bars(
        parts, entropy, max(entropy, loss) if loss < inf else 1.25 * max(entropy, rest), page.bar_beside()
    )


def _targets(result: ScoreResult, page: Page) -> Iterator[tuple[str, ...]]:
    metrics = result.metrics
    entropy, loss, labels = metrics.target_entropy or 0.0, metrics.log_loss or 0.0, metrics.label_entropy or 0.0
    parts: Sequence[tuple[str, Number, float, float]] = (
        ("target entropy", entropy, 0.0, entropy),
        ("+ KL divergence", metrics.kl_divergence, entropy, loss),
        ("= log loss", loss, 0.0, loss),
    )
    return _bars(parts, labels, max(labels, loss), page.bar_beside())


def _bars(
    parts: Sequence[tuple[str, Number, float, float]], entropy: float, scale: float, width: int
) -> Iterator[tuple[str, ...]]:
    """A line for each part: its title, value, share of the label entropy, and where it begins and ends."""
    for title, value, start, end in parts:
        share = "-" if value is None or not entropy else "inf" if value == inf else percent(value / entropy)
        bar = span_bar(start, end, scale, width)
        yield title, number(value), share, Styled(bar, title.style) if isinstance(title, Styled) else bar


def slice_grids(
    slices: Sequence[Sliced], columns: Sequence[ColumnOf[Sliced]], most: int = MOST_ROWS
) -> Iterator[Grid]:
    """A table for each set of columns sliced by, with these columns beside the values."""
    for names, found in _by_columns(slices).items():
        all_columns: list[ColumnOf[Sliced]] = []
        all_columns += [(literal(name), partial(_value, at=at)) for at, name in enumerate(names)]
        all_columns += columns
        yield grid_of(found[:most], all_columns, f"Slices by {', '.join(names)}")


def unlisted_slices(slices: Sequence[Sliced], most: int = MOST_ROWS) -> Iterator[str]:
    """How many slices by each set of columns the tables leave out."""
    for names, found in _by_columns(slices).items():
        yield from left_out(len(found) - most, f"slices by {', '.join(names)}")


def _by_columns(slices: Sequence[Sliced]) -> dict[tuple[str, ...], list[Sliced]]:
    """The slices of each set of columns, in their order."""
    sets: dict[tuple[str, ...], list[Sliced]] = {}
    for each in slices:
        sets.setdefault(tuple(column for column, _ in each.by), []).append(each)
    return sets


def _value(each: Sliced, at: int) -> str:
    value = each.by[at][1]
    return "(missing)" if value is None else value
