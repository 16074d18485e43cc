"""Two models on the same rows: their paired differences, of all rows and by slice, and where they differ most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from xentcli.core.batch import IndexArray, RowScores
from xentcli.core.exact import Merging
from xentcli.core.odds.joint import JointOdds
from xentcli.core.paired import Paired
from xentcli.decoding.categorical import Categorical
from xentcli.engine.comparing.models import StatesBySlice
from xentcli.engine.comparing.most_different import MostDifferent
from xentcli.engine.scoring import ScoredRows
from xentcli.sources.source import Block


class ComparedPair(Merging, frozen=True):
    """What rows add to a comparison; `merge` is commutative and associative."""

    paired: Paired
    slices: StatesBySlice[Paired]
    different: MostDifferent
    joint: JointOdds  # of two classes with the breakdown, all rows

    def without(self, sets: frozenset[int]) -> Self:
        """Without the slices of some sets of columns."""
        return replace(self, slices=self.slices.without(sets))


class PairComparer(Struct, frozen=True):
    """Compares NEW, which is streamed, with BASE."""

    id: str | None  # the column of NEW that names a row

    @property
    def empty(self) -> ComparedPair:
        """Of no rows."""
        return ComparedPair(Paired.empty(), StatesBySlice(), MostDifferent(), JointOdds())

    def compare(self, number: int, blocks: Sequence[Block], rows: Sequence[ScoredRows]) -> ComparedPair:
        """Rows of NEW's input `number` and of BASE, all of them and by slice."""
        own, other = rows
        new, base, cluster = own.scores, other.scores, own.cluster

        def of_slice(at: IndexArray) -> Paired:
            return _state(new.where(at), base.where(at), None if cluster is None else cluster.where(at))

        return ComparedPair(
            _state(new, base, cluster),
            StatesBySlice.of(own, of_slice),
            MostDifferent.of(number, (blocks[0], blocks[1]), own.at, new, base, self.id),
            joint_odds(new, base),
        )


def _state(new: RowScores, base: RowScores, cluster: Categorical[str | None] | None) -> Paired:
    return Paired.of(new, base) if cluster is None else Paired.of(new, base, cluster.codes, cluster.values)


def joint_odds(new: RowScores, base: RowScores) -> JointOdds:
    """The log-odds that both models gave these rows; of no rows where either has none."""
    if new.log_odds is None or base.log_odds is None or new.labels is None:
        return JointOdds()
    positive = new.labels == 1
    turned = bool((new.labels != base.labels).any())
    return JointOdds.of(new.log_odds, base.log_odds, positive, new.weights, turned=turned)
