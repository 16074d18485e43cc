"""Compressed outputs: the codec that the input had."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from xentcli.engine.rewriting.change import Write
from xentcli.files import access
from xentcli.sources.byte_source import CHUNK, ByteSource


class _Encoder(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


_ENCODERS: dict[str, Callable[[], _Encoder]] = {
    "gzip": lambda: zlib.compressobj(wbits=31),
    "bzip2": bz2.BZ2Compressor,
    "xz": lambda: lzma.LZMACompressor(format=lzma.FORMAT_XZ),
}


@contextmanager
def packed(write: Write, codec: str | None) -> Iterator[Write]:
    """What writes bytes, compressed by a codec; complete when the context ends."""
    if codec is None:
        yield write
    elif codec == "zstd":
        import pyarrow as pa  # Python has no zstd before 3.14

        stream = pa.CompressedOutputStream(pa.PythonFile(_Sink(write), "w"), "zstd")
        yield stream.write
        stream.close()
    else:
        encoder = _ENCODERS[codec]()
        yield lambda data: write(encoder.compress(data))
        write(encoder.flush())


class _Sink:
    """As much of a file as Arrow asks for where it writes."""

    closed = False

    def __init__(self, write: Write) -> None:
        self._write, self._at = write, 0

    def write(self, data: bytes, /) -> int:
        self._write(data)
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """The owner does."""

    def close(self) -> None:
        """The owner closes the file."""


def arrow_sink(write: Write) -> object:
    """A file that Arrow writes to, from beginning to end."""
    import pyarrow as pa

    return pa.PythonFile(_Sink(write), "w")


def copy_bytes(content: ByteSource, write: Write) -> None:
    """Write the bytes of an input as they are; a pipe has been spooled to a file by what read it."""
    with access(content.name), open(content.local_path, "rb") as stream:
        while data := stream.read(CHUNK):
            write(data)
