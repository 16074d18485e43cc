"""Delimited text as RFC 4180 has it; LF, CRLF and CR end a line, blank lines are skipped."""

from __future__ import annotations

import re

from tests.reference.faults import EITHER, REQUEST, Fault, Unsure
from tests.reference.layout import Table

MARK = b"\xef\xbb\xbf"
LINE_END = re.compile(r"\r\n|\r|\n")
QUOTED = re.compile(r'"((?:[^"]++|"")*+)"')
DELIMITERS = (",", ";", "\t", "|")


class Text:
    """The records of a text: each the line on which it begins, and its fields."""

    def __init__(self, data: bytes, delimiter: str) -> None:
        self.records: list[tuple[int, list[str]]] = []
        self.fault: Fault | None = None
        self.loose = False
        self._delimiter = delimiter
        self._plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
        self._at, self._line = 0, 1
        self._text = self._decoded(data)
        self.loose |= "\0" in self._text  # an error, or right: never cut
        while self.fault is None and self._at < len(self._text):
            self._record()

    def _decoded(self, data: bytes) -> str:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            self.fault = Fault("utf16")
            return ""
        data = data.removeprefix(MARK)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            line = 1 + len(re.findall(rb"\r\n|\r|\n", before))
            self.fault = Fault("encoding", None if before.endswith(b"\r") else line, exits=EITHER)
            return ""

    def _record(self) -> None:
        if self._line_end():
            return
        line, fields = self._line, [self._field()]
        while self.fault is None and self._text.startswith(self._delimiter, self._at):
            self._at += len(self._delimiter)
            fields.append(self._field())
        if self.fault is None:
            self._line_end()
            self.records.append((line, fields))

    def _line_end(self) -> bool:
        found = LINE_END.match(self._text, self._at)
        if found is not None:
            self._at, self._line = found.end(), self._line + 1
        return found is not None

    def _field(self) -> str:
        if not self._text.startswith('"', self._at):
            found = self._plain.match(self._text, self._at)
            assert found is not None
            self._at = found.end()
            return found[0]
        found = QUOTED.match(self._text, self._at)
        if found is None:
            self.fault, self.loose = Fault("open_quote", self._line), True
            return ""
        opened, self._at = self._line, found.end()
        self._line += len(LINE_END.findall(found[1]))
        after = self._text[self._at : self._at + 1]
        if after not in ("", "\r", "\n", self._delimiter):
            self.fault = Fault("stray_quote", opened, exits=EITHER if not self.records else frozenset({3}))
        return found[1].replace('""', '"')


def read(data: bytes, delimiter: str | None, decimal: str = ".") -> Table:
    """The table of a delimited text."""
    if not data.removeprefix(MARK).strip(b"\r\n"):
        return Table(faults=[Fault("no_rows")])
    text = Text(data, delimiter or likely_delimiter(data, decimal))
    if re.match(rb"(\xef\xbb\xbf)?\s*[\{\[]", data):
        raise Unsure("begins as JSON does")
    faults = [] if text.fault is None else [text.fault]
    if not text.records:
        return Table(faults=faults or [Fault("no_rows")], loose=text.loose)
    _, header = text.records[0]
    table = Table(header, faults=faults, loose=text.loose or any(c in "".join(header) for c in '"\0'))
    if len(set(header)) < len(header):
        table.faults.append(Fault("duplicate_column", exits=REQUEST))
        return table
    for line, fields in text.records[1:]:
        if len(fields) == len(header):
            table.records.append((line, dict(zip(header, fields, strict=True))))
        else:
            table.faults.append(Fault("fields", line))
    if not table.records and not table.faults:
        table.faults.append(Fault("no_rows"))
    return table


def likely_delimiter(data: bytes, decimal: str) -> str:
    """The one delimiter, other than the decimal mark, that cuts the header into fields."""
    widths = {}
    candidates = [delimiter for delimiter in DELIMITERS if delimiter != decimal]
    for delimiter in candidates:
        text = Text(data, delimiter)
        if text.fault is not None and not text.records and text.fault.code not in ("utf16", "encoding"):
            raise Unsure("quotes in the header")
        widths[delimiter] = len(text.records[0][1]) if text.records else 2 * (delimiter == candidates[0])
    found = [delimiter for delimiter, width in widths.items() if width > 1]
    if len(found) != 1:
        raise Unsure("more than one delimiter, or none")
    return found[0]
