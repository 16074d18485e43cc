"""How often each class happened, by the log-odds of a two-class prediction: what an isotonic fit needs.

Up to LIMIT different log-odds are kept apart. Beyond, those that share the top 20 bits of their float64 share a
cell, so a cell is at most 0.4 % wide. A state that meets more collapses at once, so any merge order ends alike.
"""

from __future__ import annotations

from functools import reduce
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from xentcli.core.batch import BoolArray
from xentcli.core.exact import FloatArray, IntArray
from xentcli.core.odds.table import LIMIT, OddsTable
from xentcli.core.odds.totals import (
    CELL_BITS,
    OddsTotals,
    highest_power,
    log_odds_of,
    round_totals,
    squares_of,
    starts_of,
)

_FEW = 1 << 16  # entries that always wait until there are more


class OddsKeys(NamedTuple):
    """Weights by log-odds, each rounded once; a cell stands at its middle."""

    log_odds: FloatArray  # (m,), ascending
    positive: FloatArray  # (m,): of class 1
    negative: FloatArray  # (m,): of class 0
    exact: bool  # whether no two of them share a cell


class SquaredWeights(NamedTuple):
    """Sums of squared weights by key and exponent, over 4^power so that none is beyond float64."""

    key: NDArray[np.intp]  # (m,): the number of the key, 0, 1, ... by rising log-odds
    positive: FloatArray  # (m,): of class 1
    negative: FloatArray  # (m,): of class 0
    power: int


class OddsCells:
    """Exact weight of class 1 and of class 0 by log-odds.

    `merge` is commutative and associative with `OddsCells.empty()` as identity.
    """

    __slots__ = ("exact", "limit", "totals", "waiting")

    def __init__(self, totals: OddsTotals, waiting: tuple[OddsTotals, ...], exact: bool, limit: int) -> None:
        self.totals = totals
        self.waiting = waiting  # smaller ones, not yet added: small blocks do not sort everything again and again
        self.exact = exact  # or else all are of cells
        self.limit = limit

    @classmethod
    def empty(cls, limit: int = LIMIT) -> Self:
        """The identity of `merge`."""
        none = np.empty(0, np.int64)
        return cls(OddsTotals(none, none, np.empty((4, 0), np.int64)), (), True, limit)

    @classmethod
    def of(
        cls,
        log_odds: FloatArray,
        positive: FloatArray | BoolArray,
        weights: FloatArray | None,
        limit: int = LIMIT,
    ) -> Self:
        """The state of rows `(n,)`: log q_1 / q_0, the share of class 1 that happened, weights (None: ones)."""
        plain = weights is None and positive.dtype == np.bool_
        table = OddsTable(weighted=not plain, limit=limit)
        if plain:
            table.add(log_odds, positive)
        else:
            table.add_weighted(log_odds, positive.astype(np.float64), weights)
        return cls.of_table(table)

    @classmethod
    def of_table(cls, table: OddsTable) -> Self:
        """The state of the rows that were added to a table."""
        parts = (cls(totals, (), exact, table.limit) for totals, exact in table.totals())
        return reduce(cls.merge, parts)

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        exact = self.exact and other.exact
        one, two = sorted((self, other), key=lambda each: (each.exact != exact, -each.totals.keys.size))
        parts = (two.totals, *two.waiting)
        if two.exact != exact:
            parts = tuple(part.shifted() for part in parts)
        waiting = one.waiting + tuple(part for part in parts if part.keys.size)
        merged = type(self)(one.totals, waiting, exact, self.limit)
        entries = sum(part.keys.size for part in waiting)
        return merged.compact() if entries > max(_FEW, one.totals.keys.size) else merged

    def compact(self) -> Self:
        """The same state with all in the totals."""
        if not self.waiting:
            return self
        totals = OddsTotals.combine([self.totals, *self.waiting])
        return type(self)(totals, (), self.exact, self.limit)._within_limit()

    def in_cells(self) -> Self:
        """The same with cells, where the whole that this is a part of has them."""
        if not self.exact:
            return self
        totals = OddsTotals.combine([self.totals.shifted()])
        return type(self)(totals, tuple(part.shifted() for part in self.waiting), False, self.limit)

    def _within_limit(self) -> Self:
        return self.in_cells() if self.exact and self.totals.size > self.limit else self

    def keys(self) -> OddsKeys:
        """The weights by log-odds."""
        state = self.compact()
        totals = state.totals
        first = np.flatnonzero(starts_of(totals.keys))
        keys = totals.keys[first]
        if not state.exact:
            keys = (keys << np.int64(CELL_BITS)) | np.int64(1 << (CELL_BITS - 1))
        positive, negative = (round_totals(totals.halves[half : half + 2], totals, first) for half in (0, 2))
        return OddsKeys(_log_odds(keys, state.exact), positive, negative, state.exact)

    def places(self) -> tuple[IntArray, int]:
        """The keys as integers `(m,)`, ascending, and how many bits of log-odds they leave out."""
        state = self.compact()
        keys = state.totals.keys
        return keys[starts_of(keys)], 0 if state.exact else CELL_BITS

    def squares(self) -> SquaredWeights:
        """The sums of squared weights at the `keys`."""
        totals = self.compact().totals
        power, limbs = highest_power(totals.exponents), totals.squares()
        positive, negative = (squares_of(each, totals.exponents, power) for each in (limbs[:4], limbs[4:]))
        return SquaredWeights(np.cumsum(starts_of(totals.keys)) - 1, positive, negative, power)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OddsCells):
            return False
        one, two = self.compact(), other.compact()
        pairs = zip(one._fields(), two._fields(), strict=True)
        return one.exact == two.exact and all(np.array_equal(a, b) for a, b in pairs)

    __hash__ = None  # type: ignore[assignment]  # holds arrays

    def _fields(self) -> tuple[IntArray, ...]:
        totals = self.totals
        return totals.keys, totals.exponents, totals.halves, totals.squares()


def _log_odds(keys: IntArray, exact: bool) -> FloatArray:
    """The float64 of these keys; the middle of a cell of infinity, where no number is, as infinity."""
    x = log_odds_of(keys)
    return x if exact else np.where(np.isnan(x), np.where(keys > 0, np.inf, -np.inf), x)
