"""From what the user typed to sources: which files, how compressed, of what format."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from xentcli.errors import ContentError, RequestError, Where
from xentcli.files import access, pipe_place, refuse_no_file_name
from xentcli.sources.byte_source import ByteSource, LocalFile, Pipe, StandardInput
from xentcli.sources.formats import (
    codec_of,
    extension_notice,
    format_of,
    is_called_json,
    refuse_foreign,
    starts_array,
)
from xentcli.sources.source import FileSource, PartitionKeys, Source, TextOptions, unless_changed

if TYPE_CHECKING:
    from xentcli.sources.delimited.known_headers import KnownHeaders
    from xentcli.sources.delimited.source import CsvSource

_HEAD_BYTES = 1 << 12
_AHEAD = 8  # files of a store that are opened before they are asked for

Found = tuple[ByteSource, PartitionKeys]

# Where each format is read; loaded when a file of it comes.
READERS = {
    "csv": ("delimited.source", "CsvSource"),
    "jsonl": ("json.lines", "JsonLinesSource"),
    "json": ("json.array", "JsonArraySource"),
    "parquet": ("parquet", "ParquetSource"),
    "arrow": ("arrow", "ArrowSource"),
    "npy": ("numpy_files", "NumpySource"),
}


def open_paths(paths: Sequence[str | os.PathLike[str]], text: TextOptions) -> list[Source]:
    """The inputs that paths, patterns, folders, URIs and "-" name; content, not name, decides their format."""
    opener = Opener(text)
    return [opener.open(content, keys) for content, keys in ahead(find_files([os.fspath(path) for path in paths]))]


def ahead(files: Iterable[Found]) -> Iterator[Found]:
    """The files in order, some of a store already on their way when they are asked for."""
    coming: deque[Found] = deque()
    for found in files:
        coming.append(found)
        most = _AHEAD if found[0].prepare() else 0
        while len(coming) > most:
            yield coming.popleft()
    yield from coming


def find_files(paths: Sequence[str]) -> Iterator[Found]:
    """The files that these name, of whatever format, and the partition keys that their folders name."""
    if paths.count("-") > 1:
        raise RequestError("stdin_twice", "standard input can be read once", hint='give "-" once')
    for path in paths:
        refuse_no_file_name(path)
        if path == "-":
            yield StandardInput(), ()
        elif "://" in path:
            from xentcli.sources.stores.find import find

            yield from find(path)
        elif os.path.isfile(path):
            yield LocalFile.of(path), ()
        elif pipe_place(path):
            yield Pipe.of(path), ()
        else:
            from xentcli.sources.folders import find_local

            yield from ((LocalFile.of(file), keys) for file, keys in find_local(path))


def find_file(path: str | os.PathLike[str], what: str) -> ByteSource:
    """The file at a path or a URI, or on standard input ("-"), that is `what`.

    Raises `RequestError` for several, and `AccessError`.
    """
    if os.path.isdir(path):
        return LocalFile.of(os.fspath(path))  # which refuses it
    files = [content for content, _ in find_files([os.fspath(path)])]
    if len(files) != 1:
        raise RequestError("files", f"{os.fspath(path)} names {len(files)} files; {what} is one")
    return files[0]


def read_bytes(content: ByteSource) -> bytes:
    """All that a file holds."""
    with content.open() as stream:
        return b"".join(iter(lambda: stream.read(1 << 24), b""))


def open_source(content: ByteSource, keys: PartitionKeys, text: TextOptions) -> Source:
    """The source of the format that these bytes are in, with the keys it does not hold itself."""
    return Opener(text).open(content, keys)


class Opener:
    """Opens inputs with the same options, and keeps what the header of one tells of others."""

    def __init__(self, text: TextOptions) -> None:
        self._text = text
        self._headers: KnownHeaders | None = None
        self._last: tuple[bytes, CsvSource] | None = None  # whose header is kept once there is another input

    def open(self, content: ByteSource, keys: PartitionKeys) -> Source:
        """As `open_source`."""
        with unless_changed(content):
            source: Source = self._open_packed(content)
        if any(field.type is not None and field.type.num_fields for field in source.fields):
            from xentcli.sources.nested import NestedSource

            source = NestedSource(source)
        if not keys:
            return source
        from xentcli.sources.partitions import add_partition_keys

        return add_partition_keys(source, keys)

    def _open_packed(self, content: ByteSource) -> FileSource:
        head = _head(content)
        codec = codec_of(head)
        if codec is not None:
            from xentcli.sources.compression import CompressedBytes

            content = CompressedBytes(content, codec)
            head = _head(content)
            if codec_of(head) is not None:
                raise ContentError("compression", "is compressed twice", where=Where(content.name))
        source, kind = self._known(content, head), "csv"
        if source is None:
            source, kind = _open(content, head, self._text)
            if source.format == "csv":
                self._last = head, cast("CsvSource", source)
        notice = extension_notice(content.name, None if self._text.format else kind, content.codec)
        return replace(source, remarks=(notice,)) if notice else source

    def _known(self, content: ByteSource, head: bytes) -> FileSource | None:
        """The source, if its header is that of one before."""
        if self._last is not None:
            from xentcli.sources.delimited.known_headers import KnownHeaders

            self._headers = self._headers or KnownHeaders(self._text)
            self._headers.add(*self._last)
            self._last = None
        return None if self._headers is None else self._headers.source(content, head)


def _open(content: ByteSource, head: bytes, text: TextOptions) -> tuple[FileSource, str]:
    """The source of unpacked bytes that begin with `head`, and their format."""
    if text.format == "tsv":
        text = replace(text, format="csv", delimiter="\t" if text.delimiter is None else text.delimiter)
    if text.format is None:
        refuse_foreign(head, content.name)
    kind = text.format or format_of(head)
    if kind in ("csv", "jsonl") and starts_array(head) and (text.format or is_called_json(content.name)):
        kind = "json" if text.format != "csv" else kind
    module, name = READERS[kind]
    reader: Callable[[ByteSource, TextOptions], FileSource]
    reader = getattr(import_module(f"xentcli.sources.{module}"), name).open
    return reader(content, text), kind


def _head(content: ByteSource) -> bytes:
    with access(content.name), content.open() as stream:
        return stream.read(_HEAD_BYTES)
