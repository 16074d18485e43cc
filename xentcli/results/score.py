"""What a run found: frozen values, never rounded, that renderers show and programs read.

`None` means not available (`ScoreResult.unavailable` says why), which is never the same as zero. Fields marked
"info" are amounts of information in the result's `unit`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from msgspec import field

from xentcli.errors import Notice
from xentcli.results.metrics import BRIER_BREAKDOWN
from xentcli.results.parts import (
    Basis,
    Breakdown,
    BrierBreakdown,
    Calibration,
    ChainRule,
    ClassBasis,
    ClassResult,
    Confusion,
    DocumentResult,
    LabelResult,
    Metrics,
    ReliabilityBin,
    SliceResult,
)
from xentcli.results.reliability import Counts, ReliabilityCurve
from xentcli.results.result import ColumnsUsed, FlatRow, InfoResult, InputInfo, Signature, amount
from xentcli.results.selectors import selector
from xentcli.results.verdicts import Gate, overall_verdict
from xentcli.units import Unit
from xentcli.wording import plural

MOST_TOLD_APART = 100  # classes up to which rows are counted by label and predicted class


class ScoreResult(InfoResult, frozen=True):
    """The result of `xent score`, in one unit."""

    format = "xent.score"
    flat_columns = ("table", "by", "class", "metric", "value", "unit")
    unwritten = ("basis", "class_basis", "counts")
    optional = ("documents", "labels", "reliability_curve")

    version: str
    signature: Signature
    inputs: tuple[InputInfo, ...]
    columns: ColumnsUsed
    rows: int  # of positive weight
    weight: float
    classes: tuple[str, ...]
    input_kind: str  # "probability", "logit" or "log_probability"
    unit: Unit
    metrics: Metrics
    breakdown: Breakdown | None  # None where there are no classes, or it was not asked for
    calibration: Calibration | None  # likewise
    brier_breakdown: BrierBreakdown | None  # likewise, and for more than two classes or soft labels
    chain: ChainRule | None  # likewise, and for two classes
    per_class: tuple[ClassResult, ...]
    confusions: tuple[Confusion, ...]  # the costliest first
    reliability: tuple[ReliabilityBin, ...]
    slices: tuple[SliceResult, ...]  # of each set of columns the costliest first
    notices: tuple[Notice, ...]
    documents: tuple[DocumentResult, ...] | None = None  # of tokens, the worst first
    labels: tuple[LabelResult, ...] | None = None  # where rows have several
    reliability_curve: ReliabilityCurve | None = None  # if it was asked for
    gates: tuple[Gate, ...] = ()  # what became of the requirements, in their order
    unavailable: dict[str, str] = field(default_factory=dict)  # name of a number that is None: the reason
    basis: Basis = field(default_factory=Basis)
    class_basis: dict[str, ClassBasis] = field(default_factory=dict)  # by class, if a gate needs it
    counts: Counts = field(default_factory=Counts)

    @property
    def most_frequent_share(self) -> float | None:
        """The accuracy of always predicting the most frequent class, 0 to 1; None for tokens."""
        return max((row.share for row in self.per_class), default=None)

    @property
    def class_mix_brier(self) -> float | None:
        """The Brier score of always predicting the class mix, with the factor of `brier`; None for soft labels."""
        if self.signature.labels != "hard":
            return None
        wrong = sum(row.share * (1 - row.share) for row in self.per_class)
        return wrong / 2 if len(self.classes) == 2 else wrong

    @property
    def confusion_matrix(self) -> tuple[tuple[int, ...], ...] | None:
        """Rows by label, then by predicted class, in the order of the classes; None where those are not counted.

        They are of plain labels and up to 100 classes, and come with the breakdown.
        """
        if self.signature.labels != "hard" or self.breakdown is None or len(self.classes) > MOST_TOLD_APART:
            return None
        wrong = {(each.label, each.forecast): each.rows for each in self.confusions}
        matrix = [[wrong.get((label, top), 0) for top in self.classes] for label in self.classes]
        for place, row in enumerate(self.per_class):
            matrix[place][place] = int(row.rows) - sum(matrix[place])
        return tuple(map(tuple, matrix))

    def loss_share(self, row: ClassResult) -> float | None:
        """The share of the log loss that the rows of a class carry, 0 to 1; None where that says nothing."""
        loss = self.metrics.log_loss
        return row.contribution / loss if loss and loss < inf and row.contribution is not None else None

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        yield plural(self.rows, "row")
        yield amount("log loss", self.metrics.log_loss, self.unit)
        if self.metrics.accuracy is not None:
            yield f"accuracy {100 * self.metrics.accuracy:.1f} %"
        if self.gates:
            yield f"requirements: {overall_verdict(self.gates)}"

    def to_rows(self) -> list[FlatRow]:
        """One value a tuple: (table, by, class, metric, value, unit).

        `by` tells rows of a table apart: a slice, how the breakdown was made, a class predicted, a bin.
        """
        return list(self._flat_rows())

    def _flat_rows(self) -> Iterator[FlatRow]:
        yield from self.flat_doubts()
        yield from self.flat_part("metrics", self.metrics)
        if self.breakdown is not None:
            yield from self.flat_part("breakdown", self.breakdown, f"method={self.breakdown.method}")
        for table, part in (("calibration", self.calibration), ("chain", self.chain)):
            if part is not None:
                yield from self.flat_part(table, part)
        for name in BRIER_BREAKDOWN if self.brier_breakdown is not None else ():
            yield "brier_breakdown", "", "", name, getattr(self.brier_breakdown, name), ""
        for row in self.per_class:
            yield from self.flat_part("per_class", row, of=row.name)
        for label in self.labels or ():
            yield from self.flat_part("labels", label, selector([("label", label.name)]))
        for pair in self.confusions:
            yield from self.flat_part("confusions", pair, selector([("forecast", pair.forecast)]), pair.label)
        for each in self.reliability:
            yield from self.flat_part("reliability", each, f"confidence={each.low:.4g}..{each.high:.4g}")
        yield from self._flat_curve()
        for part_of in self.slices:
            by = selector(part_of.by)
            yield from self.flat_part("slices", part_of, by)
            yield from self.flat_part("slices.metrics", part_of.metrics, by)
            if part_of.breakdown is not None:
                yield from self.flat_part("slices.breakdown", part_of.breakdown, by)
        for document in self.documents or ():
            yield from self.flat_part("documents", document, selector([("document", document.document)]))
        for gate in self.gates:
            yield from self.flat_gate(gate)

    def _flat_curve(self) -> Iterator[FlatRow]:
        found = self.reliability_curve
        if found is None:
            return
        for point in found.curve:
            by = f"prediction={point.prediction!r}"
            yield from self.flat_part("reliability_curve.curve", point, by, found.event, ("share",))
        for limits in found.band:
            by = f"prediction={limits.prediction!r}"
            yield from self.flat_part("reliability_curve.band", limits, by, found.event, ("low", "high"))
        for each in found.histogram:
            by = f"prediction={each.low:.4g}..{each.high:.4g}"
            yield from self.flat_part("reliability_curve.histogram", each, by, found.event, ("share",))
