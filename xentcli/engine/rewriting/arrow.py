"""Arrow IPC files and streams with other scores: record batches, codec, types and metadata stay."""

from __future__ import annotations

import struct

import pyarrow as pa
import pyarrow.ipc as ipc

from xentcli.engine.rewriting.change import Change, Recalibrate, Write
from xentcli.engine.rewriting.packing import arrow_sink, copy_bytes
from xentcli.engine.rewriting.tables import TableWriter
from xentcli.sources.arrow import ArrowSource, batches_of, open_arrow

_CODECS = ("lz4", "zstd")  # by the numbers of the format
_AT_HEADER, _AT_COMPRESSION, _AT_CODEC = 2, 3, 0  # fields of Message, RecordBatch and BodyCompression
_MESSAGES = 8  # where they begin in a file, behind its magic


def write_arrow(source: ArrowSource, change: Change, recalibrate: Recalibrate, write: Write) -> None:
    """Write the file or stream again, a record batch at a time."""
    with open_arrow(source.content) as (file, reader):
        tables = TableWriter(source.name, reader.schema, change, recalibrate)
        is_file = isinstance(reader, ipc.RecordBatchFileReader)
        batches = batches_of(reader, file)
        if change.nothing:
            for batch in batches:
                batch.validate(full=True)
                tables.changed(pa.Table.from_batches([batch]))
            copy_bytes(source.content, write)
            return
        options = ipc.IpcWriteOptions(compression=_codec(source))
        make = ipc.new_file if is_file else ipc.new_stream
        with make(arrow_sink(write), tables.schema, options=options) as writer:
            for batch in batches:
                batch.validate(full=True)
                changed = tables.changed(pa.Table.from_batches([batch]))
                arrays = [column.combine_chunks() for column in changed.columns]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=tables.schema))


def _codec(source: ArrowSource) -> str | None:
    """How the buffers of the first record batch are compressed, which pyarrow does not tell."""
    with open_arrow(source.content) as (file, reader):
        file.seek(_MESSAGES if isinstance(reader, ipc.RecordBatchFileReader) else 0)
        for message in ipc.MessageReader.open_stream(file):
            if message.type == "record batch":
                return _codec_in(message.metadata.to_pybytes())
    return None


def _codec_in(metadata: bytes) -> str | None:
    """The codec in a message, as a flatbuffer has it (Message.fbs of Arrow)."""
    header = _field(metadata, _root(metadata), _AT_HEADER)
    compression = None if header is None else _field(metadata, header, _AT_COMPRESSION)
    if compression is None:
        return None
    at = _place(metadata, compression, _AT_CODEC)
    return _CODECS[metadata[at] if at is not None else 0]


def _root(data: bytes) -> int:
    return int(struct.unpack_from("<I", data)[0])


def _place(data: bytes, table: int, field: int) -> int | None:
    """Where a field of a flatbuffer's table is; None if it is not there."""
    fields = table - int(struct.unpack_from("<i", data, table)[0])
    size = int(struct.unpack_from("<H", data, fields)[0])
    if 4 + 2 * field >= size:
        return None
    offset = int(struct.unpack_from("<H", data, fields + 4 + 2 * field)[0])
    return table + offset if offset else None


def _field(data: bytes, table: int, field: int) -> int | None:
    """The table that a field of a table is."""
    at = _place(data, table, field)
    return None if at is None else at + int(struct.unpack_from("<I", data, at)[0])
