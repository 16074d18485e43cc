"""A reliability curve in characters: for terminals, and for Markdown where no picture can be.

Each cell of a grid shows the topmost of what is there: the curve, the diagonal of perfect calibration, the band.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from xentcli.render.page import Page
from xentcli.render.reports.report import Drawing, Styled
from xentcli.results.pictures import share_words
from xentcli.results.reliability import BandPoint, CurvePoint, PredictionBin, ReliabilityCurve

_USUAL_WIDTH, _MOST, _FEWEST = 80, 56, 14  # columns of a page without a width; cells of a grid from left to right
_LABELS = 6  # columns for the numbers of the vertical axis

_Dots = dict[tuple[int, int], set[int]]  # which dots of a cell, by its row and column


class Glyphs(Struct, frozen=True):
    """The characters of a drawing; a cell has `across` by `down` dots, numbered row by row."""

    across: int
    down: int
    curve: str  # what it looks like
    band: str
    diagonal: str
    corner: str
    tick: str
    side: str
    floor: str
    mark: str
    bars: str  # from none to the most

    def cell(self, dots: set[int]) -> str:
        """The character of a cell with these dots."""
        if self.across == 2:  # Unicode numbers the dots of Braille down the first column, and the lowest row last
            bits = (0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80)
            return chr(0x2800 + sum(bits[dot] for dot in dots))
        return "*" if self.down == 1 else {1: "▀", 2: "▄", 3: "█"}[sum(1 << dot for dot in dots)]


BRAILLE = Glyphs(2, 4, "⠤⠤", "░", "·", "└", "┤", "│", "─", "┴", " ▁▂▃▄▅▆▇█")
BLOCKS = Glyphs(1, 2, "▄▀", "░", "·", "└", "┤", "│", "─", "┴", " ▁▂▃▄▅▆▇█")
ASCII = Glyphs(1, 1, "**", ".", "/", "+", "+", "|", "-", "+", " .-=#")


def reliability_drawing(found: ReliabilityCurve, page: Page) -> Drawing:
    """The curve on a square grid, how often each prediction is made below it, and what each sign means."""
    glyphs = ASCII if page.ascii else BLOCKS if page.blocks else BRAILLE
    width = min(_MOST, max(_FEWEST, (page.width or _USUAL_WIDTH) // 2 + 4))
    height = width // 2
    rows = [*_axis(_grid(found, glyphs, width, height), glyphs), _floor(glyphs, width), _numbers(width)]
    bars = _bars(found.histogram, glyphs.bars, width)
    return Drawing(
        title=f"Reliability of the probability of {found.event}",
        above=share_words(found.event),
        lines=(*rows, (" " * _LABELS, Styled(bars, "band"))),
        below="predicted probability, and how often it is predicted",
        signs=(
            f"{glyphs.curve} recalibrated (CORP)",
            f"{glyphs.band * 2} 90 % of such curves, if the predictions were right",
            f"{glyphs.diagonal * 2} perfect calibration",
        ),
    )


def _grid(found: ReliabilityCurve, glyphs: Glyphs, width: int, height: int) -> Iterator[tuple[Styled, ...]]:
    """The rows from 1 down to 0, each as runs of one look."""
    curve = _dots(found.curve, glyphs, width, height)
    for row in range(height):
        cells = []
        for column in range(width):
            if (row, column) in curve:
                cells.append((glyphs.cell(curve[row, column]), "curve"))
            elif row == height - 1 - column * height // width:
                cells.append((glyphs.diagonal, "diagonal"))
            else:
                inside = _in_band(found.band, column, width, row, height)
                cells.append((glyphs.band if inside else " ", "band"))
        yield tuple(_runs(cells))


def _runs(cells: Sequence[tuple[str, str]]) -> Iterator[Styled]:
    """Neighbours of one style as one string."""
    text, style = "", cells[0][1]
    for sign, look in cells:
        if look != style:
            yield Styled(text, style)
            text, style = "", look
        text += sign
    yield Styled(text, style)


def _dots(curve: Sequence[CurvePoint], glyphs: Glyphs, width: int, height: int) -> _Dots:
    """The dots that the lines through these points touch."""
    right, bottom = width * glyphs.across - 1, height * glyphs.down - 1
    if len(curve) == 1:  # which would be a dot that nobody sees
        row, column = _place(1 - curve[0].share, height), _place(curve[0].prediction, width)
        return {(row, column): set(range(glyphs.across * glyphs.down))}
    points = [(each.prediction * right, (1 - each.share) * bottom) for each in curve]
    found: _Dots = {}
    for (x, y), (to_x, to_y) in pairwise(points):
        steps = max(1, math.ceil(max(abs(to_x - x), abs(to_y - y))))
        for step in range(steps + 1):
            at_x, at_y = (round(a + (b - a) * step / steps) for a, b in ((x, to_x), (y, to_y)))
            (row, down), (column, across) = divmod(at_y, glyphs.down), divmod(at_x, glyphs.across)
            found.setdefault((row, column), set()).add(down * glyphs.across + across)
    return found


def _in_band(band: Sequence[BandPoint], column: int, width: int, row: int, height: int) -> bool:
    """Whether the middle of a cell lies in the band; of a band thinner than a cell, whether the band is in it."""
    at = (column + 0.5) / width
    for one, two in pairwise(band if len(band) > 1 else (*band, *band)):
        alone = one.prediction == two.prediction and _place(one.prediction, width) == column
        if one.prediction <= at <= two.prediction or alone:
            share = (at - one.prediction) / ((two.prediction - one.prediction) or 1.0)
            low, high = one.low + share * (two.low - one.low), one.high + share * (two.high - one.high)
            middle = min(height - 1, int((1 - (low + high) / 2) * height))
            return low <= 1 - (row + 0.5) / height <= high or row == middle
    return False


def _axis(rows: Iterator[tuple[Styled, ...]], glyphs: Glyphs) -> Iterator[tuple[str, ...]]:
    """With the numbers of the vertical axis."""
    grid = [*rows]
    places = {_place(value, len(grid)): f"{value:.1f}" for value in _ticks(len(grid))}
    for number, row in enumerate(grid):
        label = places.get(len(grid) - 1 - number, "")
        yield f"{label:>4} {glyphs.tick if label else glyphs.side}", *row


def _floor(glyphs: Glyphs, width: int) -> tuple[str, ...]:
    marks = {_place(value, width) for value in _ticks(width // 2)}
    line = "".join(glyphs.mark if at in marks else glyphs.floor for at in range(width))
    return (f"{glyphs.corner:>{_LABELS}}{line}",)


def _numbers(width: int) -> tuple[str, ...]:
    """Those of the horizontal axis, each below its mark."""
    text = ""
    for value in _ticks(width // 2):
        text = text.ljust(_LABELS + _place(value, width) - 1) + f"{value:.1f}"
    return (text,)


def _ticks(room: int) -> Sequence[float]:
    """Which values an axis names, by the lines that it takes."""
    return (0.0, 0.2, 0.4, 0.6, 0.8, 1.0) if room >= 15 else (0.0, 0.5, 1.0)


def _place(value: float, cells: int) -> int:
    """The cell of a value from 0 to 1."""
    return round(value * (cells - 1))


def _bars(histogram: Sequence[PredictionBin], levels: str, width: int) -> str:
    """A bar for each cell, as high as its bin is frequent."""
    most = max((each.share for each in histogram), default=0.0) or 1.0
    bins = (histogram[column * len(histogram) // width] for column in range(width if histogram else 0))
    return "".join(levels[math.ceil(each.share / most * (len(levels) - 1))] for each in bins)
