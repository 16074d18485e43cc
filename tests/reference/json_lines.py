"""JSON Lines: one object a line; blank lines are skipped."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from tests.reference.faults import Fault, Unsure
from tests.reference.layout import Record, Table

WHOLE = 2**53  # integers beyond have no float64 of their own


def read(data: bytes) -> Table:
    """The table of JSON Lines; its header is every key that a line has."""
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        return Table(faults=[Fault("encoding")])
    if "\0" in text or "\r" in text.replace("\r\n", ""):
        raise Unsure("NUL or CR in JSON")
    if text.lstrip(" \t\r\n").startswith("["):
        raise Unsure("one array, whose items are rows")
    table = Table()
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip(" \t\r"):
            record = parsed(line)
            if record is None:
                table.faults.append(Fault("json", number))
            else:
                table.records.append((number, record))
    if not table.records and not table.faults:
        table.faults.append(Fault("no_rows"))
    table.header = list(dict.fromkeys(name for _, record in table.records for name in record))
    return table


def parsed(line: str) -> Record | None:
    """The object of a line; None if there is none."""
    if not line.lstrip(" \t").startswith("{"):
        return None
    try:
        found: Record = json.loads(
            line, object_pairs_hook=without_twins, parse_constant=no_number, parse_int=whole_number
        )
    except (ValueError, RecursionError):
        return None
    return found


def whole_number(text: str) -> int | float:
    """An integer, or, for -0 and beyond those that a float64 can hold, the nearest float64."""
    exact = len(text) < 20 and abs(int(text)) <= WHOLE and text != "-0"
    return int(text) if exact else float(text)


def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unsure("a key twice")
    return found


def no_number(word: str) -> NoReturn:
    """NaN and Infinity, which JSON lacks, but many write."""
    raise Unsure(f"{word} in JSON")
