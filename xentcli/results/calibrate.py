"""What `xent calibrate` found: what each recalibration saves, and which is worth saving.

`None` means not available. Losses are means over the rows of finite loss.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from xentcli.errors import Notice
from xentcli.results.calibration_map import MORE_CLASS_METHODS, TWO_CLASS_METHODS, CalibrationMap
from xentcli.results.metrics import METHODS
from xentcli.results.parts import Number, ResultPart
from xentcli.results.result import ColumnsUsed, FlatRow, InfoResult, InputInfo, Signature, amount
from xentcli.results.verdicts import Gate, overall_verdict
from xentcli.units import Unit
from xentcli.wording import plural

AUTO = "auto"
CHOICES = (AUTO, *dict.fromkeys((*TWO_CLASS_METHODS, *MORE_CLASS_METHODS)))  # of a method
GainVerdict = Literal["helps", "hurts", "not shown"]


class MethodResult(ResultPart, frozen=True):
    """One way to recalibrate."""

    method: str
    parameters: dict[str, Any]  # as `results.calibration_map` names them; of `auto` none
    log_loss_in_sample: Number  # info; of `auto` that of the method chosen on all rows
    log_loss_cross_fitted: Number  # info
    gain: Number  # info
    gain_se: Number  # info, paired
    gain_low: Number  # info
    verdict: GainVerdict


class CalibrateResult(InfoResult, frozen=True):
    """The result of `xent calibrate`, in one unit; `calibration` is in nats, and what `xent apply` takes."""

    format = "xent.calibrate"
    flat_columns = ("table", "method", "class", "metric", "value", "unit")
    unwritten: ClassVar[tuple[str, ...]] = ("calibration",)

    version: str
    signature: Signature
    inputs: tuple[InputInfo, ...]
    columns: ColumnsUsed
    rows: int  # of positive weight
    infinite_rows: int  # left out of the fits
    weight: float
    classes: tuple[str, ...]
    input_kind: str
    unit: Unit
    log_loss: Number  # info: as stated, of the rows of finite loss; None without labels
    methods: tuple[MethodResult, ...]
    chosen: str  # what is saved; `none` leaves predictions as they are
    folds: int  # that are predicted
    fold_column: str | None
    forward: bool  # each fold is predicted from those before it
    calibration: CalibrationMap
    notices: tuple[Notice, ...]
    gates: tuple[Gate, ...] = ()

    @property
    def judged(self) -> MethodResult:
        """The row that tells what choosing as it was done saves: `auto`, or the method asked for."""
        return self.methods[-1]

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        yield plural(self.rows, "row")
        yield f"chosen: {self.chosen}"
        yield amount("gain", self.judged.gain, self.unit)
        if self.gates:
            yield f"requirements: {overall_verdict(self.gates)}"

    def to_rows(self) -> list[FlatRow]:
        """One value a tuple: (table, method, class, metric, value, unit)."""
        return list(self._flat_rows())

    def _flat_rows(self) -> Iterator[FlatRow]:
        yield from self.flat_doubts()
        yield from self.flat_part("calibration", self, names=("log_loss", "rows", "infinite_rows"))
        for each in self.methods:
            yield from self.flat_part("methods", each, each.method, names=METHODS)
            for name, value in each.parameters.items():
                if isinstance(value, float):
                    yield "parameters", each.method, "", name, value, ""
                elif isinstance(value, dict):
                    yield from (("parameters", each.method, of, name, one, "") for of, one in value.items())
        for gate in self.gates:
            yield from self.flat_gate(gate)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `cal.json`, which `xent apply` takes; complete or not at all. Raises `AccessError`."""
        from xentcli import write_calibration

        write_calibration(self.calibration, path)

    def apply(self, data: Any, **arguments: Any) -> Any:
        """Recalibrate other predictions: `xentcli.apply` with this calibration and its arguments."""
        from xentcli import apply

        return apply(self, data, **arguments)
