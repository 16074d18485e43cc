"""Pictures as files that Markdown refers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from xentcli.render.pictures.kinds import svg
from xentcli.results.pictures import KINDS, Picture, file_in


class PictureFile(Struct, frozen=True):
    """A file to be written, and what it shows, for those who cannot see it."""

    path: str
    words: str
    text: str


def picture_files(pictures: Mapping[str, Picture], doubts: Sequence[str], folder: str) -> tuple[PictureFile, ...]:
    """An SVG in the folder for each kind; what puts the numbers in doubt stands below each."""
    return tuple(
        PictureFile(file_in(folder, kind), f"{kind}: {KINDS[kind]}", svg(picture, doubts))
        for kind, picture in pictures.items()
    )
