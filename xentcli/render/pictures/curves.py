"""Murphy and ROC curves: one curve a model, and a faint one of what recalibration would make of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xentcli.render.pictures.frame import MARGIN, Axes, heading, heading_height, left_of, legend
from xentcli.render.pictures.scale import Linear, around
from xentcli.render.pictures.svg import MINUS, Svg, fit
from xentcli.render.text import number
from xentcli.results.pictures import ModelCurve, MurphyPicture, RocPicture

_WIDTH, _LEFT = 560.0, 84.0
_MOST_AREAS, _NAME = 8, 200.0  # lines of areas, and pixels of a name in them


def murphy(drawn: MurphyPicture) -> Svg:
    """Mean cost by threshold; below each curve its Brier score."""
    title = f"Cost of decisions on {drawn.event}, by threshold"
    lines = [
        f"A decision is taken where the probability exceeds the threshold t; a miss costs 2 (1 {MINUS} t), a "
        "false alarm 2 t. Faint: once recalibrated. Between the two is what miscalibration costs.",
        *_each_area(drawn.models, "Brier score (area) {}, recalibrated {}"),
    ]
    most = max(y for each in drawn.models for _, y in each.curve)
    height = 300.0
    top = heading_height(_WIDTH, lines)
    y = Linear(0, around([most], zero=True)[1], top + height, top)
    axes = Axes(Linear(0, 1, left_of(y, _LEFT), _WIDTH - 36), y)
    return _curves(title, lines, axes, drawn.models, "threshold t", "mean cost")


def roc(drawn: RocPicture) -> Svg:
    """True against false positives, with the convex hull."""
    title = f"ROC curve of {drawn.event}"
    lines = [
        "Each point is a threshold. Faint: the convex hull, which recalibration reaches. Dotted: guessing. The "
        "curve tells how well rows are ordered, and nothing of calibration.",
        *_each_area(drawn.models, "area {} (AUC); under the hull {}"),
    ]
    top, side = heading_height(_WIDTH, lines), _WIDTH - _LEFT - 36
    axes = Axes(Linear(0, 1, _LEFT, _LEFT + side), Linear(0, 1, top + side, top))
    positives = f"of {drawn.event}: true positive rate"
    svg = _curves(title, lines, axes, drawn.models, "of the other class: false positive rate", positives)
    svg.line((axes.x(0), axes.y(0)), (axes.x(1), axes.y(1)), "line neutral", stroke_dasharray="2 4")
    return svg


def _each_area(models: Sequence[ModelCurve], words: str) -> Iterator[str]:
    """A line for each of the first models, and how many more there are; `words` has places for both areas."""
    for each in models[:_MOST_AREAS]:
        areas = words.format(number(each.area), number(each.recalibrated_area))
        yield f"{fit(each.name, _NAME)}: {areas}."
    if (left := len(models) - _MOST_AREAS) > 0:
        yield f"The areas of {left} more are not listed."


def _curves(
    title: str, lines: list[str], axes: Axes, models: tuple[ModelCurve, ...], x_title: str, y_title: str
) -> Svg:
    bottom = axes.y.start + 52
    named = [each.name for each in models] if len(models) > 1 else []
    svg = Svg(_WIDTH, bottom + 18 * len(named) + 10, title, " ".join(lines))
    heading(svg, title, lines)
    axes.draw(svg, x_title, y_title)
    for series, each in enumerate(models):
        faint = [(axes.x(x), axes.y(y)) for x, y in each.recalibrated]
        svg.curve(faint, series, stroke_opacity=0.4, stroke_width=1.4)
        svg.curve([(axes.x(x), axes.y(y)) for x, y in each.curve], series)
    legend(svg, (MARGIN, bottom), named, _WIDTH - 2 * MARGIN)
    return svg
