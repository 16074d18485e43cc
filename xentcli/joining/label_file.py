"""A label file: its ids, labels and weights in memory, read as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from functools import cached_property

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from xentcli.columns.column_types import holds_numbers
from xentcli.columns.labels import as_dictionary, texts
from xentcli.columns.names import LABEL_NAMES, label_candidates
from xentcli.columns.peek import read_blocks
from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, RequestError, Where
from xentcli.joining.id_digest import IdDigest
from xentcli.joining.id_index import NO_ROW, IdIndex, id_texts
from xentcli.sources.arrays import as_arrow, to_arrow, to_floats
from xentcli.sources.byte_source import reread
from xentcli.sources.open import find_files, open_source
from xentcli.sources.partitions import RenamedSource
from xentcli.sources.source import Field, Projection, Source, TextOptions

_ARRAYS = ("npy", "npz", "json")  # formats of arrays without names


def open_labels(path: str, text: TextOptions, named: Collection[str | None]) -> list[Source]:
    """The inputs that a path to a label file names.

    Without a header (`--no-header` may be meant for the predictions alone), its only column is the label. A first
    record that has one of the names to look for, those in `named` or of a label, is a header.
    """
    contents = [(reread(content), keys) for content, keys in find_files([path])]

    def opened(text: TextOptions) -> list[Source]:
        return [open_source(content, keys, text) for content, keys in contents]

    found = opened(replace(text, header=True))
    names = [field.name for source in found for field in source.fields]
    if set(named) <= {None} and len(found) == 1 and _is_array(found[0], names):
        return [RenamedSource(found[0], {names[0]: LABEL_NAMES[0]})]
    if text.header or label_candidates(names) or not set(named).isdisjoint(names):
        return found
    bare = opened(text)
    return [RenamedSource(source, {"0": LABEL_NAMES[0]}) if len(source.fields) == 1 else source for source in bare]


def _is_array(source: Source, names: Sequence[str]) -> bool:
    """Whether an input is one array of labels: `(n, K)` are soft, or one-hot, whole numbers `(n,)` classes."""
    fields = [field for field in source.fields if not field.path]
    if source.format not in _ARRAYS or len(fields) != 1:
        return False
    return holds_numbers(fields[0].type) or (not label_candidates(names) and _is_whole(source, fields[0]))


def _is_whole(source: Source, field: Field) -> bool:
    """Whether a column of floating-point numbers holds but whole ones, such as 0.0, 1.0 and 2.0."""
    if field.type is None or not pa.types.is_floating(field.type):
        return False
    blocks = read_blocks(source, Projection((), (field.name,)))
    found = (to_floats(block.columns[field.name]) for block in blocks)
    return all(bool((values == np.rint(values)).all()) for values, _ in found)


class LabelFile:
    """The columns of the label file that have been asked for so far, and its ids, which stand in column `on`.

    Files that hold the same ids in the same order share one of the indexes that are `known`.
    """

    def __init__(
        self,
        source: Source,
        on: str | None,
        *,
        numbered: bool = False,
        known: list[IdIndex] | None = None,
        first: int = 0,
    ) -> None:
        """A `source` of a part of the rows begins with row `first` of all."""
        self.source, self.on, self._numbered = source, on, numbered
        self._first = first
        self._known = [] if known is None else known
        self._index: IdIndex | None = None
        self._columns: dict[str, pa.Array] = {}
        self.numbers: IndexArray = np.empty(0, np.int64)  # of the rows, as `Block` has them, if `numbered`
        self._rows: int | None = None
        self.watch: Callable[[], Sequence[str]] = tuple  # the columns that may be ids, once it is to be read
        self.digests: dict[str, IdDigest] = {}  # of those

    def load(self, wanted: Projection) -> None:
        """Read the columns not yet read, and at first the ids."""
        for name in wanted.numbers:  # what was looked at as text is no column of numbers yet
            if name in self._columns and pa.types.is_dictionary(self._columns[name].type):
                del self._columns[name]
        due = wanted.only(set(wanted.names) - self._columns.keys())
        if due.names or (self._index is None and self.on is not None):
            self._read(due)

    def take(self, wanted: Projection, rows: IndexArray) -> dict[str, pa.Array]:
        """Columns that were loaded, with row `rows[i]` at their row i, null where that is `NO_ROW`."""
        if rows.size and rows[0] != NO_ROW and bool((np.diff(rows) == 1).all()):  # as they stand
            return {name: self._columns[name].slice(int(rows[0]), rows.size) for name in wanted.names}
        at = as_arrow(rows, null=rows == NO_ROW)
        return {name: self._columns[name].take(at) for name in wanted.names}

    @property
    def index(self) -> IdIndex:
        """The ids."""
        if self._index is None:
            self._read(Projection((), ()))
        assert self._index is not None
        return self._index

    @cached_property
    def rows(self) -> int:
        """How many there are."""
        return count(self.source) if self._rows is None else self._rows

    def places(self, rows: Iterable[int]) -> list[Where]:
        """Where some rows, ascending, stand; reads the file once more, for messages only."""
        found: list[Where] = []
        due = list(rows)
        first = 0
        with suppress(RequestError):  # it can be read only once
            for block in read_blocks(self.source, self.source.one_column) if due else ():
                while due and due[0] < first + block.rows:
                    found.append(block.where(due.pop(0) - first))
                first += block.rows
                if not due:
                    break
        return found + [Where(self.source.name)] * len(due)

    def _read(self, wanted: Projection) -> None:
        ids: list[pa.Array] = []
        numbers: list[IndexArray] = []
        pieces: dict[str, list[pa.Array]] = {name: [] for name in wanted.names}
        on = self.on if self._index is None else None
        rows = 0
        digests = self._begin_digests(wanted)
        read = wanted if on is None else with_id(wanted, on, self.source.name)
        for block in read_blocks(self.source, replace(read, labels=_once(*read.labels, *digests))):
            rows += block.rows
            for name, digest in digests.items():
                digest.add(id_texts(block.columns[name]))
            if on is not None:
                ids.append(id_texts(block.columns[on]))
            if self._numbered:
                numbers.append(block.numbers())
            for name in wanted.names:
                column = to_arrow(block.columns[name])
                pieces[name].append(_as_words(column) if name in wanted.labels else column)
        if not rows:
            raise ContentError("no_rows", "no rows", where=Where(self.source.name))
        for name in wanted.names:
            self._columns[name] = _concatenate(pieces.pop(name))
        self._rows, self.digests = rows, digests or self.digests
        if self._numbered:
            self.numbers = np.concatenate(numbers)
        if on is not None:
            self._index = self._index_of(pa.concat_arrays(ids))

    def _index_of(self, ids: pa.Array) -> IdIndex:
        for index in self._known:
            if index.texts.equals(ids):
                return index
        self._known.append(IdIndex([ids]))
        return self._known[-1]

    def _begin_digests(self, wanted: Projection) -> dict[str, IdDigest]:
        """Of the columns to watch, in the first reading of all rows."""
        if self._rows is not None:
            return {}
        return {
            name: IdDigest(self._first) for name in self.watch() if name not in (*wanted.numbers, *wanted.lists)
        }


def _once(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def with_id(wanted: Projection, on: str, file: str) -> Projection:
    """What is wanted of a file, and its ids as text; raises `RequestError` if they are to be numbers."""
    if on in wanted.numbers or on in wanted.lists:
        message = "the id is text: it cannot be a number as well"
        raise RequestError("id_as_number", message, where=Where(file), column=on)
    return replace(wanted, labels=_once(*wanted.labels, on))


def count(source: Source) -> int:
    """The rows of a source."""
    return sum(block.rows for block in read_blocks(source, source.one_column))


def _as_words(column: pa.Array) -> pa.Array:
    """Labels of any type as dictionary<int32, string>, null where missing."""
    column = as_dictionary(column)
    words = pa.array(texts(column.dictionary), pa.string())
    if words.null_count:  # Arrow unifies no dictionaries with nulls inside
        return words.take(column.indices).dictionary_encode()
    return pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), words)


def _concatenate(pieces: Sequence[pa.Array]) -> pa.Array:
    column = pa.chunked_array(pieces)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()
