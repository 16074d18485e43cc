"""One part of an input, from its columns to a state: what every engine runs, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Self

import numpy as np

from xentcli.core.losses import odd_losses, row_scores
from xentcli.core.score_state import Counts, ScoreState
from xentcli.core.scores import Batch, Finding, IndexArray, Policy, check, doubts, tidy
from xentcli.data.columns import Columns
from xentcli.data.decode import Decoded, Decoder
from xentcli.data.source import Block, Part
from xentcli.data.tally import EXAMPLES, Example, Tally

# Values of a block that is scored at once: its arrays stay in a core's second-level cache.
BLOCK_VALUES = 1 << 16
BLOCK_ROWS = 1 << 14
FEWEST_ROWS = 1 << 8  # with 1,000 classes, exact sums cost more for a block than for its values if it has fewer

MOST_LABELS = 20  # label texts of a class that are kept

# Findings that go with a result; the others are errors.
NOTICES = frozenset(
    {"infinite_loss", "loss_overflow", "probability_rounded", "looks_like_probabilities", "skipped_nan"}
)


@dataclass(frozen=True)
class PartScore:
    """What a part adds to the result.

    `merge` is commutative and associative with `PartScore.empty(K)` as identity. `labels` holds, by class
    index, the label texts seen where one score column leaves the names of its two classes open: the first few
    in alphabetical order, as two are all it takes, or a column of ids would fill the memory.
    """

    state: ScoreState
    tally: Tally
    labels: frozenset[tuple[int, str]] = frozenset()

    @classmethod
    def empty(cls, classes: int) -> Self:
        """The identity of `merge`."""
        return cls(ScoreState.empty(classes), Tally())

    def merge(self, other: Self) -> Self:
        """What both parts add."""
        labels = _few(self.labels | other.labels)
        return type(self)(self.state.merge(other.state), self.tally.merge(other.tally), labels)


def _few(labels: frozenset[tuple[int, str]]) -> frozenset[tuple[int, str]]:
    kept = (sorted(each for each in labels if each[0] == index)[:MOST_LABELS] for index in (0, 1))
    return frozenset(chain.from_iterable(kept)) if len(labels) > MOST_LABELS else labels


def score_part(number: int, part: Part, columns: Columns, policy: Policy) -> PartScore:
    """Score a part of input `number`. Broken rows are tallied, never raised, and leave the state worthless."""
    decoder = Decoder(columns, policy)
    result = PartScore.empty(columns.class_count)
    for block in part.blocks():
        result = result.merge(_score_block(number, block, decoder.decode(block), columns, policy))
    return result


def _score_block(number: int, block: Block, decoded: Decoded, columns: Columns, policy: Policy) -> PartScore:
    checked = (_that_count(each, decoded.batch) for each in check(decoded.batch, policy))
    findings = [*decoded.findings, *(_at(decoded.rows, each) for each in checked)]
    state = ScoreState.empty(decoded.batch.classes)
    counts = Counts(skipped=decoded.skipped, ignored=decoded.ignored)
    if not decoded.unknown and all(each.code in NOTICES for each in findings):
        state, found = _score_batch(decoded.batch, policy)
        findings += [_at(decoded.rows, each) for each in found]
    state = state.counting(counts)
    tally = Tally(block.rows)
    for each in findings:
        if each.rows.size:
            tally = tally.plus(each.code, "", each.rows.size, list(_examples(number, block, each, columns)))
    for text, places in decoded.unknown.items():
        examples = [
            Example((number, block.where(int(row))), columns.label or "", text) for row in places[:EXAMPLES]
        ]
        tally = tally.plus("label_unknown", text, places.size, examples)
    labels = frozenset((index, text) for text, index in decoded.labels.items()) if columns.single else frozenset()
    return PartScore(state, tally, labels)


def _score_batch(batch: Batch, policy: Policy) -> tuple[ScoreState, list[Finding]]:
    """The state of a batch without broken rows, and what its losses are worth a word about."""
    rows = np.arange(batch.rows)
    zeros = 0
    if batch.weights is not None and not batch.weights.all():
        rows = np.flatnonzero(batch.weights)
        zeros = batch.rows - rows.size
        batch = batch.where(batch.weights > 0)
    state = ScoreState.empty(batch.classes).counting(Counts(zero_weight=zeros))
    findings: list[Finding] = []
    step = max(1, min(BLOCK_ROWS, max(FEWEST_ROWS, BLOCK_VALUES // len(batch.scores))))
    for start in range(0, rows.size, step):
        piece = tidy(batch.between(start, start + step))
        scores = row_scores(piece, policy)
        found = (*odd_losses(piece, scores), *doubts(piece, policy))
        odd = [_at(rows[start : start + step], each) for each in found]
        findings += odd
        if all(each.code in NOTICES for each in odd):
            state = state.merge(ScoreState.of(scores))
    return state, findings


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
