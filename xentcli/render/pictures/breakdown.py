"""The breakdown as steps from the label entropy to the log loss."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xentcli.render.pictures.frame import BOLD, MARGIN, heading, heading_height, tick
from xentcli.render.pictures.scale import Linear, around
from xentcli.render.pictures.svg import MINUS, Svg, fit
from xentcli.render.text import number
from xentcli.results.pictures import BreakdownPicture, ModelParts
from xentcli.units import Unit
from xentcli.wording import percent

_WIDTH, _LEFT, _STEP, _BAR = 640.0, 160.0, 30.0, 18.0
_BEYOND = "An arrow: infinite, beyond any axis."
_RIGHT, _TIP = 96.0, 16.0  # right of the axis; of the arrow of a bar without an end


def picture(drawn: BreakdownPicture) -> Svg:
    """A block of steps for each model, all on one scale."""
    one = len(drawn.models) == 1
    title = "Where the log loss comes from" + (f": {drawn.models[0].name}" if one else "")
    lines = [
        f"label entropy {MINUS} discrimination (learned) + miscalibration (wasted, recoverable) = log loss, in "
        f"{drawn.unit.value} a row.",
        *([_BEYOND] if any(math.isinf(each.log_loss) for each in drawn.models) else []),
        *(_sentence(each, drawn.unit, named=not one) for each in drawn.models),
    ]
    top = heading_height(_WIDTH, lines)
    block = 4 * _STEP + (0 if one else 26)
    svg = Svg(_WIDTH, top + block * len(drawn.models) + 40, title, " ".join(lines))
    heading(svg, title, lines)
    ends = [end for each in drawn.models for _, start, end, _, _ in _steps(each) for end in (start, end)]
    x = Linear(0, around([end for end in ends if math.isfinite(end)], zero=True)[1], _LEFT, _WIDTH - _RIGHT)
    bottom = top + block * len(drawn.models)
    for value in x.ticks():
        svg.line((x(value), top), (x(value), bottom), "grid")
        svg.text((x(value), bottom + 18), tick(value), "muted num middle")
    for at, each in enumerate(drawn.models):
        _draw(svg, each, x, top + at * block, named=not one)
    svg.line((x(0), top), (x(0), bottom), "axis")
    return svg


def _draw(svg: Svg, each: ModelParts, x: Linear, top: float, *, named: bool) -> None:
    if named:
        svg.text((MARGIN, top + 18), fit(each.name, (_WIDTH - 2 * MARGIN) / BOLD), "strong", hint=each.name)
        top += 26
    for at, (title, start, end, value, look) in enumerate(_steps(each)):
        y = top + at * _STEP
        svg.text((_LEFT - 10, y + 18), title, "end")
        low, high = sorted((x(start), x(end)))
        hint = f"{title}: {value}"
        if math.isinf(end):
            _endless(svg, (low, y + 5), x.end, f"fill {look}", hint)
            svg.text((x.end + _TIP + 8, y + 18), "infinite")
            continue
        svg.rect((low, y + 5), max(high - low, 1.0), _BAR, f"fill {look}", hint)
        if at < 3:  # to where the next one begins
            svg.line((x(end), y + 5 + _BAR), (x(end), y + 5 + _STEP), "axis")
        svg.text((high + 8, y + 18), value, "num")


def _endless(svg: Svg, corner: tuple[float, float], end: float, look: str, hint: str) -> None:
    """A bar that no axis holds: with a gap before its end, and the tip of an arrow."""
    left, top = corner
    bottom, gap = top + _BAR, end - 18
    for points in (
        [(left, top), (gap, top), (gap - 5, bottom), (left, bottom)],
        [(gap + 5, top), (end, top), (end + _TIP, top + _BAR / 2), (end, bottom), (gap, bottom)],
    ):
        svg.path(points, look, closed=True, hint=hint)


def _steps(each: ModelParts) -> Iterator[tuple[str, float, float, str, str]]:
    """Title, where it starts and ends, the number, and the hue of each step."""
    parts = each.breakdown
    entropy, rest = parts.uncertainty or 0.0, parts.refinement or 0.0
    yield "label entropy", 0.0, entropy, number(entropy), "neutral"
    yield f"{MINUS} discrimination", entropy, rest, number(parts.discrimination), "discrimination"
    yield "+ miscalibration", rest, each.log_loss, number(parts.miscalibration), "miscalibration"
    yield "= log loss", 0.0, each.log_loss, number(each.log_loss), "s0"


def _sentence(each: ModelParts, unit: Unit, *, named: bool) -> str:
    parts, begin = each.breakdown, f"{each.name}: the" if named else "The"
    if not parts.uncertainty:
        return f"{begin} labels hold no information: all rows are of one class."
    learned = percent((parts.discrimination or 0.0) / parts.uncertainty)
    text = f"{begin} predictions explain {learned} of the label entropy"
    if each.log_loss and math.isfinite(each.log_loss):
        wasted = percent((parts.miscalibration or 0.0) / each.log_loss)
        text += (
            f"; recalibration could save at most {number(parts.miscalibration)} {unit.value}, {wasted} of the loss"
        )
    elif math.isinf(each.log_loss):
        text += "; true classes of probability 0 make the log loss infinite"
    return f"{text}."
