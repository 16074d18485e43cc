"""From a block of columns to a batch: labels become class indices, scores float64, classes first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from msgspec import Struct

from xentcli.columns.columns import Columns
from xentcli.core.batch import Batch, Finding, IndexArray, Policy, by_row
from xentcli.core.exact import FloatArray
from xentcli.decoding.categorical import Categorical
from xentcli.decoding.groups import GroupReader, Slice
from xentcli.decoding.labels import IGNORED, MISSING, LabelReader, Labels
from xentcli.decoding.number_columns import RowProblems, number_column, score_matrix
from xentcli.sources.arrays import BoolArray
from xentcli.sources.arrow import damaged
from xentcli.sources.source import Block

_SMALLEST, _LARGEST = float(np.nextafter(0.0, 1.0)), float(np.finfo(np.float64).max)
_NEVER_SKIPPED = ("weight_missing", "bytes_missing", "cluster_missing")


class DecodedBlock(Struct, frozen=True, eq=False):
    """A batch of the rows that can be read, which rows of the block those are, and what the others lack.

    `labels` gives the class index of each label text that a row has and a class was found for.
    """

    batch: Batch
    rows: IndexArray  # (n,): row number in the block of each row of the batch
    findings: tuple[Finding, ...]  # in row numbers of the block
    unknown: dict[str, IndexArray]  # rows of each label that no class has; "": of further ones
    labels: dict[str, int]
    skipped: int
    ignored: int
    slices: tuple[Categorical[Slice], ...]  # of the rows of the batch, for each set of columns sliced by
    cluster: Categorical[str | None] | None  # likewise


class Decoder:
    """Decodes the blocks of one input."""

    def __init__(self, columns: Columns, policy: Policy) -> None:
        self._columns = columns
        self._skip_missing = policy.skip_missing
        self._reader = LabelReader(columns, policy)
        self._keys = GroupReader(columns.keys)

    def decode(self, block: Block) -> DecodedBlock:
        """Turn the arrays of a block into numbers; `ContentError` for values that Arrow itself cannot read."""
        try:
            return self._decode(block)
        except pa.ArrowException as error:
            with damaged(block.where(0).file):
                raise error

    def _decode(self, block: Block) -> DecodedBlock:
        columns, problems = self._columns, RowProblems()
        weights = number_column(block, columns.weight, "weight_missing", problems)
        labels = None if columns.label is None else self._reader.read(block.columns[columns.label])
        if labels is not None:
            problems.lacking("label_missing", labels.indices == MISSING)
            if labels.factors is not None:
                weights = labels.factors if weights is None else _multiplied(weights, labels.factors)
        scores = score_matrix(block, columns.scores, "score_missing", problems)
        targets = (
            None if columns.targets is None else score_matrix(block, columns.targets, "target_missing", problems)
        )
        sizes = number_column(block, columns.bytes, "bytes_missing", problems)
        cluster = self._keys.cluster(block)
        if cluster is not None and None in cluster.values:
            problems.lacking("cluster_missing", cluster.codes == cluster.values.index(None))
        indices = None if labels is None else labels.indices
        batch = Batch(columns.kind, scores, indices, weights, targets, sizes)
        return self._kept(batch, labels, problems, self._keys.slices(block), cluster)

    def _kept(
        self,
        batch: Batch,
        labels: Labels | None,
        problems: RowProblems,
        slices: Sequence[Categorical[Slice]],
        cluster: Categorical[str | None] | None,
    ) -> DecodedBlock:
        """Leave out what is ignored or, if the policy says so, missing; what is broken is left to its finding."""
        ignored = np.zeros(batch.rows, np.bool_) if labels is None else labels.indices == IGNORED
        lacking = np.logical_or.reduce([np.zeros(batch.rows, np.bool_), *problems.missing])
        nan = self._nan(batch) & ~lacking & ~ignored
        skipped = nan | (lacking & ~ignored) if self._skip_missing else np.zeros(batch.rows, np.bool_)
        out = np.logical_or.reduce([ignored, skipped, lacking, *problems.broken])
        if batch.labels is not None:
            out |= batch.labels < 0
        rows = np.arange(batch.rows)
        if out.any():
            batch, rows = batch.where(~out), rows[~out]
        return DecodedBlock(
            batch,
            rows,
            (*self._findings_to_report(problems, ignored), *by_row("skipped_nan", nan, np.full(nan.size, np.nan))),
            {} if labels is None else labels.unknown,
            {} if labels is None else labels.known,
            int(np.count_nonzero(skipped)),
            int(np.count_nonzero(ignored)),
            tuple(each.where(rows) for each in slices),
            None if cluster is None else cluster.where(rows),
        )

    def _nan(self, batch: Batch) -> BoolArray:
        """Rows with a NaN score, if those are to be left out."""
        if not self._skip_missing:
            return np.zeros(batch.rows, np.bool_)
        nan: BoolArray = np.logical_or.reduce(np.isnan(batch.scores), axis=0)
        return nan

    def _findings_to_report(self, problems: RowProblems, ignored: BoolArray) -> tuple[Finding, ...]:
        """The findings worth telling: not about ignored rows, nor about what the policy skips."""
        findings = (
            _without(each, ignored)
            for each in problems.findings
            if not self._skip_missing or not each.code.endswith("_missing") or each.code in _NEVER_SKIPPED
        )
        return tuple(each for each in findings if each.rows.size)


def _multiplied(weights: FloatArray, factors: FloatArray) -> FloatArray:
    """Weights times the weights of the classes; what is no weight stays, and no product of two becomes 0 or inf.

    So a weight is checked even if its class weighs 0, and is refused by its size where the product has none.
    """
    with np.errstate(all="ignore"):
        product = np.minimum(weights * factors, _LARGEST)
        product[(product == 0) & (weights > 0) & (factors > 0)] = _SMALLEST
    return np.where((weights >= 0) & (weights < np.inf), product, weights)


def _without(finding: Finding, ignored: BoolArray) -> Finding:
    keep = ~ignored[finding.rows]
    return Finding(finding.code, finding.rows[keep], finding.scores[keep], finding.values[keep])
