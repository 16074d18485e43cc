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
from msgspec.structs import replace

from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, Where
from xentcli.sources.byte_source import ByteSource, skip
from xentcli.sources.csv_errors import Shape, refuse_stray_quotes
from xentcli.sources.csv_header import Header, read_header
from xentcli.sources.records import BOM, Dialect, check_text, cut, fields_of, record_lines
from xentcli.sources.source import Block, Field, Projection, TextOptions
from xentcli.sources.text import ByteRange, TextChunk, TextSource
from xentcli.wording import brief

_NAN_OF_C = re.compile(rb"nan\(", re.IGNORECASE)  # Arrow takes C's `nan(1)` for a number
_TEXT = pa.dictionary(pa.int32(), pa.string())


class CsvSource(TextSource, frozen=True, eq=False, kw_only=True):
    """A text of records."""

    header: Header
    format: str = "csv"

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> CsvSource:
        """Read the header; `text` wins over what the header suggests."""
        header = read_header(content, text)
        return cls(
            content=content,
            fields=tuple(Field(name, unnamed=header.unnamed) for name in header.names),
            header=header,
        )

    @property
    def begin(self) -> tuple[int, int]:
        """After the header."""
        return self.header.start, self.header.line

    def of_range(self, content: ByteRange, line: int) -> CsvSource:
        """The text without its header, whose names are known."""
        return replace(self, content=content, header=replace(self.header, start=0, line=line))

    def chunks(self, projection: Projection) -> Iterator[CsvChunk]:
        """Whole records, about a mebibyte of them."""
        header = self.header
        layout = Layout(self.name, header.dialect, header.names, projection)
        with self.content.open() as stream:
            skip(stream, header.start)
            for records in cut(stream, self.name, header.line, header.dialect.delimiter, len(header.names)):
                data, first_line, stray = records
                yield CsvChunk(layout, stray, data=data, first_line=first_line, size=self.text_bytes)

    def possibly_truncated(self) -> Sequence[tuple[str, str]]:
        """The last field, if its line does not end as a line should."""
        return () if self.content.last_byte() in (b"\n", b"\r", b"") else [(self.name, self.header.names[-1])]


class Layout(Struct, frozen=True, eq=False, dict=True):
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


class CsvChunk(TextChunk, frozen=True, eq=False, dict=True):
    """Whole records of a text file."""

    layout: Layout
    stray: bool  # a quote is

    def blocks(self) -> Iterator[Block]:
        """The one block of these records."""
        layout = self.layout
        check_text(self.data, layout.file, self.first_line)
        if self.stray:
            refuse_stray_quotes(self.data, layout.file, self.first_line, layout.dialect.delimiter, layout.header)
        try:
            table = self._table()
        except pa.ArrowInvalid as error:
            shape = Shape(layout.file, layout.header, layout.projection.numbers, layout.dialect)
            raise shape.fault(self._records(), error) from None
        if b"(" in self.data and _NAN_OF_C.search(self.data):
            self._refuse_no_number()
        if table.num_rows:
            parsed = (column.chunk(0) for column in table.itercolumns())
            columns = dict(zip(layout.projection.names, parsed, strict=True))
            columns |= {name: self._lists(name, columns[name]) for name in layout.projection.lists}
            yield Block(table.num_rows, columns, self._where, lambda: self._places[1])

    def _refuse_no_number(self) -> None:
        """Raise a `ContentError` if a number is none that is read by `Shape`; slow."""
        shape = Shape(self.layout.file, self.layout.header, self.layout.projection.numbers, self.layout.dialect)
        if (fault := shape.find(self._records())) is not None:
            raise fault

    def _table(self) -> pa.Table:
        delimiter = self.layout.dialect.delimiter
        return arrow_csv.read_csv(
            # Arrow takes a mark at the very beginning for none of the first field; blank lines it skips.
            pa.BufferReader(b"\n" + self.data if self.data.startswith(BOM) else self.data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=len(self.data) + 2, column_names=self.layout.names
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=self.layout.conversion,
        )

    def _lists(self, name: str, cells: pa.Array) -> pa.Array:
        from xentcli.sources.text_lists import list_hint, parse_lists

        found = parse_lists(cells)
        if not isinstance(found, int):
            return found
        cell = cells[found].as_py()
        message = f'"{brief(cell)}" is not a JSON array of numbers'
        raise ContentError("not_a_list", message, hint=list_hint(cell), where=self._where(found), column=name)

    def _where(self, row: int) -> Where:
        _, lines = self._places
        return Where(self.layout.file, line=int(lines[row]))

    @cached_property
    def _places(self) -> tuple[IndexArray, IndexArray]:
        """Offset and physical line of each record."""
        return record_lines(self.data, self.first_line, self.layout.dialect.delimiter)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """(physical line, fields) of each record: slow, for messages only."""
        starts, lines = (places.tolist() for places in self._places)
        for start, end, line in zip(starts, [*starts[1:], len(self.data)], lines, strict=True):
            yield line, fields_of(self.data[start:end].decode("utf-8"), self.layout.dialect.delimiter)
