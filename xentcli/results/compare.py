"""What `xent compare` found: two models on the same rows. Every difference is new - base.

`None` means not available; `CompareResult.unavailable` says why. Fields marked "info" are amounts of information.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Self

from msgspec.structs import replace

from xentcli.errors import Notice
from xentcli.results.gate import ModelVerdicts
from xentcli.results.metrics import UNITS
from xentcli.results.parts import Breakdown, Number, ResultPart, multiply
from xentcli.results.result import ColumnsUsed, FlatRow, InfoResult, InputInfo, Signature, amount
from xentcli.results.score import ScoreResult
from xentcli.results.selectors import row_selector, selector
from xentcli.results.verdicts import Gate, overall_verdict, sort_worst_first
from xentcli.units import Unit
from xentcli.wording import few, plural

COMPARED = ("log_loss", "accuracy", "brier")  # the means of row values that have a paired difference
_NUMBERS = ("base", "new", "difference", "se", "low", "high")  # of a difference, in the unit of its metric
_PLAIN = ("t", "p_value")  # those beside it that have no unit
_COUNTS = ("wins", "losses", "ties")


# Why a difference of log losses is not available: some rows are infinite under NEW alone, others under BASE alone.
BOTH_WAYS = "each model has rows of infinite loss that the other does not"


class PairBasis(ResultPart, frozen=True):
    """What a test of new - c base rests on, for gates; no output has it."""

    df: int | None  # degrees of freedom; None: the normal distribution
    base_covariance: float  # of the means of new - base and of base; the square of the metric's unit
    base_variance: float  # of the mean of base


class Difference(ResultPart, frozen=True):
    """One metric of both models, and the paired difference of its row values."""

    unwritten = ("basis", "reason")

    base: Number
    new: Number
    difference: Number  # new - base; None where each model has infinite rows of its own, or base alone
    se: Number  # standard error of the difference; with clusters, robust to them
    low: Number  # 95 %: Student's t, for the AUC the normal distribution, or valid at every look
    high: Number
    t: Number  # difference / se; None where the interval is valid at every look
    p_value: Number  # two-sided, of no difference
    basis: PairBasis | None = None  # None without a standard error
    reason: str = ""  # why a number is None

    def in_unit(self, factor: float) -> Self:
        """With its amounts of information multiplied by `factor`."""
        basis = self.basis
        if basis is not None:
            basis = replace(basis, **multiply(basis, ("base_covariance", "base_variance"), factor * factor))
        return replace(self, basis=basis, **multiply(self, _NUMBERS, factor))

    def relative_to(self, c: float) -> tuple[Number, Number]:
        """New - c base and its standard error; None where there is none.

        With e = c - 1 and d = new - base, var(d - e base) = var(d) - 2 e cov(d, base) + e^2 var(base).
        """
        if c == 1.0:
            return self.difference, self.se
        if self.difference is None or self.base is None or math.inf in (self.difference, self.base):
            return None, None
        e, difference = c - 1, self.difference - (c - 1) * self.base
        if self.se is None or self.basis is None:
            return difference, None
        variance = self.se * self.se - 2 * e * self.basis.base_covariance + e * e * self.basis.base_variance
        return difference, math.sqrt(variance) if variance > 0 else 0.0 if variance <= 0 else variance


class BreakdownChange(ResultPart, frozen=True):
    """What became of the parts of the log loss; both models have the same labels, so uncertainty stays."""

    discrimination: Number  # info: new - base; above 0 the new model learned more
    miscalibration: Number  # info: new - base; below 0 the new model wastes less


class SliceDifference(ResultPart, frozen=True):
    """The rows that share a value, or values, of the columns sliced by; None is a missing value."""

    paired = ("by",)

    by: tuple[tuple[str, str | None], ...]
    rows: int
    weight: float
    contribution: Number  # info: their part of the difference of the log loss; those of one set of columns add up
    metrics: dict[str, Difference]
    wins: int
    losses: int
    ties: int

    def in_unit(self, factor: float) -> Self:
        """With its amounts of information multiplied by `factor`."""
        return replace(super().in_unit(factor), metrics=differences_in_unit(self.metrics, factor))


class RowDifference(ResultPart, frozen=True):
    """A row on which the models differ much."""

    optional = ("line", "row", "base_line", "base_row")  # whichever the input has
    info = ("base", "new")

    file: str  # NEW's
    line: int | None  # of a text file, 1-based
    row: int | None  # of a binary one, 0-based
    base_line: int | None
    base_row: int | None
    id: str | None
    label: str | None  # None for soft labels and tokens
    base_probability: Number  # of the label
    new_probability: Number
    base: Number  # info: the row's loss
    new: Number  # info
    difference: Number  # info: new - base


class CompareResult(InfoResult, frozen=True):
    """The result of `xent compare`, in one unit."""

    format = "xent.compare"
    flat_columns = ScoreResult.flat_columns
    keys = (
        "version", "signature", "inputs", "columns", "on", "rows", "weight", "clusters", "anytime", "classes",
        "input_kind", "unit", "metrics", "breakdown", "wins", "losses", "ties", "detectable_difference", "slices",
        "most_different", "gates", "notices", "unavailable",
    )  # fmt: skip

    version: str
    base: ScoreResult  # each model's own score on these rows, in the same unit
    new: ScoreResult
    on: str | None  # the column of ids; None: rows met in order
    clusters: int | None  # how many; None: rows are taken as independent
    metrics: dict[str, Difference]  # log_loss, accuracy, brier; only the first for tokens; of two classes auc
    change: BreakdownChange | None  # None without a breakdown of both
    wins: int  # rows where the new model loses less
    losses: int
    ties: int
    detectable_difference: Number  # info, > 0: 2.8016 se: found at 5 % with a power of 80 %
    slices: tuple[SliceDifference, ...]  # of each set of columns those that differ most first
    most_different: tuple[RowDifference, ...]  # the largest difference of the loss first, in either direction
    notices: tuple[Notice, ...]
    unavailable: dict[str, str]  # name of a number that is None: the reason
    gates: tuple[Gate, ...] = ()
    anytime: int | None = None  # rows, or clusters, where intervals valid at every look are tightest

    @property
    def signature(self) -> Signature:
        """What changed the numbers, of both models alike."""
        return self.new.signature

    @property
    def inputs(self) -> tuple[InputInfo, ...]:
        """BASE, then NEW."""
        return (*self.base.inputs, *self.new.inputs)

    @property
    def columns(self) -> dict[str, ColumnsUsed]:
        """Which column of BASE and of NEW was used as what."""
        return {"base": self.base.columns, "new": self.new.columns}

    @property
    def rows(self) -> int:
        """Rows compared, of positive weight."""
        return self.new.rows

    @property
    def unit(self) -> Unit:
        """Of every amount of information."""
        return self.new.unit

    @property
    def weight(self) -> float:
        """Of the rows compared."""
        return self.new.weight

    @property
    def classes(self) -> tuple[str, ...]:
        """In the order of NEW."""
        return self.new.classes

    @property
    def input_kind(self) -> dict[str, str]:
        """Of BASE and of NEW."""
        return {"base": self.base.input_kind, "new": self.new.input_kind}

    @property
    def verdicts(self) -> ModelVerdicts:
        """What became of what is required of NEW, whose baseline is BASE."""
        gates, base = tuple(sort_worst_first(self.gates)), few((each.name for each in self.base.inputs), 3)
        return ModelVerdicts(gates, self.doubts, self.rows, self.unit, self.new.inputs, base)

    @property
    def breakdown(self) -> dict[str, Breakdown | BreakdownChange | None]:
        """Of BASE and of NEW, and what became of it."""
        return {"base": self.base.breakdown, "new": self.new.breakdown, "change": self.change}

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        found = self.metrics["log_loss"]
        yield plural(self.rows, "row")
        yield amount("log loss new - base", found.difference, self.unit)
        if found.low is not None and found.high is not None:
            look = "" if self.anytime is None else " at every look"
            yield f"95 %{look}: {found.low:.4g} to {found.high:.4g}"
        if self.gates:
            yield f"requirements: {overall_verdict(self.gates)}"

    def to_unit(self, unit: Unit | str) -> Self:
        """The same result with every amount of information in another unit."""
        unit = Unit(unit)
        there = self.in_unit(unit.of(self.unit.nats))
        return replace(there, base=self.base.to_unit(unit), new=self.new.to_unit(unit))

    def in_unit(self, factor: float) -> Self:
        """The same with its amounts of information multiplied by `factor`."""
        return replace(super().in_unit(factor), metrics=differences_in_unit(self.metrics, factor))

    def to_rows(self) -> list[FlatRow]:
        """One value a tuple: (table, by, class, metric, value, unit); a metric is `log_loss.new` and so on."""
        return list(self._flat_rows())

    def _flat_rows(self) -> Iterator[FlatRow]:
        yield from self.flat_doubts()
        yield from self._flat_metrics("metrics", "", self.metrics)
        yield from self.flat_part("metrics", self, names=(*_COUNTS, "rows", "detectable_difference"))
        if self.anytime is not None:
            yield "metrics", "", "", "anytime", self.anytime, "count"
        for side, part in self.breakdown.items():
            if part is not None:
                names = [name for name in part.__struct_fields__ if name != "rows"]
                yield from self.flat_part(f"breakdown.{side}", part, names=names)
        for each in self.slices:
            by = selector(each.by)
            yield from self.flat_part("slices", each, by, names=("rows", *_COUNTS, "contribution"))
            yield from self._flat_metrics("slices.metrics", by, each.metrics)
        for row in self.most_different:
            for name in ("base", "new", "difference"):
                value = getattr(row, name)
                yield (
                    "most_different",
                    row_selector(row.id, row.line, row.row),
                    row.label or "",
                    name,
                    value,
                    self.unit.value,
                )
        for gate in self.gates:
            yield from self.flat_gate(gate)

    def _flat_metrics(self, table: str, by: str, metrics: dict[str, Difference]) -> Iterator[FlatRow]:
        for metric, found in metrics.items():
            for name in (*_NUMBERS, *_PLAIN):
                unit = self.unit.value if UNITS[metric] and name not in _PLAIN else ""
                yield table, by, "", f"{metric}.{name}", getattr(found, name), unit


def differences_in_unit(metrics: dict[str, Difference], factor: float) -> dict[str, Difference]:
    """The metrics with the amounts of information among them multiplied by `factor`."""
    return {name: found.in_unit(factor) if UNITS[name] else found for name, found in metrics.items()}
