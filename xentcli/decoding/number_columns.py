"""Numbers of a block as arrays, and what is wrong with the rows of a block while it is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from xentcli.columns.columns import ScoreColumns, ScoreLayout
from xentcli.core.batch import Finding, IndexArray
from xentcli.core.exact import FloatArray
from xentcli.sources.arrays import BoolArray, null_mask, numbers, stored
from xentcli.sources.source import Block


@dataclass
class RowProblems:
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


_Values = np.ndarray[tuple[int, ...], np.dtype[Any]]


def score_matrix(block: Block, columns: ScoreColumns, code: str, problems: RowProblems) -> FloatArray:
    """Scores `(K, n)` of a block, however its columns hold them; notes the rows that lack one."""
    if columns.layout is ScoreLayout.LIST:
        return _listed(block.columns[columns.names[0]], columns, code, problems)
    if columns.layout is ScoreLayout.STRUCT:
        whole = block.columns[columns.names[0]]
        problems.lacking(code, null_mask(whole))
        arrays = [whole.field(name) for name in columns.order]
    else:
        arrays = [block.columns[name] for name in columns.names]
    values = np.empty((len(arrays), block.rows))
    for k, array in enumerate(arrays):
        values[k], null = numbers(array)
        problems.lacking(code, null, k)
    return values


def _listed(column: pa.Array, columns: ScoreColumns, code: str, problems: RowProblems) -> FloatArray:
    """Scores `(K, n)` from one list a row; a list of another length, or with a null inside, is unreadable."""
    null = null_mask(column)
    problems.lacking(code, null)
    flat, starts, lengths = _items(column)
    whole = lengths == columns.size
    problems.unreadable("list_length", ~whole if null is None else ~(whole | null), lengths.astype(np.float64))
    if null is not None:
        whole &= ~null
    values, holes = numbers(flat)
    if holes is not None:
        problems.lacking(code, _rows(holes, starts, whole, columns.size).any(axis=1) & whole)
    return np.ascontiguousarray(_rows(values, starts, whole, columns.size).T, dtype=np.float64)


def _items(column: pa.Array) -> tuple[pa.Array, IndexArray, IndexArray]:
    """What all lists hold, one after the other, and where in it each list begins and how long it is."""
    rows = len(column)
    if pa.types.is_fixed_size_list(column.type):
        size = column.type.list_size
        flat = column.values.slice(column.offset * size, rows * size)
        return flat, np.arange(rows) * size, np.full(rows, size)
    offsets = stored(column.offsets).astype(np.intp)
    flat = column.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
    return flat, offsets[:-1] - offsets[0], np.diff(offsets)


def _rows(values: _Values, starts: IndexArray, whole: BoolArray, size: int) -> _Values:
    """The `size` values `(n, size)` of each list; anything for a list that is not whole."""
    rows = len(starts)
    if whole.all():
        return values[: rows * size].reshape(rows, size)
    if not values.size:
        return np.zeros((rows, size), values.dtype)
    at = np.where(whole, starts, 0)[:, None] + np.arange(size)
    return values.take(at, mode="clip")


def number_column(block: Block, name: str | None, code: str, problems: RowProblems) -> FloatArray | None:
    """The values `(n,)` of a column of numbers; None if there is no such column."""
    if name is None:
        return None
    values, null = numbers(block.columns[name])
    problems.lacking(code, null)
    return values
