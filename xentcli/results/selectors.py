"""How a requirement or a flat row names a class or a slice: `malignant`, `site=DE`, `site=DE,sex="f m"`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

PLAIN = re.compile(r'[^\]\[=,"*\s]+')  # whatever else is a JSON string


def selector(by: Iterable[tuple[str, str | None]]) -> str:
    """The text that selects a slice; a missing value, which no text can be, is nothing: `site=`."""
    return ",".join(f"{quoted(column)}={'' if value is None else quoted(value)}" for column, value in by)


def row_selector(id: str | None, line: int | None, row: int | None) -> str:
    """The text that names a row, by the first of these that it has; it has one."""
    places = (("id", id), ("line", line), ("row", row))
    name, place = next((name, place) for name, place in places if place is not None)
    return selector([(name, str(place))])


def quoted(name: str) -> str:
    """A name as it stands in a selector."""
    return name if PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
