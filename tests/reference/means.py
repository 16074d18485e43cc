"""Weighted means and their standard errors."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction

from tests.reference.numbers import Real, add, mp, real
from tests.reference.rows import Row

Z_95 = mp.mpf("1.959964")


def weight_of(rows: Sequence[Row]) -> Fraction:
    """W = sum w."""
    return sum((row.weight for row in rows), Fraction(0))


def mean(rows: Sequence[Row], values: Sequence[Real]) -> Real:
    """Weighted mean: sum w x / W."""
    return add(real(row.weight) * x for row, x in zip(rows, values, strict=True)) / real(weight_of(rows))


def share(part: Sequence[Row], whole: Sequence[Row]) -> Fraction:
    """Weight of the part over the weight of the whole."""
    return weight_of(part) / weight_of(whole)


def standard_error(rows: Sequence[Row], values: Sequence[Real]) -> Real:
    """sqrt(n/(n-1) sum w^2 (x - mean)^2) / W; None for n < 2 or an infinite value."""
    n = len(rows)
    if n < 2 or mp.inf in values:
        return None
    centre = mean(rows, values)
    squares = sum(real(row.weight) ** 2 * add([x, -centre]) ** 2 for row, x in zip(rows, values, strict=True))
    return mp.sqrt(squares * n / (n - 1)) / real(weight_of(rows))


def effective_rows(rows: Sequence[Row]) -> Fraction:
    """n_eff = (sum w)^2 / sum w^2."""
    return weight_of(rows) ** 2 / sum((row.weight**2 for row in rows), Fraction(0))


def classes(rows: Sequence[Row]) -> range:
    """The class indices 0..K-1."""
    return range(len(rows[0].log_q))


def of_class(rows: Sequence[Row], k: int) -> list[Row]:
    """The rows whose label is class k."""
    return [row for row in rows if row.label == k]


def with_interval(name: str, value: Real, se: Real) -> dict[str, Real]:
    """The value, its standard error, and value -/+ 1.959964 se."""
    low, high = (None, None) if se is None else (value - Z_95 * se, value + Z_95 * se)
    return {name: value, f"{name}_se": se, f"{name}_low": low, f"{name}_high": high}


def clustered_error(rows: Sequence[Row], values: Sequence[Real]) -> Real:
    """sqrt(G/(G-1) sum_g (sum_{i in g} w (x - mean))^2) / W; None for G < 2 or an infinite value."""
    if mp.inf in values:
        return None
    centre = mean(rows, values)
    groups: dict[Hashable, list[Real]] = {}
    for row, x in zip(rows, values, strict=True):
        groups.setdefault(row.cluster, []).append(real(row.weight) * add([x, -centre]))
    size = len(groups)
    if size < 2:
        return None
    squares = sum(add(parts) ** 2 for parts in groups.values())
    return mp.sqrt(squares * size / (size - 1)) / real(weight_of(rows))
