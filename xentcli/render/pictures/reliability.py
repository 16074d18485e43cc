"""The reliability diagram: what happened against what was predicted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from xentcli.render.pictures.frame import (
    MARGIN,
    Axes,
    dash,
    heading,
    heading_height,
    hue,
    legend,
)
from xentcli.render.pictures.scale import Linear
from xentcli.render.pictures.svg import Point, Svg
from xentcli.render.text import number, p_value
from xentcli.results.pictures import Reliability, ReliabilityPicture
from xentcli.wording import percent

_WIDTH, _SIDE, _LEFT = 560.0, 440.0, 84.0
_HISTOGRAM = 64.0


def picture(drawn: ReliabilityPicture) -> Svg:
    """The curves, the diagonal of perfect calibration, the band of chance, and how often each prediction is made."""
    lines = list(_captions(drawn))
    title = f"Reliability of the probability of {drawn.event}"
    top = heading_height(_WIDTH, lines)
    named = len(drawn.models) if len(drawn.models) > 1 else 0
    below = top + _SIDE + 12 + _HISTOGRAM * len(drawn.models)
    height = below + 52 + 18 * named + (10 if named else 0) + 6
    svg = Svg(_WIDTH, height, title, " ".join(lines))
    heading(svg, title, lines)
    x, y = Linear(0, 1, _LEFT, _LEFT + _SIDE), Linear(0, 1, top + _SIDE, top)
    axes = Axes(x, y)
    axes.draw(svg, "", f"share that is {drawn.event}", x_labels=False)
    if drawn.band != "none":
        for model in drawn.models[:1] if len(drawn.models) > 1 else drawn.models:
            svg.path(_band(model, axes), "fill band", closed=True)
    svg.line((x(0), y(0)), (x(1), y(1)), "line neutral", stroke_dasharray="2 4", stroke_width=1.5)
    for series, model in enumerate(drawn.models):
        points = [(x(p), y(share)) for p, share in model.curve]
        svg.path(
            points, f"line {hue(series)}", stroke_width=2.2, stroke_dasharray=dash(series), stroke_linejoin="round"
        )
    at = top + _SIDE + 12
    for series, model in enumerate(drawn.models):
        _histogram(svg, model, series, Linear(0, max(model.histogram), at + _HISTOGRAM - 6, at), x)
        at += _HISTOGRAM
    for value in x.ticks():
        svg.text((x(value), at + 14), f"{value:g}", "muted num middle")
    svg.text((x(0.5), at + 34), f"predicted probability of {drawn.event}, and how often", "muted middle")
    if named:
        legend(svg, (MARGIN, at + 46), [model.name for model in drawn.models], _WIDTH - 2 * MARGIN)
    return svg


def _captions(drawn: ReliabilityPicture) -> Iterator[str]:
    for model in drawn.models:
        parts, unit = model.breakdown, drawn.unit.value
        if parts is None:
            continue
        begin = f"{model.name}: " if len(drawn.models) > 1 else f"{model.rows:,} rows, "
        p = (
            ""
            if parts.p_value is None
            else f" (calibration test, p = {p_value(parts.p_value)})".replace("= <", "< ")
        )
        yield (
            f"{begin}log loss {number(model.log_loss)} {unit} = {number(parts.uncertainty)} label entropy "
            f"- {number(parts.discrimination)} discrimination + {number(parts.miscalibration)} miscalibration{p}."
        )
    if drawn.band != "none":
        what = "if the predictions were right" if drawn.band == "consistency" else "of the curve"
        of = f" of {drawn.models[0].name}" if len(drawn.models) > 1 else ""
        yield f"Band{of}: where 90 % of such curves lie {what}. Dotted: perfect calibration."


def _band(model: Reliability, axes: Axes) -> list[Point]:
    low = [(axes.x(p), axes.y(low)) for p, low, _ in model.band]
    high = [(axes.x(p), axes.y(high)) for p, _, high in model.band]
    return low + high[::-1]


def _histogram(svg: Svg, model: Reliability, series: int, y: Linear, x: Linear) -> None:
    bins: Sequence[float] = model.histogram
    width = (x.end - x.start) / len(bins)
    for number_of, share in enumerate(bins):
        if share > 0:
            corner = x.start + number_of * width + 1, min(y(share), y.start - 1)
            low, high = number_of / len(bins), (number_of + 1) / len(bins)
            hint = f"{low:g} to {high:g}: {percent(share)} of the rows"
            svg.rect(corner, width - 2, y.start - corner[1], f"fill {hue(series)}", hint)
    svg.line((x.start, y.start), (x.end, y.start), "axis")


def log_odds(p: float) -> float:
    """Of a probability; infinite at 0 and 1."""
    return math.log(p / (1 - p)) if 0 < p < 1 else math.copysign(math.inf, p - 0.5)
