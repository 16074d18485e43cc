"""Which classes are taken for which, by the loss that it costs."""

from __future__ import annotations

import math

from xentcli.render.pictures.frame import MARGIN, heading, heading_height
from xentcli.render.pictures.svg import Svg, fit_each, text_width
from xentcli.render.pictures.svg import number as pixels
from xentcli.render.text import number
from xentcli.results.pictures import ConfusionCell, ConfusionsPicture
from xentcli.wording import percent, plural

_CELL, _NAME = 52.0, 150.0


def picture(drawn: ConfusionsPicture) -> Svg:
    """A square for each pair of true and predicted class, the darker the more of the log loss its rows carry."""
    names = fit_each(drawn.classes, _NAME - 8)
    room = max(map(text_width, names.values())) + 8
    left, count = MARGIN + 24 + room, len(drawn.classes)
    turned = room * 0.72 - _CELL / 2 + 8  # what the last name stands out at the right
    width = max(560.0, left + _CELL * count + max(MARGIN, turned))
    unit = drawn.unit.value
    title = f"Which confusions carry the loss: {drawn.name}"
    lines = [
        f"Each square: the share of the log loss ({number(drawn.log_loss)} {unit}) that rows of one class "
        "cost, by their predicted class, and how many rows. On the diagonal the predicted class is right.",
        *(["Rows of infinite loss leave no shares: inf where they are."] if math.isinf(drawn.log_loss) else []),
        *([f"The {count} costliest of {drawn.class_count} classes."] if count < drawn.class_count else []),
    ]
    top = heading_height(width, lines) + room * 0.72 + 34
    svg = Svg(width, top + _CELL * count + MARGIN, title, " ".join(lines))
    heading(svg, title, lines)
    svg.text((left + _CELL * count / 2, top - room * 0.72 - 22), "predicted class", "muted middle")
    x, y = MARGIN + 8, top + _CELL * count / 2
    svg.text((x, y), "true class", "muted middle", transform=f"rotate(-90 {pixels(x)} {pixels(y)})")
    for at, name in enumerate(drawn.classes):
        svg.text((left - 8, top + at * _CELL + _CELL / 2 + 4), names[name], "end", hint=name)
        x, y = left + at * _CELL + _CELL / 2 + 4, top - 8
        svg.text((x, y), names[name], hint=name, transform=f"rotate(-45 {pixels(x)} {pixels(y)})")
    most = max((share for each in drawn.cells if (share := _share(each, drawn)) is not None), default=0.0)
    place = {name: at for at, name in enumerate(drawn.classes)}
    for each in drawn.cells:
        if each.label in place and each.forecast in place:
            corner = left + place[each.forecast] * _CELL, top + place[each.label] * _CELL
            _cell(svg, each, corner, drawn, most)
    for at in range(count + 1):
        svg.line((left, top + at * _CELL), (left + count * _CELL, top + at * _CELL), "grid")
        svg.line((left + at * _CELL, top), (left + at * _CELL, top + count * _CELL), "grid")
    return svg


def _cell(
    svg: Svg, each: ConfusionCell, corner: tuple[float, float], drawn: ConfusionsPicture, most: float
) -> None:
    share = _share(each, drawn)
    look = "discrimination" if each.label == each.forecast else "miscalibration"
    hint = (
        f"{each.label} predicted as {each.forecast}: {plural(each.rows, 'row')}, {percent(share)} of the log loss "
        f"({number(each.contribution)} {drawn.unit.value})"
    )
    opacity = pixels(_opacity(each, share, most))
    size: dict[str, float | str] = {"x": corner[0], "y": corner[1], "width": _CELL, "height": _CELL}
    svg.mark("rect", hint, f"fill {look}", fill_opacity=opacity, **size)
    middle = corner[0] + _CELL / 2
    shown = "inf" if math.isinf(each.contribution or 0.0) else _short_share(share)
    svg.text((middle, corner[1] + _CELL / 2 - 1), shown, "middle num strong")
    svg.text((middle, corner[1] + _CELL / 2 + 14), _short(each.rows), "middle num", font_size="11")


def _share(each: ConfusionCell, drawn: ConfusionsPicture) -> float | None:
    """Of the log loss; None where that is infinite, or what the rows cost is not known."""
    if math.isinf(drawn.log_loss) or each.contribution is None:
        return None
    return each.contribution / drawn.log_loss if drawn.log_loss else 0.0


def _opacity(each: ConfusionCell, share: float | None, most: float) -> float:
    """By the share of that of the costliest square; text is read on the darkest too."""
    if not each.rows:
        return 0.0
    part = share / most if share is not None and most else float(math.isinf(each.contribution or 0.0))
    return 0.06 + 0.44 * min(1.0, part)


def _short_share(share: float | None) -> str:
    """A share that fits into a square."""
    if share is None:
        return "-"
    if share < 0.0005:
        return "<0.1 %" if share else "0"
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"


def _short(rows: int) -> str:
    """A count that fits into a square."""
    if rows < 100_000:
        return f"{rows:,}"
    return f"{rows / 1e3:.0f}k" if rows < 1_000_000 else f"{rows / 1e6:.3g}M"
