"""Cutting delimited text into records.

A line ends with LF, CRLF or CR, whichever a file has or mixes. A record ends where a line does, but for the lines
that end inside quotes. Quotes open a field only at its very beginning; inside, a doubled quote is a quote. Text
between a closing quote and the next delimiter is stray: the quoting is not what it seems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, Where
from xentcli.sources.byte_source import Readable

BLOCK_BYTES = 1 << 20
LARGEST_BLOCK = 12 << 20  # a look at the first block must fit into what is kept of standard input
LONGEST_RECORD = 64 << 20

_LF, _CR, _QUOTE = b'\n\r"'


class Dialect(Struct, frozen=True):
    """How the fields of a record are told apart, and how their numbers are written."""

    delimiter: str
    decimal: str = "."


class Records(NamedTuple):
    """Whole records."""

    data: bytes
    line: int  # the physical line they begin on
    stray: bool  # there is text after a closing quote


def cut(file: Readable, path: str, line: int, delimiter: str, columns: int = 1) -> Iterator[Records]:
    """Whole records, in blocks of about BLOCK_BYTES, or as many KiB as there are columns."""
    # A block costs something for each column: many rows must share that, however wide they are.
    size = max(BLOCK_BYTES, min(BLOCK_BYTES * columns >> 10, LARGEST_BLOCK))
    rest = b""
    # The longer a record, the more is read at once: to look at it again for each block would take quadratic time.
    while chunk := file.read(max(size, len(rest) // 4)):
        data = rest + chunk
        end, stray = _last_record(data, delimiter)
        if end:
            yield Records(data[:end], line, stray)
            line += lines_in(data, 0, end)
        rest = data[end:]
        if len(rest) > LONGEST_RECORD:
            refuse_open_quote(rest, path, line, delimiter)
            raise too_long(path, line)
    if rest:
        refuse_open_quote(rest, path, line, delimiter)
        yield Records(rest, line, stray_quotes(rest, delimiter)[0].size > 0)


def _last_record(data: bytes, delimiter: str) -> tuple[int, bool]:
    """Where the last record of `data` that is complete ends (`data` begins with a record); 0 if none is.

    And whether a quote before that is stray.
    """
    limit = len(data) - data.endswith(b"\r")  # the LF of a CRLF may be the next byte
    if _QUOTE not in data:
        return max(data.rfind(b"\n", 0, limit), data.rfind(b"\r", 0, limit)) + 1, False
    quotes, stray = _quoted(data, delimiter)
    ends = _unquoted(_line_ends(data), quotes)
    complete = int(np.searchsorted(ends, limit))
    end = int(ends[complete - 1]) + 1 if complete else 0
    return end, bool((stray < end).any())


def first_record(data: bytes, begin: int, delimiter: str) -> int:
    """Where the record that begins at `begin` ends; -1 if `data` does not tell."""
    body = rb'(?:%b|[^\r\n"]++|")*+' % _quoted_field(delimiter)
    found = re.compile(body + rb"(?:\r\n|\n|\r(?=[^\n]))").match(data[begin:])
    return begin + found.end() if found else -1


def record_lines(data: bytes, first_line: int, delimiter: str) -> tuple[IndexArray, IndexArray]:
    """Offset and physical line of each record of `data`, which begins with one; blank lines are none."""
    raw = np.frombuffer(data, np.uint8)
    lines = _line_ends(data)
    starts = np.concatenate(([0], _unquoted(lines, _quoted(data, delimiter)[0]) + 1))
    starts = starts[starts < raw.size]
    starts = starts[(raw[starts] != _LF) & (raw[starts] != _CR)]
    return starts, first_line + np.searchsorted(lines, starts)


def lines_in(data: bytes, begin: int, end: int) -> int:
    """Lines that end between two offsets, neither of which parts a CRLF."""
    found = data.count(b"\n", begin, end)
    if _CR in data:
        found += data.count(b"\r", begin, end) - data.count(b"\r\n", begin, end)
    return found


def refuse_open_quote(data: bytes, path: str, line: int, delimiter: str) -> None:
    """Refuse `data`, which begins with a record, if it ends inside quotes."""
    quotes, _ = _quoted(data, delimiter)
    if quotes.size % 2:
        line += lines_in(data, 0, int(_opening(quotes)[-1]))
        raise ContentError(
            "unclosed_quote", "a quote that opens here is never closed", where=Where(path, line=line)
        )


def stray_quotes(data: bytes, delimiter: str) -> tuple[IndexArray, IndexArray]:
    """Where the quotes open and close that have text after them; `data` is whole records."""
    quotes, stray = _quoted(data, delimiter)
    opening = _opening(quotes)
    return opening[np.searchsorted(opening, stray) - 1], stray


def too_long(path: str, line: int) -> ContentError:
    """The error for a record without an end in sight."""
    return ContentError(
        "line_too_long", f"is longer than {LONGEST_RECORD >> 20} MiB", where=Where(path, line=line)
    )


def fields_of(record: str, delimiter: str) -> list[str]:
    """The fields of one record, as Python's csv module reads them, however long they are."""
    mark = re.escape(delimiter)
    found = re.findall(rf'{mark}(?:"((?:[^"]++|"")*+)"?)?+([^{mark}]*+)', delimiter + record.rstrip("\r\n"))
    return [quoted.replace('""', '"') + plain for quoted, plain in found]


def quotes_at_edges(data: bytes, delimiter: str) -> bool:
    """Whether every quote of `data`, which begins with a record, is at an edge of a field or doubled in one."""
    return _at_edges(data, _quotes(data), delimiter)


def _line_ends(data: bytes) -> IndexArray:
    """Offset of the last byte of each line."""
    raw = np.frombuffer(data, np.uint8)
    if _CR not in data:
        return np.flatnonzero(raw == _LF)
    found = np.flatnonzero((raw == _LF) | (raw == _CR))
    after = raw[np.minimum(found + 1, raw.size - 1)]
    ends: IndexArray = found[(raw[found] == _LF) | (after != _LF)]
    return ends


def _unquoted(ends: IndexArray, quotes: IndexArray) -> IndexArray:
    """Those of the line ends that are outside quotes."""
    found: IndexArray = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return found


def _quotes(data: bytes) -> IndexArray:
    return np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE)


def _quoted(data: bytes, delimiter: str) -> tuple[IndexArray, IndexArray]:
    """Offsets at which quoting begins and ends, in turn, and those of its ends that are stray.

    `data` begins with a record. A doubled quote counts as one that closes and one that opens.
    """
    quotes = _quotes(data)
    if _at_edges(data, quotes, delimiter):
        return quotes, quotes[:0]  # they alternate, and none is stray
    plain = rb'(?:[^"]++|%b)*+("?)' % _quoted_field(delimiter)  # group 1: a quote that is a character
    characters = [found.start(1) for found in re.finditer(plain, data) if found[1]]
    quotes = np.delete(quotes, np.searchsorted(quotes, characters))
    after = quotes[1::2] + 1
    ends = _edges(delimiter)[np.frombuffer(data + b"\n", np.uint8)[after]]
    return quotes, after[~ends] - 1


def _quoted_field(delimiter: str) -> bytes:
    """The pattern of a quoted field; where it has no last quote, all of the data that is left."""
    return rb'(?<![^%b\r\n])"(?:[^"]++|"")*+"?+' % re.escape(delimiter.encode())


def _opening(quotes: IndexArray) -> IndexArray:
    """Those of the `_quoted` that open a field: the second of a doubled quote does not."""
    opens: IndexArray = quotes[::2][np.append(-1, quotes[1::2] + 1)[: quotes[::2].size] != quotes[::2]]
    return opens


def _at_edges(data: bytes, quotes: IndexArray, delimiter: str) -> bool:
    raw = np.frombuffer(data, np.uint8)
    edge = _edges(delimiter)
    before, after = quotes[::2] - 1, quotes[1::2] + 1
    before, after = before[before >= 0], after[after < raw.size]
    return bool(edge[raw[before]].all() and edge[raw[after]].all())


def _edges(delimiter: str) -> NDArray[np.bool_]:
    """By byte, whether it may stand before a quote that opens and after one that closes."""
    edges = np.zeros(256, np.bool_)
    edges[[ord(delimiter), _LF, _CR, _QUOTE]] = True
    return edges


BOM = b"\xef\xbb\xbf"
# By their marks, or by the NUL bytes beside the first characters, which no text in UTF-8 has so regularly.
_OTHERS = {
    "UTF-32": rb"\xff\xfe\0\0|\0\0\xfe\xff",
    "UTF-16": rb"\xff\xfe|\xfe\xff",
    "UTF-32LE": rb"[^\0]\0\0\0",
    "UTF-32BE": rb"\0\0\0[^\0]",
    "UTF-16LE": rb"(?:[^\0]\0){2}",
    "UTF-16BE": rb"(?:\0[^\0]){2}",
}


def refuse_other_encodings(data: bytes, name: str) -> None:
    """Refuse text whose first four bytes are those of UTF-16 or UTF-32."""
    for encoding, beginning in _OTHERS.items():
        if re.match(beginning, data):
            raise ContentError(
                "encoding", f"is {encoding} text", hint=f"iconv -f {encoding} -t UTF-8", where=Where(name)
            )


def check_text(data: bytes, path: str, line: int) -> None:
    """Refuse what is not UTF-8, naming the first byte that is not."""
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        start = max(data.rfind(b"\n", 0, error.start), data.rfind(b"\r", 0, error.start)) + 1
        raise ContentError(
            "encoding",
            f"byte {error.start - start + 1} of the line, 0x{data[error.start]:02x}, is not UTF-8",
            hint="convert the file, for example with: iconv -f LATIN1 -t UTF-8",
            where=Where(path, line=line + lines_in(data, 0, start)),
        ) from None
