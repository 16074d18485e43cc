"""What `xent explain` says: one number in full, or all of them by name."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from msgspec import convert
from msgspec.structs import asdict

from xentcli.errors import RequestError
from xentcli.results.metrics import TABLES
from xentcli.results.parts import ResultPart
from xentcli.results.result import Result
from xentcli.wording import did_you_mean_one_of, plural

_BETWEEN = re.compile(r"\W+")  # the words of a label
_PATH = re.compile(r"[\w.]+")  # of keys of JSON


class ExplainedNumber(ResultPart, frozen=True):
    """One number."""

    name: str  # as it is in the JSON of `xent score`
    table: str  # the key of that JSON it stands under
    title: str
    unit: str  # "info" is in nats, bits or bans; "count"; "" for a plain number
    meaning: str
    formula: str
    text: str
    range: str
    caveats: str
    source: str
    see: tuple[str, ...] = ()  # names of others


class ExplainResult(Result, frozen=True):
    """The result of `xent explain`; `asked` is None where all numbers are listed."""

    format = "xent.explain"
    flat_columns = (
        "table", "name", "title", "unit", "meaning", "formula", "text", "range", "caveats", "source", "see",
    )  # fmt: skip

    asked: str | None
    numbers: tuple[ExplainedNumber, ...]

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        numbers = self.numbers
        yield (
            plural(len(numbers), "number")
            if self.asked is None
            else ", ".join(dict.fromkeys(each.title for each in numbers))
        )

    def to_rows(self) -> list[tuple[str, ...]]:
        """One number a tuple."""
        return [
            tuple(" ".join(each.see) if name == "see" else getattr(each, name) for name in self.flat_columns)
            for each in self.numbers
        ]


def explain(name: str | None = None) -> ExplainResult:
    """Explain the number of this name or of this label of a report, in any spelling, or every number.

    `breakdown.rows` is that of one table; a name that several tables have is explained for each. Raises
    `RequestError` for a name that is none, which says what comes nearest where that is known.
    """
    texts, other = read_texts(), read_labels()
    every = [
        convert({"table": table, **asdict(metric), **texts[table][name]}, ExplainedNumber)
        for table, metrics in TABLES.items()
        for name, metric in metrics.items()
    ]
    if name is None:
        return ExplainResult(None, tuple(every))
    for key in _keys(name):
        found = (
            _called(key, every) or _called(other["synonyms"].get(key, ""), every) or _label(key, other["labels"])
        )
        if found:
            return ExplainResult(name, found)
    raise _unknown(name, every, other)


def _keys(name: str) -> Iterator[str]:
    """What a name or label may stand under: as it is, and without its sign, its unit and what is in brackets.

    Of a requirement or `recall[cat]` the name it begins with, of a path such as `difference.p_holm` the last part.
    """
    yield name.strip().casefold()
    plain = re.sub(r"\([^()]*\)", "", name) if re.search(r"\s\(", name) else name
    for each in (name, plain, re.sub(r", (nats|bits|bans)\b", "", plain)):
        yield _key(each)
    begin, *_ = re.split(r"[\[<>=]", name.casefold())
    yield begin.strip()
    if _PATH.fullmatch(begin.strip()):
        yield begin.strip().rpartition(".")[2]


def _key(text: str) -> str:
    return _BETWEEN.sub("_", text.casefold()).strip("_")


def _called(key: str, every: list[ExplainedNumber]) -> tuple[ExplainedNumber, ...]:
    named = tuple(each for each in every if key in (each.name, f"{each.table}.{each.name}"))
    return named or tuple(each for each in every if key == _key(each.title))


def _label(key: str, labels: dict[str, Any]) -> tuple[ExplainedNumber, ...]:
    """What stands in reports and is no number of its own."""
    if key not in labels:
        return ()
    empty = dict.fromkeys(("unit", "meaning", "formula", "range", "caveats", "source"), "")
    title = key.replace("_", " ")
    return (convert({"name": key, "table": "labels", "title": title, **empty, **labels[key]}, ExplainedNumber),)


def _unknown(name: str, every: list[ExplainedNumber], other: dict[str, Any]) -> RequestError:
    key = _key(name)
    if near := other["nearest"].get(key):
        commands = ", ".join(f"xent explain {each}" for each in near)
        return RequestError("no_such_number", f'"{name}" is not computed', hint=f"nearest to it: {commands}")
    known = dict.fromkeys([*(each.name for each in every), *other["synonyms"], *other["nearest"]])
    meant = did_you_mean_one_of(key, known, 3)
    return RequestError("no_such_number", f'nothing is called "{name}"', hint=f"{meant}xent explain lists all")


def read_texts() -> dict[str, dict[str, Any]]:
    """What there is to say of each number of each table."""
    return _read("explanations.toml")


def read_labels() -> dict[str, dict[str, Any]]:
    """Labels of reports that are no numbers, other names of numbers, and what is nearest to others."""
    return _read("labels.toml")


def _read(file: str) -> dict[str, dict[str, Any]]:
    with open(os.path.join(os.path.dirname(__file__), file), "rb") as opened:
        return tomllib.load(opened)
