"""Delimited text: cut at record boundaries into blocks, each parsed on its own with explicit types.

Numbers are parsed by Arrow (correctly rounded). Labels stay text: only an empty field is missing.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.csv as arrow_csv

from xentcli.data.csv_header import NUMBER, Header, read_header
from xentcli.data.origin import FileSource, Origin, skip
from xentcli.data.records import LONGEST_RECORD, Dialect, check_text, cut
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
        return cls(origin=origin, fields=tuple(map(Field, header.names)), header=header)

    def parts(self, wanted: Wanted) -> Iterator[CsvPart]:
        """Blocks of whole records of about a mebibyte."""
        header = self.header
        with self.origin.open() as stream:
            skip(stream, header.start)
            for data, line in cut(stream, self.name, header.line, header.dialect):
                yield CsvPart(self.name, data, line, header.dialect, header.names, wanted)

    def complete(self) -> bool:
        """Whether the last line ends as a line should; if not, its last field may have been cut."""
        return self.origin.last() in (b"\n", b"\r", b"")


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
            raise self._diagnosis(error) from None
        if table.num_rows:
            columns = {name: table.column(c).chunk(0) for name, c in at.items()}
            columns |= {name: self._lists(name, columns[name]) for name in self.wanted.lists}
            yield Block(table.num_rows, columns, self._where)

    def _table(self, types: dict[str, pa.DataType]) -> pa.Table:
        return arrow_csv.read_csv(
            pa.BufferReader(self.data),
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=len(self.data) + 1,
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
        return Where(self.file, line=self._lines[row] if self._lines is not None else self.first_line + row)

    @cached_property
    def _lines(self) -> list[int] | None:
        """First physical line of each record; None where record i simply is line i."""
        data = self.data
        if (
            b'"' not in data
            and not re.search(rb"(?:\A|\n|\r)(?:\r\n|\n|\r)", data)
            and self.dialect.newline == b"\n"
        ):
            return None
        return [line for line, _ in self._records()]

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """(physical line, fields) of each record: slow, for messages only."""
        csv.field_size_limit(LONGEST_RECORD)
        text = io.StringIO(self.data.decode("utf-8"), newline="")
        reader = csv.reader(text, delimiter=self.dialect.delimiter)
        line = self.first_line
        for fields in reader:
            if fields:
                yield line, fields
            line = self.first_line + reader.line_num

    def _diagnosis(self, error: pa.ArrowInvalid) -> ContentError:
        """Look a second time, slowly, for the record that Arrow refused."""
        bad: list[tuple[int, list[str]]] = []
        numbers = {self.header.index(name): name for name in self.wanted.numbers}
        for line, fields in self._records():
            if len(fields) != len(self.header):
                return self._ragged(line, len(fields))
            if any(not self._is_number(fields[i]) for i in numbers):
                bad.append((line, fields))
        if not bad:
            reason = str(error).splitlines()[0]
            return ContentError(
                "parse", f"cannot be parsed: {reason}", where=Where(self.file, line=self.first_line)
            )
        line, fields = bad[0]
        column = next(i for i in numbers if not self._is_number(fields[i]))
        more = f" (and on {len(bad) - 1} more lines up to line {bad[-1][0]})" if len(bad) > 1 else ""
        return ContentError(
            "not_a_number",
            f'"{fields[column]}" is not a number{more}',
            hint=_number_hint(fields[column], self.dialect),
            where=Where(self.file, line=line),
            column=numbers[column],
        )

    def _is_number(self, text: str) -> bool:
        mark = self.dialect.decimal
        if mark != ".":
            if "." in text:
                return False
            text = text.replace(mark, ".")
        return not text or NUMBER.fullmatch(text) is not None

    def _ragged(self, line: int, found: int) -> ContentError:
        expected = len(self.header)
        hint = "a field that holds the delimiter must be quoted"
        if found == expected + 1:
            hint += "; if every line has one more field, the header lacks a name for the first column"
        return ContentError(
            "fields",
            f"{found} fields where the header has {expected}",
            hint=hint,
            where=Where(self.file, line=line),
        )


def _number_hint(text: str, dialect: Dialect) -> str | None:
    if re.fullmatch(r"\s*[+-]?\d+,\d+([eE][+-]?\d+)?\s*", text):
        return "a decimal comma? --decimal , reads it"
    if dialect.decimal != "." and NUMBER.fullmatch(text):
        return f"--decimal {dialect.decimal} says that numbers have no decimal point"
    if text.strip().endswith("%"):
        return "percentages: divide by 100"
    if text.strip().startswith("["):
        return "a JSON array? name its column as a list of scores"
    if text.strip().lower() in ("na", "n/a", "null", "none", "-", "?"):
        return "a missing score is written as an empty field, and cannot be scored"
    return None
