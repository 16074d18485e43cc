"""Fewer points for a curve that looks the same (Ramer 1972; Douglas and Peucker 1973)."""

from __future__ import annotations

import numpy as np

from xentcli.core.exact import FloatArray, IntArray

MOST_POINTS = 500
_FINEST = 1 / 4096  # of the side of a picture: a tenth of a pixel


def thinned(x: FloatArray, y: FloatArray, most: int = MOST_POINTS) -> IntArray:
    """Numbers of the points `(n,)` that a curve needs, its ends among them, at most so many.

    All others lie off the lines through these by no more than a tenth of a pixel, or where those are too many, by
    as little as it takes to a factor of 2. Both axes are taken as wide as their values are.
    """
    x, y = _scaled(x), _scaled(y)
    points, off = np.arange(x.size), _FINEST
    while (kept := points[_corners(x[points], y[points], off)]).size > most:
        points, off = kept, 2 * off
    return kept


def _scaled(values: FloatArray) -> FloatArray:
    low, room = float(values.min()), float(values.max() - values.min())
    scaled: FloatArray = (values - low) / room if room > 0 else np.zeros(values.size)
    return scaled


def _corners(x: FloatArray, y: FloatArray, off: float) -> IntArray:
    """The points from which no other is further than `off`, by halves at the point that is furthest."""
    keep = np.zeros(x.size, np.bool_)
    keep[[0, -1]] = True
    spans = [(0, x.size - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        distance = _distances(x[first : last + 1], y[first : last + 1])
        at = first + int(distance.argmax())
        if distance[at - first] > off:
            keep[at] = True
            spans += [(first, at), (at, last)]
    return np.flatnonzero(keep)


def _distances(x: FloatArray, y: FloatArray) -> FloatArray:
    """Of each point `(n,)` from the line through the first and the last."""
    dx, dy = x - x[0], y - y[0]
    length = np.sqrt(dx[-1] * dx[-1] + dy[-1] * dy[-1])
    off: FloatArray = np.abs(dx * dy[-1] - dy * dx[-1]) / length if length > 0 else np.sqrt(dx * dx + dy * dy)
    return off
