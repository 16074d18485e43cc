"""A recalibration: what each method saves, and the reliability diagram before and after."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.render.pictures.forest import methods
from xentcli.render.pictures.reliability import picture as reliability
from xentcli.render.pictures.svg import Svg
from xentcli.results.calibrate import AUTO
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
        f"Gain in log loss, {drawn.unit.value} a row, on rows that no fit has seen, with its 90 % interval: with "
        "95 % confidence the gain is not below its lower end, and not above its upper end. A method helps "
        "if the interval lies right of the dashed line, and hurts if it lies left."
    )
    if drawn.chosen == "none":
        what = "the method changes nothing on these rows"
        if any(each.name == AUTO for each in drawn.methods):
            what = f"choosing a method ({AUTO}) is not shown to help"
        yield f"Leave the predictions as they are: {what}."
    if drawn.infinite_rows:
        yield f"Left out of the fits and of these numbers: {plural(drawn.infinite_rows, 'row')} of infinite loss."
