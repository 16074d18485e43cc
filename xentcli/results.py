"""What a run found: frozen values, never rounded, that renderers show and programs read.

`None` means not available (`ScoreResult.unavailable` says why), which is never the same as zero. Fields marked
"info" are amounts of information in the result's `unit`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeVar

from xentcli.errors import Notice
from xentcli.metrics import UNITS
from xentcli.units import Unit

if TYPE_CHECKING:
    import pandas as pd

DEFINITIONS = 1  # version of the definitions of the numbers; part of the signature
FORMAT_VERSION = 1  # of the JSON. 1: first version

Number = float | None


class Result(Protocol):
    """What every command's result offers to the renderers."""

    format: ClassVar[str]  # of its JSON
    flat_columns: ClassVar[tuple[str, ...]]  # of its CSV

    def to_dict(self) -> dict[str, Any]:
        """The JSON."""
        ...

    def to_rows(self) -> Sequence[tuple[str | float | None, ...]]:
        """The rows of the CSV."""
        ...


@dataclass(frozen=True)
class Signature:
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
    definitions: int = DEFINITIONS

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        values = asdict(self) | {"class_weights": dict(self.class_weights)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


@dataclass(frozen=True)
class InputInfo:
    """One input as it was read."""

    name: str
    format: str  # "csv", "parquet", "dataframe", "arrays"
    rows: int
    bytes: int | None  # None where there is no file


@dataclass(frozen=True)
class ColumnsUsed:
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


@dataclass(frozen=True)
class Metrics:
    """The numbers of CONTRACT: definitions, ranges and sources stand in `xentcli.metrics.METRICS`."""

    log_loss: Number  # info, >= 0, lower is better
    log_loss_se: Number  # info
    log_loss_low: Number  # info, 95 %
    log_loss_high: Number  # info, 95 %
    total_log_loss: Number  # info
    log_loss_finite: Number  # info
    infinite_rows: int  # count
    macro_log_loss: Number  # info
    loss_p50: Number  # info
    loss_p90: Number  # info
    loss_p99: Number  # info
    loss_max: Number  # info
    worst_1pct_share: Number  # none, 0 to 1
    perplexity: Number  # none, >= 1
    bits_per_byte: Number  # bits, token files only
    target_entropy: Number  # info
    kl_divergence: Number  # info
    label_entropy: Number  # info
    predictive_entropy: Number  # info
    overconfidence: Number  # info, either sign
    overconfidence_se: Number  # info
    overconfidence_z: Number  # none
    marginal_kl: Number  # info
    skill: Number  # none, <= 1, higher is better
    normalized_entropy: Number  # none, >= 0
    accuracy: Number  # none, 0 to 1, higher is better
    accuracy_se: Number  # none
    accuracy_low: Number  # none, 95 %
    accuracy_high: Number  # none, 95 %
    brier: Number  # none, 0 to 1 (2 classes) or 2, lower is better
    brier_se: Number  # none
    brier_low: Number  # none, 95 %
    brier_high: Number  # none, 95 %
    ece: Number  # none, 0 to 1
    row_sum_effect: Number  # info, either sign
    rows: int  # count
    skipped_rows: int  # count
    ignored_rows: int  # count
    zero_weight_rows: int  # count
    ties: int  # count


@dataclass(frozen=True)
class ClassResult:
    """One class: its rows, what was forecast for it, and what its rows cost."""

    name: str
    rows: float  # a count; the sum of the targets of soft labels
    share: float  # of the weight, 0 to 1
    predicted_share: float  # mean forecast, 0 to 1
    log_loss: Number  # info; None without rows
    contribution: Number  # info; the contributions add up to the log loss
    recall: Number  # 0 to 1; None without rows
    precision: Number  # 0 to 1; None where the class is never the top class

    def to_dict(self) -> dict[str, Any]:
        """For JSON: CONTRACT calls the name of a class `class`."""
        rest = {k: _json(v) for k, v in asdict(self).items() if k != "name"}
        return {"class": self.name, **rest}


@dataclass(frozen=True)
class ScoreResult:
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
    notices: tuple[Notice, ...]
    unavailable: dict[str, str]  # name of a number that is None: the reason

    def to_unit(self, unit: Unit | str) -> Self:
        """The same result with every amount of information in another unit."""
        unit = Unit(unit)
        factor = unit.of(self.unit.nats)
        return replace(
            self,
            unit=unit,
            metrics=_scaled(self.metrics, factor),
            per_class=tuple(_scaled(row, factor) for row in self.per_class),
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
            "metrics": {name: _json(value) for name, value in asdict(self.metrics).items()},
            "per_class": [row.to_dict() for row in self.per_class],
            "notices": [notice.to_dict() for notice in self.notices],
            "unavailable": dict(self.unavailable),
        }

    def to_frame(self) -> pd.DataFrame:
        """One value a row: table, by, class, metric, value, unit; the same rows as `--format csv`."""
        import pandas as pd

        return pd.DataFrame(self.to_rows(), columns=list(self.flat_columns))

    def to_rows(self) -> list[tuple[str, str, str, str, float | None, str]]:
        """One value a tuple: (table, by, class, metric, value, unit)."""
        rows: list[tuple[str, str, str, str, float | None, str]] = [
            ("metrics", "", "", name, value, unit) for name, value, unit in self._flat(self.metrics)
        ]
        for each in self.per_class:
            rows += [("per_class", "", each.name, name, value, unit) for name, value, unit in self._flat(each)]
        return rows

    def _flat(self, part: Metrics | ClassResult) -> list[tuple[str, Number, str]]:
        names = [field.name for field in fields(part) if field.name != "name"]
        return [(name, getattr(part, name), self.unit_of(name)) for name in names]

    def unit_of(self, name: str) -> str:
        """Unit of a number by its name: this result's unit, "count", or "" for plain numbers."""
        kind = UNITS[name]
        return self.unit.value if kind == "info" else kind


Part = TypeVar("Part", Metrics, ClassResult)


def _json(value: object) -> object:
    """JSON knows no infinity: the string sorts above every number in jq, as infinity should."""
    if isinstance(value, float):
        if value == math.inf:
            return "Infinity"
        if not math.isfinite(value):
            return None
    return value


def _scaled(part: Part, factor: float) -> Part:
    """`part` with its amounts of information multiplied by `factor`."""
    if factor == 1.0:
        return part
    info = [field.name for field in fields(part) if UNITS.get(field.name) == "info"]
    values = {name: getattr(part, name) for name in info}
    return replace(part, **{name: value * factor for name, value in values.items() if value is not None})
