"""What `xent explain` says: one number in full, or all of them by name."""

from __future__ import annotations

import os
import tomllib
from typing import Any

from msgspec import convert
from msgspec.structs import asdict

from xentcli.errors import RequestError
from xentcli.results.metrics import TABLES
from xentcli.results.parts import ResultPart
from xentcli.results.result import Result
from xentcli.wording import did_you_mean_one_of


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

    def to_rows(self) -> list[tuple[str, ...]]:
        """One number a tuple."""
        return [
            tuple(" ".join(each.see) if name == "see" else getattr(each, name) for name in self.flat_columns)
            for each in self.numbers
        ]


def explain(name: str | None = None) -> ExplainResult:
    """Explain the number of this name, in any spelling, or every number.

    `breakdown.rows` is that of one table; a name that several tables have is explained for each. Raises
    `RequestError` for a name that is none.
    """
    texts = read_texts()
    every = [
        convert({"table": table, **asdict(metric), **texts[table][name]}, ExplainedNumber)
        for table, metrics in TABLES.items()
        for name, metric in metrics.items()
    ]
    synonyms = texts["synonyms"]
    if name is None:
        return ExplainResult(None, tuple(every))
    key = name.strip().casefold().replace("-", "_").replace(" ", "_")
    found = _called(key, every) or _called(synonyms.get(key, key), every)
    if not found:
        meant = did_you_mean_one_of(key, [*(each.name for each in every), *synonyms], 3)
        raise RequestError(
            "no_such_number", f'no number is called "{name}"', hint=f"{meant}xent explain lists all"
        )
    return ExplainResult(name, found)


def _called(key: str, every: list[ExplainedNumber]) -> tuple[ExplainedNumber, ...]:
    return tuple(each for each in every if key in (each.name, f"{each.table}.{each.name}"))


def read_texts() -> dict[str, dict[str, Any]]:
    """What there is to say of each number of each table, and under `synonyms` other names of numbers."""
    with open(os.path.join(os.path.dirname(__file__), "explanations.toml"), "rb") as file:
        return tomllib.load(file)
