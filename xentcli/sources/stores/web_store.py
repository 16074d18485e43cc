"""Files of web servers, by plain HTTP: read as one stream, taken up again where a connection was lost."""

from __future__ import annotations

import base64
import re
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPResponse
from typing import TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit

from xentcli import __version__
from xentcli.errors import ContentError, RequestError
from xentcli.sources.stores.store import ATTEMPTS, Store, Version, timeout

Answer = TypeVar("Answer")
_PAUSE = 0.2  # seconds before the second attempt; twice as long before each that follows
_NEAR = 1 << 20  # bytes that are sooner read past than asked for anew
_AGAIN = {408, 425, 429}  # of the statuses below 500


class WebStore(Store):
    """Any server; keys are whole addresses."""

    wait = 5.0 * ATTEMPTS

    def open(self, key: str) -> _WebFile:
        """One request, whose answer is read on."""
        return _WebFile(key)

    def files(self, root: str, *, deep: bool) -> Mapping[str, int | None]:
        """A server has no folders."""
        raise FileNotFoundError(root)


class _WebFile:
    native = None

    def __init__(self, address: str) -> None:
        self._address, self._headers = _without_user(address)
        self._response: HTTPResponse | None = None
        self._at = 0
        self._lock = threading.Lock()
        self.version = Version(None, None)
        self.version = self._with_attempts(lambda: self._begin(0))

    def read_at(self, offset: int, size: int) -> bytes:
        """From the stream, if it stands there."""
        with self._lock:
            return self._with_attempts(lambda: self._read(offset, size))

    def _with_attempts(self, work: Callable[[], Answer]) -> Answer:
        for attempt in range(ATTEMPTS):
            try:
                return work()
            except (OSError, HTTPException) as error:
                self._close()
                if isinstance(error, HTTPError):
                    error.close()
                if attempt == ATTEMPTS - 1 or not _may_pass(error):
                    raise
                time.sleep(_PAUSE * 2**attempt)
        raise AssertionError

    def _read(self, offset: int, size: int) -> bytes:
        if self._response is None or not 0 <= offset - self._at <= _NEAR:
            self._begin(offset)
        self._take(offset - self._at)
        return self._take(size)

    def _take(self, size: int) -> bytes:
        """The next bytes of the stream. Raises `ConnectionError` where it ends before the file."""
        assert self._response is not None
        found: list[bytes] = []
        while size and (data := self._response.read(size)):
            found.append(data)
            self._at += len(data)
            size -= len(data)
        whole = self.version.size
        if size and whole is not None and self._at < whole:
            raise ConnectionError(f"the connection ended after {self._at:,} of {whole:,} bytes")
        return b"".join(found)

    def _begin(self, offset: int) -> Version:
        """Ask for the file from an offset on; a server that knows no ranges sends all of it."""
        self._close()
        asked = {**self._headers, **({"Range": f"bytes={offset}-"} if offset else {})}
        request = urllib.request.Request(self._address, headers={"User-Agent": f"xent/{__version__}"})
        for name, value in asked.items():  # not for another server that it leads to
            (request.add_header if name == "Range" else request.add_unredirected_header)(name, value)
        response: HTTPResponse = urllib.request.urlopen(request, timeout=timeout())
        self._response = response
        part = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        partial = response.status == 206 and part is not None and int(part[1]) == offset
        if offset and response.status == 206 and not partial:
            raise HTTPException("the server sent another part than it was asked for")
        size = int(part[2]) if partial and part and part[2] != "*" else _length(response)
        found = Version(size, response.headers.get("ETag") or response.headers.get("Last-Modified"))
        if self.version not in (Version(None, None), found):
            self._close()
            raise Changed
        self._at = offset if partial else 0
        return found

    def __del__(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None


class Changed(Exception):
    """A file is no longer what it was when it was opened."""


def _length(response: HTTPResponse) -> int | None:
    """The length of the file; None where it comes in chunks, of which the last says so."""
    length = response.headers.get("Content-Length")
    if length is not None and length.isascii() and length.isdigit():
        return int(length)
    if not response.chunked:
        raise ContentError("no_length", "the server does not say how long the file is: it could be cut unnoticed",
                           hint="download it first, and see that it is complete")  # fmt: skip
    return None


def _may_pass(error: Exception) -> bool:
    """Can a second attempt succeed where this was raised?"""
    if isinstance(error, HTTPError):
        return error.code >= 500 or error.code in _AGAIN
    reason = error.reason if isinstance(error, URLError) else error
    return not isinstance(reason, ssl.SSLCertVerificationError)


def _without_user(address: str) -> tuple[str, dict[str, str]]:
    """The address as a server takes it, and the header that says who asks."""
    parts = urlsplit(address)
    user, at, host = parts.netloc.rpartition("@")
    if not host:
        raise RequestError("scheme", f"{address} names no server")
    clean = parts._replace(netloc=host, fragment="").geturl()
    token = base64.b64encode(unquote(user).encode()).decode()
    return quote(clean, safe="%/:=&?~#+!$,;'@()*[]"), {"Authorization": f"Basic {token}"} if at else {}
