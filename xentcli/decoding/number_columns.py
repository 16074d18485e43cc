"""Columns of numbers as arrays, and the rows that lack one or cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from xentcli.columns.columns import ScoreColumns, ScoreLayout
from xentcli.core.batch import Finding, IndexArray, by_row
from xentcli.core.exact import FloatArray
from xentcli.decoding.named_scores import named_scores
from xentcli.decoding.row_problems import RowProblems
from xentcli.sources.arrays import BoolArray, leaf_parts, null_mask, raw_values, to_arrow, to_floats
from xentcli.sources.source import Block

if TYPE_CHECKING:
    import pyarrow as pa

_Values = np.ndarray[tuple[int, ...], np.dtype[Any]]


def read_scores(
    block: Block, columns: ScoreColumns, code: str, problems: RowProblems
) -> tuple[FloatArray, ...] | FloatArray:
    """Scores of a block as K columns `(n,)`, or of lists as one array `(n, K)`; notes the rows that lack one."""
    if columns.layout is ScoreLayout.NAMED:
        return named_scores(block, columns, code, problems)
    if columns.layout is ScoreLayout.LIST:
        return _list_scores(to_arrow(block.columns[columns.names[0]]), columns, code, problems)
    if columns.layout is ScoreLayout.STRUCT:
        whole = to_arrow(block.columns[columns.names[0]])
        problems.add_missing(code, null_mask(whole))
        arrays = [whole.field(name) for name in columns.order]
    else:
        arrays = [block.columns[name] for name in columns.names]
    values = []
    for k, array in enumerate(arrays):
        floats, null = to_floats(array)
        problems.add_missing(code, problems.spelled.numbers(floats, null), k)
        values.append(floats)
    return tuple(values)


FALLING = "falling_lists"


def falling_lists(scores: FloatArray) -> Iterator[Finding]:
    """Rows of `(n, K)` whose scores fall from the first to the last, if the first does: were they sorted?"""
    if len(scores) and _fall(scores[:1]).all():
        yield from by_row(FALLING, _fall(scores), np.full(len(scores), np.nan))


def _fall(scores: FloatArray) -> BoolArray:
    """Where each score is below the one before it, or both are 0; rows of few distinct ones need not be sorted."""
    before, after = scores[:, :-1], scores[:, 1:]
    falls: BoolArray = ((before > after) | ((before == 0.0) & (after == 0.0))).all(axis=1)
    return falls & (scores[:, 0] > scores[:, -1])


def in_nats(scores: tuple[FloatArray, ...] | FloatArray, nats: float) -> tuple[FloatArray, ...] | FloatArray:
    """Log-probabilities of another base, of which 1 is so many nats."""
    if nats == 1.0:
        return scores
    return tuple(each * nats for each in scores) if isinstance(scores, tuple) else scores * nats


def _list_scores(column: pa.Array, columns: ScoreColumns, code: str, problems: RowProblems) -> FloatArray:
    """Scores `(n, K)` from one list a row; a list of another length, or with a null inside, is unreadable."""
    import pyarrow as pa

    null = null_mask(column)
    problems.add_missing(code, null)
    ends, flat = leaf_parts(column)
    starts, lengths = ends[:-1], np.diff(ends)
    present = np.ones(len(column), np.bool_) if null is None else ~null
    whole = present & (lengths == columns.size)
    problems.add_broken("list_length", present & ~whole, lengths.astype(np.float64))
    values, item_null = to_floats(flat) if flat.type != pa.float32() else (raw_values(flat), null_mask(flat))
    item_null = problems.spelled.numbers(values, item_null)
    if item_null is not None:
        problems.add_missing(code, _values_of(item_null, starts, whole, columns.size).any(axis=1) & whole)
    return _values_of(values, starts, whole, columns.size)


def _values_of(values: _Values, starts: IndexArray, whole: BoolArray, size: int) -> _Values:
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
    values, null = to_floats(block.columns[name])
    problems.add_missing(code, problems.spelled.numbers(values, null))
    return values
