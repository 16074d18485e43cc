"""Parquet files, by path, one chunk a row group, only the columns needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace

from xentcli.errors import ContentError, Where
from xentcli.sources.arrays import is_list, raw_values
from xentcli.sources.batches import arrow_errors, block_of, block_rows, count_values
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.source import (
    WHOLE,
    Block,
    Chunk,
    Field,
    FileSource,
    LoadedChunk,
    Projection,
    Split,
    TextOptions,
    refuse_duplicates,
)

_PEEK_ROWS = 256


class ParquetSource(FileSource, frozen=True, eq=False, kw_only=True):
    """A Parquet file."""

    metadata: pq.FileMetaData
    format: str = "parquet"
    groups: slice = slice(None)  # the row groups to read

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> ParquetSource:
        """Read the schema."""
        with _open(content) as file:
            fields = tuple(Field(field.name, field.type) for field in file.schema_arrow)
            metadata = file.metadata
        refuse_duplicates([field.name for field in fields], Where(content.name))
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

    def chunks(self, projection: Projection) -> Iterator[ParquetChunk]:
        """One chunk a row group."""
        types = {field.name: field.type for field in self.fields}
        text = [name for name in projection.labels if pa.types.is_string(types[name])]
        rows = block_rows(len(projection.names) + self._list_length(projection), 1)
        first = 0
        read = range(self.metadata.num_row_groups)[self.groups]
        for group in range(self.metadata.num_row_groups):
            if group in read:
                yield ParquetChunk(self, group, first, projection, tuple(text), rows)
            first += self.metadata.row_group(group).num_rows

    def _list_length(self, projection: Projection) -> int:
        """Values in the lists of a row, judged by the first rows.

        The metadata of a column would tell, but pyarrow ends the process when they are damaged.
        """
        if not projection.lists:
            return 0
        with _open(self.content, self.metadata) as file:
            head = next(file.iter_batches(_PEEK_ROWS, columns=list(projection.lists), use_threads=False), None)
            if head is None or not head.num_rows:
                return 0
            head.validate(full=True)
            return sum(map(count_values, head.columns)) // int(head.num_rows)


class ParquetChunk(Chunk, frozen=True, eq=False):
    """A row group."""

    source: ParquetSource
    group: int
    first_row: int
    projection: Projection
    dictionaries: tuple[str, ...]  # text columns that are cheaper to read as dictionaries
    rows: int  # of a block

    def read(self) -> Iterator[Chunk]:
        """The blocks of the row group, for several threads to score: to read one takes far less than that."""
        rows, share = self.source.metadata.row_group(self.group).num_rows, self.share or 0.0
        for block in self.blocks():
            yield LoadedChunk(block, share * block.rows / max(1, rows))

    @property
    def share(self) -> float | None:
        """Of the rows of the file."""
        metadata = self.source.metadata
        return metadata.row_group(self.group).num_rows / metadata.num_rows if metadata.num_rows else None

    def blocks(self) -> Iterator[Block]:
        """The row group, 131,072 rows at a time, fewer where the rows are long."""
        source, names, first = self.source, self.projection.names, self.first_row
        entries = dict.fromkeys(names, 0)
        with _open(source.content, source.metadata, self.dictionaries) as file:
            batches = file.iter_batches(self.rows, row_groups=[self.group], columns=list(names), use_threads=False)
            for batch in batches:
                yield block_of(batch, names, source.name, first)
                first += batch.num_rows
                for column in names:
                    entries[column] += _count_entries(batch.column(column))
            self._refuse_wrong_counts(first - self.first_row, entries, file.schema_arrow)

    def _refuse_wrong_counts(self, rows: int, entries: Mapping[str, int], schema: pa.Schema) -> None:
        """Raise a `ContentError` if other rows or values were read than the row group declares.

        Only columns that were read have their metadata looked at: pyarrow ends the process where those of a column
        are damaged in a way that makes it unreadable.
        """
        source, group = self.source, self.source.metadata.row_group(self.group)
        if rows != group.num_rows:
            message = f"row group {self.group} declares {group.num_rows:,} rows and holds {rows:,}"
            raise _count_error(message, source.name, self.first_row)
        first = 0
        for field in schema:
            last = first + _count_leaves(field.type)
            for leaf in range(first, last) if field.name in entries else ():
                declared, found = group.column(leaf).num_values, entries[field.name]
                if declared != found:
                    message = f"row group {self.group} declares {declared:,} values and holds {found:,}"
                    raise _count_error(message, source.name, self.first_row, field.name)
            first = last


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


def _count_entries(column: pa.Array) -> int:
    """Values that the file counts for a column: each of a list, and one where a list has none or is missing."""
    if not is_list(column.type):
        return len(column)
    if pa.types.is_fixed_size_list(column.type):
        size = max(1, column.type.list_size)
        return int(size * (len(column) - column.null_count) + column.null_count)
    return int(np.maximum(np.diff(raw_values(column.offsets)), 1).sum())


@contextmanager
def _open(
    content: ByteSource, metadata: pq.FileMetaData | None = None, dictionaries: Sequence[str] = ()
) -> Iterator[pq.ParquetFile]:
    filesystem, path = content.location()
    with (
        arrow_errors(content.name, path),
        pq.ParquetFile(
            path,
            filesystem=filesystem,
            metadata=metadata,
            read_dictionary=list(dictionaries),
            pre_buffer=False,  # with it the whole row group is held in memory
            buffer_size=1 << 20,
            page_checksum_verification=True,
        ) as file,
    ):
        yield file
