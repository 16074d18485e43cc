"""A fixed fine grid of losses: quantiles and tail shares, whatever the order of the rows."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import accumulate
from typing import Self

import numpy as np
from msgspec import Struct

from xentcli.core.exact import (
    PRODUCT_ONE,
    UNIT_EXPONENT,
    ExactProducts,
    ExactSums,
    FloatArray,
    IntArray,
    ratio,
    units,
)
from xentcli.core.kernel import DIGIT, LOWEST

# A cell is one of 512 equal parts of an octave, from 2^-80 (smaller losses share the first cell) to 2^48 (larger
# ones share the last): at most 0.2 % wide. A cell is represented by the largest loss seen in it, so a quantile is
# a loss that occurred, and at least that share of the weight has a loss no larger.
_PART_BITS = 9
_SHIFT = np.int64(52 - _PART_BITS)
_LOWEST_OCTAVE = -80
_BASE = (1023 + _LOWEST_OCTAVE) << _PART_BITS
_CELLS = 128 << _PART_BITS


class LossCells(Struct, frozen=True, eq=False):
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
        cell = _cells_of(loss)
        first = int(cell.min())
        cell -= first
        size = int(cell.max()) + 1
        largest = np.full(size, -1.0)
        np.maximum.at(largest, cell, loss)
        if weights is None:
            return cls(first, ExactSums.of_counts(np.bincount(cell, minlength=size)), largest)
        return cls(first, ExactSums.of(weights, cell, size), largest)

    @classmethod
    def of_occupied(cls, largest: FloatArray, weight: ExactSums) -> Self:
        """The cells whose largest losses are these `(m,)`, ascending, of these weights `(m,)`.

        Raises a ValueError for two losses of one cell.
        """
        if not largest.size:
            return cls.empty()
        cell = _cells_of(largest)
        if (cell[1:] <= cell[:-1]).any():
            raise ValueError("has two losses of one cell")
        first = int(cell[0])
        cell -= first
        size = int(cell[-1]) + 1
        dense = np.full(size, -1.0)
        dense[cell] = largest
        return cls(first, weight.placed(cell, size), dense)

    def occupied(self) -> tuple[FloatArray, ExactSums]:
        """(Largest loss, weight) of the cells that have rows, by rising loss."""
        at = np.flatnonzero(self.largest >= 0)
        return self.largest[at], self.weight.chosen(at)

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

    def quantiles(self, parts: tuple[int, ...], infinite: int, whole: int = 100) -> list[float]:
        """For each part of a `whole`: the smallest loss such that so much of the weight has a loss no larger.

        `infinite` is the weight of rows of infinite loss, in units of 2^-1074. There are rows.
        """
        weights, unit = self.weight.small_totals()
        if infinite % (1 << unit):
            weights, unit = self.weight.totals(), 0
        reached = list(accumulate(weights))
        total = (reached[-1] if reached else 0) + (infinite >> unit)
        cells = [bisect_left(reached, -(-total * part // whole)) for part in sorted(parts)]
        return [float(self.largest[cell]) if cell < len(reached) else math.inf for cell in cells]

    def tail_share(self, percent: int) -> float | None:
        """Share of the total loss that the worst `percent` of the weight carries; None if no loss is positive."""
        weights, unit = self.weight.small_totals()
        # In hundredths, so that a percentage of the weight is a whole number.
        left, cell = sum(weights) * percent, len(weights)
        while cell and left >= 100 * weights[cell - 1]:
            cell -= 1
            left -= 100 * weights[cell]
        part = (left * units(float(self.largest[cell - 1])) << unit) if cell and left else 0
        total = self._loss_from(0)
        return ratio(100 * self._loss_from(cell) + part, 100 * total) if total else None

    def bins(self, cells: int, weight: int) -> list[tuple[int, float, float]]:
        """Of each bin that has rows: its number, its share of `weight` (in units of 2^-1074), and of all the loss.

        A bin is so many `cells` together, a part of 512, by rising loss; `bin_start` says where it begins. All in
        a cell count at the largest loss there, which is at most 0.2 % more.
        """
        at = np.flatnonzero(self.largest >= 0)
        if not at.size:
            return []
        totals = self.weight.totals()
        shares = np.array([ratio(totals[cell], weight) for cell in at.tolist()])
        bins, first = np.unique((self.first + at) // cells, return_index=True)
        rows, loss = (np.add.reduceat(part, first) for part in (shares, shares * self.largest[at]))
        whole = float(np.cumsum(loss)[-1])
        parts = loss / whole if whole > 0 else np.zeros(loss.size)
        return list(zip(bins.tolist(), rows.tolist(), parts.tolist(), strict=True))

    def _loss_from(self, cell: int) -> int:
        """Weight times loss of the cells from this one on, in units of 2^-2148."""
        first, digits = self.weight.digits()
        largest = np.maximum(self.largest[cell:], 0.0)
        parts = (ExactProducts.of(part[cell:].astype(np.float64), largest).total() for part in digits)
        shift = PRODUCT_ONE.bit_length() - 1 - LOWEST + 2 * UNIT_EXPONENT
        total = sum(part << (DIGIT * place) for place, part in enumerate(parts, first))
        return int(total >> shift)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LossCells):
            return False
        (one, weight), (two, other_weight) = self.occupied(), other.occupied()
        return np.array_equal(one, two) and weight == other_weight

    __hash__ = None  # type: ignore[assignment]  # equal cells may be held in different ranges


def _cells_of(loss: FloatArray) -> IntArray:
    """The numbers `(n,)` of the cells of losses `(n,)`, finite and >= 0."""
    cells: IntArray = np.clip((loss.view(np.int64) >> _SHIFT) - _BASE, 0, _CELLS - 1)
    return cells


def bin_start(number: int, cells: int) -> float:
    """The smallest loss in nats that belongs to a bin of so many cells; to the first also all that is smaller."""
    octave, part = divmod(number * cells, 1 << _PART_BITS)
    return math.ldexp(1 + part / (1 << _PART_BITS), octave + _LOWEST_OCTAVE)


class PairLosses(Struct, frozen=True, eq=False):
    """Totals of wrong rows by pair (true class, top class); only the pairs that occur are held.

    `merge` is commutative and associative with `PairLosses.empty()` as identity.
    """

    pairs: IntArray  # (m,): true class times K plus top class, ascending
    rows: IntArray  # (m,)
    infinite: IntArray  # (m,): those of infinite loss
    loss: ExactSums  # (m,): sum w l over the others

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        none = np.empty(0, np.int64)
        return cls(none, none, none, ExactSums.empty(0))

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        if not other.pairs.size:
            return self
        if not self.pairs.size:
            return other
        pairs = np.union1d(self.pairs, other.pairs)
        parts = [part._among(pairs) for part in (self, other)]
        one, two = parts
        return type(self)(pairs, one.rows + two.rows, one.infinite + two.infinite, one.loss.merge(two.loss))

    def _among(self, pairs: IntArray) -> Self:
        """The same totals with more pairs."""
        at = np.searchsorted(pairs, self.pairs)
        rows, infinite = np.zeros(pairs.size, np.int64), np.zeros(pairs.size, np.int64)
        rows[at], infinite[at] = self.rows, self.infinite
        return type(self)(pairs, rows, infinite, self.loss.placed(at, pairs.size))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PairLosses) or self.loss != other.loss:
            return False
        one, two = (np.stack([each.pairs, each.rows, each.infinite]) for each in (self, other))
        return bool(np.array_equal(one, two))

    __hash__ = None  # type: ignore[assignment]  # holds arrays
