"""A recalibration: what each method saves, and the reliability diagram before and after."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.render.pictures.forest import methods
from xentcli.render.pictures.reliability import picture as reliability
from xentcli.render.pictures.svg import Svg
from xentcli.results.pictures import CalibratePicture
from xentcli.wording import plural


def picture(drawn: CalibratePicture) -> Svg:
    """The gains above, the diagram below."""
    title = "What recalibration saves on rows that its fit has not seen"
    gains = methods(title, list(_lines(drawn)), drawn.methods, drawn.unit)
    if drawn.before_and_after is None:
        return gains
    diagram = reliability(drawn.before_and_after)
    svg = Svg(max(gains.width, diagram.width), gains.height + diagram.height, title, gains.description)
    svg.place(gains, (0, 0))
    svg.place(diagram, (0, gains.height))
    return svg


def _lines(drawn: CalibratePicture) -> Iterator[str]:
    """What the intervals are, and what they do not show."""
    yield (
        f"Held-out gain in log loss, {drawn.unit.value} a row, with its 90 % interval: at least and at most so "
        "much, each with 95 % confidence. A method helps if all of it lies right of the dashed line, and hurts if "
        "all lies left."
    )
    if drawn.chosen == "none":
        yield "Leave the predictions as they are: no recalibration is shown to help on rows its fit has not seen."
    if drawn.infinite_rows:
        yield f"Left out of the fits and of these numbers: {plural(drawn.infinite_rows, 'row')} of infinite loss."
