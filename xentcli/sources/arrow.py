"""Arrow IPC files and streams (Feather version 2 is the former), mapped into memory, one chunk a record batch;
and what all readers of Arrow data share: how large a block is, and what damage looks like.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

import pyarrow as pa
import pyarrow.ipc as ipc

from xentcli.errors import ContentError, Where, is_of_memory
from xentcli.files import access
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.source import (
    Block,
    Chunk,
    Field,
    FileSource,
    Projection,
    TextOptions,
    refuse_duplicates,
    row_numbers,
    row_where,
)

BLOCK_ROWS = 1 << 17
BLOCK_VALUES = 1 << 18  # of a block with lists or many columns: 2 MiB of float64


def block_rows(values: int, rows: int) -> int:
    """Rows of a block, given how many values some rows hold."""
    return max(1, min(BLOCK_ROWS, BLOCK_VALUES * max(1, rows) // max(1, values)))


def block_of(batch: pa.RecordBatch, names: Sequence[str], file: str, first: int) -> Block:
    """A block of a batch, validated: damaged offsets could otherwise reach outside the memory."""
    batch.validate()
    columns = {name: batch.column(name) for name in names}
    for name, column in columns.items():
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            message = f"damaged or unsupported file: {str(error).splitlines()[0]}"
            raise ContentError("damaged", message, where=Where(file), column=name) from error
    rows = batch.num_rows
    return Block(rows, columns, partial(row_where, file, first), partial(row_numbers, first, rows))


def values_in(column: pa.Array) -> int:
    """Values to hold for a column: those in its lists, one for each row of a plain one."""
    if pa.types.is_fixed_size_list(column.type):
        return len(column) * (1 + int(column.type.list_size))
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        return len(column) + len(column.flatten())
    return len(column) * max(1, int(column.type.num_fields))


@contextmanager
def damaged(name: str, path: str | None = None) -> Iterator[None]:
    """Turns what Arrow cannot make sense of into a `ContentError`."""
    try:
        with access(name):
            yield
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        reason = reason.replace(path, name) if path else reason
        if is_of_memory(error):
            refuse_shortage(error)
            reason = "it asks for more memory than there is"
        raise ContentError("damaged", f"damaged or unsupported file: {reason}", where=Where(name)) from error


def refuse_shortage(error: Exception) -> None:
    """Raise a `MemoryError`, unless more is asked for than the whole machine has, as by sizes that are damaged."""
    size = _asked_for(error)
    if size is None or 0 <= size <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"):
        raise MemoryError from error


def _asked_for(error: Exception) -> int | None:
    """The bytes that Arrow, in its message, or NumPy could not have."""
    if (found := re.search(r"of size (-?\d+)", str(error))) is not None:
        return int(found[1])
    shape, dtype = getattr(error, "shape", None), getattr(error, "dtype", None)
    return None if shape is None or dtype is None else math.prod(shape) * int(dtype.itemsize)


def refuse_empty(path: str, name: str) -> None:
    """Files of no bytes cannot be mapped into memory."""
    if not os.path.getsize(path):
        raise ContentError("no_rows", "no rows: the file is empty", where=Where(name))


FILE_MAGIC = b"ARROW1"
_MESSAGES = 8  # where they begin in a file, after its magic
_END = b"\xff\xff\xff\xff\0\0\0\0"


class ArrowSource(FileSource, frozen=True, eq=False, kw_only=True):
    """An Arrow IPC file or stream."""

    path: str
    format: str = "arrow"

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> ArrowSource:
        """Read the schema."""
        path = content.local_path
        refuse_empty(path, content.name)
        with damaged(content.name, path), pa.memory_map(path) as file, _reader(file) as reader:
            fields = tuple(Field(field.name, field.type) for field in reader.schema)
            _refuse_open_end(reader, file)
            _refuse_unlisted(reader, file)
        refuse_duplicates([field.name for field in fields], Where(content.name))
        return cls(content=content, fields=fields, path=path)

    def chunks(self, projection: Projection) -> Iterator[ArrowChunk]:
        """One chunk a record batch."""
        first = 0
        names = set(projection.names)
        positions = [i for i, field in enumerate(self.fields) if field.name in names]
        options = ipc.IpcReadOptions(included_fields=positions, use_threads=False)
        with damaged(self.name, self.path), pa.memory_map(self.path) as file, _reader(file, options) as reader:
            for batch in _batches(reader):
                yield ArrowChunk(self.name, batch, first, projection)
                first += batch.num_rows
            _refuse_more(reader, file)


class ArrowChunk(Chunk, frozen=True, eq=False):
    """A record batch."""

    file: str
    batch: pa.RecordBatch
    first_row: int
    projection: Projection

    def blocks(self) -> Iterator[Block]:
        """The record batch, 65,536 rows at a time, fewer where the rows are long."""
        with damaged(self.file):
            self.batch.validate(full=True)
            step = block_rows(sum(map(values_in, self.batch.columns)), self.batch.num_rows)
            for start in range(0, self.batch.num_rows, step):
                piece = self.batch.slice(start, step)
                yield block_of(piece, self.projection.names, self.file, self.first_row + start)


def _reader(
    file: pa.NativeFile, options: ipc.IpcReadOptions | None = None
) -> ipc.RecordBatchFileReader | ipc.RecordBatchStreamReader:
    is_file = file.read_at(len(FILE_MAGIC), 0) == FILE_MAGIC
    return (ipc.open_file if is_file else ipc.open_stream)(file, options=options)


def _refuse_open_end(reader: object, file: pa.NativeFile) -> None:
    """The end mark of a stream is optional to the format, but all writers set it; without it rows may be lost."""
    end = file.read_at(len(_END), max(0, file.size() - len(_END)))
    if isinstance(reader, ipc.RecordBatchStreamReader) and end != _END:
        raise pa.ArrowInvalid("the stream has no end mark: it was cut, or its writer was not closed")


def _refuse_more(reader: object, file: pa.NativeFile) -> None:
    """A reader stops at the first end mark: what follows it, such as a second stream, would not be scored."""
    left = file.size() - file.tell()
    if isinstance(reader, ipc.RecordBatchStreamReader) and left:
        raise pa.ArrowInvalid(f"{left:,} bytes follow the end mark of the stream: was it written over another?")


def _refuse_unlisted(reader: object, file: pa.NativeFile) -> None:
    """What the footer of a file does not list would not be scored, so the messages before it are counted."""
    if not isinstance(reader, ipc.RecordBatchFileReader):
        return
    file.seek(_MESSAGES)
    found = 0
    with suppress(pa.ArrowInvalid, OSError):  # polars sets no end mark before the footer, which is no message
        for message in ipc.MessageReader.open_stream(file):
            found += message.type == "record batch"
    if found > reader.num_record_batches:
        raise pa.ArrowInvalid(f"it lists {reader.num_record_batches} of its {found} record batches")


def _batches(reader: ipc.RecordBatchFileReader | ipc.RecordBatchStreamReader) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, ipc.RecordBatchFileReader):
        yield from map(reader.get_batch, range(reader.num_record_batches))
    else:
        yield from reader
