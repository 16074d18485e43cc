"""What a case asks for: which column is what, and the options that change a number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.reference.faults import Fault

Form = Literal["csv", "jsonl", "rows"]
Style = Literal["family", "explicit", "list", "struct", "named"]
Record = Mapping[str, Any]  # text by column from CSV; values of any type from elsewhere


@dataclass(frozen=True)
class Requirement:
    """A requirement NAME OP LIMIT, the limit in the unit of the report; of one class, or of one slice."""

    name: str
    operator: str
    limit: float
    of_class: str | None = None
    of_slice: tuple[str, str] | None = None  # column and value

    def __str__(self) -> str:
        selector = ""
        if self.of_class is not None:
            selector = f"[{json.dumps(self.of_class)}]"
        elif self.of_slice is not None:
            selector = f"[{'='.join(map(json.dumps, self.of_slice))}]"
        return f"{self.name}{selector} {self.operator} {self.limit!r}"


@dataclass(frozen=True)
class Layout:
    """The columns of a table and how they are told: by family, by option, as a list, a struct, or by label."""

    form: Form
    kind: str  # one of rows.KINDS
    style: Style
    classes: tuple[str, ...]  # in the order of `scores`
    label: str
    scores: tuple[str, ...]  # one for a list, a struct, or a single score of the last of two classes
    header: tuple[str, ...]  # every column that was written
    explicit: frozenset[str] = frozenset()  # columns that an option names
    single: bool = False
    classes_given: bool = False  # by --classes
    weight: str | None = None
    cluster: str | None = None
    by: str | None = None
    delimiter: str | None = None  # None: the header tells
    decimal: str = "."

    @property
    def listed(self) -> bool:
        """Whether one column holds all scores of a row."""
        return self.style in ("list", "struct")

    @property
    def needed(self) -> list[str]:
        """The columns without which nothing can be scored."""
        return [name for name in (self.label, *self.scores, self.weight, self.cluster, self.by) if name]


@dataclass(frozen=True)
class Options:
    """The options that change a number, an exit code, or the unit."""

    clip: float | None = None
    normalize: bool = False
    smoothing: float = 0.0
    sum_tolerance: float | None = None
    skip: bool = False
    ignore: tuple[str, ...] = ()
    class_weights: Mapping[str, float] = field(default_factory=dict)
    prior: Mapping[str, float] | None = None
    unit: str = "nats"
    breakdown: bool = True
    requirements: tuple[Requirement, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True)
class Question:
    """A file, or rows where reading is not in question, and what is asked about it."""

    layout: Layout
    options: Options
    data: bytes = b""  # of a text file
    rows: tuple[Record, ...] = ()  # of anything else
    mutated: bool = False


@dataclass
class Table:
    """What a reader makes of a text: records by the line on which they begin, and what is wrong.

    `loose`: the text is odd in a way that may also be refused.
    """

    header: Sequence[str] = ()
    records: list[tuple[int, Record]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    loose: bool = False
