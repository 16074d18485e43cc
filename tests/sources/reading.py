"""Reading whole inputs, as plain Python values, for tests."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from xentcli.errors import Where
from xentcli.sources.open import open_paths
from xentcli.sources.source import Projection, Source, TextOptions


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "zstd": zstd,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


def open_one(path: str | Path, text: TextOptions | None = None) -> Source:
    [source] = open_paths([str(path)], text or TextOptions())
    return source


def rows_of(source: Source, wanted: Projection) -> dict[str, list[Any]]:
    """The wanted columns, labels as text."""
    found: dict[str, list[Any]] = {name: [] for name in wanted.names}
    for part in source.chunks(wanted):
        for block in part.blocks():
            for name in wanted.names:
                values = block.columns[name].to_pylist()
                assert len(values) == block.rows
                found[name] += values
    return found


def places_of(source: Source, wanted: Projection) -> list[Where]:
    return [
        block.where(row) for part in source.chunks(wanted) for block in part.blocks() for row in range(block.rows)
    ]


def read(
    path: str | Path,
    labels: Sequence[str] = (),
    numbers: Sequence[str] = (),
    lists: Sequence[str] = (),
    text: TextOptions | None = None,
) -> dict[str, list[Any]]:
    return rows_of(open_one(path, text), Projection(tuple(labels), tuple(numbers), tuple(lists)))
