"""Forest plots: a point and its interval for each slice, model or method, one below the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

from xentcli.render.pictures.frame import MARGIN, heading, heading_height, tick
from xentcli.render.pictures.scale import Linear, around
from xentcli.render.pictures.svg import Svg, fit, fit_each, text_width
from xentcli.render.text import number, signed
from xentcli.results.pictures import MethodPoint, RankedPoint, RankPicture, SlicePoint, SlicesPicture
from xentcli.results.rank import CHOSEN_ON_THESE_ROWS
from xentcli.units import Unit
from xentcli.wording import few, plural

_WIDTH, _ROW, _NAME, _BETWEEN = 680.0, 26.0, 200.0, 16.0


class ForestRow(Struct, frozen=True):
    """A line of a forest plot; `value`, `low` and `high` are None or infinite where there are none."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    words: tuple[str, ...]  # columns at the right
    look: str  # a class of the style


def slices(drawn: SlicesPicture) -> Svg:
    """The log loss of each slice with its interval, beside the log loss of all rows."""
    unit = drawn.unit.value
    title = f"Log loss by slice: {drawn.name}"
    count = len(drawn.slices)
    left_out = f" The {count} costliest; {drawn.left_out:,} more are not drawn." if drawn.left_out else ""
    dashed = (
        f"Dashed: all rows, {number(drawn.overall)}." if math.isfinite(drawn.overall) else "All rows: infinite."
    )
    arrow = " An arrow: infinite." if any(math.isinf(each.log_loss) for each in drawn.slices) else ""
    lines = [f"Point and 95 % interval, {unit}. {dashed}{arrow}{left_out}"]
    rows = [_slice(each, drawn.overall) for each in drawn.slices]
    return forest(title, lines, rows, drawn.overall, f"log loss, {unit}", zero=True)


def _slice(each: SlicePoint, overall: float) -> ForestRow:
    look = "neutral"
    if (each.low is not None and each.low > overall) or math.isinf(each.log_loss):
        look = "worse"
    elif each.high is not None and each.high < overall:
        look = "better"
    words = (number(each.log_loss), plural(each.rows, "row"))
    return ForestRow(each.name, each.log_loss, each.low, each.high, words, look)


def rank(drawn: RankPicture) -> Svg:
    """The paired difference of each model to the best, or to the base."""
    unit = drawn.unit.value
    title = f"{plural(len(drawn.models), 'model')} on the same {plural(drawn.rows, 'row')}"
    best = [each.name for each in drawn.models if each.may_be_best]
    lines = [
        f"Difference in log loss to {drawn.base}, {unit} a row, with its paired {100 * drawn.level:g} % interval; "
        f"left is better. May be best: {few(best, 5, ' and {left} more') or 'none'}.",
        *([CHOSEN_ON_THESE_ROWS] if drawn.best_is_base else []),
    ]
    differences = [each.difference for each in drawn.models]
    if any(each is not None and math.isinf(each) for each in differences):
        lines.append("An arrow: infinite, as one of the two has rows of infinite loss.")
    if None in differences:
        lines.append(f"Without a point: rows of infinite loss, as {drawn.base} has.")
    rows = [_model(each) for each in drawn.models]
    return forest(title, lines, rows, 0.0, f"log loss less that of {drawn.base}, {unit}")


def _model(each: RankedPoint) -> ForestRow:
    place = f"{each.rank_low}" if each.rank_low == each.rank_high else f"{each.rank_low} to {each.rank_high}"
    look = "better" if each.may_be_best else "neutral"
    words = (number(each.log_loss), f"rank {place}")
    return ForestRow(each.name, each.difference, each.low, each.high, words, look)


def methods(title: str, lines: Sequence[str], points: Sequence[MethodPoint], unit: Unit) -> Svg:
    """What each recalibration saves on rows that its fit has not seen."""
    looks = {"helps": "better", "hurts": "worse"}
    rows = [
        ForestRow(
            f"{each.name} (chosen)" if each.chosen else each.name,
            each.gain,
            each.low,
            each.high,
            (signed(each.gain), each.verdict),
            looks.get(each.verdict, "neutral"),
        )
        for each in points
    ]
    return forest(title, lines, rows, 0.0, f"gain, {unit.value}")


def forest(
    title: str, lines: Sequence[str], rows: Sequence[ForestRow], reference: float, axis: str, *, zero: bool = False
) -> Svg:
    """The rows one below the other, with a dashed line at `reference`."""
    names = fit_each([row.name for row in rows], _NAME)
    room = max(map(text_width, names.values()), default=0.0) + 2
    columns = list(zip(*(row.words for row in rows), strict=True))
    widths = [max(map(text_width, column)) for column in columns]
    top = heading_height(_WIDTH, lines)
    bottom = top + _ROW * len(rows)
    svg = Svg(_WIDTH, bottom + 52, title, " ".join(lines))
    heading(svg, title, lines)
    values = [value for row in rows for value in (row.value, row.low, row.high) if value is not None]
    finite = [value for value in (*values, reference) if math.isfinite(value)]
    ends = around(finite, zero=zero, floor=0.0 if zero else -math.inf)
    right = _WIDTH - MARGIN - sum(widths) - _BETWEEN * len(widths)
    x = Linear(*ends, MARGIN + room + 14, right)
    _axis(svg, x, (top, bottom), axis, at=None if any(finite) else finite[:1])
    if math.isfinite(reference):
        svg.line((x(reference), top), (x(reference), bottom), "line neutral", stroke_dasharray="5 4")
    for at, row in enumerate(rows):
        y = top + at * _ROW + _ROW / 2
        svg.text((MARGIN + room, y + 4), names[row.name], "end", hint=row.name)
        _interval(svg, row, x, y)
        end = right
        for width, word in zip(widths, row.words, strict=True):
            end += _BETWEEN + width
            svg.text((end, y + 4), word, "num end muted")
    return svg


def _axis(svg: Svg, x: Linear, rows: tuple[float, float], title: str, at: list[float] | None) -> None:
    """With numbers at `at` alone if it is given: where all values are 0 or infinite, its ends say nothing."""
    top, bottom = rows
    most = max(2, int((x.end - x.start) / 64))
    for value in x.ticks(min(6, most)) if at is None else at:
        svg.line((x(value), top), (x(value), bottom), "grid")
        svg.text((x(value), bottom + 18), tick(value), "muted num middle")
    svg.text(((x.start + x.end) / 2, bottom + 38), fit(title, x.end - x.start + 120), "muted middle")


def _interval(svg: Svg, row: ForestRow, x: Linear, y: float) -> None:
    low, high = row.low, row.high
    if low is not None and high is not None:
        svg.line((x(low), y), (x(high), y), f"line {row.look}", stroke_width=2)
        for end in (low, high):
            svg.line((x(end), y - 4), (x(end), y + 4), f"line {row.look}", stroke_width=2)
    if row.value is None:
        return
    hint = f"{row.name}: {signed(row.value) if row.words[0].startswith(('+', '-')) else number(row.value)}"
    if math.isinf(row.value):
        tip, back = (x.end, -9) if row.value > 0 else (x.start, 9)
        points = [(tip + back, y - 5), (tip, y), (tip + back, y + 5)]
        svg.path(points, f"fill {row.look}", closed=True, hint=hint)
        return
    svg.mark("circle", hint, f"fill {row.look}", cx=x(row.value), cy=y, r=4.5)
