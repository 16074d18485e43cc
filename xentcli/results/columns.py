"""What `xent columns` found: the role of each column of an input, and what is not yet clear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xentcli.errors import Where, XentError
from xentcli.results.parts import ResultPart
from xentcli.results.result import Result
from xentcli.wording import plural


class ColumnRole(ResultPart, frozen=True):
    """One column, in the order of the input."""

    column: str
    type: str  # as the input has it; "text" where types are the reader's to choose
    role: str | None  # "label", "score", "target", "weight", "bytes"; None: not used
    classes: tuple[str, ...]  # the classes whose scores or targets it holds, in order
    why: str  # what made it so, or why it is not used
    samples: tuple[str, ...] = ()  # its first different values, as text; of the first hundred columns


class RowSums(ResultPart, frozen=True):
    """What the probabilities of each of the first rows sum to."""

    rows: int  # count: of how many
    low: float
    high: float


class Problem(ResultPart, frozen=True):
    """Why the columns cannot be used as they are, and the option that settles it."""

    code: str
    exit_code: int  # of `xent score`
    message: str
    hint: str | None

    @classmethod
    def of(cls, error: XentError) -> Problem:
        """What an error says, without the file's name, which stands above."""
        within = error.where if error.where and error.where != Where(error.where.file) else None
        message = str(XentError(error.code, error.message, where=within, column=error.column))
        return cls(error.code, error.exit_code, message, error.hint)


class ColumnsResult(Result, frozen=True):
    """The result of `xent columns`."""

    format = "xent.columns"
    flat_columns = ("file", "column", "type", "role", "classes", "why")

    version: str
    inputs: tuple[tuple[str, str], ...]  # name and format of each
    columns: tuple[ColumnRole, ...]  # of the first input
    input_kind: str | None  # "probability", "logit" or "log_probability"; None where there is a problem
    label_kind: str | None  # "hard", "soft" or "token"
    classes: tuple[str, ...] | None  # in order; None: the labels tell when they are read
    positive: str | None  # the class that a single score column is of
    problem: Problem | None
    row_sums: RowSums | None = None  # of several columns of probabilities

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `xent columns --format json`."""
        inputs = [{"name": name, "format": format} for name, format in self.inputs]
        return super().to_dict() | {"inputs": inputs}

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        yield plural(len(self.columns), "column")
        yield "clear" if self.problem is None else f"not clear: {self.problem.code}"

    def to_rows(self) -> list[tuple[str | float | None, ...]]:
        """One column a tuple: (file, column, type, role, classes, why)."""
        file = self.inputs[0][0]
        return [(file, c.column, c.type, c.role, ",".join(c.classes), c.why) for c in self.columns]
