"""Where the bytes of an input come from: a file, standard input, or a copy of a stream in a temporary file."""

from __future__ import annotations

import io
import os
import select
import stat
import weakref
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from xentcli.errors import AccessError, RequestError, Where
from xentcli.files import access

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

Bytes: TypeAlias = bytes  # several classes here have a size called `bytes`

CHUNK = 1 << 20
_KEPT = 16 << 20  # of standard input: what a look at the first rows may read and the run reads again


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> Bytes:
        """Up to `size` bytes; fewer only at the end."""
        ...


class Origin(Protocol):
    """Where bytes come from."""

    @property
    def name(self) -> str:
        """How to call it in messages."""
        ...

    @property
    def bytes(self) -> int | None:
        """The size as stored, if known."""
        ...

    @property
    def codec(self) -> str | None:
        """How it is compressed."""
        ...

    def open(self) -> AbstractContextManager[Readable]:
        """A stream of the (uncompressed) bytes from the first on."""
        ...

    def last(self) -> Bytes:
        """The last byte; b"" where there is none, or nobody has read that far."""
        ...

    def path(self) -> str:
        """A path of a local file that holds the (uncompressed) bytes."""
        ...

    def located(self) -> tuple[FileSystem | None, str]:
        """(where to read what is wanted, not all of it, None for this machine's files; the path there)."""
        ...

    def elsewhere(self) -> Origin | None:
        """The same bytes as another process finds them; None where it cannot."""
        ...


def skip(stream: Readable, size: int) -> None:
    """Read past the next `size` bytes."""
    while size and (data := stream.read(min(size, CHUNK))):
        size -= len(data)


class LocalFile(Struct, frozen=True, eq=False):
    """A file on this machine."""

    name: str
    bytes: int
    codec: str | None = None
    at: str | None = None  # its path, where the name was typed in a folder of another process

    @classmethod
    def of(cls, path: str) -> LocalFile:
        """The regular file at `path`."""
        with access(path):
            about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):
            pipe = stat.S_ISFIFO(about.st_mode)
            hint = "a pipe is read as standard input: xent score - < PIPE" if pipe else None
            raise AccessError("not_a_file", "is not a regular file", hint=hint, where=Where(path))
        return cls(path, about.st_size)

    @contextmanager
    def open(self, at: int = 0) -> Iterator[BinaryIO]:
        """The file from offset `at` on."""
        with access(self.name), open(self.path(), "rb") as file:
            file.seek(at)
            yield file

    def last(self) -> Bytes:
        """The last byte."""
        with self.open() as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 1))
            return file.read(1)

    def path(self) -> str:
        """Itself."""
        return self.at or self.name

    def located(self) -> tuple[None, str]:
        """Here."""
        return None, self.path()

    def elsewhere(self) -> LocalFile:
        """The file, wherever that process runs."""
        return replace(self, at=os.path.abspath(self.name))

    def found_again(self) -> LocalFile:
        """The file as it is now. Raises `AccessError` where it is not there."""
        with access(self.name):
            return replace(self, bytes=os.stat(self.path()).st_size)


class Copied:
    """An origin that can be had as a file only in a copy."""

    _spool: Spool | None = None

    @abstractmethod
    def open(self) -> AbstractContextManager[Readable]:
        """A stream of the (uncompressed) bytes from the first on."""

    def path(self) -> str:
        """A copy in a temporary file."""
        self._spool = self._spool or Spool(self)
        return self._spool.path

    def located(self) -> tuple[FileSystem | None, str]:
        """In the copy."""
        return None, self.path()


class StandardInput(Copied):
    """Standard input, read once; only its first 16 MiB can be read again, so that memory stays flat."""

    name = "<stdin>"
    bytes = None
    codec = None

    def __init__(self) -> None:
        self._raw = io.FileIO(0, closefd=False)
        if self._raw.isatty():
            raise RequestError(
                "terminal", "standard input is a terminal", hint="xent score FILE, or ... | xent score -"
            )
        self._head = bytearray()
        self._passed = False  # more has been read than is kept
        self._last = b""

    @contextmanager
    def open(self) -> Iterator[Readable]:
        """All of standard input."""
        if self._passed:
            raise RequestError(
                "stdin_twice", "this needs to read its input twice", hint="save standard input to a file first",
                where=Where(self.name),
            )  # fmt: skip
        with access(self.name):
            yield _Replay(self)

    def last(self) -> Bytes:
        """The last byte read so far."""
        return self._last

    def elsewhere(self) -> None:
        """It is of this process alone."""

    def read_at(self, offset: int, size: int) -> Bytes:
        """Up to `size` bytes from `offset` on, which is kept or the place reached."""
        if offset < len(self._head):
            return bytes(self._head[offset : offset + size])
        data = self._raw.read(size)
        while data is None:  # a pipe that does not block
            select.select([0], [], [])
            data = self._raw.read(size)
        self._last = data[-1:] or self._last
        if self._passed or len(self._head) + len(data) > _KEPT:
            self._passed = True
            self._head.clear()
        else:
            self._head += data
        return data


class _Replay:
    """A reading of standard input from its beginning."""

    def __init__(self, origin: StandardInput) -> None:
        self._origin = origin
        self._at = 0

    def read(self, size: int, /) -> Bytes:
        """Up to `size` bytes; fewer only at the end."""
        pieces: list[bytes] = []
        while size and (piece := self._origin.read_at(self._at, size)):
            pieces.append(piece)
            self._at += len(piece)
            size -= len(piece)
        return b"".join(pieces)


class Spool:
    """A copy of a stream in a temporary file that vanishes with this object, or with the process.

    Where /proc gives open files a path, the file has no name, and nothing can leave it behind.
    """

    def __init__(self, origin: Copied) -> None:
        import tempfile  # loads shutil, random and every compression

        with access("temporary file"):
            file: IO[Bytes] = tempfile.TemporaryFile(prefix="xent-")  # noqa: SIM115
            self.path = f"/proc/{os.getpid()}/fd/{file.fileno()}"
            if not os.path.exists(self.path):
                file = tempfile.NamedTemporaryFile(prefix="xent-")  # noqa: SIM115
                self.path = file.name
        weakref.finalize(self, file.close)
        with origin.open() as stream:
            while data := stream.read(CHUNK):
                with access("temporary file"):
                    file.write(data)
        with access("temporary file"):
            file.flush()
