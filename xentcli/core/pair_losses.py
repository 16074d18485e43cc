"""Which class was taken for which other, and what that cost."""

from __future__ import annotations

from typing import Self

import numpy as np

from xentcli.core.exact import ExactSums, FloatArray, IntArray
from xentcli.core.scores import IndexArray
from xentcli.frozen import frozen


@frozen(eq=False)
class PairLosses:
    """Totals of wrong rows by pair (true class, top class); only the pairs that occur are held.

    `merge` is commutative and associative with `PairLosses.empty()` as identity.
    """

    pairs: IntArray  # (m,): true class times K plus top class, ascending
    rows: IntArray  # (m,)
    infinite: IntArray  # (m,): those of infinite loss
    loss: ExactSums  # (m,): sum w l over the others

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        none = np.empty(0, np.int64)
        return cls(none, none, none, ExactSums.empty(0))

    @classmethod
    def of(cls, labels: IndexArray, top: IndexArray, weighted: FloatArray, classes: int) -> Self:
        """Totals of rows by true class, top class and w l, all `(n,)`; those that are right are left out."""
        wrong = np.flatnonzero(labels != top)
        if not wrong.size:
            return cls.empty()
        pair = labels[wrong] * classes + top[wrong]
        counts = np.bincount(pair)
        pairs = np.flatnonzero(counts)
        place = (np.cumsum(counts > 0) - 1)[pair]
        loss = weighted[wrong]
        finite = np.isfinite(loss)
        infinite = np.bincount(place[~finite], minlength=pairs.size).astype(np.int64)
        sums = ExactSums.of(loss[finite], place[finite], pairs.size)
        return cls(pairs.astype(np.int64), counts[pairs].astype(np.int64), infinite, sums)

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        if not other.pairs.size:
            return self
        if not self.pairs.size:
            return other
        pairs = np.union1d(self.pairs, other.pairs)
        parts = [part._among(pairs) for part in (self, other)]
        one, two = parts
        return type(self)(pairs, one.rows + two.rows, one.infinite + two.infinite, one.loss.merge(two.loss))

    def _among(self, pairs: IntArray) -> Self:
        """The same totals with more pairs."""
        at = np.searchsorted(pairs, self.pairs)
        rows, infinite = np.zeros(pairs.size, np.int64), np.zeros(pairs.size, np.int64)
        rows[at], infinite[at] = self.rows, self.infinite
        return type(self)(pairs, rows, infinite, self.loss.placed(at, pairs.size))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PairLosses) or self.loss != other.loss:
            return False
        one, two = (np.stack([each.pairs, each.rows, each.infinite]) for each in (self, other))
        return bool(np.array_equal(one, two))

    __hash__ = None  # type: ignore[assignment]  # holds arrays
