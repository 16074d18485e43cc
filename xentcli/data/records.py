"""Cutting delimited text at record boundaries, quoted newlines minded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xentcli.data.origin import Readable
from xentcli.errors import ContentError, Where

BLOCK_BYTES = 1 << 20
LONGEST_RECORD = 64 << 20  # a longer one is an unclosed quote, not a record


@dataclass(frozen=True)
class Dialect:
    """How the fields and records of a text are told apart."""

    delimiter: str
    newline: bytes  # b"\n" (also for CRLF) or, for the oldest files, b"\r"
    decimal: str = "."


def cut(file: Readable, path: str, line: int, dialect: Dialect) -> Iterator[tuple[bytes, int]]:
    """Whole records of about BLOCK_BYTES, each with the physical line it begins on."""
    rest = b""
    while chunk := file.read(BLOCK_BYTES):
        data = rest + chunk
        end = _last_record(data, dialect)
        if end:
            yield data[:end], line
            line += data.count(dialect.newline, 0, end)
        rest = data[end:]
        if len(rest) > LONGEST_RECORD:
            raise unclosed(path, line)
    if rest:
        opened = _open_quote(rest, dialect)
        if opened is not None:
            raise unclosed(path, line + rest.count(dialect.newline, 0, opened))
        yield rest, line


def unclosed(path: str, line: int) -> ContentError:
    """The error for a quote that opens on `line`."""
    return ContentError("unclosed_quote", "a quote that opens here is never closed", where=Where(path, line=line))


def _last_record(data: bytes, dialect: Dialect) -> int:
    """Where the last complete record of `data` ends (`data` begins with a record); 0 if none does."""
    if b'"' not in data:
        return data.rfind(dialect.newline) + 1
    inside = _quoted(data, dialect)
    newlines = np.flatnonzero(np.frombuffer(data, np.uint8) == dialect.newline[0])
    outside = newlines[np.searchsorted(inside, newlines) % 2 == 0]
    return int(outside[-1]) + 1 if outside.size else 0


def first_record(data: bytes, begin: int, newline: bytes) -> int:
    """Where the record that begins at `begin` ends, quotes minded whatever the delimiter; -1 if it does not."""
    end = data.find(newline, begin)
    while end >= 0 and data.count(b'"', begin, end) % 2:
        end = data.find(newline, end + 1)
    return end + 1 if end >= 0 else -1


def _open_quote(data: bytes, dialect: Dialect) -> int | None:
    """Offset of the quote that `data`, which begins with a record, leaves open."""
    inside = _quoted(data, dialect)
    return int(inside[-1]) if inside.size % 2 else None


def _quoted(data: bytes, dialect: Dialect) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Offsets at which quoting begins and ends, in turn; `data` begins with a record.

    A quote opens a field only right after a delimiter or a newline; inside, a doubled quote is a quote.
    Where all quotes are at the edges of fields, they simply alternate; otherwise a regular expression
    walks the text.
    """
    raw = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(raw == ord('"'))
    edges = np.zeros(256, np.bool_)
    edges[[ord(dialect.delimiter), ord("\n"), ord("\r"), ord('"')]] = True
    before = np.where(quotes == 0, True, edges[raw[quotes - 1]])
    after = np.where(quotes == raw.size - 1, True, edges[raw[np.minimum(quotes + 1, raw.size - 1)]])
    if before[::2].all() and after[1::2].all():
        return quotes
    delimiter = re.escape(dialect.delimiter.encode())
    field = re.compile(rb"(?<![^" + delimiter + rb'\r\n])"(?:[^"]|"")*+("?)')
    spans = [(m.start(), m.end() - 1 if m[1] else None) for m in field.finditer(data)]
    return np.array([at for span in spans for at in span if at is not None], np.intp)


def check_text(data: bytes, path: str, line: int) -> None:
    """Refuse what is not UTF-8, naming the first byte that is not."""
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise ContentError(
            "encoding",
            f"byte {column} of the line, 0x{data[error.start]:02x}, is not UTF-8",
            hint="convert the file, for example with: iconv -f LATIN1 -t UTF-8",
            where=Where(path, line=line + data.count(b"\n", 0, error.start)),
        ) from None
