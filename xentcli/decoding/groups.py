"""The columns that tell rows apart: of which slice, and of which cluster, each row of a block is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from xentcli.columns.columns import GroupColumns
from xentcli.columns.labels import float_text, text_at
from xentcli.decoding.categorical import Categorical, KnownTexts, categorical_texts
from xentcli.decoding.missing_values import MissingValues
from xentcli.sources.arrays import to_floats
from xentcli.sources.source import Block

Slice = tuple[str | None, ...]  # the values, in the order of the columns sliced by; None is missing


class GroupReader:
    """Reads the keys of the blocks of one input."""

    def __init__(self, columns: GroupColumns, spelled: MissingValues) -> None:
        self._columns, self._spelled = columns, spelled
        self._known = KnownTexts()
        self._bins = {name: (np.array(edges), _bin_names(edges)) for name, edges in columns.bins}

    def slices(self, block: Block) -> tuple[Categorical[Slice], ...]:
        """For each set of columns sliced by, the slice of each row."""
        return tuple(_cross([self._read(block, name) for name in names]) for names in self._columns.by)

    def cluster(self, block: Block) -> Categorical[str | None] | None:
        """The cluster of each row, None, of code 0, if it has none; None if there are no clusters."""
        return self._texts(block, self._columns.cluster)

    def fold(self, block: Block) -> Categorical[str | None] | None:
        """The fold of each row, likewise."""
        return self._texts(block, self._columns.fold)

    def _texts(self, block: Block, name: str | None) -> Categorical[str | None] | None:
        if name is None:
            return None
        return self._spelled.drop(self._known.encode(block.columns[name]))

    def documents(self, block: Block) -> Categorical[str | None]:
        """The document of each row, None, of code 0, if it has none: by their column, or each row is one."""
        name = self._columns.doc
        if name is None:
            places = [None, *(str(block.where(i)) for i in range(block.rows))]
            return Categorical(np.arange(1, block.rows + 1), places)
        return categorical_texts(block.columns[name])

    def _read(self, block: Block, name: str) -> Categorical[str | None]:
        if name not in self._bins:
            return self._spelled.drop(categorical_texts(block.columns[name]))
        edges, names = self._bins[name]
        values, null = to_floats(block.columns[name])
        null = self._spelled.numbers(values, null)
        missing = np.isnan(values) if null is None else np.isnan(values) | null
        codes = np.searchsorted(edges, values, side="right")
        return Categorical(np.where(missing, len(names), codes), (*names, None))


def _cross(columns: Sequence[Categorical[str | None]]) -> Categorical[Slice]:
    """One code for the values of a row in all columns together."""
    first, *others = columns
    codes, values = first.codes, [(value,) for value in first.values]
    crossed: list[Slice] = [*values]
    for column in others:  # one after the other, as the product of many columns' sizes has no end
        size = len(column.values)
        present, codes = np.unique(codes * size + column.codes, return_inverse=True)
        crossed = [(*crossed[at // size], column.values[at % size]) for at in present.tolist()]
    return Categorical(codes, crossed)


def _bin_names(edges: Sequence[float]) -> tuple[str, ...]:
    """What the bins of ascending edges are called: below the first, [a, b) between two, from the last on."""
    words = [float_text(edge) for edge in edges]
    inner = [f"[{low}, {high})" for low, high in pairwise(words)]
    return (f"< {words[0]}", *inner, f">= {words[-1]}")


def cell_text(block: Block, name: str, row: int) -> str | None:
    """What one cell holds, as text; None where it is missing."""
    return text_at(block.columns[name], row)
