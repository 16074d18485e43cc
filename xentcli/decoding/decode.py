"""From a block of columns to a batch: labels become class indices, scores float64, classes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.columns.columns import Columns, ScoreLayout
from xentcli.columns.labels import NO_CLASS
from xentcli.core.batch import Batch, Finding, IndexArray, Policy, by_class, by_row
from xentcli.core.exact import FloatArray
from xentcli.decoding.categorical import MISSING_TEXT, Categorical
from xentcli.decoding.groups import GroupReader, Slice
from xentcli.decoding.labels import IGNORED, MISSING, LabelReader, Labels
from xentcli.decoding.missing_values import MissingValues
from xentcli.decoding.number_columns import in_nats, number_column, read_scores
from xentcli.decoding.predicted import scores_of_both
from xentcli.decoding.row_problems import RowProblems, rows_mask
from xentcli.decoding.target_logits import are_finite_logits, softmax
from xentcli.decoding.tokens import read_tokens, token_sizes
from xentcli.sources.arrays import BoolArray, is_of_arrow
from xentcli.sources.source import Block

_SMALLEST, _LARGEST = float(np.nextafter(0.0, 1.0)), float(np.finfo(np.float64).max)
LACKING = "rows_lacking"  # a finding that only counts the rows of others
_SKIPPABLE = ("label_missing", "score_missing", "target_missing", "predicted_missing")


class DecodedBlock(Struct, frozen=True, eq=False):
    """A batch of the rows that can be read, which rows of the block those are, and what the others lack.

    `labels` gives the class index of each label text that a row has and a class was found for.
    """

    batch: Batch
    rows: IndexArray  # (n,): row number in the block of each row of the batch
    findings: tuple[Finding, ...]  # in row numbers of the block
    unknown: dict[str | None, IndexArray]  # rows of each label that no class has; None: of further ones
    labels: dict[str, int]
    ignored_labels: dict[str, int]  # how many rows have each label that is ignored
    skipped: int
    ignored: int
    slices: tuple[Categorical[Slice], ...]  # of the rows of the batch, for each set of columns sliced by
    cluster: Categorical[str | None] | None  # likewise
    documents: Categorical[str | None] | None = None  # likewise
    fold: Categorical[str | None] | None = None  # likewise
    spelled: Mapping[str, int] = {}  # how many values were missing by each spelling of that

    def where(self, keep: IndexArray) -> DecodedBlock:
        """Some of the rows of the batch, by their numbers in it."""
        return replace(
            self,
            batch=self.batch.where(keep),
            rows=self.rows[keep],
            slices=tuple(each.where(keep) for each in self.slices),
            cluster=None if self.cluster is None else self.cluster.where(keep),
            documents=None if self.documents is None else self.documents.where(keep),
            fold=None if self.fold is None else self.fold.where(keep),
        )


class Decoder:
    """Decodes the blocks of one input."""

    def __init__(self, columns: Columns, policy: Policy) -> None:
        self._columns = columns
        self._skip_missing = policy.skip_missing
        self._spelled = MissingValues(columns.missing)
        self._labels = LabelReader(columns, policy, self._spelled)
        self._predicted = LabelReader(columns, Policy(), self._spelled, any_spelling=True)
        self._groups = GroupReader(columns.keys, self._spelled)

    def decode(self, block: Block) -> DecodedBlock:
        """Turn the arrays of a block into numbers; `ContentError` for values that Arrow itself cannot read."""
        with arrow_faults(block):
            return self._decode(block)

    def _decode(self, block: Block) -> DecodedBlock:
        if self._columns.scores.layout is ScoreLayout.TOKENS:
            return self._decode_tokens(block)
        columns, problems = self._columns, RowProblems(block.rows, self._spelled)
        weights = number_column(block, columns.weight, "weight_missing", problems)
        labels = None if columns.label is None else self._labels.read(block.columns[columns.label])
        if labels is not None:
            problems.add_missing("label_missing", labels.indices == MISSING)
            if labels.factors is not None:
                weights = labels.factors if weights is None else _multiply(weights, labels.factors)
        scores = in_nats(read_scores(block, columns.scores, "score_missing", problems), columns.nats)
        predicted = None
        if columns.predicted is not None:
            predicted = self._predicted.read(block.columns[columns.predicted])
            problems.add_missing("predicted_missing", predicted.indices == MISSING)
            unknown = predicted.indices == NO_CLASS
            problems.add_broken("predicted_unknown", unknown, np.full(block.rows, np.nan))
            scores = scores_of_both(columns.kind, scores[0], predicted.indices)
        targets = None
        if columns.targets is not None:
            targets = by_class(read_scores(block, columns.targets, "target_missing", problems))
            if columns.target_logits:
                unsound = ~(are_finite_logits(targets) | problems.missing)
                problems.add_broken("target_logit", unsound, targets.max(axis=0))
                targets = softmax(targets)
        sizes = number_column(block, columns.bytes, "bytes_missing", problems)
        documents, cluster = self._documents_and_clusters(block, problems)
        indices = None if labels is None else labels.indices
        batch = Batch(columns.kind, scores, indices, weights, targets, sizes)
        fold = self._groups.fold(block)
        if fold is not None:
            problems.add_missing("fold_missing", fold.codes == MISSING_TEXT)
        slices = self._groups.slices(block)
        decoded = self._keep_readable(batch, labels, problems, slices, cluster, documents, fold)
        if predicted is not None and columns.classes is None:
            decoded = replace(decoded, labels=decoded.labels | predicted.known)
        return self._with_spellings(decoded, block)

    def _with_spellings(self, decoded: DecodedBlock, block: Block) -> DecodedBlock:
        """With how many values were missing by each spelling of that."""
        found = self._spelled.take(block.spelled)
        return replace(decoded, spelled=found) if found else decoded

    def _documents_and_clusters(
        self, block: Block, problems: RowProblems
    ) -> tuple[Categorical[str | None] | None, Categorical[str | None] | None]:
        """The document and the cluster of each row, which is its document where no other is asked for."""
        documents = self._groups.documents(block) if self._columns.documents else None
        cluster = self._groups.cluster(block)
        for code, found in (("document_missing", documents), ("cluster_missing", cluster)):
            if found is not None:
                problems.add_missing(code, found.codes == MISSING_TEXT)
        return documents, documents if cluster is None else cluster

    def _decode_tokens(self, block: Block) -> DecodedBlock:
        """The tokens of the lists of a block, each a row of the batch."""
        columns, problems = self._columns, RowProblems(block.rows, self._spelled)
        tokens = read_tokens(block, columns.scores.names[0], problems)
        weights = number_column(block, columns.weight, "weight_missing", problems)
        sizes = token_sizes(block, columns.bytes, tokens, problems)
        documents, cluster = self._documents_and_clusters(block, problems)
        if tokens.missing.any():
            problems.add_missing("score_missing", rows_mask(tokens.rows[tokens.missing], block.rows))
        weights = None if weights is None else weights[tokens.rows]
        batch = Batch(columns.kind, (tokens.values * columns.nats,), None, weights, None, sizes)
        nan, skipped = np.zeros(batch.rows, np.bool_), 0
        out = problems.broken[tokens.rows] | tokens.missing
        if self._skip_missing:
            nan = np.isnan(tokens.values) & ~tokens.missing
            skipped = int(np.count_nonzero(tokens.missing | nan)) + tokens.no_list
            out |= nan
        else:
            out |= problems.missing[tokens.rows]
        found = [*self._findings_to_report(problems, np.zeros(block.rows, np.bool_)), *tokens.leading]
        found += [_in_rows(tokens.rows, each) for each in by_row("skipped_nan", nan, np.full(nan.size, np.nan))]
        decoded = DecodedBlock(
            batch, tokens.rows, tuple(found), unknown={}, labels={}, ignored_labels={}, skipped=skipped, ignored=0,
            slices=tuple(each.where(tokens.rows) for each in self._groups.slices(block)),
            cluster=None if cluster is None else cluster.where(tokens.rows),
            documents=None if documents is None else documents.where(tokens.rows),
        )  # fmt: skip
        return self._with_spellings(decoded.where(np.flatnonzero(~out)) if out.any() else decoded, block)

    def _keep_readable(
        self,
        batch: Batch,
        labels: Labels | None,
        problems: RowProblems,
        slices: tuple[Categorical[Slice], ...],
        cluster: Categorical[str | None] | None,
        documents: Categorical[str | None] | None,
        fold: Categorical[str | None] | None,
    ) -> DecodedBlock:
        """Leave out what is ignored or, if the policy says so, missing; what is broken is left to its finding."""
        nan = skipped = np.zeros(batch.rows, np.bool_)
        ignored = skipped if labels is None else labels.indices == IGNORED
        if self._skip_missing:
            nan = np.isnan(batch.matrix).any(axis=0) & ~problems.missing & ~ignored
            skipped = nan | (problems.missing & ~ignored)
        out = ignored | skipped | problems.missing | problems.broken
        if batch.labels is not None:
            out |= batch.labels < 0
        findings = self._findings_to_report(problems, ignored)
        decoded = DecodedBlock(
            batch,
            np.arange(batch.rows),
            (*findings, *by_row("skipped_nan", nan, np.full(nan.size, np.nan))),
            {} if labels is None else labels.unknown,
            {} if labels is None else labels.known,
            {} if labels is None else labels.ignored,
            int(np.count_nonzero(skipped)),
            int(np.count_nonzero(ignored)),
            slices,
            cluster,
            documents,
            fold,
        )
        return decoded.where(np.flatnonzero(~out)) if out.any() else decoded

    def _findings_to_report(self, problems: RowProblems, ignored: BoolArray) -> Iterator[Finding]:
        """Those that are not about ignored rows, nor about what the policy skips."""
        lacking = np.flatnonzero(problems.missing & ~ignored)
        all_skipped = self._skip_missing and all(each.code in _SKIPPABLE for each in problems.findings)
        if lacking.size and not all_skipped:
            yield Finding(LACKING, lacking, np.full(lacking.size, -1), np.full(lacking.size, np.nan))
        for each in problems.findings:
            keep = ~ignored[each.rows]
            if keep.any() and not (self._skip_missing and each.code in _SKIPPABLE):
                yield Finding(each.code, each.rows[keep], each.scores[keep], each.values[keep])


@contextmanager
def arrow_faults(block: Block) -> Iterator[None]:
    """Turns what Arrow cannot read of a block into a `ContentError`."""
    try:
        yield
    except Exception as error:  # to name Arrow's own would load it for every CSV
        if not is_of_arrow(error):
            raise
        from xentcli.sources.batches import arrow_errors

        with arrow_errors(block.where(0).file):
            raise error


def _in_rows(rows: IndexArray, finding: Finding) -> Finding:
    """A finding about tokens, in the numbers of the rows that they are in."""
    return replace(finding, rows=rows[finding.rows])


def _multiply(weights: FloatArray, factors: FloatArray) -> FloatArray:
    """Weights times the weights of the classes; what is no weight stays, and no product of two becomes 0 or inf.

    So a weight is checked even if its class weighs 0, and is refused by its size where the product has none.
    """
    with np.errstate(all="ignore"):
        product = np.minimum(weights * factors, _LARGEST)
        product[(product == 0) & (weights > 0) & (factors > 0)] = _SMALLEST
    return np.where((weights >= 0) & (weights < np.inf), product, weights)
