"""What is wrong in records of delimited text, in words: their length, and what is no number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xentcli.core.text import Dialect, ParsedText
from xentcli.errors import ContentError, Where
from xentcli.sources.delimited.quotes import count_more, refuse_stray_quotes, split_fields
from xentcli.sources.text import refuse_non_utf8
from xentcli.wording import brief, plural, takes_as_missing

NUMBER = re.compile(  # possessive, so that it takes no more than one look at a text of any length
    r"[ \t]*+[+-]?(?:(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+|nan|infinity|inf)[ \t]*+", re.I | re.ASCII
)
_COMMA_NUMBER = re.compile(r"\s*+[+-]?\d++,\d++(?:[eE][+-]?\d++)?+\s*+", re.ASCII)


def refuse_faults(
    data: bytes | memoryview,
    parsed: ParsedText,
    where: Where,
    header: Sequence[str],
    numbers: Sequence[str],
    dialect: Dialect,
) -> None:
    """Refuse records, which begin at `where`, for the first fault of the first kind that there is.

    `numbers` are the columns of them, as they were parsed.
    """
    fault, file = parsed.faults, where.file
    if fault.not_utf8:
        refuse_non_utf8(bytes(data), file, where.line or 1)
    refuse_stray_quotes(data, parsed, file, dialect.delimiter, header)
    if fault.wrong_line:
        raise _wrong_length(fault.wrong_fields, len(header), Where(file, line=fault.wrong_line))
    if fault.bad_rows:
        [text] = split_fields(bytes(data[fault.bad_begin : fault.bad_end]).decode(), dialect)
        more = count_more(fault.bad_rows - 1, fault.bad_last)
        raise ContentError(
            "not_a_number",
            f'"{brief(text)}" is not a number{more}',
            hint=_number_hint(text, dialect.decimal),
            where=Where(file, line=fault.bad_line),
            column=numbers[fault.bad_place],
        )


def _wrong_length(found: int, expected: int, where: Where) -> ContentError:
    hint = "a field that holds the delimiter must be quoted"
    if found == expected + 1:
        hint += "; if every line has one more field, the header lacks a name for the first column"
    message = f"{plural(found, 'field', '')} where the header has {expected}"
    return ContentError("fields", message, hint=hint, where=where)


def _number_hint(text: str, decimal: str) -> str | None:
    if _COMMA_NUMBER.fullmatch(text):
        return "a decimal comma? --decimal , reads it"
    if decimal != "." and NUMBER.fullmatch(text):
        return f'the decimal mark is "{decimal}": numbers have no decimal point'
    if text.strip().endswith("%"):
        return "percentages: divide by 100"
    if text.strip().startswith("["):
        return "a JSON array? name its column as a list of scores"
    return takes_as_missing(text)
