"""What `xent divergence` found: how far the predictions of NEW are from those of BASE, row by row.

P is the prediction of BASE, Q that of NEW. `None` means not available; `DivergenceResult.unavailable` says why.
Fields marked "info" are amounts of information.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import field

from xentcli.errors import Notice
from xentcli.results.gate import ModelVerdicts
from xentcli.results.metrics import DIVERGENCE
from xentcli.results.parts import Number, ResultPart
from xentcli.results.result import ColumnsUsed, FlatRow, InfoResult, InputInfo, Signature, amount
from xentcli.results.score import ScoreResult
from xentcli.results.selectors import row_selector, selector
from xentcli.results.verdicts import Gate, overall_verdict, sort_worst_first
from xentcli.units import Unit
from xentcli.wording import percent, plural

OF_LABELS = tuple(name for name in DIVERGENCE if name.startswith(("dp", "log_loss", "perplexity")))


class DivergenceMetrics(ResultPart, frozen=True):
    """The numbers of `results.metrics.DIVERGENCE`; those of the last lines need labels."""

    kl: Number  # info, >= 0
    kl_se: Number  # info
    kl_low: Number  # info, 95 %
    kl_high: Number  # info, 95 %
    kl_finite: Number  # info
    infinite_rows: int
    kl_p50: Number  # info
    kl_p90: Number  # info
    kl_p99: Number  # info
    kl_p999: Number  # info
    kl_max: Number  # info
    kl_reverse: Number  # info, >= 0
    js: Number  # info, 0 to log 2
    tv: Number  # none, 0 to 1
    max_dp: Number  # none, 0 to 1
    same_top: Number  # none, 0 to 1
    same_top_se: Number
    same_top_low: Number  # 95 %
    same_top_high: Number  # 95 %
    entropy_change: Number  # info, either sign
    rows: int  # of positive weight
    skipped_rows: int = 0
    filtered_rows: int = 0
    zero_weight_rows: int = 0
    dp: Number = None  # none, -1 to 1
    dp_se: Number = None
    dp_rms: Number = None
    log_loss_base: Number = None  # info
    log_loss_new: Number = None  # info
    log_loss_difference: Number = None  # info: new - base
    log_loss_difference_se: Number = None
    log_loss_difference_low: Number = None  # info, 95 %
    log_loss_difference_high: Number = None
    perplexity_base: Number = None
    perplexity_new: Number = None
    perplexity_ratio: Number = None
    perplexity_ratio_low: Number = None  # 95 %
    perplexity_ratio_high: Number = None


class DivergenceBasis(ResultPart, frozen=True):
    """What bounds at other levels than 95 % rest on, for gates; no output has it."""

    effective_rows: float = 0.0  # rows of equal weight that would give same_top its standard error
    clusters: int | None = None  # None: rows are taken as independent


class SliceDivergence(ResultPart, frozen=True):
    """The rows that share a value, or values, of the columns sliced by; None is a missing value."""

    unwritten = ("basis",)
    paired = ("by",)

    by: tuple[tuple[str, str | None], ...]
    rows: int
    weight: float
    contribution: Number  # info: their part of the KL divergence; those of one set of columns add up
    metrics: DivergenceMetrics
    basis: DivergenceBasis = field(default_factory=DivergenceBasis)


class MovedRow(ResultPart, frozen=True):
    """A row whose prediction moved far."""

    optional = ("line", "row", "base_line", "base_row", "label")  # whichever the input has
    info = ("kl",)

    file: str  # NEW's
    line: int | None  # of a text file, 1-based
    row: int | None  # of a binary one, 0-based
    base_line: int | None
    base_row: int | None
    id: str | None
    label: str | None  # None without labels
    kl: Number  # info
    base_class: str  # the top class of BASE
    base_probability: float  # of that class
    new_class: str
    new_probability: float


class DivergenceResult(InfoResult, frozen=True):
    """The result of `xent divergence`, in one unit."""

    format = "xent.divergence"
    flat_columns = ScoreResult.flat_columns
    unwritten = ("basis", "base_inputs")

    version: str
    signature: Signature  # of both models; its labels are "none" where no label is used
    inputs: tuple[InputInfo, ...]  # BASE, then NEW
    columns: dict[str, ColumnsUsed]  # of "base" and "new"
    on: str | None  # the column of ids; None: rows met in order
    rows: int  # of positive weight
    weight: float
    clusters: int | None  # how many; None: rows are taken as independent
    classes: tuple[str, ...]  # in the order of NEW
    input_kind: dict[str, str]  # of "base" and "new"
    unit: Unit
    metrics: DivergenceMetrics
    slices: tuple[SliceDivergence, ...]  # of each set of columns those that moved most first
    rows_most_different: tuple[MovedRow, ...]  # the largest KL divergence first
    notices: tuple[Notice, ...]
    unavailable: dict[str, str]  # name of a number that is None: the reason
    gates: tuple[Gate, ...] = ()
    basis: DivergenceBasis = field(default_factory=DivergenceBasis)
    base_inputs: int = 1  # how many of the inputs are BASE's

    @property
    def labelled(self) -> bool:
        """Whether labels were used."""
        return self.columns["new"].label is not None

    @property
    def verdicts(self) -> ModelVerdicts:
        """What became of what is required of NEW."""
        gates = tuple(sort_worst_first(self.gates))
        return ModelVerdicts(gates, self.doubts, self.rows, self.unit, self.inputs)

    def to_dict(self) -> dict[str, Any]:
        """For JSON, without the numbers of labels where there are none."""
        found = super().to_dict()
        if not self.labelled:
            for part in (found, *found["slices"]):
                part["metrics"] = {name: x for name, x in part["metrics"].items() if name not in OF_LABELS}
        return found

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        yield plural(self.rows, "row")
        yield amount("KL divergence", self.metrics.kl, self.unit)
        yield f"same top class: {percent(self.metrics.same_top)}"
        if self.gates:
            yield f"requirements: {overall_verdict(self.gates)}"

    def to_rows(self) -> list[FlatRow]:
        """One value a tuple: (table, by, class, metric, value, unit)."""
        return list(self._flat_rows())

    def _flat_rows(self) -> Iterator[FlatRow]:
        names = [name for name in DIVERGENCE if self.labelled or name not in OF_LABELS]
        yield from self.flat_doubts()
        yield from self.flat_part("metrics", self.metrics, names=names)
        for each in self.slices:
            by = selector(each.by)
            yield from self.flat_part("slices", each, by, names=("rows", "contribution"))
            yield from self.flat_part("slices.metrics", each.metrics, by, names=names)
        for row in self.rows_most_different:
            yield (
                "rows_most_different",
                row_selector(row.id, row.line, row.row),
                row.label or "",
                "kl",
                row.kl,
                self.unit.value,
            )
        for gate in self.gates:
            yield from self.flat_gate(gate)
