"""A title, axes and a legend: what is around the curves of most pictures."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from xentcli.render.pictures.scale import Scale
from xentcli.render.pictures.style import dash, hue
from xentcli.render.pictures.svg import Svg, fit, number, text_width

MARGIN = 24.0
_LINE = 18.0  # from one line of text to the next


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
            svg.text(((left + right) / 2, bottom + 2.2 * _LINE), x_title, "muted middle")
        if y_title:
            x, y = left - 46, (top + bottom) / 2
            svg.text((x, y), y_title, "muted middle", transform=f"rotate(-90 {number(x)} {number(y)})")


def tick(value: float) -> str:
    """A number beside an axis."""
    return f"{value:g}" if value == 0 or 1e-4 < abs(value) < 1e4 else f"{value:.0e}".replace("e-0", "e-")


def heading(svg: Svg, title: str, lines: Sequence[str]) -> float:
    """The title and what is said below it; the height that they take."""
    width = svg.width - 2 * MARGIN
    y = MARGIN + 12
    svg.text((MARGIN, y), fit(title, width, 17), "title", hint=title)
    for line in lines:
        for part in folded(line, width):
            y += _LINE
            svg.text((MARGIN, y), part, "muted")
    return y + 14


def footer(svg: Svg, lines: Sequence[str]) -> None:
    """What is said below the picture, which becomes so much higher."""
    svg.description = " ".join((svg.description, *lines))
    for line in lines:
        for part in folded(line, svg.width - 2 * MARGIN):
            svg.text((MARGIN, svg.height + 4), part, "strong")
            svg.height += _LINE
    svg.height += 8


def heading_height(width: float, lines: Sequence[str]) -> float:
    """What `heading` will take."""
    return MARGIN + 26 + _LINE * sum(len(folded(line, width - 2 * MARGIN)) for line in lines)


def folded(text: str, width: float, size: float = 12) -> list[str]:
    """A text in lines of at most so many pixels, but for words that are longer."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def equals(text: str) -> str:
    """`= 0.3`, or `< 0.0001` as it stands."""
    return text if text.startswith("<") else f"= {text}"


def legend(svg: Svg, at: tuple[float, float], names: Sequence[str], width: float) -> float:
    """A line for each series, from this corner down; the height that they take."""
    x, y = at
    for series, name in enumerate(names):
        mark = y + series * _LINE + 9
        svg.line((x, mark), (x + 26, mark), f"line {hue(series)}", stroke_width=2.5, stroke_dasharray=dash(series))
        svg.text((x + 34, mark + 4), fit(name, width - 34), hint=name)
    return len(names) * _LINE
