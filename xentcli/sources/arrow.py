"""Arrow IPC files and streams (Feather version 2 is the former), mapped into memory, one part a record batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pyarrow as pa
import pyarrow.ipc as ipc

from xentcli.errors import Where
from xentcli.frozen import frozen
from xentcli.sources.arrow_batches import block_of, block_rows, damaged, refuse_empty, values_in
from xentcli.sources.origin import FileSource, Origin
from xentcli.sources.source import Block, Field, TextOptions, Wanted, refuse_duplicates

FILE_MAGIC = b"ARROW1"
_MESSAGES = 8  # where they begin in a file, after its magic
_END = b"\xff\xff\xff\xff\0\0\0\0"


@frozen(eq=False, kw_only=True)
class ArrowSource(FileSource):
    """An Arrow IPC file or stream."""

    path: str
    format: str = "arrow"

    @classmethod
    def open(cls, origin: Origin, text: TextOptions) -> ArrowSource:
        """Read the schema."""
        path = origin.path()
        refuse_empty(path, origin.name)
        with damaged(origin.name, path), pa.memory_map(path) as file, _reader(file) as reader:
            fields = tuple(Field(field.name, field.type) for field in reader.schema)
            _refuse_open_end(reader, file)
            _refuse_unlisted(reader, file)
        refuse_duplicates([field.name for field in fields], Where(origin.name))
        return cls(origin=origin, fields=fields, path=path)

    def parts(self, wanted: Wanted) -> Iterator[ArrowPart]:
        """One part a record batch."""
        first = 0
        names = set(wanted.names)
        positions = [i for i, field in enumerate(self.fields) if field.name in names]
        options = ipc.IpcReadOptions(included_fields=positions, use_threads=False)
        with damaged(self.name, self.path), pa.memory_map(self.path) as file, _reader(file, options) as reader:
            for batch in _batches(reader):
                yield ArrowPart(self.name, batch, first, wanted)
                first += batch.num_rows
            _refuse_more(reader, file)


@frozen(eq=False)
class ArrowPart:
    """A record batch."""

    file: str
    batch: pa.RecordBatch
    first_row: int
    wanted: Wanted

    def blocks(self) -> Iterator[Block]:
        """The record batch, 65,536 rows at a time, fewer where the rows are long."""
        with damaged(self.file):
            self.batch.validate(full=True)
            step = block_rows(sum(map(values_in, self.batch.columns)), self.batch.num_rows)
            for start in range(0, self.batch.num_rows, step):
                piece = self.batch.slice(start, step)
                yield block_of(piece, self.wanted.names, self.file, self.first_row + start)


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
