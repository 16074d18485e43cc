"""Compressed inputs: recognized by content, read as streams, whole or not at all."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from xentcli.errors import ContentError, Where, first_line
from xentcli.sources.byte_source import CHUNK, ByteSource, Readable, skip

_READ = 1 << 18  # compressed bytes at a time


class _Decoder(Protocol):
    """Decodes one member (gzip), stream (xz, bzip2) of a file."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    """zlib's decoder in the manner of the other two."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._decoder.unconsumed_tail

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ),
}


class CompressedBytes(ByteSource):
    """Compressed bytes, read as what they hold."""

    codec: str

    def __init__(self, packed: ByteSource, codec: str) -> None:
        self._packed = packed
        self.name, self.size, self.codec = packed.name, packed.size, codec
        self.can_change = packed.can_change
        self._last = b""

    @contextmanager
    def open(self, at: int = 0) -> Iterator[Readable]:
        """The uncompressed bytes; `ContentError` where they are damaged, cut or followed by something else."""
        with self._packed.open() as stream:
            pieces = _zstd(stream) if self.codec == "zstd" else _members(stream, _DECODERS[self.codec])
            unpacked = _Pieces(self._watch(pieces))
            skip(unpacked, at)
            yield unpacked

    def last_byte(self) -> bytes:
        """The last byte read so far."""
        return self._last

    def refuse_changed(self) -> None:
        """Where the compressed bytes have changed."""
        self._packed.refuse_changed()

    def detach(self) -> ByteSource | None:
        """The compressed bytes: it will be unpacked there."""
        return self._packed.detach()

    def _watch(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        try:
            for piece in pieces:
                self._last = piece[-1:] or self._last
                yield piece
        except (EOFError, ValueError, zlib.error, lzma.LZMAError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            message = f"damaged {self.codec} data: {first_line(error, 'cannot be decompressed')}"
            raise ContentError("compression", message, where=Where(self.name)) from error


class _Pieces:
    """Pieces of any length as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        found = [self._rest]
        missing = size - len(self._rest)
        while missing > 0 and (piece := next(self._pieces, None)) is not None:
            found.append(piece)
            missing -= len(piece)
        data = b"".join(found)
        self._rest = data[size:]
        return data[:size]


def _members(stream: Readable, decoder: Callable[[], _Decoder]) -> Iterator[bytes]:
    """What one member after the other holds; zero bytes may follow the last, as tape blocks and xz pad."""
    data = stream.read(_READ)
    while data:
        member = decoder()
        while not member.eof:
            yield member.decompress(data, CHUNK)
            data = stream.read(_READ) if member.needs_input and not member.eof else b""
            if not data and member.needs_input and not member.eof:
                raise EOFError("it ends too early")
        data = member.unused_data or stream.read(_READ)
        while data and not data.strip(b"\0"):
            data = stream.read(_READ)


def _zstd(stream: Readable) -> Iterator[bytes]:
    """Frames, by Arrow: Python has no zstd before 3.14."""
    import pyarrow as pa

    with pa.CompressedInputStream(pa.PythonFile(_File(stream), "r"), "zstd") as unpacked:
        while data := unpacked.read(CHUNK):
            yield data


class _File:
    """As much of a file as Arrow asks for."""

    closed = False

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        return self._stream.read(size)

    def close(self) -> None:
        """The owner closes the stream."""
