"""What is noted about the rows of a block while it is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from xentcli.core.exact import FloatArray
from xentcli.core.scores import Finding
from xentcli.decoding.arrays import BoolArray


@dataclass
class Noted:
    """What is known of the rows of a block while it is decoded."""

    findings: list[Finding] = field(default_factory=list)
    missing: list[BoolArray] = field(default_factory=list)  # rows that lack a label, target or score
    broken: list[BoolArray] = field(default_factory=list)  # rows that cannot be read for another reason

    def lacking(self, code: str, mask: BoolArray | None, score: int = -1) -> None:
        """Note rows that lack a value."""
        if mask is not None and mask.any():
            self.missing.append(mask)
            self.findings += _finding(code, mask, score)

    def unreadable(self, code: str, mask: BoolArray, values: FloatArray | None = None) -> None:
        """Note rows whose value cannot be used."""
        if mask.any():
            self.broken.append(mask)
            self.findings += _finding(code, mask, -1, values)


def _finding(code: str, mask: BoolArray, score: int, values: FloatArray | None = None) -> Iterator[Finding]:
    rows = np.flatnonzero(mask)
    found = np.full(rows.size, np.nan) if values is None else values[rows]
    yield Finding(code, rows, np.full(rows.size, score), found)
