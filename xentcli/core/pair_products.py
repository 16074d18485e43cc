"""Exact totals of the products of every two of several values of a row."""

from __future__ import annotations

import numpy as np

from xentcli.core import kernel
from xentcli.core.exact import PRODUCT_POWERS, UNIT_EXPONENT, ExactProducts, ExactSums, FloatArray
from xentcli.core.kernel import MOST_TERMS, PLACES, PRODUCT_GROUPS


def pair_of(one: int, two: int) -> int:
    """The number of a pair of values, in either order: i (i + 1) / 2 + j for i >= j."""
    high, low = max(one, two), min(one, two)
    return high * (high + 1) // 2 + low


class PairProducts:
    """For every two of K values, the exact total of their products; each as an `ExactProducts`.

    `merge` is commutative and associative with `PairProducts.empty(K)` as identity.
    """

    __slots__ = ("_scaled", "groups")

    def __init__(self, scaled: dict[int, ExactSums], groups: int) -> None:
        self._scaled = scaled  # by power of two: sums of x_i x_j 2^-power, by the number of the pair
        self.groups = groups  # K (K + 1) / 2

    @classmethod
    def empty(cls, count: int) -> PairProducts:
        """The identity of `merge`, for so many values."""
        return cls({}, pair_of(count, 0))

    @classmethod
    def of(cls, values: FloatArray) -> PairProducts:
        """Of values `(K, n)`, all finite."""
        count, n = values.shape
        if n > MOST_TERMS:
            return cls.of(values[:, :MOST_TERMS]).merge(cls.of(values[:, MOST_TERMS:]))
        rows = np.ascontiguousarray(values)
        digits = np.empty((pair_of(count, 0), PLACES, PRODUCT_GROUPS), np.int64)
        for i in range(count):
            for j in range(i + 1):
                digits[pair_of(i, j)] = kernel.add_products(rows[i], rows[j])
        used = np.flatnonzero(digits.any(axis=(0, 1))).tolist()
        by_power = {PRODUCT_POWERS[at]: _sums(digits[:, :, at]) for at in used}
        return cls(by_power, len(digits))

    def scaled(self) -> list[tuple[int, ExactSums]]:
        """(power of two, sums of x_i x_j 2^-power, some of them not 0), by rising power."""
        return [(power, sums) for power, sums in sorted(self._scaled.items()) if any(sums.totals())]

    def merge(self, other: PairProducts) -> PairProducts:
        """The totals of both."""
        merged = dict(self._scaled)
        for power, sums in other._scaled.items():
            merged[power] = merged[power].merge(sums) if power in merged else sums
        return PairProducts(merged, self.groups)

    def of_pair(self, one: int, two: int) -> ExactProducts:
        """The total of the products of two of the values."""
        at = pair_of(one, two)
        return ExactProducts({power: sums.between(slice(at, at + 1)) for power, sums in self._scaled.items()})

    def totals(self) -> list[int]:
        """The exact total of each pair, in units of 1 / PRODUCT_ONE."""
        totals = [0] * self.groups
        for power, sums in self._scaled.items():
            shift = 4 * -UNIT_EXPONENT + power
            totals = [total + (more << shift) for total, more in zip(totals, sums.totals(), strict=True)]
        return totals

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PairProducts) and self.totals() == other.totals()

    __hash__ = None  # type: ignore[assignment]  # equal totals may be held in different digits


def _sums(digits: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> ExactSums:
    """The sums `(P,)` of digits `(P, places)`."""
    return ExactSums.of_kernel_digits(np.ascontiguousarray(digits.T))
