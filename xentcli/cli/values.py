"""What the words after an option mean: converters for Click, which names the option in the error."""

from __future__ import annotations

import math
import os
from typing import Any

import click

from xentcli.errors import MOST_ROWS, MOST_SHARDS, MOST_THREADS
from xentcli.files import is_uri
from xentcli.wording import brief, brief_repr


def name(value: str) -> str:
    """Names of columns and classes: UTF-8 as in the files, whatever the locale took the argument for."""
    try:
        return os.fsencode(value).decode()
    except UnicodeError:
        raise click.BadParameter(f"{brief_repr(value)} is not UTF-8 text, as all names in files are.") from None


def number(value: str | float) -> float:
    """A number as files have it: `1_000` and digits of other scripts, which Python takes, are none."""
    text = str(value)
    try:
        if "_" in text or not text.isascii():
            raise ValueError
        return float(text)
    except ValueError:
        raise click.BadParameter(f"{brief_repr(text)} is not a number.") from None


def count(value: str | int) -> int:
    """A whole number above 0."""
    return _whole(value, 1, MOST_ROWS)


def whole_number(value: str | int) -> int:
    """Any whole number: the request knows which there may be."""
    found = number(value)
    if not found.is_integer():
        raise click.BadParameter(f"{brief_repr(value)} is not a whole number.")
    return int(found)


def threads(value: str | int) -> int:
    """A number of threads, each of which holds a part of the input."""
    return _whole(value, 1, MOST_THREADS)


def index(value: str | int) -> int:
    """A whole number from 0."""
    return _whole(value, 0, MOST_SHARDS - 1)


def _whole(value: str | int, least: int, most: int) -> int:
    found = number(value)
    if not (least <= found <= most and found.is_integer()):
        raise click.BadParameter(f"{brief_repr(value)} is not a whole number from {least} to {most:,}.")
    return int(found)


def class_weights(value: str) -> dict[str, float]:
    """`A=2,B=1` with CSV quoting: the weight of each class."""
    return _by_class(value, "WEIGHT", math.inf)


def prior(value: str) -> tuple[tuple[str, float], ...] | str:
    """`A=0.9,B=0.1` with CSV quoting: the share of each class; otherwise a path or URI."""
    if "=" not in value or is_uri(value) or os.path.exists(value):
        return value
    return tuple(_by_class(value, "SHARE", 1.0).items())


def _by_class(value: str, what: str, most: float) -> dict[str, float]:
    """A number from 0 to `most` for each class."""
    from xentcli.api import parse_list

    numbers: dict[str, float] = {}
    for item in parse_list(name(value)):
        given, _, text = item.rpartition("=")
        try:
            found = number(text)
        except click.BadParameter:
            found = -1.0
        if not given or not 0 <= found <= most or given in numbers:
            raise click.BadParameter(f'"{brief(item)}" is not CLASS={what}, once a class')
        numbers[given] = found
    return numbers


def bins(value: str | tuple[str, tuple[float, ...]]) -> tuple[str, tuple[float, ...]]:
    """`COL=0,18,65`: a column and the edges of its bins, ascending."""
    from xentcli.api import bin_edges

    if isinstance(value, tuple):
        return value
    column, _, edges = name(value).rpartition("=")
    if not column:
        raise click.BadParameter(f"{brief_repr(value)} is not COL=EDGE,EDGE,...")
    return bin_edges({column: [number(edge) for edge in edges.split(",")]})[0]


def delimiter(value: str) -> str:
    r"""A character between fields; a tab also as `tab` or `\t`."""
    named = {"\\t": "\t", "tab": "\t"}.get(value, value)
    if len(named) != 1 or not named.isascii() or named in '"\r\n':
        raise click.BadParameter(f"{brief_repr(value)} is not one ASCII character, or tab.")
    return named


def decimal_mark(value: str) -> str:
    """A character before the decimals."""
    if len(value) != 1 or not value.isascii() or value.isalnum() or value in '"\r\n+-':
        raise click.BadParameter(f"{brief_repr(value)} is not one ASCII character.")
    return value


def comment_mark(value: str) -> str:
    """What lines that are comments begin with."""
    if len(value) != 1 or not value.isascii() or value.isalnum() or value in '"\r\n\t ':
        raise click.BadParameter(f"{brief_repr(value)} is not one ASCII character such as #.")
    return value


def skipped_lines(value: str | int) -> int:
    """A number of lines, from 0."""
    return _whole(value, 0, MOST_ROWS)


def as_text(value: Any) -> str:
    """What one would type for a value that these converters have made."""
    if isinstance(value, dict):
        return as_text(tuple(value.items()))
    if not isinstance(value, tuple):
        return str(value)
    if len(value) == 2 and isinstance(value[0], str):  # of bins
        return f"{value[0]}={','.join(map(repr, value[1]))}"
    import csv
    import io

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(f"{given}={number!r}" for given, number in value)
    return line.getvalue()
