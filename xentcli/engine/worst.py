"""The rows of the largest loss, with what tells who they are."""

from __future__ import annotations

import heapq
from itertools import islice
from typing import Self

import numpy as np
from msgspec import Struct

from xentcli.columns.columns import GroupColumns
from xentcli.core.batch import IndexArray, RowScores
from xentcli.core.exact import FloatArray
from xentcli.decoding.groups import cell_text
from xentcli.decoding.tally import Place
from xentcli.sources.source import Block


class LargestLoss(Struct, frozen=True):
    """A row; classes are by number. None where there are no classes, or no single label."""

    loss: float  # nats
    weight: float
    place: Place
    label: int | None
    forecast: int | None
    probability: float | None  # of the label
    id: str | None
    columns: tuple[tuple[str, str | None], ...]

    @property
    def order(self) -> tuple[float, Place]:
        """The largest loss first, then the first row of the first input."""
        return -self.loss, self.place


class Worst(Struct, frozen=True):
    """At most `most` rows, in order. `merge` is commutative and associative with `Worst()` as identity."""

    most: int = 0
    rows: tuple[LargestLoss, ...] = ()

    @classmethod
    def of(
        cls,
        most: int,
        number: int,
        block: Block,
        at: IndexArray,
        rows: RowScores,
        keys: GroupColumns,
    ) -> Self:
        """The worst rows of a block; row i of `rows` is row `at[i]` of it."""
        found = (_row(number, block, int(at[i]), rows, i, keys) for i in _largest(rows.loss, most).tolist())
        return cls(most, tuple(sorted(found, key=lambda row: row.order)))

    def merge(self, other: Self) -> Self:
        """The worst rows of both."""
        most = max(self.most, other.most)
        both = heapq.merge(self.rows, other.rows, key=lambda row: row.order)
        return type(self)(most, tuple(islice(both, most)))


def _largest(loss: FloatArray, most: int) -> IndexArray:
    """Numbers of the rows of the largest loss; of equal ones the first."""
    if loss.size <= most:
        return np.arange(loss.size)
    least = np.partition(loss, -most)[-most]
    above = np.flatnonzero(loss > least)
    return np.concatenate([above, np.flatnonzero(loss == least)[: most - above.size]])


def _row(number: int, block: Block, at: int, rows: RowScores, i: int, keys: GroupColumns) -> LargestLoss:
    label = forecast = probability = None
    if rows.classes:
        forecast = int(rows.known("top")[i])
    if rows.labels is not None:
        label, probability = int(rows.labels[i]), float(rows.known("label_share")[i])
    shown = tuple((name, cell_text(block, name, at)) for name in keys.show)
    id_ = None if keys.id is None else cell_text(block, keys.id, at)
    weight = 1.0 if rows.weights is None else float(rows.weights[i])
    place = (number, block.where(at))
    return LargestLoss(float(rows.loss[i]), weight, place, label, forecast, probability, id_, shown)
