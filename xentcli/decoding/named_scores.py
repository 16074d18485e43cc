"""Scores from lists that name the class of each: every row in an order of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xentcli.columns.columns import ScoreColumns
from xentcli.columns.labels import label_coder
from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray
from xentcli.decoding.categorical import by_code, encode_texts
from xentcli.decoding.row_problems import RowProblems, rows_mask
from xentcli.sources.arrays import BoolArray, as_arrow, leaf_parts, null_mask, to_arrow, to_floats
from xentcli.sources.source import Block

if TYPE_CHECKING:
    import pyarrow as pa

NOT_NAMED = "class_not_named"  # a finding: a list that holds other classes, as the top ones, lacks this one
_NO_NAME = -2  # in the place of the index of a class


def named_scores(block: Block, columns: ScoreColumns, code: str, problems: RowProblems) -> tuple[FloatArray, ...]:
    """Scores of a block as K columns `(n,)`, NaN where a row does not name the class.

    A row that names a class twice, or one that is not among `columns.order`, cannot be read.
    """
    column = to_arrow(block.columns[columns.names[0]])
    null = null_mask(column)
    problems.add_missing(code, null)
    sizes, names, values = _names_and_values(block, columns, column, problems)
    rows, classes = block.rows, len(columns.order)
    row, of = np.repeat(np.arange(rows), sizes), _classes_of(names, columns.order)
    found, lacks = to_floats(values)
    problems.add_broken("class_unnamed", rows_mask(row[of == _NO_NAME], rows), np.zeros(rows))
    problems.add_broken("class_unknown", rows_mask(row[(of < 0) & (of != _NO_NAME)], rows), np.zeros(rows))
    known = of >= 0
    place = row[known] * classes + of[known]
    counts = np.bincount(place, minlength=rows * classes).reshape(rows, classes)
    problems.add_broken("class_twice", (counts > 1).max(axis=1), np.zeros(rows))
    absent = counts == 0
    unnamed = absent & (sizes > 0)[:, None]
    if lacks is not None:
        absent.reshape(-1)[place[lacks[known]]] = True
    unnamed[problems.broken] = absent[problems.broken] = False
    if null is not None:
        absent[null] = False
    scores = np.full(rows * classes, np.nan)
    scores[place] = found[known]
    for k in np.flatnonzero(absent.any(axis=0)).tolist():
        problems.add_missing(code, absent[:, k] & ~unnamed[:, k], k)
        problems.add_missing(NOT_NAMED, unnamed[:, k], k)
    return tuple(np.ascontiguousarray(scores.reshape(rows, classes).T))


def classes_of_items(block: Block, columns: ScoreColumns) -> tuple[IndexArray, IndexArray]:
    """How many scores each row lists `(n,)`, and the class of all of them, one after the other; negative for none.

    As many as there are values, where `named_scores` finds nothing broken.
    """
    column = to_arrow(block.columns[columns.names[0]])
    sizes, names, _ = _names_and_values(block, columns, column, RowProblems(block.rows))
    return sizes, _classes_of(names, columns.order)


def _names_and_values(
    block: Block, columns: ScoreColumns, column: pa.Array, problems: RowProblems
) -> tuple[IndexArray, pa.Array, pa.Array]:
    """How many scores each row has `(n,)`, and the names and the numbers of all of them, one after the other."""
    ends, values = leaf_parts(column)
    sizes = np.diff(ends)
    if columns.pair:
        fields = [field.name for field in values.type]
        name, number = columns.pair
        inside = values.flatten()
        return sizes, inside[fields.index(name)], inside[fields.index(number)]
    name_ends, names = leaf_parts(to_arrow(block.columns[columns.names_in]))
    counts = np.diff(name_ends)
    differ: BoolArray = counts != sizes
    if not differ.any():
        return sizes, names, values
    present = null_mask(column)
    of_lists = differ if present is None else differ & ~present
    problems.add_broken("names_length", of_lists, counts.astype(np.float64))
    alike = ~differ
    names = names.take(as_arrow(np.flatnonzero(np.repeat(alike, counts))))
    values = values.take(as_arrow(np.flatnonzero(np.repeat(alike, sizes))))
    return np.where(alike, sizes, 0), names, values


def _classes_of(names: pa.Array, classes: tuple[str, ...]) -> IndexArray:
    """The index of the class of each name, `_NO_NAME` where that is missing, negative if it is of no class."""
    codes, words = encode_texts(names)
    index = label_coder(classes, False).index
    known = {code: _NO_NAME if word is None else index(word) for code, word in words.items()}
    return by_code(codes, known, _NO_NAME).astype(np.intp)
