"""What `xent worst` found: the rows of the largest loss."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.errors import Notice
from xentcli.results.parts import Number, ResultPart
from xentcli.results.result import ColumnsUsed, InfoResult, InputInfo, Signature, amount
from xentcli.units import Unit
from xentcli.wording import plural

_OWN = ("file", "line", "row", "id", "label", "forecast", "label_probability", "loss", "share")


class RowResult(ResultPart, frozen=True):
    """One row of an input."""

    optional = ("line", "row")  # whichever the input has
    info = ("loss",)

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


class WorstResult(InfoResult, frozen=True):
    """The result of `xent worst`, in one unit."""

    format = "xent.worst"
    unwritten = ("shown",)

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
    rows: tuple[RowResult, ...]  # the largest loss first
    notices: tuple[Notice, ...]

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        yield f"{len(self.rows):,} of {plural(self.scored_rows, 'row')}"
        if self.rows:
            yield amount("largest loss", self.rows[0].loss, self.unit)
        yield amount("mean", self.log_loss, self.unit)

    @property
    def flat_columns(self) -> tuple[str, ...]:
        """The columns of the CSV."""
        return (*_OWN, *self.shown)

    def to_rows(self) -> list[tuple[str | float | None, ...]]:
        """One row a tuple: the place, who it is, what happened, and the columns shown."""
        return [
            (*(getattr(row, name) for name in _OWN), *(row.columns[name] for name in self.shown))
            for row in self.rows
        ]
