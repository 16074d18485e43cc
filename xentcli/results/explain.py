"""What `xent explain` says: one number in full, or all of them by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import asdict

from xentcli.errors import RequestError
from xentcli.results.metrics import TABLES, Metric
from xentcli.wording import similar


class Explained(Struct, frozen=True):
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
    see: tuple[str, ...]


class ExplainResult(Struct, frozen=True):
    """The result of `xent explain`; `asked` is None where all numbers are listed."""

    format: ClassVar[str] = "xent.explain"
    flat_columns: ClassVar[tuple[str, ...]] = (
        "table", "name", "title", "unit", "meaning", "formula", "text", "range", "caveats", "source", "see",
    )  # fmt: skip

    asked: str | None
    numbers: tuple[Explained, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `xent explain --format json`."""
        numbers = [asdict(each) | {"see": list(each.see)} for each in self.numbers]
        return {"format": self.format, "format_version": 1, "asked": self.asked, "numbers": numbers}

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
    everything = list(_everything())
    if name is None:
        return ExplainResult(None, tuple(everything))
    from xentcli.results.explanations import SYNONYMS

    key = _folded(name)
    key = (
        key
        if any(key in (each.name, f"{each.table}.{each.name}") for each in everything)
        else SYNONYMS.get(key, key)
    )
    found = tuple(each for each in everything if key in (each.name, f"{each.table}.{each.name}"))
    if not found:
        known = [each.name for each in everything] + list(SYNONYMS)
        close = similar(key, known, 3)
        meant = f"did you mean {' or '.join(close)}? " if close else ""
        raise RequestError(
            "no_such_number", f'no number is called "{name}"', hint=f"{meant}xent explain lists all"
        )
    return ExplainResult(name, found)


def _everything() -> Iterator[Explained]:
    for table, metrics in TABLES.items():
        for metric in metrics.values():
            yield _explained(table, metric)


def _explained(table: str, metric: Metric) -> Explained:
    from xentcli.results.explanations import EXPLANATIONS

    words = EXPLANATIONS[f"{table}.{metric.name}"]
    return Explained(
        metric.name, table, metric.title, metric.unit, metric.meaning, metric.formula,
        words.text, words.range, words.caveats, words.source, words.see,
    )  # fmt: skip


def _folded(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")
