"""Inputs cut into spans that can be read apart, by whoever has opened the same input: a process, or a machine.

A span is larger than a part: it is worth the trip to another machine. Parquet is cut between row groups, text
between records. Other formats, and all that is compressed, are read from their beginning, and so are one span.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from xentcli.errors import XentError
from xentcli.sources.origin import Bytes, Origin, Readable
from xentcli.sources.partitions import PartitionedSource
from xentcli.sources.source import FileSource, Part, Source, Wanted

SPAN_BYTES = 32 << 20  # of text: most of a second of work
SPAN_ROWS = 1 << 18  # of Parquet, unless its row groups are larger

_Found: TypeAlias = Any  # a text source: the module of each format is loaded where it is used


class Span(Protocol):
    """A stretch of an input."""

    @property
    def share(self) -> float:
        """Which share of the input it is, 0 to 1."""
        ...

    @property
    def rows(self) -> int:
        """About how many rows it has; 0 if nobody knows."""
        ...

    def parts(self, source: Source, wanted: Wanted) -> Iterator[Part]:
        """Its parts, in order."""
        ...


class Whole(Struct, frozen=True):
    """All of an input."""

    share: float = 1.0
    rows: int = 0

    def parts(self, source: Source, wanted: Wanted) -> Iterator[Part]:
        """The parts of the input."""
        yield from source.parts(wanted)


class RowSpan(Struct, frozen=True):
    """The rows from `begin` to before `end` of an input that knows its rows before it reads them."""

    begin: int
    end: int
    share: float

    @property
    def rows(self) -> int:
        """Exactly."""
        return self.end - self.begin

    def parts(self, source: Source, wanted: Wanted) -> Iterator[Part]:
        """The parts that begin with one of these rows; the others are not read."""
        for part in source.parts(wanted):
            if self.begin <= _first_row(part) < self.end:
                yield part


def _first_row(part: _Found) -> int:
    first: int = _first_row(part.part) if hasattr(part, "part") else part.first_row
    return first


class TextSpan(Struct, frozen=True):
    """Whole records of a text, from offset `begin` to before `end`."""

    begin: int
    end: int
    line: int  # the physical line they begin on
    share: float
    rows: int

    def parts(self, source: Source, wanted: Wanted) -> Iterator[Part]:
        """Blocks of these records."""
        yield from _within(source, self).parts(wanted)


def spans(source: Source, text_bytes: int = SPAN_BYTES, rows: int = SPAN_ROWS) -> Iterator[Span]:
    """The spans of an input, in order. Long text is read through to find them, as quotes may hold line ends."""
    inner = _inner(source)
    if not isinstance(inner, FileSource) or inner.origin.codec is not None:
        yield Whole()
    elif inner.format == "parquet":
        yield from _row_groups(inner, rows)
    elif is_long_text(source, text_bytes):
        yield from _text_spans(inner, text_bytes)
    else:
        yield Whole()


def is_long_text(source: Source, text_bytes: int = SPAN_BYTES) -> bool:
    """Whether the spans of an input are found by reading it."""
    inner = _inner(source)
    if not isinstance(inner, FileSource) or inner.format not in ("csv", "jsonl"):
        return False
    return (inner.plain_bytes or 0) > text_bytes


def _inner(source: Source) -> Source:
    return source.source if isinstance(source, PartitionedSource) else source


def _row_groups(source: _Found, least: int) -> Iterator[Span]:
    """Row groups, as many as have `least` rows together."""
    groups = [source.metadata.row_group(i).num_rows for i in range(source.metadata.num_row_groups)]
    whole = source.metadata.num_rows
    if not whole:
        yield Whole()
        return
    begin = end = 0
    for group, size in enumerate(groups, 1):
        end += size
        if end - begin >= least or group == len(groups):
            yield RowSpan(begin, end, (end - begin) / whole)
            begin = end


def _text_spans(source: _Found, size: int) -> Iterator[Span]:
    """Blocks of records, as many as have `size` bytes together.

    What cannot be cut, as a quote is never closed, is left to the last span: whoever reads it will say so.
    """
    header: _Found = getattr(source, "header", source)
    begin = at = header.start
    line = below = header.line
    whole = source.bytes - begin or 1  # without the header
    try:
        for part in source.parts(Wanted((), ())):
            if at - begin >= size:
                yield TextSpan(begin, at, line, (at - begin) / whole, part.first_line - line)
                begin, line = at, part.first_line
            at, below = at + len(part.data), part.first_line
    except XentError:
        pass
    yield TextSpan(begin, source.bytes, line, (source.bytes - begin) / whole, below - line)


def _within(source: Source, span: TextSpan) -> Source:
    """A text source of nothing but the records of a span."""
    if isinstance(source, PartitionedSource):
        return replace(source, source=_within(source.source, span))
    text: _Found = source
    window = Window(text.origin, span.begin, span.end)
    if text.format == "jsonl":
        return replace(text, origin=window, start=0, line=span.line)  # type: ignore[no-any-return]
    header = replace(text.header, start=0, line=span.line)
    return replace(text, origin=window, header=header)  # type: ignore[no-any-return]


class Seekable(Origin, Protocol):
    """Bytes that can be read from any offset on."""

    def open(self, at: int = 0) -> AbstractContextManager[Readable]:
        """A stream of the bytes from offset `at` on."""
        ...


class Window(Struct, frozen=True, eq=False):
    """The bytes of an origin from `begin` to before `end`."""

    origin: Seekable
    begin: int
    end: int
    codec: None = None

    @property
    def name(self) -> str:
        """The origin's."""
        return self.origin.name

    @property
    def bytes(self) -> int | None:
        """The origin's."""
        return self.origin.bytes

    @contextmanager
    def open(self) -> Iterator[Readable]:
        """These bytes."""
        with self.origin.open(self.begin) as stream:
            yield _Limited(stream, self.end - self.begin)

    def last(self) -> Bytes:
        """The origin's."""
        return self.origin.last()

    def path(self) -> str:
        """The origin's."""
        return self.origin.path()


class _Limited:
    """The first bytes of a stream."""

    def __init__(self, stream: Readable, size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int, /) -> Bytes:
        """Up to `size` bytes; fewer only at the end."""
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        return data
