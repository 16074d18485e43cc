"""Parquet files, by path, one part a row group, only the columns needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from xentcli.data.arrow_batches import block_of, block_rows, damaged, values_in
from xentcli.data.origin import FileSource, Origin
from xentcli.data.source import Block, Field, Read, TextOptions, Wanted, refuse_duplicates
from xentcli.errors import Where
from xentcli.frozen import frozen

_PEEK_ROWS = 256


@frozen(eq=False, kw_only=True)
class ParquetSource(FileSource):
    """A Parquet file."""

    path: str
    metadata: pq.FileMetaData
    filesystem: Any = None  # where the path leads; None: to this machine's files
    format: str = "parquet"

    @classmethod
    def open(cls, origin: Origin, text: TextOptions) -> ParquetSource:
        """Read the schema."""
        filesystem = getattr(origin, "filesystem", None)  # read from there what is wanted, not all of it
        path = origin.path() if filesystem is None else origin.key  # type: ignore[attr-defined]
        with damaged(origin.name, path), _file(path, filesystem) as file:
            fields = tuple(Field(field.name, field.type) for field in file.schema_arrow)
            metadata = file.metadata
        refuse_duplicates([field.name for field in fields], Where(origin.name))
        return cls(origin=origin, fields=fields, path=path, metadata=metadata, filesystem=filesystem)

    def parts(self, wanted: Wanted) -> Iterator[ParquetPart]:
        """One part a row group."""
        types = {field.name: field.type for field in self.fields}
        text = [name for name in wanted.labels if pa.types.is_string(types[name])]
        rows = block_rows(len(wanted.names) + self._list_length(wanted), 1)
        first = 0
        for group in range(self.metadata.num_row_groups):
            yield ParquetPart(self, group, first, wanted, tuple(text), rows)
            first += self.metadata.row_group(group).num_rows

    def _list_length(self, wanted: Wanted) -> int:
        """Values in the lists of a row, judged by the first rows.

        The metadata of a column would tell, but pyarrow ends the process when they are damaged.
        """
        if not wanted.lists:
            return 0
        with damaged(self.name, self.path), _file(self.path, self.filesystem, self.metadata) as file:
            head = next(file.iter_batches(_PEEK_ROWS, columns=list(wanted.lists), use_threads=False), None)
            if head is None or not head.num_rows:
                return 0
            head.validate(full=True)
            return sum(map(values_in, head.columns)) // int(head.num_rows)


@frozen(eq=False)
class ParquetPart:
    """A row group."""

    source: ParquetSource
    group: int
    first_row: int
    wanted: Wanted
    dictionaries: tuple[str, ...]  # text columns that are cheaper to read as dictionaries
    rows: int  # of a block

    def pieces(self) -> Iterator[Read]:
        """The blocks of the row group, for several threads to score: to read one takes far less than that."""
        rows, share = self.source.metadata.row_group(self.group).num_rows, self.share or 0.0
        for block in self.blocks():
            yield Read((block,), share * block.rows / max(1, rows))

    @property
    def share(self) -> float | None:
        """Of the rows of the file."""
        metadata = self.source.metadata
        return metadata.row_group(self.group).num_rows / metadata.num_rows if metadata.num_rows else None

    def blocks(self) -> Iterator[Block]:
        """The row group, 131,072 rows at a time, fewer where the rows are long."""
        source, names = self.source, self.wanted.names
        name, path, first = source.name, source.path, self.first_row
        with damaged(name, path), _file(path, source.filesystem, source.metadata, self.dictionaries) as file:
            batches = file.iter_batches(self.rows, row_groups=[self.group], columns=list(names), use_threads=False)
            for batch in batches:
                yield block_of(batch, names, name, first)
                first += batch.num_rows


def _file(
    path: str, filesystem: Any, metadata: pq.FileMetaData | None = None, dictionaries: Sequence[str] = ()
) -> pq.ParquetFile:
    return pq.ParquetFile(
        path,
        filesystem=filesystem,
        metadata=metadata,
        read_dictionary=list(dictionaries),
        pre_buffer=False,  # with it the whole row group is held in memory
        buffer_size=1 << 20,
        page_checksum_verification=True,
    )
