"""What `xent compare` found: two models on the same rows. Every difference is new - base.

`None` means not available; `CompareResult.unavailable` says why. Fields marked "info" are amounts of information.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Self

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from xentcli.errors import Notice
from xentcli.results.outcome import Gate
from xentcli.results.parts import Breakdown, Number, json_value, json_values, names_in
from xentcli.results.score import FORMAT_VERSION, ColumnsUsed, FlatRow, InputInfo, ScoreResult, Signature
from xentcli.results.selectors import selector
from xentcli.units import Unit

UNITS = {"log_loss": "info", "accuracy": "", "brier": ""}  # of the metrics that are compared
_NUMBERS = ("base", "new", "difference", "se", "low", "high")  # of a difference, in the unit of its metric
_PLAIN = ("t", "p_value")  # those beside it that have no unit
_BREAKDOWN_INFO = ("uncertainty", "discrimination", "refinement", "miscalibration", "error_bound")


class PairBasis(Struct, frozen=True):
    """What a test of new - c base rests on, for gates; no output has it."""

    df: int  # degrees of freedom
    base_covariance: float  # of the means of new - base and of base; the square of the metric's unit
    base_variance: float  # of the mean of base


class Difference(Struct, frozen=True):
    """One metric of both models, and the paired difference of its row values."""

    base: Number
    new: Number
    difference: Number  # new - base; None where each model has infinite rows of its own, or base alone
    se: Number  # standard error of the difference; with clusters, robust to them
    low: Number  # 95 %, Student's t
    high: Number
    t: Number  # difference / se
    p_value: Number  # two-sided, of no difference
    basis: PairBasis | None = None  # None without a standard error

    def in_unit(self, factor: float) -> Self:
        """With its amounts of information multiplied by `factor`."""
        basis = self.basis
        if basis is not None:
            basis = replace(basis, **_times(basis, ("base_covariance", "base_variance"), factor**2))
        return replace(self, basis=basis, **_times(self, _NUMBERS, factor))

    def against(self, c: float) -> tuple[Number, Number]:
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
        variance = self.se**2 - 2 * e * self.basis.base_covariance + e * e * self.basis.base_variance
        return difference, math.sqrt(variance) if variance > 0 else 0.0 if variance <= 0 else variance


class Change(Struct, frozen=True):
    """What became of the parts of the log loss; both models have the same labels, so uncertainty stays."""

    discrimination: Number  # info: new - base; above 0 the new model learned more
    miscalibration: Number  # info: new - base; below 0 the new model wastes less

    def in_unit(self, factor: float) -> Self:
        """With its amounts of information multiplied by `factor`."""
        return replace(self, **_times(self, ("discrimination", "miscalibration"), factor))


class SliceDifference(Struct, frozen=True):
    """The rows that share a value, or values, of the columns sliced by; None is a missing value."""

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
        contribution = None if self.contribution is None else self.contribution * factor
        return replace(self, contribution=contribution, metrics=_in_unit(self.metrics, factor))

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "by": dict(self.by),
            "rows": self.rows,
            "weight": self.weight,
            "contribution": json_value(self.contribution),
            "metrics": _metrics_dict(self.metrics),
            "wins": self.wins,
            "losses": self.losses,
            "ties": self.ties,
        }


class RowDifference(Struct, frozen=True):
    """A row on which the models differ much."""

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

    def in_unit(self, factor: float) -> Self:
        """With its amounts of information multiplied by `factor`."""
        return replace(self, **_times(self, ("base", "new", "difference"), factor))

    def to_dict(self) -> dict[str, Any]:
        """For JSON: a line or a row, whichever the input has."""
        values = json_values(self)
        places = ("line", "row", "base_line", "base_row")
        return {name: value for name, value in values.items() if name not in places or value is not None}


class CompareResult(Struct, frozen=True):
    """The result of `xent compare`, in one unit."""

    format: ClassVar[str] = "xent.compare"
    flat_columns: ClassVar[tuple[str, ...]] = ScoreResult.flat_columns

    version: str
    base: ScoreResult  # each model's own score on these rows, in the same unit
    new: ScoreResult
    on: str | None  # the column of ids; None: rows met in order
    clusters: int | None  # how many; None: rows are taken as independent
    metrics: dict[str, Difference]  # log_loss, accuracy, brier; only the first for tokens
    change: Change | None  # None without a breakdown of both
    wins: int  # rows where the new model loses less
    losses: int
    ties: int
    detectable_difference: Number  # info, > 0: 2.8016 se: found at 5 % with a power of 80 %
    slices: tuple[SliceDifference, ...]  # of each set of columns those that differ most first
    most_different: tuple[RowDifference, ...]  # the largest difference of the loss first, in either direction
    notices: tuple[Notice, ...]
    unavailable: dict[str, str]  # name of a number that is None: the reason
    gates: tuple[Gate, ...] = field(default=())

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
    def breakdowns(self) -> dict[str, Breakdown | None]:
        """Of BASE and of NEW."""
        return {"base": self.base.breakdown, "new": self.new.breakdown}

    def to_unit(self, unit: Unit | str) -> Self:
        """The same result with every amount of information in another unit."""
        unit = Unit(unit)
        factor = unit.of(self.unit.nats)
        detectable = self.detectable_difference
        return replace(
            self,
            base=self.base.to_unit(unit),
            new=self.new.to_unit(unit),
            metrics=_in_unit(self.metrics, factor),
            change=None if self.change is None else self.change.in_unit(factor),
            detectable_difference=None if detectable is None else detectable * factor,
            slices=tuple(each.in_unit(factor) for each in self.slices),
            most_different=tuple(each.in_unit(factor) for each in self.most_different),
            gates=tuple(each.in_unit(factor) for each in self.gates),
        )

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `xent compare --format json`: infinity as "Infinity", not available as None."""
        parts = {side: None if part is None else json_values(part) for side, part in self.breakdowns.items()}
        return {
            "format": self.format,
            "format_version": FORMAT_VERSION,
            "xent": self.version,
            "signature": self.signature.to_dict(),
            "inputs": [asdict(source) for source in self.inputs],
            "columns": {side: used.to_dict() for side, used in self.columns.items()},
            "on": self.on,
            "rows": self.rows,
            "weight": self.new.weight,
            "clusters": self.clusters,
            "classes": list(self.new.classes),
            "input_kind": {"base": self.base.input_kind, "new": self.new.input_kind},
            "unit": self.unit.value,
            "metrics": _metrics_dict(self.metrics),
            "breakdown": {**parts, "change": None if self.change is None else json_values(self.change)},
            "wins": self.wins,
            "losses": self.losses,
            "ties": self.ties,
            "detectable_difference": json_value(self.detectable_difference),
            "slices": [each.to_dict() for each in self.slices],
            "most_different": [each.to_dict() for each in self.most_different],
            "gates": [gate.to_dict() for gate in self.gates],
            "notices": [notice.to_dict() for notice in self.notices],
            "unavailable": dict(self.unavailable),
        }

    def to_rows(self) -> list[FlatRow]:
        """One value a tuple: (table, by, class, metric, value, unit); a metric is `log_loss.new` and so on."""
        return list(self._flat_rows())

    def _flat_rows(self) -> Iterator[FlatRow]:
        info = self.unit.value
        yield from self._flat("metrics", "", self.metrics)
        for name in ("wins", "losses", "ties", "rows"):
            yield "metrics", "", "", name, getattr(self, name), "count"
        yield "metrics", "", "", "detectable_difference", self.detectable_difference, info
        for side, part in (*self.breakdowns.items(), ("change", self.change)):
            for name in names_in(part) if part is not None else ():
                if name in (*_BREAKDOWN_INFO, "p_value"):
                    unit = info if name in _BREAKDOWN_INFO else ""
                    yield f"breakdown.{side}", "", "", name, getattr(part, name), unit
        for each in self.slices:
            by = selector(each.by)
            for name in ("rows", "wins", "losses", "ties"):
                yield "slices", by, "", name, getattr(each, name), "count"
            yield "slices", by, "", "contribution", each.contribution, info
            yield from self._flat("slices.metrics", by, each.metrics)
        for row in self.most_different:
            for name in ("base", "new", "difference"):
                yield "most_different", _row_selector(row), row.label or "", name, getattr(row, name), info
        for gate in self.gates:
            yield from self.new.flat_gate(gate)

    def _flat(self, table: str, by: str, metrics: dict[str, Difference]) -> Iterator[FlatRow]:
        for metric, found in metrics.items():
            for name in (*_NUMBERS, *_PLAIN):
                unit = self.unit.value if UNITS[metric] and name not in _PLAIN else ""
                yield table, by, "", f"{metric}.{name}", getattr(found, name), unit


def _row_selector(row: RowDifference) -> str:
    if row.id is not None:
        return selector([("id", row.id)])
    place = ("line", row.line) if row.line is not None else ("row", row.row)
    return selector([(place[0], str(place[1]))])


def _in_unit(metrics: dict[str, Difference], factor: float) -> dict[str, Difference]:
    return {name: found.in_unit(factor) if UNITS[name] else found for name, found in metrics.items()}


def _metrics_dict(metrics: dict[str, Difference]) -> dict[str, Any]:
    return {name: json_values(found, "basis") for name, found in metrics.items()}


def _times(part: Any, names: Sequence[str], factor: float) -> dict[str, Any]:
    """The amounts of information `names` of a part that are available, multiplied by `factor`."""
    values = {name: getattr(part, name) for name in names}
    return {name: value * factor for name, value in values.items() if value is not None}
