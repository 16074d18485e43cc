"""The tables of the breakdown: a sum to check by eye, confusions, slices, confidence against accuracy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xentcli.render.diagram import against, span
from xentcli.render.reports.report import Column, Grid, Group
from xentcli.render.text import number, percent
from xentcli.results.compare import AnySlice
from xentcli.results.parts import Breakdown, Number, SliceResult
from xentcli.results.score import ScoreResult

MOST_CONFUSIONS = 5  # in a table for people; the flat formats have all
MOST_SLICES = 30  # likewise, of each set of columns


def sum_grid(result: ScoreResult, breakdown: Breakdown) -> Grid:
    """Label entropy - learned = refinement, + wasted = log loss; beside each its share of the label entropy."""
    columns = (
        Column("Where the loss comes from"),
        Column(result.unit.value, right=True),
        Column("of labels", right=True),
        Column(bar=True),
    )
    groups = [Group(tuple(_sum(result, breakdown)))]
    if result.signature.labels == "soft":
        groups.append(Group(tuple(_targets(result)), "Against the targets"))
    return Grid(columns, tuple(groups))


def _sum(result: ScoreResult, breakdown: Breakdown) -> Iterator[tuple[str, ...]]:
    whole, rest, loss = breakdown.uncertainty or 0.0, breakdown.refinement or 0.0, result.metrics.log_loss or 0.0
    scale = max(whole, loss) if loss < float("inf") else 1.25 * max(whole, rest)
    parts = (
        ("  label entropy", whole, 0.0, whole),
        ("- learned (discrimination)", breakdown.discrimination, rest, whole),
        ("= left (refinement)", rest, 0.0, rest),
        ("+ wasted (miscalibration)", breakdown.miscalibration, rest, loss),
        ("= log loss", loss, 0.0, loss),
    )
    for title, value, start, end in parts:
        yield title, number(value), _share(value, whole), span(start, end, scale)


def _targets(result: ScoreResult) -> Iterator[tuple[str, ...]]:
    metrics = result.metrics
    entropy, loss, whole = metrics.target_entropy or 0.0, metrics.log_loss or 0.0, metrics.label_entropy
    scale = max(metrics.label_entropy or 0.0, loss)
    yield "target entropy", number(entropy), _share(entropy, whole), span(0.0, entropy, scale)
    divergence = metrics.kl_divergence
    yield "+ KL divergence", number(divergence), _share(divergence, whole), span(entropy, loss, scale)
    yield "= log loss", number(loss), _share(loss, whole), span(0.0, loss, scale)


def _share(value: Number, whole: Number) -> str:
    return "-" if value is None or not whole else "inf" if value == float("inf") else percent(value / whole)


def confusion_grid(result: ScoreResult) -> Grid:
    """The pairs of classes that cost most."""
    columns = (
        Column("class", raw=True),
        Column("taken for", raw=True),
        Column("rows", right=True),
        Column("adds", right=True),
        Column("of the loss", right=True),
    )
    rows = tuple(
        (each.label, each.forecast, number(each.rows), number(each.contribution), percent(each.share))
        for each in result.confusions[:MOST_CONFUSIONS]
    )
    return Grid(columns, (Group(rows),))


def by_columns(slices: Sequence[AnySlice]) -> dict[tuple[str, ...], list[AnySlice]]:
    """The slices of each set of columns, in their order."""
    sets: dict[tuple[str, ...], list[AnySlice]] = {}
    for each in slices:
        sets.setdefault(tuple(column for column, _ in each.by), []).append(each)
    return sets


def slice_grids(result: ScoreResult) -> Iterator[Grid]:
    """A table for each set of columns sliced by."""
    for names, slices in by_columns(result.slices).items():
        columns = (*(Column(name, raw=True) for name in names), *(Column(t, right=True) for t in _SLICE_TITLES))
        rows = tuple(_slice(each, result) for each in slices[:MOST_SLICES])
        yield Grid(columns, (Group(rows),))


_SLICE_TITLES = ("rows", "log loss", "adds", "accuracy", "entropy", "learned", "wasted", "p")


def _slice(each: SliceResult, result: ScoreResult) -> tuple[str, ...]:
    metrics, parts = each.metrics, each.breakdown
    return (
        *("(missing)" if value is None else value for _, value in each.by),
        number(each.rows),
        number(metrics.log_loss),
        number(each.contribution),
        percent(metrics.accuracy),
        number(metrics.label_entropy),
        number(parts.discrimination if parts else None),
        number(parts.miscalibration if parts else None),
        number(parts.p_value if parts else None, 2),
    )


def reliability_grid(result: ScoreResult) -> Grid:
    """How often the top class is right, by how sure the forecasts are of it."""
    columns = (
        Column("confidence"),
        Column("rows", right=True),
        Column("mean", right=True),
        Column("accuracy", right=True),
        Column("accuracy, and | where it should end", bar=True),
    )
    bins: Sequence[tuple[str, ...]] = [
        (
            f"{each.low:.3f} to {each.high:.3f}",
            number(each.rows),
            number(each.confidence, 3),
            number(each.accuracy, 3),
            against(each.accuracy, each.confidence),
        )
        for each in result.reliability
        if each.rows
    ]
    return Grid(columns, (Group(tuple(bins)),))
