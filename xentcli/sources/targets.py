"""Files to write, on this machine or in a store: complete or not at all, and refused before there is anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote

from xentcli import files
from xentcli.errors import RequestError
from xentcli.files import is_uri
from xentcli.sources.byte_source import temporary_file

if TYPE_CHECKING:
    from xentcli.sources.stores.remote_target import RemoteTarget


def refuse_unwritable(path: str | os.PathLike[str]) -> None:
    """Raise an error for what cannot be written, as far as can be known before it is.

    `AccessError` where there is no such folder or bucket, or no right to write there, `RequestError` for a kind of
    store that xent cannot write, or that needs a package.
    """
    target = _find(os.fspath(path))
    if isinstance(target, str):
        files.refuse_unwritable(target)
    else:
        target.refuse_unwritable()


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write, which takes the place of the one at a path or URI once it is complete, without failure.

    What goes to a store is spooled, and sent at the end. Raises as `refuse_unwritable` does.
    """
    target = _find(os.fspath(path))
    if isinstance(target, str):
        with files.writing(target) as file:
            yield file
        return
    spool, file = temporary_file()
    with file:
        yield file
        file.flush()
        target.write(spool)


def write_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file that is complete or stays as it was; raises as `writing` does."""
    with writing(path) as file:
        file.write(data)


def _find(path: str) -> str | RemoteTarget:
    """A path on this machine, or the file of a store."""
    if not is_uri(path):
        return path
    scheme, _, rest = path.partition("://")
    if scheme.lower() != "file":
        from xentcli.sources.stores.remote_target import RemoteTarget

        return RemoteTarget.of(path)
    host, _, place = rest.partition("/")
    if host not in ("", "localhost"):
        raise RequestError("scheme", f"{path} is on another machine", hint="file:///PATH is on this one")
    return f"/{unquote(place)}"
