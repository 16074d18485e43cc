"""Rows of which several things are scored: their standard errors take rows, not scores, as independent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np

from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray, Merging
from xentcli.core.moments import Moments


class RowMeans(Merging, frozen=True):
    """Moments of (w_g, x_g) over rows g, for each quantity: the weight of what is scored of a row, and its mean.

    Each row is a cluster that lies in one block, so no more than sums are kept. `merge` is commutative and
    associative with `RowMeans.empty()` as identity.
    """

    log_loss: Moments  # as against 0
    accuracy: Moments
    brier: Moments

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        one = Moments.empty()
        return cls(one, one, one)

    @classmethod
    def of(cls, values: Sequence[FloatArray], weights: FloatArray | None, groups: IndexArray) -> Self:
        """Of values `(m,)` of three quantities, finite, with weights `(m,)` > 0; groups `(m,)` tells the row."""
        _, group = np.unique(groups, return_inverse=True)
        w = np.ones(group.size) if weights is None else weights
        whole = np.bincount(group, w).astype(np.float64, copy=False)
        sums = (np.bincount(group, w * x).astype(np.float64, copy=False) for x in values)
        return cls(*(Moments.of(each, whole) for each in sums))

    @property
    def count(self) -> int:
        """How many rows."""
        return self.log_loss.rows

    def errors(self) -> dict[str, float]:
        """The standard error of each quantity; nothing for fewer than two rows."""
        found = {name: getattr(self, name).standard_error() for name in self.__struct_fields__}
        return {name: error for name, error in found.items() if error is not None}
