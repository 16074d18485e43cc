"""What is wrong in records: stray quotes, and what Arrow refused, looked for a second time to name the line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct

from xentcli.errors import ContentError, Where
from xentcli.sources.records import Dialect, fields_of, lines_in, record_lines, stray_quotes
from xentcli.wording import brief, plural

NUMBER = re.compile(  # possessive, so that it takes no more than one look at a text of any length
    r"[ \t]*+[+-]?(?:(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+|nan|infinity|inf)[ \t]*+", re.I | re.ASCII
)
_COMMA_NUMBER = re.compile(r"\s*+[+-]?\d++,\d++(?:[eE][+-]?\d++)?+\s*+", re.ASCII)


class Shape(Struct, frozen=True):
    """What the records of a file should be like."""

    file: str
    header: tuple[str, ...]
    numbers: tuple[str, ...]  # the columns that hold some
    dialect: Dialect

    def fault(self, records: Iterable[tuple[int, list[str]]], reason: Exception) -> ContentError:
        """The first fault of these (physical line, fields), a wrong length first; `reason` is what Arrow said."""
        said = str(reason).splitlines()[0]
        return self.find(records) or ContentError("parse", f"cannot be parsed: {said}", where=Where(self.file))

    def find(self, records: Iterable[tuple[int, list[str]]]) -> ContentError | None:
        """The first fault, if there is one."""
        wrong: list[tuple[int, str, str]] = []
        at = {name: self.header.index(name) for name in self.numbers}
        for line, fields in records:
            if len(fields) != len(self.header):
                return self._ragged(line, len(fields))
            wrong += [(line, name, fields[i]) for name, i in at.items() if not self._is_number(fields[i])][:1]
        return self._no_number(wrong) if wrong else None

    def _ragged(self, line: int, found: int) -> ContentError:
        expected = len(self.header)
        hint = "a field that holds the delimiter must be quoted"
        if found == expected + 1:
            hint += "; if every line has one more field, the header lacks a name for the first column"
        message = f"{plural(found, 'field', '')} where the header has {expected}"
        return ContentError("fields", message, hint=hint, where=Where(self.file, line=line))

    def _no_number(self, wrong: list[tuple[int, str, str]]) -> ContentError:
        line, name, text = wrong[0]
        said = _and_on(len(wrong) - 1, wrong[-1][0])
        return ContentError(
            "not_a_number",
            f'"{brief(text)}" is not a number{said}',
            hint=_number_hint(text, self.dialect),
            where=Where(self.file, line=line),
            column=name,
        )

    def _is_number(self, text: str) -> bool:
        mark = self.dialect.decimal
        if mark != ".":
            if "." in text:
                return False
            text = text.replace(mark, ".")
        return not text or NUMBER.fullmatch(text) is not None


def refuse_stray_quotes(data: bytes, path: str, line: int, delimiter: str, names: Sequence[str] = ()) -> None:
    """Refuse `data`, whole records, if text follows the closing quote of a field; `names` are the columns.

    Readers differ on what such a field holds: Python's csv module and Arrow leave the quotes out, and glue.
    """
    opens, closes = stray_quotes(data, delimiter)
    if not opens.size:
        return
    starts, _ = record_lines(data, line, delimiter)
    rows = np.searchsorted(starts, opens, "right") - 1
    begin, close = int(opens[0]), int(closes[0]) + 1
    column = len(fields_of(data[starts[rows[0]] : begin].decode("utf-8"), delimiter)) - 1
    quoted = data[begin:close].decode("utf-8")
    end = rb"[%b\r\n]" % re.escape(delimiter.encode())
    text = re.split(end, data[close:], maxsplit=1)[0].decode("utf-8")
    more = _and_on(len(np.unique(rows)) - 1, line + lines_in(data, 0, int(opens[-1])))
    raise ContentError(
        "stray_quote",
        f"{_shown(quoted, text)} has {'text' if text.strip() else 'spaces'} after its closing quote{more}",
        hint=_quote_hint(quoted, text),
        where=Where(path, line=line + lines_in(data, 0, begin)),
        column=names[column] if column < len(names) else None,
    )


def _shown(quoted: str, text: str) -> str:
    """A field, cut where it is long, but not around the closing quote."""
    before = quoted if len(quoted) <= 40 else f"...{quoted[-37:]}"
    return before + brief(text, 20).rstrip()


def _quote_hint(quoted: str, text: str) -> str:
    if not text.strip():
        return "the delimiter must follow the closing quote at once"
    if text[0] in ",;|\t:":
        return f"if \"{text[0]}\" is the delimiter, --delimiter '{text[0]}' says so"
    if len(quoted.splitlines()) > 1:
        return "is the quote on this line meant to open a field? a quote inside a quoted field is doubled"
    return 'a quote inside a quoted field is doubled: "5"" pipe"'


def _and_on(more: int, last: int) -> str:
    """How many more lines have the fault."""
    return f" (and on {plural(more, 'more line', '')} up to line {last})" if more else ""


def _number_hint(text: str, dialect: Dialect) -> str | None:
    if _COMMA_NUMBER.fullmatch(text):
        return "a decimal comma? --decimal , reads it"
    if dialect.decimal != "." and NUMBER.fullmatch(text):
        return f"--decimal {dialect.decimal} says that numbers have no decimal point"
    if text.strip().endswith("%"):
        return "percentages: divide by 100"
    if text.strip().startswith("["):
        return "a JSON array? name its column as a list of scores"
    if text.strip().lower() in ("na", "n/a", "null", "none", "-", "?"):
        return "a missing score is written as an empty field, and cannot be scored"
    return None
