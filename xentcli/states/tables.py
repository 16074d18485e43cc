"""What several values hold of one kind of thing, each once, in a table, and the places of each value in it.

The places of value number n in a table of m entries count from n m, so those of all are one ascending array.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xentcli.core.batch import IndexArray
from xentcli.core.exact import IntArray


def table_of(columns: tuple[NDArray[Any], ...], sizes: Sequence[int]) -> tuple[IndexArray, IntArray]:
    """Where each different entry stands first, in their order, and the places of all; of each value so many."""
    order = np.lexsort(columns[::-1])
    starts = np.zeros(order.size, np.bool_)
    starts[:1] = True
    for column in columns:
        starts[1:] |= column[order[1:]] != column[order[:-1]]
    places = np.empty(order.size, np.int64)
    places[order] = np.cumsum(starts) - 1
    first = order[starts]
    return first, places + np.repeat(np.arange(len(sizes)) * first.size, sizes)


def places_in(at: IntArray, size: int, count: int, *, repeated: bool = False) -> list[tuple[IntArray, slice]]:
    """Of each value its places in a table of so many entries, and where they stand among those of all."""
    least = 0 if repeated else 1
    if at.ndim != 1 or (np.diff(at) < least).any() or (at.size and not 0 <= at[0] <= at[-1] < size * count):
        raise ValueError("has places that are none")
    bounds = np.searchsorted(at, size * np.arange(count + 1)).tolist() if size else [0] * (count + 1)
    parts = [slice(*each) for each in pairwise(bounds)]
    return [(at[part] - size * number, part) for number, part in enumerate(parts)]


def rises(*columns: NDArray[Any]) -> bool:
    """Whether entries, the first column first, rise from each to the next."""
    rising = np.zeros(max(0, columns[0].size - 1), np.bool_)
    for column in reversed(columns):
        rising = (column[1:] > column[:-1]) | ((column[1:] == column[:-1]) & rising)
    return bool(rising.all())
