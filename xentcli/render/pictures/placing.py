"""Where the names of points can stand: near them, inside an area, over nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from xentcli.render.pictures.svg import Point

Box = tuple[float, float, float, float]  # left, top, right, bottom

_BESIDE, _STEP = 12.0, 15.0  # pixels between a point and its name, and from one height that is tried to the next
_ABOVE, _BELOW = 9.0, 6.0  # pixels that a name takes over and under the height of its point


class Reach(Struct, frozen=True):
    """How far from its point a text is tried: steps below and above, and columns to each side."""

    steps: int
    columns: int = 1


def free_place(at: Point, width: float, area: Box, taken: Sequence[Box], reach: Reach) -> Box | None:
    """The nearest place in `area` for a text of `width` pixels that overlaps nothing taken; None without any."""
    return next(
        (each for each in _places(at, width, reach) if _within(each, area) and not overlaps(each, taken)), None
    )


def _places(at: Point, width: float, reach: Reach) -> Iterator[Box]:
    """Right and left of the point, then further and further below and above; then the same further aside."""
    for column in range(reach.columns):
        aside = _BESIDE + column * (width + _BESIDE)
        for step in range(reach.steps):
            for down in (_STEP * step, -_STEP * step)[: 2 if step else 1]:
                for left in (at[0] + aside, at[0] - aside - width):
                    yield left, at[1] - _ABOVE + down, left + width, at[1] + _BELOW + down


def _within(box: Box, area: Box) -> bool:
    return area[0] <= box[0] and area[1] <= box[1] and box[2] <= area[2] and box[3] <= area[3]


def overlaps(one: Box, others: Sequence[Box]) -> bool:
    """Whether a box covers a part of one of the others."""
    return any(one[0] < x[2] and x[0] < one[2] and one[1] < x[3] and x[1] < one[3] for x in others)
