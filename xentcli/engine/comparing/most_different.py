"""The rows on which two models differ most, with what tells who they are."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import islice
from typing import Protocol, Self, TypeVar

import numpy as np
from msgspec import Struct

from xentcli.core.batch import IndexArray, RowScores
from xentcli.core.exact import FloatArray
from xentcli.decoding.groups import cell_text
from xentcli.decoding.tally import Place
from xentcli.sources.source import Block

MOST = 10  # rows listed


class DifferentRow(Struct, frozen=True):
    """A row; its class is by number among NEW's. None where there is no single label."""

    difference: float  # nats, new - base; infinite where only one of them is
    new_loss: float
    base_loss: float
    place: Place  # in NEW
    base_place: Place
    label: int | None
    id: str | None
    new_probability: float | None  # of the label
    base_probability: float | None

    @property
    def order(self) -> tuple[float, Place]:
        """The largest difference first, in either direction, then the first row of the first input."""
        return -abs(self.difference), self.place


class MostDifferent(Struct, frozen=True):
    """At most MOST rows, in order. `merge` is commutative and associative with `MostDifferent()` as identity."""

    rows: tuple[DifferentRow, ...] = ()

    @classmethod
    def of(
        cls,
        number: int,
        blocks: tuple[Block, Block],
        at: IndexArray,
        new: RowScores,
        base: RowScores,
        id_column: str | None,
    ) -> Self:
        """The rows of a block, as NEW has it and as BASE; row i of the scores is row `at[i]` of it."""
        infinite = np.isinf(new.loss) & np.isinf(base.loss)
        with np.errstate(invalid="ignore"):
            difference = np.where(infinite, 0.0, new.loss - base.loss)
        found = []
        for i in largest(np.abs(difference)):
            row = int(at[i])
            place = (number, blocks[0].where(row))
            id_ = None if id_column is None else cell_text(blocks[0], id_column, row)
            label, own, other = _label(new, base, i)
            found.append(
                DifferentRow(
                    float(difference[i]), float(new.loss[i]), float(base.loss[i]), place,
                    (0, blocks[1].where(row)),
                    label, id_, own, other,
                )
            )  # fmt: skip
        return cls(tuple(sorted(found, key=lambda row: row.order)))

    def merge(self, other: Self) -> Self:
        """The rows of both."""
        return type(self)(first_of(self.rows, other.rows))


def largest(size: FloatArray) -> list[int]:
    """Which of the sizes `(n,)` above 0 are the MOST largest; of equal ones the first."""
    kept = np.flatnonzero(size > 0)
    if kept.size > MOST:
        least = np.partition(size[kept], -MOST)[-MOST]
        above, equal = np.flatnonzero(size > least), np.flatnonzero(size == least)
        kept = np.concatenate([above, equal[: MOST - above.size]])
    found: list[int] = kept.tolist()
    return found


class Ordered(Protocol):
    """A row that is listed."""

    @property
    def order(self) -> tuple[float, Place]:
        """What it is listed by."""


Row = TypeVar("Row", bound=Ordered)


def first_of(rows: Sequence[Row], others: Sequence[Row]) -> tuple[Row, ...]:
    """The first MOST of both, each in order."""
    return tuple(islice(heapq.merge(rows, others, key=lambda row: row.order), MOST))


def _label(new: RowScores, base: RowScores, i: int) -> tuple[int | None, float | None, float | None]:
    """The label of row i, and the probability that each model gave it."""
    if new.labels is None:
        return None, None, None
    own, other = (float(rows.known("label_share")[i]) for rows in (new, base))
    return int(new.labels[i]), own, other
