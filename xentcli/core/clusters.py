"""Exact totals by cluster (a user, a document), whose rows depend on one another, and what they say of an error.

A cluster takes some hundred bytes: totals stand in arrays, and it is known by a digest of its name (BLAKE2b, 128
bits: among a billion clusters two share one with a probability of 1e-21).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Self

import numpy as np
from msgspec import Struct

from xentcli.core import kernel
from xentcli.core.batch import IndexArray, KeyArray, RowScores
from xentcli.core.exact import UNIT_EXPONENT, ExactSums, FloatArray, IntArray, ratio
from xentcli.core.kernel import MOST_TERMS

QUANTITIES = ("log_loss", "accuracy", "brier")

_NOWHERE = -1  # in the place of that of a cluster not met before
_JOINED, _FEW = 8, 1 << 14  # parts that are added up at once, of fewer clusters than this; of more, two
_CANCELLED = 2.0**-45  # a difference this small beside its terms has too few digits left of the 2 x 53 bits
_FAINT = 2.0**-900  # terms this small beside the largest may have lost digits already


class ClusterTotals(Struct, frozen=True, eq=False):
    """Each cluster once: digests `(2, G)`, ascending, and exact totals `(G,)` of w, then of w x for each value."""

    keys: KeyArray
    sums: tuple[ExactSums, ...]

    @property
    def count(self) -> int:
        """G."""
        return int(self.keys.shape[1])

    @classmethod
    def combine(cls, parts: Sequence[Self]) -> Self:
        """The totals of all sets of rows."""
        keys = np.concatenate([part.keys for part in parts], axis=1)
        order = np.lexsort(keys[::-1])
        keys = keys[:, order]
        first = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)))
        sums = (
            ExactSums.joined(each).added_up(order, first) for each in zip(*(p.sums for p in parts), strict=True)
        )
        return cls(keys[:, first], tuple(sums))


class Clusters:
    """Totals of each cluster, in parts few of which are of like size: a row is moved once a doubling.

    `merge` is commutative and associative with `Clusters()` as identity.
    """

    def __init__(self, parts: tuple[ClusterTotals, ...] = ()) -> None:
        self.parts = parts

    @classmethod
    def of(
        cls,
        values: Sequence[FloatArray],
        weights: FloatArray | None,
        codes: IndexArray,
        names: Sequence[str | None],
    ) -> Self:
        """Totals of values `(n,)` of a block of rows; row i is of cluster `names[codes[i]]`, which is not None.

        Values are finite, weights `(n,)` positive or None for ones.
        """
        rows = ClusterRows()
        rows.add(values, weights, codes, names)
        return cls(rows.totals())

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        parts: list[ClusterTotals] = []
        for part in sorted((*self.parts, *other.parts), key=lambda each: -each.count):
            parts.append(part)
            alike = next((n for n, each in enumerate(reversed(parts)) if each.count > 2 * part.count), len(parts))
            if alike >= (_JOINED if part.count < _FEW else 2):
                parts[-alike:] = [ClusterTotals.combine(parts[-alike:])]
        return type(self)(tuple(parts))

    @cached_property
    def whole(self) -> ClusterTotals | None:
        """Each cluster once; None if there is none."""
        return ClusterTotals.combine(self.parts) if len(self.parts) > 1 else self.parts[0] if self.parts else None

    @property
    def count(self) -> int:
        """How many there are, G."""
        return 0 if self.whole is None else self.whole.count

    def residuals(self) -> list[FloatArray]:
        """Sum of w (x - mean x) over each cluster `(G,)` as a fraction of sum w, for each value."""
        if self.whole is None:
            return []
        weights, *sums = self.whole.sums
        return [residuals(each, weights) for each in sums]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Clusters) or self.count != other.count:
            return False
        one, two = self.whole, other.whole
        return one is two or (
            one is not None and two is not None and np.array_equal(one.keys, two.keys) and one.sums == two.sums
        )

    __hash__ = None  # type: ignore[assignment]  # holds arrays


class _Growing:
    """Exact sums by group, with room for as many groups and places of digits as were met."""

    def __init__(self) -> None:
        self._first, self._digits = 0, np.zeros((0, 0), np.int64)

    def add(self, x: FloatArray, group: IntArray, groups: int) -> None:
        """Add values `(n,)`, finite, by group `(n,)`, of so many groups."""
        first, last = kernel.places(x)
        places, room = self._digits.shape
        if places:
            first, last = min(first, self._first), max(last, self._first + places - 1)
        if groups > room or last + 1 - first > places:
            grown = np.zeros((last + 1 - first, room if groups <= room else 2 * groups), np.int64)
            grown[self._first - first :][:places, :room] = self._digits
            self._first, self._digits = first, grown
        kernel.add_by(x, group, self._digits, self._first)

    def carry(self) -> None:
        """So that more can be added."""
        self._digits = np.concatenate([self._digits, np.zeros((2, self._digits.shape[1]), np.int64)])
        kernel.carry(self._digits)

    def sums(self, order: IndexArray) -> ExactSums:
        """The totals of the groups of these numbers."""
        return ExactSums.of_kernel_digits(self._digits[:, order], self._first)


def quantities(rows: RowScores) -> list[FloatArray]:
    """Of rows `(n,)` the QUANTITIES that they have; an infinite loss as 0."""
    values = [np.where(np.isfinite(rows.loss), rows.loss, 0.0)]
    if rows.labels is not None:
        values += [(rows.known("top") == rows.labels).astype(float), rows.known("brier")]
    return values


class ClusterRows:
    """Totals of the clusters of rows that are being scored: each has its place, whatever blocks it is met in."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._names: Sequence[str | None] = ()  # of the rows added last, and the place of each
        self._place_of: IntArray = np.empty(0, np.int64)
        self._sums: list[_Growing] = []  # of w, then of w x for each value
        self._added = 0  # rows since digits were carried

    def add(
        self,
        values: Sequence[FloatArray],
        weights: FloatArray | None,
        codes: IndexArray,
        names: Sequence[str | None],
    ) -> None:
        """Add rows as `Clusters.of` has them."""
        group, w = self._groups(codes, names), np.ones(codes.size) if weights is None else weights
        self._sums = self._sums or [_Growing() for _ in range(1 + len(values))]
        self._added += codes.size
        if self._added > MOST_TERMS:
            for each in self._sums:
                each.carry()
            self._added = codes.size
        for each, x in zip(self._sums, (w, *(x if weights is None else x * w for x in values)), strict=True):
            each.add(x, group, len(self._places))

    def _groups(self, codes: IndexArray, names: Sequence[str | None]) -> IntArray:
        """The place `(n,)` of the cluster of each row; names that go on from those before are known."""
        if names is not self._names:
            self._names, self._place_of = names, np.empty(0, np.int64)
        new = len(names) - self._place_of.size
        self._place_of = np.concatenate([self._place_of, np.full(new, _NOWHERE, np.int64)])
        group: IntArray = self._place_of[codes]
        if group.min(initial=0) == _NOWHERE:
            present = np.flatnonzero(np.bincount(codes[group == _NOWHERE]))
            self._place_of[present] = self._places_of([names[code] or "" for code in present.tolist()])
            group = self._place_of[codes]
        return group

    def _places_of(self, names: Sequence[str]) -> list[int]:
        found = list(map(self._places.get, names))
        for i, place in enumerate(found):
            if place is None:
                found[i] = self._places[names[i]] = len(self._places)
        return found  # type: ignore[return-value]  # none is None any more

    def add_scores(self, rows: RowScores, codes: IndexArray, names: Sequence[str | None]) -> None:
        """Add the losses of rows, and with plain labels whether they are right and their Brier scores.

        An infinite loss counts 0: with one there is no standard error of the log loss, but of the others.
        """
        self.add(quantities(rows), rows.weights, codes, names)

    def totals(self) -> tuple[ClusterTotals, ...]:
        """Of all clusters that were met."""
        if not self._places:
            return ()
        keys = digests(list(self._places))
        order = np.lexsort(keys[::-1])
        return (ClusterTotals(keys[:, order], tuple(each.sums(order) for each in self._sums)),)


def clustered_errors(clusters: Clusters) -> dict[str, float]:
    """The standard error of each quantity; nothing for fewer than two clusters.

    sqrt(G/(G-1) sum over clusters (sum over its rows w (x - mean))^2) / sum w, for G clusters.
    """
    if clusters.count < 2:
        return {}
    return {name: spread(s) for name, s in zip(QUANTITIES, clusters.residuals(), strict=False)}


def spread(a: FloatArray) -> float:
    """sqrt(G/(G-1) sum a^2) of the residuals a of G > 1 clusters, of any size that float64 holds."""
    total, power = _dot(a, a)
    return _times_power(math.sqrt(a.size / (a.size - 1) * total), power // 2)


def covariance(a: FloatArray, b: FloatArray) -> float:
    """G/(G-1) sum a b of the residuals a and b of G > 1 clusters; infinite beyond float64."""
    total, power = _dot(a, b)
    return _times_power(a.size / (a.size - 1) * total, power)


def _dot(a: FloatArray, b: FloatArray) -> tuple[float, int]:
    """Sum a b as (x, p) for x 2^p, whatever the order of the terms."""
    powers = [math.frexp(float(np.abs(each).max()))[1] for each in (a, b)]
    one, two = (np.ldexp(each, -power) for each, power in zip((a, b), powers, strict=True))
    return math.fsum((one * two).tolist()), sum(powers)


def _times_power(x: float, power: int) -> float:
    with np.errstate(over="ignore"):
        return float(np.ldexp(x, power))


def digests(names: Sequence[str]) -> KeyArray:
    """The keys `(2, G)` of names, in their order."""
    return np.frombuffer(b"".join(map(_digest, names)), ">u8").astype(np.uint64).reshape(-1, 2).T


@lru_cache(maxsize=1 << 16)  # chunk after chunk has the same clusters
def _digest(name: str) -> bytes:
    from hashlib import blake2b  # slow to load, and most scores have no clusters

    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def residuals(values: ExactSums, weights: ExactSums) -> FloatArray:
    """(t W - w T) / W^2 for totals t and w of each group and T and W of all, to nearly the last digit.

    t - w (T / W) is taken with twice the digits of a float64. Where they cancel all the same, or are too small for
    that, it is taken in integers: so rows that are all alike have residuals of exactly 0.
    """
    whole, total = weights.total(), values.total()
    power, weight_power = values.highest_power(), weights.highest_power()
    high, low = values.scaled(power)
    w_high, w_low = weights.scaled(weight_power)
    shift = weight_power - power
    mean, mean_low = _two_parts(total << max(0, shift), whole << max(0, -shift))
    product, product_low = kernel.products(w_high, np.full(w_high.size, mean))
    product_low += w_high * mean_low + w_low * mean
    difference, error = _sum(high, -product)
    found = difference + (error + (low - product_low))
    size = np.abs(high) + np.abs(product)
    scale, scale_power = math.frexp(ratio(1 << (whole.bit_length() + 64), whole))
    scale_power += power - UNIT_EXPONENT - (whole.bit_length() + 64)
    result: FloatArray = np.ldexp(found * scale, scale_power)
    doubtful = np.flatnonzero((np.abs(found) <= _CANCELLED * size) | (size < _FAINT))
    if doubtful.size:
        pairs = zip(values.chosen(doubtful).totals(), weights.chosen(doubtful).totals(), strict=True)
        result[doubtful] = [ratio(t * whole - w * total, whole * whole) for t, w in pairs]
    return result


def _two_parts(numerator: int, denominator: int) -> tuple[float, float]:
    """A quotient as the nearest float64, and the nearest to what is left."""
    high = ratio(numerator, denominator)
    over, under = high.as_integer_ratio()
    return high, ratio(numerator * under - over * denominator, denominator * under)


def _sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A + b, and what rounding took off it (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)
