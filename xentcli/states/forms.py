"""What is stored in the place of exact sums, and of what is kept by row, cell or cluster.

What the totals of all rows and those of slices have in common (rows, log-odds, losses, keys of clusters) stands in
one table, and each of them holds places in it. Those of value number n in a table of m entries count from n m, so
the places of all values are one ascending array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import asdict
from numpy.typing import NDArray

from xentcli.core.batch import IndexArray, KeyArray
from xentcli.core.cells import LossCells
from xentcli.core.clusters import Clusters, ClusterTotals
from xentcli.core.exact import CARRIED, ExactProducts, ExactSums, FloatArray, IntArray
from xentcli.core.kept_rows import KeptRows, Rows, gather, keys_at, places_of, row_hashes
from xentcli.core.moments import Moments
from xentcli.core.odds.cells import OddsCells
from xentcli.core.odds.totals import OddsTotals
from xentcli.core.pair_products import PairProducts
from xentcli.core.row_means import RowMeans
from xentcli.states.packing import FORMS, Form

_PLACES = 64  # of digits: of all float64, of what was scaled down, and of their sums
_POWERS = 4300  # by which products are scaled


class _StoredSums(Struct, frozen=True):
    """Exact sums by group, digit by digit; of each value so many groups."""

    groups: tuple[int, ...]
    first: int
    digits: IntArray


def _join_sums(values: Sequence[ExactSums]) -> _StoredSums:
    return _StoredSums(tuple(value.groups for value in values), *ExactSums.joined(values).digits())


def _split_sums(stored: _StoredSums, count: int) -> list[ExactSums]:
    groups, first, digits = stored.groups, stored.first, stored.digits
    carried = (digits <= CARRIED) & (digits >= -CARRIED)  # np.abs(-2^63) is negative
    if digits.ndim != 2 or first < 0 or first + len(digits) > _PLACES or not carried.all():
        raise ValueError("has other digits than sums have")
    if min(groups, default=0) < 0 or sum(groups) != digits.shape[1]:
        raise ValueError("has other groups than sums have")
    sums, ends = ExactSums.of_digits(first, digits), accumulate(groups)
    return [sums.between(slice(end - size, end)) for size, end in zip(groups, ends, strict=True)]


class _StoredProducts(Struct, frozen=True):
    """Sums of products of so many pairs, of each power of two that some are scaled by the sums of all values."""

    groups: int
    powers: tuple[int, ...]
    sums: tuple[ExactSums, ...]


def _join_products(values: Sequence[ExactProducts | PairProducts], groups: int = 1) -> _StoredProducts:
    scaled = [dict(value.scaled()) for value in values]
    powers, empty = sorted({power for each in scaled for power in each}), ExactSums.empty(groups)
    sums = (ExactSums.joined([each.get(power, empty) for each in scaled]) for power in powers)
    return _StoredProducts(groups, tuple(powers), tuple(sums))


def _split_products(stored: _StoredProducts, count: int) -> list[dict[int, ExactSums]]:
    """Of each value its sums by power of two; none of them 0."""
    size = stored.groups
    if size < 0 or any(abs(power) > _POWERS for power in stored.powers):
        raise ValueError("has other powers than products have")
    if any(sums.groups != count * size for sums in stored.sums) or len(stored.sums) != len(stored.powers):
        raise ValueError("has other sums than products have")
    found: list[dict[int, ExactSums]] = [{} for _ in range(count)]
    for power, sums in zip(stored.powers, stored.sums, strict=True):
        for number in dict.fromkeys(group // size for group in sums.used_groups()):
            found[number][power] = sums.between(slice(number * size, (number + 1) * size))
    return found


def _join_pair_products(values: Sequence[PairProducts]) -> _StoredProducts:
    return _join_products(values, values[0].groups)


def _split_pair_products(stored: _StoredProducts, count: int) -> list[PairProducts]:
    return [PairProducts(each, stored.groups) for each in _split_products(stored, count)]


class _StoredClusters(Struct, frozen=True):
    """Clusters by name `(2, m)`, ascending, and totals as in `ClusterTotals` at these places of them."""

    keys: KeyArray
    at: IntArray
    sums: tuple[ExactSums, ...]


def _join_clusters(values: Sequence[Clusters]) -> _StoredClusters:
    parts = [part for value in values if (part := value.whole) is not None]
    keys = np.concatenate([np.empty((2, 0), np.uint64), *(part.keys for part in parts)], axis=1)
    first, at = _table(tuple(keys), [value.count for value in values])
    sums = (ExactSums.joined(each) for each in zip(*(part.sums for part in parts), strict=True))
    return _StoredClusters(keys[:, first], at, tuple(sums))


def _split_clusters(stored: _StoredClusters, count: int) -> list[Clusters]:
    keys, sums = stored.keys, stored.sums
    if keys.ndim != 2 or len(keys) != 2 or not _rises(*keys):
        raise ValueError("has other keys than clusters have")
    if any(each.groups != stored.at.size for each in sums) or (len(sums) < 2 and stored.at.size):
        raise ValueError("has other totals than clusters have")
    places = _places(stored.at, keys.shape[1], count)
    parts = (ClusterTotals(keys[:, at], tuple(each.between(part) for each in sums)) for at, part in places)
    return [Clusters((each,)) if each.count else Clusters() for each in parts]


def _store_means(means: RowMeans) -> tuple[Moments, ...]:
    """Nothing of no rows, as all are but those of several scores."""
    return (means.log_loss, means.accuracy, means.brier) if means.count else ()


def _load_means(moments: tuple[Moments, ...]) -> RowMeans:
    if len(moments) not in (0, len(RowMeans.__struct_fields__)):
        raise ValueError("has other moments than rows have")
    return RowMeans(*moments) if moments else RowMeans.empty()


class _StoredCells(Struct, frozen=True):
    """The bits of losses `(m,)`, ascending; which are the largest of their cells, and the weights of these."""

    losses: IntArray
    at: IntArray
    weight: ExactSums


def _join_cells(values: Sequence[LossCells]) -> _StoredCells:
    occupied = [value.occupied() for value in values]
    losses = np.concatenate([np.empty(0), *(largest for largest, _ in occupied)])
    first, at = _table((losses,), [largest.size for largest, _ in occupied])
    return _StoredCells(losses[first].view(np.int64), at, ExactSums.joined([weight for _, weight in occupied]))


def _split_cells(stored: _StoredCells, count: int) -> list[LossCells]:
    losses = stored.losses.view(np.float64)
    sound = losses.ndim == 1 and _rises(losses) and np.isfinite(losses).all() and (losses >= 0).all()
    if not sound or stored.weight.groups != stored.at.size:
        raise ValueError("has other losses than cells have")
    places = _places(stored.at, losses.size, count)
    return [LossCells.of_occupied(losses[at], stored.weight.between(part)) for at, part in places]


class _StoredOdds(Struct, frozen=True):
    """Log-odds and exponents, and totals as in `OddsTotals` at these places of them."""

    keys: IntArray
    exponents: IntArray
    at: IntArray
    halves: IntArray
    limbs: IntArray | None
    exact: tuple[bool, ...]
    limit: int


def _join_odds(values: Sequence[OddsCells]) -> _StoredOdds:
    values = [value.compact() for value in values]
    totals = [value.totals for value in values]
    keys, exponents = (np.concatenate([getattr(each, name) for each in totals]) for name in ("keys", "exponents"))
    first, at = _table((keys, exponents), [each.keys.size for each in totals])
    halves = np.concatenate([each.halves for each in totals], axis=1)
    weighted = any(each.limbs is not None for each in totals)
    limbs = np.concatenate([each.squares() for each in totals], axis=1) if weighted else None
    exact = tuple(value.exact for value in values)
    return _StoredOdds(keys[first], exponents[first], at, halves, limbs, exact, values[0].limit)


def _split_odds(stored: _StoredOdds, count: int) -> list[OddsCells]:
    keys, exponents, halves, limbs = stored.keys, stored.exponents, stored.halves, stored.limbs
    size = stored.at.size
    if keys.ndim != 1 or keys.shape != exponents.shape or not _rises(keys, exponents):
        raise ValueError("has other log-odds than there can be")
    if halves.shape != (4, size) or (limbs is not None and limbs.shape != (8, size)) or len(stored.exact) != count:
        raise ValueError("has other totals than log-odds have")
    found = []
    for exact, (at, part) in zip(stored.exact, _places(stored.at, keys.size, count), strict=True):
        squares = None if limbs is None else limbs[:, part]
        totals = OddsTotals(keys[at], exponents[at], halves[:, part], squares)
        found.append(OddsCells(totals, (), exact, stored.limit))
    return found


class _StoredRows(Struct, frozen=True):
    """Rows by their places `(m,)`, whatever pieces they were held in, and which of them each value keeps."""

    classes: int
    budget: int
    totals: tuple[int, ...]
    levels: tuple[int, ...]
    places: KeyArray
    at: IntArray
    log_q: FloatArray
    labels: IntArray | None
    targets: FloatArray | None
    weights: FloatArray | None


def _join_rows(values: Sequence[KeptRows]) -> _StoredRows:
    pieces = [piece for value in values for piece in value.pieces]
    places = np.concatenate([np.empty(0, np.uint64), *(places_of(piece.keys) for piece in pieces)])
    hashes = np.concatenate([np.empty(0, np.uint64), *(row_hashes(piece.rows) for piece in pieces)])
    first, at = _table((places, hashes), [value.rows for value in values])
    classes, none = values[0].classes, Rows(np.empty((values[0].classes, 0)), None, None, None)
    rows = gather([piece.rows for piece in pieces], first) if pieces else none
    totals, levels = tuple(value.total for value in values), tuple(value.level for value in values)
    return _StoredRows(classes, values[0].budget, totals, levels, places[first], np.sort(at), **asdict(rows))


def _split_rows(stored: _StoredRows, count: int) -> list[KeptRows]:
    places, size = stored.places, stored.places.size
    rows = Rows(stored.log_q, stored.labels, stored.targets, stored.weights)
    arrays = [getattr(rows, name) for name in Rows.__struct_fields__]
    if places.ndim != 1 or any(each is not None and each.shape[-1:] != (size,) for each in arrays):
        raise ValueError("has other arrays than rows have")
    if len(stored.totals) != count or len(stored.levels) != count:
        raise ValueError("has other counts than rows have")
    keys, empty = keys_at(places), KeptRows.empty(stored.classes, stored.budget)
    kept = (at for at, _ in _places(stored.at, size, count, repeated=True))
    return [
        empty.holding(rows if _is_all(at, size) else gather([rows], at), keys[at], total, level)
        for at, total, level in zip(kept, stored.totals, stored.levels, strict=True)
    ]


def _is_all(at: IntArray, size: int) -> bool:
    return at.size == size and bool((at == np.arange(size)).all())


def _table(columns: tuple[NDArray[Any], ...], sizes: Sequence[int]) -> tuple[IndexArray, IntArray]:
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


def _places(at: IntArray, size: int, count: int, *, repeated: bool = False) -> list[tuple[IntArray, slice]]:
    """Of each value its places in a table of so many entries, and where they stand among those of all."""
    least = 0 if repeated else 1
    if at.ndim != 1 or (np.diff(at) < least).any() or (at.size and not 0 <= at[0] <= at[-1] < size * count):
        raise ValueError("has places that are none")
    bounds = np.searchsorted(at, size * np.arange(count + 1)).tolist() if size else [0] * (count + 1)
    parts = [slice(*each) for each in pairwise(bounds)]
    return [(at[part] - size * number, part) for number, part in enumerate(parts)]


def _rises(*columns: NDArray[Any]) -> bool:
    """Whether entries, the first column first, rise from each to the next."""
    rising = np.zeros(max(0, columns[0].size - 1), np.bool_)
    for column in reversed(columns):
        rising = (column[1:] > column[:-1]) | ((column[1:] == column[:-1]) & rising)
    return bool(rising.all())


def each_of(kind: Any, store: Callable[[Any], Any], load: Callable[[Any], Any]) -> Form:
    """Of a type whose values are stored one by one."""
    each = tuple[kind, ...]
    return Form(each, lambda values: tuple(map(store, values)), lambda stored, _: list(map(load, stored)))


FORMS.update(
    {
        ExactSums: Form(_StoredSums, _join_sums, _split_sums),
        ExactProducts: Form(
            _StoredProducts,
            _join_products,
            lambda stored, count: list(map(ExactProducts, _split_products(stored, count))),
        ),
        PairProducts: Form(_StoredProducts, _join_pair_products, _split_pair_products),
        Clusters: Form(_StoredClusters, _join_clusters, _split_clusters),
        RowMeans: each_of(tuple[Moments, ...], _store_means, _load_means),
        LossCells: Form(_StoredCells, _join_cells, _split_cells),
        OddsCells: Form(_StoredOdds, _join_odds, _split_odds),
        KeptRows: Form(_StoredRows, _join_rows, _split_rows),
    }
)
