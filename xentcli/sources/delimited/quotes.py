"""Quotes in delimited text, outside of the kernel: the fields of one record, and quotes that are wrong.

Quotes open a field only at its very beginning; inside, a doubled quote is a quote. Text between a closing quote
and the next delimiter is stray: the quoting is not what it seems.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from xentcli.core.text import Dialect, ParsedText
from xentcli.errors import ContentError, Where
from xentcli.sources.text import count_lines
from xentcli.wording import brief, plural, typed


def split_fields(record: str, dialect: Dialect) -> list[str]:
    """The fields of one record, as Python's csv module reads them, however long they are."""
    mark, record = re.escape(dialect.delimiter), record.rstrip("\r\n")
    quoted_text = r'(?:"((?:[^"]++|"")*+)"?)?+'
    if dialect.delimiter == " ":
        found = re.findall(rf"(?:^|[ \t]++){quoted_text}([^ \t]*+)", record.strip(" \t"))
        return [quoted.replace('""', '"') + plain for quoted, plain in found]
    blanks = " " if dialect.delimiter == "\t" else " \t"
    skipped = f"[{blanks}]*+" if dialect.trims else ""
    found = re.findall(rf"{mark}{skipped}{quoted_text}([^{mark}]*+)", dialect.delimiter + record)
    if dialect.trims:
        found = [(quoted, plain.rstrip(blanks)) for quoted, plain in found]
    return [quoted.replace('""', '"') + plain for quoted, plain in found]


def quoted_field(delimiter: str) -> bytes:
    """The pattern of a quoted field; where it has no last quote, all of the data that is left."""
    marks = b" \t" if delimiter == " " else re.escape(delimiter.encode())
    return rb'(?<![^%b\r\n])"(?:[^"]++|"")*+"?+' % marks


def has_quotes_at_edges(record: bytes, delimiter: str) -> bool:
    """Whether every quote of a record is at an edge of a field or doubled in one."""
    mark = re.escape(delimiter.encode())
    field = rb'(?:"(?:[^"]++|"")*+"|[^"%b]*+)' % mark
    return re.fullmatch(rb"%b(?:%b%b)*+" % (field, mark, field), record.rstrip(b"\r\n")) is not None


def unclosed_quote(data: bytes, at: int, path: str, line: int) -> ContentError:
    """The error for `data`, which begins on `line` and ends inside the quotes that open at `at`."""
    message = "a quote that opens here is never closed"
    return ContentError("unclosed_quote", message, where=Where(path, line=line + count_lines(data, at)))


def refuse_stray_quotes(
    data: bytes | memoryview, parsed: ParsedText, path: str, delimiter: str, names: Sequence[str] = ()
) -> None:
    """Refuse records if text follows the closing quote of a field; `names` are the columns.

    Readers differ on what such a field holds: Python's csv module and Arrow leave the quotes out, and glue.
    """
    fault = parsed.faults
    if not fault.stray_rows:
        return
    quoted = bytes(data[fault.stray_begin : fault.stray_close]).decode()
    end = rb"[%b\r\n]" % re.escape(delimiter.encode())
    text = re.split(end, data[fault.stray_close :], maxsplit=1)[0].decode("utf-8")
    more = count_more(fault.stray_rows - 1, fault.stray_last)
    shown = quoted if len(quoted) <= 40 else f"...{quoted[-37:]}"  # cut, but not around the closing quote
    shown += brief(text, 20).rstrip()
    column = fault.stray_column
    raise ContentError(
        "stray_quote",
        f"{shown} has {'text' if text.strip() else 'spaces'} after its closing quote{more}",
        hint=_hint(quoted, text),
        where=Where(path, line=fault.stray_line),
        column=names[column] if column < len(names) else None,
    )


def _hint(quoted: str, text: str) -> str:
    if not text.strip():
        hint = "the delimiter must follow the closing quote at once"
        return f"{hint}; if blanks are the delimiter, {typed('--delimiter', ' ')} says so"
    if text[0] in ",;|\t:":
        return f'if "{text[0]}" is the delimiter, {typed("--delimiter", text[0])} says so'
    if len(quoted.splitlines()) > 1:
        return "is the quote on this line meant to open a field? a quote inside a quoted field is doubled"
    return 'a quote inside a quoted field is doubled: "5"" pipe"'


def count_more(lines: int, last: int) -> str:
    """How many more lines have the fault, for its message."""
    return f" (and on {plural(lines, 'more line', '')} up to line {last})" if lines else ""
