"""What a store is to the rest: something that lists files, and opens them to be read from any offset."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from urllib.error import HTTPError

from msgspec import Struct

from xentcli.errors import AccessError, RequestError, Where, XentError, first_line, is_of_memory

if TYPE_CHECKING:
    import pyarrow as pa

ATTEMPTS = 3  # of a request whose connection is lost, or stays silent
PART = 10 << 20  # bytes that are sent in one request
_TIMEOUT = 15.0  # seconds, where XENT_TIMEOUT does not say
_LONGEST = 300  # characters of what a store says
Answer = TypeVar("Answer")


class Version(Struct, frozen=True):
    """What tells whether a file is still what it was."""

    size: int | None  # None: the store does not say
    tag: str | None  # its ETag, generation or version, else the time of its last change


class StoreFile(Protocol):
    """A file of a store, opened."""

    version: Version
    native: pa.NativeFile | None  # the same for Arrow, which may read it on several threads

    def read_at(self, offset: int, size: int) -> bytes:
        """`size` bytes from `offset` on; fewer only at its end. One call at a time, unless it is `native`."""
        ...


class Store(ABC):
    """Raises exceptions of any kind: whoever uses it does so within `store_errors`."""

    parallel = 1  # readings of a file at once
    piece = 1 << 20  # bytes of a reading
    wait = 3.0  # times the timeout until a call has failed, whatever the store's own library does about it

    @abstractmethod
    def open(self, key: str) -> StoreFile:
        """A file, as it is now. Raises `FileNotFoundError` where there is none."""

    @abstractmethod
    def files(self, root: str, *, deep: bool) -> Mapping[str, int | None]:
        """The files of a folder, or of all folders below it if `deep`, by key, and their sizes."""


class WritableStore(Store):
    """A store that takes files as well."""

    def is_file_key(self, key: str) -> bool:
        """Whether a file can have this key: a bucket, or nothing, cannot be one."""
        return bool(key)

    @abstractmethod
    def refuse_unwritable(self, key: str) -> None:
        """Raise an exception where a file of this key cannot be written, as far as one request tells."""

    @abstractmethod
    def write(self, key: str, path: str, name: str) -> None:
        """Make what the file at a path of this machine holds the file of this key: all of it, or nothing.

        Raises `AccessError` of `name`.
        """

    def send(self, work: Callable[[], Answer], name: str, size: int) -> Answer:
        """What a call gives that sends so many bytes: the more they are, the longer it may take."""
        return Call(work, name).answer(self.wait * timeout() * (1 + size // PART))


def timeout() -> float:
    """Seconds that a connection may stay silent: XENT_TIMEOUT."""
    text = os.environ.get("XENT_TIMEOUT", "")
    try:
        seconds = float(text) if text else _TIMEOUT
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 86_400:
        raise RequestError("timeout", f'XENT_TIMEOUT is "{text}", not a number of seconds', hint="XENT_TIMEOUT=15")
    return seconds


@contextmanager
def store_errors(name: str) -> Iterator[None]:
    """Turns whatever a store, its library or the network to it raises into an `AccessError`."""
    try:
        yield
    except (XentError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise AccessError("not_found", "no such file or directory", where=Where(name)) from error
    except Exception as error:  # each library of a store has its own kinds
        if is_of_memory(error) and not isinstance(error, OSError | HTTPException):
            raise
        code = "not_found" if isinstance(error, HTTPError) and error.code in (404, 410) else "unreadable"
        raise AccessError(code, _reason(error), where=Where(name)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"HTTP {error.code} {error.reason}"
    if isinstance(error, OSError) and error.errno and error.strerror:
        return error.strerror.lower()
    said = first_line(error, f"cannot be read ({type(error).__name__})")[:_LONGEST]
    return f"the connection failed: {said}" if "NETWORK_CONNECTION" in said else said


class Call(Generic[Answer]):
    """A call of a store, begun on a thread of its own: a library may block for as long as it likes."""

    def __init__(self, work: Callable[[], Answer], name: str) -> None:
        self._work, self._name = work, name
        self._done = threading.Event()
        self._answer: list[Answer] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, daemon=True, name="xent-store").start()

    def _run(self) -> None:
        try:
            with store_errors(self._name):
                self._answer.append(self._work())
        except BaseException as error:  # whatever it is, who waits for the answer raises it
            self._error = error
        finally:
            self._done.set()

    @property
    def is_done(self) -> bool:
        """Has it ended, well or not?"""
        return self._done.is_set()

    def answer(self, seconds: float) -> Answer:
        """What it gave. Raises `AccessError` for what went wrong, and where it takes longer than this."""
        if not self._done.wait(seconds):
            raise AccessError(
                "unreadable", f"no answer within {seconds:.3g} seconds",
                hint=f"XENT_TIMEOUT={2 * timeout():.3g} waits longer", where=Where(self._name),
            )  # fmt: skip
        if self._error is not None:
            raise self._error
        return self._answer[0]


def call(store: Store, name: str, work: Callable[[], Answer]) -> Answer:
    """What a call of the store gives. Raises `AccessError`."""
    return Call(work, name).answer(store.wait * timeout())
