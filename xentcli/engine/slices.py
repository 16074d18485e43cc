"""The states of the slices of an input: the rows that share a value, or values, of the columns sliced by."""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.core.clusters import Clusters
from xentcli.core.exact import Merging
from xentcli.core.row_means import RowMeans
from xentcli.core.state import ScoreState
from xentcli.decoding.groups import Slice

MOST_SLICES = 1000  # of one set of columns

SliceKey = tuple[int, Slice]  # the number of the set of columns, and the values


class SliceState(Merging, frozen=True):
    """Of the rows of a slice: their totals, and those of their clusters, if rows have one."""

    score: ScoreState
    clusters: Clusters = field(default_factory=Clusters)
    row_means: RowMeans = field(default_factory=RowMeans.empty)

    def as_coarse_as(self, whole: ScoreState) -> Self:
        """With no more kept for the breakdown than the whole input keeps."""
        return replace(self, score=self.score.as_coarse_as(whole))


class Slices(Struct, frozen=True):
    """`merge` is commutative and associative with `Slices()` as identity.

    A set of columns with more than MOST_SLICES different values is only remembered as such.
    """

    states: dict[SliceKey, SliceState] = field(default_factory=dict)
    too_many: frozenset[int] = frozenset()

    def as_coarse_as(self, whole: ScoreState) -> Self:
        """With no more kept for the breakdown than the whole input keeps, however many slices there are."""
        if whole.odds.exact and not whole.kept.level:
            return self
        states = {key: state.as_coarse_as(whole) for key, state in self.states.items()}
        return type(self)(states, self.too_many)

    def merge(self, other: Self) -> Self:
        """The slices of both sets of rows."""
        if not other.states and not other.too_many:
            return self
        states = dict(self.states)
        for key, state in other.states.items():
            states[key] = states[key].merge(state) if key in states else state
        counts = np.bincount([number for number, _ in states], minlength=1)
        too_many = self.too_many | other.too_many | set(np.flatnonzero(counts > MOST_SLICES).tolist())
        kept = {key: state for key, state in states.items() if key[0] not in too_many} if too_many else states
        return type(self)(kept, frozenset(too_many))
