"""A title, axes and a legend: what is around the curves of most pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from xentcli.render.pictures.scale import Scale
from xentcli.render.pictures.style import dash, hue
from xentcli.render.pictures.svg import MINUS, Svg, fit, fit_each, number, text_width
from xentcli.render.text import visible

MARGIN = 24.0
_LINE = 18.0  # from one line of text to the next
BOLD = 1.15  # by how much strong text is wider
_TITLE = 6.0  # between the title and what is said below it


class Axes(Struct, frozen=True):
    """The area in which curves are drawn."""

    x: Scale
    y: Scale

    def draw(self, svg: Svg, x_title: str, y_title: str, *, x_labels: bool = True) -> None:
        """Grid, numbers and titles."""
        left, right, bottom, top = self.x.start, self.x.end, self.y.start, self.y.end
        for value in self.y.ticks():
            svg.line((left, self.y(value)), (right, self.y(value)), "grid")
            svg.text((left - 8, self.y(value) + 4), tick(value), "muted num end")
        for value in self.x.ticks():
            svg.line((self.x(value), top), (self.x(value), bottom), "grid")
            if x_labels:
                svg.text((self.x(value), bottom + _LINE), tick(value), "muted num middle")
        svg.line((left, bottom), (right, bottom), "axis")
        svg.line((left, top), (left, bottom), "axis")
        if x_title:
            svg.text(((left + right) / 2, bottom + 2.2 * _LINE), fit(x_title, right - left), "muted middle")
        if y_title:
            x, y = left - 8 - ticks_width(self.y) - 14, (top + bottom) / 2
            shown = fit(y_title, bottom - top)
            svg.text((x, y), shown, "muted middle", transform=f"rotate(-90 {number(x)} {number(y)})")


def tick(value: float) -> str:
    """A number beside an axis."""
    if 0.9999 < value < 1:  # near 1 on an axis of log-odds
        return f"1-{1 - value:.0e}".replace("e-0", "e-")
    if value == 0 or 1e-4 < abs(value) < 1e5:
        return f"{value:g}"
    return f"{value:.6g}".replace("e-0", "e-").replace("e+0", "e")


def ticks_width(scale: Scale) -> float:
    """What the numbers beside an axis take."""
    return max((text_width(tick(value).replace("-", MINUS)) for value in scale.ticks()), default=0.0)


def left_of(y: Scale, least: float) -> float:
    """Where an area begins that has this axis at its left: at `least` pixels, or beyond if numbers are long."""
    return max(least, MARGIN + 22 + ticks_width(y) + 8)


def heading(svg: Svg, title: str, lines: Sequence[str]) -> float:
    """The title and what is said below it; the height that they take."""
    width = svg.width - 2 * MARGIN
    y = MARGIN + 12
    svg.text((MARGIN, y), fit(title, width, 16 * BOLD), "title", hint=title)
    y += _TITLE
    for line in lines:
        for part in folded(line, width):
            y += _LINE
            svg.text((MARGIN, y), part, "muted")
    return y + 14


def footer(svg: Svg, lines: Sequence[str]) -> None:
    """What is said below the picture, which becomes so much higher."""
    svg.description = " ".join((svg.description, *lines))
    for line in lines:
        for part in folded(line, svg.width - 2 * MARGIN, 12 * BOLD):
            svg.text((MARGIN, svg.height + 4), part, "strong")
            svg.height += _LINE
    svg.height += 8


def heading_height(width: float, lines: Sequence[str]) -> float:
    """What `heading` will take."""
    return MARGIN + 30 + _TITLE + _LINE * sum(len(folded(line, width - 2 * MARGIN)) for line in lines)


def folded(text: str, width: float, size: float = 12) -> list[str]:
    """A text, made visible, in lines of at most so many pixels; of longer words each part has a line."""
    lines: list[str] = []
    for word in (part for each in visible(text).split(" ") for part in _parts(each, width, size)):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _parts(word: str, width: float, size: float) -> Iterator[str]:
    """A word, cut where it would leave a line."""
    while text_width(word, size) > width:
        most = max(1, next(count for count in range(len(word)) if text_width(word[: count + 1], size) > width))
        yield word[:most]
        word = word[most:]
    yield word


def equals(text: str) -> str:
    """`= 0.3`, or `< 0.0001` as it stands."""
    return text if text.startswith("<") else f"= {text}"


def legend(svg: Svg, at: tuple[float, float], names: Sequence[str], width: float) -> float:
    """A line for each series, from this corner down; the height that they take."""
    x, y = at
    shown = fit_each(names, width - 34)
    for series, name in enumerate(names):
        mark = y + series * _LINE + 9
        svg.line((x, mark), (x + 26, mark), f"line {hue(series)}", stroke_width=2.5, stroke_dasharray=dash(series))
        svg.text((x + 34, mark + 4), shown[name], hint=name)
    return len(names) * _LINE
