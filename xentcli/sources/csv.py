"""Delimited text: cut at record boundaries into blocks, each parsed on its own with explicit types.

Numbers are parsed by Arrow (correctly rounded). Labels stay text: only an empty field is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import pyarrow as pa
import pyarrow.csv as arrow_csv
from msgspec import Struct

from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, Where, first_line
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.csv_errors import find_fault
from xentcli.sources.csv_header import read_header
from xentcli.sources.quotes import refuse_stray_quotes, split_fields
from xentcli.sources.records import Dialect, cut_records, record_lines
from xentcli.sources.source import Block, Chunk, Projection, TextOptions
from xentcli.sources.text import BOM, Records, TextSource, refuse_non_utf8
from xentcli.wording import brief

_NAN_OF_C = re.compile(rb"nan\(", re.IGNORECASE)  # Arrow takes C's `nan(1)` for a number
_TEXT = pa.dictionary(pa.int32(), pa.string())


class CsvSource(TextSource, frozen=True, eq=False, kw_only=True):
    """A text of records."""

    dialect: Dialect
    format: str = "csv"

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> CsvSource:
        """Read the header; `text` wins over what the header suggests."""
        return cls(content=content, **read_header(content, text)._asdict())

    def cut(self) -> Iterator[Records]:
        """All records, about a mebibyte at a time, in order."""
        with self.content.open(self.start) as stream:
            yield from cut_records(stream, self.name, self.line, self.dialect.delimiter, len(self.fields))

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The records, each some of them read as one block."""
        layout = _Layout(self.name, self.dialect, tuple(field.name for field in self.fields), projection)
        for records in self.cut():
            yield self.chunk(records, _CsvReader(layout, *records).blocks)

    def possibly_truncated(self) -> Sequence[tuple[str, str]]:
        """The last field, if its line does not end as a line should."""
        return () if self.content.last_byte() in (b"\n", b"\r", b"") else [(self.name, self.fields[-1].name)]


class _Layout(Struct, frozen=True, eq=False, dict=True):
    """What the chunks of a file share, made once: there may be many thousands of columns."""

    file: str
    dialect: Dialect
    header: tuple[str, ...]
    projection: Projection

    @cached_property
    def names(self) -> list[str]:
        """What all columns are called while they are parsed: their own names may be empty, and repeated."""
        return [f"c{i}" for i in range(len(self.header))]

    @cached_property
    def conversion(self) -> arrow_csv.ConvertOptions:
        """How the columns asked for are parsed, in the order of their names."""
        types = dict.fromkeys(self.projection.labels, _TEXT)
        types |= dict.fromkeys(self.projection.numbers, pa.float64())
        types |= dict.fromkeys(self.projection.lists, pa.string())
        at = dict(zip(self.header, self.names, strict=True))
        types = {at[name]: kind for name, kind in types.items()}
        return arrow_csv.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=[""],
            strings_can_be_null=True,
            decimal_point=self.dialect.decimal,
        )


class _CsvReader(Struct, frozen=True, eq=False, dict=True):
    """Reads some records."""

    layout: _Layout
    data: bytes
    first_line: int
    stray: bool

    def blocks(self) -> Iterator[Block]:
        """The one block of these records."""
        file, names = self.layout.file, self.layout.projection
        refuse_non_utf8(self.data, file, self.first_line)
        if self.stray:
            delimiter, header = self.layout.dialect.delimiter, self.layout.header
            refuse_stray_quotes(self.data, self._places[0], file, self.first_line, delimiter, header)
        try:
            table = self._parse()
        except pa.ArrowInvalid as error:
            message = f"cannot be parsed: {first_line(error)}"
            raise self._fault() or ContentError("parse", message, where=Where(file)) from None
        if b"(" in self.data and _NAN_OF_C.search(self.data) and (fault := self._fault()) is not None:
            raise fault
        if table.num_rows:
            parsed = (column.chunk(0) for column in table.itercolumns())
            columns = dict(zip(names.names, parsed, strict=True))
            columns |= {name: self._parse_lists(name, columns[name]) for name in names.lists}
            yield Block(table.num_rows, columns, self._where, lambda: self._places[1])

    def _parse(self) -> pa.Table:
        # Arrow takes a mark at the very beginning for none of the first field; blank lines it skips.
        data = b"\n" + self.data if self.data.startswith(BOM) else self.data
        return arrow_csv.read_csv(
            pa.BufferReader(data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=self.layout.names
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=self.layout.dialect.delimiter, newlines_in_values=True),
            convert_options=self.layout.conversion,
        )

    def _fault(self) -> ContentError | None:
        """What is wrong with these records, if anything is; slow."""
        layout, numbers = self.layout, self.layout.projection.numbers
        return find_fault(self._records(), layout.file, layout.header, numbers, layout.dialect.decimal)

    def _parse_lists(self, name: str, cells: pa.Array) -> pa.Array:
        from xentcli.sources.json_arrow import list_hint, parse_lists

        lists, bad = parse_lists(cells)
        if bad is None:
            return lists
        cell = cells[bad].as_py()
        message = f'"{brief(cell)}" is not a JSON array of numbers'
        raise ContentError("not_a_list", message, hint=list_hint(cell), where=self._where(bad), column=name)

    def _where(self, row: int) -> Where:
        return Where(self.layout.file, line=int(self._places[1][row]))

    @cached_property
    def _places(self) -> tuple[IndexArray, IndexArray]:
        """Offset and physical line of each record."""
        return record_lines(self.data, self.first_line, self.layout.dialect.delimiter)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """(physical line, fields) of each record."""
        starts, lines = (places.tolist() for places in self._places)
        for start, end, line in zip(starts, [*starts[1:], len(self.data)], lines, strict=True):
            yield line, split_fields(self.data[start:end].decode("utf-8"), self.layout.dialect.delimiter)
