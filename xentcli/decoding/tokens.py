"""Log-probabilities of tokens, one list a document: each token becomes a row of its own."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xentcli.core.batch import Finding, IndexArray
from xentcli.core.exact import FloatArray
from xentcli.decoding.row_problems import RowProblems
from xentcli.sources.arrays import BoolArray, is_list, leaf_parts, list_parts, null_mask, to_arrow, to_floats
from xentcli.sources.source import Block

LEADING = "first_tokens"  # a finding: the first token of a list, of which nothing was predicted


class Tokens(Struct, frozen=True, eq=False):
    """The tokens of a block, less the first ones without a value."""

    values: FloatArray  # (T,)
    rows: IndexArray  # (T,): the row of the block that each is in, rising
    missing: BoolArray  # (T,)
    kept: IndexArray  # (T,): the place of each among all values of the lists
    lists: int  # values in the lists
    no_list: int  # rows without a list
    leading: tuple[Finding, ...]


def read_tokens(block: Block, column: str, problems: RowProblems) -> Tokens:
    """The tokens of all lists. A null that a list begins with is left out, and noted; others are missing."""
    lists = to_arrow(block.columns[column])
    problems.add_missing("score_missing", no_list := null_mask(lists))
    ends, flat = leaf_parts(lists)
    values, null = to_floats(flat)
    rows = np.repeat(np.arange(block.rows), np.diff(ends))
    missing = np.zeros(values.size, np.bool_) if null is None else null
    first = _starts(lists)
    leading = first[missing[first]]
    found = Finding(LEADING, rows[leading], np.full(leading.size, -1), np.full(leading.size, np.nan))
    kept = np.delete(np.arange(values.size), leading)
    without = 0 if no_list is None else int(np.count_nonzero(no_list))
    findings = (found,) if leading.size else ()
    return Tokens(values[kept], rows[kept], missing[kept], kept, values.size, without, findings)


def _starts(column: object) -> IndexArray:
    """Where each of the innermost lists begins among the values of all, if it holds any."""
    offsets, values = list_parts(column)
    while is_list(values.type):
        offsets, values = list_parts(values)
    starts: IndexArray = offsets[:-1][np.diff(offsets) > 0]
    return starts


def token_sizes(block: Block, column: str | None, tokens: Tokens, problems: RowProblems) -> FloatArray | None:
    """The bytes `(T,)` of each token: of lists as long as those of tokens, or else those of a row at its first."""
    if column is None:
        return None
    sizes = to_arrow(block.columns[column])
    if is_list(sizes.type):
        _, flat = leaf_parts(sizes)
        values, null = to_floats(flat)
        if values.size != tokens.lists:
            problems.add_broken("bytes_length", np.ones(block.rows, np.bool_), np.full(block.rows, values.size))
            return np.zeros(tokens.rows.size)
        problems.add_missing("bytes_missing", null_mask(sizes))
        return (values if null is None else np.where(null, np.nan, values))[tokens.kept]
    values, null = to_floats(sizes)
    problems.add_missing("bytes_missing", null)
    first = np.append(True, np.diff(tokens.rows) > 0)[: tokens.rows.size]
    return np.where(first, values[tokens.rows], 0.0)
