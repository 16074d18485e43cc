"""Integer keys, such as numbers of users, by the order in which they were met: no text is made of a row's key."""

from __future__ import annotations

import numpy as np

from xentcli.core import kernel
from xentcli.core.exact import IntArray

_FIRST_SLOTS = 1 << 10


class IntegerKeys:
    """Numbers of keys in the order in which they were met; the table is `native/keys.h`."""

    def __init__(self) -> None:
        self._make_table(_FIRST_SLOTS)

    def _make_table(self, slots: int) -> None:
        """An empty table, of which at most half is used."""
        self._table, self._distinct = np.zeros((slots, 2), np.int64), np.empty(slots // 2, np.int64)
        self._keys = kernel.Keys(kernel.address(self._table), kernel.address(self._distinct), slots, 0)

    def distinct(self, begin: int = 0) -> list[int]:
        """The keys that were met, in order, from number `begin` on."""
        found: list[int] = self._distinct[begin : self._keys.count].tolist()
        return found

    def numbers(self, keys: IntArray) -> IntArray:
        """The number `(n,)` of each key `(n,)`: 0, 1, ... in the order in which they were first met."""
        found = np.empty(keys.size, np.int64)
        done = kernel.number_keys(self._keys, keys, found)
        while done < keys.size:
            known = self._distinct[: self._keys.count]
            self._make_table(2 * len(self._table))
            kernel.number_keys(self._keys, known, np.empty(known.size, np.int64))
            done += kernel.number_keys(self._keys, keys[done:], found[done:])
        return found
