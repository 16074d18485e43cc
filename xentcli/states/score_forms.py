"""What is stored in the place of the totals of rows, their losses and log-odds.

The losses of rows of two classes follow from their log-odds but for a few units in the last place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from xentcli.core.cells import LossCells, PairLosses
from xentcli.core.exact import ExactSums, IntArray
from xentcli.core.kept_rows import KeptRows
from xentcli.core.odds.cells import OddsCells
from xentcli.core.odds.totals import OddsTotals
from xentcli.core.state import ScoreState
from xentcli.states.predicted import (
    StoredKeys,
    StoredLosses,
    load_keys,
    load_losses,
    losses_at,
    store_keys,
    store_losses,
)
from xentcli.states.tables import places_in, rises, table_of

_NONE = np.empty(0, np.int64)


class StoredCells(Struct, frozen=True):
    """Losses `(m,)`, ascending; which are the largest of their cells, and the weights of these."""

    losses: StoredLosses
    at: IntArray
    weight: ExactSums


def join_cells(values: Sequence[LossCells], predicted: IntArray = _NONE) -> StoredCells:
    """Cells, some of whose losses may be among those predicted, by their bits."""
    occupied = [value.occupied() for value in values]
    losses = np.concatenate([np.empty(0), *(largest for largest, _ in occupied)])
    first, at = table_of((losses,), [largest.size for largest, _ in occupied])
    stored = store_losses(losses[first].view(np.int64), predicted)
    return StoredCells(stored, at, ExactSums.joined([weight for _, weight in occupied]))


def split_cells(stored: StoredCells, count: int, predicted: IntArray = _NONE) -> list[LossCells]:
    """So many cells, with the same losses predicted."""
    losses = load_losses(stored.losses, predicted).view(np.float64)
    sound = losses.ndim == 1 and rises(losses) and np.isfinite(losses).all() and (losses >= 0).all()
    if not sound or stored.weight.groups != stored.at.size:
        raise ValueError("has other losses than cells have")
    places = places_in(stored.at, losses.size, count)
    return [LossCells.of_occupied(losses[at], stored.weight.between(part)) for at, part in places]


class StoredOdds(Struct, frozen=True):
    """Log-odds and exponents, and totals as in `OddsTotals` at these places of them."""

    keys: StoredKeys
    exponents: IntArray
    at: IntArray
    halves: IntArray
    limbs: IntArray | None
    exact: tuple[bool, ...]
    limit: int


def join_odds(values: Sequence[OddsCells]) -> StoredOdds:
    """What log-odds have, each of them once."""
    values = [value.compact() for value in values]
    totals = [value.totals for value in values]
    keys, exponents = (np.concatenate([getattr(each, name) for each in totals]) for name in ("keys", "exponents"))
    first, at = table_of((keys, exponents), [each.keys.size for each in totals])
    halves = np.concatenate([each.halves for each in totals], axis=1)
    weighted = any(each.limbs is not None for each in totals)
    limbs = np.concatenate([each.squares() for each in totals], axis=1) if weighted else None
    exact = tuple(value.exact for value in values)
    return StoredOdds(store_keys(keys[first]), exponents[first], at, halves, limbs, exact, values[0].limit)


def split_odds(stored: StoredOdds, count: int) -> list[OddsCells]:
    """So many of them."""
    keys, exponents, halves, limbs = load_keys(stored.keys), stored.exponents, stored.halves, stored.limbs
    size = stored.at.size
    if keys.ndim != 1 or keys.shape != exponents.shape or not rises(keys, exponents):
        raise ValueError("has other log-odds than there can be")
    if halves.shape != (4, size) or (limbs is not None and limbs.shape != (8, size)) or len(stored.exact) != count:
        raise ValueError("has other totals than log-odds have")
    found = []
    for exact, (at, part) in zip(stored.exact, places_in(stored.at, keys.size, count), strict=True):
        squares = None if limbs is None else limbs[:, part]
        totals = OddsTotals(keys[at], exponents[at], halves[:, part], squares)
        found.append(OddsCells(totals, (), exact, stored.limit))
    return found


class StoredScores(Struct, frozen=True):
    """The fields of `ScoreState`, of all values; losses as what log-odds do not predict of them."""

    class_count: tuple[int, ...]
    counts: tuple[IntArray, ...]
    sums: tuple[ExactSums, ...]
    cells: StoredCells
    odds: tuple[OddsCells, ...]
    kept: tuple[KeptRows, ...]
    pairs: tuple[PairLosses, ...]


def join_scores(values: Sequence[ScoreState]) -> StoredScores:
    """Totals of several sets of rows."""
    fields: dict[str, Any] = {
        name: tuple(getattr(value, name) for value in values) for name in ScoreState.__struct_fields__
    }
    cells = join_cells(fields.pop("cells"), _predicted(fields["odds"]))
    return StoredScores(cells=cells, **fields)


def split_scores(stored: StoredScores, count: int) -> list[ScoreState]:
    """So many of them."""
    cells = split_cells(stored.cells, count, _predicted(stored.odds))
    columns = [cells if name == "cells" else getattr(stored, name) for name in ScoreState.__struct_fields__]
    return [ScoreState(*fields) for fields in zip(*columns, strict=True)]


def _predicted(odds: Sequence[OddsCells]) -> IntArray:
    """The losses of rows with the log-odds of that which has most, the whole, by their bits, ascending."""
    keys = [value.compact().totals.keys for value in odds if value.exact]
    return losses_at(max(keys, key=len, default=_NONE))
