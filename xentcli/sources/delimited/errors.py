"""What is wrong in records of delimited text, in words: their length, and what is no number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xentcli.core.text import Dialect, ParsedText
from xentcli.errors import ContentError, Where
from xentcli.sources.delimited.quotes import count_more, refuse_stray_quotes, split_fields
from xentcli.sources.source import Field
from xentcli.sources.text import refuse_non_utf8
from xentcli.wording import brief, plural, takes_as_missing, typed

NUMBER = re.compile(  # possessive, so that it takes no more than one look at a text of any length
    r"[ \t]*+[+-]?(?:(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+|nan|infinity|inf)[ \t]*+", re.I | re.ASCII
)
_THOUSANDS = re.compile(r"\s*+[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*+)?\s*+", re.ASCII)
_COMMA_NUMBER = re.compile(r"\s*+[+-]?\d++,\d++(?:[eE][+-]?\d++)?+\s*+", re.ASCII)


def refuse_faults(
    data: bytes | memoryview,
    parsed: ParsedText,
    where: Where,
    fields: Sequence[Field],
    numbers: Sequence[str],
    dialect: Dialect,
    first: int,
) -> None:
    """Refuse records, which begin at `where`, for the first fault of the first kind that there is.

    `numbers` are the columns of them, as they were parsed; `first` is the line of the first record of the file.
    """
    fault, file = parsed.faults, where.file
    header = [field.name for field in fields]
    if fault.not_utf8:
        refuse_non_utf8(bytes(data), file, where.line or 1)
    refuse_stray_quotes(data, parsed, file, dialect.delimiter, header)
    if fault.wrong_line:
        lines = re.split(r"\r\n|\n|\r", bytes(data).decode("utf-8", "replace"))
        text = lines[fault.wrong_line - (where.line or 1)]
        raise _wrong_length(fault.wrong_fields, fields, text, dialect, Where(file, line=fault.wrong_line), first)
    if fault.bad_rows:
        [text] = split_fields(bytes(data[fault.bad_begin : fault.bad_end]).decode(), dialect)
        more = count_more(fault.bad_rows - 1, fault.bad_last)
        is_first = fault.bad_rows == 1 and fault.bad_line == first
        raise ContentError(
            "not_a_number",
            f'"{brief(text)}" is not a number{more}',
            hint=_number_hint(text, dialect.decimal) or (_units_hint(data, dialect, first) if is_first else None),
            where=Where(file, line=fault.bad_line),
            column=numbers[fault.bad_place],
        )


def _wrong_length(
    found: int, fields: Sequence[Field], text: str, dialect: Dialect, where: Where, first: int
) -> ContentError:
    hint = "a field that holds the delimiter must be quoted"
    named = not fields[0].unnamed
    if found == len(fields) + 1 and named and text.rstrip().endswith(dialect.delimiter):
        cut = f"sed 's/{dialect.delimiter}$//' FILE | xent score -"
        hint = f"the line ends with a delimiter, unlike the header: {cut}"
    elif found == len(fields) + 1 and named:
        hint += (
            "; if every line has one more field, the header lacks a name for the first column: "
            f"{typed('--skip-lines', str(first - 1))} --no-header reads the columns by their numbers"
        )
    message = f"{plural(found, 'field', '')} where the {'header' if named else 'first line'} has {len(fields)}"
    return ContentError("fields", message, hint=hint, where=where)


def _units_hint(data: bytes | memoryview, dialect: Dialect, line: int) -> str | None:
    """What to do about a first row in which nothing begins as a number does; others are rows to keep."""
    text = bytes(data).splitlines()[0].decode("utf-8", "replace")
    if any(cell.strip().lstrip("+-.")[:1].isdigit() for cell in split_fields(text, dialect)):
        return None
    return f"does line {line} hold units or types? sed {line}d FILE | xent score - leaves it out"


def _number_hint(text: str, decimal: str) -> str | None:
    if decimal == "." and _THOUSANDS.fullmatch(text):
        return (
            f"a thousands separator? write {text.replace(',', '').strip()}; a decimal comma? --decimal , reads it"
        )
    if decimal == "." and _COMMA_NUMBER.fullmatch(text):
        return "a decimal comma? --decimal , reads it"
    if decimal != "." and NUMBER.fullmatch(text):
        return f'the decimal mark is "{decimal}": numbers have no decimal point'
    if text.strip().endswith("%"):
        return "percentages: divide by 100"
    if text.strip().startswith("["):
        return "a JSON array? name its column as a list of scores"
    if text.strip().casefold() in ("true", "false"):
        return "write 1 for true and 0 for false; pandas: get_dummies(..., dtype=int)"
    return takes_as_missing(text)
