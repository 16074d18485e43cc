"""One chunk of an input, from its columns to a state: what every engine runs, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import chain
from typing import Self

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.columns.columns import Columns, GroupColumns
from xentcli.core.batch import (
    Batch,
    Finding,
    IndexArray,
    KeyArray,
    Policy,
    RowScores,
    TokenScores,
    check,
    doubts,
    joined,
    tidy,
)
from xentcli.core.clusters import Clusters, score_clusters
from xentcli.core.gradients import Gradients
from xentcli.core.kept_rows import row_keys
from xentcli.core.losses import for_fits, odd_losses, row_scores
from xentcli.core.standard_errors import ClassErrors
from xentcli.core.state import Counts, ScoreState
from xentcli.decoding.categorical import Categorical
from xentcli.decoding.decode import DecodedBlock, Decoder
from xentcli.decoding.groups import Slice
from xentcli.decoding.tally import EXAMPLES, Example, Tally
from xentcli.engine.slices import Slices
from xentcli.engine.worst import Worst
from xentcli.sources.source import Block, Chunk

# Values and rows of a block that is scored at once: few enough for the memory, and so many that little time goes
# to the hundreds of calls to NumPy, between which threads wait for the interpreter's lock. A quarter of the rows
# takes two classes half as long again; twice the values save 10 classes a tenth of the time, for more memory.
BLOCK_VALUES = 1 << 18
BLOCK_ROWS = 1 << 17
FEWEST_ROWS = 1 << 8  # with 1,000 classes, exact sums cost more for a block than for its values if it has fewer

MOST_LABELS = 20  # label texts of a class that are kept

# Findings that go with a result; the others are errors.
NOTICES = frozenset(
    {"infinite_loss", "loss_overflow", "probability_rounded", "looks_like_probabilities", "skipped_nan"}
)


class Plan(Struct, frozen=True):
    """What is wanted beside the scores."""

    breakdown: bool = True
    worst: int = 0  # rows to list
    gradients: bool = False
    class_errors: bool = False  # of the numbers of each class, which gates test
    first_input: int = 0  # the number of the first input, where it is one of many that are scored apart


class PartScore(Struct, frozen=True):
    """What a chunk adds to the result.

    `merge` is commutative and associative with `PartScore.empty(K)` as identity. `labels` holds, by class
    index, the label texts seen where one score column leaves the names of its two classes open: the first few
    in alphabetical order, as two are all it takes, or a column of ids would fill the memory.
    """

    state: ScoreState
    tally: Tally
    labels: frozenset[tuple[int, str]] = frozenset()
    slices: Slices = field(default_factory=Slices)
    clusters: Clusters = field(default_factory=Clusters)
    worst: Worst = field(default_factory=Worst)
    gradients: Gradients = field(default_factory=Gradients.empty)
    class_errors: ClassErrors = field(default_factory=ClassErrors.empty)

    @classmethod
    def empty(cls, classes: int) -> Self:
        """The identity of `merge`."""
        return cls(ScoreState.empty(classes), Tally())

    def merge(self, other: Self) -> Self:
        """What both add."""
        state = self.state.merge(other.state)
        return type(self)(
            state,
            self.tally.merge(other.tally),
            _few(self.labels | other.labels),
            self.slices.merge(other.slices).beside(state.breakdown),
            self.clusters.merge(other.clusters),
            self.worst.merge(other.worst),
            self.gradients.merge(other.gradients),
            self.class_errors.merge(other.class_errors),
        )


def _few(labels: frozenset[tuple[int, str]]) -> frozenset[tuple[int, str]]:
    kept = (sorted(each for each in labels if each[0] == index)[:MOST_LABELS] for index in (0, 1))
    return frozenset(chain.from_iterable(kept)) if len(labels) > MOST_LABELS else labels


def score_chunk(
    number: int, chunk: Chunk, columns: Columns, policy: Policy, plan: Plan, whole: PartScore | None = None
) -> PartScore:
    """Score a chunk of input `number`. Broken rows are tallied, never raised, and leave the state worthless.

    `whole` is what is known so far of the sum that this will be merged into: it spares work, and changes nothing.
    """
    decoder = Decoder(columns, policy)
    result = PartScore.empty(columns.class_count)
    if whole is not None:
        result = replace(result, state=result.state.beside(whole.state.breakdown))
    with np.errstate(all="ignore"):  # what is beyond float64 becomes a finding, not a warning
        for block in chunk.blocks():
            result = result.merge(_score_block(number, block, decoder.decode(block), columns, policy, plan))
    return replace(result, state=replace(result.state, breakdown=result.state.breakdown.tidied()))


def _score_block(
    number: int, block: Block, decoded: DecodedBlock, columns: Columns, policy: Policy, plan: Plan
) -> PartScore:
    scored, findings = scored_rows(number, block, decoded, policy, plan)
    totals = PartScore.empty(decoded.batch.classes)
    if scored is not None:
        totals = block_totals(number, block, scored, columns.keys, plan)
    return told(number, block, decoded, findings, columns, totals)


def scored_rows(
    number: int, block: Block, decoded: DecodedBlock, policy: Policy, plan: Plan
) -> tuple[ScoredRows | None, list[Finding]]:
    """The rows of a block that have a weight, scored, and all that was found; None if anything is broken."""
    checked = (_that_count(each, decoded.batch) for each in check(decoded.batch, policy))
    findings = [*decoded.findings, *(_at(decoded.rows, each) for each in checked)]
    if decoded.unknown or any(each.code not in NOTICES for each in findings):
        return None, findings
    batch = _weighted(decoded)
    keys = row_keys(number, block.numbers()[batch.at]) if plan.breakdown and batch.rows.classes > 2 else None
    pieces, found = _scored(batch.rows, keys, policy)
    findings += [_at(batch.at, each) for each in found]
    broken = any(each.code not in NOTICES for each in found)
    return None if broken else ScoredRows(batch, pieces), findings


def told(
    number: int,
    block: Block,
    decoded: DecodedBlock,
    findings: Sequence[Finding],
    columns: Columns,
    scored: PartScore,
) -> PartScore:
    """What a block adds: its totals, what was found in its rows, and how many were left out."""
    tally = Tally(block.rows)
    for each in findings:
        if each.rows.size:
            tally = tally.plus(each.code, None, each.rows.size, list(_examples(number, block, each, columns)))
    for text, places in decoded.unknown.items():
        examples = [
            Example((number, block.where(int(row))), columns.label or "", text or "") for row in places[:EXAMPLES]
        ]
        tally = tally.plus("label_unknown", text, places.size, examples)
    labels = frozenset((index, text) for text, index in decoded.labels.items()) if columns.single else frozenset()
    state = scored.state.counting(Counts(skipped=decoded.skipped, ignored=decoded.ignored))
    return replace(scored, state=state, tally=tally, labels=labels)


class Weighted(Struct, frozen=True, eq=False):
    """The rows of a block that have a weight."""

    rows: Batch
    at: IndexArray  # their numbers in the block
    slices: Sequence[Categorical[Slice]]
    cluster: Categorical[str | None] | None
    zeros: int  # rows left out


class ScoredRows(Struct, frozen=True, eq=False):
    """The rows of a block that have a weight, and what each scores."""

    batch: Weighted
    pieces: Sequence[RowScores | TokenScores]  # of consecutive rows

    def joined(self) -> RowScores | TokenScores | None:
        """The scores of all of them; None without rows."""
        return joined(self.pieces) if self.pieces else None


def _weighted(decoded: DecodedBlock) -> Weighted:
    batch = decoded.batch
    if batch.weights is None or batch.weights.all():
        return Weighted(batch, decoded.rows, decoded.slices, decoded.cluster, 0)
    kept = np.flatnonzero(batch.weights)
    slices = [each.where(kept) for each in decoded.slices]
    cluster = None if decoded.cluster is None else decoded.cluster.where(kept)
    return Weighted(batch.where(kept), decoded.rows[kept], slices, cluster, batch.rows - kept.size)


def _scored(
    batch: Batch, keys: KeyArray | None, policy: Policy
) -> tuple[list[RowScores | TokenScores], list[Finding]]:
    """The rows of a batch, scored in pieces of a block's size, and what is worth a word about them."""
    findings: list[Finding] = []
    pieces: list[RowScores | TokenScores] = []
    step = max(1, min(BLOCK_ROWS, max(FEWEST_ROWS, BLOCK_VALUES // len(batch.scores))))
    rows = np.arange(batch.rows)
    for start in range(0, rows.size, step):
        stop = start + step
        piece = tidy(batch.between(start, stop))
        scores = row_scores(piece, policy)
        if keys is not None and isinstance(scores, RowScores):
            scores = replace(scores, log_forecast=for_fits(piece, policy), keys=keys[start:stop])
        findings += [_at(rows[start:stop], each) for each in (*odd_losses(piece, scores), *doubts(piece, policy))]
        pieces.append(scores)
    return pieces, findings


def block_totals(number: int, block: Block, scored: ScoredRows, keys: GroupColumns, plan: Plan) -> PartScore:
    """What scored rows add."""
    batch, pieces = scored.batch, scored.pieces
    states = [ScoreState.of(piece, breakdown=plan.breakdown) for piece in pieces]
    state = reduce(ScoreState.merge, states) if states else ScoreState.empty(batch.rows.classes)
    state = state.counting(Counts(zero_weight=batch.zeros))
    gradients, errors = Gradients.empty(), ClassErrors.empty()
    for piece in pieces:
        if plan.gradients and isinstance(piece, RowScores):
            gradients = gradients.merge(Gradients.of(piece))
        if plan.class_errors and isinstance(piece, RowScores) and piece.targets is None:
            errors = errors.merge(ClassErrors.of(piece))
    result = PartScore(state, Tally(), worst=Worst(plan.worst), gradients=gradients, class_errors=errors)
    whole = scored.joined() if batch.slices or batch.cluster or plan.worst else None
    if whole is None:
        return result
    if batch.slices:
        result = replace(result, slices=Slices.of(whole, batch.slices, batch.cluster, breakdown=plan.breakdown))
    if batch.cluster is not None:
        result = replace(result, clusters=score_clusters(whole, batch.cluster.codes, batch.cluster.values))
    if plan.worst:
        result = replace(result, worst=Worst.of(plan.worst, number, block, batch.at, whole, keys))
    return result


def _that_count(finding: Finding, batch: Batch) -> Finding:
    """A notice is about rows that have a weight; an error is about any."""
    if batch.weights is None or finding.code not in NOTICES:
        return finding
    kept = batch.weights[finding.rows] > 0
    return Finding(finding.code, finding.rows[kept], finding.scores[kept], finding.values[kept])


def _at(rows: IndexArray, finding: Finding) -> Finding:
    """A finding with its rows counted in the block."""
    return replace(finding, rows=rows[finding.rows])


def _examples(number: int, block: Block, finding: Finding, columns: Columns) -> Iterator[Example]:
    first = zip(finding.rows[:EXAMPLES], finding.scores[:EXAMPLES], finding.values[:EXAMPLES], strict=True)
    for row, score, value in first:
        column = _column_of(finding.code, int(score), columns)
        yield Example((number, block.where(int(row))), column, repr(float(value)))


def _column_of(code: str, score: int, columns: Columns) -> str:
    """The column that a finding is about; "" for the row as a whole."""
    group = columns.targets if code.startswith("target") else columns.scores
    one = len(columns.scores.names) == 1 and code.startswith(("list", "score"))
    if group is not None and (score >= 0 or one):
        return str(group.column_of[max(0, score)])
    named: dict[str, str | None] = {"label": columns.label, "weight": columns.weight, "bytes": columns.bytes}
    return named.get(code.split("_", maxsplit=1)[0]) or ""
