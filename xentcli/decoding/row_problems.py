"""The rows of a block that lack a value, and those that cannot be read."""

from __future__ import annotations

import numpy as np

from xentcli.core.batch import Finding, IndexArray, by_row
from xentcli.core.exact import FloatArray
from xentcli.decoding.missing_values import MissingValues
from xentcli.sources.arrays import BoolArray

NO_SPELLINGS = MissingValues(())

_WHOLE_ROW = -1  # in the place of the score that a finding is about


def rows_mask(rows: IndexArray, count: int) -> BoolArray:
    """Where these row numbers are, `(count,)`."""
    mask = np.zeros(count, np.bool_)
    mask[rows] = True
    return mask


class RowProblems:
    """The rows `(n,)` of a block that lack a value and those that cannot be read for another reason."""

    def __init__(self, rows: int, spelled: MissingValues = NO_SPELLINGS) -> None:
        self.spelled = spelled  # what stands for a missing value
        self.findings: list[Finding] = []
        self.missing, self.broken = np.zeros(rows, np.bool_), np.zeros(rows, np.bool_)

    def add_missing(self, code: str, mask: BoolArray | None, score: int = _WHOLE_ROW) -> None:
        """Rows that lack a label, target, score or the like."""
        if mask is not None and mask.any():
            self.missing |= mask
            rows = np.flatnonzero(mask)
            self.findings.append(Finding(code, rows, np.full(rows.size, score), np.full(rows.size, np.nan)))

    def add_broken(self, code: str, mask: BoolArray, values: FloatArray) -> None:
        """Rows whose value cannot be used."""
        self.broken |= mask
        self.findings += by_row(code, mask, values)
