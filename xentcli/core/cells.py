"""A fixed fine grid of losses: quantiles and tail shares, whatever the order of the rows."""

from __future__ import annotations

import math
from typing import Self

import numpy as np

from xentcli.core.exact import ExactSums, FloatArray, ratio, units
from xentcli.frozen import frozen

# A cell is one of 512 equal parts of an octave, from 2^-80 (smaller losses share the first cell) to 2^48 (larger
# ones share the last): at most 0.2 % wide. A cell is represented by the largest loss seen in it, so a quantile is
# a loss that occurred, and at least that share of the weight has a loss no larger.
_PART_BITS = 9
_SHIFT = np.int64(52 - _PART_BITS)
_BASE = (1023 - 80) << _PART_BITS
_CELLS = 128 << _PART_BITS


@frozen(eq=False)
class LossCells:
    """Weight and largest loss by cell of the loss; rows of infinite loss are counted elsewhere.

    `merge` is commutative and associative with `LossCells.empty()` as identity.
    """

    first: int  # number of the first cell held
    weight: ExactSums  # by cell
    largest: FloatArray  # by cell; -1 where the cell is empty

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        return cls(0, ExactSums.empty(0), np.empty(0))

    @classmethod
    def of(cls, loss: FloatArray, weights: FloatArray | None) -> Self:
        """Cells of the losses `(n,)`, finite and >= 0, with weights `(n,)` or None for ones."""
        if not loss.size:
            return cls.empty()
        cell = np.clip((loss.view(np.int64) >> _SHIFT) - _BASE, 0, _CELLS - 1)
        first = int(cell.min())
        cell -= first
        size = int(cell.max()) + 1
        largest = np.full(size, -1.0)
        np.maximum.at(largest, cell, loss)
        if weights is None:
            return cls(first, ExactSums.of_counts(np.bincount(cell, minlength=size)), largest)
        return cls(first, ExactSums.of(weights, cell, size), largest)

    def merge(self, other: Self) -> Self:
        """The cells of both sets of rows."""
        if not other.largest.size:
            return self
        if not self.largest.size:
            return other
        first = min(self.first, other.first)
        size = max(part.first + part.largest.size for part in (self, other)) - first
        largest = np.full(size, -1.0)
        weight = ExactSums.empty(size)
        for part in (self, other):
            at = part.first - first
            inside = largest[at : at + part.largest.size]
            np.maximum(inside, part.largest, out=inside)
            weight = weight.merge(part.weight.placed(slice(at, at + part.largest.size), size))
        return type(self)(first, weight, largest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LossCells) and self._occupied() == other._occupied()

    __hash__ = None  # type: ignore[assignment]  # equal cells may be held in different ranges

    def quantiles(self, percents: tuple[int, ...], infinite: int) -> list[float]:
        """For each percentage: the smallest loss such that so much of the weight has a loss no larger.

        `infinite` is the weight of rows of infinite loss, in units of 2^-1074. There are rows.
        """
        cells = self._occupied()
        total = sum(weight for weight, _ in cells) + infinite
        found: list[float] = []
        reached, at = 0, iter(cells)
        loss = 0.0
        for percent in sorted(percents):
            while reached * 100 < total * percent and loss < math.inf:
                weight, loss = next(at, (infinite, math.inf))
                reached += weight
            found.append(loss)
        return found

    def tail_share(self, percent: int) -> float | None:
        """Share of the total loss that the worst `percent` of the weight carries; None if no loss is positive."""
        # In hundredths of the unit, so that a percentage of the weight is a whole number.
        cells = [(100 * weight, units(loss)) for weight, loss in self._occupied()]
        total = sum(weight * loss for weight, loss in cells)
        left = sum(weight for weight, _ in cells) // 100 * percent
        tail = 0
        for weight, loss in reversed(cells):
            taken = min(left, weight)
            tail += taken * loss
            left -= taken
            if not left:
                break
        return ratio(tail, total) if total else None

    def _occupied(self) -> list[tuple[int, float]]:
        """(weight in units of 2^-1074, largest loss) of the cells that have rows, by rising loss."""
        pairs = zip(self.weight.totals(), self.largest.tolist(), strict=True)
        return [(weight, loss) for weight, loss in pairs if weight]
