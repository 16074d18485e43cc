"""Room for the rows kept for fits while rows are scored: `native/kept.h`.

The kernel fills it and says when it is full; here it grows, up to the budget, and then drops rows of lower levels.
"""

from __future__ import annotations

import ctypes

import numpy as np
from numpy.typing import NDArray

from xentcli.core import kernel
from xentcli.core.kept_rows import BUDGET, KEY_BITS, KeptRows, Rows
from xentcli.core.kernel import FloatArray

_FEWEST_ROWS = 1 << 10
KeyArray = NDArray[np.uint64]


class KeptRoom:
    """The rows of at least `struct.level` zero bits out of those offered, for the kernel to add to.

    `struct` is the kernel's `XentKept`. After XENT_FULL, `make_room` and go on with the first row not taken. With
    `soft` labels, targets are kept in place of labels. Rooms of several threads, `together` those of one whole,
    keep no more together than the whole will.
    """

    __slots__ = ("_keys", "_labels", "_log_q", "_targets", "_together", "_weights", "budget", "struct", "told")

    def __init__(
        self,
        classes: int,
        *,
        soft: bool = False,
        level: int = 0,
        budget: int = BUDGET,
        together: list[KeptRoom] | None = None,
    ) -> None:
        self.budget = budget
        self.told = level, 0  # so many rows of a level, at least, are among those offered: that stays so
        self._together = [] if together is None else together
        self._together.append(self)
        self._begin(classes, soft, level)

    def _begin(self, classes: int, soft: bool, level: int) -> None:
        self.struct = kernel.Kept(classes=classes, level=level)
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
        known = sum(count for level, count in [room.told for room in self._together] if level >= kept.level)
        if kept.capacity < most and known <= most:
            self._grow(min(most, max(_FEWEST_ROWS, 4 * kept.capacity)))
        elif kept.level < KEY_BITS:
            kernel.call("drop_rows", self.address, kept.level + 1)
        else:  # keys of nothing but zeros: there is no way to keep fewer
            self._grow(kept.capacity + kernel.TILE_ROWS)

    def tell(self) -> None:
        """Let the other rooms know how many rows this one has."""
        self.told = self.struct.level, self.struct.count

    def kept(self) -> KeptRows:
        """The state of the rows offered; the room is given away with it, and begins anew."""
        given = self.struct
        classes, count = given.classes, given.count
        labels = None if self._labels is None else self._labels[:count]
        targets = None if self._targets is None else self._targets[:, :count]
        rows, keys = Rows(self._log_q[:, :count], labels, targets, self._weights[:count]), self._keys[:count]
        empty = KeptRows.empty(classes, self.budget)
        self._begin(classes, targets is not None, given.level)
        return empty.holding(rows, keys, given.total, given.level)

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
