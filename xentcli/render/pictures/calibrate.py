"""A recalibration: what each method saves, and the reliability diagram before and after."""

from __future__ import annotations

from xentcli.render.pictures.forest import methods
from xentcli.render.pictures.reliability import picture as reliability
from xentcli.render.pictures.svg import Svg
from xentcli.results.pictures import CalibratePicture


def picture(drawn: CalibratePicture) -> Svg:
    """The gains above, the diagram below."""
    title = "What recalibration saves on rows that its fit has not seen"
    gains = methods(drawn.methods, drawn.unit, title)
    if drawn.before_and_after is None:
        return gains
    diagram = reliability(drawn.before_and_after)
    svg = Svg(max(gains.width, diagram.width), gains.height + diagram.height, title, gains.description)
    svg.place(gains, (0, 0))
    svg.place(diagram, (0, gains.height))
    return svg
