"""How often each class happened, by the log-odds of a two-class forecast: what an isotonic fit needs.

Up to LIMIT different log-odds are kept apart. Beyond, those that share the top 20 bits of their float64 share a
cell, so a cell is at most 0.4 % wide. A state that meets more collapses at once, so any merge order ends alike.

Totals are exact, as in `ExactSums`, but held for the exponents that occur at a key and no others. Rows of weight 1
are counted by the kernel (`native/odds.h`): it fills a hash table and says when that is full; here it grows.
"""

from __future__ import annotations

import ctypes
from functools import reduce
from typing import Any, Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from xentcli.core import kernel
from xentcli.core.batch import BoolArray
from xentcli.core.exact import FloatArray, IntArray, ratio

LIMIT = 1 << 18  # different log-odds that are kept apart
CELL_BITS = 44  # of the 64 that the log-odds of a cell may differ in: XENT_CELL_BITS
_SMALLEST = 1 << 10  # entries: what few rows need, and slices of a file often have few
_MOST_ROWS = (1 << 32) - 1  # of a table: it counts those of a class in half of an integer
_FEW = 1 << 12  # entries that always wait until there are more
_MAGNITUDE = np.int64((1 << 63) - 1)
_HEAD = np.int64(-1 << 27)  # the upper 26 bits of the 53
_ONE = 1023  # biased exponent of 1.0, whose upper half is 2^25
_UNITS = 1 << 1074


class OddsCounts(Struct, frozen=True, eq=False):
    """Rows of each class at ascending log-odds, `(m,)` each."""

    keys: IntArray  # bits of the log-odds as integers of the same order; shifted by CELL_BITS if not `exact`
    positive: IntArray  # rows whose true class is 1
    negative: IntArray
    exact: bool


class OddsTable:
    """Counts of rows of weight 1, for the kernel to add to.

    `struct` is the kernel's `XentOdds`. After XENT_FULL, `make_room` and go on with the first row not taken.
    """

    __slots__ = ("_earlier", "_entries", "limit", "struct")

    def __init__(self, *, exact: bool = True, limit: int = LIMIT) -> None:
        self.limit = limit
        self.struct = kernel.Odds()
        self._earlier: list[OddsCounts] = []
        self._start(0 if exact else CELL_BITS)

    def add(self, log_odds: FloatArray, positive: NDArray[Any]) -> None:
        """Rows `(n,)`: log q_1 / q_0, not NaN, and whether class 1 is the true one."""
        if positive.dtype != np.bool_:
            raise TypeError(f"bool is wanted, not {positive.dtype}")
        odds, is_positive = kernel.floats(log_odds), np.ascontiguousarray(positive)
        if odds.ndim != 1 or is_positive.shape != odds.shape:
            raise ValueError("log-odds and labels differ in number")
        following = np.zeros(1, np.int64)
        arrays = (kernel.address(odds), kernel.address(is_positive), odds.size, kernel.address(following))
        while not kernel.call("add_odds", self.address, *arrays):
            self.make_room()

    @property
    def address(self) -> int:
        """Where the kernel's `XentOdds` stands, as long as this lives."""
        return ctypes.addressof(self.struct)

    def make_room(self) -> None:
        """Room for another tile of rows: in cells, where there are too many log-odds to keep them apart."""
        if self.struct.rows > _MOST_ROWS - kernel.TILE_ROWS:
            self._earlier.append(self._counts())
            self._start(self.struct.shift)
        elif not self.struct.shift and self.struct.used > self.limit:
            self._move(_SMALLEST, CELL_BITS)
        else:
            self._move(2 * self.struct.capacity, self.struct.shift)

    def counts(self) -> list[OddsCounts]:
        """All that was added: their sum; of more than 2^32 rows in more than one part."""
        if not self.struct.shift and self.struct.used > self.limit:
            self._move(_SMALLEST, CELL_BITS)
        return [*self._earlier, self._counts()]

    def _start(self, shift: int) -> None:
        self._hold(np.zeros((_SMALLEST, 2), np.uint64))
        self.struct.used = self.struct.rows = 0
        self.struct.shift = shift

    def _hold(self, entries: NDArray[np.uint64]) -> None:
        self._entries = entries
        self.struct.entries, self.struct.capacity = kernel.address(entries), len(entries)

    def _move(self, capacity: int, shift: int) -> None:
        """All entries to a table of this capacity, or of as many times that as they need."""
        entries = np.zeros((capacity, 2), np.uint64)
        moved = kernel.Odds(kernel.address(entries), capacity, 0, 0, shift)
        if not kernel.call("move_odds", self.address, ctypes.addressof(moved)):
            self._move(4 * capacity, shift)
            return
        self._hold(entries)
        self.struct.used, self.struct.shift = moved.used, shift

    def _counts(self) -> OddsCounts:
        keys, rows = self._entries[self._entries[:, 0] > 0].T
        order = np.argsort(keys)
        shift = int(self.struct.shift)
        signed = (keys[order] - np.uint64((1 << 63) >> shift)).view(np.int64)
        rows = rows[order]
        positive, negative = rows >> np.uint64(32), rows & np.uint64(_MOST_ROWS)
        return OddsCounts(signed, positive.view(np.int64), negative.view(np.int64), not shift)


class OddsTotals(Struct, frozen=True, eq=False):
    """Totals by key and exponent, both ascending."""

    keys: IntArray  # (m,): see `_order`; shifted by CELL_BITS where there are cells
    exponents: IntArray  # (m,): of the values added
    halves: IntArray  # (4, m): upper and lower halves of class 1, then of class 0

    @classmethod
    def combine(cls, parts: list[OddsTotals]) -> Self:
        """All parts as one."""
        keys = np.concatenate([part.keys for part in parts])
        exponents = np.concatenate([part.exponents for part in parts])
        halves = np.concatenate([part.halves for part in parts], axis=1)
        if not keys.size:
            return cls(keys, exponents, halves)
        if exponents.min() == exponents.max():
            order = np.argsort(keys, kind="stable")  # of sorted runs: it only merges them
        else:
            order = np.lexsort((exponents, keys))
        keys, exponents = keys[order], exponents[order]
        first = np.flatnonzero(_starts(keys) | _starts(exponents))
        added = np.zeros((4, first.size), np.int64)
        for half in np.flatnonzero(halves.any(axis=1)):  # of rows of weight 1 only two
            added[half] = np.add.reduceat(halves[half][order], first)
        return cls(keys[first], exponents[first], added)

    def in_cells(self) -> Self:
        """The same, by cells."""
        return self.combine([replace(self, keys=self.keys >> np.int64(CELL_BITS))])

    @property
    def size(self) -> int:
        """How many different keys there are."""
        return int(np.count_nonzero(_starts(self.keys)))


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
        if weights is None and positive.dtype == np.bool_:
            table = OddsTable(limit=limit)
            table.add(log_odds, positive)
            return cls.of_table(table)
        totals = _totals_of(_order(log_odds), positive, np.ones(log_odds.size) if weights is None else weights)
        return cls(totals, (), True, limit)._within_limit()

    @classmethod
    def of_table(cls, table: OddsTable) -> Self:
        """The state of the rows that were added to a table."""
        return reduce(cls.merge, (cls.of_counts(part, table.limit) for part in table.counts()))

    @classmethod
    def of_counts(cls, counts: OddsCounts, limit: int = LIMIT) -> Self:
        """The state of rows of weight 1 that were counted."""
        halves = np.zeros((4, counts.keys.size), np.int64)
        halves[0], halves[2] = counts.positive << 25, counts.negative << 25
        totals = OddsTotals(counts.keys, np.full(counts.keys.size, _ONE), halves)
        return cls(totals, (), counts.exact, limit)._within_limit()

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        exact = self.exact and other.exact
        one, two = self._at(exact), other._at(exact)
        if one.totals.keys.size < two.totals.keys.size:
            one, two = two, one
        waiting = one.waiting + two.waiting + ((two.totals,) if two.totals.keys.size else ())
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
        return self._at(exact=False)

    def _at(self, exact: bool) -> Self:
        """The same, in cells if it is not to be exact."""
        if exact or not self.exact:
            return self
        return type(self)(
            self.totals.in_cells(), tuple(part.in_cells() for part in self.waiting), False, self.limit
        )

    def _within_limit(self) -> Self:
        return self.in_cells() if self.exact and self.totals.size > self.limit else self

    def keys(self) -> tuple[FloatArray, FloatArray, FloatArray, bool]:
        """(log-odds ascending, weight of class 1, weight of class 0, whether no two of them share a cell).

        A cell stands at its middle. Weights are rounded once.
        """
        state = self.compact()
        totals = state.totals
        first = np.flatnonzero(_starts(totals.keys))
        keys = totals.keys[first]
        if not state.exact:
            keys = (keys << np.int64(CELL_BITS)) | np.int64(1 << (CELL_BITS - 1))
        positive, negative = (_round(totals.halves[half : half + 2], totals, first) for half in (0, 2))
        return _log_odds(keys, state.exact), positive, negative, state.exact

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OddsCells):
            return False
        one, two = self.compact(), other.compact()
        pairs = zip(one._fields(), two._fields(), strict=True)
        return one.exact == two.exact and all(np.array_equal(a, b) for a, b in pairs)

    __hash__ = None  # type: ignore[assignment]  # holds arrays

    def _fields(self) -> tuple[IntArray, ...]:
        return self.totals.keys, self.totals.exponents, self.totals.halves


def _order(x: FloatArray) -> IntArray:
    """The bits of float64 as integers in the same order; -0.0 is 0.0."""
    bits = (x + 0.0).view(np.int64)
    return bits ^ ((bits >> np.int64(63)) & _MAGNITUDE)


def _log_odds(keys: IntArray, exact: bool) -> FloatArray:
    """The float64 of these keys; the middle of a cell of infinity, where no number is, as infinity."""
    x = (keys ^ ((keys >> np.int64(63)) & _MAGNITUDE)).view(np.float64)
    return x if exact else np.where(np.isnan(x), np.where(keys > 0, np.inf, -np.inf), x)


def _starts(values: IntArray) -> BoolArray:
    """Where a value differs from the one before."""
    starts = np.ones(values.size, np.bool_)
    np.not_equal(values[1:], values[:-1], out=starts[1:])
    return starts


def _totals_of(keys: IntArray, positive: FloatArray | BoolArray, weights: FloatArray) -> OddsTotals:
    """The totals of rows at `keys`."""
    return OddsTotals.combine([_weigh(keys, weights * positive, 0), _weigh(keys, weights * (1.0 - positive), 2)])


def _weigh(keys: IntArray, values: FloatArray, half: int) -> OddsTotals:
    """Rows of any weight of one class."""
    some = values > 0
    keys, values = keys[some], values[some]
    bits = values.view(np.int64)
    exponents = bits >> np.int64(52)
    mantissas = (bits & np.int64((1 << 52) - 1)) | np.where(exponents > 0, np.int64(1 << 52), 0)
    halves = np.zeros((4, keys.size), np.int64)
    halves[half], halves[half + 1] = mantissas >> np.int64(27), mantissas & ~_HEAD
    return OddsTotals.combine([OddsTotals(keys, np.maximum(exponents, 1), halves)])


def _round(halves: IntArray, totals: OddsTotals, first: NDArray[np.intp]) -> FloatArray:
    """The total at each key, rounded once; `halves` `(2, m)`."""
    head, tail = halves
    last = np.append(first[1:], totals.keys.size)
    shift = (totals.exponents[first] - 1048).astype(np.int32)
    whole: FloatArray = np.ldexp(head[first].astype(np.float64), shift)
    odd = np.flatnonzero((last - first > 1) | (tail[first] != 0))
    for at in odd.tolist():
        places = range(int(first[at]), int(last[at]))
        exact = sum(((int(head[i]) << 27) + int(tail[i])) << (int(totals.exponents[i]) - 1) for i in places)
        whole[at] = ratio(exact, _UNITS)
    return whole
