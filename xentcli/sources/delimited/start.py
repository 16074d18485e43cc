"""Where the first record of a delimited text begins: behind a mark, lines to skip, and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from xentcli.core.text import Dialect
from xentcli.errors import ContentError, RequestError, Where
from xentcli.sources.byte_source import Readable
from xentcli.sources.delimited.records import first_record
from xentcli.sources.source import TextOptions
from xentcli.sources.text import BOM, LONGEST_RECORD, count_lines, refuse_other_encodings, too_long

HEAD_BYTES = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_LINE_END = rb"(?:\r\n|\n|\r(?=[^\n]))"
_FEW_BYTES = 1 << 16
_ROWS = 50  # lines that are looked at to tell what a text is


class Start(NamedTuple):
    """The first bytes of a text, and its first record."""

    data: bytes
    begin: int  # of the first record
    ends: tuple[int, ...]  # of the first record, by each of `delimiters`
    delimiters: tuple[str, ...]
    whole: bool  # the data is all of the text

    @property
    def before(self) -> bytes:
        """What stands before the first record."""
        return self.data[: self.begin]

    def lines(self, comment: str | None, at: int | None = None) -> list[str]:
        """The first lines from `at` on that are complete, without blank ones and comments."""
        at = self.begin if at is None else at
        for size in (_FEW_BYTES, len(self.data)):
            lines = re.split(r"\r\n|\n|\r", self.data[at : at + size].decode("utf-8", "replace"))
            if not self.whole or at + size < len(self.data):
                lines.pop()  # which may go on
            if len(lines) > 2:
                break
        kept = (
            line for line in lines if line.strip() and not (comment and line.lstrip(" \t").startswith(comment))
        )
        return list(islice(kept, _ROWS))

    def comments(self, marks: str) -> Iterator[tuple[int, str]]:
        """(offset of the line behind it, text) of the lines that begin with one of `marks`, down to other text."""
        at = len(BOM) if self.data.startswith(BOM) else 0
        for line in re.finditer(rb"[^\r\n]*+(?:\r\n|\n|\r)?+", self.data[at : at + _FEW_BYTES]):
            text = line[0].decode("utf-8", "replace").strip()
            if text[:1] in marks and text:
                yield at + line.end(), text
            elif text and at + line.start() >= self.begin:
                break


def read_start(stream: Readable, name: str, text: TextOptions) -> Start:
    """The first bytes of a text, as many as tell where its first record ends by each delimiter there may be."""
    where = Where(name)
    data = more = stream.read(HEAD_BYTES)
    refuse_other_encodings(data, name)
    while True:
        begin, excel = _first(data, text)
        delimiters = _delimiters(text, excel, where)
        ends = [first_record(data, begin, delimiter) for delimiter in delimiters]
        if None not in ends or not more:
            break
        if len(data) - begin > LONGEST_RECORD:
            raise too_long(name, 1 + count_lines(data, begin))
        more = stream.read(len(data))
        data += more
    if begin == len(data):
        raise ContentError("no_rows", f"no rows: {_nothing(text, data)}", where=where)
    found = tuple(len(data) if end is None else end for end in ends)
    return Start(data, begin, found, delimiters, not more or len(data) < HEAD_BYTES)


def _nothing(text: TextOptions, data: bytes) -> str:
    if text.skip_lines and data:
        return f"the file has no more than the {text.skip_lines} lines that --skip-lines leaves out"
    return "the file is empty" if not text.comment or not data.strip() else "the file holds nothing but comments"


def _first(data: bytes, text: TextOptions) -> tuple[int, str | None]:
    """Where the first record begins, and the delimiter that a first line of Excel's names (`sep=;`)."""
    at = len(BOM) if data.startswith(BOM) else 0
    for _ in range(text.skip_lines):
        line = re.compile(rb"[^\r\n]*+" + _LINE_END).match(data, at)
        if line is None:
            return len(data), None
        at = line.end()
    excel = re.compile(rb'[\r\n]*+("?)sep=([^"\r\n])\1[ \t]*+' + _LINE_END, re.I).match(data, at)
    if excel:
        at = excel.end()
    comment = rb"%b[^\r\n]*+(?:[\r\n]++|\Z)|" % re.escape(text.comment.encode()) if text.comment else b""
    blank = re.compile(rb"(?:%b[\r\n]++)*+" % comment).match(data, at)
    return blank.end() if blank else at, excel[2].decode("latin-1") if excel else None


def _delimiters(text: TextOptions, excel: str | None, where: Where) -> tuple[str, ...]:
    """Those that there may be."""
    if text.delimiter is None:
        return (excel,) if excel else tuple(each for each in _DELIMITERS if each != text.decimal)
    if len(text.delimiter) != 1 or not text.delimiter.isascii() or text.delimiter in '"\r\n':
        message = f'"{text.delimiter}" cannot be the delimiter'
        raise RequestError("delimiter", message, hint="one ASCII character, no quote or line end", where=where)
    return (text.delimiter,)


def dialect_of(delimiter: str, text: TextOptions) -> Dialect:
    """The dialect of a delimiter, as far as options tell it."""
    return Dialect(delimiter, text.decimal, comment=text.comment)
