"""What `xent worst` found: the rows of the largest loss."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from msgspec import Struct
from msgspec.structs import asdict, replace

from xentcli.errors import Notice
from xentcli.results.parts import Number, json_value
from xentcli.results.score import FORMAT_VERSION, ColumnsUsed, InputInfo, Signature
from xentcli.units import Unit

_OWN = ("file", "line", "row", "id", "label", "forecast", "label_probability", "loss", "share")


class WorstRow(Struct, frozen=True):
    """One row of an input."""

    file: str
    line: int | None  # of a text file, 1-based
    row: int | None  # of a binary one, 0-based
    id: str | None
    label: str | None  # None for soft labels and tokens
    forecast: str | None  # the top class
    label_probability: Number  # 0 to 1
    loss: float  # info
    share: Number  # of the log loss of all rows; None if that is infinite, or 0
    columns: dict[str, str | None]

    def to_dict(self) -> dict[str, Any]:
        """For JSON: a line or a row, whichever the input has."""
        values = {name: json_value(value) for name, value in asdict(self).items()}
        return {name: value for name, value in values.items() if name not in ("line", "row") or value is not None}


class WorstResult(Struct, frozen=True):
    """The result of `xent worst`, in one unit."""

    format: ClassVar[str] = "xent.worst"

    version: str
    signature: Signature
    inputs: tuple[InputInfo, ...]
    columns: ColumnsUsed
    shown: tuple[str, ...]  # the columns printed beside each row
    scored_rows: int  # of positive weight
    classes: tuple[str, ...]
    input_kind: str
    unit: Unit
    log_loss: float  # info, of all rows
    rows: tuple[WorstRow, ...]  # the largest loss first
    notices: tuple[Notice, ...]

    @property
    def flat_columns(self) -> tuple[str, ...]:
        """The columns of the CSV."""
        return (*_OWN, *self.shown)

    def to_unit(self, unit: Unit | str) -> Self:
        """The same result with losses in another unit."""
        unit = Unit(unit)
        factor = unit.of(self.unit.nats)
        rows = tuple(replace(row, loss=row.loss * factor) for row in self.rows)
        return replace(self, unit=unit, log_loss=self.log_loss * factor, rows=rows)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `xent worst --format json`."""
        return {
            "format": self.format,
            "format_version": FORMAT_VERSION,
            "xent": self.version,
            "signature": self.signature.to_dict(),
            "inputs": [asdict(source) for source in self.inputs],
            "columns": self.columns.to_dict(),
            "scored_rows": self.scored_rows,
            "classes": list(self.classes),
            "input_kind": self.input_kind,
            "unit": self.unit.value,
            "log_loss": json_value(self.log_loss),
            "rows": [row.to_dict() for row in self.rows],
            "notices": [notice.to_dict() for notice in self.notices],
        }

    def to_rows(self) -> list[tuple[str | float | None, ...]]:
        """One row a tuple: the place, who it is, what happened, and the columns shown."""
        return [
            (*(getattr(row, name) for name in _OWN), *(row.columns[name] for name in self.shown))
            for row in self.rows
        ]
