"""The way back from the key of a kept row to the row, for states that are scored apart and merged later.

A key is the scrambled place of a row, one to one: place = start of its input + number of the row, modulo 2^64. The
starts of inputs lie so far apart, at random, that the nearest one before a place is that of its input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from xentcli.core.exact import IntArray
from xentcli.core.kept_rows import KeptRows, row_keys
from xentcli.core.row_scores import KeyArray

_GOLDEN = 0x9E3779B97F4A7C15  # as in `kept_rows`
_UNGOLDEN = np.uint64(pow(_GOLDEN, -1, 1 << 64))
_UNDO = (np.uint64(pow(0xBF58476D1CE4E5B9, -1, 1 << 64)), np.uint64(pow(0x94D049BB133111EB, -1, 1 << 64)))


def places_of(keys: KeyArray) -> KeyArray:
    """Places `(n,)` of keys `(n,)`: those of consecutive rows are consecutive."""
    return _unmixed(keys) * _UNGOLDEN


def keys_at(places: KeyArray) -> KeyArray:
    """Keys `(n,)` of places `(n,)`."""
    start = places_of(row_keys(0, np.zeros(1, np.int64)))
    return row_keys(0, (places - start).view(np.int64))


def rows_at(places: KeyArray, inputs: IntArray) -> tuple[IntArray, IntArray]:
    """(number of the input, number of the row in it) `(n,)` of places `(n,)` in inputs of these numbers `(m,)`."""
    zero = np.zeros(1, np.int64)
    starts = np.array([int(places_of(row_keys(int(number), zero))[0]) for number in inputs], np.uint64)
    order = np.argsort(starts)
    nearest = order[np.searchsorted(starts[order], places, side="right") - 1]  # -1: the last, around the end
    return inputs[nearest], (places - starts[nearest]).view(np.int64)


def renumbered(kept: KeptRows, numbers: Mapping[int, int]) -> KeptRows:
    """All rows under the keys that they have if their inputs get these numbers.

    Where only a sample is kept, by the keys of before, there is no way to another: it stays as it is.
    """
    if kept.level or all(old == new for old, new in numbers.items()):
        return kept
    inputs = np.array(sorted(numbers), np.int64)
    pieces = []
    for piece in kept.pieces:
        found, rows = rows_at(places_of(piece.keys), inputs)
        keys = np.empty_like(piece.keys)
        for old in np.unique(found).tolist():
            mine = found == old
            keys[mine] = row_keys(numbers[old], rows[mine])
        pieces.append(replace(piece, keys=keys))
    return replace(kept, pieces=tuple(pieces))


def _unmixed(bits: KeyArray) -> KeyArray:
    """What `kept_rows` scrambled."""
    bits = _unshifted(bits, 31) * _UNDO[1]
    bits = _unshifted(bits, 27) * _UNDO[0]
    return _unshifted(bits, 30)


def _unshifted(bits: KeyArray, by: int) -> KeyArray:
    """The x of which x ^ (x >> by) is `bits`; `by` is at least a third of 64."""
    undone: KeyArray = bits ^ (bits >> np.uint64(by)) ^ (bits >> np.uint64(2 * by))
    return undone
