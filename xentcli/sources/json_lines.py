"""JSON Lines: one object a line, cut at newlines into blocks that Arrow parses with explicit types.

Labels are text whatever scalar they are. Arrow reads the labels of a block as what the first of them is; where
they are not all strings, all integers or all booleans, they are quoted on the way, so that their spelling stays.
What Arrow refuses, and objects inside an object, are read a second time by `json_rows`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, partial

import numpy as np
import pyarrow as pa
import pyarrow.json as arrow_json
from msgspec.structs import replace

from xentcli.core.batch import IndexArray
from xentcli.errors import Where
from xentcli.sources.byte_source import ByteSource, Readable, skip
from xentcli.sources.json_rows import JsonRows, fields_of
from xentcli.sources.records import BOM, LONGEST_RECORD, check_text, refuse_other_encodings, too_long
from xentcli.sources.source import Block, Field, Projection, TextOptions
from xentcli.sources.text import ByteRange, TextChunk, TextSource

BLOCK_BYTES = 1 << 20
_SPACE = b" \t\r\n"


class JsonLinesSource(TextSource, frozen=True, eq=False, kw_only=True):
    """A text of JSON objects; the keys of the first block (about 1 MiB) are its columns."""

    start: int  # offset of the first byte after a byte order mark
    line: int = 1  # the physical line there
    format: str = "jsonl"

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> JsonLinesSource:
        """Read the keys of the first objects."""
        with content.open() as stream:
            head = stream.read(4)
        refuse_other_encodings(head, content.name)
        start = len(BOM) if head.startswith(BOM) else 0
        fields: Sequence[Field] = ()
        with content.open() as stream:
            skip(stream, start)
            for data, line in _cut(stream, content.name):
                check_text(data, content.name, line)
                fields = fields_of(JsonRows(content.name, data, line))
                if fields:
                    break
        return cls(content=content, fields=fields, start=start)

    @property
    def begin(self) -> tuple[int, int]:
        """After a byte order mark."""
        return self.start, self.line

    def of_range(self, content: ByteRange, line: int) -> JsonLinesSource:
        """These lines, whose keys are known."""
        return replace(self, content=content, start=0, line=line)

    def chunks(self, projection: Projection) -> Iterator[JsonLinesChunk]:
        """Whole lines, of about a mebibyte."""
        fields = tuple(field for field in self.fields if field.name in projection.names)
        with self.content.open() as stream:
            skip(stream, self.start)
            for data, line in _cut(stream, self.name, self.line):
                yield JsonLinesChunk(
                    self.name, fields, projection, data=data, first_line=line, size=self.text_bytes
                )


class JsonLinesChunk(TextChunk, frozen=True, eq=False, dict=True):
    """Whole lines of a file."""

    file: str
    fields: Sequence[Field]
    projection: Projection

    def blocks(self) -> Iterator[Block]:
        """The one block of these lines."""
        check_text(self.data, self.file, self.first_line)
        types = {f.name: f.type if f.type is not None else pa.float64() for f in self.fields}
        types |= dict.fromkeys(self.projection.labels, pa.string())
        columns = next((found for each in self._attempts(types) if (found := _parsed(*each)) is not None), None)
        if columns is None:
            columns = JsonRows(self.file, self.data, self.first_line).columns(types)
        rows = len(next(iter(columns.values())))
        if rows:
            columns |= {name: _as_text(columns[name]) for name in self.projection.labels}
            yield Block(rows, columns, self._where, partial(self._numbers, rows))

    def _attempts(self, types: dict[str, pa.DataType]) -> Iterator[tuple[bytes, dict[str, pa.DataType]]]:
        """Lines and types to try Arrow with. None with objects: it would drop the keys it is not told of."""
        if not any(map(pa.types.is_struct, types.values())):
            labels = self.projection.labels
            yield self.data, types | {name: scalar_type(self.data, name) for name in labels}
            if labels:
                yield quoted_scalars(self.data, labels), types

    def _where(self, row: int) -> Where:
        return Where(self.file, line=self._lines[row] if self._lines is not None else self.first_line + row)

    def _numbers(self, rows: int) -> IndexArray:
        return np.arange(self.first_line, self.first_line + rows) if self._lines is None else np.array(self._lines)

    @cached_property
    def _lines(self) -> list[int] | None:
        """Physical line of each row; None where row i simply is line i."""
        lines = self.data.split(b"\n")[:-1] if self.data.endswith(b"\n") else self.data.split(b"\n")
        if all(line.strip(_SPACE) for line in lines):
            return None
        return [self.first_line + i for i, line in enumerate(lines) if line.strip(_SPACE)]


def _parsed(data: bytes, types: dict[str, pa.DataType]) -> dict[str, pa.Array] | None:
    """The columns as Arrow reads them; None if it cannot, or reads other rows than there are lines."""
    try:
        table = arrow_json.read_json(
            pa.BufferReader(data),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=arrow_json.ParseOptions(
                explicit_schema=pa.schema(list(types.items())),
                unexpected_field_behavior="ignore",  # to infer them can exhaust the stack
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != object_lines(data) or not table.num_rows:
        return None
    return {name: table.column(name).combine_chunks() for name in types}


def _as_text(labels: pa.Array) -> pa.DictionaryArray:
    if pa.types.is_boolean(labels.type):
        labels = labels.cast(pa.string())
    codes = labels.dictionary_encode()
    return pa.DictionaryArray.from_arrays(codes.indices, codes.dictionary.cast(pa.string()))


def scalar_type(data: bytes, key: str) -> pa.DataType:
    """The type of the first value of `key` that is a string, an integer or a boolean."""
    name = re.escape(key.encode())
    first = re.search(rb'(?<!\\)"%b"[ \t\r]*+:[ \t\r]*+(?:(-?[0-9]++(?![.eE]))|(true|false)|")' % name, data)
    if first is None or not first.lastindex:
        return pa.string()
    return pa.int64() if first[1] else pa.bool_()


def quoted_scalars(data: bytes, keys: Sequence[str]) -> bytes:
    """The lines with quotes around the numbers and booleans of some keys.

    A key's bytes stand in quotes nowhere else: a quote inside a string has a backslash before it.
    """
    for key in keys:
        name = re.escape(key.encode())
        scalar = rb'(?<!\\)("%b"[ \t\r]*+:[ \t\r]*+)(-?[0-9][-+.0-9eE]*+|true|false)(?=[ \t\r\n,}])' % name
        data = re.sub(scalar, rb'\1"\2"', data)
    return data


def object_lines(data: bytes) -> int:
    """Lines that hold something, or -1 if one does not begin with { and end with }.

    As no string can hold a newline, as many rows as such lines means one object a line.
    """
    text = data if data.endswith(b"\n") else data + b"\n"
    raw = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(raw == ord("\n"))
    starts = np.concatenate(([0], ends[:-1] + 1))
    if (raw[starts] == ord("{")).all() and (raw[ends - 1] == ord("}")).all():
        return int(ends.size)
    lines = [stripped for line in text.split(b"\n") if (stripped := line.strip(_SPACE))]
    return len(lines) if all(line[:1] == b"{" and line[-1:] == b"}" for line in lines) else -1


def _cut(stream: Readable, name: str, line: int = 1) -> Iterator[tuple[bytes, int]]:
    """Whole lines of about BLOCK_BYTES, each block with the physical line it begins on; the first is `line`."""
    pieces: list[bytes] = []
    held = 0
    while chunk := stream.read(BLOCK_BYTES):
        end = chunk.rfind(b"\n") + 1
        held += len(chunk)
        if end:
            data = b"".join([*pieces, chunk[:end]])
            yield data, line
            line += data.count(b"\n")
            pieces, held = [], len(chunk) - end
        pieces.append(chunk[end:])
        if held > LONGEST_RECORD:
            raise too_long(name, line)
    rest = b"".join(pieces)
    if rest:
        yield rest, line
