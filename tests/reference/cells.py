"""One cell: the number, the numbers, or the label that it holds."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from tests.reference.faults import Fault, Unsure
from tests.reference.json_lines import WHOLE, no_number, whole_number
from tests.reference.layout import Layout, Record

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NO_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)


class Broken(Exception):
    """A cell that cannot be read: its fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Cells:
    """The cells of one row."""

    layout: Layout
    line: int
    record: Record

    def label(self) -> str | None:
        """The text of the label; None if missing."""
        value = self._value(self.layout.label)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int) and abs(value) <= WHOLE:
            return str(value)
        if value is None or isinstance(value, str):
            return value or None
        raise Unsure("a label that is neither text nor an integer")

    def scores(self) -> list[float | None]:
        """The scores; None alone for a list that is missing."""
        layout = self.layout
        if not layout.listed:
            return [self.number(name) for name in layout.scores]
        value = self._list(layout.scores[0])
        if value is None:
            return [None]
        if len(value) != len(layout.classes):
            raise Broken(Fault("list_length", self.line, layout.scores[0]))
        return value

    def number(self, name: str) -> float | None:
        """A number; None if missing."""
        value = self._value(name)
        if self.layout.form == "csv":
            return self._number_in_text(name, value)
        return plain_number(value)

    def text(self, name: str) -> str | None:
        """A key, such as a cluster or a slice; None if missing."""
        value = self.record.get(name)
        if value is not None and not isinstance(value, str):
            raise Unsure("a key that is no text")
        return value or None

    def _value(self, name: str) -> Any:
        if name not in self.record:
            raise Unsure("a key is missing")
        return self.record[name]

    def _number_in_text(self, name: str, text: str) -> float | None:
        bare = text.strip(" \t")
        if text and not bare:
            raise Unsure("blanks for a number")
        if not bare:
            return None
        decimal = self.layout.decimal
        if decimal != ".":
            bare = bare.replace(".", "no point").replace(decimal, ".")
        if NUMBER.fullmatch(bare) or NO_NUMBER.fullmatch(bare):
            return float(bare)
        raise Broken(Fault("not_a_number", self.line, name))

    def _list(self, name: str) -> list[float | None] | None:
        value = self._value(name)
        if self.layout.form == "csv":
            if value == "":
                return None
            try:
                value = json.loads(value, parse_constant=no_number, parse_int=whole_number)
            except ValueError:
                raise Broken(Fault("not_a_list", self.line, name)) from None
        if value is None:
            return None
        if not isinstance(value, list):
            raise Unsure("no list")
        return [plain_number(each) for each in value]


def plain_number(value: Any) -> float | None:
    """A number that is stored as one."""
    if isinstance(value, bool) or not (value is None or isinstance(value, int | float)):
        raise Unsure("something else for a number")
    return None if value is None else float(value)
