"""What `xent columns` found: the role of each column of an input, and what is not yet clear."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import asdict

from xentcli.errors import Where, XentError
from xentcli.results.score import FORMAT_VERSION


class ColumnRole(Struct, frozen=True):
    """One column, in the order of the input."""

    column: str
    type: str  # as the input has it; "text" where types are the reader's to choose
    role: str | None  # "label", "score", "target", "weight", "bytes"; None: not used
    classes: tuple[str, ...]  # the classes whose scores or targets it holds, in order
    why: str  # what made it so, or why it is not used

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"classes": list(self.classes)}


class Problem(Struct, frozen=True):
    """Why the columns cannot be used as they are, and the option that settles it."""

    code: str
    exit_code: int  # of `xent score`
    message: str
    hint: str | None

    @classmethod
    def of(cls, error: XentError) -> Problem:
        """The problem that an error tells."""
        within = error.where if error.where and error.where != Where(error.where.file) else None
        told = XentError(error.code, error.message, where=within, column=error.column)  # the file is told above
        return cls(error.code, error.exit_code, str(told), error.hint)


class ColumnsResult(Struct, frozen=True):
    """The result of `xent columns`."""

    format: ClassVar[str] = "xent.columns"
    flat_columns: ClassVar[tuple[str, ...]] = ("file", "column", "type", "role", "classes", "why")

    version: str
    inputs: tuple[tuple[str, str], ...]  # name and format of each
    columns: tuple[ColumnRole, ...]  # of the first input
    input_kind: str | None  # "probability", "logit" or "log_probability"; None where there is a problem
    label_kind: str | None  # "hard", "soft" or "token"
    classes: tuple[str, ...] | None  # in order; None: the labels tell when they are read
    positive: str | None  # the class that a single score column is of
    problem: Problem | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `xent columns --format json`."""
        return {
            "format": self.format,
            "format_version": FORMAT_VERSION,
            "xent": self.version,
            "inputs": [{"name": name, "format": format} for name, format in self.inputs],
            "columns": [column.to_dict() for column in self.columns],
            "input_kind": self.input_kind,
            "label_kind": self.label_kind,
            "classes": None if self.classes is None else list(self.classes),
            "positive": self.positive,
            "problem": None if self.problem is None else asdict(self.problem),
        }

    def to_rows(self) -> list[tuple[str | float | None, ...]]:
        """One column a tuple: (file, column, type, role, classes, why)."""
        file = self.inputs[0][0]
        return [(file, c.column, c.type, c.role, ",".join(c.classes), c.why) for c in self.columns]
