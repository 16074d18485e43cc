"""One chunk of several models side by side: each row scored by every model, and what they score compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.columns.columns import Columns
from xentcli.core.batch import IndexArray, Policy
from xentcli.decoding.decode import DecodedBlock
from xentcli.decoding.filter import take_rows
from xentcli.decoding.tally import Tally
from xentcli.engine.comparing.unlabelled import UnlabelledScorer
from xentcli.engine.engine import Meter, Progress
from xentcli.engine.local import as_done
from xentcli.engine.scoring import BlockScorer, ScoredRows
from xentcli.engine.slices import MOST_SLICES, SliceKey
from xentcli.engine.totals import Plan, Totals
from xentcli.joining.disagreements import Agreement, keep_shared_rows
from xentcli.joining.pairing import Pairing
from xentcli.sources.source import Block, Chunk


class Comparable(Protocol):
    """What is taken of rows that all models scored; `merge` is commutative and associative."""

    def merge(self, other: Self, /) -> Self:
        """Of both sets of rows."""

    def without(self, sets: frozenset[int], /) -> Self:
        """Without the slices of some sets of columns, of which there are too many."""


Part = TypeVar("Part", bound=Comparable)
Part_co = TypeVar("Part_co", bound=Comparable, covariant=True)
State = TypeVar("State", bound="Mergeable")


class Comparer(Protocol[Part_co]):
    """How to compare."""

    @property
    def empty(self) -> Part_co:
        """Of no rows."""

    def compare(self, number: int, blocks: Sequence[Block], rows: Sequence[ScoredRows]) -> Part_co:
        """What rows of input `number` add, as each model has them: the streamed one first, with its slices."""


class Mergeable(Protocol):
    """A state of rows."""

    def merge(self, other: Self, /) -> Self:
        """Of both sets of rows."""


class StatesBySlice(Struct, Generic[State], frozen=True):
    """The states of slices. `merge` is commutative and associative with `StatesBySlice()` as identity."""

    states: dict[SliceKey, State] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: ScoredRows, state: Callable[[IndexArray], State]) -> Self:
        """Of a block: `state` of the rows of each slice, by their numbers among those scored."""
        states = {}
        for number, slices in enumerate(rows.slices):
            present = np.unique(slices.codes)
            for code in present.tolist() if present.size <= MOST_SLICES else ():
                states[number, slices.values[code]] = state(np.flatnonzero(slices.codes == code))
        return cls(states)

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


class ModelTotals(Struct, Generic[Part], frozen=True):
    """What rows add: the totals of each model, the streamed one first, and their comparison.

    `merge` is commutative and associative. A slice of a set of columns that has too many of them is dropped; the
    slices of the first model tell of it.
    """

    models: tuple[Totals, ...]
    compared: Part
    disagreements: tuple[Tally, ...]  # of each other model with the first

    def merge(self, other: Self) -> Self:
        """What both add."""
        models = tuple(one.merge(two) for one, two in zip(self.models, other.models, strict=True))
        compared = self.compared.merge(other.compared).without(models[0].slices.too_many)
        pairs = zip(self.disagreements, other.disagreements, strict=True)
        return type(self)(models, compared, tuple(one.merge(two) for one, two in pairs))

    @property
    def rows(self) -> int:
        """How many were read."""
        return sum(self.models[0].rows.values())


class Models(Struct, Generic[Part], frozen=True):
    """How blocks that hold all models are read, scored and compared."""

    columns: tuple[Sequence[Columns], ...]  # of each model, the streamed one first: for each of its inputs
    pairing: Pairing
    agreements: tuple[Agreement, ...]  # of each other model with the first; none in one input
    policy: Policy
    plan: Plan
    comparer: Comparer[Part]
    id: str | None  # the column of the streamed input that names a row
    same_groups: bool = False  # whether slices and clusters are those of the first model for all

    @property
    def empty(self) -> ModelTotals[Part]:
        """The identity of merging."""
        totals = tuple(Totals.empty(each[0].class_count) for each in self.columns)
        return ModelTotals(totals, self.comparer.empty, tuple(Tally() for _ in self.agreements))

    def of_input(self, number: int) -> list[tuple[int, Columns]]:
        """For the streamed input of this number: that of each model's own input, and its columns."""
        own = [number if len(each) > 1 else 0 for each in self.columns]
        return [(at, each[at]) for at, each in zip(own, self.columns, strict=True)]

    def totals(self, threads: int, progress: Progress | None) -> ModelTotals[Part]:
        """What all rows add."""
        merged, meter = self.empty, Meter(self.pairing.sources, progress)

        def jobs() -> Iterable[tuple[int, Chunk]]:
            for number, source in enumerate(self.pairing.sources):
                columns = [columns for _, columns in self.of_input(number)]
                wanted = self.pairing.projection(columns, self.id)
                yield from ((number, chunk) for chunk in source.chunks(wanted))

        def compare(job: tuple[int, Chunk]) -> tuple[int, Chunk, ModelTotals[Part]]:
            number, chunk = job
            return number, chunk, compare_chunk(number, chunk, self, merged)

        for number, chunk, totals in as_done(compare, jobs(), threads):
            merged = merged.merge(totals)
            meter.add([(number, chunk)], totals.models[0])
        return merged


class ComparingEngine(Protocol):
    """Where and how chunks of several models are scored; it changes no number."""

    def compare(self, models: Models[Part], /) -> ModelTotals[Part]:
        """Score all rows by every model, and compare them."""


def compare_chunk(number: int, chunk: Chunk, models: Models[Part], known: ModelTotals[Part]) -> ModelTotals[Part]:
    """What a chunk of input `number` adds; `known` are the totals so far that these will be merged with."""
    scorers = [_scorer(own, columns, models) for own, columns in models.of_input(number)]
    totals = replace(models.empty, models=tuple(each.identity() for each in known.models))
    for scorer, each in zip(scorers, totals.models, strict=True):
        scorer.begin(each.state)
    with np.errstate(all="ignore"):  # as in `add_blocks`
        for block in chunk.blocks():
            totals = totals.merge(_compare_block(number, block, scorers, models))
    finished = (scorer.finish(each) for scorer, each in zip(scorers, totals.models, strict=True))
    return replace(totals, models=tuple(finished))


def _scorer(number: int, columns: Columns, models: Models[Part]) -> BlockScorer:
    if columns.unlabelled:
        return UnlabelledScorer(number, columns, models.policy, models.plan)
    return BlockScorer(number, columns, models.policy, models.plan, pairs=True)


def _compare_block(
    number: int, block: Block, scorers: Sequence[BlockScorer], models: Models[Part]
) -> ModelTotals[Part]:
    blocks = models.pairing.blocks(block, len(scorers))
    differ = tuple(
        agreement.check_filters(number, (block, other), (scorers[0].filter, scorer.filter))
        for agreement, other, scorer in zip(models.agreements, blocks[1:], scorers[1:], strict=False)
    )
    kept = _kept_rows(blocks, scorers)
    if kept is None:
        return _score_rows(number, blocks, scorers, models, differ)
    if not kept.size:
        totals = replace(models.empty, disagreements=differ)
    else:
        taken = {id(each): take_rows(each, kept) for each in blocks}
        totals = _score_rows(number, [taken[id(each)] for each in blocks], scorers, models, differ)
    left_out = block.rows - kept.size
    pairs = zip(scorers, totals.models, strict=True)
    return replace(totals, models=tuple(scorer.with_filtered(each, left_out) for scorer, each in pairs))


def _kept_rows(blocks: Sequence[Block], scorers: Sequence[BlockScorer]) -> IndexArray | None:
    """The rows that the filters of all models keep; None for all of them."""
    masks = [scorer.filter.keeps(block) for scorer, block in zip(scorers, blocks, strict=True)]
    found = [each for each in masks if each is not None]
    return np.flatnonzero(np.logical_and.reduce(found)) if found else None


def _score_rows(
    number: int,
    blocks: Sequence[Block],
    scorers: Sequence[BlockScorer],
    models: Models[Part],
    filters: Sequence[Tally],
) -> ModelTotals[Part]:
    """What rows of all models add; `filters` is what their filters do not agree in."""
    decoded = keep_shared_rows([scorer.decode(each) for scorer, each in zip(scorers, blocks, strict=True)])
    first, own = decoded[0], models.columns[0][number]
    differ = tuple(
        agreement.check(number, (blocks[0], block), own, first, other).merge(tally)
        for agreement, block, other, tally in zip(
            models.agreements, blocks[1:], decoded[1:], filters, strict=False
        )
    )
    decoded = [first, *(_like_first(each, first, models.same_groups) for each in decoded[1:])]
    each_model = list(zip(scorers, blocks, decoded, strict=True))
    found = [scorer.score(block, rows) for scorer, block, rows in each_model]
    scored = [rows for rows, _ in found if rows is not None]
    added: list[Totals] = [scorer.empty for scorer in scorers]
    compared = models.comparer.empty
    if len(scored) == len(scorers) and not any(tally.entries for tally in differ):
        added = [scorer.totals(block, rows) for (scorer, block, _), rows in zip(each_model, scored, strict=True)]
        compared = models.comparer.compare(number, blocks, scored)
    parts = zip(each_model, added, found, strict=True)
    totals = [
        scorer.with_findings(each, block, rows, findings) for (scorer, block, rows), each, (_, findings) in parts
    ]
    return ModelTotals(tuple(totals), compared, differ)


def _like_first(other: DecodedBlock, first: DecodedBlock, same_groups: bool) -> DecodedBlock:
    """With the weights of the first model, which agree but for rounding, and perhaps its slices and clusters."""
    groups: dict[str, Any] = {name: getattr(first, name) for name in ("slices", "cluster")} if same_groups else {}
    return replace(other, batch=replace(other.batch, weights=first.batch.weights), **groups)
