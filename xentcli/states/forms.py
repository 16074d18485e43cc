"""What is stored in the place of exact sums, and of what is kept by row, cell or cluster.

What the totals of all rows and those of slices have in common (rows, log-odds, losses, keys of clusters) stands in
one table, as `tables` says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import asdict

from xentcli.core.batch import BoolArray, KeyArray
from xentcli.core.cells import LossCells
from xentcli.core.clusters import QUANTITIES, Clusters, ClusterTotals
from xentcli.core.exact import ExactProducts, ExactSums, FloatArray, IntArray
from xentcli.core.kept_rows import KeptRows, Rows, gather, keys_at, places_of, row_hashes
from xentcli.core.kernel import DIGIT
from xentcli.core.moments import Moments
from xentcli.core.odds.cells import OddsCells
from xentcli.core.pair_products import PairProducts
from xentcli.core.row_means import RowMeans
from xentcli.core.state import ScoreState
from xentcli.states.packing import FORMS, Form
from xentcli.states.predicted import brier_of_rows
from xentcli.states.score_forms import (
    StoredCells,
    StoredOdds,
    StoredScores,
    join_cells,
    join_odds,
    join_scores,
    split_cells,
    split_odds,
    split_scores,
)
from xentcli.states.tables import places_in, rises, table_of

_PLACES = 64  # of digits: of all float64, of what was scaled down, and of their sums
_WITH_BRIER = 1 + len(QUANTITIES)  # totals of clusters
_LARGEST = np.int64((1 << DIGIT) - 1)  # digit
_POWERS = 4300  # by which products are scaled


class _StoredSums(Struct, frozen=True):
    """Exact sums by group, of each value so many: their magnitudes digit by digit, and signs if any is below 0."""

    groups: tuple[int, ...]
    first: int
    digits: IntArray
    negative: BoolArray


def _join_sums(values: Sequence[ExactSums]) -> _StoredSums:
    first, digits = ExactSums.joined(values).digits()
    negative = np.zeros(digits.shape[1], np.bool_)
    for digit in digits:  # the highest that is not 0 says the sign
        negative = np.where(digit == 0, negative, digit < 0)
    digits = np.where(negative, -digits, digits)
    for place in range(len(digits) - 1):  # from digits of either sign to those that are not below 0
        digits[place + 1] += digits[place] >> DIGIT
        digits[place] &= _LARGEST
    groups = tuple(value.groups for value in values)
    return _StoredSums(groups, first, digits, negative if negative.any() else negative[:0])


def _split_sums(stored: _StoredSums, count: int) -> list[ExactSums]:
    groups, first, digits = stored.groups, stored.first, stored.digits
    if digits.ndim != 2 or first < 0 or first + len(digits) > _PLACES or not ((digits & ~_LARGEST) == 0).all():
        raise ValueError("has other digits than sums have")
    if min(groups, default=0) < 0 or sum(groups) != digits.shape[1]:
        raise ValueError("has other groups than sums have")
    if stored.negative.shape not in {(0,), digits.shape[1:]}:
        raise ValueError("has other signs than sums have")
    if stored.negative.size:
        digits = np.where(stored.negative, -digits, digits)
    sums, ends = ExactSums.of_kernel_digits(digits, first), accumulate(groups)
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
    """Clusters by name `(2, m)`, ascending, and totals as in `ClusterTotals` at these places of them.

    With `brier_left` the last totals are those of the Brier score, less what losses say of them.
    """

    keys: KeyArray
    at: IntArray
    brier_left: bool
    sums: tuple[ExactSums, ...]


def _join_clusters(values: Sequence[Clusters]) -> _StoredClusters:
    parts = [part for value in values if (part := value.whole) is not None]
    keys = np.concatenate([np.empty((2, 0), np.uint64), *(part.keys for part in parts)], axis=1)
    first, at = table_of(tuple(keys), [value.count for value in values])
    sums = [ExactSums.joined(each) for each in zip(*(part.sums for part in parts), strict=True)]
    left = _less_brier(sums, -1) if len(sums) == _WITH_BRIER else None
    fewer = left is not None and _used_digits(left) < _used_digits(sums[-1])
    return _StoredClusters(
        keys[:, first], at, fewer, (*sums[:-1], left) if left is not None and fewer else tuple(sums)
    )


def _less_brier(sums: Sequence[ExactSums], sign: int) -> ExactSums:
    predicted = brier_of_rows(sums[0], sums[1])
    return sums[-1].merge(predicted.negated() if sign < 0 else predicted)


def _used_digits(sums: ExactSums) -> int:
    return int(np.count_nonzero(sums.digits()[1]))


def _split_clusters(stored: _StoredClusters, count: int) -> list[Clusters]:
    keys, sums = stored.keys, stored.sums
    if keys.ndim != 2 or len(keys) != 2 or not rises(*keys):
        raise ValueError("has other keys than clusters have")
    if any(each.groups != stored.at.size for each in sums) or (len(sums) < 2 and stored.at.size):
        raise ValueError("has other totals than clusters have")
    if stored.brier_left:
        if len(sums) != _WITH_BRIER:
            raise ValueError("has no Brier scores of clusters")
        sums = (*sums[:-1], sums[-1].merge(brier_of_rows(*sums[:2])))
    places = places_in(stored.at, keys.shape[1], count)
    parts = (ClusterTotals(keys[:, at], tuple(each.between(part) for each in sums)) for at, part in places)
    return [Clusters((each,)) if each.count else Clusters() for each in parts]


def _store_means(means: RowMeans) -> tuple[Moments, ...]:
    """Nothing of no rows, as all are but those of several scores."""
    return (means.log_loss, means.accuracy, means.brier) if means.count else ()


def _load_means(moments: tuple[Moments, ...]) -> RowMeans:
    if len(moments) not in (0, len(RowMeans.__struct_fields__)):
        raise ValueError("has other moments than rows have")
    return RowMeans(*moments) if moments else RowMeans.empty()


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
    first, at = table_of((places, hashes), [value.rows for value in values])
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
    kept = (at for at, _ in places_in(stored.at, size, count, repeated=True))
    return [
        empty.holding(rows if _is_all(at, size) else gather([rows], at), keys[at], total, level)
        for at, total, level in zip(kept, stored.totals, stored.levels, strict=True)
    ]


def _is_all(at: IntArray, size: int) -> bool:
    return at.size == size and bool((at == np.arange(size)).all())


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
        LossCells: Form(StoredCells, join_cells, split_cells),
        OddsCells: Form(StoredOdds, join_odds, split_odds),
        ScoreState: Form(StoredScores, join_scores, split_scores),
        KeptRows: Form(_StoredRows, _join_rows, _split_rows),
    }
)
