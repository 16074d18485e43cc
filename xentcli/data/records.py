"""Cutting delimited text into records.

A line ends with LF, CRLF or CR, whichever a file has or mixes. A record ends where a line does, but for the lines
that end inside quotes. Quotes open a field only at its very beginning; inside, a doubled quote is a quote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from xentcli.core.scores import IndexArray
from xentcli.data.origin import Readable
from xentcli.errors import ContentError, Where

BLOCK_BYTES = 1 << 20
LONGEST_RECORD = 64 << 20

_LF, _CR, _QUOTE = b'\n\r"'


def cut(file: Readable, path: str, line: int, delimiter: str) -> Iterator[tuple[bytes, int]]:
    """Whole records of about BLOCK_BYTES, each block with the physical line it begins on."""
    rest = b""
    # The longer a record, the more is read at once: to look at it again for each block would take quadratic time.
    while chunk := file.read(max(BLOCK_BYTES, len(rest) // 4)):
        data = rest + chunk
        end = _last_record(data, delimiter)
        if end:
            yield data[:end], line
            line += lines_in(data, 0, end)
        rest = data[end:]
        if len(rest) > LONGEST_RECORD:
            refuse_open_quote(rest, path, line, delimiter)
            raise too_long(path, line)
    if rest:
        refuse_open_quote(rest, path, line, delimiter)
        yield rest, line


def _last_record(data: bytes, delimiter: str) -> int:
    """Where the last record of `data` that is complete ends (`data` begins with a record); 0 if none is."""
    limit = len(data) - data.endswith(b"\r")  # the LF of a CRLF may be the next byte
    if _QUOTE not in data:
        return max(data.rfind(b"\n", 0, limit), data.rfind(b"\r", 0, limit)) + 1
    ends = _record_ends(data, _line_ends(data), delimiter)
    complete = int(np.searchsorted(ends, limit))
    return int(ends[complete - 1]) + 1 if complete else 0


def first_record(data: bytes, begin: int, delimiter: str) -> int:
    """Where the record that begins at `begin` ends; -1 if `data` does not tell."""
    body = rb'(?:%b|[^\r\n"]++|")*+' % _quoted_field(delimiter)
    found = re.compile(body + rb"(?:\r\n|\n|\r(?=[^\n]))").match(data[begin:])
    return begin + found.end() if found else -1


def record_lines(data: bytes, first_line: int, delimiter: str) -> tuple[IndexArray, IndexArray]:
    """Offset and physical line of each record of `data`, which begins with one; blank lines are none."""
    raw = np.frombuffer(data, np.uint8)
    lines = _line_ends(data)
    starts = np.concatenate(([0], _record_ends(data, lines, delimiter) + 1))
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
    edges = _quoted(data, delimiter)
    if edges.size % 2:
        line += lines_in(data, 0, int(edges[-1]))
        raise ContentError(
            "unclosed_quote", "a quote that opens here is never closed", where=Where(path, line=line)
        )


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


def _record_ends(data: bytes, lines: IndexArray, delimiter: str) -> IndexArray:
    """Those of the line ends that are not quoted."""
    ends: IndexArray = lines[np.searchsorted(_quoted(data, delimiter), lines) % 2 == 0]
    return ends


def _quotes(data: bytes) -> IndexArray:
    return np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE)


def _quoted(data: bytes, delimiter: str) -> IndexArray:
    """Offsets at which quoting begins and ends, in turn; `data` begins with a record."""
    quotes = _quotes(data)
    if _at_edges(data, quotes, delimiter):
        return quotes  # they simply alternate
    fields = re.compile(_quoted_field(delimiter)).finditer(data)
    spans = [(found.start(), found.end() - 1 if found[1] else None) for found in fields]
    return np.array([at for span in spans for at in span if at is not None], np.intp)


def _quoted_field(delimiter: str) -> bytes:
    """The pattern of a quoted field; group 1 is its last quote, empty where the data ends first."""
    return rb'(?<![^%b\r\n])"(?:[^"]++|"")*+("?)' % re.escape(delimiter.encode())


def _at_edges(data: bytes, quotes: IndexArray, delimiter: str) -> bool:
    raw = np.frombuffer(data, np.uint8)
    edge = np.zeros(256, np.bool_)
    edge[[ord(delimiter), _LF, _CR, _QUOTE]] = True
    before, after = quotes[::2] - 1, quotes[1::2] + 1
    before, after = before[before >= 0], after[after < raw.size]
    return bool(edge[raw[before]].all() and edge[raw[after]].all())
