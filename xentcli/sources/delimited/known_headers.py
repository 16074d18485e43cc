"""Headers that were read already: of many small files that share one, only the first has to be studied.

Kept are plain headers, which tell names and dialect whatever stands below them; what little of that could still
have a say is looked at in each file.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from xentcli.core.text import Dialect
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.delimited.pairs import find_pairs
from xentcli.sources.delimited.source import CsvSource
from xentcli.sources.delimited.start import Start
from xentcli.sources.delimited.table_texts import ORANGE_TYPES
from xentcli.sources.source import TextOptions

_LINE = re.compile(rb'[\w."][^\0\r\n]*+\r?\n')  # which begins as no comment, no XML and no other format does
_NAME = re.compile(rb'"[^"\t,;|]*+"|[^"]*+')  # in quotes no delimiter, so that each finds the same quotes
_TYPES = frozenset(each.encode() for each in ORANGE_TYPES)


class KnownHeaders:
    """The first source of each plain header, of files that are read with the same options."""

    def __init__(self, text: TextOptions) -> None:
        self._text = text
        self._sources: dict[bytes, CsvSource] = {}

    def add(self, head: bytes, source: CsvSource) -> None:
        """Keep the header of a source that begins with `head`, if it hangs on nothing but its line."""
        text, found = self._text, _LINE.match(head)
        if not found or found.end() != source.start or source.pairs or source.remedy:
            return
        if not text.header or text.skip_lines or found[0].startswith((text.comment or "\0").encode()):
            return
        names = found[0].rstrip(b"\r\n").split(source.dialect.delimiter.encode())
        if not all(map(_NAME.fullmatch, names)) or (b'"' in found[0] and text.comment):
            return
        alone = Start(found[0], 0, (), (), whole=True)
        if source.dialect.delimiter != " " and len(source.fields) > 1 and find_pairs(alone, text) is None:
            self._sources[found[0]] = source

    def source(self, content: ByteSource, head: bytes) -> CsvSource | None:
        """The source of bytes that begin with `head`, some KiB; None where their header is to be read."""
        end = head.find(b"\n") + 1
        known = self._sources.get(head[:end])
        if known is None or not _are_rows(head, end, known.dialect):
            return None
        return replace(known, content=content, remarks=())


def _are_rows(head: bytes, end: int, dialect: Dialect) -> bool:
    """Whether rows stand below the names that end at `end`.

    They are no rule, no types of an Orange table, and as wide as the names: no names of rows stand before them,
    and those are not of a preamble above a table.
    """
    mark, body = dialect.delimiter.encode(), head[end:]
    rows = (body + b"-").splitlines()[:-1]  # the last may go on
    count = head.count(mark, 0, end)
    if b"---" in body or any(row.count(mark) != count for row in (*rows[:1], *rows[-1:])):
        return False
    return mark != b"\t" or _TYPES.isdisjoint(next(filter(bytes.strip, rows), b"").split(mark))
