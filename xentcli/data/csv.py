"""Delimited text: cut at record boundaries into blocks, each parsed on its own with explicit types.

Numbers are parsed by Arrow (correctly rounded). Labels stay text: only an empty field is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.csv as arrow_csv

from xentcli.core.scores import IndexArray
from xentcli.data.csv_faults import Shape
from xentcli.data.csv_header import Dialect, Header, read_header
from xentcli.data.encoding import BOM, check_text
from xentcli.data.origin import FileSource, Origin, skip
from xentcli.data.records import cut, fields_of, record_lines
from xentcli.data.source import Block, Field, TextOptions, Wanted
from xentcli.errors import ContentError, Where

_TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, eq=False, kw_only=True)
class CsvSource(FileSource):
    """A text of records."""

    header: Header
    format: str = "csv"

    @classmethod
    def open(cls, origin: Origin, text: TextOptions) -> CsvSource:
        """Read the header; `text` wins over what the header suggests."""
        header = read_header(origin, text)
        return cls(
            origin=origin,
            fields=tuple(Field(name, counted=header.counted) for name in header.names),
            header=header,
        )

    def parts(self, wanted: Wanted) -> Iterator[CsvPart]:
        """Blocks of whole records of about a mebibyte."""
        header = self.header
        with self.origin.open() as stream:
            skip(stream, header.start)
            for data, line in cut(stream, self.name, header.line, header.dialect.delimiter):
                yield CsvPart(self.name, data, line, header.dialect, header.names, wanted)

    def unfinished(self) -> Sequence[tuple[str, str]]:
        """The last field, if its line does not end as a line should."""
        return () if self.origin.last() in (b"\n", b"\r", b"") else [(self.name, self.header.names[-1])]


@dataclass(frozen=True, eq=False)
class CsvPart:
    """Whole records of a text file, as bytes."""

    file: str
    data: bytes
    first_line: int
    dialect: Dialect
    header: tuple[str, ...]
    wanted: Wanted

    def blocks(self) -> Iterator[Block]:
        """The one block of these records."""
        check_text(self.data, self.file, self.first_line)
        wanted = set(self.wanted.names)
        at = {name: f"c{i}" for i, name in enumerate(self.header) if name in wanted}
        types = {at[name]: _TEXT for name in self.wanted.labels}
        types |= {at[name]: pa.float64() for name in self.wanted.numbers}
        types |= {at[name]: pa.string() for name in self.wanted.lists}
        try:
            table = self._table(types)
        except pa.ArrowInvalid as error:
            shape = Shape(self.file, self.header, self.wanted.numbers, self.dialect)
            raise shape.fault(self._records(), error) from None
        if table.num_rows:
            columns = {name: table.column(c).chunk(0) for name, c in at.items()}
            columns |= {name: self._lists(name, columns[name]) for name in self.wanted.lists}
            yield Block(table.num_rows, columns, self._where)

    def _table(self, types: dict[str, pa.DataType]) -> pa.Table:
        return arrow_csv.read_csv(
            # Arrow takes a mark at the very beginning for none of the first field; blank lines it skips.
            pa.BufferReader(b"\n" + self.data if self.data.startswith(BOM) else self.data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=len(self.data) + 2,
                column_names=[f"c{i}" for i in range(len(self.header))],
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=self.dialect.delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types,
                include_columns=list(types),
                null_values=[""],
                strings_can_be_null=True,
                decimal_point=self.dialect.decimal,
            ),
        )

    def _lists(self, name: str, cells: pa.Array) -> pa.Array:
        from xentcli.data.text_lists import list_hint, parse_lists

        found = parse_lists(cells)
        if not isinstance(found, int):
            return found
        cell = cells[found].as_py()
        shown = cell if len(cell) <= 60 else f"{cell[:57]}..."
        message = f'"{shown}" is not a JSON array of numbers'
        raise ContentError("not_a_list", message, hint=list_hint(cell), where=self._where(found), column=name)

    def _where(self, row: int) -> Where:
        _, lines = self._places
        return Where(self.file, line=int(lines[row]))

    @cached_property
    def _places(self) -> tuple[IndexArray, IndexArray]:
        """Offset and physical line of each record."""
        return record_lines(self.data, self.first_line, self.dialect.delimiter)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """(physical line, fields) of each record: slow, for messages only."""
        starts, lines = (places.tolist() for places in self._places)
        for start, end, line in zip(starts, [*starts[1:], len(self.data)], lines, strict=True):
            yield line, fields_of(self.data[start:end].decode("utf-8"), self.dialect.delimiter)
