"""Models by what they waste and what they learned, with lines of equal log loss (Dimitriadis et al. 2021)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xentcli.render.pictures.frame import Axes, heading, heading_height, left_of, tick
from xentcli.render.pictures.scale import Linear, around
from xentcli.render.pictures.style import hue
from xentcli.render.pictures.svg import Point, Svg, fit_each, text_width
from xentcli.render.text import number
from xentcli.results.pictures import McbDscPicture, ModelParts
from xentcli.wording import few

_WIDTH, _LEFT, _RIGHT, _HEIGHT = 600.0, 84.0, 24.0, 380.0
_NAME = 180.0  # pixels of a name at most
_LEAST_ROOM = 0.02  # of the label entropy: differences below are no more than noise of most rows

Box = tuple[float, float, float, float]  # left, top, right, bottom


def picture(drawn: McbDscPicture) -> Svg:
    """A point for each model: up and to the left is better."""
    unit, entropy = drawn.unit.value, drawn.models[0].breakdown.uncertainty or 0.0
    infinite = [each.name for each in drawn.models if not math.isfinite(each.log_loss)]
    series = {each.name: at for at, each in enumerate(drawn.models)}  # its hue, whoever else is drawn
    title = "Discrimination against miscalibration"
    lines = [
        f"Up: more learned. Left: less wasted. Models on one grey line have the same log loss; label entropy "
        f"{number(entropy)} {unit}.",
        *([f"Of infinite log loss, and not drawn: {few(infinite, 5, ' and {left} more')}."] if infinite else []),
    ]
    models = [each for each in drawn.models if math.isfinite(each.log_loss)]
    top = heading_height(_WIDTH, lines)
    svg = Svg(_WIDTH, top + _HEIGHT + 60, title, " ".join(lines + [_words(each, unit) for each in models]))
    heading(svg, title, lines)
    learned = [_learned(each) for each in models]
    most_wasted = max(map(_wasted, models))
    least = max(_LEAST_ROOM * entropy, most_wasted, max(learned) - min(learned))  # of both axes
    x_ends = around([most_wasted], zero=True, least=least)
    y_ends = around(learned, floor=0.0, least=least)
    y = Linear(*y_ends, top + _HEIGHT, top)
    x = Linear(*x_ends, left_of(y, _LEFT), _WIDTH - _RIGHT)
    axes = Axes(x, y)
    axes.draw(svg, f"miscalibration (wasted), {unit}", f"discrimination (learned), {unit}")
    points = [(x(_wasted(each)), y(_learned(each))) for each in models]
    taken = [(at[0] - 9, at[1] - 7, at[0] + 9, at[1] + 7) for at in points]
    _isolines(svg, (x, y), entropy, taken)
    for each, at in zip(models, points, strict=True):
        svg.mark("circle", _words(each, unit), f"fill {hue(series[each.name])}", cx=at[0], cy=at[1], r=6)
    names = fit_each([each.name for each in models], _NAME, 14)
    for each, at in zip(models, points, strict=True):
        _name(svg, (names[each.name], each.name), at, taken)
    return svg


def _wasted(each: ModelParts) -> float:
    return each.breakdown.miscalibration or 0.0


def _learned(each: ModelParts) -> float:
    return each.breakdown.discrimination or 0.0


def _isolines(svg: Svg, axes: tuple[Linear, Linear], entropy: float, taken: list[Box]) -> None:
    """Discrimination = miscalibration + entropy - loss, for round losses, which are named where there is room."""
    x, y = axes
    losses = Linear(entropy - y.high + x.low, entropy - y.low + x.high, 0, 1)
    for loss in losses.ticks(8):
        low = max(x.low, y.low - entropy + loss)
        high = min(x.high, y.high - entropy + loss)
        if low >= high or loss < 0:
            continue
        start, end = (low, low + entropy - loss), (high, high + entropy - loss)
        svg.line((x(start[0]), y(start[1])), (x(end[0]), y(end[1])), "axis", stroke_opacity=0.55)
        at = x(end[0]) - 4, y(end[1]) + (14 if end[1] >= y.high - 1e-12 else -4)
        place = at[0] - text_width(tick(loss), 11), at[1] - 9, at[0], at[1] + 3
        if not any(_overlap(place, other) for other in taken):
            svg.text(at, tick(loss), "muted num end", font_size="11")
            taken.append(place)


def _name(svg: Svg, names: tuple[str, str], at: Point, taken: list[Box]) -> None:
    """The name, as it is shown and in full, beside its point, where nothing stands yet."""
    shown, name = names
    width = text_width(shown, 14)
    place = next(each for each in _places(at, width) if not any(_overlap(each, other) for other in taken))
    taken.append(place)
    left, top, right, bottom = place
    if abs(bottom - at[1] - 6) > 3:  # not beside it
        svg.line(at, (left if left > at[0] else right if right < at[0] else at[0], (top + bottom) / 2), "axis")
    halo: dict[str, float | str] = {"paint_order": "stroke", "stroke": "var(--paper)", "stroke_width": 3}
    svg.text((left, bottom - 3), shown, "strong", hint=name, **halo)


def _places(at: Point, width: float) -> Iterator[Box]:
    """Where a name could stand: right and left of its point, then further and further below and above."""
    for step in range(100):
        for down in (15.0 * step, -15.0 * step)[: 2 if step else 1]:
            for left in (at[0] + 12, at[0] - 12 - width):
                if left >= 4 and left + width <= _WIDTH - 4:
                    yield left, at[1] - 9 + down, left + width, at[1] + 6 + down
    yield at[0], at[1], at[0], at[1]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _words(each: ModelParts, unit: str) -> str:
    parts = each.breakdown
    return (
        f"{each.name}: log loss {number(each.log_loss)} {unit}, discrimination {number(parts.discrimination)}, "
        f"miscalibration {number(parts.miscalibration)}."
    )
