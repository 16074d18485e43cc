"""Small texts with the same columns, parsed and scored as one block: a block costs what some thousand rows do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from xentcli.core.text import cut
from xentcli.errors import ContentError, Where, XentError
from xentcli.sources.delimited.source import CsvReader, CsvSource
from xentcli.sources.source import Block, Chunk, Projection, Source
from xentcli.sources.text import Records, count_lines

_LARGEST = 1 << 16  # bytes of a small text
_MOST = 1 << 18  # bytes that are joined


class _Text(NamedTuple):
    """The records of a source, whole, and how many lines they are."""

    source: CsvSource
    data: bytes
    lines: int


class JoinedTexts:
    """Reads texts as one, as long as they are small and no more than _MOST bytes together."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._texts: list[_Text] = []
        self._size = 0

    def add(self, source: Source) -> bool:
        """Read a source, if it can be parsed behind the others; whether it can."""
        if not isinstance(source, CsvSource) or not self._suits(source):
            return False
        try:
            data = _read(source)
        except XentError:  # raised again by who reads it alone
            return False
        if data is None:
            return False
        self._texts.append(_Text(source, data, count_lines(data)))
        self._size += len(data)
        return True

    def _suits(self, source: CsvSource) -> bool:
        """Whether a source is small, and written as the others are; lists are read from each by itself."""
        if source.pairs or self._projection.lists or source.size is None:
            return False
        has_room = source.size <= _LARGEST and self._size < _MOST
        return has_room and (not self._texts or _are_alike(source, self._texts[0].source))

    def chunks(self) -> list[Chunk]:
        """One for each text; the first has the rows of all."""
        return [Chunk(self._blocks, 1.0), *(Chunk(_nothing, 1.0) for _ in self._texts[1:])]

    def _blocks(self) -> Iterator[Block]:
        try:
            block = self._joined()
        except ContentError:  # which each text by itself tells of with its name and lines
            yield from self._one_by_one()
        else:
            for text in self._texts:
                if text.source.content.can_change:
                    text.source.content.refuse_changed()
            if block is not None:
                yield block

    def _joined(self) -> Block | None:
        """The rows of all texts; None if there are none."""
        source = self._texts[0].source
        ends = np.cumsum([text.lines for text in self._texts])
        records = Records(memoryview(b"".join(text.data for text in self._texts)), 1, int(ends[-1]))
        found = list(CsvReader.of(source, self._projection).blocks(records))
        if not found:
            return None
        [block] = found
        inputs = np.searchsorted(ends, block.numbers())
        first = np.array([text.source.line - 1 for text in self._texts])
        lines = block.numbers() + (first - ends + [text.lines for text in self._texts])[inputs]

        def where(row: int) -> Where:
            return Where(self._texts[inputs[row]].source.name, line=int(lines[row]))

        parts = np.bincount(inputs, minlength=len(self._texts)).tolist()
        return replace(block, where=where, numbers=lambda: lines, parts=parts)

    def _one_by_one(self) -> Iterator[Block]:
        for before, text in enumerate(self._texts):
            for chunk in text.source.chunks(self._projection):
                for block in chunk.blocks():
                    yield replace(block, parts=[*[0] * before, block.rows])


def _nothing() -> Iterator[Block]:
    return iter(())


def _are_alike(one: CsvSource, other: CsvSource) -> bool:
    same_fields = one.fields is other.fields or one.fields == other.fields
    return same_fields and one.dialect == other.dialect and one.missing == other.missing


def _read(source: CsvSource) -> bytes | None:
    """The records of a source, with a line end at their end; None where others cannot follow, or they are many."""
    with source.content.open(source.start) as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST or data.endswith(b"\r"):
        return None
    if data and not data.endswith(b"\n"):
        data += b"\n"
    quotes = b'"' in data and cut(data, source.dialect)
    return None if quotes and quotes.end < len(data) else data
