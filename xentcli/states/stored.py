"""The form in which some states are stored: without what is only of use while rows are read."""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.core.batch import IndexArray, KeyArray
from xentcli.core.clusters import Clusters, ClusterTotals
from xentcli.core.exact import CARRIED, ExactProducts, ExactSums, FloatArray, IntArray
from xentcli.core.kept_rows import KeptRows, Rows, gathered, keys_at, places_of
from xentcli.core.odds_cells import OddsCells
from xentcli.core.state import ScoreState
from xentcli.decoding.tally import Tally
from xentcli.engine.scoring import PartScore
from xentcli.engine.slices import Slices

_PLACES = 64  # of digits: of all float64, of what was scaled down, and of their sums
_POWERS = 4300  # by which products are scaled


class StoredSums(Struct, frozen=True):
    """Exact sums by group, digit by digit."""

    first: int
    digits: IntArray


class StoredProducts(Struct, frozen=True):
    """Exact sums by power of two."""

    scaled: dict[int, ExactSums]


class StoredClusters(Struct, frozen=True, eq=False):
    """Each cluster once; arrays as in `ClusterTotals`, none without clusters."""

    keys: KeyArray
    sums: tuple[ExactSums, ...]


class StoredPart(Struct, frozen=True):
    """What a score is computed from; neither the worst rows nor gradients belong to it."""

    state: ScoreState
    tally: Tally
    labels: frozenset[tuple[int, str]]
    slices: Slices
    clusters: Clusters


class StoredOdds(Struct, frozen=True, eq=False):
    """Totals by log-odds, with all rows in them."""

    keys: IntArray
    exponents: IntArray
    halves: IntArray
    exact: bool
    limit: int


class StoredRows(Struct, frozen=True, eq=False):
    """Kept rows in the order of their places `(n,)`, whatever pieces they were held in; arrays as in `Rows`."""

    classes: int
    total: int
    level: int
    budget: int
    places: KeyArray
    log_q: FloatArray
    labels: IndexArray | None
    targets: FloatArray | None
    weights: FloatArray | None


# There, and back: as they were, or a ValueError for what no state can have been


def stored_sums(sums: ExactSums) -> StoredSums:
    """To be stored."""
    sums = sums.carried()
    return StoredSums(sums._first, sums._digits)


def exact_sums(stored: StoredSums) -> ExactSums:
    """As they were."""
    shape, first = stored.digits.shape, stored.first
    if len(shape) != 2 or first < 0 or first + shape[0] > _PLACES or (np.abs(stored.digits) > CARRIED).any():
        raise ValueError("has other digits than sums have")
    return ExactSums(first, stored.digits, CARRIED)


def stored_products(products: ExactProducts) -> StoredProducts:
    """To be stored."""
    return StoredProducts(products._scaled)


def exact_products(stored: StoredProducts) -> ExactProducts:
    """As they were."""
    if any(abs(power) > _POWERS or sums.groups != 1 for power, sums in stored.scaled.items()):
        raise ValueError("has other sums than products have")
    return ExactProducts(stored.scaled)


def stored_clusters(clusters: Clusters) -> StoredClusters:
    """To be stored."""
    whole = clusters.whole
    return (
        StoredClusters(np.empty((2, 0), np.uint64), ())
        if whole is None
        else StoredClusters(whole.keys, whole.sums)
    )


def clusters_of(stored: StoredClusters) -> Clusters:
    """As they were."""
    keys, sums = stored.keys, stored.sums
    if not sums and keys.shape == (2, 0):
        return Clusters()
    shapes = keys.ndim == 2 and len(keys) == 2 and all(each.groups == keys.shape[1] for each in sums)
    if not shapes or len(sums) not in (2, 4) or not _rising(keys):
        raise ValueError("has other totals than clusters have")
    return Clusters((ClusterTotals(keys, sums),))


def _rising(keys: KeyArray) -> bool:
    """Whether pairs of numbers, one below the other, rise from left to right."""
    (before, low), (after, high) = keys[:, :-1], keys[:, 1:]
    return keys.shape[1] > 0 and bool(((before < after) | ((before == after) & (low < high))).all())


def stored_part(part: PartScore) -> StoredPart:
    """To be stored."""
    return StoredPart(part.state, part.tally, part.labels, part.slices, part.clusters)


def part_score(stored: StoredPart) -> PartScore:
    """As it was."""
    return PartScore(stored.state, stored.tally, stored.labels, stored.slices, stored.clusters)


def stored_odds(odds: OddsCells) -> StoredOdds:
    """To be stored."""
    odds = odds.tidied()
    totals = odds.totals
    return StoredOdds(totals.keys, totals.exponents, totals.halves, odds.exact, odds.limit)


def odds_cells(stored: StoredOdds) -> OddsCells:
    """As they were."""
    empty = OddsCells.empty(stored.limit)
    totals = replace(empty.totals, keys=stored.keys, exponents=stored.exponents, halves=stored.halves)
    return replace(empty, totals=totals, exact=stored.exact)


def stored_rows(kept: KeptRows) -> StoredRows:
    """To be stored."""
    head = (kept.classes, kept.total, kept.level, kept.budget)
    if not kept.pieces:
        return StoredRows(*head, np.empty(0, np.uint64), np.empty((kept.classes, 0)), None, None, None)
    places = np.concatenate([places_of(piece.keys) for piece in kept.pieces])
    order = np.argsort(places)
    rows = gathered([piece.rows for piece in kept.pieces], order)
    return StoredRows(*head, places[order], rows.log_q, rows.labels, rows.targets, rows.weights)


def kept_rows(stored: StoredRows) -> KeptRows:
    """As they were."""
    rows = Rows(stored.log_q, stored.labels, stored.targets, stored.weights)
    empty = KeptRows.empty(stored.classes, stored.budget)
    return empty.holding(rows, keys_at(stored.places), stored.total, stored.level)
