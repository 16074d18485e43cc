"""One chunk of an input, from its columns to totals: what every engine runs, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.columns.columns import Columns, ScoreLayout
from xentcli.core.accumulator import Accumulator, RowNumbers, score_rows
from xentcli.core.batch import Batch, Finding, IndexArray, Policy, RowScores, join_rows
from xentcli.core.checks import check, loss_findings, needs_a_look, suspicious_logits
from xentcli.core.clusters import ClusterRows, Clusters, quantities
from xentcli.core.curves.events import Events
from xentcli.core.fits.folds import FoldTotals, RowPlaces
from xentcli.core.gradients import Gradients
from xentcli.core.kept_room import RoomsTogether
from xentcli.core.kept_rows import as_numbers_of
from xentcli.core.kernel import BROKEN, ODD
from xentcli.core.numbers.standard_errors import ClassErrors
from xentcli.core.row_means import RowMeans
from xentcli.core.state import ScoreState
from xentcli.decoding.categorical import Categorical
from xentcli.decoding.decode import DecodedBlock, Decoder
from xentcli.decoding.filter import RowFilter
from xentcli.decoding.groups import Slice
from xentcli.decoding.missing_values import SPELLED
from xentcli.decoding.named_scores import NOT_NAMED
from xentcli.decoding.number_columns import FALLING, falling_lists
from xentcli.decoding.tally import EXAMPLES, Example, Tally
from xentcli.decoding.tokens import LEADING
from xentcli.engine.documents import DocumentRows
from xentcli.engine.same_rows import SameRows
from xentcli.engine.slices import MOST_SLICES, SliceKey, Slices, SliceState
from xentcli.engine.totals import Plan, Totals
from xentcli.engine.worst import Worst
from xentcli.sources.source import Block

_MOST_HELD = 64  # slices whose rows are still being added up: each takes some 100 KiB

# Findings that go with a result; the others are errors.
NOTICES = frozenset(
    {
        LEADING,
        FALLING,
        "infinite_loss",
        "loss_overflow",
        "probability_rounded",
        "target_rounded",
        "looks_like_probabilities",
        "skipped_nan",
    }
)


class ScoredRows(Struct, frozen=True, eq=False):
    """The rows of a block that have a weight, and what each scores."""

    at: IndexArray  # their numbers in the block
    slices: Sequence[Categorical[Slice]]
    cluster: Categorical[str | None] | None
    zero_weight: int  # rows left out
    scores: RowScores
    fold: Categorical[str | None] | None = None
    batch: Batch | None = None  # what was scored


def add_blocks(blocks: Iterable[tuple[BlockScorer, Block]], totals: Totals) -> Totals:
    """The totals with all that some blocks add, each with the scorer of its input, but what the scorers hold.

    Broken rows are tallied, never raised, and leave the state worthless.
    """
    with np.errstate(all="ignore"):  # what is beyond float64 becomes a finding, not a warning
        for scorer, block in blocks:
            totals = totals.merge(_add_block(block, scorer))
    return totals


def _add_block(block: Block, scorer: BlockScorer) -> Totals:
    """What a block adds; what it was decoded and scored into is free again before the next one is read."""
    whole, block = block, scorer.filter.select(block)
    if not block.rows and whole.rows:
        return scorer.with_filtered(scorer.empty, whole.rows)
    decoded = scorer.decode(block)
    rows, findings = scorer.score(block, decoded)
    totals = scorer.empty if rows is None else scorer.totals(block, rows)
    return scorer.with_filtered(scorer.with_findings(totals, block, decoded, findings), whole.rows - block.rows)


class BlockScorer:
    """Scores the blocks of input `number`, or of several inputs from that one on.

    Of `pairs`, what a comparison takes of each row too.
    """

    def __init__(
        self,
        number: int,
        columns: Columns,
        policy: Policy,
        plan: Plan,
        *,
        pairs: bool = False,
        rooms: RoomsTogether | None = None,
    ) -> None:
        self.number, self._columns, self._policy, self._plan = number, columns, policy, plan
        self.empty = Totals.empty(columns.class_count)  # of no rows
        self.filter = RowFilter(columns.keys.where)
        self.decode = Decoder(columns, policy).decode
        self._wanted, self._rooms = _wanted(columns, plan, pairs), rooms or RoomsTogether()
        self.begin(ScoreState.empty(columns.class_count))

    def with_filtered(self, totals: Totals, rows: int) -> Totals:
        """The totals of a block of which a filter has left out some rows."""
        if not rows:
            return totals
        rows //= self._columns.scores_of_row
        read = totals.rows.get(self.number, 0) + rows
        return replace(totals, rows={self.number: read}, filtered=rows)

    def begin(self, whole: ScoreState) -> None:
        """Begin a part of `whole`, which need not keep more than that."""
        self._part_of = whole
        self._rows = self._accumulator()  # of all rows but those that are in slices of the first set
        self._slices: dict[SliceKey, Accumulator] = {}
        self._clusters: dict[SliceKey | None, ClusterRows] = {}  # None: of all rows
        self._documents = DocumentRows()
        self._row_means: dict[SliceKey | None, RowMeans] = {}  # likewise, where several scores are of one row
        self._numbers: IndexArray | None = None  # of the rows of the block, likewise
        self._slice_states: dict[SliceKey, ScoreState] = {}
        self._too_many: set[int] = set()  # sets of columns that have too many slices
        self._state = whole.identity()  # of the rows that were in slices of the first set, if it is one of them

    def _accumulator(self, of: int = 0) -> Accumulator:
        """Of rows of a set of columns: those of the first are the whole, so those of others do not count."""
        breakdown = self._plan.breakdown
        return Accumulator(self._policy, self._part_of, breakdown=breakdown, rooms=self._rooms, counts=of == 0)

    def finish(self, totals: Totals) -> Totals:
        """With what all rows scored since `begin` add up to: the whole is the slices of one set together."""
        self._end_slices()
        state = self._rows.state().merge(self._state)
        clusters = {key: Clusters(rows.totals()) for key, rows in self._clusters.items()}
        slices = {}
        for key, each in self._slice_states.items():
            slices[key] = SliceState(
                each, clusters.get(key, Clusters()), self._row_means.get(key, RowMeans.empty())
            )
            state = state.merge(each) if key[0] == 0 else state
        together = Slices(slices, frozenset(self._too_many))
        row_means = self._row_means.get(None, RowMeans.empty())
        documents, whole = self._documents.totals(), clusters.get(None, Clusters())
        added = Totals(state, slices=together, clusters=whole, documents=documents, row_means=row_means)
        return totals.merge(added).compact()

    def _end_slices(self) -> None:
        states = self._slice_states
        for key, rows in self._slices.items():
            state = rows.state()
            states[key] = states[key].merge(state) if key in states else state
        self._slices = {}

    def _drop_slices(self, of: int) -> None:
        """Of a set of columns that has too many."""
        self._end_slices()
        self._too_many.add(of)
        dropped = [self._slice_states.pop(key) for key in [*self._slice_states] if key[0] == of]
        if of == 0:
            self._state = reduce(ScoreState.merge, dropped, self._state)
        self._clusters = {key: rows for key, rows in self._clusters.items() if key is None or key[0] != of}
        self._row_means = {key: means for key, means in self._row_means.items() if key is None or key[0] != of}

    def score(self, block: Block, decoded: DecodedBlock) -> tuple[ScoredRows | None, list[Finding]]:
        """Score the rows of a block that have a weight; None if anything is broken. And all that was found."""
        batch, policy = decoded.batch, self._policy
        findings = [*decoded.findings]
        look = needs_a_look(batch)
        if look:
            findings += self._checked(decoded)
        if decoded.unknown or _broken(findings):
            return None, findings if look else [*findings, *self._checked(decoded)]
        rows = np.flatnonzero(batch.weights) if look and batch.weights is not None else None
        kept = decoded if rows is None else decoded.where(rows)
        keys = None
        if self._plan.breakdown and batch.classes > 2:
            keys = self._row_numbers(block, kept.rows)
        self._numbers = block.numbers() if self._columns.multilabel is not None else None
        scored, code = self._add(kept, keys)
        if code & BROKEN:
            scored, _ = score_rows(kept.batch, policy, ("top_loss",))
        found: list[Finding] = []
        if code and not look:
            found += check(batch, policy)
        if code & ODD or (code and not _broken([*findings, *found])):
            found += loss_findings(kept.batch, scored)
        found += suspicious_logits(kept.batch, policy)
        if self._columns.scores.layout is ScoreLayout.LIST and isinstance(kept.batch.scores, np.ndarray):
            found += falling_lists(kept.batch.scores)
        findings += (_in_block(kept.rows, each) for each in found)
        zeros = decoded.rows.size - kept.rows.size
        rows_scored = ScoredRows(kept.rows, kept.slices, kept.cluster, zeros, scored, kept.fold, kept.batch)
        return None if code & BROKEN else rows_scored, findings

    def _row_numbers(self, block: Block, rows: IndexArray) -> RowNumbers:
        numbers = block.numbers()[rows]
        if block.parts:
            inputs = np.searchsorted(block.ends, rows, "right")
            numbers = as_numbers_of(self.number, inputs, numbers)
        return RowNumbers(self.number, numbers)

    def _checked(self, decoded: DecodedBlock) -> Iterator[Finding]:
        for each in check(decoded.batch, self._policy):
            yield _in_block(decoded.rows, _of_weighted_rows(each, decoded.batch))

    def _add(self, decoded: DecodedBlock, keys: RowNumbers | None) -> tuple[RowScores, int]:
        """Score all rows, and add them up: by slice, if they have one in the first set."""
        found: tuple[RowScores, int] | None = None
        for number in range(len(decoded.slices)):
            scored = self._add_slices(decoded, keys, number) if number not in self._too_many else None
            found = scored if number == 0 else found
        if found is None:
            found = self._rows.add(decoded.batch, self._wanted, keys=keys)
        scores, code = found
        if decoded.cluster is not None and not code & BROKEN:
            codes, names = decoded.cluster.codes, decoded.cluster.values
            self._clusters.setdefault(None, ClusterRows()).add_scores(scores, codes, names)
        if decoded.documents is not None and not code & BROKEN:
            self._documents.add(scores, decoded.documents)
        if not code & BROKEN:
            self._add_row_means(None, scores, decoded.rows)
        return found

    def _add_row_means(self, key: SliceKey | None, scores: RowScores, rows: IndexArray) -> None:
        """Add the means of what is scored of each row of the input; `rows` are those of the block."""
        if self._numbers is not None and rows.size:
            means = RowMeans.of(quantities(scores), scores.weights, self._numbers[rows])
            self._row_means[key] = self._row_means.get(key, RowMeans.empty()).merge(means)

    def _add_slices(self, decoded: DecodedBlock, keys: RowNumbers | None, of: int) -> tuple[RowScores, int] | None:
        """Score the rows of each slice of a set of columns; None if there are none, or too many."""
        groups = decoded.slices[of].groups()
        known = {value for number, value in (*self._slices, *self._slice_states) if number == of}
        values = {value: decoded.slices[of].values[value] for value, _ in groups}
        if len(known.union(values.values())) > MOST_SLICES:
            self._drop_slices(of)
            return None
        parts, code = [], 0
        for value, rows in groups:
            key = of, values[value]
            if key not in self._slices:
                self._slices[key] = self._accumulator(of)
            scores, of_slice = self._slices[key].add(decoded.batch, self._wanted, rows, keys)
            code |= of_slice
            parts.append(scores)
            if decoded.cluster is not None and not of_slice & BROKEN:
                codes, names = decoded.cluster.codes[rows], decoded.cluster.values
                self._clusters.setdefault(key, ClusterRows()).add_scores(scores, codes, names)
            if not of_slice & BROKEN:
                self._add_row_means(key, scores, decoded.rows[rows])
            if len(self._slices) > _MOST_HELD:
                self._end_slices()
        return (join_rows(parts, np.concatenate([rows for _, rows in groups])), code) if parts else None

    def totals(self, block: Block, rows: ScoredRows) -> Totals:
        """What scored rows add beside their state."""
        plan, scores = self._plan, rows.scores
        state = self.empty.state.counting(zero_weight=rows.zero_weight)
        plain = scores.labels is not None
        worst = Worst(plan.worst)
        if plan.worst:
            worst = Worst.of(plan.worst, self.number, block, rows.at, scores, self._columns.keys)
        totals = Totals(state, worst=worst)
        if plan.folds is not None:
            places = RowPlaces(self.number, block.numbers()[rows.at], coded(rows.fold), coded(rows.cluster))
            totals = replace(totals, folds=FoldTotals.of(plan.folds, scores, places))
        if plan.events:
            totals = replace(totals, events=Events.of(scores, plan.events))
        if plan.gradients and plain:
            totals = replace(totals, gradients=Gradients.of(scores))
        if plan.class_errors and plain:
            totals = replace(totals, class_errors=ClassErrors.of(scores))
        return totals

    def with_findings(
        self, totals: Totals, block: Block, decoded: DecodedBlock, findings: Iterable[Finding]
    ) -> Totals:
        """The totals of a block with what was found in its rows, and how many were left out."""
        tally = Tally()
        for each in findings:
            if each.rows.size:
                of = self._subject(each)
                tally = tally.plus(each.code, of, each.rows.size, list(self._examples(block, each)))
        for text, places in decoded.unknown.items():
            label = self._columns.label or ""
            examples = [self._example(block, row, label, text or "") for row in places[:EXAMPLES]]
            tally = tally.plus("label_unknown", text, places.size, examples)
        for text, rows in decoded.ignored_labels.items():
            tally = tally.plus("ignored_label", text, rows, ())
        for spelling, count in decoded.spelled.items():
            if count:
                tally = tally.plus(SPELLED, spelling, count, ())
        seen = decoded.labels.items() if self._columns.single else ()
        if self._plan.same_rows:
            totals = replace(totals, same_rows=SameRows.of(self.number, block, decoded, self._columns.keys))
        return replace(
            totals,
            state=totals.state.counting(skipped=decoded.skipped, ignored=decoded.ignored),
            rows=self._rows_read(block),
            tally=tally,
            labels=frozenset((index, text) for text, index in seen),
        )

    def _rows_read(self, block: Block) -> dict[int, int]:
        """By the number of the input."""
        if not block.parts:
            return {self.number: block.rows // self._columns.scores_of_row}
        return {number: rows for number, rows in enumerate(block.parts, self.number) if rows}

    def _subject(self, finding: Finding) -> str | None:
        """The class that objects or lists with names lack, which they may do without a word."""
        scores = self._columns.scores
        if finding.code not in ("score_missing", NOT_NAMED) or not scores.order or finding.scores[0] < 0:
            return None
        return scores.order[int(finding.scores[0])]

    def _examples(self, block: Block, finding: Finding) -> Iterator[Example]:
        first = zip(finding.rows[:EXAMPLES], finding.scores[:EXAMPLES], finding.values[:EXAMPLES], strict=True)
        for row, score, value in first:
            yield self._example(block, row, self._column(finding.code, int(score)), repr(float(value)))

    def _example(self, block: Block, row: np.intp, column: str, value: str) -> Example:
        return Example((self.number + block.input_of(int(row)), block.where(int(row))), column, value)

    def _column(self, code: str, score: int) -> str:
        """The column that a finding is about; "" for the row as a whole."""
        columns = self._columns
        group = columns.targets if code.startswith("target") else columns.scores
        one = len(columns.scores.names) == 1 and code.startswith(("list", "score"))
        if group is not None and (score >= 0 or one):
            names = group.column_of
            return names[min(max(0, score), len(names) - 1)]  # one column may give the scores of two classes
        named = {
            "label": columns.label,
            "weight": columns.weight,
            "bytes": columns.bytes,
            "predicted": columns.predicted,
        }
        return named.get(code.split("_", maxsplit=1)[0]) or ""


def _wanted(columns: Columns, plan: Plan, pairs: bool) -> tuple[str, ...]:
    """What is taken of each row beside its loss."""
    wanted = {"top", "label_share"} if plan.worst or pairs else set()
    if columns.keys.cluster is not None or columns.multilabel is not None or pairs:
        wanted |= {"top", "brier"}
    if plan.folds is not None:
        wanted.add("log_odds" if columns.class_count == 2 else "log_q")
    if plan.log_odds and columns.class_count == 2:
        wanted.add("log_odds")
    if plan.gradients:
        wanted |= {"brier", "label_share", "shares"}
    if plan.class_errors or plan.events:
        wanted |= {"top", "shares"}
    return tuple(sorted(wanted))


def coded(column: Categorical[str | None] | None) -> tuple[IndexArray, Sequence[str | None]] | None:
    """The code `(n,)` of each row, and what the codes stand for."""
    return None if column is None else (column.codes, column.values)


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
