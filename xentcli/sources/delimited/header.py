"""The beginning of a delimited text: its dialect and the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from xentcli.core.text import SKIPPED, Dialect, Layout, cut, parse
from xentcli.errors import Where
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.delimited.dialect import (
    choose_dialect,
    has_row_names,
    lines_above_table,
    names_in_comment,
)
from xentcli.sources.delimited.errors import NUMBER
from xentcli.sources.delimited.pairs import RECORDS, Pairs, find_pairs
from xentcli.sources.delimited.quotes import refuse_stray_quotes, split_fields, unclosed_quote
from xentcli.sources.delimited.start import Start, dialect_of, read_start
from xentcli.sources.delimited.table_texts import refuse_table_texts
from xentcli.sources.source import Field, TextOptions, refuse_duplicates
from xentcli.sources.text import count_lines, refuse_non_utf8
from xentcli.wording import typed

_SVM_PREDICT = re.compile(r"labels(?: [+-]?\d++)++ *+")  # what libsvm and liblinear write with -b 1
_QUOTED_NAMES = re.compile(r'"[^"]*+"(.)(?:"[^"]*+"\1)*+"[^"]*+"')


class Header(NamedTuple):
    """The columns, and where the first record of data begins."""

    fields: Sequence[Field]
    dialect: Dialect
    start: int  # offset in bytes
    line: int  # physical line, 1-based
    remedy: str | None = None  # what to type if the header turns out to be none
    pairs: Pairs | None = None  # how lines are made records


def read_header(content: ByteSource, text: TextOptions) -> Header:
    """Read the first record; what `text` says wins over what the record suggests."""
    with content.open() as stream:
        start = read_start(stream, content.name, text)
    refuse_table_texts(start, text, content.name)
    pairs = find_pairs(start, text)
    if pairs is not None:
        dialect = replace(RECORDS, decimal=text.decimal, comment=text.comment)
        return Header(pairs.fields, dialect, start.begin, 1 + count_lines(start.before), pairs=pairs)
    commented = names_in_comment(start, text)
    if commented is not None:
        names, dialect, end = commented
        return Header(tuple(map(Field, names)), dialect, end, 1 + count_lines(start.data, end))
    dialect, end = choose_dialect(start, text)
    return _header(start, end, dialect, text, content.name)


def _header(start: Start, end: int, dialect: Dialect, text: TextOptions, file: str) -> Header:
    data, line = start.data[start.begin : end], 1 + count_lines(start.before)
    refuse_non_utf8(data, file, line)
    record, has_header = data.decode("utf-8").rstrip("\r\n"), text.header
    if text.delimiter in (None, " ") and text.decimal != " " and _SVM_PREDICT.fullmatch(record):
        # `labels 1 -1` stands above the predicted label and the probabilities of these classes, a space between.
        names, dialect = ["predicted", *(f"prob_{name}" for name in record.split()[1:])], dialect_of(" ", text)
        has_header = True
    else:
        _refuse_quotes(data, file, line, dialect)
        names = split_fields(record, dialect)
        counted = [*map(str, range(len(names)))]
        names = _with_row_names(names, record, start, end, dialect) if has_header else counted
    looks_like_data = len(set(names)) < len(names) and any(map(NUMBER.fullmatch, names))
    hint = "the first line looks like data: --no-header reads it so" if looks_like_data else None
    refuse_duplicates(names, Where(file, line=line), hint)
    fields = tuple(Field(name, unnamed=not has_header) for name in names)
    if not has_header:
        return Header(fields, dialect, start.begin, line)
    return Header(fields, dialect, end, line + count_lines(data), _remedy(start, dialect, record, len(names)))


def _remedy(start: Start, dialect: Dialect, record: str, names: int) -> str | None:
    """What to type if the first line proves to be no header: a comment, or the first line of a preamble."""
    if record.startswith(("#", "%")):
        return f"is the first line a comment? {typed('--comment', record[0])} skips such lines"
    above = lines_above_table(start, dialect, names)
    if not above:
        return None
    skip = count_lines(start.before) + above
    return (
        f"does the table begin on line {skip + 1}? {typed('--skip-lines', str(skip))} leaves out what is above it"
    )


def _with_row_names(names: list[str], record: str, start: Start, end: int, dialect: Dialect) -> list[str]:
    """The names, with an empty one before them where each row has a name of its own, as R's write.table has it.

    With other delimiters than blanks, R's quotes around all names and around the first of each row say so.
    """
    lines = start.lines(dialect.comment, end)
    quoted = all(line.startswith('"') for line in lines) and _QUOTED_NAMES.fullmatch(record) is not None
    if not (dialect.delimiter == " " or quoted):
        return names
    rows = [split_fields(line, dialect) for line in lines]
    return ["", *names] if has_row_names(names, rows) else names


def _refuse_quotes(data: bytes, file: str, line: int, dialect: Dialect) -> None:
    """Refuse a record with a quote that is never closed, or one that is stray."""
    open_quote = cut(data, dialect).open_quote
    if open_quote is not None:
        raise unclosed_quote(data, open_quote, file, line)
    nothing = Layout(np.array([SKIPPED], np.int32), 0, (), dialect)
    refuse_stray_quotes(data, parse(data + b"\n", line, 1, nothing), file, dialect.delimiter)
