"""Several models on the same rows: what their losses say of every two of them, of all rows and by slice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from xentcli.core.batch import IndexArray, RowScores
from xentcli.core.exact import Merging
from xentcli.core.joint import Joint
from xentcli.core.odds.joint import JointOdds
from xentcli.engine.comparing.models import StatesBySlice
from xentcli.engine.comparing.pairs import joint_odds
from xentcli.engine.scoring import ScoredRows
from xentcli.sources.source import Block


class ComparedModels(Merging, frozen=True):
    """What rows add to a ranking; `merge` is commutative and associative."""

    joint: Joint
    slices: StatesBySlice[Joint]
    areas: tuple[JointOdds, ...] = ()  # of each model and the base, where a requirement compares their AUCs

    def without(self, sets: frozenset[int]) -> Self:
        """Without the slices of some sets of columns."""
        return replace(self, slices=self.slices.without(sets))


class RankComparer(Struct, frozen=True):
    """Compares so many models with one another, and in all that is compared with a base."""

    count: int
    base: int | None  # its number
    areas: frozenset[int] = frozenset()  # numbers of the models whose AUC is compared with that of the base

    @property
    def empty(self) -> ComparedModels:
        """Of no rows."""
        areas = (JointOdds(),) * (self.count if self.areas else 0)
        return ComparedModels(Joint.empty(self.count, based=self.base is not None), StatesBySlice(), areas)

    def compare(self, number: int, blocks: Sequence[Block], rows: Sequence[ScoredRows]) -> ComparedModels:
        """Rows of input `number` as each model scored them, all of them and by slice."""
        scores, cluster = [each.scores for each in rows], rows[0].cluster

        def state(at: IndexArray | None) -> Joint:
            own = scores if at is None else [each.where(at) for each in scores]
            if cluster is None:
                return Joint.of(own, self.base)
            return Joint.of(own, self.base, cluster.codes if at is None else cluster.codes[at], cluster.values)

        return ComparedModels(state(None), StatesBySlice.of(rows[0], state), self._areas(scores))

    def _areas(self, scores: Sequence[RowScores]) -> tuple[JointOdds, ...]:
        if self.base is None or not self.areas:
            return ()
        base = scores[self.base]
        return tuple(joint_odds(each, base) if at in self.areas else JointOdds() for at, each in enumerate(scores))
