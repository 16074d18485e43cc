"""Two models on the same rows, with or without labels: how far one has moved from the other, and where most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.core.accumulator import score_rows
from xentcli.core.batch import Batch, IndexArray, Policy, RowScores
from xentcli.core.divergence import Divergence, RowDivergence, diverge_rows
from xentcli.core.exact import Merging
from xentcli.decoding.groups import cell_text
from xentcli.decoding.tally import Place
from xentcli.engine.comparing.models import StatesBySlice
from xentcli.engine.comparing.most_different import first_of, largest
from xentcli.engine.scoring import ScoredRows
from xentcli.errors import ContentError
from xentcli.sources.source import Block


class MovedPlace(Struct, frozen=True):
    """A row whose prediction moved; classes are by number among NEW's."""

    kl: float  # nats
    place: Place  # in NEW
    base_place: Place
    id: str | None
    label: int | None  # None without labels
    base_top: int
    base_probability: float  # of its top class
    new_top: int
    new_probability: float

    @property
    def order(self) -> tuple[float, Place]:
        """The largest divergence first, then the first row of the first input."""
        return -self.kl, self.place


class MostMoved(Struct, frozen=True):
    """The rows that moved most, in order. `merge` is commutative and associative, its identity `MostMoved()`."""

    rows: tuple[MovedPlace, ...] = ()

    def merge(self, other: Self) -> Self:
        """The rows of both."""
        return type(self)(first_of(self.rows, other.rows))


class Moved(Merging, frozen=True):
    """What rows add; `merge` is commutative and associative."""

    divergence: Divergence
    slices: StatesBySlice[Divergence]
    most: MostMoved

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        return cls(Divergence.empty(), StatesBySlice(), MostMoved())

    def without(self, sets: frozenset[int]) -> Self:
        """Without the slices of some sets of columns."""
        return replace(self, slices=self.slices.without(sets))


class DivergenceComparer(Struct, frozen=True):
    """Takes NEW, which is streamed, against BASE."""

    order: IndexArray  # (K,): for each class of NEW its number in BASE
    policy: Policy
    labelled: bool
    id: str | None  # the column of NEW that names a row

    @property
    def empty(self) -> Moved:
        """Of no rows."""
        return Moved.empty()

    def compare(self, number: int, blocks: Sequence[Block], rows: Sequence[ScoredRows]) -> Moved:
        """Rows of NEW's input `number` and of BASE, all of them and by slice."""
        own, other = rows
        assert own.batch is not None
        assert other.batch is not None
        found, cluster = diverge_rows(other.batch, own.batch, self.order, self.policy), own.cluster
        _refuse_heavy(found, blocks[0], own.at)
        scores = (other.scores, own.scores) if self.labelled else None
        codes, names = (None, ()) if cluster is None else (cluster.codes, cluster.values)

        def of_slice(at: IndexArray) -> Divergence:
            part = None if scores is None else (scores[0].where(at), scores[1].where(at))
            return Divergence.of(found.where(at), part, None if codes is None else codes[at], names)

        listed = sorted(self._most(number, blocks, own, other.batch, found), key=lambda row: row.order)
        whole = Divergence.of(found, scores, codes, names)
        return Moved(whole, StatesBySlice.of(own, of_slice), MostMoved(tuple(listed)))

    def _most(
        self, number: int, blocks: Sequence[Block], own: ScoredRows, base: Batch, found: RowDivergence
    ) -> Iterator[MovedPlace]:
        """The rows of a block that moved most."""
        rows = largest(found.kl)
        if not rows or own.batch is None:
            return
        new_tops, base_tops = (_top_classes(batch, rows, self.policy) for batch in (own.batch, base))
        number_in_new = np.argsort(self.order)
        for i, row in enumerate(rows):
            at = int(own.at[row])
            yield MovedPlace(
                kl=float(found.kl[row]),
                place=(number, blocks[0].where(at)),
                base_place=(0, blocks[1].where(at)),
                id=None if self.id is None else cell_text(blocks[0], self.id, at),
                label=int(own.batch.labels[row]) if self.labelled and own.batch.labels is not None else None,
                base_top=int(number_in_new[base_tops.known("top")[i]]),
                base_probability=float(base_tops.known("confidence")[i]),
                new_top=int(new_tops.known("top")[i]),
                new_probability=float(new_tops.known("confidence")[i]),
            )


def _top_classes(batch: Batch, rows: Sequence[int], policy: Policy) -> RowScores:
    return score_rows(batch, policy, ("top", "confidence"), np.array(rows))[0]


def _refuse_heavy(found: RowDivergence, block: Block, at: IndexArray) -> None:
    """Raise a `ContentError` for a weight that float64 cannot multiply with what the row adds."""
    if found.weights is None:
        return
    finite = np.maximum(*(np.where(np.isfinite(x), x, 0.0) for x in (found.kl, found.kl_reverse)))
    heavy = np.flatnonzero(np.isinf(found.weights * finite))
    if heavy.size:
        message = (
            f"the weight {float(found.weights[heavy[0]])!r} times the divergence of its row is beyond float64"
        )
        raise ContentError("weight_too_large", message, where=block.where(int(at[heavy[0]])))
