"""Totals by log-odds and exponent: exact, as in `ExactSums`, but held for the exponents that occur at a key.

Sums of squared weights, which standard errors take, stand beside those of weights; of rows of weight 1 they are
the same.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from xentcli.core.batch import BoolArray
from xentcli.core.exact import FloatArray, IntArray, ratio

CELL_BITS = 44  # of the 64 that the log-odds of a cell may differ in: XENT_CELL_BITS
ONE = 1023  # biased exponent of 1.0, whose upper half is 2^25
_TINY = 64  # biased exponent up to which a sum may be below the normal numbers
_UNITS = 1 << 1074
_LOW = np.int64((1 << 27) - 1)
MAGNITUDE = np.int64((1 << 63) - 1)


class OddsTotals(Struct, frozen=True, eq=False):
    """Totals by key and exponent, both ascending."""

    keys: IntArray  # (m,): bits of log-odds in the order of these; shifted by CELL_BITS where there are cells
    exponents: IntArray  # (m,): of the values added
    halves: IntArray  # (4, m): upper and lower halves of class 1, then of class 0
    limbs: IntArray | None = None  # (8, m): of the squares, highest first, likewise; None for rows of weight 1

    @classmethod
    def combine(cls, parts: list[OddsTotals]) -> Self:
        """All parts as one."""
        keys = np.concatenate([part.keys for part in parts])
        exponents = np.concatenate([part.exponents for part in parts])
        halves = np.concatenate([part.halves for part in parts], axis=1)
        weighted = any(part.limbs is not None for part in parts)
        limbs = np.concatenate([part.squares() for part in parts], axis=1) if weighted else None
        if not keys.size:
            return cls(keys, exponents, halves, limbs)
        order = order_of(keys, exponents)
        keys, exponents = keys[order], exponents[order]
        first = np.flatnonzero(starts_of(keys) | starts_of(exponents))
        squares = None if limbs is None else sum_between(limbs, order, first)
        return cls(keys[first], exponents[first], sum_between(halves, order, first), squares)

    def squares(self) -> IntArray:
        """The limbs `(8, m)`, of rows of weight 1 as well."""
        if self.limbs is not None:
            return self.limbs
        limbs = np.zeros((8, self.keys.size), np.int64)
        limbs[::4] = self.halves[::2] >> 2  # a row of weight 1 is 2^25 of these halves, and 2^23 of these limbs
        return limbs

    def shifted(self) -> Self:
        """The same, with the keys of cells, that may stand there more than once; `combine` adds them up."""
        return replace(self, keys=self.keys >> np.int64(CELL_BITS))

    @property
    def size(self) -> int:
        """How many different keys there are."""
        return int(np.count_nonzero(starts_of(self.keys)))


def keys_of(log_odds: FloatArray) -> IntArray:
    """The bits of log-odds, not NaN, as integers in the order of these."""
    bits = (log_odds + 0.0).view(np.int64)  # -0.0 is 0.0
    keys: IntArray = bits ^ ((bits >> np.int64(63)) & MAGNITUDE)
    return keys


def log_odds_of(keys: IntArray) -> FloatArray:
    """The float64 of these keys, not of cells."""
    x: FloatArray = (keys ^ ((keys >> np.int64(63)) & MAGNITUDE)).view(np.float64)
    return x


def limbs_of(weights: FloatArray) -> tuple[IntArray, IntArray]:
    """(Biased exponents `(n,)`, limbs `(4, n)` of squared mantissas) of finite weights > 0, as the kernel's."""
    bits = weights.view(np.int64)
    field = bits >> np.int64(52)
    whole = (bits & np.int64((1 << 52) - 1)) | ((field > 0).astype(np.int64) << np.int64(52))
    high, low = whole >> np.int64(27), whole & _LOW
    last = low * low
    middle = 2 * high * low + (last >> np.int64(27))
    first = high * high + (middle >> np.int64(27))
    limbs = np.stack([first >> np.int64(27), first & _LOW, middle & _LOW, last & _LOW])
    return np.maximum(field, 1), limbs


def squares_of(limbs: IntArray, exponents: IntArray, power: int) -> FloatArray:
    """The sums of squares `(m,)` of limbs `(4, m)`, over 4^power."""
    a, b, c, d = limbs.astype(np.float64)
    shift = (2 * (exponents - ONE - power) - 104).astype(np.int32)
    squares: FloatArray = np.ldexp(((a * 2.0**27 + b) * 2.0**27 + c) * 2.0**27 + d, shift)
    return squares


def highest_power(exponents: IntArray) -> int:
    """The power of two of the largest of weights with these biased exponents."""
    return int(exponents.max()) - ONE if exponents.size else 0


def sum_between(values: IntArray, order: NDArray[np.intp], first: NDArray[np.intp]) -> IntArray:
    """Sums `(r, k)` of `values` `(r, m)`, in this order, from each place of `first` `(k,)` to the next."""
    sums = np.zeros((len(values), first.size), np.int64)
    for row in np.flatnonzero(values.any(axis=1)):  # of halves of rows of weight 1 only two
        sums[row] = np.add.reduceat(values[row][order], first)
    return sums


def order_of(keys: IntArray, exponents: IntArray) -> NDArray[np.intp]:
    """The order by key, then by exponent: by ranks, as sorting one number is much faster than two."""
    order = np.argsort(keys)
    if exponents.size and exponents.min() < exponents.max():
        ranks = np.cumsum(starts_of(keys[order])) << np.int64(11)
        order = order[np.argsort(ranks | exponents[order])]
    return order


def starts_of(values: IntArray) -> BoolArray:
    """Where a value differs from the one before."""
    starts = np.ones(values.size, np.bool_)
    np.not_equal(values[1:], values[:-1], out=starts[1:])
    return starts


def round_totals(halves: IntArray, totals: OddsTotals, first: NDArray[np.intp]) -> FloatArray:
    """The total at each key, rounded once; `halves` `(2, m)`."""
    head, tail = halves
    last = np.append(first[1:], totals.keys.size)
    exponents = totals.exponents[first]
    both: FloatArray = head[first].astype(np.float64) * 2.0**27 + tail[first]
    whole: FloatArray = np.ldexp(both, (exponents - 1075).astype(np.int32))
    twice = (head[first] >= 1 << 53) | ((exponents <= _TINY) & (tail[first] != 0))  # rounded more than once
    for at in np.flatnonzero((last - first > 1) | twice).tolist():
        places = range(int(first[at]), int(last[at]))
        exact = sum(((int(head[i]) << 27) + int(tail[i])) << (int(totals.exponents[i]) - 1) for i in places)
        whole[at] = ratio(exact, _UNITS)
    return whole
