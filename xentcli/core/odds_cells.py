"""How often each class happened, by the log-odds of a two-class prediction: what an isotonic fit needs.

Up to LIMIT different log-odds are kept apart. Beyond, those that share the top 20 bits of their float64 share a
cell, so a cell is at most 0.4 % wide. A state that meets more collapses at once, so any merge order ends alike.

Totals are exact, as in `ExactSums`, but held for the exponents that occur at a key and no others. The kernel
adds rows up in a hash table (`native/odds.h`) and says when that is full; here it grows.
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
_FEW = 1 << 16  # entries that always wait until there are more
_MAGNITUDE = np.int64((1 << 63) - 1)
_COUNT_WORDS, _WEIGHT_WORDS = 2, 6  # of an entry: XENT_COUNT_WORDS and XENT_WEIGHT_WORDS
_ONE = 1023  # biased exponent of 1.0, whose upper half is 2^25
_UNITS = 1 << 1074


class OddsTotals(Struct, frozen=True, eq=False):
    """Totals by key and exponent, both ascending."""

    keys: IntArray  # (m,): bits of log-odds in the order of these; shifted by CELL_BITS where there are cells
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
        order = _order(keys, exponents)
        keys, exponents = keys[order], exponents[order]
        first = np.flatnonzero(_starts(keys) | _starts(exponents))
        added = np.zeros((4, first.size), np.int64)
        for half in np.flatnonzero(halves.any(axis=1)):  # of rows of weight 1 only two
            added[half] = np.add.reduceat(halves[half][order], first)
        return cls(keys[first], exponents[first], added)

    def shifted(self) -> Self:
        """The same, with the keys of cells, that may stand there more than once; `combine` adds them up."""
        return replace(self, keys=self.keys >> np.int64(CELL_BITS))

    @property
    def size(self) -> int:
        """How many different keys there are."""
        return int(np.count_nonzero(_starts(self.keys)))


class OddsTable:
    """The weight of each class by log-odds, for the kernel to add to: of plain rows, or of `weighted` ones.

    `struct` is the kernel's `XentOdds`. After XENT_FULL, `make_room` and go on with the first row not taken.
    """

    __slots__ = ("_earlier", "_entries", "limit", "struct")

    def __init__(self, *, weighted: bool = False, exact: bool = True, limit: int = LIMIT) -> None:
        self.limit = limit
        self.struct = kernel.Odds(words=_WEIGHT_WORDS if weighted else _COUNT_WORDS)
        self._earlier: list[tuple[OddsTotals, bool]] = []
        self._start(0 if exact else CELL_BITS)

    def add(self, log_odds: FloatArray, positive: NDArray[Any]) -> None:
        """Rows `(n,)` of weight 1: log q_1 / q_0, not NaN, and whether class 1 is the true one."""
        if positive.dtype != np.bool_:
            raise TypeError(f"bool is wanted, not {positive.dtype}")
        self._add("add_odds", kernel.floats(log_odds), np.ascontiguousarray(positive))

    def add_weighted(self, log_odds: FloatArray, positive: FloatArray, weights: FloatArray | None) -> None:
        """Rows `(n,)`: likewise, the share of class 1 in what happened, and finite weights, or None for ones."""
        given = None if weights is None else kernel.floats(weights)
        self._add("add_weighted_odds", kernel.floats(log_odds), kernel.floats(positive), given)

    def _add(self, function: str, log_odds: FloatArray, *arrays: NDArray[Any] | None) -> None:
        if log_odds.ndim != 1 or any(array is not None and array.shape != log_odds.shape for array in arrays):
            raise ValueError("log-odds, labels and weights differ in number")
        following = np.zeros(1, np.int64)
        addresses = [None if array is None else kernel.address(array) for array in (log_odds, *arrays)]
        while not kernel.call(function, self.address, *addresses, log_odds.size, kernel.address(following)):
            self.make_room()

    @property
    def address(self) -> int:
        """Where the kernel's `XentOdds` stands, as long as this lives."""
        return ctypes.addressof(self.struct)

    def make_room(self) -> None:
        """Room for another tile of rows: in cells, where there are too many log-odds to keep them apart."""
        if self.struct.rows > _MOST_ROWS - kernel.TILE_ROWS:
            self._earlier.append((self._totals(), not self.struct.shift))
            self._start(self.struct.shift)
        elif self._is_beyond_limit():
            self._move(_SMALLEST, CELL_BITS)
        else:
            self._move(2 * self.struct.capacity, self.struct.shift)

    def totals(self) -> list[tuple[OddsTotals, bool]]:
        """What was added, and whether log-odds were kept apart: one part, unless there were 2^32 rows."""
        if self._is_beyond_limit():
            self._move(_SMALLEST, CELL_BITS)
        return [*self._earlier, (self._totals(), not self.struct.shift)]

    def _is_beyond_limit(self) -> bool:
        if self.struct.shift or self.struct.used <= self.limit:
            return False
        keys = self._entries[:, 0]
        return self.struct.words == _COUNT_WORDS or np.unique(keys[keys > 0]).size > self.limit

    def _start(self, shift: int) -> None:
        self._hold(np.zeros((_SMALLEST, self.struct.words), np.uint64))
        self.struct.used = self.struct.rows = 0
        self.struct.shift = shift

    def _hold(self, entries: NDArray[np.uint64]) -> None:
        self._entries = entries
        self.struct.entries, self.struct.capacity = kernel.address(entries), len(entries)

    def _move(self, capacity: int, shift: int) -> None:
        """All entries to a table of this capacity, or of as many times that as they need."""
        words = self.struct.words
        entries = np.zeros((capacity, words), np.uint64)
        moved = kernel.Odds(kernel.address(entries), words, capacity, shift=shift)
        if not kernel.call("move_odds", self.address, ctypes.addressof(moved)):
            self._move(4 * capacity, shift)
            return
        self._hold(entries)
        self.struct.used, self.struct.shift = moved.used, shift

    def _totals(self) -> OddsTotals:
        entries = self._entries.take(np.flatnonzero(self._entries[:, 0]), axis=0)
        keys = (entries[:, 0] - np.uint64((1 << 63) >> self.struct.shift)).view(np.int64)
        if self.struct.words == _COUNT_WORDS:
            exponents = np.full(keys.size, _ONE)
            rows = entries[np.argsort(keys), 1]
            halves = np.zeros((4, keys.size), np.int64)
            halves[0], halves[2] = rows >> np.uint64(32), rows & np.uint64(_MOST_ROWS)
            return OddsTotals(np.sort(keys), exponents, halves << np.int64(25))
        exponents = entries[:, 1].view(np.int64)
        order = _order(keys, exponents)
        return OddsTotals(keys[order], exponents[order], entries[order, 2:].T.astype(np.int64, order="C"))


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


def _order(keys: IntArray, exponents: IntArray) -> NDArray[np.intp]:
    """The order by key, then by exponent: by ranks, as sorting one number is much faster than two."""
    order = np.argsort(keys)
    if exponents.size and exponents.min() < exponents.max():
        ranks = np.cumsum(_starts(keys[order])) << np.int64(11)
        order = order[np.argsort(ranks | exponents[order])]
    return order


def _log_odds(keys: IntArray, exact: bool) -> FloatArray:
    """The float64 of these keys; the middle of a cell of infinity, where no number is, as infinity."""
    x = (keys ^ ((keys >> np.int64(63)) & _MAGNITUDE)).view(np.float64)
    return x if exact else np.where(np.isnan(x), np.where(keys > 0, np.inf, -np.inf), x)


def _starts(values: IntArray) -> BoolArray:
    """Where a value differs from the one before."""
    starts = np.ones(values.size, np.bool_)
    np.not_equal(values[1:], values[:-1], out=starts[1:])
    return starts


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
