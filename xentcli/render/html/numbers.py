"""The numbers of a picture as tables: what it shows to whoever cannot see it, or wants to know more exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from xentcli.render.reports.report import Grid, grid_of, literal, numeric
from xentcli.render.text import number
from xentcli.results.pictures import (
    BreakdownPicture,
    CalibratePicture,
    ConfusionsPicture,
    LossesPicture,
    McbDscPicture,
    ModelCurve,
    MurphyPicture,
    Picture,
    RankPicture,
    Reliability,
    ReliabilityPicture,
    RocPicture,
    SlicesPicture,
    whole_words,
)
from xentcli.wording import percent

_MOST_POINTS, _MOST_OF_PANEL = 40, 15  # of a curve, evenly among all
_Row = tuple[object, ...]


def numbers_of(picture: Picture) -> Iterator[Grid]:
    """The tables of a picture of any kind."""
    return _TABLES[type(picture)](picture)


def tables_below(picture: Picture) -> Iterator[Grid]:
    """What belongs to a picture and is in sight without a click."""
    if not isinstance(picture, RocPicture):
        return
    names = ("threshold", "predicted", "precision", "recall", "false positive rate", "accuracy")
    for each in picture.models:
        of = f" by {each.name}" if len(picture.models) > 1 else ""
        rows = [
            (f"{x.threshold:g}", x.predicted, x.precision, x.recall, x.false_positives, x.accuracy)
            for x in each.decisions
        ]
        yield _grid(f"{picture.event} predicted{of} where its probability exceeds a threshold", names, rows)


def _grid(title: str, names: Sequence[str], rows: Sequence[_Row]) -> Grid:
    """A table whose columns hold texts, counts or numbers as the first row does."""
    texts = [isinstance(value, str) for value in rows[0]] if rows else [True] * len(names)
    columns = [
        (literal(name) if text else numeric(name), lambda row, at=at: _shown(row[at]))
        for at, (name, text) in enumerate(zip(names, texts, strict=True))
    ]
    return grid_of(rows, columns, title)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else number(value)


def _points(
    title: str, names: Sequence[str], points: Sequence[tuple[float, ...]], most: int = _MOST_POINTS
) -> Grid:
    """A curve by some of its points, with its ends."""
    count, most = len(points), min(len(points), most)
    kept = points if count <= most else [points[round(at * (count - 1) / (most - 1))] for at in range(most)]
    some = f"{title}: {most} of {count:,} points" if most < count else title
    return _grid(some, names, kept)


def _reliability(drawn: ReliabilityPicture) -> Iterator[Grid]:
    for each in drawn.models:
        yield from _diagram(each, drawn.band, _MOST_POINTS)
        yield _histogram(each, whole_words(weighted=drawn.weighted))
    for each in drawn.panels:
        yield from _diagram(each, drawn.band, _MOST_OF_PANEL)


def _diagram(each: Reliability, band: str, most: int) -> Iterator[Grid]:
    yield _points(f"{each.name}, curve", ("predicted", "recalibrated"), each.curve, most)
    if each.band:
        yield _points(f"{each.name}, {band} band", ("predicted", "5 %", "95 %"), each.band, most)


def _histogram(each: Reliability, of: str) -> Grid:
    bins = [(f"{low:.3g} to {high:.3g}", percent(share)) for low, high, share in each.histogram if share]
    return _grid(f"{each.name}, predictions", ("predicted", f"of {of}"), bins)


def _curves(drawn: MurphyPicture | RocPicture, names: tuple[str, str]) -> Iterator[Grid]:
    for each in drawn.models:
        yield from _curve(each, names)


def _curve(each: ModelCurve, names: tuple[str, str]) -> Iterator[Grid]:
    for title, points, area in (
        (each.name, each.curve, each.area),
        (f"{each.name}, recalibrated", each.recalibrated, each.recalibrated_area),
    ):
        yield _points(f"{title}, area {number(area)}", names, points)


def _parts(drawn: BreakdownPicture | McbDscPicture) -> Iterator[Grid]:
    names = ("model", "label entropy", "discrimination", "miscalibration", "log loss")
    rows = [
        (each.name, *(getattr(each.breakdown, name) for name in ("uncertainty", *names[2:4])), each.log_loss)
        for each in drawn.models
    ]
    yield _grid(f"Parts of the log loss, {drawn.unit.value}", names, rows)


def _losses(drawn: LossesPicture) -> Iterator[Grid]:
    of = whole_words(weighted=drawn.weighted)
    for each in drawn.models:
        names = ("loss from", "to", f"of {of}", "of the finite loss" if each.infinite_rows else "of the loss")
        rows = [(b.low, b.high, percent(b.rows), percent(b.loss)) for b in each.bins if b.rows]
        yield _grid(f"{each.name}, row losses, {drawn.unit.value}", names, rows)


def _confusions(drawn: ConfusionsPicture) -> Iterator[Grid]:
    rows = [(each.label, each.forecast, each.rows, each.contribution) for each in drawn.cells if each.rows]
    rows.sort(key=lambda row: -(row[3] or 0.0))
    names = ("class", "predicted as", "rows", f"contribution, {drawn.unit.value}")
    yield _grid(f"{drawn.name}, classes and predicted classes", names, rows)


def _slices(drawn: SlicesPicture) -> Iterator[Grid]:
    rows = [(each.name, each.rows, each.log_loss, each.low, each.high) for each in drawn.slices]
    yield _grid(f"Log loss by slice, {drawn.unit.value}", ("slice", "rows", "log loss", "95 % from", "to"), rows)


def _rank(drawn: RankPicture) -> Iterator[Grid]:
    names = ("model", "rank", "log loss", "difference", "from", "to")
    rows = [
        (each.name, f"{each.rank_low} to {each.rank_high}", each.log_loss, each.difference, each.low, each.high)
        for each in drawn.models
    ]
    yield _grid(f"Models against {drawn.base}, {drawn.unit.value}", names, rows)


def _calibrate(drawn: CalibratePicture) -> Iterator[Grid]:
    if drawn.before_and_after is not None:
        yield from _reliability(drawn.before_and_after)
    rows = [(each.name, each.gain, each.low, each.high, each.verdict) for each in drawn.methods]
    yield _grid(f"Held-out gain, {drawn.unit.value}", ("method", "gain", "at least", "at most", "verdict"), rows)


_TABLES: dict[type, Callable[[Any], Iterator[Grid]]] = {
    ReliabilityPicture: _reliability,
    BreakdownPicture: _parts,
    McbDscPicture: _parts,
    MurphyPicture: lambda drawn: _curves(drawn, ("threshold", "mean cost")),
    RocPicture: lambda drawn: _curves(drawn, ("false positive rate", "true positive rate")),
    LossesPicture: _losses,
    ConfusionsPicture: _confusions,
    SlicesPicture: _slices,
    RankPicture: _rank,
    CalibratePicture: _calibrate,
}
