"""How often each class happened, by the log-odds of a two-class forecast: what an isotonic fit needs.

Up to LIMIT different log-odds are kept apart. Beyond, those that share the top 20 bits of their float64 share a
cell, so a cell is at most 0.4 % wide. A state that meets more collapses at once, so any merge order ends alike.

Totals are exact, as in `ExactSums`, but held for the exponents that occur at a key and no others.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xentcli.core.batch import BoolArray
from xentcli.core.exact import FloatArray, IntArray, ratio

LIMIT = 1 << 18
_CELL_BITS = np.int64(44)  # of the 64 that the log-odds of a cell may differ in
_TIDY_ROWS = 1 << 18  # so many rows are held as they came before they are sorted
_MAGNITUDE = np.int64((1 << 63) - 1)
_HEAD = np.int64(-1 << 27)  # the upper 26 bits of the 53
_ONE = 1023  # biased exponent of 1.0, whose upper half is 2^25
_UNITS = 1 << 1074


class _Rows(Struct, frozen=True, eq=False):
    """Rows as they came, (n,) each."""

    keys: IntArray
    positive: FloatArray | BoolArray  # the share of class 1 that happened
    weights: FloatArray | None


class OddsTotals(Struct, frozen=True, eq=False):
    """Totals by key and exponent, both ascending."""

    keys: IntArray  # (m,): see `_order`; shifted by _CELL_BITS where there are cells
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

    @property
    def size(self) -> int:
        """How many different keys there are."""
        return int(np.count_nonzero(_starts(self.keys)))


class OddsCells:
    """Exact weight of class 1 and of class 0 by log-odds.

    `merge` is commutative and associative with `OddsCells.empty()` as identity.
    """

    __slots__ = ("exact", "limit", "rows", "totals")

    def __init__(self, totals: OddsTotals, rows: tuple[_Rows, ...], exact: bool, limit: int) -> None:
        self.totals = totals
        self.rows = rows  # not yet in the totals
        self.exact = exact
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
        if not log_odds.size:
            return cls.empty(limit)
        return cls(cls.empty(limit).totals, (_Rows(_order(log_odds), positive, weights),), True, limit)

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        rows = self.rows + other.rows
        exact = self.exact and other.exact
        if not other.totals.keys.size and exact == self.exact:
            totals = self.totals
        elif not self.totals.keys.size and exact == other.exact:
            totals = other.totals
        else:
            totals = OddsTotals.combine([part._at(exact) for part in (self, other)])
        merged = type(self)(totals, rows, exact, self.limit)
        if exact and totals.size > self.limit:
            merged = merged.in_cells()
        return merged if sum(part.keys.size for part in rows) < _TIDY_ROWS else merged.compact()

    def compact(self) -> Self:
        """The same state with all rows in the totals."""
        if not self.rows:
            return self
        keys = np.concatenate([part.keys for part in self.rows])
        if not self.exact:
            keys >>= _CELL_BITS
        added = _totals_of(keys, self.rows)
        result = type(self)(OddsTotals.combine([self.totals, added]), (), self.exact, self.limit)
        if self.exact and result.totals.size > self.limit:
            result = result.in_cells()
        return result

    def in_cells(self) -> Self:
        """The same with cells, where the whole that this is a part of has them."""
        return self if not self.exact else type(self)(self._at(exact=False), self.rows, False, self.limit)

    def keys(self) -> tuple[FloatArray, FloatArray, FloatArray, bool]:
        """(log-odds ascending, weight of class 1, weight of class 0, whether no two of them share a cell).

        A cell stands at its middle. Weights are rounded once.
        """
        state = self.compact()
        totals = state.totals
        first = np.flatnonzero(_starts(totals.keys))
        keys = totals.keys[first]
        if not state.exact:
            keys = (keys << _CELL_BITS) | (np.int64(1) << (_CELL_BITS - 1))
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

    def _at(self, exact: bool) -> OddsTotals:
        """The totals, in cells if they are not to be exact."""
        totals = self.totals
        if exact or not self.exact:
            return totals
        return OddsTotals.combine([OddsTotals(totals.keys >> _CELL_BITS, totals.exponents, totals.halves)])


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


def _totals_of(keys: IntArray, rows: tuple[_Rows, ...]) -> OddsTotals:
    """The totals of rows at `keys`."""
    positive = np.concatenate([part.positive for part in rows])
    if positive.dtype == np.bool_ and all(part.weights is None for part in rows):
        return OddsTotals.combine([_count(keys[positive], 0), _count(keys[~positive], 2)])
    weights = [np.ones(part.keys.size) if part.weights is None else part.weights for part in rows]
    weight = np.concatenate(weights)
    return OddsTotals.combine([_weigh(keys, weight * positive, 0), _weigh(keys, weight * (1.0 - positive), 2)])


def _count(keys: IntArray, half: int) -> OddsTotals:
    """Rows of weight 1 of one class."""
    keys = np.sort(keys)
    first = np.flatnonzero(_starts(keys))
    halves = np.zeros((4, first.size), np.int64)
    halves[half] = np.diff(first, append=keys.size) << 25
    return OddsTotals(keys[first], np.full(first.size, _ONE), halves)


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
