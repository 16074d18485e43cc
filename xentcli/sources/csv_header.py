"""The beginning of a delimited text: its dialect and the names of its columns."""

from __future__ import annotations

import re

from msgspec import Struct

from xentcli.errors import ContentError, RequestError, Where
from xentcli.sources.byte_source import ByteSource, Readable
from xentcli.sources.csv_errors import NUMBER, refuse_stray_quotes
from xentcli.sources.records import (
    BOM,
    LONGEST_RECORD,
    Dialect,
    check_text,
    fields_of,
    first_record,
    lines_in,
    quotes_at_edges,
    refuse_open_quote,
    refuse_other_encodings,
    too_long,
)
from xentcli.sources.source import TextOptions, refuse_duplicates

_HEAD_BYTES = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_BLANK = re.compile(rb"(?:%b)?[\r\n]*+" % BOM)
_SVM_PREDICT = re.compile(r"labels(?: [+-]?\d++)++ *+")  # what libsvm and liblinear write with -b 1


class Header(Struct, frozen=True):
    """The names of the columns, and where the first record of data begins."""

    names: tuple[str, ...]
    dialect: Dialect
    start: int  # offset in bytes
    line: int  # physical line, 1-based
    unnamed: bool = False  # the names are "0", "1", ..., as the text has none


class _Record(Struct, frozen=True):
    """The first record of a text, as a delimiter would have it."""

    data: bytes
    delimiter: str

    def likelihood(self) -> tuple[bool, int]:
        """Most likely is a delimiter that stands around the quotes, if there are any, and leaves many fields."""
        fields = fields_of(self.data.decode("utf-8", "replace"), self.delimiter)
        return quotes_at_edges(self.data, self.delimiter), len(fields)


def read_header(content: ByteSource, text: TextOptions) -> Header:
    """Read the first record; what `text` says wins over what the record suggests."""
    choice = _choice(text, Where(content.name))
    with content.open() as stream:
        before, records = _first_records(stream, content.name, choice)
    line = 1 + lines_in(before, 0, len(before))
    record = max(records, key=_Record.likelihood)
    check_text(record.data, content.name, line)
    refuse_open_quote(record.data, content.name, line, record.delimiter)
    refuse_stray_quotes(record.data, content.name, line, record.delimiter)
    line_text = record.data.decode("utf-8").rstrip("\r\n")
    svm = text.delimiter in (None, " ") and _SVM_PREDICT.fullmatch(line_text) is not None
    names, delimiter = _names_of_svm(record) if svm else (_names(record, text.header), record.delimiter)
    looks_like_data = len(set(names)) < len(names) and any(map(NUMBER.fullmatch, names))
    hint = "the first line looks like data: --no-header reads it so" if looks_like_data else None
    refuse_duplicates(names, Where(content.name, line=line), hint)
    dialect = Dialect(delimiter, text.decimal)
    if not (text.header or svm):
        return Header(names, dialect, len(before), line, unnamed=True)
    end = len(record.data)
    return Header(names, dialect, len(before) + end, line + lines_in(record.data, 0, end))


def _choice(text: TextOptions, where: Where) -> tuple[str, ...]:
    """The delimiters that there may be."""
    if text.delimiter is None:
        return tuple(each for each in _DELIMITERS if each != text.decimal)
    if text.delimiter == text.decimal:
        message = f'"{text.decimal}" cannot be both the delimiter and the decimal mark'
        raise RequestError("decimal", message, hint="--delimiter ';'", where=where)
    if len(text.delimiter) != 1 or not text.delimiter.isascii() or text.delimiter in '"\r\n':
        message = f'"{text.delimiter}" cannot be the delimiter'
        raise RequestError("delimiter", message, hint="one ASCII character, no quote or line end", where=where)
    return (text.delimiter,)


def _first_records(stream: Readable, name: str, choice: tuple[str, ...]) -> tuple[bytes, list[_Record]]:
    """What stands before the first record (a mark, blank lines), and that record by each delimiter."""
    data = stream.read(_HEAD_BYTES)
    refuse_other_encodings(data, name)
    while True:
        found = _BLANK.match(data)
        begin = found.end() if found else 0
        ends = [first_record(data, begin, delimiter) for delimiter in choice]
        if min(ends) >= 0:
            break
        if len(data) > LONGEST_RECORD:
            raise too_long(name, 1 + lines_in(data, 0, begin))
        more = stream.read(len(data))
        if not more:
            ends = [end if end >= 0 else len(data) for end in ends]
            break
        data += more
    if begin == len(data):
        raise ContentError("no_rows", "no rows: the file is empty", where=Where(name))
    return data[:begin], [_Record(data[begin:end], each) for each, end in zip(choice, ends, strict=True)]


def _names(record: _Record, is_header: bool) -> tuple[str, ...]:
    """The names of the columns: "0", "1", ... where the record is one of data."""
    names = fields_of(record.data.decode("utf-8").rstrip("\r\n"), record.delimiter)
    return tuple(names) if is_header else tuple(map(str, range(len(names))))


def _names_of_svm(record: _Record) -> tuple[tuple[str, ...], str]:
    """`labels 1 -1` stands above the predicted label and the probabilities of these classes, a space between."""
    _, *classes = record.data.decode("utf-8").split()
    return ("predicted", *(f"prob_{name}" for name in classes)), " "
