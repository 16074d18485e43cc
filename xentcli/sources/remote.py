"""Object stores through pyarrow's filesystems; loaded only for a path that is a URI."""

from __future__ import annotations

import glob
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.fs as pafs
from msgspec import Struct
from msgspec.structs import replace

from xentcli.errors import AccessError, RequestError, Where, first_line
from xentcli.sources.byte_source import CHUNK, ByteSource, Readable, skip
from xentcli.sources.folders import PartitionKeys, data_files, matches, partition_keys

_WEB = ("http", "https", "ftp")

_PATIENCE = 5  # seconds


class RemoteFile(Struct, ByteSource, frozen=True, eq=False):
    """An object in a store.

    But for text and Parquet it is read from a copy: Arrow may end the process when it reads others without a path.
    """

    name: str
    size: int | None
    filesystem: pafs.FileSystem
    key: str

    @contextmanager
    def open(self, at: int = 0) -> Iterator[Readable]:
        """The object from offset `at` on, as a stream."""
        if at < CHUNK:
            with store_errors(self.name), self.filesystem.open_input_stream(self.key, compression=None) as stream:
                skip(stream, at)
                yield stream
            return
        with store_errors(self.name), self.filesystem.open_input_file(self.key) as file:
            file.seek(at)
            yield file

    def last_byte(self) -> bytes:
        """The last byte."""
        with store_errors(self.name), self.filesystem.open_input_file(self.key) as file:
            size = file.size()
            return file.read_at(1, size - 1) if size else b""

    def location(self) -> tuple[pafs.FileSystem, str]:
        """In the store."""
        return self.filesystem, self.key

    def detach(self) -> RemoteFile:
        """The object, without the copy made here."""
        return replace(self)


def find(uri: str) -> Iterator[tuple[RemoteFile, PartitionKeys]]:
    """The objects that a URI, a folder of a store or a pattern names, in order."""
    scheme, _, rest = uri.partition("://")
    if scheme in _WEB:
        raise RequestError("scheme", f"{uri} is a web address", hint=f"curl -L {uri} | xent score -")
    rest, query = _split_options(rest)
    base = "/".join(itertools.takewhile(lambda part: not glob.has_magic(part), rest.split("/")))
    filesystem, root = _filesystem(f"{scheme}://{base}{query}", uri)
    yield from find_in(filesystem, root, scheme, _below(rest, base) if base != rest else None, uri)


def find_in(
    filesystem: pafs.FileSystem, root: str, scheme: str, pattern: str | None, uri: str
) -> Iterator[tuple[RemoteFile, PartitionKeys]]:
    """The objects at `root`, or below it those that match `pattern`."""
    with store_errors(uri):
        info = filesystem.get_file_info(root)
        below = info.type == pafs.FileType.Directory
        deep = pattern is None or "/" in pattern or pattern == "**"  # a bucket may hold millions of other objects
        infos = filesystem.get_file_info(pafs.FileSelector(root, recursive=deep)) if below else [info]
    files = {each.path: each.size for each in infos if each.is_file}
    if pattern is not None:
        chosen = sorted(path for path in files if matches(_below(path, root), pattern))
    else:
        chosen = data_files(list(files), root) if below else list(files)
    if not chosen:
        what = "no file matches this pattern" if pattern is not None else "no such file or directory"
        raise AccessError("not_found", what, where=Where(uri))
    for path in chosen:
        keys = partition_keys(path) if below else ()
        yield RemoteFile(f"{scheme}://{path}", files[path], filesystem, path), keys


def _filesystem(uri: str, shown: str) -> tuple[pafs.FileSystem, str]:
    try:
        with store_errors(shown):
            if uri.startswith(("gs://", "gcs://")):  # otherwise it tries for a quarter of an hour
                uri += f"{'&' if '?' in uri else '?'}retry_limit_seconds={_PATIENCE}"
            return pafs.FileSystem.from_uri(uri)  # type: ignore[no-any-return]
    except (pa.ArrowException, ValueError) as error:
        raise RequestError("scheme", f"{shown} cannot be opened: {first_line(error)}") from error


@contextmanager
def store_errors(name: str) -> Iterator[None]:
    """Turns what a store refuses into an `AccessError`."""
    try:
        yield
    except OSError as error:
        reason = first_line(error, "cannot be read")[:300]
        raise AccessError("unreadable", reason, where=Where(name)) from error


def _split_options(rest: str) -> tuple[str, str]:
    """A path, which may be a pattern, and the options of its store, such as `?region=eu-west-1`."""
    options = re.search(r"\?\w+=[^?*]*$", rest)
    return (rest[: options.start()], options[0]) if options else (rest, "")


def _below(path: str, root: str) -> str:
    return path[len(root) :].strip("/")
