"""Cutting delimited text into records.

A line ends with LF, CRLF or CR, whichever a file has or mixes. A record ends where a line does, but for the lines
that end inside quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from xentcli.core.text import Dialect, cut
from xentcli.sources.byte_source import Readable
from xentcli.sources.delimited.quotes import quoted_field, unclosed_quote
from xentcli.sources.text import LONGEST_RECORD, Records, count_lines, too_long

BLOCK_BYTES = 1 << 21
LARGEST_BLOCK = 12 << 20  # a look at the first block must fit into what is kept of standard input


def cut_records(
    file: Readable, path: str, line: int, dialect: Dialect, columns: int = 1
) -> Iterator[Records[memoryview]]:
    """Whole records, in blocks of about BLOCK_BYTES, or as many KiB as there are columns."""
    # A block costs something for each column: many rows must share that, however wide they are.
    size = max(BLOCK_BYTES, min(BLOCK_BYTES * columns >> 10, LARGEST_BLOCK))
    rest = b""
    # The longer a record, the more is read at once: to look at it again for each block would take quadratic time.
    while chunk := file.read(max(size, len(rest) // 4)):
        data = rest + chunk
        end, lines, open_quote = cut(data, dialect)
        if end:
            yield Records(memoryview(data)[:end], line, lines)
            line += lines
        rest = data[end:]
        if len(rest) > LONGEST_RECORD:
            if open_quote is not None:
                raise unclosed_quote(data, open_quote, path, line - lines)
            raise too_long(path, line)
    if rest:
        open_quote = cut(rest, dialect).open_quote
        if open_quote is not None:
            raise unclosed_quote(rest, open_quote, path, line)
        yield Records(memoryview(rest), line, count_lines(rest))


def first_record(data: bytes, begin: int, delimiter: str) -> int | None:
    """Where the record that begins at `begin` ends; None if `data` does not tell."""
    body = rb'(?:%b|[^\r\n"]++|")*+' % quoted_field(delimiter)
    found = re.compile(body + rb"(?:\r\n|\n|\r(?=[^\n]))").match(data[begin:])
    return begin + found.end() if found else None
