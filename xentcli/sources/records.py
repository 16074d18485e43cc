"""Cutting delimited text into records.

A line ends with LF, CRLF or CR, whichever a file has or mixes. A record ends where a line does, but for the lines
that end inside quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from xentcli.core.batch import IndexArray
from xentcli.sources.byte_source import Readable
from xentcli.sources.quotes import find_quotes, quoted_field, refuse_open_quote
from xentcli.sources.text import LONGEST_RECORD, Records, count_lines, too_long

BLOCK_BYTES = 1 << 20
LARGEST_BLOCK = 12 << 20  # a look at the first block must fit into what is kept of standard input

_LF, _CR = b"\n\r"


class Dialect(Struct, frozen=True):
    """How the fields of a record are told apart, and how their numbers are written."""

    delimiter: str
    decimal: str = "."


def cut_records(file: Readable, path: str, line: int, delimiter: str, columns: int = 1) -> Iterator[Records]:
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
            line += count_lines(data, end)
        rest = data[end:]
        if len(rest) > LONGEST_RECORD:
            refuse_open_quote(rest, path, line, delimiter)
            raise too_long(path, line)
    if rest:
        refuse_open_quote(rest, path, line, delimiter)
        yield Records(rest, line, find_quotes(rest, delimiter)[1].size > 0)


def _last_record(data: bytes, delimiter: str) -> tuple[int, bool]:
    """Where the last record of `data` that is complete ends (`data` begins with a record); 0 if none is.

    And whether a quote before that is stray.
    """
    limit = len(data) - data.endswith(b"\r")  # the LF of a CRLF may be the next byte
    if b'"' not in data:
        return max(data.rfind(b"\n", 0, limit), data.rfind(b"\r", 0, limit)) + 1, False
    quotes, stray = find_quotes(data, delimiter)
    ends = _outside_quotes(_line_ends(data), quotes)
    complete = int(np.searchsorted(ends, limit))
    end = int(ends[complete - 1]) + 1 if complete else 0
    return end, bool((stray < end).any())


def first_record(data: bytes, begin: int, delimiter: str) -> int | None:
    """Where the record that begins at `begin` ends; None if `data` does not tell."""
    body = rb'(?:%b|[^\r\n"]++|")*+' % quoted_field(delimiter)
    found = re.compile(body + rb"(?:\r\n|\n|\r(?=[^\n]))").match(data[begin:])
    return begin + found.end() if found else None


def record_lines(data: bytes, first_line: int, delimiter: str) -> tuple[IndexArray, IndexArray]:
    """Offset and physical line of each record of `data`, which begins with one; blank lines are none."""
    raw = np.frombuffer(data, np.uint8)
    lines = _line_ends(data)
    starts = np.concatenate(([0], _outside_quotes(lines, find_quotes(data, delimiter)[0]) + 1))
    starts = starts[starts < raw.size]
    starts = starts[(raw[starts] != _LF) & (raw[starts] != _CR)]
    return starts, first_line + np.searchsorted(lines, starts)


def _line_ends(data: bytes) -> IndexArray:
    """Offset of the last byte of each line."""
    raw = np.frombuffer(data, np.uint8)
    if _CR not in data:
        return np.flatnonzero(raw == _LF)
    found = np.flatnonzero((raw == _LF) | (raw == _CR))
    after = raw[np.minimum(found + 1, raw.size - 1)]
    ends: IndexArray = found[(raw[found] == _LF) | (after != _LF)]
    return ends


def _outside_quotes(ends: IndexArray, quotes: IndexArray) -> IndexArray:
    """Those of the line ends that are outside quotes."""
    found: IndexArray = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return found
