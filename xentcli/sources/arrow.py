"""Arrow IPC files and streams (Feather version 2 is the former), mapped into memory, one chunk a record batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeAlias

import pyarrow as pa
import pyarrow.ipc as ipc

from xentcli.sources.batches import arrow_errors, block_of, block_rows, count_values, fields_of, refuse_empty
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.source import Block, Chunk, FileSource, Projection, TextOptions

_FILE_MAGIC = b"ARROW1"
_MESSAGES = 8  # where they begin in a file, after its magic
_END = b"\xff\xff\xff\xff\0\0\0\0"
_Reader: TypeAlias = ipc.RecordBatchFileReader | ipc.RecordBatchStreamReader


class ArrowSource(FileSource, frozen=True, eq=False, kw_only=True):
    """An Arrow IPC file or stream."""

    format: str = "arrow"

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> ArrowSource:
        """Read the schema."""
        refuse_empty(content.local_path, content.name)
        with open_arrow(content) as (file, reader):
            if isinstance(reader, ipc.RecordBatchFileReader):
                _refuse_unlisted(reader, file)
            else:
                _refuse_open_end(file)
            fields = fields_of(reader.schema, content.name)
        return cls(content=content, fields=fields)

    def read_chunks(self, projection: Projection) -> Iterator[Chunk]:
        """One chunk a record batch."""
        first = 0
        names = set(projection.names)
        positions = [i for i, field in enumerate(self.fields) if field.name in names]
        options = ipc.IpcReadOptions(included_fields=positions, use_threads=False)
        with open_arrow(self.content, options) as (file, reader):
            for batch in batches_of(reader, file):
                yield Chunk(partial(self._blocks, batch, first, projection.names))
                first += batch.num_rows

    def _blocks(self, batch: pa.RecordBatch, first: int, names: Sequence[str]) -> Iterator[Block]:
        """131,072 rows at a time, fewer where the rows are long."""
        with arrow_errors(self.name):
            batch.validate(full=True)
            step = block_rows(sum(map(count_values, batch.columns)), batch.num_rows)
            for start in range(0, batch.num_rows, step):
                yield block_of(batch.slice(start, step), names, self.name, first + start)


@contextmanager
def open_arrow(
    content: ByteSource, options: ipc.IpcReadOptions | None = None
) -> Iterator[tuple[pa.NativeFile, _Reader]]:
    """The file, mapped into memory, and what reads it."""
    path = content.local_path
    with arrow_errors(content.name, path), pa.memory_map(path) as file:
        is_file = file.read_at(len(_FILE_MAGIC), 0) == _FILE_MAGIC
        with (ipc.open_file if is_file else ipc.open_stream)(file, options=options) as reader:
            yield file, reader


def _refuse_open_end(file: pa.NativeFile) -> None:
    """The end mark of a stream is optional to the format, but all writers set it; without it rows may be lost."""
    if file.read_at(len(_END), max(0, file.size() - len(_END))) != _END:
        raise pa.ArrowInvalid("the stream has no end mark: it was cut, or its writer was not closed")


def _refuse_unlisted(reader: ipc.RecordBatchFileReader, file: pa.NativeFile) -> None:
    """What the footer of a file does not list would not be scored, so the messages before it are counted."""
    file.seek(_MESSAGES)
    found = 0
    with suppress(pa.ArrowInvalid, OSError):  # polars sets no end mark before the footer, which is no message
        for message in ipc.MessageReader.open_stream(file):
            found += message.type == "record batch"
    if found > reader.num_record_batches:
        raise pa.ArrowInvalid(f"it lists {reader.num_record_batches} of its {found} record batches")


def batches_of(reader: _Reader, file: pa.NativeFile) -> Iterator[pa.RecordBatch]:
    """All record batches."""
    if isinstance(reader, ipc.RecordBatchFileReader):
        yield from map(reader.get_batch, range(reader.num_record_batches))
        return
    yield from reader
    # It stops at the first end mark: what follows that, such as a second stream, would not be scored.
    if left := file.size() - file.tell():
        raise pa.ArrowInvalid(f"{left:,} bytes follow the end mark of the stream: was it written over another?")
