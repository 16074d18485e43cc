"""The reliability diagram: what happened against what was predicted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from xentcli.render.pictures.frame import MARGIN, Axes, equals, heading, heading_height, left_of, legend, tick
from xentcli.render.pictures.scale import Linear, LogOdds, Scale
from xentcli.render.pictures.style import hue
from xentcli.render.pictures.svg import MINUS, Point, Svg, fit, fit_each
from xentcli.render.text import number, p_value
from xentcli.results.parts import Number
from xentcli.results.pictures import Reliability, ReliabilityPicture, share_words, whole_words
from xentcli.units import Unit
from xentcli.wording import percent, plural

_WIDTH, _SIDE, _LEFT = 560.0, 440.0, 84.0
_HISTOGRAM = 64.0
_ROUNDING = 1e-12
_PANELS, _GAP, _PANEL_TITLE = 3, 28.0, 34.0  # in a row, between them, above each


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
    scale = partial(_scale, drawn)
    axes = Axes(scale(left_of(scale(0, 1), _LEFT), _LEFT + _SIDE), scale(top + _SIDE, top))
    axes.draw(svg, "", share_words(drawn.event), x_labels=False)
    _curves(svg, drawn.models, axes)
    _histograms(svg, drawn, axes, top + _SIDE + 12)
    legend(svg, (MARGIN, below + 42), named, _WIDTH - 2 * MARGIN)
    _draw_panels(svg, drawn, bottom)
    return svg


def _scale(drawn: ReliabilityPicture, start: float, end: float) -> Scale:
    return LogOdds(start, end, drawn.least) if drawn.axis == "logodds" else Linear(0, 1, start, end)


def _captions(drawn: ReliabilityPicture) -> Iterator[str]:
    several = len(drawn.models) > 1
    if drawn.labels:
        yield f"Each row has {drawn.labels:,} labels, which count as so many rows."
    for model in drawn.models:
        yield _caption(model, drawn.unit, f"{model.name}: " if several else f"{plural(model.rows, 'row')}, ")
    of = f' of "{drawn.models[0].name}"' if several else ""
    if drawn.band != "none":
        what = "if the predictions were right" if drawn.band == "consistency" else "if the curve were right"
        rows = "" if drawn.cluster is None else f', rows taken as independent, whatever their "{drawn.cluster}"'
        yield f"Band{of}: where 90 % of such curves lie {what}{rows}. Dotted: perfect calibration."
    else:
        yield "Dotted: perfect calibration."
    if drawn.axis == "logodds":
        ends = f"{tick(drawn.least)} and above {1 - drawn.least:.10g}"
        yield f"Axes by log-odds; what lies below {ends} stands at their ends."
    if 0 < len(drawn.panels) < drawn.class_count:
        most = f"the {len(drawn.panels)} most frequent of {drawn.class_count:,} classes"
        yield f"Panels: {most}, each against the rest."
    elif drawn.panels:
        yield "Panels: each class against the rest."


def _caption(model: Reliability, unit: Unit, begin: str) -> str:
    parts = model.breakdown
    if parts is None:
        return begin.removesuffix(", ").removesuffix(": ") + "."
    p = "" if parts.p_value is None else f" (calibration test, p {equals(p_value(parts.p_value))})"
    return (
        f"{begin}log loss {number(model.log_loss)} {unit.value} = {number(parts.uncertainty)} label entropy "
        f"{MINUS} {_part(parts.discrimination)} discrimination + {_part(parts.miscalibration)} "
        f"miscalibration{p}."
    )


def _part(value: Number) -> str:
    """A part of a log loss; what float64 leaves of nothing is 0."""
    return number(0.0 if value is not None and abs(value) < _ROUNDING else value)


def _curves(svg: Svg, models: Sequence[Reliability], axes: Axes) -> None:
    """The band of the first, the diagonal, and the curve of each."""
    x, y = axes.x, axes.y
    if _is_point(models[0], x):
        for p, least, most in models[0].band[:1]:
            svg.line((x(p), y(least)), (x(p), y(most)), "line band", stroke_width=10)
    elif models[0].band:
        low = [(x(p), y(least)) for p, least, _ in models[0].band]
        high: list[Point] = [(x(p), y(most)) for p, _, most in models[0].band]
        svg.path(low + high[::-1], "fill band", closed=True)
    svg.line((x.start, y.start), (x.end, y.end), "line neutral", stroke_dasharray="2 4", stroke_width=1.5)
    for series, model in enumerate(models):
        points = [(x(p), y(share)) for p, share in model.curve]
        if _is_point(model, x):  # a line of no length is not seen
            p, share = model.curve[0]
            hint = f"{model.name}: predicted {p:.4g}, recalibrated {share:.4g}"
            svg.mark("circle", hint, f"fill {hue(series)}", cx=points[0][0], cy=points[0][1], r=5)
        else:
            svg.curve(points, series)


def _is_point(model: Reliability, x: Scale) -> bool:
    """Whether all predictions are alike."""
    return x(model.curve[-1][0]) == x(model.curve[0][0])


def _histograms(svg: Svg, drawn: ReliabilityPicture, axes: Axes, at: float) -> None:
    """One below the other, and the numbers of the axis below them all."""
    x = axes.x
    for series, model in enumerate(drawn.models):
        most = max(share for _, _, share in model.histogram)
        of = whole_words(weighted=drawn.weighted)
        _histogram(svg, model, series, (x, Linear(0, most, at + _HISTOGRAM - 6, at)), of)
        at += _HISTOGRAM
    for value in x.ticks():
        svg.text((x(value), at + 14), tick(value), "muted num middle")
    title = fit(f"predicted probability of {drawn.event}, and how often", x.end - x.start)
    svg.text(((x.start + x.end) / 2, at + 34), title, "muted middle")


def _histogram(svg: Svg, model: Reliability, series: int, axes: tuple[Scale, Linear], of: str) -> None:
    x, y = axes
    for low, high, share in model.histogram:
        if share > 0:
            left, right, top = x(low) + 1, x(high) - 1, min(y(share), y.start - 1)
            hint = f"{low:.3g} to {high:.3g}: {percent(share)} of {of}"
            svg.rect((left, top), right - left, y.start - top, f"fill {hue(series)}", hint)
    svg.line((x.start, y.start), (x.end, y.start), "axis")


def _panel_side() -> float:
    return (_WIDTH - 2 * MARGIN - (_PANELS - 1) * _GAP) / _PANELS


def _panels_height(count: int) -> float:
    return -(-count // _PANELS) * (_panel_side() + _PANEL_TITLE + _GAP) + 10


def _draw_panels(svg: Svg, drawn: ReliabilityPicture, top: float) -> None:
    """A small diagram for each class."""
    side = _panel_side()
    names = fit_each([each.name for each in drawn.panels], side, 14)
    for at, each in enumerate(drawn.panels):
        row, column = divmod(at, _PANELS)
        left = MARGIN + column * (side + _GAP)
        upper = top + row * (side + _PANEL_TITLE + _GAP) + _PANEL_TITLE
        svg.text((left, upper - 8), names[each.name], "strong", hint=each.name)
        axes = Axes(_scale(drawn, left, left + side), _scale(drawn, upper + side, upper))
        ends = (tick(drawn.least), tick(1 - drawn.least)) if drawn.axis == "logodds" else ("0", "1")
        _frame(svg, axes, ends)
        _curves(svg, [each], axes)


def _frame(svg: Svg, axes: Axes, ends: tuple[str, str]) -> None:
    """A grid in quarters, and what the ends of the axis at the bottom are."""
    left, right, bottom, top = axes.x.start, axes.x.end, axes.y.start, axes.y.end
    for part in (0.25, 0.5, 0.75, 1.0):
        x, y = left + part * (right - left), bottom + part * (top - bottom)
        svg.line((x, bottom), (x, top), "grid")
        svg.line((left, y), (right, y), "grid")
    svg.line((left, bottom), (right, bottom), "axis")
    svg.line((left, top), (left, bottom), "axis")
    svg.text((left, bottom + 14), ends[0], "muted num", font_size=10)
    svg.text((right, bottom + 14), ends[1], "muted num end", font_size=10)
