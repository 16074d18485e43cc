"""A file of a store as a source of bytes: opened once, read in pieces, some of them ahead of their use."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xentcli.errors import XentError
from xentcli.sources.byte_source import ByteSource, Readable, input_changed, skip
from xentcli.sources.stores.arrow_store import is_of_store
from xentcli.sources.stores.store import Call, Store, StoreFile, Version, call, store_errors, timeout
from xentcli.sources.stores.web_store import Changed

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST = (1 << 16, 1 << 20, 1 << 22)  # where the first pieces end: a look at the beginning fetches little
_KEPT = 32 << 20  # bytes of first pieces, of all files together: they are read several times


class RemoteFile(ByteSource):
    """A file of a store, as it was when it was opened.

    But for text and Parquet it is read from a copy: Arrow may end the process when it reads others without a path.
    """

    can_change = True
    is_remote = True

    def __init__(
        self,
        name: str,
        store: Store,
        key: str,
        size: int | None = None,
        version: Version | None = None,
        file: StoreFile | None = None,  # where it has been opened already
    ) -> None:
        self.name, self._store, self._key, self._file = name, store, key, file
        self._version = version if file is None else file.version
        self.size = size if file is None else file.version.size
        self._last: bytes | None = None
        self._copied = False
        self._begun: dict[int, Call[bytes]] = {}  # the latest readings of the first pieces
        self._number = next(_numbers)
        self._opening = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs to find the same file."""
        return {
            "name": self.name,
            "store": self._store,
            "key": self._key,
            "size": self.size,
            "version": self._version,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """The file, not opened yet."""
        self.__init__(**state)  # type: ignore[misc]

    @property
    def file(self) -> StoreFile:
        """The file, opened, within a `Call`. Raises `AccessError` where it is not there, or not what it was."""
        with self._opening:
            if self._file is None:
                file = self._find()
                self._version, self.size, self._file = file.version, file.version.size, file
            return self._file

    def _find(self) -> StoreFile:
        try:
            file = self._store.open(self._key)
        except FileNotFoundError as error:
            if self._version is not None:
                raise input_changed(self.name, "it is no longer there") from error
            raise
        if self._version is not None and file.version != self._version:
            sizes = f"{self._version.size} bytes became {file.version.size}"
            how = "another file took its place" if file.version.size == self._version.size else sizes
            raise input_changed(self.name, how)
        return file

    @contextmanager
    def open(self, at: int = 0) -> Iterator[Readable]:
        """The file from offset `at` on, as a stream."""
        call(self._store, self.name, lambda: self.file)
        start = max((end for end in (0, *_FIRST) if end <= at), default=0) if at < _FIRST[-1] else at
        stream = _Stream(self, start, self._store.parallel)
        skip(stream, at - start)
        yield stream

    def begin(self, offset: int) -> tuple[Call[bytes], int]:
        """Begin to read the piece at an offset, and its size; 0 at the end."""
        end = next((end for end in _FIRST if offset < end), offset + self._store.piece)
        size = end - offset if self.size is None else max(0, min(end, self.size) - offset)
        piece = self._begun.get(offset)
        if piece is None or piece.is_done:  # one that is on its way is waited for, whoever began it
            piece = Call(lambda: self._piece(offset, size), self.name)
        if offset < _FIRST[-1]:
            self._begun[offset] = piece
        return piece, size

    def prepare(self) -> bool:
        """Open it and read its first piece in the background; what goes wrong there goes wrong again later."""
        if self._store.parallel == 1:
            return False
        self.begin(0)
        return True

    def wait_for(self, piece: Call[bytes]) -> bytes:
        """The piece, once it is there."""
        return piece.answer(self._store.wait * timeout())

    def _piece(self, offset: int, size: int) -> bytes:
        data = _first_pieces.get((self._number, offset))
        if data is None:
            try:
                data = self.file.read_at(offset, size) if size else b""
            except Changed:
                raise input_changed(self.name, "another file took its place") from None
            if self.size is not None and len(data) < size:
                raise ConnectionError(f"the store sent {len(data):,} of {size:,} bytes")
            if offset < _FIRST[-1]:
                _first_pieces.put((self._number, offset), data)
        if data and (offset + len(data) == self.size or (self.size is None and len(data) < size)):
            self._last = data[-1:]
        return data

    def last_byte(self) -> bytes:
        """The last byte, which a reading to the end has seen."""
        if self._last is None and self.file.version.size is not None:
            size = self.file.version.size
            self._last = self.wait_for(Call(lambda: self.file.read_at(size - 1, 1), self.name)) if size else b""
        return self._last or b""

    @cached_property
    def local_path(self) -> str:
        """A copy; what becomes of the file once it is made is of no importance."""
        path = self.copy()
        self.refuse_changed()
        self._copied = True
        return path

    def arrow_file(self) -> str | pa.NativeFile:
        """The file itself where Arrow may read it without Python, its bytes where they are few, else the copy."""
        native = call(self._store, self.name, lambda: self.file).native
        if self.size is not None and self.size <= _FIRST[1]:  # one or two requests, instead of three and more
            import pyarrow as pa

            with self.open() as stream:
                return pa.BufferReader(stream.read(self.size))
        return self.local_path if native is None else native

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turns what the store says, where Arrow reads, into an `AccessError`."""
        try:
            yield
        except XentError:
            raise
        except Exception as error:  # each library of a store has its own kinds
            if not is_of_store(error):
                raise
            with store_errors(self.name):
                raise

    def detach(self) -> RemoteFile:
        """The file, without what was read of it here."""
        return RemoteFile(self.name, self._store, self._key, self.size, self._version)

    def refuse_changed(self) -> None:
        """One request; none once there is a copy."""
        if not self._copied:
            call(self._store, self.name, self._find)


class _Stream:
    """A reading of a file from an offset on.

    The longer it goes on, the more pieces are read ahead: a look at the beginning fetches one or two.
    """

    def __init__(self, source: RemoteFile, at: int, parallel: int) -> None:
        self._source, self._next, self._parallel = source, at, parallel
        self._begun: deque[tuple[Call[bytes], int]] = deque()
        self._ahead = 0  # pieces to begin before they are asked for
        self._rest = b""
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        found = [self._rest]
        missing = size - len(self._rest)
        while missing > 0 and (piece := self._take()):
            found.append(piece)
            missing -= len(piece)
        data = b"".join(found)
        self._rest = data[size:]
        return data[:size]

    def _take(self) -> bytes:
        """The next piece; b"" at the end."""
        self._begin(1)
        if not self._begun:
            return b""
        piece, size = self._begun.popleft()
        self._begin(min(self._ahead, self._parallel - 1))
        data = self._source.wait_for(piece)
        self._ended = self._ended or len(data) < size
        self._begin(min(self._ahead, self._parallel))
        self._ahead = min(max(1, 2 * self._ahead), self._parallel)
        return data

    def _begin(self, count: int) -> None:
        """Have so many pieces begun, if the file has them."""
        while len(self._begun) < count and not self._ended:
            piece, size = self._source.begin(self._next)
            self._ended = not size
            if size:
                self._begun.append((piece, size))
                self._next += size


class _FirstPieces:
    """Those of all files, the latest of them, up to a number of bytes."""

    def __init__(self) -> None:
        self._pieces: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[int, int]) -> bytes | None:
        """A piece of a file, if it is kept."""
        with self._lock:
            return self._pieces.get(key)

    def put(self, key: tuple[int, int], data: bytes) -> None:
        """Keep it, and let the oldest go."""
        with self._lock:
            if key not in self._pieces:
                self._pieces[key] = data
                self._size += len(data)
            while self._size > _KEPT:
                self._size -= len(self._pieces.popitem(last=False)[1])


_first_pieces = _FirstPieces()
_numbers = itertools.count()
