"""What a named odd input is: a file, the arguments, and everything a user must see, or must not.

The cases themselves stand in `label_cases`, `score_cases`, `table_cases` and `argument_cases`, in the order of
the rules of `xent help inputs`. Expected numbers are closed forms: `loss(.5, .25)` is -(log .5 + log .25) / 2.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

INF = "Infinity"  # how JSON has it


@dataclass(frozen=True)
class Case:
    """`xent score preds.csv ARGUMENTS` (or `preds.parquet`, by content) and how it must end.

    For a result (`code` 0), the JSON: `metrics` to 1e-13 (a zero, and what is no float, exactly), and
    exactly the `notices`, by code, each also on standard error. For an error: the place where
    the message begins, and what it must `say`.
    """

    name: str
    content: bytes
    arguments: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)  # further files, by name
    code: int = 0
    # of a result
    metrics: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, int] | None = None  # rows by class, in the order of the classes
    notices: tuple[str, ...] = ()
    says: tuple[str, ...] = ()  # on standard error
    # of an error
    place: str = ""  # "line 3" or "row 2"
    column: str = ""

    @property
    def file(self) -> str:
        """The name of the file."""
        return "preds.parquet" if self.content[:4] == b"PAR1" else "preds.csv"


def right(
    name: str,
    content: str | bytes,
    *arguments: str,
    rows: Mapping[str, int] | None = None,
    notices: Sequence[str] = (),
    says: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
    **metrics: Any,
) -> Case:
    """A right result, with these metrics and only these notices."""
    return Case(name, _bytes(content), arguments, files or {}, 0, metrics, rows, tuple(notices), tuple(says))


def wrong(
    name: str,
    content: str | bytes,
    *says: str,
    code: int = 3,
    place: str = "",
    column: str = "",
    arguments: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
) -> Case:
    """An error that says all this."""
    return Case(
        name, _bytes(content), tuple(arguments), files or {}, code,
        says=says, place=place, column=column,
    )  # fmt: skip


def unclear(
    name: str,
    content: str | bytes,
    *says: str,
    arguments: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
) -> Case:
    """Exit 2: the command line is wrong, or must say more."""
    return wrong(name, content, *says, code=2, arguments=arguments, files=files)


def loss(*probabilities: float) -> float:
    """Mean of -log p."""
    return math.fsum(-math.log(p) for p in probabilities) / len(probabilities)


def parquet(columns: Mapping[str, Any] | pa.Table, **options: Any) -> bytes:
    """A Parquet file of these columns."""
    out = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(dict(columns)), out, **options)
    return out.getvalue()


def table(header: str, *lines: str, end: str = "\n") -> str:
    """A text with a header line."""
    return "".join(line + end for line in (header, *lines))


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content
