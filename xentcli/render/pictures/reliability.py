"""The reliability diagram: what happened against what was predicted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xentcli.render.pictures.frame import MARGIN, Axes, equals, heading, heading_height, legend
from xentcli.render.pictures.scale import Linear, LogOdds, Scale
from xentcli.render.pictures.style import hue
from xentcli.render.pictures.svg import Point, Svg, fit
from xentcli.render.text import number, p_value
from xentcli.results.pictures import TOP_CLASS, Axis, Reliability, ReliabilityPicture
from xentcli.units import Unit
from xentcli.wording import percent, plural

_WIDTH, _SIDE, _LEFT = 560.0, 440.0, 84.0
_HISTOGRAM = 64.0
_PANELS, _GAP, _PANEL_TITLE = 3, 28.0, 26.0  # in a row, between them, above each


def picture(drawn: ReliabilityPicture) -> Svg:
    """Curves, the diagonal of perfect calibration, the band of chance, and how often each prediction is made."""
    lines = list(_captions(drawn))
    title = f"Reliability of the probability of {drawn.event}"
    top = heading_height(_WIDTH, lines)
    named = [each.name for each in drawn.models] if len(drawn.models) > 1 else []
    below = top + _SIDE + 12 + _HISTOGRAM * len(drawn.models)
    bottom = below + 52 + 18 * len(named)
    svg = Svg(_WIDTH, bottom + _panels_height(len(drawn.panels)), title, " ".join(lines))
    heading(svg, title, lines)
    axes = Axes(_scale(drawn.axis, _LEFT, _LEFT + _SIDE), _scale(drawn.axis, top + _SIDE, top))
    share = "share whose top class is right" if drawn.event == TOP_CLASS else f"share that is {drawn.event}"
    axes.draw(svg, "", share, x_labels=False)
    _curves(svg, drawn.models, axes)
    _histograms(svg, drawn, axes, top + _SIDE + 12)
    legend(svg, (MARGIN, below + 42), named, _WIDTH - 2 * MARGIN)
    _draw_panels(svg, drawn, bottom)
    return svg


def _scale(axis: Axis, start: float, end: float) -> Scale:
    return LogOdds(start, end) if axis == "logodds" else Linear(0, 1, start, end)


def _captions(drawn: ReliabilityPicture) -> Iterator[str]:
    several = len(drawn.models) > 1
    for model in drawn.models:
        yield _caption(model, drawn.unit, f"{model.name}: " if several else f"{plural(model.rows, 'row')}, ")
    of = f" of {drawn.models[0].name}" if several else ""
    if drawn.band != "none":
        what = "if the predictions were right" if drawn.band == "consistency" else "if the curve were right"
        yield f"Band{of}: where 90 % of such curves lie {what}. Dotted: perfect calibration."


def _caption(model: Reliability, unit: Unit, begin: str) -> str:
    parts = model.breakdown
    if parts is None:
        return begin.removesuffix(", ").removesuffix(": ") + "."
    p = "" if parts.p_value is None else f" (calibration test, p {equals(p_value(parts.p_value))})"
    return (
        f"{begin}log loss {number(model.log_loss)} {unit.value} = {number(parts.uncertainty)} label entropy "
        f"- {number(parts.discrimination)} discrimination + {number(parts.miscalibration)} miscalibration{p}."
    )


def _curves(svg: Svg, models: Sequence[Reliability], axes: Axes) -> None:
    """The band of the first, the diagonal, and the curve of each."""
    x, y = axes.x, axes.y
    if models[0].band:
        low = [(x(p), y(least)) for p, least, _ in models[0].band]
        high: list[Point] = [(x(p), y(most)) for p, _, most in models[0].band]
        svg.path(low + high[::-1], "fill band", closed=True)
    svg.line((x.start, y.start), (x.end, y.end), "line neutral", stroke_dasharray="2 4", stroke_width=1.5)
    for series, model in enumerate(models):
        svg.curve([(x(p), y(share)) for p, share in model.curve], series)


def _histograms(svg: Svg, drawn: ReliabilityPicture, axes: Axes, at: float) -> None:
    """One below the other, and the numbers of the axis below them all."""
    x = axes.x
    for series, model in enumerate(drawn.models):
        most = max(share for _, _, share in model.histogram)
        _histogram(svg, model, series, Linear(0, most, at + _HISTOGRAM - 6, at), x)
        at += _HISTOGRAM
    for value in x.ticks():
        svg.text((x(value), at + 14), f"{value:g}", "muted num middle")
    middle = (x.start + x.end) / 2
    svg.text((middle, at + 34), f"predicted probability of {drawn.event}, and how often", "muted middle")


def _histogram(svg: Svg, model: Reliability, series: int, y: Linear, x: Scale) -> None:
    for low, high, share in model.histogram:
        if share > 0:
            left, right, top = x(low) + 1, x(high) - 1, min(y(share), y.start - 1)
            hint = f"{low:.3g} to {high:.3g}: {percent(share)} of the rows"
            svg.rect((left, top), right - left, y.start - top, f"fill {hue(series)}", hint)
    svg.line((x.start, y.start), (x.end, y.start), "axis")


def _panel_side() -> float:
    return (_WIDTH - 2 * MARGIN - (_PANELS - 1) * _GAP) / _PANELS


def _panels_height(count: int) -> float:
    return -(-count // _PANELS) * (_panel_side() + _PANEL_TITLE + _GAP) + 10


def _draw_panels(svg: Svg, drawn: ReliabilityPicture, top: float) -> None:
    """A small diagram for each class."""
    side = _panel_side()
    for at, each in enumerate(drawn.panels):
        row, column = divmod(at, _PANELS)
        left = MARGIN + column * (side + _GAP)
        upper = top + row * (side + _PANEL_TITLE + _GAP) + _PANEL_TITLE
        svg.text((left, upper - 8), fit(each.name, side, 13), "strong", hint=each.name)
        axes = Axes(_scale(drawn.axis, left, left + side), _scale(drawn.axis, upper + side, upper))
        svg.line((left, upper + side), (left + side, upper + side), "axis")
        svg.line((left, upper), (left, upper + side), "axis")
        _curves(svg, [each], axes)
