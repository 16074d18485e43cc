"""Rows of a block through a recalibration: new scores of the kind that the file holds, and what labels say of it.

Scores go from what the file holds to log-odds, or log-softmax values, by the kernel: logits never pass through
probabilities.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.columns.columns import Columns
from xentcli.core import kernel
from xentcli.core.accumulator import score_rows
from xentcli.core.batch import Batch, Finding, IndexArray, InputKind, Policy, by_class, by_row
from xentcli.core.checks import check
from xentcli.core.exact import FloatArray
from xentcli.core.numbers.calibrated import calibrated_log_odds, calibrated_scores, steps
from xentcli.core.numbers.softmax import log_probabilities_of, log_softmax, probabilities_of
from xentcli.core.numbers.venn_abers import step_values
from xentcli.decoding.decode import DecodedBlock, arrow_faults
from xentcli.decoding.labels import LabelReader
from xentcli.decoding.missing_values import MissingValues
from xentcli.decoding.number_columns import in_nats, read_scores
from xentcli.decoding.row_problems import RowProblems
from xentcli.engine.rewriting.gains import LossGains
from xentcli.engine.scoring import NOTICES, BlockScorer
from xentcli.engine.totals import Plan, Totals
from xentcli.results.calibration_map import CalibrationMap
from xentcli.sources.arrays import BoolArray
from xentcli.sources.source import Block


class NewScores(Struct, frozen=True, eq=False):
    """Scores of the rows of a block after a recalibration.

    `values` `(S, n)` are in the order of the score columns of the file, or of the classes of its lists; S is 1
    for the one column of two classes. `kept` `(n,)` marks rows that stay as they are, as they lack a score.
    """

    values: FloatArray
    kept: BoolArray
    low: FloatArray | None = None  # (n,): Venn-Abers probabilities of a class, where they are asked for
    high: FloatArray | None = None
    broken: bool = False  # a row cannot be recalibrated: nothing of this is to be written

    @property
    def bounds(self) -> list[list[float]]:
        """Both of each row, where they are asked for."""
        if self.low is None or self.high is None:
            return [[]] * self.kept.size
        both: list[list[float]] = np.stack([self.low, self.high], axis=1).tolist()
        return both


class Recalibration(Struct, frozen=True):
    """A map, and what is made of it."""

    map: CalibrationMap
    logits: bool = False  # write logits, whatever the scores are
    interval: bool = False  # with Venn-Abers probabilities
    label_is_named: bool = False  # an option names the label: one of another class is an error


class Recalibrator:
    """Recalibrates the blocks of input `number`, and adds up what was found in them.

    `columns.classes` are those of the map, in the order of the scores.
    """

    def __init__(
        self,
        number: int,
        columns: Columns,
        policy: Policy,
        recalibration: Recalibration,
        see: Callable[[FloatArray], None] | None = None,
    ) -> None:
        """`see` is given what the map is applied to: log-odds `(m,)`, or log-softmax `(K, m)`, of its classes."""
        assert columns.classes is not None
        self._see = see
        self._columns, self._policy, self._how = columns, policy, recalibration
        self._spelled = MissingValues(columns.missing)
        self._scorer = BlockScorer(number, columns, policy, Plan(breakdown=False))
        self._labels = None if columns.label is None else LabelReader(columns, Policy(), self._spelled)
        self._place = [columns.classes.index(name) for name in recalibration.map.classes]  # of its classes
        self._kind = InputKind.LOGIT if recalibration.logits else columns.kind
        self.totals = Totals.empty(columns.class_count)
        self.gains = LossGains()
        self.rows = self.kept = self.other_labels = 0

    def __call__(self, block: Block) -> NewScores:
        """The new scores of a block. Rows that are broken are tallied, and their values worthless."""
        with arrow_faults(block), np.errstate(all="ignore"):
            return self._recalibrate(block)

    def _recalibrate(self, block: Block) -> NewScores:
        columns, problems = self._columns, RowProblems(block.rows, self._spelled)
        stated = read_scores(block, columns.scores, "score_missing", problems)
        labels, unknown = self._class_of_each(block)
        batch = Batch(columns.kind, in_nats(stated, columns.nats), np.maximum(labels, 0))
        lacks = problems.missing.copy()
        if self._policy.skip_missing:
            lacks |= np.isnan(batch.matrix).any(axis=0) & ~problems.broken
        rows = np.flatnonzero(~(lacks | problems.broken))
        result = NewScores(by_class(stated).copy(), lacks)
        findings = [each for each in problems.findings if not self._is_skipped(each)]
        result, more = self._of_sound(batch.where(rows), rows, labels[rows], result)
        findings += more
        self._add(block, batch, findings, int(np.count_nonzero(lacks)), unknown)
        return replace(result, broken=any(each.code not in NOTICES for each in findings))

    def _is_skipped(self, finding: Finding) -> bool:
        return self._policy.skip_missing and finding.code == "score_missing"

    def _class_of_each(self, block: Block) -> tuple[IndexArray, dict[str | None, IndexArray]]:
        """The class `(n,)` of each row, negative where it is not known; rows by label where that is an error."""
        if self._labels is None or self._columns.label is None:
            return np.full(block.rows, -1), {}
        labels = self._labels.read(block.columns[self._columns.label])
        if self._how.label_is_named:
            return labels.indices, labels.unknown
        self.other_labels += sum(rows.size for rows in labels.unknown.values())
        return labels.indices, {}

    def _of_sound(
        self, batch: Batch, rows: IndexArray, labels: IndexArray, result: NewScores
    ) -> tuple[NewScores, list[Finding]]:
        """With the new scores of the rows `(m,)` that lack nothing; and what is wrong or odd with them."""
        two = batch.classes == 2
        scored, code = score_rows(batch, self._policy, ("log_odds" if two else "log_q",))
        findings = [_in_block(rows, each) for each in check(batch, self._policy)] if code else []
        if any(each.code not in NOTICES for each in findings):
            return result, findings
        x = scored.known("log_odds") if two else log_softmax(scored.known("log_q"))[self._place]
        x = -x if two and self._place == [1, 0] else x
        if self._see is not None:
            self._see(x)
        z = calibrated_log_odds(self._how.map, x) if two else calibrated_scores(self._how.map, x)
        known = labels >= 0
        if known.any():
            true_class = np.array(self._inverse)[labels[known]]
            self.gains = self.gains.merge(
                LossGains.of(scored.loss[known], calibrated_losses(z[..., known], true_class))
            )
        if self._how.map.method != "none" or self._kind is not self._columns.kind:
            result.values[:, rows] = self._written(z)
        findings += [_in_block(rows, each) for each in self._unwritable(result.values[:, rows])]
        return self._with_interval(result, rows, x) if self._how.interval else result, findings

    @property
    def _inverse(self) -> list[int]:
        """Of each score the class of the map."""
        return [self._place.index(k) for k in range(len(self._place))]

    def _written(self, z: FloatArray) -> FloatArray:
        """Scores `(S, m)` as the file holds them, from log-odds `(m,)` or z `(K, m)` of the map."""
        if z.ndim == 2:
            z = z[self._inverse]
            if self._kind is InputKind.LOGIT:
                return z
            log_q = log_softmax(z)
            return kernel.exp(log_q) if self._kind is InputKind.PROBABILITY else log_q / self._columns.nats
        z = -z if self._place == [1, 0] else z
        if self._columns.single and self._kind is InputKind.LOGIT:
            return z[None]
        sides = [z] if self._columns.single else [-z, z]
        if self._kind is InputKind.PROBABILITY:
            return np.stack([*map(probabilities_of, sides)])
        base = 1.0 if self._kind is InputKind.LOGIT else self._columns.nats
        return np.stack([*map(log_probabilities_of, sides)]) / base

    def _unwritable(self, values: FloatArray) -> list[Finding]:
        """Rows whose new scores are no scores."""
        worst = values.max(axis=0)  # NaN where one is
        found = [*by_row("calibrated_nan", np.isnan(worst), worst)]
        if self._kind is InputKind.LOGIT:
            found += by_row("calibrated_infinite", worst == np.inf, worst)
        return found

    def _with_interval(self, result: NewScores, rows: IndexArray, x: FloatArray) -> NewScores:
        """With the Venn-Abers probabilities of the class of the one column, or of the positive class."""
        low = step_values(steps(self._how.map, "p0"), x, upper=False)
        high = step_values(steps(self._how.map, "p1"), x, upper=True)
        if self._columns.single and self._place == [1, 0]:
            low, high = 1.0 - high, 1.0 - low
        bounds = np.full((2, result.kept.size), np.nan)
        bounds[:, rows] = low, high
        return replace(result, low=bounds[0], high=bounds[1])

    def _add(
        self, block: Block, batch: Batch, findings: list[Finding], kept: int, unknown: dict[str | None, IndexArray]
    ) -> None:
        decoded = DecodedBlock(
            batch, np.arange(block.rows), (), unknown=unknown, labels={}, ignored_labels={}, skipped=kept,
            ignored=0, slices=(), cluster=None, spelled=self._spelled.take(block.spelled),
        )  # fmt: skip
        self.totals = self.totals.merge(self._scorer.with_findings(self._scorer.empty, block, decoded, findings))
        self.rows, self.kept = self.rows + block.rows, self.kept + kept


def calibrated_losses(z: FloatArray, labels: IndexArray) -> FloatArray:
    """The loss `(n,)` of classes `(n,)`: of log-odds z `(n,)` of class 1, or scores z `(K, n)`."""
    if z.ndim == 1:
        return -log_probabilities_of(np.where(labels == 1, z, -z))
    return np.asarray(-log_softmax(z)[labels, np.arange(labels.size)])


def _in_block(rows: IndexArray, finding: Finding) -> Finding:
    return replace(finding, rows=rows[finding.rows])
