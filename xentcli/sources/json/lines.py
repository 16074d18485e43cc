"""JSON Lines: one object a line, cut at newlines into blocks that Arrow parses with explicit types.

Labels are text whatever scalar they are. Arrow reads the labels of a block as what the first of them is; where
they are not all strings, all integers or all booleans, they are quoted on the way, so that their spelling stays.
What Arrow refuses, and objects inside an object, are read a second time by `json_rows`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
from msgspec import Struct

from xentcli.core.batch import IndexArray
from xentcli.errors import Where
from xentcli.sources.byte_source import ByteSource, Readable
from xentcli.sources.json.arrow import parse_objects
from xentcli.sources.json.rows import JsonRows, infer_fields
from xentcli.sources.source import Block, Chunk, Field, Projection, TextOptions
from xentcli.sources.text import (
    BOM,
    LONGEST_RECORD,
    Records,
    TextSource,
    refuse_non_utf8,
    refuse_other_encodings,
    too_long,
)

BLOCK_BYTES = 1 << 20
_SPACE = b" \t\r\n"


class JsonLinesSource(TextSource, frozen=True, eq=False, kw_only=True):
    """A text of JSON objects; the keys of the first block (about 1 MiB) are its columns."""

    missing: tuple[str, ...] = ()  # texts that stand for what is missing
    format: str = "jsonl"

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> JsonLinesSource:
        """Read the keys of the first objects."""
        with content.open() as stream:
            head = stream.read(4)
        refuse_other_encodings(head, content.name)
        start = len(BOM) if head.startswith(BOM) else 0
        fields: Sequence[Field] = ()
        with content.open(start) as stream:
            for records in _cut_lines(stream, content.name, 1):
                refuse_non_utf8(records.data, content.name, records.line)
                fields = infer_fields(JsonRows(content.name, records.data, records.line))
                if fields:
                    break
        return cls(content=content, missing=text.missing, fields=fields, start=start, line=1)

    def cut(self) -> Iterator[Records[bytes]]:
        """All lines, about a mebibyte at a time, in order."""
        with self.content.open(self.start) as stream:
            yield from _cut_lines(stream, self.name, self.line)

    def read_chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The lines, each some of them read as one block."""
        for records in self.cut():
            rows = JsonRows(self.name, records.data, records.line, missing=self.missing)
            yield self.chunk(records, read_lines(rows, self.fields, projection))


def read_lines(rows: JsonRows, fields: Sequence[Field], projection: Projection) -> Callable[[], Iterator[Block]]:
    """What reads some lines as one block: columns of these fields."""
    names = set(projection.names)
    types = {f.name: pa.float64() if f.type is None else f.type for f in fields if f.name in names}
    types |= dict.fromkeys(projection.labels, pa.string())
    paths = frozenset(field.name for field in fields if field.path and field.name in names)
    return _JsonReader(rows, types, paths, projection.labels).blocks


class _JsonReader(Struct, frozen=True, eq=False, dict=True):
    """Reads some lines."""

    rows: JsonRows
    types: Mapping[str, pa.DataType]
    paths: frozenset[str]  # those of `types` that lead into objects
    labels: tuple[str, ...]

    @property
    def data(self) -> bytes:
        """The lines."""
        return self.rows.data

    def blocks(self) -> Iterator[Block]:
        """The one block of these lines."""
        refuse_non_utf8(self.data, self.rows.file, self.rows.first_line)
        columns = next((found for each in self._attempts() if (found := _parse(*each)) is not None), None)
        if columns is None:
            columns = self.rows.columns(self.types, self.paths)
        rows = len(next(iter(columns.values())))
        if rows:
            columns |= {name: _as_text(columns[name]) for name in self.labels}
            yield Block(rows, columns, self._where, lambda: self._lines, self.rows.spelled)

    def _attempts(self) -> Iterator[tuple[bytes, Mapping[str, pa.DataType]]]:
        """Lines and types to try Arrow with. None with objects: it would drop the keys it is not told of."""
        if not self.paths and not any(map(_holds_objects, self.types.values())):
            yield self.data, {**self.types, **{name: scalar_type(self.data, name) for name in self.labels}}
            if self.labels:
                yield quote_scalars(self.data, self.labels), self.types

    def _where(self, row: int) -> Where:
        return Where(self.rows.file, line=int(self._lines[row]))

    @cached_property
    def _lines(self) -> IndexArray:
        """Physical line of each row."""
        if self.rows.lines is not None:
            return self.rows.lines
        filled = [line.strip(_SPACE) != b"" for line in self.data.split(b"\n")]
        return self.rows.first_line + np.flatnonzero(filled)


def _parse(data: bytes, types: Mapping[str, pa.DataType]) -> dict[str, pa.Array] | None:
    """The columns as Arrow reads them; None if it cannot, or reads other rows than there are lines."""
    table = parse_objects(data, pa.schema(list(types.items())), others="ignore")  # to infer can exhaust the stack
    if table is None or table.num_rows != object_lines(data) or not table.num_rows:
        return None
    return {name: table.column(name).combine_chunks() for name in types}


def _holds_objects(kind: pa.DataType) -> bool:
    while pa.types.is_list(kind):
        kind = kind.value_type
    return bool(pa.types.is_struct(kind))


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


def quote_scalars(data: bytes, keys: Sequence[str]) -> bytes:
    """The lines with quotes around the numbers and booleans of some keys.

    A key's bytes stand in quotes nowhere else: a quote inside a string has a backslash before it.
    """
    for key in keys:
        name = re.escape(key.encode())
        scalar = rb'(?<!\\)("%b"[ \t\r]*+:[ \t\r]*+)(-?[0-9][-+.0-9eE]*+|true|false)(?=[ \t\r\n,}])' % name
        data = re.sub(scalar, rb'\1"\2"', data)
    return data


def object_lines(data: bytes) -> int | None:
    """Lines that hold something; None if one does not begin with { and end with }.

    As no string can hold a newline, as many rows as such lines means one object a line.
    """
    text = data if data.endswith(b"\n") else data + b"\n"
    raw = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(raw == ord("\n"))
    starts = np.concatenate(([0], ends[:-1] + 1))
    if (raw[starts] == ord("{")).all() and (raw[ends - 1] == ord("}")).all():
        return int(ends.size)
    lines = [stripped for line in text.split(b"\n") if (stripped := line.strip(_SPACE))]
    return len(lines) if all(line[:1] == b"{" and line[-1:] == b"}" for line in lines) else None


def _cut_lines(stream: Readable, name: str, line: int) -> Iterator[Records[bytes]]:
    """Whole lines of about BLOCK_BYTES."""
    pieces: list[bytes] = []
    held = 0
    while chunk := stream.read(BLOCK_BYTES):
        end = chunk.rfind(b"\n") + 1
        held += len(chunk)
        if end:
            data = b"".join([*pieces, chunk[:end]])
            yield Records(data, line)
            line += data.count(b"\n")
            pieces, held = [], len(chunk) - end
        pieces.append(chunk[end:])
        if held > LONGEST_RECORD:
            raise too_long(name, line)
    rest = b"".join(pieces)
    if rest:
        yield Records(rest, line)
