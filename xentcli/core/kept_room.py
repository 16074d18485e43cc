"""Room for the rows kept for fits while rows are scored: `native/kept.h`.

The kernel fills it and says when it is full; here it grows, up to the budget, and then drops rows of lower levels.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xentcli.core import kernel
from xentcli.core.kept_rows import BUDGET, KEY_BITS, KeptRows, Rows
from xentcli.core.kernel import FloatArray

_FEWEST_ROWS = 1 << 10
KeyArray = NDArray[np.uint64]


class RoomsTogether:
    """What is known of all rows that were offered to several rooms, of one whole: of a level, at least so many.

    That stays true, whatever a room drops or gives away later, so no thread waits for another to know it.
    """

    def __init__(self) -> None:
        self._rooms: set[KeptRoom] = set()
        self._given_away: Counter[int] = Counter()  # rows by level

    def add(self, room: KeptRoom) -> None:
        """A room has rows."""
        self._rooms.add(room)

    def remove(self, room: KeptRoom) -> None:
        """What a room has is given away."""
        if room in self._rooms:
            level, count = room.told
            self._given_away[level] += count
            self._rooms.discard(room)

    def rows(self, level: int) -> int:
        """At least so many are of this level."""
        told = [*self._given_away.items(), *(room.told for room in list(self._rooms))]
        return sum(count for of, count in told if of >= level)


class KeptRoom:
    """The rows of at least `struct.level` zero bits out of those offered, for the kernel to add to.

    `struct` is the kernel's `XentKept`. After XENT_FULL, `make_room` and go on with the first row not taken. With
    `soft` labels, targets are kept in place of labels. Rooms `together` keep no more than their whole will; one
    that does not count is of rows that others have as well.
    """

    __slots__ = (
        "_counts", "_keys", "_labels", "_log_q", "_targets", "_together", "_weights", "budget", "struct", "told",
    )  # fmt: skip

    def __init__(
        self,
        classes: int,
        *,
        soft: bool = False,
        level: int = 0,
        budget: int = BUDGET,
        together: RoomsTogether | None = None,
        counts: bool = True,
    ) -> None:
        self.budget = budget
        self._together, self._counts = together or RoomsTogether(), counts
        self._begin(classes, soft, level)

    def _begin(self, classes: int, soft: bool, level: int) -> None:
        self.struct = kernel.Kept(classes=classes, level=level)
        self.told = level, 0  # so many rows of a level, at least, are among those offered
        self._log_q = np.empty((classes, 0))
        self._targets = np.empty((classes, 0)) if soft else None
        self._labels = None if soft else np.empty(0, np.int64)
        self._weights, self._keys = np.empty(0), np.empty(0, np.uint64)

    @property
    def address(self) -> int:
        """Where the kernel's `XentKept` stands, as long as this lives."""
        return ctypes.addressof(self.struct)

    def add(
        self,
        log_q: FloatArray,
        labels: NDArray[np.integer] | None,
        targets: FloatArray | None,
        weights: FloatArray | None,
        keys: KeyArray,
    ) -> None:
        """Offer rows of finite loss and positive weight; arrays as in `Rows`, and keys `(n,)`."""
        if keys.dtype != np.uint64:
            raise TypeError(f"uint64 is wanted, not {keys.dtype}")
        given = (
            kernel.floats(log_q),
            None if labels is None else kernel.integers(labels),
            None if targets is None else kernel.floats(targets),
            None if weights is None else kernel.floats(weights),
            np.ascontiguousarray(keys),
        )
        by_class, by_row = (self.struct.classes, keys.size), (keys.size,)
        shapes = (by_class, by_row, by_class, by_row, by_row)
        if any(array is not None and array.shape != shape for array, shape in zip(given, shapes, strict=True)):
            raise ValueError("the rows to be kept differ in number or classes")
        if (labels is None) != (self._labels is None) or (targets is None) != (self._targets is None):
            raise ValueError("the rows to be kept have other labels than there is room for")
        following = np.zeros(1, np.int64)
        addresses = (None if array is None else kernel.address(array) for array in given)
        arguments = (*addresses, keys.size, kernel.address(following))
        while not kernel.call("keep_rows", self.address, *arguments):
            self.make_room()

    def make_room(self) -> None:
        """Room for more rows: as far as the budget goes, then by dropping those of the lowest level.

        As the rows before and those that there is no room for are more than the budget allows at this level, so
        are all rows: what is kept is the same in any order. So they are if the rows of all rooms are.
        """
        kept, most = self.struct, self.budget // self.struct.classes
        self.tell()
        if kept.capacity < most and self._together.rows(kept.level) <= most:
            self._grow(min(most, max(_FEWEST_ROWS, 4 * kept.capacity)))
        elif kept.level < KEY_BITS:
            kernel.call("drop_rows", self.address, kept.level + 1)
        else:  # keys of nothing but zeros: there is no way to keep fewer
            self._grow(kept.capacity + kernel.TILE_ROWS)

    def tell(self) -> None:
        """Let the other rooms know how many rows this one has."""
        self.told = self.struct.level, self.struct.count
        if self._counts:
            self._together.add(self)

    def kept(self) -> KeptRows:
        """The state of the rows offered; the room is given away with it, and begins anew."""
        given, soft = self.struct, self._targets is not None
        self.tell()
        self._together.remove(self)
        own = slice(None, given.count)

        def fitted(array: NDArray[Any]) -> NDArray[Any]:
            """Without the room for more, unless that is small."""
            return array[..., own] if 2 * given.count > given.capacity else array[..., own].copy()

        labels = None if self._labels is None else fitted(self._labels)
        targets = None if self._targets is None else fitted(self._targets)
        rows, keys = Rows(fitted(self._log_q), labels, targets, fitted(self._weights)), fitted(self._keys)
        self._begin(given.classes, soft, given.level)
        return KeptRows.empty(given.classes, self.budget).holding(rows, keys, given.total, given.level)

    def _grow(self, capacity: int) -> None:
        count, kept = self.struct.count, self.struct
        for name in ("log_q", "targets", "labels", "weights", "keys"):
            old = getattr(self, f"_{name}")
            if old is not None:
                new = np.empty((*old.shape[:-1], capacity), old.dtype)
                new[..., :count] = old[..., :count]
                setattr(self, f"_{name}", new)
                setattr(kept, name, kernel.address(new))
        kept.capacity = capacity
