"""From what the user typed to sources: which files, how compressed, of what format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module

from msgspec import Struct
from msgspec.structs import replace

from xentcli.errors import ContentError, RequestError, Where
from xentcli.files import access, refuse_no_file_name
from xentcli.sources.formats import codec_of, extension_notice, format_of, refuse_foreign
from xentcli.sources.origin import LocalFile, Origin, StandardInput
from xentcli.sources.source import FileSource, Source, TextOptions

_HEAD_BYTES = 1 << 12

# Where each format is read; loaded when a file of it comes.
READERS = {
    "csv": ("csv", "CsvSource"),
    "jsonl": ("json_lines", "JsonLinesSource"),
    "parquet": ("parquet", "ParquetSource"),
    "arrow": ("arrow", "ArrowSource"),
    "npy": ("numpy_files", "NumpySource"),
}


class Found(Struct, frozen=True):
    """An input, and the partition keys that its folders name."""

    origin: Origin
    keys: tuple[tuple[str, str | None], ...] = ()


def open_all(paths: Sequence[str], text: TextOptions) -> list[Source]:
    """The inputs that paths, patterns, folders, URIs and "-" name."""
    return [open_found(found, text) for found in find_all(paths)]


def find_all(paths: Sequence[str]) -> Iterator[Found]:
    """The files that these name, of whatever format."""
    if paths.count("-") > 1:
        raise RequestError("stdin_twice", "standard input can be read once", hint='give "-" once')
    for path in paths:
        refuse_no_file_name(path)
        yield from _find(path)


def _find(path: str) -> Iterator[Found]:
    if path == "-":
        yield Found(StandardInput())
    elif "://" in path:
        from xentcli.sources.remote import find

        yield from (Found(origin, keys) for origin, keys in find(path))
    elif os.path.isfile(path):
        yield Found(LocalFile.of(path))
    else:
        from xentcli.sources.folders import find_local

        yield from (Found(LocalFile.of(file), keys) for file, keys in find_local(path))


def open_found(found: Found, text: TextOptions) -> Source:
    """The source that an origin's content asks for."""
    origin = found.origin
    head = _head(origin)
    codec = codec_of(head)
    if codec is not None:
        from xentcli.sources.compression import Unpacked

        origin = Unpacked(origin, codec)
        head = _head(origin)
        if codec_of(head) is not None:
            raise ContentError("compression", "is compressed twice", where=Where(origin.name))
    source = _open(origin, head, text)
    if found.keys:
        from xentcli.sources.partitions import partitioned

        return partitioned(source, found.keys)
    return source


def _open(origin: Origin, head: bytes, text: TextOptions) -> FileSource:
    asked = {"tsv": "csv"}.get(text.format or "", text.format)
    if text.format == "tsv" and text.delimiter is None:
        text = replace(text, delimiter="\t")
    if asked is None:
        refuse_foreign(head, origin.name)
    kind = asked or format_of(head)
    module, name = READERS[kind]
    reader: Callable[[Origin, TextOptions], FileSource]
    reader = getattr(import_module(f"xentcli.sources.{module}"), name).open
    source = reader(origin, text)
    notice = extension_notice(origin.name, None if asked else kind, origin.codec)
    return replace(source, remarks=(notice,)) if notice else source


def _head(origin: Origin) -> bytes:
    with access(origin.name), origin.open() as stream:
        return stream.read(_HEAD_BYTES)


def open_paths(paths: Sequence[str | os.PathLike[str]], text: TextOptions) -> list[Source]:
    """The inputs that paths, patterns, folders, URIs and "-" name; content, not name, decides their format."""
    return open_all([os.fspath(path) for path in paths], text)
