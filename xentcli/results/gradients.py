"""What `xent gradients` found: how hard rows pull in training, by how wrong they are."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.errors import Notice
from xentcli.results.parts import Number, ResultPart
from xentcli.results.result import ColumnsUsed, InputInfo, Result, Signature
from xentcli.wording import plural


class GradientBin(ResultPart, frozen=True):
    """Rows whose true class has a predicted probability in [low, high); the last bin is closed."""

    low: float  # 0 to 1
    high: float  # 0 to 1
    rows: int
    share: float  # of the weight
    cross_entropy: Number  # mean size of the gradient by the logits; None without rows
    squared_error: Number  # likewise, through the softmax or sigmoid
    saturated_rows: int  # wrong, and squared error pulls less than a tenth as hard


class GradientsResult(Result, frozen=True):
    """The result of `xent gradients`."""

    format = "xent.gradients"
    flat_columns = GradientBin.__struct_fields__

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

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        yield plural(self.rows, "row")
        yield f"{self.saturated_rows:,} saturated"

    def to_rows(self) -> list[tuple[str | float | None, ...]]:
        """One bin a tuple."""
        return [tuple(getattr(each, name) for name in self.flat_columns) for each in self.bins]
