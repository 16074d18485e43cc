"""The hash table of the kernel (`native/odds.h`) that rows are added to by log-odds; it grows here when full."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xentcli.core import kernel
from xentcli.core.exact import FloatArray
from xentcli.core.odds.totals import CELL_BITS, ONE, OddsTotals, order_of

LIMIT = 1 << 18  # different log-odds that are kept apart
_SMALLEST = 1 << 10  # entries: what few rows need, and slices of a file often have few
_MOST_ROWS = (1 << 32) - 1  # of a table: it counts those of a class in half of an integer
_COUNT_WORDS, _WEIGHT_WORDS = 2, 14  # of an entry: XENT_COUNT_WORDS and XENT_WEIGHT_WORDS


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
            exponents = np.full(keys.size, ONE)
            rows = entries[np.argsort(keys), 1]
            halves = np.zeros((4, keys.size), np.int64)
            halves[0], halves[2] = rows >> np.uint64(32), rows & np.uint64(_MOST_ROWS)
            return OddsTotals(np.sort(keys), exponents, halves << np.int64(25))
        exponents = entries[:, 1].view(np.int64)
        order = order_of(keys, exponents)
        sums = entries[order, 2:].T.astype(np.int64, order="C")
        return OddsTotals(keys[order], exponents[order], sums[:4], sums[4:])
