"""What every engine takes and gives: inputs with their columns settled, and what all their rows add up to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from xentcli.columns.columns import Columns
from xentcli.core.batch import Policy
from xentcli.engine.scoring import PartScore, Plan
from xentcli.sources.source import Chunk, Source

# Told now and then how many rows are done, and which share (0 to 1) of the work; None: nobody knows.
Progress = Callable[[int, float | None], None]


class Work(Struct, frozen=True):
    """What is to be scored as one."""

    sources: Sequence[Source]
    columns: Sequence[Columns]  # of each source
    policy: Policy
    plan: Plan


class Total(Struct, frozen=True):
    """What all chunks of all inputs add, and how many rows were read of each input."""

    score: PartScore
    rows: Sequence[int]


class Engine(Protocol):
    """Where and how chunks are scored; it changes no number.

    Raises the first failure in the order of the inputs.
    """

    def total(self, work: Work) -> Total:
        """Score everything."""
        ...


class Meter:
    """How far a reading has come: each input counts with its bytes."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._weights = [source.size or 0 for source in sources]
        self._known = all(source.size is not None for source in sources)
        self.rows = 0
        self._done = 0.0

    def add(self, number: int, chunk: Chunk, rows: int) -> None:
        """A chunk of input `number` is done."""
        of_source = chunk.share
        self._known = self._known and of_source is not None
        self._done += self._weights[number] * (of_source or 0.0)
        self.rows += rows

    @property
    def share(self) -> float | None:
        """The share of the work that is done; None if an input does not tell."""
        return min(1.0, self._done / (sum(self._weights) or 1)) if self._known else None
