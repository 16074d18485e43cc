"""One chunk of two inputs that stand side by side: both scored, and compared row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.columns.columns import Columns
from xentcli.core.batch import IndexArray, Policy, RowScores
from xentcli.core.exact import Merging
from xentcli.core.paired import Paired
from xentcli.decoding.categorical import Categorical
from xentcli.decoding.filter import take_rows
from xentcli.decoding.groups import Slice
from xentcli.decoding.tally import Tally
from xentcli.engine.comparing.most_different import MostDifferent
from xentcli.engine.scoring import BlockScorer, ScoredRows
from xentcli.engine.slices import MOST_SLICES, SliceKey
from xentcli.engine.totals import Plan, Totals
from xentcli.joining.disagreements import Agreement, keep_shared_rows
from xentcli.joining.pairing import Pairing
from xentcli.sources.source import Block, Chunk


class Comparison(Struct, frozen=True):
    """How blocks that hold both inputs are read and scored."""

    new: Sequence[Columns]  # of each input that together are NEW
    pairing: Pairing
    agreement: Agreement
    policy: Policy
    plan: Plan
    id: str | None  # the column of NEW that names a row

    @property
    def empty(self) -> PairTotals:
        """The identity of merging."""
        new, base = Totals.empty(self.new[0].class_count), Totals.empty(self.pairing.columns.class_count)
        return PairTotals(new, base, Paired.empty(), PairSlices(), MostDifferent(), Tally())


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
        kept = {key: state for key, state in self.states.items() if key[0] not in sets} if sets else self.states
        return type(self)(kept)


class PairTotals(Merging, frozen=True):
    """What rows add to a comparison; `merge` is commutative and associative."""

    new: Totals
    base: Totals
    paired: Paired
    slices: PairSlices
    different: MostDifferent
    disagreements: Tally

    def merge(self, other: Self) -> Self:
        """What both add."""
        merged = super().merge(other)
        return replace(merged, slices=merged.slices.without(merged.new.slices.too_many))


def compare_chunk(number: int, chunk: Chunk, comparison: Comparison, known: PairTotals) -> PairTotals:
    """What a chunk of NEW's input `number` adds, with BASE's columns beside its own.

    `known` are the totals so far that these will be merged with.
    """
    policy, plan = comparison.policy, comparison.plan
    scorers = (
        BlockScorer(number, comparison.new[number], policy, plan, pairs=True),
        BlockScorer(number, comparison.pairing.columns, policy, plan, pairs=True),
    )
    totals = replace(comparison.empty, new=known.new.identity(), base=known.base.identity())
    for scorer, each in zip(scorers, (totals.new, totals.base), strict=True):
        scorer.begin(each.state)
    with np.errstate(all="ignore"):  # as in `score_chunk`
        for block in chunk.blocks():
            totals = totals.merge(_compare_block(number, block, scorers, comparison))
    new, base = (scorer.finish(each) for scorer, each in zip(scorers, (totals.new, totals.base), strict=True))
    return replace(totals, new=new, base=base)


def _compare_block(
    number: int, block: Block, scorers: tuple[BlockScorer, BlockScorer], comparison: Comparison
) -> PairTotals:
    pair = block, comparison.pairing.base_block(block)
    differ = comparison.agreement.check_filters(number, pair, (scorers[0].filter, scorers[1].filter))
    kept = _kept_pairs(pair, scorers)
    if kept is None:
        return _score_pairs(number, pair, scorers, comparison, differ)
    left_out = block.rows - kept.size
    totals = comparison.empty
    if kept.size:
        rows = take_rows(pair[0], kept), take_rows(pair[1], kept)
        totals = _score_pairs(number, rows, scorers, comparison, differ)
    return replace(
        totals,
        new=scorers[0].with_filtered(totals.new, left_out),
        base=scorers[1].with_filtered(totals.base, left_out),
        disagreements=totals.disagreements if kept.size else differ,
    )


def _kept_pairs(pair: tuple[Block, Block], scorers: tuple[BlockScorer, BlockScorer]) -> IndexArray | None:
    """The rows that the filters of both inputs keep; None for all of them."""
    masks = [scorer.filter.keeps(block) for scorer, block in zip(scorers, pair, strict=True)]
    found = [each for each in masks if each is not None]
    return np.flatnonzero(np.logical_and.reduce(found)) if found else None


def _score_pairs(
    number: int,
    blocks: tuple[Block, Block],
    scorers: tuple[BlockScorer, BlockScorer],
    comparison: Comparison,
    filters: Tally,
) -> PairTotals:
    """What rows of both inputs add; `filters` is what the filters do not agree in."""
    (block, base_block), (scorer, base_scorer) = blocks, scorers
    new, base = keep_shared_rows(scorer.decode(block), base_scorer.decode(base_block))
    differ = comparison.agreement.check(number, blocks, comparison.new[number], new, base).merge(filters)
    base = replace(base, batch=replace(base.batch, weights=new.batch.weights))  # which agree, but for rounding
    own, findings = scorer.score(block, new)
    other, base_findings = base_scorer.score(base_block, base)
    totals = comparison.empty
    if own is not None and other is not None and not differ.entries:
        both = replace(totals, new=scorer.totals(block, own), base=base_scorer.totals(base_block, other))
        totals = _with_pairs(both, number, (block, base_block), own, other, comparison.id)
    return replace(
        totals,
        new=scorer.with_findings(totals.new, block, new, findings),
        base=base_scorer.with_findings(totals.base, base_block, base, base_findings),
        disagreements=differ,
    )


def _with_pairs(
    totals: PairTotals,
    number: int,
    blocks: tuple[Block, Block],
    own: ScoredRows,
    other: ScoredRows,
    id: str | None,
) -> PairTotals:
    """With the rows that both models scored compared, all of them and by slice."""
    new, base = own.scores, other.scores
    return replace(
        totals,
        paired=_state(new, base, own.cluster),
        slices=PairSlices(_by_slice(new, base, own.slices, own.cluster)),
        different=MostDifferent.of(number, blocks, own.at, new, base, id),
    )


def _state(new: RowScores, base: RowScores, cluster: Categorical[str | None] | None) -> Paired:
    return Paired.of(new, base) if cluster is None else Paired.of(new, base, cluster.codes, cluster.values)


def _by_slice(
    new: RowScores,
    base: RowScores,
    sets: Sequence[Categorical[Slice]],
    cluster: Categorical[str | None] | None,
) -> dict[SliceKey, Paired]:
    states = {}
    for number, slices in enumerate(sets):
        present = np.unique(slices.codes)
        for code in present.tolist() if present.size <= MOST_SLICES else ():
            rows = np.flatnonzero(slices.codes == code)
            part = None if cluster is None else cluster.where(rows)
            states[number, slices.values[code]] = _state(new.where(rows), base.where(rows), part)
    return states
