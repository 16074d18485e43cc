"""One chunk of two inputs that stand side by side: both scored, and compared row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.columns.columns import Columns
from xentcli.core.batch import Policy, RowScores, TokenScores
from xentcli.core.exact import Merging
from xentcli.core.paired import Paired
from xentcli.decoding.categorical import Categorical
from xentcli.decoding.decode import Decoder
from xentcli.decoding.groups import Slice
from xentcli.decoding.tally import Tally
from xentcli.engine.most_different import MostDifferent
from xentcli.engine.scoring import PartScore, Plan, ScoredRows, block_totals, scored_rows, told
from xentcli.engine.slices import MOST_SLICES, SliceKey
from xentcli.joining.disagreements import Agreement, keep_shared_rows
from xentcli.sources.source import Block, Chunk


class Sides(Struct, frozen=True):
    """How a block that holds both inputs is read."""

    new: Sequence[Columns]  # of each input that together are NEW
    base: Columns
    base_block: Callable[[Block], Block]  # the rows of a block as BASE has them
    agreement: Agreement
    policy: Policy
    plan: Plan
    id: str | None  # the column of NEW that names a row


class PairSlices(Struct, frozen=True):
    """The paired states of slices. `merge` is commutative and associative with `PairSlices()` as identity.

    A slice of a set of columns that has too many of them is dropped; NEW's own slices tell of it.
    """

    states: dict[SliceKey, Paired] = field(default_factory=dict)

    def merge(self, other: Self) -> Self:
        """The slices of both sets of rows."""
        states = dict(self.states)
        for key, state in other.states.items():
            states[key] = states[key].merge(state) if key in states else state
        return type(self)(states)

    def without(self, sets: frozenset[int]) -> Self:
        """Without the slices of some sets of columns."""
        return (
            type(self)({key: state for key, state in self.states.items() if key[0] not in sets}) if sets else self
        )


class PartPair(Merging, frozen=True):
    """What a chunk adds to a comparison.

    `merge` is commutative and associative with `PartPair.empty` as identity.
    """

    new: PartScore
    base: PartScore
    paired: Paired
    slices: PairSlices
    different: MostDifferent
    disagreements: Tally

    @classmethod
    def empty(cls, new: int, base: int) -> Self:
        """The identity of `merge`, for so many classes of either side."""
        return cls(
            PartScore.empty(new), PartScore.empty(base), Paired.empty(), PairSlices(), MostDifferent(), Tally()
        )

    def merge(self, other: Self) -> Self:
        """What both add."""
        merged = super().merge(other)
        return replace(merged, slices=merged.slices.without(merged.new.slices.too_many))


def compare_chunk(number: int, chunk: Chunk, sides: Sides, whole: PartPair) -> PartPair:
    """Compare a chunk of NEW's input `number`, with BASE's columns beside its own.

    `whole` is what is known so far of the sum that this will be merged into: it spares work, and changes nothing.
    """
    own = sides.new[number]
    decoders = Decoder(own, sides.policy), Decoder(sides.base, sides.policy)
    result = PartPair.empty(own.class_count, sides.base.class_count)
    result = replace(result, new=_beside(result.new, whole.new), base=_beside(result.base, whole.base))
    with np.errstate(all="ignore"):  # as in `score_chunk`
        for block in chunk.blocks():
            result = result.merge(_compare_block(number, block, decoders, sides))
    return replace(result, new=_tidied(result.new), base=_tidied(result.base))


def _compare_block(number: int, block: Block, decoders: tuple[Decoder, Decoder], sides: Sides) -> PartPair:
    columns, base_block = sides.new[number], sides.base_block(block)
    new, base = keep_shared_rows(decoders[0].decode(block), decoders[1].decode(base_block))
    differ = sides.agreement.check(number, (block, base_block), columns, new, base)
    base = replace(base, batch=replace(base.batch, weights=new.batch.weights))  # which agree, but for rounding
    own, findings = scored_rows(number, block, new, sides.policy, sides.plan)
    other, base_findings = scored_rows(number, base_block, base, sides.policy, sides.plan)
    result = PartPair.empty(columns.class_count, sides.base.class_count)
    scores, base_scores = result.new, result.base
    if own is not None and other is not None and not differ.entries:
        scores = block_totals(number, block, own, columns.keys, sides.plan)
        base_scores = block_totals(number, base_block, other, sides.base.keys, sides.plan)
        result = _paired(result, number, (block, base_block), own, other, sides.id)
    return replace(
        result,
        new=told(number, block, new, findings, columns, scores),
        base=told(number, base_block, base, base_findings, sides.base, base_scores),
        disagreements=replace(differ, rows=block.rows),
    )


def _paired(
    result: PartPair, number: int, blocks: tuple[Block, Block], own: ScoredRows, other: ScoredRows, id: str | None
) -> PartPair:
    """With the rows that both models scored compared, all of them and by slice."""
    new, base = own.joined(), other.joined()
    if new is None or base is None:
        return result
    at, cluster = own.batch.at, own.batch.cluster
    return replace(
        result,
        paired=_state(new, base, cluster),
        slices=PairSlices(_by_slice(new, base, own.batch.slices, cluster)),
        different=MostDifferent.of(number, blocks, at, new, base, id),
    )


Scored = RowScores | TokenScores


def _state(new: Scored, base: Scored, cluster: Categorical[str | None] | None) -> Paired:
    return Paired.of(new, base) if cluster is None else Paired.of(new, base, cluster.codes, cluster.values)


def _by_slice(
    new: Scored, base: Scored, sets: Sequence[Categorical[Slice]], cluster: Categorical[str | None] | None
) -> dict[SliceKey, Paired]:
    states = {}
    for number, slices in enumerate(sets):
        present = np.unique(slices.codes)
        for code in present.tolist() if present.size <= MOST_SLICES else ():
            rows = np.flatnonzero(slices.codes == code)
            part = None if cluster is None else cluster.where(rows)
            states[number, slices.values[code]] = _state(new.where(rows), base.where(rows), part)
    return states


def _beside(part: PartScore, whole: PartScore) -> PartScore:
    return replace(part, state=part.state.beside(whole.state.breakdown))


def _tidied(part: PartScore) -> PartScore:
    return replace(part, state=replace(part.state, breakdown=part.state.breakdown.tidied()))
