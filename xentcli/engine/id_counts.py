"""How often each id of an input occurs, by a sample of the ids: whether it holds every row several times."""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct, field

from xentcli.core.mixing import HashArray

_KEPT = 1 << 9  # ids: those with the smallest hashes, which are the same wherever a block begins
_ENOUGH = 20  # ids that hardly all repeat by chance
_NEARLY = 0.95


class IdCounts(Struct, frozen=True):
    """The hashes that are kept, and how many rows have each.

    `merge` is commutative and associative with `IdCounts()` as identity.
    """

    counts: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, hashed: HashArray) -> Self:
        """Of the ids of some rows, by their hashes `(n,)`; O(n) where few of them repeat."""
        first = _KEPT
        while first < hashed.size:
            near = hashed[hashed <= np.partition(hashed, first)[first]]
            found, counts = np.unique(near, return_counts=True)
            if found.size >= _KEPT:
                break
            first *= 8
        else:
            found, counts = np.unique(hashed, return_counts=True)
        return cls(dict(zip(found[:_KEPT].tolist(), counts[:_KEPT].tolist(), strict=True)))

    def merge(self, other: Self) -> Self:
        """Of both sets of rows."""
        if not self.counts or not other.counts:
            return self if self.counts else other
        counts = dict(self.counts)
        for each, rows in other.counts.items():
            counts[each] = counts.get(each, 0) + rows
        return type(self)({each: counts[each] for each in sorted(counts)[:_KEPT]})

    @property
    def times(self) -> int:
        """How often nearly every id occurs; 1 too where some occur more often than others."""
        found, of = np.unique([*self.counts.values()], return_counts=True)
        if len(self.counts) < _ENOUGH or of.max() < _NEARLY * len(self.counts):
            return 1
        return int(found[of.argmax()])
