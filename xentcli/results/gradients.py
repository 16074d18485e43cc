"""What `xent gradients` found: how hard rows pull in training, by how wrong they are."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import asdict

from xentcli.errors import Notice
from xentcli.results.parts import Number, json_values
from xentcli.results.score import FORMAT_VERSION, ColumnsUsed, InputInfo, Signature


class GradientBin(Struct, frozen=True):
    """Rows whose forecast gave what happened a probability in [low, high); the last bin is closed."""

    low: float  # 0 to 1
    high: float  # 0 to 1
    rows: int
    share: float  # of the weight
    cross_entropy: Number  # mean size of the gradient by the logits; None without rows
    squared_error: Number  # likewise, through the softmax or sigmoid
    saturated_rows: int  # wrong, and squared error pulls less than a tenth as hard


class GradientsResult(Struct, frozen=True):
    """The result of `xent gradients`."""

    format: ClassVar[str] = "xent.gradients"
    flat_columns: ClassVar[tuple[str, ...]] = (
        "low", "high", "rows", "share", "cross_entropy", "squared_error", "saturated_rows",
    )  # fmt: skip

    version: str
    signature: Signature
    inputs: tuple[InputInfo, ...]
    columns: ColumnsUsed
    rows: int  # of positive weight
    classes: tuple[str, ...]
    input_kind: str
    bins: tuple[GradientBin, ...]
    saturated_rows: int
    saturated_share: float  # of the weight
    wrong_share: float  # of the weight: rows whose label was given less than one half
    notices: tuple[Notice, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `xent gradients --format json`."""
        return {
            "format": self.format,
            "format_version": FORMAT_VERSION,
            "xent": self.version,
            "signature": self.signature.to_dict(),
            "inputs": [asdict(source) for source in self.inputs],
            "columns": self.columns.to_dict(),
            "rows": self.rows,
            "classes": list(self.classes),
            "input_kind": self.input_kind,
            "bins": [json_values(each) for each in self.bins],
            "saturated_rows": self.saturated_rows,
            "saturated_share": self.saturated_share,
            "wrong_share": self.wrong_share,
            "notices": [notice.to_dict() for notice in self.notices],
        }

    def to_rows(self) -> list[tuple[str | float | None, ...]]:
        """One bin a tuple."""
        return [tuple(getattr(each, name) for name in self.flat_columns) for each in self.bins]
