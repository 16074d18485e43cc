"""The text of an SVG: elements one after the other, coordinates rounded, names of files and classes made inert."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import takewhile

from xentcli.render.pictures.style import dash, hue, style_sheet
from xentcli.render.text import visible
from xentcli.wording import brief_middle

Point = tuple[float, float]

_NARROW, _WIDE = frozenset("fijlrtI|!.,:;'()[] "), frozenset("mwMW@%")
_DIGIT = 0.62  # of the font size: what most characters take, in whatever face there is
_THIN = 0.36  # what narrow ones take
MINUS = "\u2212"
_MOST_HINT, _MOST_DESCRIPTION = 400, 4000  # characters: names of the input may be of any length


def number(value: float) -> str:
    """A coordinate: hundredths of a pixel are more than anyone sees."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def text_width(text: str, size: float = 12) -> float:
    """About how many pixels a text takes, rather too many than too few."""
    return size * sum(map(_advance, text))


def _advance(char: str) -> float:
    """What a character takes, of the font size."""
    if char in _NARROW:
        return _THIN
    if char in _WIDE:
        return 0.95
    if char.isascii():
        return _DIGIT
    if unicodedata.category(char) in ("Mn", "Me"):  # above or below the character before
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":  # ideographs, and emoji, which are wider still
        return 1.3 if char >= "\U0001f000" else 1.05
    return 0.85


def fit(text: str, width: float, size: float = 12) -> str:
    """The text made visible, without its middle where that takes more than so many pixels."""
    text = visible(text)
    most = min(len(text), int(width / (_THIN * size)) + 8)
    while most > 7 and text_width(brief_middle(text, most), size) > width:
        most -= 1
    return brief_middle(text, most)


def fit_each(names: Sequence[str], width: float, size: float = 12) -> dict[str, str]:
    """Each name by `fit`; where names would look alike, without the beginning that all share."""
    shown = {name: fit(name, width, size) for name in names}
    if len({*shown.values()}) == len(shown):
        return shown
    shared = sum(1 for _ in takewhile(lambda chars: len({*chars}) == 1, zip(*shown, strict=False)))
    begin = next(iter(shown))[:shared]
    shared = begin.rfind(" ") + 1 or shared  # whole words
    return {name: fit(f"... {name[shared:]}" if shared > 4 else name, width, size) for name in shown}


def shown_width(text: str, size: float = 12) -> float:
    """Of a text of the input, once it is made visible."""
    return text_width(visible(text), size)


class Svg:
    """A picture of `width` by `height` pixels; `title` and `description` are what is read aloud."""

    def __init__(self, width: float, height: float, title: str, description: str) -> None:
        self.width, self.height = width, height
        self.title, self.description = title, description
        self._lines: list[str] = []

    def add(self, name: str, content: str = "", of: str = "", **attributes: float | str) -> None:
        """An element of a class `of`; `_` in the name of an attribute is `-`. `content` is text, escaped here."""
        self._lines.append(_element(name, escape(content, quote=False), of, attributes))

    def mark(self, name: str, hint: str, of: str = "", **attributes: float | str) -> None:
        """The same with a hint that is shown beside the pointer."""
        inside = f"<title>{_inert(hint)}</title>"
        self._lines.append(_element(name, inside, of, attributes))

    def text(self, at: Point, text: str, of: str = "", *, hint: str = "", **attributes: float | str) -> None:
        """Text that begins, ends ("end") or has its middle ("middle") there; `hint` is all of a text cut short."""
        written = _inert(text.replace("-", MINUS) if "num" in of.split() else text)
        if hint and hint != text:
            written = f"<title>{_inert(hint)}</title>{written}"
        self._lines.append(_element("text", written, of, {"x": at[0], "y": at[1], **attributes}))

    def line(self, start: Point, end: Point, of: str, **attributes: float | str) -> None:
        """A straight line."""
        self.add("line", "", of, x1=start[0], y1=start[1], x2=end[0], y2=end[1], **attributes)

    def path(
        self, points: Iterable[Point], of: str, *, closed: bool = False, hint: str = "", **look: float | str
    ) -> None:
        """Lines through these points."""
        steps = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        name = "polygon" if closed else "polyline"
        if hint:
            self.mark(name, hint, of, points=steps, **look)
        else:
            self.add(name, "", of, points=steps, **look)

    def curve(self, points: Iterable[Point], series: int, **look: float | str) -> None:
        """Lines through these points in the hue and dash of a series."""
        usual: dict[str, float | str] = {"stroke_width": 2.2, "stroke_dasharray": dash(series)}
        self.path(points, f"line {hue(series)}", closed=False, hint="", **{**usual, **look})

    def rect(self, corner: Point, width: float, height: float, of: str, hint: str = "") -> None:
        """A rectangle from its upper left corner."""
        at = {"x": corner[0], "y": corner[1], "width": max(0.0, width), "height": max(0.0, height)}
        if hint:
            self.mark("rect", hint, of, **at)
        else:
            self.add("rect", "", of, **at)

    def place(self, other: Svg, corner: Point) -> None:
        """Another picture, with its upper left corner there."""
        size = f'width="{number(other.width)}" height="{number(other.height)}"'
        self._lines.append(f'<svg x="{number(corner[0])}" y="{number(corner[1])}" {size}>')
        self._lines += [*other._named(), *other._lines, "</svg>"]

    def fragment(self) -> str:
        """The picture for a page that has the style."""
        return self._written()

    def document(self, style: str | None = None) -> str:
        """The picture as a file of its own, in another style than the usual one if it is given."""
        return self._written(
            f"<style>{style or style_sheet()}</style>", '<rect class="paper" width="100%" height="100%"/>'
        )

    def _written(self, *style: str) -> str:
        width, height = number(self.width), number(self.height)
        size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" class="xent" role="img" {size}>'
        return "\n".join((head, *self._named(), *style, *self._lines, "</svg>")) + "\n"

    def _named(self) -> Iterator[str]:
        yield f"<title>{_inert(self.title)}</title>"
        yield f"<desc>{_inert(self.description, _MOST_DESCRIPTION)}</desc>"


def _inert(text: str, most: int = _MOST_HINT) -> str:
    """A text as the content of an element, without its middle where it is endless."""
    return escape(brief_middle(visible(text), most), quote=False)


def _element(name: str, inside: str, of: str, attributes: dict[str, float | str]) -> str:
    given: dict[str, float | str] = {"class": of} if of else {}
    given |= attributes
    written = "".join(
        f' {key.replace("_", "-")}="{number(value) if isinstance(value, int | float) else escape(value)}"'
        for key, value in given.items()
    )
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"
