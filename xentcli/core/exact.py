"""Exact summation of float64: the total does not depend on the order of the terms.

A float64 is cut into digits of 37 bits on a grid of powers of two that is the same for all values. The digits of
one place are multiples of one unit and few enough to be added as float64 without rounding, so the total is exact;
totals of blocks add up as integers. Totals are handed out as Python integers in units of 2^-1074, the smallest
float64. (Cutting by adding and subtracting a large number: Rump, Ogita & Oishi, Accurate floating-point
summation, 2008; on a fixed grid, so that blocks merge: Demmel & Nguyen, Parallel reproducible summation, 2015.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
from msgspec import Struct
from msgspec.structs import astuple
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

UNIT_EXPONENT = -1074  # totals are integers in units of 2^UNIT_EXPONENT
ONE = 1 << -UNIT_EXPONENT

_DIGIT = 37  # bits of a digit
_LOWEST = -1104  # digit 0 counts 2^_LOWEST, less than any float64; digit 29 then ends at 2^6, above most losses
_CHUNK = 1 << 16  # values added as float64: 2^16 digits of at most 2^37 add up to 2^53 at most
_ONES = 29  # the digit that 1 falls into: it counts 2^-31
_HIGHEST = 56  # the last digit that can be cut off a float64 without overflow, good for values below 2^1005
CARRIED = 1 << (_DIGIT - 1)  # the largest digit once they have been carried
_MOST_ADDED = 1 << 26  # carried digits that int64 can add up
_FULL = 1 << 62  # digits may grow to this before they have to be carried

_HALF_BITS = 27  # of the 53 bits of m: those beside the upper 26
_HEAD = np.int64(-1 << _HALF_BITS)
_OCTAVES = 256  # of weights that are scaled alike before they are squared
_SAFE = 2.0**480  # squares of values between 1 / this and this, and of their halves, are exact


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
        self._digits = digits  # (places, G), of either sign: digit p counts 2^(_DIGIT p + _LOWEST)
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
        result = cls.empty(groups)
        for start in range(0, values.size, _CHUNK):
            part = slice(start, start + _CHUNK)
            result = result.merge(_of_chunk(values[part], group[part], groups))
        return result

    @classmethod
    def of_rows(cls, values: FloatArray) -> ExactSums:
        """Totals of the K rows of `values` `(K, n)`: G = K."""
        groups, n = values.shape
        if n <= _CHUNK:
            return _of_chunk(values, None, groups)
        result = cls.empty(groups)
        for start in range(0, n, _CHUNK):
            result = result.merge(_of_chunk(values[:, start : start + _CHUNK], None, groups))
        return result

    @classmethod
    def of_counts(cls, counts: IntArray) -> ExactSums:
        """Totals that are the whole numbers `counts` `(G,)`, below 2^62."""
        low = -_LOWEST % _DIGIT  # a count starts so many bits into a digit
        most = int(counts.max(initial=0))
        if most << low <= _FULL:  # not to be carried at once
            return cls(_ONES, (counts << low)[None], most << low)
        kept = _DIGIT - low
        digits = np.stack([(counts & ((1 << kept) - 1)) << low, counts >> kept])
        return cls(_ONES, digits, max(1 << _DIGIT, most))

    @classmethod
    def of_digits(cls, first: int, digits: IntArray) -> ExactSums:
        """The sums of carried digits `(places, G)`, the first of which is of place `first`."""
        return cls(first, digits, CARRIED)

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
        for place in range(len(digits) - 1):
            carry = (digits[place] + (1 << (_DIGIT - 1))) >> _DIGIT
            digits[place] -= carry << _DIGIT
            digits[place + 1] += carry
        used = np.flatnonzero(digits.any(axis=1))
        if not used.size:
            return ExactSums(_ONES, digits[:0], CARRIED)
        return ExactSums(self._first + int(used[0]), digits[used[0] : used[-1] + 1], CARRIED)

    def placed(self, at: NDArray[np.integer] | slice, groups: int) -> ExactSums:
        """The same totals as the groups `at` of `groups`; 0 for the others."""
        digits = np.zeros((len(self._digits), groups), np.int64)
        digits[:, at] = self._digits
        return ExactSums(self._first, digits, self._size)

    def negated(self) -> ExactSums:
        """The totals with the other sign."""
        return ExactSums(self._first, -self._digits, self._size)

    def totals(self) -> list[int]:
        """The exact total of each group, in units of 2^-1074."""
        result = [0] * self.groups
        for place, digits in enumerate(self._digits.tolist(), self._first):
            for group, digit in enumerate(digits):
                if digit:
                    result[group] += digit << (_DIGIT * place)
        return [total >> (UNIT_EXPONENT - _LOWEST) for total in result]

    def total(self) -> int:
        """The exact total over all groups, in units of 2^-1074."""
        if self.groups <= 1:
            return sum(self.totals())
        carried = self.carried()
        parts = np.split(carried._digits, range(_MOST_ADDED, self.groups, _MOST_ADDED), axis=1)
        added = [sum(each) for each in zip(*(part.sum(axis=1).tolist() for part in parts), strict=True)]
        total = sum(digit << (_DIGIT * place) for place, digit in enumerate(added, carried._first))
        return int(total >> (UNIT_EXPONENT - _LOWEST))

    def chosen(self, groups: NDArray[np.integer]) -> ExactSums:
        """The totals of some of the groups."""
        return ExactSums(self._first, self._digits[:, groups], self._size)

    def highest_power(self) -> int:
        """A p such that no total is more than 2^p in magnitude; as small as digits tell."""
        carried = self.carried()
        return _DIGIT * (carried._first + len(carried._digits)) + _LOWEST

    def scaled(self, power: int) -> tuple[FloatArray, FloatArray]:
        """Each total times 2^-power `(G,)`, as the nearest float64 and the nearest to what is left."""
        carried = self.carried()
        high, low = np.zeros(self.groups), np.zeros(self.groups)
        for place in reversed(range(len(carried._digits))):  # from the largest digit down
            exponent = _DIGIT * (carried._first + place) + _LOWEST - power
            digit = np.ldexp(carried._digits[place].astype(np.float64), exponent)
            total = high + digit
            part = total - high
            low += (high - (total - part)) + (digit - part)
            high = total
        total = high + low
        return total, low - (total - high)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExactSums) and self.totals() == other.totals()

    __hash__ = None  # type: ignore[assignment]  # equal sums may be held in different digits


def _of_chunk(values: FloatArray, group: NDArray[np.integer] | None, groups: int) -> ExactSums:
    """Totals of at most `_CHUNK` values a group: `(n,)` by group `(n,)`, or the rows of `(G, n)`."""
    largest = max(float(values.max(initial=0.0)), -float(values.min(initial=0.0)))
    if largest == 0.0:
        return ExactSums.empty(groups)
    if not largest < math.inf:
        raise ValueError("only finite values have an exact sum")
    highest = max(0, -(-(math.frexp(largest)[1] - _LOWEST) // _DIGIT) - 1)
    if highest > _HIGHEST:
        return _of_huge(values, group, groups)
    found: list[FloatArray] = []  # from the highest digit down, as float64
    rest = values
    for place in range(highest, -1, -1):
        unit = _DIGIT * place + _LOWEST
        large = math.ldexp(1.5, 52 + unit)  # its last bit counts one unit
        digit = rest + large
        digit -= large
        total = digit.sum(axis=1) if group is None else np.bincount(group, digit, groups)
        found.append(np.ldexp(total, -unit))
        rest = np.subtract(rest, digit, out=digit)
        if place == highest > 0:  # hardly a value ends within its first digit
            continue
        left = rest != 0.0
        few = int(np.count_nonzero(left))
        if few * 4 < rest.size:  # the smallest of the values have digits further down
            break
    whole = ExactSums(place, np.array(found[::-1]).astype(np.int64), values.shape[-1] << _DIGIT)
    if not few:
        return whole
    at = np.flatnonzero(left)
    below = at // values.shape[1] if group is None else group[at]
    return whole.merge(ExactSums.of(rest.ravel()[at], below, groups))


def _of_huge(values: FloatArray, group: NDArray[np.integer] | None, groups: int) -> ExactSums:
    """Values from which no digit can be cut off without overflow are scaled down first."""
    huge = np.abs(values) >= 2.0 ** (_DIGIT * (_HIGHEST + 1) + _LOWEST)
    rest = _of_chunk(np.where(huge, 0.0, values), group, groups)
    scaled = _of_chunk(np.where(huge, np.ldexp(values, -2 * _DIGIT), 0.0), group, groups)
    return ExactSums(scaled._first + 2, scaled._digits, scaled._size).merge(rest)


class ExactProducts:
    """Exact total of the products x_i y_i; the same algebra as `ExactSums`.

    Each factor is split into two halves of 26 bits whose products a float64 holds exactly. Factors outside
    2^-480 .. 2^480 are first scaled by a power of two, so squares neither overflow nor underflow.
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
        result = cls.empty()
        for power_x, a, rest in _bands(x, y):
            for power_y, b, a_part in [(power_x, a, a)] if x is y else _bands(rest, a):
                product, error = products(a_part, b)
                result = result.merge(cls({power_x + power_y: ExactSums.of(product).merge(ExactSums.of(error))}))
        return result

    @classmethod
    def of_weighted_twice(cls, values: FloatArray, weights: FloatArray | None) -> ExactProducts:
        """Total of w^2 x, each product rounded to a float64 of any size; both `(n,)` and finite; None for ones."""
        if weights is None:
            return cls.of_sums(ExactSums.of(values))
        result = cls.empty()
        exponents = (np.frexp(weights)[1] + _OCTAVES // 2) // _OCTAVES * _OCTAVES
        for power in np.unique(exponents).tolist():
            mine = exponents == power
            w = np.ldexp(weights[mine], -power)
            for power_x, x, w_part in _bands(values[mine], w):
                result = result.merge(cls({2 * power + power_x: ExactSums.of(x * w_part * w_part)}))
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
        """The exact total, in units of 1 / PRODUCT_ONE."""
        return sum(sums.total() << (4 * -UNIT_EXPONENT + power) for power, sums in self._scaled.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExactProducts) and self.total() == other.total()

    __hash__ = None  # type: ignore[assignment]  # as for ExactSums


PRODUCT_ONE = ONE << (4 * -UNIT_EXPONENT)  # what ExactProducts.total() counts in


def _bands(x: FloatArray, y: FloatArray) -> Iterator[tuple[int, FloatArray, FloatArray]]:
    """Parts of x that can be multiplied exactly: (power, x 2^-power, the y that go with them)."""
    size = np.abs(x)
    huge, tiny = size > _SAFE, size < 1 / _SAFE
    if not huge.any() and not size[tiny].any():  # a zero is not tiny
        yield 0, x, y
        return
    tiny &= x != 0
    for power, mask in ((0, ~(huge | tiny)), (560, huge), (-560, tiny)):
        if mask.any():
            yield power, np.ldexp(x[mask], -power), y[mask]


def products(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A * b, and what rounding took off it (Dekker 1971), exact where neither over- nor underflows."""
    product = a * b
    a_head, a_tail = halves(a)
    b_head, b_tail = (a_head, a_tail) if a is b else halves(b)
    error = a_head * b_head
    error -= product
    error += a_head * b_tail
    error += a_tail * b_head
    error += a_tail * b_tail
    return product, error


def halves(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """X = head + tail exactly, each of at most 26 significant bits."""
    rounded = (x.view(np.int64) + np.int64(1 << (_HALF_BITS - 1))) & _HEAD
    head = rounded.view(np.float64)
    return head, x - head


class Merging(Struct, frozen=True):
    """States and counts. `merge` is commutative and associative, as it is for the fields."""

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        return type(self)(*map(_merged, astuple(self), astuple(other)))


def _merged(one: object, two: object) -> object:
    return one + two if isinstance(one, int | np.ndarray) else one.merge(two)  # type: ignore[attr-defined, operator]
