"""Texts of records or lines, cut into splits between them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, cast

from xentcli.errors import XentError
from xentcli.sources.byte_source import ByteSource, Readable
from xentcli.sources.source import WHOLE, Chunk, FileSource, Projection, Source, Split


class TextChunk(Chunk, frozen=True, eq=False, dict=True, kw_only=True):
    """Whole records or lines, as bytes."""

    data: bytes
    first_line: int
    size: int | None  # bytes of the text as a whole

    @property
    def share(self) -> float | None:
        """Of the text."""
        return len(self.data) / self.size if self.size else None


class TextSource(FileSource, frozen=True, eq=False, kw_only=True):
    """A text."""

    @property
    @abstractmethod
    def begin(self) -> tuple[int, int]:
        """(offset, physical line) of the first record."""

    @abstractmethod
    def chunks(self, projection: Projection) -> Iterator[TextChunk]:
        """Whole records, in order."""

    @abstractmethod
    def of_range(self, content: ByteRange, line: int) -> Source:
        """The source of nothing but the records in these bytes, which begin on physical line `line`."""

    @property
    def text_bytes(self) -> int | None:
        """Its size, as quotes may hold line ends; None where it is compressed."""
        return self.size if self.content.codec is None else None

    def splits(self, text_bytes: int, rows: int) -> Iterator[Split]:
        """Chunks, as many as have `text_bytes` together.

        What cannot be cut, as a quote is never closed, is left to the last split: whoever reads it will say so.
        """
        end = self.text_bytes or 0
        if end <= text_bytes:
            yield WHOLE
            return
        begin, line = self.begin
        at, below = begin, line
        whole = end - begin or 1  # without the header
        try:
            for chunk in self.chunks(Projection((), ())):
                if at - begin >= text_bytes:
                    yield Split(begin, at, (at - begin) / whole, chunk.first_line - line, line=line)
                    begin, line = at, chunk.first_line
                at, below = at + len(chunk.data), chunk.first_line
        except XentError:
            pass
        yield Split(begin, end, (end - begin) / whole, below - line, line=line)

    def select(self, split: Split) -> Source:
        """The text, of which only these records are read."""
        if split.end is None:
            return self
        return self.of_range(ByteRange(cast(_Seekable, self.content), split.begin, split.end), split.line)


class _Seekable(Protocol):
    """Bytes that can be read from any offset on, as all can be that are not compressed but standard input."""

    name: str
    size: int | None

    def open(self, at: int = 0) -> AbstractContextManager[Readable]:
        """A stream of the bytes from offset `at` on."""
        ...

    def last_byte(self) -> bytes:
        """The last of all."""
        ...


class ByteRange(ByteSource):
    """The bytes of another source from `begin` to before `end`."""

    def __init__(self, whole: _Seekable, begin: int, end: int) -> None:
        self._whole, self._begin, self._end = whole, begin, end
        self.name, self.size = whole.name, whole.size

    @contextmanager
    def open(self) -> Iterator[Readable]:
        """These bytes."""
        with self._whole.open(self._begin) as stream:
            yield _Limited(stream, self._end - self._begin)

    def last_byte(self) -> bytes:
        """That of the whole."""
        return self._whole.last_byte()


class _Limited:
    """The first bytes of a stream."""

    def __init__(self, stream: Readable, size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        return data
