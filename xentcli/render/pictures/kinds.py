"""Which module draws what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xentcli.render.pictures import breakdown, calibrate, confusions, curves, forest, losses, mcb_dsc, reliability
from xentcli.render.pictures.frame import footer
from xentcli.render.pictures.svg import Svg
from xentcli.results.pictures import (
    BreakdownPicture,
    CalibratePicture,
    ConfusionsPicture,
    LossesPicture,
    McbDscPicture,
    MurphyPicture,
    Picture,
    RankPicture,
    ReliabilityPicture,
    RocPicture,
    SlicesPicture,
)

_DRAW: dict[type, Callable[[Any], Svg]] = {
    ReliabilityPicture: reliability.picture,
    BreakdownPicture: breakdown.picture,
    McbDscPicture: mcb_dsc.picture,
    MurphyPicture: curves.murphy,
    RocPicture: curves.roc,
    LossesPicture: losses.picture,
    ConfusionsPicture: confusions.picture,
    SlicesPicture: forest.slices,
    RankPicture: forest.rank,
    CalibratePicture: calibrate.picture,
}


def draw(picture: Picture) -> Svg:
    """The picture, drawn."""
    return _DRAW[type(picture)](picture)


def svg(picture: Picture, doubts: Sequence[str] = (), style: str | None = None) -> str:
    """The text of an SVG file, with what puts its numbers in doubt below; in another style if one is given."""
    drawn = draw(picture)
    if doubts:
        footer(drawn, [f"Check this first: {each}" for each in doubts])
    return drawn.document(style)
