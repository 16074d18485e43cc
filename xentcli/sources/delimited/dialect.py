"""Which dialect a text is in, as its first record and the rows below it tell: never by what would be likely alone.

Only what can be told surely is: rows whose fields are as many as the names, and hold numbers with decimals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from xentcli.core.text import Dialect
from xentcli.sources.delimited.errors import NUMBER
from xentcli.sources.delimited.quotes import has_quotes_at_edges, split_fields
from xentcli.sources.delimited.start import Start, dialect_of
from xentcli.sources.source import TextOptions

_DECIMAL = re.compile(r"[+-]?(?:\d*+[.,]\d++(?:[eE][+-]?\d++)?+|\d++\.?[eE][+-]?\d++)", re.ASCII)
_QUOTED_COMMA = re.compile(r'"[+-]?\d++,\d++(?:[eE][+-]?\d++)?+"', re.ASCII)


def choose_dialect(start: Start, text: TextOptions) -> tuple[Dialect, int]:
    """The dialect of a text, and where its first record ends."""
    ends = dict(zip(start.delimiters, start.ends, strict=True))
    records = [(start.data[start.begin : end], delimiter) for delimiter, end in ends.items()]
    record, delimiter = max(records, key=_likelihood)
    dialect = dialect_of(delimiter, text)
    names = split_fields(record.decode("utf-8", "replace"), dialect)
    if text.delimiter is None and len(names) == 1:
        return _of_one_field(start, text, dialect, start.begin + len(record))
    if len(names) > 1 and delimiter != " " and all(name[:1] == " " and name.strip() for name in names[1:]):
        dialect = replace(dialect, trims=True)
    return dialect, start.begin + len(record)


def _likelihood(record: tuple[bytes, str]) -> tuple[bool, int]:
    """Most likely is a delimiter that stands around the quotes, if there are any, and leaves many fields."""
    data, delimiter = record
    fields = split_fields(data.decode("utf-8", "replace"), Dialect(delimiter))
    return has_quotes_at_edges(data, delimiter), len(fields)


def _of_one_field(start: Start, text: TextOptions, dialect: Dialect, end: int) -> tuple[Dialect, int]:
    """Where no delimiter cuts the first record: blanks may, or commas beside quoted decimal commas."""
    lines = start.lines(text.comment)
    blanks, commas = dialect_of(" ", text), dialect_of(",", text)
    if lines and _are_in_blanks([split_fields(line, blanks) for line in lines], text.header):
        return blanks, end
    quoted = text.decimal == "," and any(map(_QUOTED_COMMA.search, lines[1:]))
    if quoted and len({len(split_fields(line, commas)) for line in lines}) == 1:
        return commas, end
    return dialect, end


def _are_in_blanks(rows: Sequence[Sequence[str]], header: bool) -> bool:
    """Whether rows of fields, the first perhaps names, are a table: of one width, with a column of decimals."""
    names, body = (rows[0], rows[1:]) if header else ((), rows)
    widths = {len(row) for row in body}
    if len(widths) != 1 or (header and (len(names) < 2 or all(map(_DECIMAL.fullmatch, names)))):
        return False
    [width] = widths
    if width < 2 or (header and width != len(names) and not has_row_names(names, body)):
        return False
    return any(
        all(map(_is_number, column)) and any(map(_DECIMAL.fullmatch, column)) for column in zip(*body, strict=True)
    )


def _is_number(field: str) -> bool:
    return NUMBER.fullmatch(field) is not None or _DECIMAL.fullmatch(field) is not None


def has_row_names(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a header lacks the name of the first column, as R writes it: row names, which are all different."""
    first = [row[0] for row in rows]
    return bool(rows) and {len(row) for row in rows} == {len(names) + 1} and len(set(first)) == len(first)


def lines_above_table(start: Start, dialect: Dialect, names: int) -> int:
    """How many lines stand above a table of another width than that of the first line, `names`; 0 if none."""
    lines = re.split(r"\r\n|\n|\r", start.data[start.begin : start.begin + 4096].decode("utf-8", "replace"))[:-1]
    if len(lines) < 3 or len(split_fields(lines[-1], dialect)) == names > 1:
        return 0
    for delimiter in start.delimiters:
        widths = [len(split_fields(line, replace(dialect, delimiter=delimiter))) for line in lines]
        above = next((i for i, width in enumerate(widths) if set(widths[i:]) == {widths[-1]}), 0)
        if widths[-1] > 2 and 0 < above < len(lines) - 1:
            return above
    return 0


def names_in_comment(start: Start, text: TextOptions) -> tuple[list[str], Dialect, int] | None:
    """The names in the last comment before the rows, as np.savetxt writes them: `# label p_0 p_1`; None otherwise.

    With them the dialect, and where the rows begin. They are as many as the numbers of each row.
    """
    marks = text.comment or "#%"
    found = [*start.comments(marks)]
    if not found or not text.header:
        return None
    end, comment = found[-1]
    if comment[1:2] not in (" ", "\t"):
        return None
    mark = comment[0]
    lines = start.lines(mark, end)
    delimiters = (text.delimiter,) if text.delimiter else (*(d for d in start.delimiters), " ")
    for delimiter in delimiters:
        dialect = replace(dialect_of(delimiter, text), comment=mark, trims=delimiter != " ")
        names = [name.strip() for name in split_fields(comment[1:].strip(), dialect)]
        rows = [split_fields(line, dialect) for line in lines]
        if len(names) > 1 and {len(row) for row in rows} == {len(names)} and _are_below(names, rows):
            return names, dialect, end
    return None


def _are_below(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether all rows are numbers where the first one is, and some of them decimals; names are none."""
    columns = [column for column in zip(*rows, strict=True) if _is_number(column[0])]
    numbers = bool(columns) and all(all(map(_is_number, column)) for column in columns)
    return numbers and not any(map(_is_number, names)) and any(any(map(_DECIMAL.fullmatch, c)) for c in columns)
