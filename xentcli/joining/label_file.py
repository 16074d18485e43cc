"""A label file: its ids, labels and weights in memory, read as they are asked for."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import pyarrow as pa
from msgspec.structs import replace

from xentcli.columns.labels import texts
from xentcli.columns.names import LABEL_NAMES
from xentcli.errors import ContentError, Where
from xentcli.joining.id_index import IdIndex, id_texts
from xentcli.sources.open import open_paths
from xentcli.sources.partitions import RenamedSource
from xentcli.sources.source import Block, Projection, Source, TextOptions


def open_labels(path: str, text: TextOptions, named: Collection[str | None]) -> list[Source]:
    """The inputs that a path to a label file names.

    Without a header (`--no-header` may be meant for the predictions alone), its only column is the label. A first
    record that has one of the names to look for, those in `named` or of a label, is a header.
    """
    found = open_paths([path], replace(text, header=True))
    if text.header or any(_has_header(source, named) for source in found):
        return found
    bare = open_paths([path], text)
    return [RenamedSource(source, {"0": LABEL_NAMES[0]}) if len(source.fields) == 1 else source for source in bare]


def _has_header(source: Source, named: Collection[str | None]) -> bool:
    return any(field.name in named or field.name.casefold() in LABEL_NAMES for field in source.fields)


class LabelFile:
    """The columns of the label file that have been asked for so far, whole and in memory."""

    def __init__(self, source: Source, on: str | None) -> None:
        self.source = source
        self.names = {field.name for field in source.fields} - {on, ""}
        self._on = on
        self._index: IdIndex | None = None
        self._columns: dict[str, pa.Array] = {}
        self._rows = 0

    def load(self, wanted: Projection) -> Mapping[str, pa.Array]:
        """The columns of `wanted` that this file has; reads those not yet read, and at first the ids."""
        wanted = wanted.only(self.names - self._columns.keys())
        if wanted.names or (self._index is None and self._on is not None):
            self._read(wanted)
        return self._columns

    @property
    def index(self) -> IdIndex:
        """The ids."""
        if self._index is None:
            self.load(Projection((), ()))
        assert self._index is not None
        return self._index

    @cached_property
    def rows(self) -> int:
        """How many there are."""
        return self._rows or count(self.source)

    def places(self, rows: Iterable[int]) -> list[Where]:
        """Where some rows, ascending, stand; reads the file once more, for messages only."""
        found: list[Where] = []
        due = list(rows)
        first = 0
        for block in blocks(self.source, Projection((self.source.fields[0].name,), ())) if due else ():
            while due and due[0] < first + block.rows:
                found.append(block.where(due.pop(0) - first))
            first += block.rows
            if not due:
                break
        return found + [Where(self.source.name)] * len(due)

    def _read(self, wanted: Projection) -> None:
        ids: list[pa.Array] = []
        pieces: dict[str, list[pa.Array]] = {name: [] for name in wanted.names}
        on = self._on if self._index is None else None
        asked = replace(wanted, labels=(*wanted.labels, on)) if on is not None else wanted
        self._rows = 0
        for block in blocks(self.source, asked):
            self._rows += block.rows
            if on is not None:
                ids.append(id_texts(block.columns[on]))
            for name in wanted.names:
                column = block.columns[name]
                pieces[name].append(_words(column) if name in wanted.labels else column)
        if not self._rows:
            raise ContentError("no_rows", "no rows", where=Where(self.source.name))
        for name in wanted.names:
            self._columns[name] = _whole(pieces.pop(name))
        if on is not None:
            self._index = IdIndex(ids)


def blocks(source: Source, wanted: Projection) -> Iterator[Block]:
    """All blocks of a source, in order."""
    return itertools.chain.from_iterable(chunk.blocks() for chunk in source.chunks(wanted))


def count(source: Source) -> int:
    """The rows of a source."""
    return sum(block.rows for block in blocks(source, Projection((source.fields[0].name,), ())))


def _words(column: pa.Array) -> pa.Array:
    """Labels of any type as dictionary<int32, string>, null where missing."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    words = pa.array(texts(column.dictionary), pa.string())
    if words.null_count:  # Arrow unifies no dictionaries with nulls inside
        return words.take(column.indices).dictionary_encode()
    return pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), words)


def _whole(pieces: Sequence[pa.Array]) -> pa.Array:
    column = pa.chunked_array(pieces)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()
