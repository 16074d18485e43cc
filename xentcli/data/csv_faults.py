"""What is wrong in records that Arrow refused: looked for a second time, slowly, to name the line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from xentcli.data.csv_header import NUMBER, Dialect
from xentcli.errors import ContentError, Where


@dataclass(frozen=True)
class Shape:
    """What the records of a file should be like."""

    file: str
    header: tuple[str, ...]
    numbers: tuple[str, ...]  # the columns that hold some
    dialect: Dialect

    def fault(self, records: Iterable[tuple[int, list[str]]], reason: Exception) -> ContentError:
        """The first fault of these (physical line, fields), a wrong length first; `reason` is what Arrow said."""
        wrong: list[tuple[int, str, str]] = []
        at = {name: self.header.index(name) for name in self.numbers}
        for line, fields in records:
            if len(fields) != len(self.header):
                return self._ragged(line, len(fields))
            wrong += [(line, name, fields[i]) for name, i in at.items() if not self._is_number(fields[i])][:1]
        if wrong:
            return self._no_number(wrong)
        said = str(reason).splitlines()[0]
        return ContentError("parse", f"cannot be parsed: {said}", where=Where(self.file))

    def _ragged(self, line: int, found: int) -> ContentError:
        expected = len(self.header)
        hint = "a field that holds the delimiter must be quoted"
        if found == expected + 1:
            hint += "; if every line has one more field, the header lacks a name for the first column"
        message = f"{found} field{'' if found == 1 else 's'} where the header has {expected}"
        return ContentError("fields", message, hint=hint, where=Where(self.file, line=line))

    def _no_number(self, wrong: list[tuple[int, str, str]]) -> ContentError:
        line, name, text = wrong[0]
        more = len(wrong) - 1
        said = f" (and on {more} more line{'' if more == 1 else 's'} up to line {wrong[-1][0]})" if more else ""
        return ContentError(
            "not_a_number",
            f'"{text}" is not a number{said}',
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


def _number_hint(text: str, dialect: Dialect) -> str | None:
    if re.fullmatch(r"\s*[+-]?\d+,\d+([eE][+-]?\d+)?\s*", text, re.ASCII):
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
