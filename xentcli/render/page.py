"""What a report will be read on."""

from __future__ import annotations

from msgspec import Struct


class Page(Struct, frozen=True):
    """What the text will be read on."""

    width: int | None = None  # None: as wide as the content, for pipes and files
    color: bool = False
    ascii: bool = False  # no characters beyond ASCII in the drawing
    reliability: bool = False  # with the table of confidence against accuracy
