"""The rows kept for fits: all of them while they fit a budget, then an even sample that needs no memory of order.

Every row has a key, 64 mixed bits. A row is of level L if its key starts with L zero bits, so half of the rows of
one level are of the next. Kept are the rows of the least level at which they fit the budget: a rule about the
whole set of rows, so it does not matter in which blocks and in which order they came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from xentcli.core import kernel
from xentcli.core.batch import IndexArray, KeyArray
from xentcli.core.exact import FloatArray, IntArray

BUDGET = 1 << 22  # values: classes times rows kept
KEY_BITS = 64
GOLDEN = 0x9E3779B97F4A7C15  # of native/mix.h
_JOINED = 8  # pieces of one size that are joined: a row is copied once for each 8 times that its piece grows
_AT_ONCE = 1 << 18  # values of as many classes as are gathered at once


class Rows(Struct, frozen=True, eq=False):
    """Rows to fit to: predictions, and what happened.

    `log_q` `(K, n)` are log-probabilities, each row short of a constant of its own; -inf only for classes that did
    not happen. What happened stands in `labels` `(n,)` or in `targets` `(K, n)`. `weights` `(n,)` are positive;
    None for ones.
    """

    log_q: FloatArray
    labels: IndexArray | None
    targets: FloatArray | None
    weights: FloatArray | None

    @property
    def count(self) -> int:
        """How many, n."""
        return int(self.log_q.shape[1])


class _Piece(Struct, frozen=True, eq=False):
    """Rows with their keys `(n,)`, in any order."""

    rows: Rows
    keys: KeyArray

    def at_level(self, level: int) -> _Piece:
        """The rows of a level, copied, so that the memory of the others is free."""
        mine = np.flatnonzero(_of_level(self.keys, level))
        if mine.size == self.keys.size:
            return self
        return _Piece(gather([self.rows], mine), self.keys[mine])


class KeptRows:
    """The rows of at least `level` zero bits out of `total` rows offered; `level` is as low as the budget allows.

    `merge` is commutative and associative with `KeptRows.empty(K)` as identity; what is kept does not depend on
    blocks or order. Two are equal if they keep equal rows, whatever their keys.
    """

    __slots__ = ("budget", "classes", "level", "pieces", "total")

    def __init__(self, classes: int, total: int, level: int, budget: int, pieces: tuple[_Piece, ...]) -> None:
        self.classes = classes
        self.total = total
        self.level = level
        self.budget = budget  # classes times rows kept is at most this
        self.pieces = pieces

    @classmethod
    def empty(cls, classes: int, budget: int = BUDGET) -> Self:
        """The identity of `merge`, for K classes."""
        return cls(classes, 0, 0, budget, ())

    @classmethod
    def of(
        cls,
        log_q: FloatArray,
        labels: IndexArray | None,
        targets: FloatArray | None,
        weights: FloatArray | None,
        keys: KeyArray,
        budget: int = BUDGET,
    ) -> Self:
        """The state of one block; arrays as in `Rows`, and `keys` `(n,)`.

        Rows have finite loss and positive weight. The arrays may be kept as they are: they must not change.
        """
        ones = np.ones(keys.size) if weights is None else weights  # no weight is a weight of 1
        piece = _Piece(Rows(log_q, labels, targets, ones), keys)
        pieces = (piece,) if keys.size else ()
        return cls(len(log_q), keys.size, 0, budget, pieces)._within_budget()

    def holding(self, rows: Rows, keys: KeyArray, total: int, level: int) -> Self:
        """The same with these rows and no others: they were kept, of `total` and at this level, and stored."""
        pieces = (_Piece(rows, keys),) if keys.size else ()
        return type(self)(self.classes, total, level, self.budget, pieces)

    def with_pieces(self, pieces: Sequence[_Piece]) -> Self:
        """The same rows in other pieces."""
        return type(self)(self.classes, self.total, self.level, self.budget, tuple(pieces))

    @property
    def rows(self) -> int:
        """Number of rows kept."""
        return sum(piece.keys.size for piece in self.pieces)

    def merge(self, other: Self) -> Self:
        """The rows of both that are of the level at which they fit the budget."""
        level = max(self.level, other.level)
        pieces = self.at_level(level).pieces + other.at_level(level).pieces
        total, budget = self.total + other.total, min(self.budget, other.budget)
        both = type(self)(self.classes, total, level, budget, pieces)._within_budget()
        return both.with_pieces(_join(both.pieces))

    def at_level(self, level: int) -> Self:
        """Only the rows of at least this level: of a part of a file, those that the whole file keeps."""
        if level <= self.level:
            return self
        pieces = tuple(kept for piece in self.pieces if (kept := piece.at_level(level)).keys.size)
        return type(self)(self.classes, self.total, level, self.budget, pieces)

    def _within_budget(self) -> Self:
        level, rows = self.level, self.rows
        while self.classes * rows > self.budget and level < KEY_BITS:
            level += 1
            rows = sum(int(np.count_nonzero(_of_level(piece.keys, level))) for piece in self.pieces)
        return self.at_level(level)

    def arrays(self) -> Rows:
        """The rows kept, in the order of a hash of their values: whatever order they came in, the same arrays.

        Rows of one hash are taken to be equal.
        """
        if not self.pieces:
            return Rows(np.empty((self.classes, 0)), np.empty(0, np.intp), None, None)
        order = np.argsort(np.concatenate([row_hashes(piece.rows) for piece in self.pieces]))
        return gather([piece.rows for piece in self.pieces], order)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeptRows):
            return NotImplemented
        mine, theirs = ((kept.classes, kept.total, kept.level, kept.budget, kept.rows) for kept in (self, other))
        return mine == theirs and _equal(self.arrays(), other.arrays())

    __hash__ = None  # type: ignore[assignment]  # equal rows may be held in other pieces


def row_keys(input_number: int, rows: IntArray) -> KeyArray:
    """Keys `(n,)` of the rows of these numbers `(n,)` of an input: mixed bits that tell nothing of either number.

    A Weyl sequence that starts at the mixed number of the input, each term mixed (splitmix64: Steele, Lea &
    Flood, Fast splittable pseudorandom number generators, 2014). Rows of one input have different keys.
    """
    return _keys(start_of_keys(input_number), rows)


def start_of_keys(input_number: int) -> int:
    """The mixed number of an input, of which the kernel makes the keys of its rows."""
    return int(_keys(0, np.array([input_number + 1]))[0])


def as_numbers_of(first: int, inputs: IntArray, rows: IntArray) -> IntArray:
    """Numbers `(n,)` that give rows of input `first` the keys which `rows` have in the inputs `first + inputs`.

    A key is mixed from start + row * GOLDEN, modulo 2^64: what starts differ by is a number of rows.
    """
    starts = _keys(0, np.arange(first + 1, first + 2 + inputs.max(initial=0)))
    shifts = (starts - starts[0]) * np.uint64(pow(GOLDEN, -1, 1 << KEY_BITS))
    numbers: IntArray = rows + shifts.view(np.int64)[inputs]
    return numbers


def _keys(start: int, rows: IntArray) -> KeyArray:
    numbers = kernel.integers(rows)
    keys = np.empty(numbers.shape, np.uint64)
    kernel.call("row_keys", start, kernel.address(numbers), 0, keys.size, kernel.address(keys))
    return keys


def _of_level(keys: KeyArray, level: int) -> NDArray[np.bool_]:
    """Which keys `(n,)` start with so many zero bits."""
    return keys <= np.uint64((1 << (KEY_BITS - level)) - 1)


def row_hashes(rows: Rows) -> KeyArray:
    """Hash `(n,)` of the bits of each row's values: each mixed with its place, and their sum mixed once more."""
    true_class = None if rows.labels is None else rows.labels[None].astype(np.float64)
    weights = None if rows.weights is None else rows.weights[None]
    hashes = np.zeros(rows.count, np.uint64)
    place = 1
    for values in [each for each in (true_class, rows.targets, weights, rows.log_q) if each is not None]:
        some = kernel.floats(values)
        kernel.call("add_hashes", kernel.address(some), len(some), hashes.size, place, kernel.address(hashes))
        place += len(some)
    kernel.call("mix", kernel.address(hashes), hashes.size)
    return hashes


def gather(parts: Sequence[Rows], order: IndexArray | None = None) -> Rows:
    """The rows of all parts, one part after the other, or those at `order` `(m,)` of them."""
    arrays: dict[str, Any] = {}
    for name in Rows.__struct_fields__:
        of_parts = [getattr(part, name) for part in parts]
        arrays[name] = None if of_parts[0] is None else _gathered_arrays(of_parts, order)
    return Rows(**arrays)


def _gathered_arrays(parts: Sequence[NDArray[Any]], order: IndexArray | None) -> NDArray[Any]:
    if order is None:
        return np.concatenate(parts, axis=-1)
    if parts[0].ndim == 1:
        return np.concatenate(parts)[order]
    gather = np.empty((len(parts[0]), order.size))
    step = max(1, _AT_ONCE // sum(part.shape[1] for part in parts))
    # Some classes at a time, so that no second copy of everything is held; "clip", as other modes use a buffer.
    for first in range(0, len(gather), step):
        some = slice(first, first + step)
        whole = parts[0][some] if len(parts) == 1 else np.concatenate([part[some] for part in parts], axis=1)
        np.take(whole, order, axis=1, out=gather[some], mode="clip")
    return gather


def _join(pieces: Sequence[_Piece]) -> tuple[_Piece, ...]:
    """The same rows in few pieces: as soon as there are eight of about one size, they become one."""
    by_size: dict[int, list[_Piece]] = {}
    for piece in pieces:
        size = piece.keys.size.bit_length()
        by_size.setdefault(size, []).append(piece)
        while len(by_size[size]) == _JOINED:
            few = by_size.pop(size)
            piece = _Piece(gather([p.rows for p in few]), np.concatenate([p.keys for p in few]))
            size = piece.keys.size.bit_length()
            by_size.setdefault(size, []).append(piece)
    return tuple(piece for few in by_size.values() for piece in few)


def _equal(one: Rows, two: Rows) -> bool:
    pairs = [(getattr(one, name), getattr(two, name)) for name in Rows.__struct_fields__]
    return all(a is b if a is None or b is None else np.array_equal(a, b) for a, b in pairs)


# What undoes the multiplications of `native/mix.h`.
_UNGOLDEN = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_UNDO = (np.uint64(pow(0xBF58476D1CE4E5B9, -1, 1 << 64)), np.uint64(pow(0x94D049BB133111EB, -1, 1 << 64)))


def places_of(keys: KeyArray) -> KeyArray:
    """Places `(n,)` of keys `(n,)`: those of consecutive rows are consecutive."""
    return _unmix(keys) * _UNGOLDEN


def keys_at(places: KeyArray) -> KeyArray:
    """Keys `(n,)` of places `(n,)`."""
    return row_keys(0, (places - _first_place(0)).view(np.int64))


def rows_at(places: KeyArray, inputs: IntArray) -> tuple[IntArray, IntArray]:
    """(number of the input, number of the row in it) `(n,)` of places `(n,)` in inputs of these numbers `(m,)`."""
    starts = np.array([_first_place(number) for number in inputs.tolist()], np.uint64)
    order = np.argsort(starts)
    nearest = order[np.searchsorted(starts[order], places, side="right") - 1]  # -1: the last, around the end
    return inputs[nearest], (places - starts[nearest]).view(np.int64)


@lru_cache(maxsize=1 << 16)
def _first_place(number: int) -> np.uint64:
    """The place of the first row of an input."""
    return np.uint64(places_of(row_keys(number, np.zeros(1, np.int64)))[0])


def renumber(kept: KeptRows, numbers: Mapping[int, int]) -> KeptRows:
    """All rows under the keys that they have if their inputs get these numbers.

    Where only a sample is kept, by the keys of before, there is no way to another: it stays as it is.
    """
    if kept.level or all(old == new for old, new in numbers.items()):
        return kept
    inputs = np.array(sorted(numbers), np.int64)
    starts = np.array([_first_place(numbers[old]) for old in inputs.tolist()], np.uint64)
    pieces = []
    for piece in kept.pieces:
        found, rows = rows_at(places_of(piece.keys), inputs)
        places = rows.view(np.uint64) + starts[np.searchsorted(inputs, found)]
        pieces.append(replace(piece, keys=keys_at(places)))
    return kept.with_pieces(pieces)


def _unmix(bits: KeyArray) -> KeyArray:
    """What the kernel mixed."""
    bits = _unshift(bits, 31) * _UNDO[1]
    bits = _unshift(bits, 27) * _UNDO[0]
    return _unshift(bits, 30)


def _unshift(bits: KeyArray, by: int) -> KeyArray:
    """The x of which x ^ (x >> by) is `bits`; `by` is at least a third of 64."""
    undone: KeyArray = bits ^ (bits >> np.uint64(by)) ^ (bits >> np.uint64(2 * by))
    return undone
