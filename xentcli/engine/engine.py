"""What every engine takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from xentcli.core.batch import Policy
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan, Totals
from xentcli.sources.source import Chunk, Source

# Told now and then how many rows are done, and which share (0 to 1) of the work; None: nobody knows.
Progress = Callable[[int, float | None], None]


Added_co = TypeVar("Added_co", covariant=True)


class Threaded(Protocol[Added_co]):
    """Work that threads of this process can do."""

    def totals(self, threads: int, progress: Progress | None) -> Added_co:
        """What all rows add."""


class Engine(Protocol):
    """Where and how chunks are scored; it changes no number.

    Raises the first failure in the order of the inputs.
    """

    def totals(self, inputs: Inputs, policy: Policy, plan: Plan) -> Totals:
        """Score all rows."""
        ...


class Meter:
    """How far a reading has come: each input counts with its bytes."""

    def __init__(self, sources: Sequence[Source], progress: Progress | None) -> None:
        self._weights = [source.size or 0 for source in sources]
        self._size = sum(self._weights) or 1
        self._known = all(source.size is not None for source in sources)
        self._rows = 0
        self._done = 0.0
        self._progress = progress

    def add(self, chunks: Sequence[tuple[int, Chunk]], totals: Totals) -> None:
        """Chunks are done, each of the input with its number; of a single one the rows that the totals are of."""
        if self._progress is None:
            return
        rows = sum(totals.rows.values())
        for number, chunk in chunks:
            part = 1.0 if chunk.rows is None or len(chunks) > 1 else rows / max(1, chunk.rows)
            self._known = self._known and chunk.share is not None
            self._done += self._weights[number] * (chunk.share or 0.0) * part
        self._rows += rows
        self._progress(self._rows, min(1.0, self._done / self._size) if self._known else None)
