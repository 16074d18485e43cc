"""Bars of text, a character for so much."""

from __future__ import annotations

import math

WIDTH = 22  # characters of a whole bar

FULL, GAP, MARK, MORE = "\u2588", "\u2591", "\u2502", "\u25b6"
_ASCII = str.maketrans({FULL: "#", GAP: ".", MARK: "|", MORE: ">"})


def span_bar(start: float, end: float, scale: float, width: int = WIDTH) -> str:
    """The stretch from `start` to `end` of a scale that ends at `scale`; beyond its end, an arrow."""
    first = _place(start, scale, width)
    if not math.isfinite(end):
        return " " * first + FULL * (width - 1 - first) + MORE
    last = _place(end, scale, width)
    if start < end and last <= first:  # what is there can be seen, and ends where the bars that share its end do
        first, last = max(0, last - 1), max(1, last)
    return " " * first + FULL * (last - first)


def gap_bar(share: float | None, expected: float | None, width: int = WIDTH) -> str:
    """A bar as long as `share` of 1, a mark where it should end, and the gap between them."""
    if share is None or expected is None:
        return ""
    end, mark = _place(share, 1.0, width), min(_place(expected, 1.0, width), width - 1)
    bar = FULL * end + GAP * max(0, mark - end)
    return bar[:mark].ljust(mark) + MARK + bar[mark + 1 :]


def to_ascii(bar: str) -> str:
    """The same bar in ASCII."""
    return bar.translate(_ASCII)


def _place(value: float, scale: float, width: int) -> int:
    return 0 if scale <= 0 else round(width * min(1.0, value / scale))
