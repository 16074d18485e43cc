"""Parquet files, by path, one chunk a row group, only the columns needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from operator import add

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace

from xentcli.errors import ContentError, Where
from xentcli.sources.arrays import is_list, list_parts
from xentcli.sources.batches import arrow_errors, block_of, block_rows, count_values, fields_of
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.source import WHOLE, Block, Chunk, FileSource, Projection, Split, TextOptions

_PEEK_ROWS = 256
_HELD = 256 << 20  # bytes of row groups of stores that may be held in memory, all that are being read together


class ParquetSource(FileSource, frozen=True, eq=False, kw_only=True):
    """A Parquet file."""

    metadata: pq.FileMetaData
    format: str = "parquet"
    groups: slice = slice(None)  # the row groups to read

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> ParquetSource:
        """Read the schema."""
        with open_parquet(content) as file:
            fields, metadata = fields_of(file.schema_arrow, content.name), file.metadata
        _refuse_wrong_rows(metadata, content.name)
        return cls(content=content, fields=fields, metadata=metadata)

    def splits(self, text_bytes: int, rows: int) -> Iterator[Split]:
        """Row groups, as many as have `rows` rows together."""
        whole = self.metadata.num_rows if self.content.codec is None else 0
        begin = size = 0
        for end in range(1, self.metadata.num_row_groups + 1 if whole else 0):
            size += self.metadata.row_group(end - 1).num_rows
            if size >= rows or end == self.metadata.num_row_groups:
                yield Split(begin, end, size / whole, size, exact=True)
                begin, size = end, 0
        if not whole:
            yield WHOLE

    def select(self, split: Split) -> ParquetSource:
        """The file, of which only these row groups are read."""
        return replace(self, groups=slice(split.begin, split.end))

    def read_chunks(self, projection: Projection) -> Iterator[Chunk]:
        """One chunk a row group."""
        types = {field.name: field.type for field in self.fields}
        text = [name for name in projection.labels if pa.types.is_string(types[name])]
        rows = block_rows(len(projection.names) + self._list_length(projection), 1)
        first, whole = 0, self.metadata.num_rows
        selected = range(self.metadata.num_row_groups)[self.groups]
        for group in range(self.metadata.num_row_groups):
            count = self.metadata.row_group(group).num_rows
            if group in selected:
                blocks = partial(self._blocks, group, first, projection.names, text, rows)
                yield Chunk(blocks, count / whole if whole else None, count)
            first += count

    def _blocks(
        self, group: int, first: int, names: Sequence[str], text: Sequence[str], rows: int
    ) -> Iterator[Block]:
        """`rows` rows of a row group at a time; columns of `text` are cheaper to read as dictionaries."""
        entries: dict[str, list[int]] = {name: [] for name in names}
        count = 0
        with (
            _room.for_bytes(self._size_of(group)) as coalesce,
            open_parquet(self.content, self.metadata, text, coalesce=coalesce) as file,
        ):
            for batch in file.iter_batches(rows, row_groups=[group], columns=list(names), use_threads=False):
                yield block_of(batch, names, self.name, first + count)
                count += batch.num_rows
                for name in names:
                    counts = _count_entries(batch.column(name))
                    entries[name] = list(map(add, entries[name] or [0] * len(counts), counts))
            self._refuse_wrong_counts(group, first, count, entries, file.schema_arrow)

    def _size_of(self, group: int) -> int:
        """Bytes that a row group takes at most as it is stored; the metadata of its columns may be damaged."""
        size = int(self.metadata.row_group(group).total_byte_size)
        return size if self.content.size is None else min(size, self.content.size)

    def _list_length(self, projection: Projection) -> int:
        """Values in the lists of a row, judged by the first rows.

        The metadata of a column would tell, but pyarrow ends the process when they are damaged.
        """
        if not projection.lists:
            return 0
        with open_parquet(self.content, self.metadata) as file:
            head = next(file.iter_batches(_PEEK_ROWS, columns=list(projection.lists), use_threads=False), None)
            if head is None or not head.num_rows:
                return 0
            head.validate(full=True)
            return sum(map(count_values, head.columns)) // int(head.num_rows)

    def _refuse_wrong_counts(
        self, number: int, first: int, rows: int, entries: Mapping[str, Sequence[int]], schema: pa.Schema
    ) -> None:
        """Raise a `ContentError` if other rows or values were read than the row group declares.

        Only columns that were read have their metadata looked at: pyarrow ends the process where those of a column
        are damaged in a way that makes it unreadable.
        """
        group = self.metadata.row_group(number)
        if rows != group.num_rows:
            message = f"row group {number} declares {group.num_rows:,} rows and holds {rows:,}"
            raise _count_error(message, self.name, first)
        leaf = 0
        for field in schema:
            leaves = range(leaf, leaf := leaf + _count_leaves(field.type))
            counts = entries.get(field.name, ())
            for each, found in zip(leaves, counts, strict=False):
                declared = group.column(each).num_values
                if declared != found:
                    message = f"row group {number} declares {declared:,} values and holds {found:,}"
                    raise _count_error(message, self.name, first, field.name)


class _Room:
    """Memory for row groups that are fetched whole, of all threads; whoever finds none left fetches in pieces.

    To wait for some could be for ever: one thread may read two files side by side.
    """

    def __init__(self) -> None:
        self._taken = 0
        self._lock = threading.Lock()

    @contextmanager
    def for_bytes(self, size: int) -> Iterator[bool]:
        """Whether there is room for so many bytes; while this lasts they count as taken."""
        with self._lock:
            fits = 0 <= size <= _HELD - self._taken
            self._taken += size if fits else 0
        try:
            yield fits
        finally:
            with self._lock:
                self._taken -= size if fits else 0


_room = _Room()


def _refuse_wrong_rows(metadata: pq.FileMetaData, name: str) -> None:
    """Raise a `ContentError` if the row groups have other rows than the file declares."""
    groups = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    if min(groups, default=0) < 0 or sum(groups) != metadata.num_rows:
        raise _count_error(f"the file declares {metadata.num_rows:,} rows, its row groups {sum(groups):,}", name)


def _count_error(message: str, name: str, row: int | None = None, column: str | None = None) -> ContentError:
    hint = "rows may be missing: copy the file again, or write it anew"
    where = Where(name, row=row)
    return ContentError("damaged", f"damaged file: {message}", hint=hint, where=where, column=column)


def _count_leaves(kind: pa.DataType) -> int:
    """Columns of the file that a column of this type is stored in."""
    if isinstance(kind, pa.BaseExtensionType):
        return _count_leaves(kind.storage_type)
    if pa.types.is_dictionary(kind) or not kind.num_fields:
        return 1
    return sum(_count_leaves(kind.field(i).type) for i in range(kind.num_fields))


def _count_entries(column: pa.Array, absent: int = 0) -> list[int]:
    """Values that the file counts for each leaf of a column, which has `absent` ones in lists around it.

    Each value of a list counts, and a list that has none or is missing counts as one.
    """
    if is_list(column.type) or pa.types.is_map(column.type):
        offsets, values = list_parts(column)
        return _count_entries(values, absent + int(np.count_nonzero(np.diff(offsets) == 0)))
    if pa.types.is_struct(column.type) and column.type.num_fields:
        return [count for child in column.flatten() for count in _count_entries(child, absent)]
    return [absent + len(column)]


@contextmanager
def open_parquet(
    content: ByteSource,
    metadata: pq.FileMetaData | None = None,
    dictionaries: Sequence[str] = (),
    *,
    coalesce: bool = False,
) -> Iterator[pq.ParquetFile]:
    """The file; one of a store is read in few requests if its ranges are to `coalesce`, which holds them all."""
    source = content.arrow_file()
    local = isinstance(source, str)
    with (
        arrow_errors(content.name, source if local else None),
        content.reading(),
        pq.ParquetFile(
            source,
            metadata=metadata,
            read_dictionary=list(dictionaries),
            pre_buffer=coalesce and not local,
            buffer_size=1 << 17 if local else 1 << 22,  # a column: a store is slow to answer, a disk is not
            page_checksum_verification=True,
        ) as file,
    ):
        yield file
