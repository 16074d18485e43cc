"""One chunk of an input, from its columns to totals: what every engine runs, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.columns.columns import Columns
from xentcli.core.batch import Batch, Finding, IndexArray, Policy, RowScores, TokenScores, join_rows
from xentcli.core.checks import check, clamp_to_range, suspicious_logits
from xentcli.core.clusters import score_clusters
from xentcli.core.gradients import Gradients
from xentcli.core.kept_rows import row_keys
from xentcli.core.row_scores import log_predictions, loss_findings, row_scores
from xentcli.core.standard_errors import ClassErrors
from xentcli.core.state import Counts, ScoreState
from xentcli.decoding.categorical import Categorical
from xentcli.decoding.decode import DecodedBlock, Decoder
from xentcli.decoding.groups import Slice
from xentcli.decoding.tally import EXAMPLES, Example, Tally
from xentcli.engine.slices import Slices
from xentcli.engine.totals import Plan, Totals
from xentcli.engine.worst import Worst
from xentcli.sources.source import Block, Chunk

# Values and rows of a block that is scored at once: few enough for the memory, and so many that little time goes
# to the hundreds of calls to NumPy, between which threads wait for the interpreter's lock. A quarter of the rows
# takes two classes half as long again; twice the values save 10 classes a tenth of the time, for more memory.
BLOCK_VALUES = 1 << 18
BLOCK_ROWS = 1 << 17
FEWEST_ROWS = 1 << 8  # with 1,000 classes, exact sums cost more for a block than for its values if it has fewer

# Findings that go with a result; the others are errors.
NOTICES = frozenset(
    {"infinite_loss", "loss_overflow", "probability_rounded", "looks_like_probabilities", "skipped_nan"}
)


class ScoredRows(Struct, frozen=True, eq=False):
    """The rows of a block that have a weight, and what each scores."""

    classes: int
    at: IndexArray  # their numbers in the block
    slices: Sequence[Categorical[Slice]]
    cluster: Categorical[str | None] | None
    zero_weight: int  # rows left out
    pieces: Sequence[RowScores | TokenScores]  # of consecutive rows

    def join_rows(self) -> RowScores | TokenScores | None:
        """The scores of all of them; None without rows."""
        return join_rows(self.pieces) if self.pieces else None


def score_chunk(chunk: Chunk, scorer: BlockScorer, known: Totals) -> Totals:
    """What a chunk adds. Broken rows are tallied, never raised, and leave the state worthless.

    `known` are the totals so far that these will be merged with.
    """
    return score_blocks(((scorer, block) for block in chunk.blocks()), known)


def score_blocks(blocks: Iterable[tuple[BlockScorer, Block]], known: Totals) -> Totals:
    """Likewise what some blocks add, each with the scorer of its input."""
    totals = known.identity()
    with np.errstate(all="ignore"):  # what is beyond float64 becomes a finding, not a warning
        for scorer, block in blocks:
            totals = totals.merge(_score_block(block, scorer))
    return totals.compact()


def _score_block(block: Block, scorer: BlockScorer) -> Totals:
    """What a block adds; what it was decoded and scored into is free again before the next one is read."""
    decoded = scorer.decode(block)
    rows, findings = scorer.score(block, decoded)
    totals = Totals.empty(decoded.batch.classes) if rows is None else scorer.totals(block, rows)
    return scorer.with_findings(totals, block, decoded, findings)


class BlockScorer:
    """Scores the blocks of input `number`."""

    def __init__(self, number: int, columns: Columns, policy: Policy, plan: Plan) -> None:
        self._number, self._columns, self._policy, self._plan = number, columns, policy, plan
        self.decode = Decoder(columns, policy).decode

    def of_input(self, number: int, columns: Columns) -> BlockScorer:
        """The scorer of another input: itself from now on, if that has the same columns."""
        if columns is not self._columns:
            return BlockScorer(number, columns, self._policy, self._plan)
        self._number = number
        return self

    def score(self, block: Block, decoded: DecodedBlock) -> tuple[ScoredRows | None, list[Finding]]:
        """The rows of a block that have a weight, and all that was found; None if anything is broken."""
        checked = (_of_weighted_rows(each, decoded.batch) for each in check(decoded.batch, self._policy))
        findings = [*decoded.findings, *(_in_block(decoded.rows, each) for each in checked)]
        if decoded.unknown or _broken(findings):
            return None, findings
        weights = decoded.batch.weights
        kept = decoded if weights is None or weights.all() else decoded.where(np.flatnonzero(weights))
        pieces, found = self._scores(block, kept.batch, kept.rows)
        findings += [_in_block(kept.rows, each) for each in found]
        zeros = decoded.rows.size - kept.rows.size
        scored = ScoredRows(kept.batch.classes, kept.rows, kept.slices, kept.cluster, zeros, pieces)
        return None if _broken(found) else scored, findings

    def _scores(
        self, block: Block, batch: Batch, at: IndexArray
    ) -> tuple[list[RowScores | TokenScores], list[Finding]]:
        """The rows of a batch, scored in pieces, and what is worth a word about them."""
        keys = None
        if self._plan.breakdown and batch.classes > 2:
            keys = row_keys(self._number, block.numbers()[at])
        findings: list[Finding] = []
        pieces: list[RowScores | TokenScores] = []
        step = max(1, min(BLOCK_ROWS, max(FEWEST_ROWS, BLOCK_VALUES // len(batch.scores))))
        rows = np.arange(batch.rows)
        for start in range(0, rows.size, step):
            stop = start + step
            piece = clamp_to_range(batch.between(start, stop))
            scores = row_scores(piece, self._policy)
            if keys is not None and isinstance(scores, RowScores):
                scores = replace(scores, log_forecast=log_predictions(piece, self._policy), keys=keys[start:stop])
            found = (*loss_findings(piece, scores), *suspicious_logits(piece, self._policy))
            findings += [_in_block(rows[start:stop], each) for each in found]
            pieces.append(scores)
        return pieces, findings

    def totals(self, block: Block, rows: ScoredRows) -> Totals:
        """What scored rows add."""
        plan, pieces, cluster = self._plan, rows.pieces, rows.cluster
        states = [ScoreState.of(piece, breakdown=plan.breakdown) for piece in pieces]
        state = reduce(ScoreState.merge, states) if states else ScoreState.empty(rows.classes)
        gradients, errors = Gradients.empty(), ClassErrors.empty()
        for piece in pieces:
            if plan.gradients and isinstance(piece, RowScores):
                gradients = gradients.merge(Gradients.of(piece))
            if plan.class_errors and isinstance(piece, RowScores) and piece.targets is None:
                errors = errors.merge(ClassErrors.of(piece))
        state = state.counting(Counts(zero_weight=rows.zero_weight))
        totals = Totals(state, worst=Worst(plan.worst), gradients=gradients, class_errors=errors)
        scores = rows.join_rows() if rows.slices or cluster or plan.worst else None
        if scores is None:
            return totals
        if rows.slices:
            totals = replace(totals, slices=Slices.of(scores, rows.slices, cluster, breakdown=plan.breakdown))
        if cluster is not None:
            totals = replace(totals, clusters=score_clusters(scores, cluster.codes, cluster.values))
        if plan.worst:
            worst = Worst.of(plan.worst, self._number, block, rows.at, scores, self._columns.keys)
            totals = replace(totals, worst=worst)
        return totals

    def with_findings(
        self, totals: Totals, block: Block, decoded: DecodedBlock, findings: Iterable[Finding]
    ) -> Totals:
        """The totals of a block with what was found in its rows, and how many were left out."""
        tally = Tally()
        for each in findings:
            if each.rows.size:
                tally = tally.plus(each.code, None, each.rows.size, list(self._examples(block, each)))
        for text, places in decoded.unknown.items():
            label = self._columns.label or ""
            examples = [self._example(block, row, label, text or "") for row in places[:EXAMPLES]]
            tally = tally.plus("label_unknown", text, places.size, examples)
        seen = decoded.labels.items() if self._columns.single else ()
        return replace(
            totals,
            state=totals.state.counting(Counts(skipped=decoded.skipped, ignored=decoded.ignored)),
            rows={self._number: block.rows},
            tally=tally,
            labels=frozenset((index, text) for text, index in seen),
        )

    def _examples(self, block: Block, finding: Finding) -> Iterator[Example]:
        first = zip(finding.rows[:EXAMPLES], finding.scores[:EXAMPLES], finding.values[:EXAMPLES], strict=True)
        for row, score, value in first:
            yield self._example(block, row, self._column(finding.code, int(score)), repr(float(value)))

    def _example(self, block: Block, row: np.intp, column: str, value: str) -> Example:
        return Example((self._number, block.where(int(row))), column, value)

    def _column(self, code: str, score: int) -> str:
        """The column that a finding is about; "" for the row as a whole."""
        columns = self._columns
        group = columns.targets if code.startswith("target") else columns.scores
        one = len(columns.scores.names) == 1 and code.startswith(("list", "score"))
        if group is not None and (score >= 0 or one):
            return group.column_of[max(0, score)]
        named = {"label": columns.label, "weight": columns.weight, "bytes": columns.bytes}
        return named.get(code.split("_", maxsplit=1)[0]) or ""


def _broken(findings: Iterable[Finding]) -> bool:
    return any(each.code not in NOTICES for each in findings)


def _of_weighted_rows(finding: Finding, batch: Batch) -> Finding:
    """A notice is about rows that have a weight; an error is about any."""
    if batch.weights is None or finding.code not in NOTICES:
        return finding
    kept = batch.weights[finding.rows] > 0
    return Finding(finding.code, finding.rows[kept], finding.scores[kept], finding.values[kept])


def _in_block(rows: IndexArray, finding: Finding) -> Finding:
    """A finding with its rows counted in the block."""
    return replace(finding, rows=rows[finding.rows])
