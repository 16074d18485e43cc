"""What a report will be read on."""

from __future__ import annotations

from msgspec import Struct

from xentcli.render.diagram import WIDTH

MOST_ROWS = 30  # of classes and slices in a table for people; the flat formats have all


class Page(Struct, frozen=True):
    """What the text will be read on."""

    width: int | None = None  # None: as wide as the content, for pipes and files
    color: bool = False
    ascii: bool = False  # no characters beyond ASCII in the drawing
    reliability: bool = False  # with confidence against accuracy
    full: bool = False  # with every table
    quiet: bool = False  # with the headline numbers only
    pointers: bool = True  # with what to type to see more
    most_rows: int = MOST_ROWS  # in the tables of classes and slices
    blocks: bool = False  # curves in blocks, not Braille, which many fonts have in another width

    def bar_beside(self, taken: int = 58) -> int:
        """Characters of a bar beside columns that take so many: wide pages have longer ones."""
        return WIDTH if self.width is None else min(3 * WIDTH, max(WIDTH // 2, self.width - taken))
