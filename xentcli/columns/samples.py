"""The first values of columns, and what the scores of the first rows sum to: for people to see what is what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from xentcli.columns.column_types import holds_numbers, is_label
from xentcli.columns.columns import Columns
from xentcli.columns.labels import text_at
from xentcli.columns.peek import read_blocks
from xentcli.core.batch import InputKind
from xentcli.core.exact import FloatArray
from xentcli.core.kernel import exp
from xentcli.errors import XentError
from xentcli.sources.arrays import is_list, is_struct, leaf_parts, to_arrow, to_floats
from xentcli.sources.source import Block, Column, Field, Projection, Source

MOST_COLUMNS = 100  # that values are shown of: a table for people has no more
VALUES = 3  # of each column
MOST_ROWS = 500  # that they are looked for in


def first_values(source: Source, fields: Sequence[Field]) -> Mapping[str, tuple[str, ...]]:
    """The first different values of each of the first columns, as text; nothing of an unreadable input."""
    names = [each for each in fields if each.name][:MOST_COLUMNS]
    nested = tuple(each.name for each in names if each.type is not None and _is_nested(each))
    plain = tuple(each.name for each in names if each.type is None or is_label(each.type))
    block = _first(source, Projection(plain, (), nested))
    if block is None:
        return {}
    rows = range(min(MOST_ROWS, block.rows))
    return {name: _unlike(block.columns[name], rows) for name in (*plain, *nested)}


def _unlike(column: Column, rows: range) -> tuple[str, ...]:
    """The first values that differ from those before them, so that a column of labels shows its classes."""
    found: dict[str, None] = {}
    for row in rows:
        found[_text(column, row)] = None
        if len(found) == VALUES:
            break
    return tuple(found)


def row_sums(source: Source, used: Columns) -> FloatArray | None:
    """What the probabilities of each of the first rows sum to; None for other scores, and for those of one."""
    if used.kind is InputKind.LOGIT or used.tokens or used.multilabel is not None:
        return None
    block = _first(source, used.projection.only(used.scores.column_of))
    if block is None or not block.rows:
        return None
    scores = [*_scores(block, used)]
    if not scores:
        return None
    table = np.array(scores)
    if used.kind is InputKind.LOG_PROBABILITY:
        table = exp((table * used.nats).ravel()).reshape(table.shape)
    sums: FloatArray = table.sum(axis=0)
    return sums[~np.isnan(sums)]


def _scores(block: Block, used: Columns) -> Iterator[FloatArray]:
    """The scores of each class; nothing of one column, or of lists of several lengths."""
    names = dict.fromkeys(used.scores.column_of)
    if len(names) > 1:
        yield from (to_floats(block.columns[name])[0] for name in names)
        return
    lists = to_arrow(block.columns[next(iter(names))])
    if not holds_numbers(lists.type):
        return
    ends, flat = leaf_parts(lists)
    sizes = set(np.diff(ends).tolist())
    if len(sizes) == 1 and min(sizes) > 1:
        yield from to_floats(flat)[0].reshape(-1, *sizes).T


def _first(source: Source, projection: Projection) -> Block | None:
    try:
        return next(read_blocks(source, projection), None)
    except XentError:  # scoring says what is wrong
        return None


def _is_nested(each: Field) -> bool:
    return each.type is not None and (is_list(each.type) or is_struct(each.type))


def _text(column: Column, row: int) -> str:
    """A value as a text file would hold it; nothing where it is missing."""
    kind = getattr(column, "type", None)
    if kind is not None and (is_list(kind) or is_struct(kind)):
        return str(to_arrow(column).slice(row, 1).to_pylist()[0])
    return text_at(column, row) or ""
