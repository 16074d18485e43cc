"""The beginning of a delimited text: its encoding, its dialect and the names of its columns."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from xentcli.data.origin import Origin, Readable
from xentcli.data.records import LONGEST_RECORD, Dialect, check_text, first_record, unclosed
from xentcli.data.source import TextOptions, refuse_duplicates
from xentcli.errors import ContentError, RequestError, Where

BOM = b"\xef\xbb\xbf"
NUMBER = re.compile(r"[ \t]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t]*|[ \t]*[+-]?(nan|inf|infinity)[ \t]*", re.I)
_HEAD_BYTES = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_SVM_PREDICT = re.compile(r"labels(?: [+-]?\d+)+ *")  # what libsvm and liblinear write with -b 1


@dataclass(frozen=True)
class Header:
    """The names of the columns, and where the first record of data begins."""

    names: tuple[str, ...]
    dialect: Dialect
    start: int  # offset in bytes
    line: int  # physical line, 1-based


def read_header(origin: Origin, text: TextOptions) -> Header:
    """Read the first record; what `text` says wins over what the record suggests."""
    with origin.open() as stream:
        data = stream.read(_HEAD_BYTES)
        refuse_other_encodings(data, origin.name)
        start = len(BOM) if data.startswith(BOM) else 0
        blank = re.compile(rb"[\r\n]*").match(data, start)
        begin = blank.end() if blank else start
        if begin == len(data):
            raise ContentError("no_rows", "no rows: the file is empty", where=Where(origin.name))
        newline = b"\r" if b"\n" not in data and b"\r" in data else b"\n"
        data, end = _whole_record(stream, data, begin, newline, origin.name)
    line = 1 + data.count(newline, 0, begin)
    check_text(data[begin:end], origin.name, line)
    record = data[begin:end].decode("utf-8")
    names, delimiter = _names(record, text, Where(origin.name, line=line))
    dialect = Dialect(delimiter, newline, text.decimal)
    if not text.header:
        return Header(names, dialect, begin, line)
    return Header(names, dialect, end, line + data.count(newline, begin, end))


def refuse_other_encodings(data: bytes, name: str) -> None:
    """Refuse text that says it is UTF-16 or UTF-32."""
    for mark, encoding in _ENCODINGS.items():
        if data.startswith(mark):
            raise ContentError(
                "encoding", f"is {encoding} text", hint=f"iconv -f {encoding} -t UTF-8", where=Where(name)
            )


def _whole_record(stream: Readable, data: bytes, begin: int, newline: bytes, name: str) -> tuple[bytes, int]:
    """The data, with as much more as the record at `begin` needs, and the end of that record."""
    while (end := first_record(data, begin, newline)) < 0:
        if len(data) > LONGEST_RECORD:
            raise unclosed(name, 1)
        more = stream.read(len(data))
        if not more:
            return data, len(data)
        data += more
    return data, end


def _names(record: str, text: TextOptions, where: Where) -> tuple[tuple[str, ...], str]:
    """The names of the columns and the delimiter."""
    if text.delimiter == text.decimal:
        message = f'"{text.decimal}" cannot be both the delimiter and the decimal mark'
        raise RequestError("decimal", message, hint="--delimiter ';'", where=where)
    line = record.rstrip("\r\n")
    if text.header and text.delimiter is None and _SVM_PREDICT.fullmatch(line):
        classes = [f"prob_{name}" for name in line.split()[1:]]
        names, delimiter = ["predicted", *classes], " "
    else:
        choice = [each for each in _DELIMITERS if each != text.decimal]
        delimiter = text.delimiter or max(choice, key=lambda each: len(split(record, each)))
        names = split(record, delimiter)
        if not text.header:
            names = [str(i) for i in range(len(names))]
    looks_like_data = len(set(names)) < len(names) and any(map(NUMBER.fullmatch, names))
    hint = "the first line looks like data: --no-header reads it so" if looks_like_data else None
    refuse_duplicates(names, where, hint)
    return tuple(names), delimiter


def split(record: str, delimiter: str) -> list[str]:
    """The fields of one record."""
    return next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter))
