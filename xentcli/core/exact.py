"""Exact summation of float64: the total does not depend on the order of the terms.

A float64 is m * 2^(e-1075) with an integer m below 2^53 and a biased exponent e. Values of one exponent share a
bin; in a bin the upper 26 and the lower 27 bits of m are summed apart, as integers, so nothing is ever rounded.
Totals are handed out as Python integers in units of 2^-1074, the smallest float64. (The idea of a "small
superaccumulator": R. Neal, Fast exact summation using small and large superaccumulators, 2015.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

UNIT_EXPONENT = -1074  # totals are integers in units of 2^UNIT_EXPONENT
ONE = 1 << -UNIT_EXPONENT

_LOW_BITS = 27  # of the 53 bits of m: summed apart from the upper 26
_HEAD = np.int64(-1 << _LOW_BITS)
_EXPONENT = np.int64(0x7FF)
_UNIT_BIN = 1075  # the bin whose lower half counts ones
_LAST_SAFE = 2000  # 2^26 values of this exponent sum to less than the largest float64
_SAFE = 480  # squares of values within 2^-480 .. 2^480 and of their halves are exact


def ratio(numerator: int, denominator: int) -> float:
    """Correctly rounded quotient; infinite where it exceeds float64. The denominator is positive."""
    try:
        return numerator / denominator
    except OverflowError:
        return float("inf") if numerator > 0 else float("-inf")


def root_ratio(numerator: int, denominator: int) -> float:
    """Square root of a quotient of non-negative integers, to within one unit in the last place."""
    shift = 2 * max(0, (denominator.bit_length() - numerator.bit_length()) // 2 + 64)
    return ratio(math.isqrt((numerator << shift) // denominator), 1 << (shift // 2))


class ExactSums:
    """Exact totals of G groups of finite float64 values.

    `merge` is commutative and associative with `ExactSums.empty(G)` as identity, and
    `of(x).merge(of(y)) == of(x and y)` whatever the order of the values. Good for 2^35 values a group.
    """

    __slots__ = ("_bins", "_first")

    def __init__(self, first: int, bins: IntArray) -> None:
        self._first = first  # biased exponent of the first bin
        self._bins = bins  # (2, exponents, G): sums of the upper and of the lower halves

    @classmethod
    def empty(cls, groups: int = 1) -> ExactSums:
        """The identity of `merge`."""
        return cls(_UNIT_BIN, np.zeros((2, 0, groups), np.int64))

    @classmethod
    def of(cls, values: FloatArray, group: NDArray[np.integer] | None = None, groups: int = 1) -> ExactSums:
        """Totals of `values` `(n,)` by `group` `(n,)` in 0..groups-1. All values are finite; n <= 2^26."""
        bits = values.view(np.int64)
        exponent = (bits >> np.int64(52)) & _EXPONENT
        if exponent.size == 0:
            return cls.empty(groups)
        first, last = int(exponent.min()), int(exponent.max())
        if first == 0 and groups > 1:  # zeros would stretch the range of bins down to the subnormals
            kept = np.flatnonzero(values)
            if kept.size < values.size:
                return cls.of(values[kept], None if group is None else group[kept], groups)
        if last > _LAST_SAFE:  # sums of the largest would overflow: scale them down
            if last == _EXPONENT:
                raise ValueError("only finite values have an exact sum")
            huge = exponent > _LAST_SAFE
            parts = [np.ldexp(values[huge], -64), values[~huge]]
            down, rest = (
                cls.of(part, None if group is None else group[mask], groups)
                for part, mask in zip(parts, (huge, ~huge), strict=True)
            )
            return cls(down._first + 64, down._bins).merge(rest)
        head = (bits & _HEAD).view(np.float64)
        tail = values - head
        key = exponent - first
        if group is not None:
            key = key * groups + group
        size = (last - first + 1) * groups
        bins = np.stack([np.bincount(key, part, size).reshape(-1, groups) for part in (head, tail)])
        weight = _UNIT_BIN - np.maximum(np.arange(first, last + 1), 1)[:, None]
        scale = np.stack([weight - _LOW_BITS, weight]).astype(np.int32)
        return cls(first, np.ldexp(bins, scale).astype(np.int64))

    @classmethod
    def of_rows(cls, values: FloatArray) -> ExactSums:
        """Totals of the K rows of `values` `(K, n)`: G = K."""
        classes, n = values.shape
        return cls.of(values.ravel(), np.repeat(np.arange(classes), n), classes)

    @classmethod
    def of_counts(cls, counts: IntArray) -> ExactSums:
        """Totals that are the whole numbers `counts` `(G,)`."""
        bins = np.zeros((2, 1, counts.size), np.int64)
        bins[1, 0] = counts
        return cls(_UNIT_BIN, bins)

    @classmethod
    def of_totals(cls, totals: Sequence[int]) -> ExactSums:
        """The sums whose `totals()` are these."""
        digits = range(0, max(1, max((abs(t).bit_length() for t in totals), default=1)), 32)
        bins = np.zeros((2, max(1, 32 * len(digits) - 31), len(totals)), np.int64)
        for group, total in enumerate(totals):
            sign, rest = (1 if total >= 0 else -1), abs(total)
            for digit in digits:
                bins[1, digit, group] = sign * ((rest >> digit) & 0xFFFFFFFF)
        return cls(1, bins)

    @property
    def groups(self) -> int:
        """G."""
        return int(self._bins.shape[2])

    def merge(self, other: ExactSums) -> ExactSums:
        """The totals of both."""
        if not other._bins.shape[1]:
            return self
        if not self._bins.shape[1]:
            return other
        first = min(self._first, other._first)
        last = max(part._first + part._bins.shape[1] for part in (self, other))
        bins = np.zeros((2, last - first, self.groups), np.int64)
        for part in (self, other):
            start = part._first - first
            bins[:, start : start + part._bins.shape[1]] += part._bins
        return ExactSums(first, bins)

    def placed(self, at: NDArray[np.integer] | slice, groups: int) -> ExactSums:
        """The same totals as the groups `at` of `groups`; 0 for the others."""
        bins = np.zeros((*self._bins.shape[:2], groups), np.int64)
        bins[:, :, at] = self._bins
        return ExactSums(self._first, bins)

    def negated(self) -> ExactSums:
        """The totals with the other sign."""
        return ExactSums(self._first, -self._bins)

    def totals(self) -> list[int]:
        """The exact total of each group, in units of 2^-1074."""
        result = [0] * self.groups
        for at, group in zip(*np.nonzero(self._bins.any(axis=0)), strict=True):
            head, tail = (int(half) for half in self._bins[:, at, group])
            result[group] += ((head << _LOW_BITS) + tail) << (max(self._first + int(at), 1) - 1)
        return result

    def total(self) -> int:
        """The exact total over all groups, in units of 2^-1074."""
        return sum(self.totals())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExactSums) and self.totals() == other.totals()

    __hash__ = None  # type: ignore[assignment]  # equal sums may be held in different bins


class ExactProducts:
    """Exact total of the products x_i y_i; the same algebra as `ExactSums`.

    Each factor is split into two halves of 26 bits whose products a float64 holds exactly. Factors outside
    2^-480 .. 2^480 are first scaled by a power of two, so squares neither overflow nor underflow.
    """

    __slots__ = ("_scaled",)

    def __init__(self, scaled: dict[int, ExactSums]) -> None:
        self._scaled = scaled  # by power of two: the sum of x_i y_i 2^-power

    @classmethod
    def empty(cls) -> ExactProducts:
        """The identity of `merge`."""
        return cls({})

    @classmethod
    def of(cls, x: FloatArray, y: FloatArray) -> ExactProducts:
        """Total of x * y; both `(n,)` and finite. Pass the same array twice for a square."""
        result = cls.empty()
        for power_x, a, rest in _bands(x, y):
            for power_y, b, a_part in [(power_x, a, a)] if x is y else _bands(rest, a):
                result = result.merge(cls({power_x + power_y: _products(a_part, b)}))
        return result

    @classmethod
    def of_weighted_twice(cls, values: FloatArray, weights: FloatArray | None) -> ExactProducts:
        """Total of w^2 x, each product rounded to a float64 of any size; both `(n,)` and finite; None for ones."""
        if weights is None:
            return cls.of_sums(ExactSums.of(values))
        result = cls.empty()
        for power, w, x in _bands(weights, values):
            result = result.merge(cls({2 * power: ExactSums.of(x * w * w)}))
        return result

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
        """The exact total, in units of 2^(-1074 - 2148)."""
        return sum(sums.total() << (2 * -UNIT_EXPONENT + power) for power, sums in self._scaled.items())

    @classmethod
    def of_total(cls, total: int) -> ExactProducts:
        """The products whose `total()` is this."""
        # As many doublings below 1 as the total is long, so that its integer fits the range of ExactSums.
        return cls({2 * UNIT_EXPONENT: ExactSums.of_totals([total])}) if total else cls.empty()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExactProducts) and self.total() == other.total()

    __hash__ = None  # type: ignore[assignment]  # as for ExactSums


PRODUCT_ONE = ONE << (2 * -UNIT_EXPONENT)  # what ExactProducts.total() counts in


def _bands(x: FloatArray, y: FloatArray) -> Iterator[tuple[int, FloatArray, FloatArray]]:
    """Parts of x that can be multiplied exactly: (power, x 2^-power, the y that go with them)."""
    exponent = ((x.view(np.int64) >> np.int64(52)) & _EXPONENT) - 1023
    huge, tiny = exponent > _SAFE, (exponent < -_SAFE) & (x != 0)
    if not huge.any() and not tiny.any():
        yield 0, x, y
        return
    for power, mask in ((0, ~(huge | tiny)), (560, huge), (-560, tiny)):
        if mask.any():
            yield power, np.ldexp(x[mask], -power), y[mask]


def _products(a: FloatArray, b: FloatArray) -> ExactSums:
    a_head, a_tail = halves(a)
    if a is b:
        parts = [a_head * a_head, 2.0 * a_head * a_tail, a_tail * a_tail]
    else:
        b_head, b_tail = halves(b)
        parts = [a_head * b_head, a_head * b_tail, a_tail * b_head, a_tail * b_tail]
    result = ExactSums.empty()
    for part in parts:
        result = result.merge(ExactSums.of(part))
    return result


def halves(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """X = head + tail exactly, each of at most 26 significant bits."""
    rounded = (x.view(np.int64) + np.int64(1 << (_LOW_BITS - 1))) & _HEAD
    head = rounded.view(np.float64)
    return head, x - head
