"""How often two models gave a row this pair of log-odds, by class: what the error of a difference of AUCs takes.

Up to LIMIT different pairs are kept apart. Beyond, both log-odds go to cells: at first of the top 20 bits of
their float64 (0.4 % wide), and of a bit fewer as long as more than MOST_CELLS pairs of cells have rows. A state
that meets more collapses at once, so any merge order ends alike, and memory is bounded whatever the rows.

Of each pair only the sum of squared weights is kept, exact as in `OddsTotals`: the weights of each model's
log-odds are in its own state.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace
from numpy.typing import NDArray

from xentcli.core.batch import BoolArray
from xentcli.core.exact import FloatArray, IntArray
from xentcli.core.odds.table import LIMIT
from xentcli.core.odds.totals import (
    CELL_BITS,
    highest_power,
    keys_of,
    limbs_of,
    squares_of,
    starts_of,
    sum_between,
)

MOST_CELLS = 1 << 20  # pairs of cells with rows
_CELL_PLACES = 64 - CELL_BITS  # bits of the key of a cell, at most
_EXPONENT_BITS, _MOST_EXPONENT = 11, 2047
_FEW = 4  # times as many entries as pairs are kept apart always wait until there are more
_MIX = np.array([0x1E3779B97F4A7C15, 0x34D049BB133111EB], np.int64)  # odd numbers that make a hash of two keys
_MOST_BITS = 63  # that keys leave out: the sign is left


class JointTotals(Struct, frozen=True, eq=False):
    """Entries of pairs; `(m,)` unless said. All rows have weights, or none has."""

    new: IntArray  # keys as `OddsTotals` has them
    base: IntArray
    exponents: IntArray | None  # of weights; None for rows of weight 1
    sums: IntArray  # (8, m): limbs of squared weights of class 1, then 0; or (2, m): rows

    @classmethod
    def combine(cls, parts: list[Self], shift: int) -> Self:
        """All parts, whose keys leave out `shift` bits, as one: ascending, each pair and exponent once."""
        new, base = (np.concatenate([getattr(part, name) for part in parts]) for name in ("new", "base"))
        sums = np.concatenate([part.sums for part in parts], axis=1)
        given = [part.exponents for part in parts if part.exponents is not None]
        exponents = np.concatenate(given) if given else None
        order = _order(new, base, exponents, shift)
        new, base = new[order], base[order]
        starts = starts_of(new) | starts_of(base)
        if exponents is not None:
            exponents = exponents[order]
            starts |= starts_of(exponents)
        first = np.flatnonzero(starts)
        left = None if exponents is None else exponents[first]
        return cls(new[first], base[first], left, sum_between(sums, order, first))

    def shifted(self, by: int) -> Self:
        """The same with keys that leave out more bits; `combine` adds up those that are alike now."""
        return replace(self, new=self.new >> np.int64(by), base=self.base >> np.int64(by)) if by else self

    def squares(self) -> tuple[FloatArray, FloatArray, int]:
        """(Sums of squared weights of class 1, and of class 0, over 4^power; that power)."""
        if self.exponents is None:
            positive, negative = self.sums.astype(np.float64)
            return positive, negative, 0
        power, limbs = highest_power(self.exponents), (self.sums[:4], self.sums[4:])
        positive, negative = (squares_of(each, self.exponents, power) for each in limbs)
        return positive, negative, power

    def fits(self) -> bool:
        """Whether arrays are of one size, and hold what they may."""
        shape, weighted = self.new.shape, self.exponents is not None
        shapes = (
            len(shape) == 1 and self.base.shape == shape and self.sums.shape == ((8 if weighted else 2), *shape)
        )
        if not shapes or (self.sums < 0).any():
            return False
        e = self.exponents
        return e is None or (e.shape == shape and bool(((e > 0) & (e < _MOST_EXPONENT)).all()))

    @property
    def pairs(self) -> int:
        """How many different ones there are."""
        return int(np.count_nonzero(starts_of(self.new) | starts_of(self.base)))


class JointOdds(Struct, frozen=True, eq=False):
    """Sums of squared weights by the log-odds of NEW, those of BASE, and class.

    `merge` is commutative and associative with `JointOdds()` as identity.
    """

    parts: tuple[JointTotals, ...] = ()  # in all totals of the rows; the first is the largest, and in order
    shift: int = 0  # bits that keys leave out
    turned: bool = False  # whether class 1 of BASE is class 0 of NEW
    limits: tuple[int, int] = field(default=(LIMIT, MOST_CELLS))  # of pairs: kept apart, and of cells

    @classmethod
    def of(
        cls,
        new: FloatArray,
        base: FloatArray,
        positive: BoolArray,
        weights: FloatArray | None,
        *,
        turned: bool = False,
        limits: tuple[int, int] = (LIMIT, MOST_CELLS),
    ) -> Self:
        """The state of rows `(n,)`: both log-odds, whether class 1 of NEW is the true one, weights > 0 or None."""
        if weights is None:
            exponents, sums = None, np.stack([positive, ~positive]).astype(np.int64)
        else:
            exponents, limbs = limbs_of(weights)
            sums = np.concatenate([limbs * positive, limbs * ~positive])
        part = JointTotals(keys_of(new), keys_of(base), exponents, sums)
        return cls((part,), 0, turned, limits) if positive.size else cls(limits=limits)

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        shift = max(self.shift, other.shift)
        parts = [part.shifted(shift - each.shift) for each in (self, other) for part in each.parts]
        parts.sort(key=lambda part: -part.new.size)
        merged = replace(self, parts=tuple(parts), shift=shift, turned=self.turned or other.turned)
        waiting = sum(part.new.size for part in parts[1:])
        return (
            merged.compact() if waiting > max(_FEW * self.limits[0], parts[0].new.size if parts else 0) else merged
        )

    def compact(self) -> Self:
        """The same state in one part, with no more pairs than may be."""
        if not self.parts:
            return self
        shift, parts = self.shift, [*self.parts]
        if not shift and _has_more_pairs(parts, self.limits[0]):
            shift, parts = CELL_BITS, [part.shifted(CELL_BITS) for part in parts]
        while True:
            totals = JointTotals.combine(parts, shift)
            if totals.pairs <= self.limits[shift > 0] or shift == _MOST_BITS:
                return replace(self, parts=(totals,), shift=shift)
            more = 1 if shift else CELL_BITS
            shift, parts = shift + more, [totals.shifted(more)]

    def fits(self) -> bool:
        """Whether it can be the compact state of rows."""
        shift = self.shift == 0 or CELL_BITS <= self.shift <= _MOST_BITS
        return shift and len(self.parts) <= 1 and all(part.fits() for part in self.parts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JointOdds):
            return False
        one, two = self.compact(), other.compact()
        if (one.shift, one.turned, len(one.parts)) != (two.shift, two.turned, len(two.parts)):
            return False
        pairs = zip(one.parts, two.parts, strict=True)
        return all(np.array_equal(getattr(a, name), getattr(b, name)) for a, b in pairs for name in _FIELDS)

    __hash__ = None  # type: ignore[assignment]  # holds arrays


_FIELDS = JointTotals.__struct_fields__


def _has_more_pairs(parts: list[JointTotals], limit: int) -> bool:
    """Whether some of the entries are of more pairs alone, by a hash: one number is sorted faster than two."""
    if sum(part.new.size for part in parts) <= limit:
        return False
    some = 2 * limit
    new, base = (np.concatenate([getattr(part, name)[:some] for part in parts])[:some] for name in ("new", "base"))
    hashes = np.sort(new * _MIX[0] + base * _MIX[1])
    return bool(np.count_nonzero(starts_of(hashes)) > limit)


def _order(new: IntArray, base: IntArray, exponents: IntArray | None, shift: int) -> NDArray[np.intp]:
    """The order by the keys of NEW, of BASE, then by exponent; those of cells fit into one number."""
    if shift < CELL_BITS:
        return np.lexsort((base, new) if exponents is None else (exponents, base, new))
    key = (new << np.int64(_CELL_PLACES)) + base
    if exponents is not None:
        key = (key << np.int64(_EXPONENT_BITS)) + exponents
    return np.argsort(key)
