"""What Arrow refused in records, looked for once more to name the line: their length, and what is no number."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from xentcli.errors import ContentError, Where
from xentcli.sources.quotes import count_more
from xentcli.wording import brief, plural

NUMBER = re.compile(  # possessive, so that it takes no more than one look at a text of any length
    r"[ \t]*+[+-]?(?:(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+|nan|infinity|inf)[ \t]*+", re.I | re.ASCII
)
_COMMA_NUMBER = re.compile(r"\s*+[+-]?\d++,\d++(?:[eE][+-]?\d++)?+\s*+", re.ASCII)


def find_fault(
    records: Iterable[tuple[int, list[str]]],
    file: str,
    header: Sequence[str],
    numbers: Sequence[str],
    decimal: str,
) -> ContentError | None:
    """The first fault of these (physical line, fields), a wrong length first; `numbers` are columns of them."""
    wrong: list[tuple[int, str, str]] = []
    at = {name: header.index(name) for name in numbers}
    for line, fields in records:
        if len(fields) != len(header):
            return _wrong_length(len(fields), len(header), Where(file, line=line))
        bad = (name for name, i in at.items() if not _is_number(fields[i], decimal))
        wrong += [(line, name, fields[at[name]]) for name in itertools.islice(bad, 1)]
    if not wrong:
        return None
    line, name, text = wrong[0]
    message = f'"{brief(text)}" is not a number{count_more(len(wrong) - 1, wrong[-1][0])}'
    hint = _number_hint(text, decimal)
    return ContentError("not_a_number", message, hint=hint, where=Where(file, line=line), column=name)


def _wrong_length(found: int, expected: int, where: Where) -> ContentError:
    hint = "a field that holds the delimiter must be quoted"
    if found == expected + 1:
        hint += "; if every line has one more field, the header lacks a name for the first column"
    message = f"{plural(found, 'field', '')} where the header has {expected}"
    return ContentError("fields", message, hint=hint, where=where)


def _is_number(text: str, decimal: str) -> bool:
    if decimal != ".":
        if "." in text:
            return False
        text = text.replace(decimal, ".")
    return not text or NUMBER.fullmatch(text) is not None


def _number_hint(text: str, decimal: str) -> str | None:
    if _COMMA_NUMBER.fullmatch(text):
        return "a decimal comma? --decimal , reads it"
    if decimal != "." and NUMBER.fullmatch(text):
        return f"--decimal {decimal} says that numbers have no decimal point"
    if text.strip().endswith("%"):
        return "percentages: divide by 100"
    if text.strip().startswith("["):
        return "a JSON array? name its column as a list of scores"
    if text.strip().lower() in ("na", "n/a", "null", "none", "-", "?"):
        return "a missing score is written as an empty field, and cannot be scored"
    return None
