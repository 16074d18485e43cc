"""All ids of an input in a few kilobytes: they tell whether another input has the same, and in the same order."""

from __future__ import annotations

from typing import Self

import numpy as np
import pyarrow as pa

from xentcli.core.batch import IndexArray
from xentcli.core.mixing import HashArray, mix
from xentcli.joining.id_index import hashes, is_missing
from xentcli.sources.arrays import as_arrow

_SAMPLE = 1 << 10  # ids that are kept: those with the smallest hashes, the same in every input that has them
NEARLY = 0.9  # of the ids: the rest are slips
_OTHER = np.uint64(0x9E3779B97F4A7C15)  # makes a second hash of the first


class IdDigest:
    """Ids that were added, block by block, each row once; `merge` is commutative and associative.

    Laws: `values` is equal for equal multisets of ids in any order, `placed` only if each row has the same id too
    (but for collisions of 128 and 64 bits).
    """

    def __init__(self, first: int = 0) -> None:
        """The first to be added are those of row `first`."""
        self._first, self.rows = first, 0
        self.counts = True  # the ids are the numbers of the rows, from 0 or from 1
        self._missing = False
        self._totals = np.zeros(3, np.uint64)
        self._sample: HashArray = np.empty(0, np.uint64)
        self._places: IndexArray = np.empty(0, np.intp)

    @classmethod
    def of(cls, ids: pa.Array) -> Self:
        """Of these ids."""
        digest = cls()
        digest.add(ids)
        return digest

    def add(self, ids: pa.Array) -> None:
        """The ids of the next rows, made by `id_texts`."""
        hashed, rows = hashes(ids), self._first + np.arange(self.rows, self.rows + len(ids))
        if self.counts:
            self.counts = self._are_counted(hashed, rows)
        self._missing |= bool(is_missing(ids).any())
        placed = mix(hashed ^ mix(rows.astype(np.uint64) + _OTHER))
        self._totals += np.array([hashed.sum(), mix(hashed ^ _OTHER).sum(), placed.sum()], np.uint64)
        self.rows += len(ids)
        self._keep(hashed, rows)

    def merge(self, other: IdDigest) -> IdDigest:
        """Of the rows of both."""
        both = IdDigest(min(self._first, other._first))
        both.rows, both.counts = self.rows + other.rows, self.counts and other.counts
        both._missing = self._missing or other._missing
        both._totals = self._totals + other._totals
        for each in (self, other):
            both._keep(each._sample, each._places)
        return both

    def _are_counted(self, hashed: HashArray, rows: IndexArray) -> bool:
        for first in (0, 1):
            if hashed.size and hashed[0] == _hash_numbers(rows[:1] + first)[0]:
                return bool((hashed == _hash_numbers(rows + first)).all())
        return not hashed.size

    def _keep(self, hashed: HashArray, rows: IndexArray) -> None:
        if self._sample.size == _SAMPLE:
            near = hashed < self._sample.max()
            hashed, rows = hashed[near], rows[near]
        sample, places = np.concatenate([self._sample, hashed]), np.concatenate([self._places, rows])
        if sample.size > _SAMPLE:
            smallest = np.argpartition(sample, _SAMPLE)[:_SAMPLE]
            sample, places = sample[smallest], places[smallest]
        self._sample, self._places = sample, places

    @property
    def distinct(self) -> bool:
        """Whether there are rows, each with an id, and none is seen twice among those that are kept."""
        return self.rows > 1 and not self._missing and np.unique(self._sample).size == self._sample.size

    @property
    def nearly_distinct(self) -> bool:
        """Whether nearly all of those that are kept are different."""
        return self.rows > 1 and np.unique(self._sample).size >= NEARLY * self._sample.size

    @property
    def values(self) -> tuple[int, int, int]:
        """How many ids there are, and which."""
        return self.rows, int(self._totals[0]), int(self._totals[1])

    @property
    def placed(self) -> int:
        """Which, and where each stands."""
        return int(self._totals[2])

    def overlap(self, other: IdDigest) -> tuple[int, int, int]:
        """Of the ids that are kept: how many both have, how many of them in the same row, and of how many."""
        full = [each._sample.max() for each in (self, other) if each._sample.size == _SAMPLE]
        least = min(full, default=np.uint64(2**64 - 1))
        own, theirs = self._sample <= least, other._sample <= least
        found = np.intersect1d(self._sample[own], other._sample[theirs], return_indices=True)
        in_place = self._places[own][found[1]] == other._places[theirs][found[2]]
        seen = max(int(np.count_nonzero(own)), int(np.count_nonzero(theirs)))
        return found[0].size, int(np.count_nonzero(in_place)), seen


def _hash_numbers(numbers: IndexArray) -> HashArray:
    return hashes(as_arrow(numbers).cast(pa.large_string()))
