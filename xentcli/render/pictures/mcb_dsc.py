"""Models by what they waste and what they learned, with lines of equal log loss (Dimitriadis et al. 2024)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xentcli.render.pictures.frame import MARGIN, Axes, heading, heading_height, left_of, tick
from xentcli.render.pictures.placing import Box, Reach, free_place, overlaps
from xentcli.render.pictures.scale import Linear, around
from xentcli.render.pictures.style import hue
from xentcli.render.pictures.svg import Point, Svg, fit_each, text_width
from xentcli.render.text import number
from xentcli.results.pictures import McbDscPicture, ModelParts
from xentcli.wording import few

_WIDTH, _LEFT, _RIGHT, _HEIGHT = 600.0, 84.0, 24.0, 380.0
_NAME = 180.0  # pixels of a name at most
_LEAST_ROOM = 0.02  # of the label entropy: differences below are no more than noise of most rows
_OF_NAMES, _OF_NUMBERS = Reach(5), Reach(26, 40)


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
    _name_points(svg, models, points, (x.start, y.end - 6, x.end, y.start + 6), taken)
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
        if place[0] > x.start and not overlaps(place, taken):
            svg.text(at, tick(loss), "muted num end", font_size="11")
            taken.append(place)


def _name_points(
    svg: Svg, models: Sequence[ModelParts], points: Sequence[Point], area: Box, taken: list[Box]
) -> None:
    """Each name near its point; where there is no room a number, and the name below the picture."""
    names = fit_each([each.name for each in models], _NAME, 14)
    below: list[tuple[str, str]] = []
    for each, at in zip(models, points, strict=True):
        shown = names[each.name]
        place = free_place(at, text_width(shown, 14), area, taken, _OF_NAMES)
        if place is None:
            shown = str(len(below) + 1)
            below.append((shown, each.name))
            place = free_place(at, text_width(shown, 14), area, taken, _OF_NUMBERS)
        if place is not None:
            taken.append(place)
            _label(svg, (shown, each.name), at, place)
    _list_below(svg, below)


def _label(svg: Svg, names: tuple[str, str], at: Point, place: Box) -> None:
    """The text, as it is shown and in full, and a line to its point where it is not beside it."""
    shown, name = names
    left, top, right, bottom = place
    if abs(bottom - at[1] - 6) > 3 or min(abs(left - at[0]), abs(right - at[0])) > 13:
        svg.line(at, (left if left > at[0] else right, (top + bottom) / 2), "axis")
    halo: dict[str, float | str] = {"paint_order": "stroke", "stroke": "var(--paper)", "stroke_width": 3}
    svg.text((left, bottom - 3), shown, "strong", hint=name, **halo)


def _list_below(svg: Svg, numbered: Sequence[tuple[str, str]]) -> None:
    """The names that have a number, below the picture, which becomes so much higher."""
    if not numbered:
        return
    svg.height += 8
    room = max(text_width(number, 14) for number, _ in numbered) + 10
    names = fit_each([name for _, name in numbered], svg.width - 2 * MARGIN - room)
    for at, name in numbered:
        svg.text((MARGIN, svg.height), at, "strong")
        svg.text((MARGIN + room, svg.height), names[name], hint=name)
        svg.height += 18


def _words(each: ModelParts, unit: str) -> str:
    parts = each.breakdown
    return (
        f"{each.name}: log loss {number(each.log_loss)} {unit}, discrimination {number(parts.discrimination)}, "
        f"miscalibration {number(parts.miscalibration)}."
    )
