"""What a run found: frozen values, never rounded, that renderers show and programs read.

`None` means not available (`ScoreResult.unavailable` says why), which is never the same as zero. Fields marked
"info" are amounts of information in the result's `unit`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from xentcli.errors import Notice
from xentcli.results.metrics import UNITS
from xentcli.results.outcome import NUMBERS, Gate
from xentcli.results.parts import (
    Basis,
    Breakdown,
    Calibration,
    Chain,
    ClassBasis,
    ClassResult,
    Confusion,
    Metrics,
    ReliabilityBin,
    SliceResult,
    json_values,
    names_in,
    scaled,
)
from xentcli.results.selectors import selector
from xentcli.units import Unit

if TYPE_CHECKING:
    import pandas as pd

DEFINITIONS = 1  # version of the definitions of the numbers; part of the signature
FORMAT_VERSION = 1  # of the JSON. 1: first version

FlatRow = tuple[str, str, str, str, float | None, str]  # table, by, class, metric, value, unit


class Result(Protocol):
    """What every command's result offers to the renderers."""

    format: ClassVar[str]  # of its JSON

    @property
    def flat_columns(self) -> tuple[str, ...]:
        """The columns of its CSV."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        ...

    def to_rows(self) -> Sequence[tuple[str | float | None, ...]]:
        """The rows of the CSV."""
        ...


class Signature(Struct, frozen=True):
    """All that changes the numbers of a file: results of unlike signatures must not be compared."""

    classes: tuple[str, ...]
    clip: float | None
    normalize: bool
    sum_tolerance: float
    weighted: bool
    labels: str = "hard"  # "hard", "soft" or "token"
    missing: str = "error"  # or "skip"
    ignored: tuple[str, ...] = ()  # labels whose rows are left out
    smoothing: float = 0.0
    class_weights: tuple[tuple[str, float], ...] = ()
    prior: tuple[tuple[str, float], ...] = ()  # class mix that skill is measured against; else the file's own
    definitions: int = DEFINITIONS

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        values = asdict(self) | {"class_weights": dict(self.class_weights), "prior": dict(self.prior) or None}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


class InputInfo(Struct, frozen=True):
    """One input as it was read."""

    name: str
    format: str  # "csv", "parquet", "dataframe", "arrays"
    rows: int
    bytes: int | None  # None where there is no file


class ColumnsUsed(Struct, frozen=True):
    """Which column was used as what; `scores` maps a class to its column."""

    label: str | None
    scores: dict[str, str]
    weight: str | None = None
    targets: dict[str, str] | None = None
    bytes: str | None = None
    by: tuple[str, ...] = ()
    cluster: str | None = None
    id: str | None = None
    label_file: str | None = None  # where the label is, if not beside the scores

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "by": list(self.by)}


class ScoreResult(Struct, frozen=True):
    """The result of `xent score`, in one unit."""

    format: ClassVar[str] = "xent.score"
    flat_columns: ClassVar[tuple[str, ...]] = ("table", "by", "class", "metric", "value", "unit")

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
    per_class: tuple[ClassResult, ...]
    breakdown: Breakdown | None  # None where there are no classes, or it was not asked for
    calibration: Calibration | None  # likewise
    chain: Chain | None  # likewise, and for two classes
    confusions: tuple[Confusion, ...]  # the costliest first
    reliability: tuple[ReliabilityBin, ...]
    slices: tuple[SliceResult, ...]  # of each set of columns the costliest first
    notices: tuple[Notice, ...]
    unavailable: dict[str, str]  # name of a number that is None: the reason
    gates: tuple[Gate, ...] = ()  # what became of the requirements, in their order
    basis: Basis = field(default_factory=Basis)
    class_basis: dict[str, ClassBasis] = field(default_factory=dict)  # by class, if a gate needs it

    def to_unit(self, unit: Unit | str) -> Self:
        """The same result with every amount of information in another unit."""
        unit = Unit(unit)
        factor = unit.of(self.unit.nats)
        return replace(
            self,
            unit=unit,
            metrics=scaled(self.metrics, factor),
            per_class=tuple(scaled(row, factor) for row in self.per_class),
            breakdown=None if self.breakdown is None else scaled(self.breakdown, factor),
            calibration=None if self.calibration is None else scaled(self.calibration, factor),
            chain=None if self.chain is None else scaled(self.chain, factor),
            confusions=tuple(scaled(each, factor) for each in self.confusions),
            slices=tuple(each.in_unit(factor) for each in self.slices),
            gates=tuple(each.in_unit(factor) for each in self.gates),
            basis=scaled(self.basis, factor),
            class_basis={name: scaled(each, factor) for name, each in self.class_basis.items()},
        )

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `xent score --format json`: infinity as "Infinity", not available as None."""
        return {
            "format": self.format,
            "format_version": FORMAT_VERSION,
            "xent": self.version,
            "signature": self.signature.to_dict(),
            "inputs": [asdict(source) for source in self.inputs],
            "columns": self.columns.to_dict(),
            "rows": self.rows,
            "weight": self.weight,
            "classes": list(self.classes),
            "input_kind": self.input_kind,
            "unit": self.unit.value,
            "metrics": json_values(self.metrics),
            "breakdown": None if self.breakdown is None else json_values(self.breakdown),
            "calibration": None if self.calibration is None else json_values(self.calibration),
            "chain": None if self.chain is None else json_values(self.chain),
            "per_class": [row.to_dict() for row in self.per_class],
            "confusions": [json_values(each) for each in self.confusions],
            "reliability": [json_values(each) for each in self.reliability],
            "slices": [each.to_dict() for each in self.slices],
            "notices": [notice.to_dict() for notice in self.notices],
            "gates": [gate.to_dict() for gate in self.gates],
            "unavailable": dict(self.unavailable),
        }

    def to_frame(self) -> pd.DataFrame:
        """One value a row: table, by, class, metric, value, unit; the same rows as `--format csv`."""
        import pandas as pd

        return pd.DataFrame(self.to_rows(), columns=list(self.flat_columns))

    def to_rows(self) -> list[FlatRow]:
        """One value a tuple: (table, by, class, metric, value, unit).

        `by` tells rows of a table apart: a slice, how the breakdown was made, a class forecast, a bin.
        """
        return list(self._flat_rows())

    def _flat_rows(self) -> Iterator[FlatRow]:
        yield from self._flat("metrics", self.metrics)
        if self.breakdown is not None:
            yield from self._flat("breakdown", self.breakdown, f"method={self.breakdown.method}")
        for table, part in (("calibration", self.calibration), ("chain", self.chain)):
            if part is not None:
                yield from self._flat(table, part)
        for row in self.per_class:
            yield from self._flat("per_class", row, of=row.name)
        for pair in self.confusions:
            yield from self._flat("confusions", pair, selector([("forecast", pair.forecast)]), pair.label)
        for each in self.reliability:
            yield from self._flat("reliability", each, f"confidence={each.low:.4g}..{each.high:.4g}")
        for part_of in self.slices:
            by = selector(part_of.by)
            yield from self._flat("slices", part_of, by)
            yield from self._flat("slices.metrics", part_of.metrics, by)
            if part_of.breakdown is not None:
                yield from self._flat("slices.breakdown", part_of.breakdown, by)

        for gate in self.gates:
            yield from self.flat_gate(gate)

    def flat_gate(self, gate: Gate) -> Iterator[FlatRow]:
        """The numbers of a gate; `pass` is 1, 0, or nothing where it is undecided."""
        by = f"{gate.require} [{selector(gate.by)}]" if gate.by else gate.require
        passed = {"pass": 1, "fail": 0}.get(gate.verdict)
        yield "gates", by, gate.class_name or "", "pass", passed, ""
        yield "gates", by, gate.class_name or "", "confidence", gate.confidence, ""
        unit = self.unit_of(gate.metric)
        for name in NUMBERS:
            yield "gates", by, gate.class_name or "", name, getattr(gate, name), unit

    def _flat(self, table: str, part: Any, by: str = "", of: str = "") -> Iterator[FlatRow]:
        """The numbers of a part."""
        for name in names_in(part):
            if name in UNITS:
                yield table, by, of, name, getattr(part, name), self.unit_of(name)

    def unit_of(self, name: str) -> str:
        """Unit of a number by its name: this result's unit, "count", or "" for plain numbers."""
        kind = UNITS[name]
        return self.unit.value if kind == "info" else kind
