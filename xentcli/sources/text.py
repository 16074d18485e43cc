"""What all texts share: their encoding, their lines, and splits between their records."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from xentcli.errors import ContentError, Where, XentError
from xentcli.sources.byte_source import ByteSource, Readable
from xentcli.sources.source import WHOLE, Block, Chunk, FileSource, Source, Split

LONGEST_RECORD = 64 << 20
BOM = b"\xef\xbb\xbf"
# By their marks, or by the NUL bytes beside the first characters, which no text in UTF-8 has so regularly.
_OTHERS = {
    "UTF-32": rb"\xff\xfe\0\0|\0\0\xfe\xff",
    "UTF-16": rb"\xff\xfe|\xfe\xff",
    "UTF-32LE": rb"[^\0]\0\0\0",
    "UTF-32BE": rb"\0\0\0[^\0]",
    "UTF-16LE": rb"(?:[^\0]\0){2}",
    "UTF-16BE": rb"(?:\0[^\0]){2}",
}


def refuse_other_encodings(data: bytes, name: str) -> None:
    """Refuse text whose first four bytes are those of UTF-16 or UTF-32."""
    for encoding, beginning in _OTHERS.items():
        if re.match(beginning, data):
            raise ContentError(
                "encoding", f"is {encoding} text", hint=f"iconv -f {encoding} -t UTF-8", where=Where(name)
            )


def refuse_non_utf8(data: bytes, name: str, line: int) -> None:
    """Refuse what is not UTF-8, naming the first byte that is not; `data` begins on physical line `line`."""
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = max(data.rfind(b"\n", 0, error.start), data.rfind(b"\r", 0, error.start)) + 1
        raise ContentError(
            "encoding",
            f"byte {error.start - start + 1} of the line, 0x{data[error.start]:02x}, is not UTF-8",
            hint="convert the file, for example with: iconv -f LATIN1 -t UTF-8",
            where=Where(name, line=line + count_lines(data, start)),
        ) from None


def count_lines(data: bytes, end: int | None = None) -> int:
    """Lines that end before an offset, which does not part a CRLF; without, in all of `data`."""
    found = data.count(b"\n", 0, end)
    if b"\r" in data:
        found += data.count(b"\r", 0, end) - data.count(b"\r\n", 0, end)
    return found


def too_long(name: str, line: int) -> ContentError:
    """The error for a record without an end in sight."""
    message = f"is longer than {LONGEST_RECORD >> 20} MiB"
    return ContentError("line_too_long", message, where=Where(name, line=line))


Data = TypeVar("Data", bytes, memoryview)


class Records(NamedTuple, Generic[Data]):
    """Whole records or lines, as bytes."""

    data: Data
    line: int  # the physical line they begin on
    lines: int = 0  # physical lines that end in them, where it takes no time to tell


class TextSource(FileSource, frozen=True, eq=False, kw_only=True):
    """A text of records or lines."""

    start: int  # offset of the first record
    line: int  # its physical line

    @abstractmethod
    def cut(self) -> Iterator[Records[Any]]:
        """All records, about a mebibyte at a time, in order."""

    def chunk(self, records: Records[Any], blocks: Callable[[], Iterator[Block]]) -> Chunk:
        """The chunk of these records, which are read as `blocks`."""
        size = self.text_bytes
        return Chunk(blocks, len(records.data) / size if size else None)

    @property
    def text_bytes(self) -> int | None:
        """Its size, as quotes may hold line ends; None where it is compressed."""
        return self.size if self.content.codec is None else None

    def splits(self, text_bytes: int, rows: int) -> Iterator[Split]:
        """Whole records, as many as have `text_bytes` together.

        What cannot be cut, as a quote is never closed, is left to the last split: whoever reads it will say so.
        """
        end = self.text_bytes or 0
        if end <= text_bytes:
            yield WHOLE
            return
        begin, line = at, below = self.start, self.line
        whole = end - begin or 1  # without the header
        try:
            for records in self.cut():
                if at - begin >= text_bytes:
                    yield Split(begin, at, (at - begin) / whole, records.line - line, line=line)
                    begin, line = at, records.line
                at, below = at + len(records.data), records.line
        except XentError:
            pass
        yield Split(begin, end, (end - begin) / whole, below - line, line=line)

    def select(self, split: Split) -> Source:
        """The text, of which only these records are read."""
        if split.end is None:
            return self
        return replace(self, content=_ByteRange(self.content, split.begin, split.end), start=0, line=split.line)


class _ByteRange(ByteSource):
    """The bytes of another source from `begin` to before `end`."""

    def __init__(self, whole: ByteSource, begin: int, end: int) -> None:
        self._whole, self._begin, self._end = whole, begin, end
        self.name, self.size, self.can_change = whole.name, whole.size, whole.can_change

    @contextmanager
    def open(self, at: int = 0) -> Iterator[Readable]:
        """These bytes."""
        with self._whole.open(self._begin + at) as stream:
            yield _Limited(stream, self._end - self._begin - at)

    def last_byte(self) -> bytes:
        """That of the whole."""
        return self._whole.last_byte()

    def refuse_changed(self) -> None:
        """Where the whole has changed."""
        self._whole.refuse_changed()


class _Limited:
    """The first bytes of a stream."""

    def __init__(self, stream: Readable, size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        return data
