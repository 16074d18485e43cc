"""Where the bytes of an input come from: a file, standard input, or a copy of a stream in a temporary file."""

from __future__ import annotations

import io
import os
import platform
import select
import stat
import time
import weakref
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol

from msgspec import Struct
from msgspec.structs import replace

from xentcli.errors import AccessError, RequestError, Where
from xentcli.files import access

if TYPE_CHECKING:
    from pyarrow import NativeFile

CHUNK = 1 << 20
_CLOCKS = (1_000_000_000, 1_000_000, 1_000, 100)  # units of file systems' times, nanoseconds
_WRITER = "start what writes to it, or xent score <(command)"
_PATIENCE = 3  # seconds for something to write to a named pipe
_KEPT = 16 << 20  # of standard input: what a look at the first rows may read and the run reads again


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        ...


class ByteSource:
    """Where bytes come from; unless a subclass knows better, a stream that is a file only in a copy."""

    name: str  # in messages
    size: int | None  # of the bytes as stored, if known
    codec: str | None = None  # how they are compressed
    can_change: bool = False  # while they are read: a pipe cannot
    is_remote: bool = False  # each reading waits for a network

    @abstractmethod
    def open(self, at: int = 0) -> AbstractContextManager[Readable]:
        """A stream of the (uncompressed) bytes from offset `at` on."""

    @abstractmethod
    def last_byte(self) -> bytes:
        """The last byte; b"" where there is none, or nobody has read that far."""

    @cached_property
    def local_path(self) -> str:
        """The path of a local file that holds the (uncompressed) bytes: here a temporary one."""
        return self.copy()

    def copy(self) -> str:
        """The path of a new temporary file with the (uncompressed) bytes, which vanishes with this."""
        path, file = temporary_file()
        weakref.finalize(self, file.close)
        with self.open() as stream:
            while data := stream.read(CHUNK):
                with access("temporary file"):
                    file.write(data)
        with access("temporary file"):
            file.flush()
        return path

    def arrow_file(self) -> str | NativeFile:
        """What Arrow can read parts of: the path of a local file, or an opened file of a store."""
        return self.local_path

    def reading(self) -> AbstractContextManager[None]:
        """Turns what the network to that file may raise, where Arrow reads it, into an `AccessError`."""
        return nullcontext()

    def prepare(self) -> bool:
        """Begin to open and read it in the background; False where that would save no time, and is not done."""
        return False

    def detach(self) -> ByteSource | None:
        """The same bytes as another process finds them; None where it cannot."""
        return None

    def refuse_changed(self) -> None:
        """Raise an `AccessError` where the bytes are no longer those that were found."""

    def refresh(self) -> ByteSource:
        """The same, found again by another process.

        Raises `AccessError` where it is not there, or no longer what it was.
        """
        return self


def input_changed(name: str, how: str, hint: str | None = None) -> AccessError:
    """The error for an input that is no longer what it was: `how` ends the sentence."""
    hint = hint or "score it once nothing writes to it any more, or score a copy"
    return AccessError("input_changed", f"changed while it was read: {how}", hint=hint, where=Where(name))


def temporary_file() -> tuple[str, IO[bytes]]:
    """A file that vanishes when it is closed, or with the process, and its path.

    Where /proc gives open files a path, the file has no name, and nothing can leave it behind.
    """
    import tempfile  # loads shutil, random and every compression

    with access("temporary file"):
        file: IO[bytes] = tempfile.TemporaryFile(prefix="xent-")  # noqa: SIM115
        path = f"/proc/{os.getpid()}/fd/{file.fileno()}"
        if os.path.exists(path):
            return path, file
        file = tempfile.NamedTemporaryFile(prefix="xent-")  # noqa: SIM115
        return file.name, file


def skip(stream: Readable, size: int) -> None:
    """Read past the next `size` bytes."""
    while size and (data := stream.read(min(size, CHUNK))):
        size -= len(data)


class LocalFile(Struct, ByteSource, frozen=True, eq=False):
    """A file on this machine, as it was when it was found."""

    name: str
    size: int
    modified: int  # nanoseconds
    inode: int
    absolute: str | None = None  # its path, where the name is none, or was typed in another folder
    machine: str | None = None  # where it was found, if another process may read it

    can_change = True

    @classmethod
    def of(cls, path: str) -> LocalFile:
        """The regular file at `path`."""
        with access(path):
            about = os.stat(path)
        if not stat.S_ISREG(about.st_mode):
            raise AccessError("not_a_file", "is not a regular file", where=Where(path))
        return cls(path, about.st_size, about.st_mtime_ns, about.st_ino)

    @contextmanager
    def open(self, at: int = 0) -> Iterator[BinaryIO]:
        """The file from offset `at` on."""
        with access(self.name), open(self.local_path, "rb") as file:
            file.seek(at)
            yield file

    def last_byte(self) -> bytes:
        """The last byte."""
        with self.open() as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 1))
            return file.read(1)

    @property
    def local_path(self) -> str:
        """Its own."""
        return self.absolute or self.name

    def detach(self) -> LocalFile:
        """The file, wherever that process runs."""
        return replace(self, absolute=os.path.abspath(self.local_path), machine=platform.node())

    def refuse_changed(self) -> None:
        """Raise an `AccessError` where its size, its time or its inode is another."""
        with access(self.name):
            now = os.stat(self.local_path)
        if now.st_size != self.size:
            raise input_changed(self.name, f"{self.size:,} bytes became {now.st_size:,}")
        if now.st_ino != self.inode:
            raise input_changed(self.name, "another file took its place")
        if now.st_mtime_ns != self.modified:
            raise input_changed(self.name, "it was written to")

    def refresh(self) -> LocalFile:
        """The file as this process sees it: on another machine its inode may be another."""
        if self.machine == platform.node():
            self.refuse_changed()
            return self
        with access(self.name):
            found = os.stat(self.local_path)
        if found.st_size != self.size or not _same_time(found.st_mtime_ns, self.modified):
            hint = "all machines must see one file, or copies that keep its time (cp -p, rsync -t)"
            raise input_changed(self.name, f"{platform.node()} sees another size or time of its last change", hint)
        return replace(self, modified=found.st_mtime_ns, inode=found.st_ino, machine=platform.node())


def _same_time(one: int, other: int) -> bool:
    """Are these nanoseconds the same time, as file systems of coarse clocks tell it?"""
    coarse = next((unit for unit in _CLOCKS if one % unit == 0 or other % unit == 0), 1)
    return one // coarse == other // coarse


class Pipe(ByteSource):
    """Bytes that come once, in order; only the first 16 MiB can be read again, so that memory stays flat."""

    size = None

    def __init__(self, name: str, raw: io.FileIO) -> None:
        self.name, self._raw = name, raw
        weakref.finalize(self, raw.close)
        self._head = bytearray()
        self._passed = False  # more has been read than is kept
        self._last = b""

    @classmethod
    def of(cls, path: str) -> Pipe:
        """The named pipe, process substitution or descriptor at `path`.

        Raises `AccessError` where nothing writes to a named pipe: to open it would wait for ever.
        """
        with access(path):
            if not os.path.exists(os.path.realpath(path)):  # a descriptor of a pipe without a name
                return cls(path, io.FileIO(path))
            raw = io.FileIO(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
            pipe = cls(path, raw)
            end = time.monotonic() + _PATIENCE
            while (data := raw.read(CHUNK)) == b"":  # None where there is a writer, and no data yet
                if time.monotonic() > end:
                    raise AccessError(
                        "not_a_file", "is a pipe that nothing writes to", hint=_WRITER, where=Where(path)
                    )
                time.sleep(0.02)
            os.set_blocking(raw.fileno(), True)
            pipe._head += data or b""
            pipe._last = (data or b"")[-1:]
        return pipe

    @contextmanager
    def open(self, at: int = 0) -> Iterator[Readable]:
        """The bytes from offset `at` on, which has been read already."""
        if self._passed:
            what = "standard input" if isinstance(self, StandardInput) else "it"
            raise RequestError(
                "stdin_twice", "this needs to read its input twice", hint=f"save {what} to a file first",
                where=Where(self.name),
            )  # fmt: skip
        with access(self.name):
            yield _Replay(self, at)

    def last_byte(self) -> bytes:
        """The last byte read so far."""
        return self._last

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset` on, which is kept or the place reached."""
        if offset < len(self._head):
            return bytes(self._head[offset : offset + size])
        data = self._raw.read(size)
        while data is None:  # a pipe that does not block
            select.select([self._raw.fileno()], [], [])
            data = self._raw.read(size)
        self._last = data[-1:] or self._last
        if self._passed or len(self._head) + len(data) > _KEPT:
            self._passed = True
            self._head.clear()
        else:
            self._head += data
        return data


class StandardInput(Pipe):
    """Standard input."""

    def __init__(self) -> None:
        raw = io.FileIO(0, closefd=False)
        if raw.isatty():
            raise RequestError(
                "terminal", "standard input is a terminal", hint="xent score FILE, or ... | xent score -"
            )
        super().__init__("<stdin>", raw)


class SpooledPipe(ByteSource):
    """A pipe in a temporary file, where its bytes are read more than once: labels are, column after column."""

    def __init__(self, pipe: Pipe) -> None:
        self.name, self._pipe = pipe.name, pipe
        self.size = os.path.getsize(pipe.local_path)

    @contextmanager
    def open(self, at: int = 0) -> Iterator[Readable]:
        """The bytes from offset `at` on."""
        with access(self.name), open(self.local_path, "rb") as file:
            file.seek(at)
            yield file

    def last_byte(self) -> bytes:
        """The last byte."""
        with self.open(max(0, (self.size or 0) - 1)) as file:
            return file.read(1)

    @property
    def local_path(self) -> str:
        """That of the temporary file."""
        return self._pipe.local_path


def reread(content: ByteSource) -> ByteSource:
    """The bytes where they can be read any number of times."""
    return SpooledPipe(content) if isinstance(content, Pipe) else content


class _Replay:
    """A reading of a pipe whose first bytes may be kept."""

    def __init__(self, pipe: Pipe, at: int) -> None:
        self._input, self._at = pipe, at

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        pieces: list[bytes] = []
        while size and (piece := self._input.read_at(self._at, size)):
            pieces.append(piece)
            self._at += len(piece)
            size -= len(piece)
        return b"".join(pieces)
