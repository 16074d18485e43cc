"""Exact summation of float64: the total does not depend on the order of the terms.

A float64 is cut into digits of 37 bits on a grid of powers of two that is the same for all values (how:
`native/exact.h`); digits add up as integers. Totals are handed out as Python integers in units of 2^-1074, the
smallest float64.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

import numpy as np
from msgspec import Struct
from msgspec.structs import astuple
from numpy.typing import NDArray

from xentcli.core import kernel
from xentcli.core.kernel import DIGIT, LOWEST, MOST_TERMS
from xentcli.core.kernel import FloatArray as FloatArray
from xentcli.core.kernel import IntArray as IntArray

UNIT_EXPONENT = -1074  # totals are integers in units of 2^UNIT_EXPONENT
ONE = 1 << -UNIT_EXPONENT

CARRIED = 1 << (DIGIT - 1)  # the largest digit once they have been carried
_ONES = 29  # the digit that 1 falls into: it counts 2^-31
_MOST_ADDED = 1 << 26  # carried digits that int64 can add up
_SPLIT = (slice(MOST_TERMS), slice(MOST_TERMS, None))
_FULL = 1 << 62  # digits may grow to this before they have to be carried


def ratio(numerator: int, denominator: int) -> float:
    """Correctly rounded quotient; infinite where it exceeds float64. The denominator is positive."""
    try:
        return numerator / denominator
    except OverflowError:
        return float("inf") if numerator > 0 else float("-inf")


def units(value: float) -> int:
    """A finite float64 as the whole number of 2^-1074 that it is."""
    numerator, denominator = value.as_integer_ratio()
    return numerator * (ONE // denominator)


def mean(values: Sequence[float]) -> float:
    """The mean of values >= 0, rounded once, though their sum may be beyond float64; infinite if one is."""
    if math.inf in values:
        return math.inf
    return ratio(sum(map(units, values)), len(values) * ONE)


def root_ratio(numerator: int, denominator: int) -> float:
    """Square root of a quotient of non-negative integers, to within one unit in the last place."""
    shift = 2 * max(0, (denominator.bit_length() - numerator.bit_length()) // 2 + 64)
    return ratio(math.isqrt((numerator << shift) // denominator), 1 << (shift // 2))


class ExactSums:
    """Exact totals of G groups of finite float64 values.

    `merge` is commutative and associative with `ExactSums.empty(G)` as identity, and
    `of(x).merge(of(y)) == of(x and y)` whatever the order of the values.
    """

    __slots__ = ("_digits", "_first", "_size")

    def __init__(self, first: int, digits: IntArray, size: int) -> None:
        self._first = first  # place of the first digit
        self._digits = digits  # (places, G), of either sign: digit p counts 2^(DIGIT p + LOWEST)
        self._size = size  # no digit is larger, in magnitude

    @classmethod
    def empty(cls, groups: int = 1) -> ExactSums:
        """The identity of `merge`."""
        return cls(_ONES, np.zeros((0, groups), np.int64), 0)

    @classmethod
    def of(cls, values: FloatArray, group: NDArray[np.integer] | None = None, groups: int = 1) -> ExactSums:
        """Totals of `values` `(n,)` by `group` `(n,)` in 0..groups-1. All values are finite."""
        if group is None:
            return cls.of_rows(values[None])
        if values.size > MOST_TERMS:
            first, rest = (cls.of(values[part], group[part], groups) for part in _SPLIT)
            return first.merge(rest)
        place, digits = _room(values, groups)
        kernel.add_by(values, group, digits, place)
        return cls(place, digits, values.size << DIGIT)

    @classmethod
    def of_rows(cls, values: FloatArray) -> ExactSums:
        """Totals of the K rows of `values` `(K, n)`: G = K."""
        if values.shape[1] > MOST_TERMS:
            first, rest = (cls.of_rows(values[:, part]) for part in _SPLIT)
            return first.merge(rest)
        place, digits = _room(values, len(values))
        kernel.add_rows(values, digits, place)
        return cls(place, digits, values.shape[1] << DIGIT)

    @classmethod
    def of_counts(cls, counts: IntArray) -> ExactSums:
        """Totals that are the whole numbers `counts` `(G,)`, below 2^62."""
        low = -LOWEST % DIGIT  # a count starts so many bits into a digit
        most = int(counts.max(initial=0))
        if most << low <= _FULL:  # not to be carried at once
            return cls(_ONES, (counts << low)[None], most << low)
        kept = DIGIT - low
        digits = np.stack([(counts & ((1 << kept) - 1)) << low, counts >> kept])
        return cls(_ONES, digits, max(1 << DIGIT, most))

    @classmethod
    def of_kernel_digits(cls, digits: IntArray, first: int = 0) -> ExactSums:
        """Digits `(places, G)` that the kernel added to, the first of which is of place `first`."""
        return cls(first, digits, _FULL).carried()

    @classmethod
    def of_digits(cls, first: int, digits: IntArray) -> ExactSums:
        """The sums of carried digits `(places, G)`, the first of which is of place `first`."""
        return cls(first, digits, CARRIED)

    @classmethod
    def joined(cls, parts: Sequence[ExactSums]) -> ExactSums:
        """The groups of all parts, one part after the other."""
        held = [part for part in parts if len(part._digits)]
        first = min((part._first for part in held), default=_ONES)
        last = max((part._first + len(part._digits) for part in held), default=first)
        digits = np.zeros((last - first, sum(part.groups for part in parts)), np.int64)
        start = 0
        for part in parts:
            places = slice(part._first - first, part._first - first + len(part._digits))
            if len(part._digits):
                digits[places, start : start + part.groups] = part._digits
            start += part.groups
        return cls(first, digits, max((part._size for part in parts), default=0))

    def digits(self) -> tuple[int, IntArray]:
        """(place of the first digit, carried digits `(places, G)`): equal sums have equal ones."""
        carried = self.carried()
        return carried._first, carried._digits

    @property
    def groups(self) -> int:
        """G."""
        return int(self._digits.shape[1])

    def merge(self, other: ExactSums) -> ExactSums:
        """The totals of both."""
        if not len(other._digits):
            return self
        if not len(self._digits):
            return other
        if self._size + other._size > _FULL:
            return self.carried().merge(other.carried())
        if self._first == other._first and len(self._digits) == len(other._digits):
            return ExactSums(self._first, self._digits + other._digits, self._size + other._size)
        first = min(self._first, other._first)
        last = max(self._first + len(self._digits), other._first + len(other._digits))
        digits = np.zeros((last - first, self.groups), np.int64)
        for part in (self, other):
            start = part._first - first
            digits[start : start + len(part._digits)] += part._digits
        return ExactSums(first, digits, self._size + other._size)

    def carried(self) -> ExactSums:
        """The same totals, in as few digits as it takes, each at most CARRIED: equal totals look alike."""
        digits = np.concatenate([self._digits, np.zeros((2, self.groups), np.int64)])
        kernel.carry(digits)
        used = np.flatnonzero(digits.any(axis=1))
        if not used.size:
            return ExactSums(_ONES, digits[:0], CARRIED)
        kept = digits[used[0] : used[-1] + 1]
        if 2 * len(kept) < len(digits):
            kept = kept.copy()  # without the memory of the others
        return ExactSums(self._first + int(used[0]), kept, CARRIED)

    def placed(self, at: NDArray[np.integer] | slice, groups: int) -> ExactSums:
        """The same totals as the groups `at` of `groups`; 0 for the others."""
        digits = np.zeros((len(self._digits), groups), np.int64)
        digits[:, at] = self._digits
        return ExactSums(self._first, digits, self._size)

    def added_up(self, order: NDArray[np.integer], first: NDArray[np.integer]) -> ExactSums:
        """The totals of groups together: in this order, from each place of `first` to the next."""
        most = int(np.diff(first, append=order.size).max(initial=1))
        sums = self if self._size <= _FULL // most else self.carried()
        digits = np.add.reduceat(sums._digits[:, order], first, axis=1)
        return ExactSums(sums._first, digits, sums._size * most)

    def negated(self) -> ExactSums:
        """The totals with the other sign."""
        return ExactSums(self._first, -self._digits, self._size)

    def totals(self) -> list[int]:
        """The exact total of each group, in units of 2^-1074."""
        result = [0] * self.groups
        for place, digits in enumerate(self._digits.tolist(), self._first):
            for group, digit in enumerate(digits):
                if digit:
                    result[group] += digit << (DIGIT * place)
        return [total >> (UNIT_EXPONENT - LOWEST) for total in result]

    def small_totals(self) -> tuple[list[int], int]:
        """(The exact total of each group >= 0 in units of 2^(p - 1074), p), where p is as large as digits tell."""
        first, digits = self.digits()
        lowest = max(0, DIGIT * first - (UNIT_EXPONENT - LOWEST))
        drop = max(0, UNIT_EXPONENT - LOWEST - DIGIT * first)
        totals = [0] * self.groups
        for place in range(len(digits)):
            shift = DIGIT * place
            totals = [
                total + (digit << shift) for total, digit in zip(totals, digits[place].tolist(), strict=True)
            ]
        return [total >> drop for total in totals], lowest

    def total(self) -> int:
        """The exact total over all groups, in units of 2^-1074."""
        if self.groups <= 1:
            return sum(self.totals())
        carried = self.carried()
        parts = np.split(carried._digits, range(_MOST_ADDED, self.groups, _MOST_ADDED), axis=1)
        added = [sum(each) for each in zip(*(part.sum(axis=1).tolist() for part in parts), strict=True)]
        total = sum(digit << (DIGIT * place) for place, digit in enumerate(added, carried._first))
        return int(total >> (UNIT_EXPONENT - LOWEST))

    def between(self, groups: slice) -> ExactSums:
        """The totals of some of the groups, one after the other; no copy."""
        return ExactSums(self._first, self._digits[:, groups], self._size)

    def chosen(self, groups: NDArray[np.integer]) -> ExactSums:
        """The totals of some of the groups."""
        return ExactSums(self._first, self._digits[:, groups], self._size)

    def used_groups(self) -> list[int]:
        """Those that may have a total other than 0."""
        found: list[int] = np.flatnonzero(self._digits.any(axis=0)).tolist()
        return found

    def highest_power(self) -> int:
        """A p such that no total is more than 2^p in magnitude; as small as digits tell."""
        carried = self.carried()
        return DIGIT * (carried._first + len(carried._digits)) + LOWEST

    def scaled(self, power: int) -> tuple[FloatArray, FloatArray]:
        """Each total times 2^-power `(G,)`, as the nearest float64 and the nearest to what is left."""
        carried = self.carried()
        high, low = np.zeros(self.groups), np.zeros(self.groups)
        for place in reversed(range(len(carried._digits))):  # from the largest digit down
            exponent = DIGIT * (carried._first + place) + LOWEST - power
            digit = np.ldexp(carried._digits[place].astype(np.float64), exponent)
            total = high + digit
            part = total - high
            low += (high - (total - part)) + (digit - part)
            high = total
        total = high + low
        return total, low - (total - high)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ExactSums):
            return False
        (first, digits), (other_first, others) = self.digits(), other.digits()
        return first == other_first and np.array_equal(digits, others)

    __hash__ = None  # type: ignore[assignment]  # equal sums may be held in different digits


def count_or_sum(weights: FloatArray | None, rows: int) -> ExactSums:
    """The total of weights `(n,)`; without any, the number of rows."""
    return ExactSums.of_counts(np.array([rows])) if weights is None else ExactSums.of(weights)


def _room(values: FloatArray, groups: int) -> tuple[int, IntArray]:
    """(place of the first digit, as many digits `(places, G)` of 0 as those of the values take)."""
    first, last = kernel.places(values)
    return first, np.zeros((last + 1 - first, groups), np.int64)


class ExactProducts:
    """Exact total of the products x_i y_i; the same algebra as `ExactSums`.

    Factors outside 2^-480 .. 2^480 are first scaled by a power of two, so squares neither over- nor underflow.
    """

    __slots__ = ("_scaled",)

    def __init__(self, scaled: dict[int, ExactSums]) -> None:
        self._scaled = scaled  # by power of two: the sum of x_i y_i 2^-power

    def scaled(self) -> list[tuple[int, ExactSums]]:
        """(power of two, sum of x_i y_i 2^-power, none of them 0), by rising power."""
        return [(power, sums) for power, sums in sorted(self._scaled.items()) if sums.total()]

    @classmethod
    def empty(cls) -> ExactProducts:
        """The identity of `merge`."""
        return cls({})

    @classmethod
    def of(cls, x: FloatArray, y: FloatArray) -> ExactProducts:
        """Total of x * y; both `(n,)` and finite. Pass the same array twice for a square."""
        if x.size > MOST_TERMS:
            first, rest = (cls.of(x[part], y[part]) for part in _SPLIT)
            return first.merge(rest)
        return cls.of_groups(ExactSums.of_kernel_digits(kernel.add_products(x, y)))

    @classmethod
    def of_groups(cls, sums: ExactSums) -> ExactProducts:
        """Of products, by power of two as the kernel has them: PRODUCT_GROUPS sums."""
        return cls._of_sums_by_power(sums, PRODUCT_POWERS)

    @classmethod
    def of_weighted_groups(cls, sums: ExactSums) -> ExactProducts:
        """Likewise of values with weights twice: WEIGHTED_GROUPS sums."""
        return cls._of_sums_by_power(sums, _WEIGHTED_POWERS)

    @classmethod
    def _of_sums_by_power(cls, sums: ExactSums, powers: Sequence[int]) -> ExactProducts:
        return cls({powers[group]: sums.between(slice(group, group + 1)) for group in sums.used_groups()})

    @classmethod
    def of_sums(cls, sums: ExactSums) -> ExactProducts:
        """The products of the summed values with 1."""
        return cls({0: sums})

    def merge(self, other: ExactProducts) -> ExactProducts:
        """The total of both."""
        merged = dict(self._scaled)
        for power, sums in other._scaled.items():
            merged[power] = merged[power].merge(sums) if power in merged else sums
        return ExactProducts(merged)

    def total(self) -> int:
        """The exact total, in units of 1 / PRODUCT_ONE."""
        return sum(sums.total() << (4 * -UNIT_EXPONENT + power) for power, sums in self._scaled.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExactProducts) and self.total() == other.total()

    __hash__ = None  # type: ignore[assignment]  # as for ExactSums


PRODUCT_POWERS = [560 * band for band in range(-2, 3)]  # what the kernel's groups of products are scaled by
_WEIGHTED_POWERS = [512 * octave + 560 * band for octave in range(-4, 5) for band in range(-1, 2)]
PRODUCT_ONE = ONE << (4 * -UNIT_EXPONENT)  # what ExactProducts.total() counts in


class Merging(Struct, frozen=True):
    """States and counts. `merge` is commutative and associative, as it is for the fields."""

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        return type(self)(*map(_merged, astuple(self), astuple(other)))


def _merged(one: object, two: object) -> object:
    if isinstance(one, tuple) and isinstance(two, tuple):
        return tuple(map(_merged, one, two))
    return one + two if isinstance(one, int | np.ndarray) else one.merge(two)  # type: ignore[attr-defined, operator]
