"""The beginning of a delimited text: its dialect and the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xentcli.core.text import SKIPPED, Layout, cut, parse
from xentcli.errors import ContentError, RequestError, Where
from xentcli.sources.byte_source import ByteSource, Readable
from xentcli.sources.csv_errors import NUMBER
from xentcli.sources.quotes import has_quotes_at_edges, refuse_stray_quotes, split_fields, unclosed_quote
from xentcli.sources.records import Dialect, first_record
from xentcli.sources.source import Field, TextOptions, refuse_duplicates
from xentcli.sources.text import (
    BOM,
    LONGEST_RECORD,
    count_lines,
    refuse_non_utf8,
    refuse_other_encodings,
    too_long,
)

_HEAD_BYTES = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_BLANK = re.compile(rb"(?:%b)?[\r\n]*+" % BOM)
_SVM_PREDICT = re.compile(r"labels(?: [+-]?\d++)++ *+")  # what libsvm and liblinear write with -b 1


class Header(NamedTuple):
    """The columns, and where the first record of data begins."""

    fields: Sequence[Field]
    dialect: Dialect
    start: int  # offset in bytes
    line: int  # physical line, 1-based


def read_header(content: ByteSource, text: TextOptions) -> Header:
    """Read the first record; what `text` says wins over what the record suggests."""
    file = content.name
    delimiters = _delimiters(text, Where(file))
    with content.open() as stream:
        before, records = _first_records(stream, file, delimiters)
    line = 1 + count_lines(before)
    data, delimiter = max(records, key=_likelihood)
    refuse_non_utf8(data, file, line)
    _refuse_quotes(data, file, line, Dialect(delimiter, text.decimal))
    record = data.decode("utf-8").rstrip("\r\n")
    names = split_fields(record, delimiter)
    has_header = text.header
    if text.delimiter in (None, " ") and text.decimal != " " and _SVM_PREDICT.fullmatch(record):
        # `labels 1 -1` stands above the predicted label and the probabilities of these classes, a space between.
        names, delimiter = ["predicted", *(f"prob_{name}" for name in record.split()[1:])], " "
        has_header = True
    elif not has_header:
        names = list(map(str, range(len(names))))
    looks_like_data = len(set(names)) < len(names) and any(map(NUMBER.fullmatch, names))
    hint = "the first line looks like data: --no-header reads it so" if looks_like_data else None
    refuse_duplicates(names, Where(file, line=line), hint)
    fields = tuple(Field(name, unnamed=not has_header) for name in names)
    if has_header:
        before, line = before + data, line + count_lines(data)
    return Header(fields, Dialect(delimiter, text.decimal), len(before), line)


def _refuse_quotes(data: bytes, file: str, line: int, dialect: Dialect) -> None:
    """Refuse a record with a quote that is never closed, or one that is stray."""
    open_quote = cut(data, dialect.delimiter).open_quote
    if open_quote is not None:
        raise unclosed_quote(data, open_quote, file, line)
    nothing = Layout(np.array([SKIPPED], np.int32), 0, (), dialect.delimiter, dialect.decimal)
    refuse_stray_quotes(data, parse(data + b"\n", line, 1, nothing), file, dialect.delimiter)


def _delimiters(text: TextOptions, where: Where) -> tuple[str, ...]:
    """Those that there may be."""
    if text.delimiter is None:
        return tuple(each for each in _DELIMITERS if each != text.decimal)
    if text.delimiter == text.decimal:
        message = f'"{text.decimal}" cannot be both the delimiter and the decimal mark'
        raise RequestError("decimal", message, hint="--delimiter ';'", where=where)
    if len(text.delimiter) != 1 or not text.delimiter.isascii() or text.delimiter in '"\r\n':
        message = f'"{text.delimiter}" cannot be the delimiter'
        raise RequestError("delimiter", message, hint="one ASCII character, no quote or line end", where=where)
    return (text.delimiter,)


def _first_records(
    stream: Readable, name: str, delimiters: tuple[str, ...]
) -> tuple[bytes, list[tuple[bytes, str]]]:
    """What stands before the first record (a mark, blank lines), and that record by each delimiter."""
    data = more = stream.read(_HEAD_BYTES)
    refuse_other_encodings(data, name)
    while True:
        blank = _BLANK.match(data)
        begin = blank.end() if blank else 0
        ends = [first_record(data, begin, delimiter) for delimiter in delimiters]
        if None not in ends or not more:
            break
        if len(data) > LONGEST_RECORD:
            raise too_long(name, 1 + count_lines(data, begin))
        more = stream.read(len(data))
        data += more
    if begin == len(data):
        raise ContentError("no_rows", "no rows: the file is empty", where=Where(name))
    return data[:begin], [(data[begin:end], each) for each, end in zip(delimiters, ends, strict=True)]


def _likelihood(record: tuple[bytes, str]) -> tuple[bool, int]:
    """Most likely is a delimiter that stands around the quotes, if there are any, and leaves many fields."""
    data, delimiter = record
    return has_quotes_at_edges(data, delimiter), len(split_fields(data.decode("utf-8", "replace"), delimiter))
