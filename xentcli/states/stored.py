"""The form in which a state is stored, and the way there and back.

msgspec turns values into JSON, and JSON into values of the declared types, or says where it is of another. What it
does not know (arrays, exact sums, and what holds rows as they came) has a form of its own here. A file can name no
class: a new field needs nothing here but a new version of the format.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args, get_origin

import msgspec
import numpy as np
from msgspec import Struct

from xentcli.columns.columns import Columns
from xentcli.core.batch import KeyArray, Policy
from xentcli.core.clusters import Clusters, ClusterTotals
from xentcli.core.exact import CARRIED, ExactProducts, ExactSums, IntArray
from xentcli.core.kept_rows import KeptRows, Rows, gather, keys_at, places_of
from xentcli.core.odds.cells import OddsCells
from xentcli.core.odds.totals import OddsTotals
from xentcli.core.pair_products import PairProducts
from xentcli.core.row_means import RowMeans
from xentcli.core.state import ScoreState
from xentcli.decoding.groups import Slice
from xentcli.decoding.tally import Entry, Tally
from xentcli.engine.documents import Documents
from xentcli.engine.slices import Slices, SliceState
from xentcli.engine.totals import Plan, Totals
from xentcli.errors import Notice
from xentcli.results.result import InputInfo
from xentcli.states.arrays import Malformed, array_json, array_of
from xentcli.states.run import Run, Shard

_OF_THE_WHOLE = ("unused_ignore_label",)  # notices that a part cannot know
_PLACES = 64  # of digits: of all float64, of what was scaled down, and of their sums
_POWERS = 4300  # by which products are scaled

Value = TypeVar("Value")


class StoredDocuments(Struct, frozen=True, forbid_unknown_fields=True):
    """What `Documents` hold: names, ascending, and their totals."""

    names: tuple[str, ...]
    sums: Clusters
    too_many: bool

    @classmethod
    def of(cls, documents: Documents) -> StoredDocuments | None:
        """To be stored; None where there are none."""
        if documents == Documents():
            return None
        return cls(tuple(sorted(documents.names)), documents.sums, documents.too_many)

    def load(self) -> Documents:
        """As they were; raises `Malformed` where names and totals are of other documents."""
        found = Documents(frozenset(self.names), self.sums, self.too_many)
        if not found.fit():
            raise Malformed("state.merged.documents", "does not fit the rest")
        return found


class StoredRun(Struct, frozen=True, forbid_unknown_fields=True):
    """What a `Run` holds; neither the worst rows nor gradients belong to it."""

    inputs: tuple[InputInfo, ...]
    numbers: tuple[int, ...]
    numbered: bool
    columns: Columns
    label_file: str | None
    policy: Policy
    prior: tuple[float, ...] | None
    breakdown: bool
    notices: tuple[Notice, ...]
    shards: tuple[Shard, ...]
    rows: int
    state: ScoreState
    entries: tuple[tuple[str, str, Entry], ...]  # code, subject or "", and what was counted, ascending
    labels: tuple[tuple[int, str], ...]  # ascending
    slices: tuple[tuple[int, Slice, SliceState], ...]  # number of the set, values, and what they add up to
    too_many: tuple[int, ...]
    clusters: Clusters
    filtered: int
    row_means: RowMeans
    documents: StoredDocuments | None = None  # None where there are none
    empty_parts: int = 0

    @classmethod
    def of(cls, run: Run) -> StoredRun:
        """To be stored: equal runs are equal in the file."""
        totals = run.totals
        slices = ((number, key, state) for (number, key), state in totals.slices.states.items())
        return cls(
            **{name: getattr(run, name) for name in _SAME_FIELDS if name != "notices"},
            notices=tuple(notice for notice in run.notices if notice.code not in _OF_THE_WHOLE),
            numbered=run.numbered,
            breakdown=run.plan.breakdown,
            rows=sum(totals.rows.values()),
            state=totals.state,
            entries=tuple(sorted((code, of or "", entry) for (code, of), entry in totals.tally.entries.items())),
            labels=tuple(sorted(totals.labels)),
            slices=tuple(sorted(slices, key=lambda each: repr(each[:2]))),
            too_many=tuple(sorted(totals.slices.too_many)),
            clusters=totals.clusters,
            filtered=totals.filtered,
            documents=StoredDocuments.of(totals.documents),
            row_means=totals.row_means,
        )

    def run(self) -> Run:
        """As it was; raises `Malformed` where something stands twice, or rows do not add up."""
        rows = {number: each.rows for number, each in zip(self.numbers, self.inputs, strict=False)}
        entries = {(code, of or None): entry for code, of, entry in self.entries}
        states = {(number, values): state for number, values, state in self.slices}
        if len(entries) < len(self.entries) or len(states) < len(self.slices):
            raise Malformed("state", "has a key twice")
        if self.rows != sum(each.rows for each in self.inputs):
            raise Malformed("state.merged.tally", "does not fit the rest")
        totals = Totals(
            self.state,
            rows,
            Tally(entries),
            frozenset(self.labels),
            Slices(states, frozenset(self.too_many)),
            self.clusters,
            filtered=self.filtered,
            documents=Documents() if self.documents is None else self.documents.load(),
            row_means=self.row_means,
        )
        plan = Plan(breakdown=self.breakdown, shard=min(self.numbers, default=0) if self.numbered else None)
        return Run(plan=plan, totals=totals, **{name: getattr(self, name) for name in _SAME_FIELDS})


_SAME_FIELDS = [name for name in Run.__struct_fields__ if name not in ("plan", "totals")]


class _StoredSums(Struct, frozen=True):
    """Exact sums by group, digit by digit."""

    first: int
    digits: IntArray


class _StoredProducts(Struct, frozen=True):
    """Sums of products of so many pairs, by the power of two that they were scaled by."""

    groups: int
    scaled: tuple[tuple[int, ExactSums], ...]


class _StoredClusters(Struct, frozen=True):
    """Each cluster once; arrays as in `ClusterTotals`, none without clusters."""

    keys: KeyArray
    sums: tuple[ExactSums, ...]


class _StoredOdds(Struct, frozen=True):
    """Totals by log-odds, with all rows in them."""

    totals: OddsTotals
    exact: bool
    limit: int


class _StoredRows(Struct, frozen=True):
    """Kept rows in the order of their places `(n,)`, whatever pieces they were held in; arrays as in `Rows`."""

    classes: int
    total: int
    level: int
    budget: int
    places: KeyArray
    rows: Rows


def to_json(value: Any) -> Any:
    """What JSON can hold of a value."""
    return msgspec.to_builtins(value, enc_hook=_encode)


def from_json(value: Any, kind: type[Value]) -> Value:
    """The value of the type `kind` that this is the JSON of; raises `Malformed`."""
    try:
        return msgspec.convert(value, kind, dec_hook=_decode)
    except (ValueError, RecursionError) as fault:
        raise Malformed("state", str(fault)) from None


def _encode(value: Any) -> Any:
    return array_json(value) if isinstance(value, np.ndarray) else _FORMS[type(value)][1](value)


def _decode(kind: Any, value: Any) -> Any:
    if get_origin(kind) is np.ndarray:
        return array_of(value, np.dtype(get_args(get_args(kind)[1])[0]), "array")
    form, _, back = _FORMS[kind]
    return back(msgspec.convert(value, form, dec_hook=_decode))


def _load_sums(stored: _StoredSums) -> ExactSums:
    shape, first = stored.digits.shape, stored.first
    carried = (stored.digits <= CARRIED) & (stored.digits >= -CARRIED)  # np.abs(-2^63) is negative
    if len(shape) != 2 or first < 0 or first + shape[0] > _PLACES or not carried.all():
        raise ValueError("has other digits than sums have")
    return ExactSums.of_digits(first, stored.digits)


def _load_products(stored: tuple[tuple[int, ExactSums], ...]) -> ExactProducts:
    if any(abs(power) > _POWERS or sums.groups != 1 for power, sums in stored):
        raise ValueError("has other sums than products have")
    return ExactProducts(dict(stored))


def _load_pair_products(stored: _StoredProducts) -> PairProducts:
    if any(abs(power) > _POWERS or sums.groups != stored.groups for power, sums in stored.scaled):
        raise ValueError("has other sums than products have")
    return PairProducts(dict(stored.scaled), stored.groups)


def _store_clusters(clusters: Clusters) -> _StoredClusters:
    whole = clusters.whole
    if whole is None:
        return _StoredClusters(np.empty((2, 0), np.uint64), ())
    return _StoredClusters(whole.keys, whole.sums)


def _load_clusters(stored: _StoredClusters) -> Clusters:
    keys, sums = stored.keys, stored.sums
    if not sums and keys.shape == (2, 0):
        return Clusters()
    shapes = keys.ndim == 2 and len(keys) == 2 and all(each.groups == keys.shape[1] for each in sums)
    if not shapes or len(sums) < 2 or not _is_rising(keys):
        raise ValueError("has other totals than clusters have")
    return Clusters((ClusterTotals(keys, sums),))


def _is_rising(keys: KeyArray) -> bool:
    """Whether pairs of numbers, one below the other, rise from left to right."""
    (before, low), (after, high) = keys[:, :-1], keys[:, 1:]
    return keys.shape[1] > 0 and bool(((before < after) | ((before == after) & (low < high))).all())


def _store_odds(odds: OddsCells) -> _StoredOdds:
    odds = odds.compact()
    return _StoredOdds(odds.totals, odds.exact, odds.limit)


def _store_rows(kept: KeptRows) -> _StoredRows:
    head = (kept.classes, kept.total, kept.level, kept.budget)
    if not kept.pieces:
        return _StoredRows(*head, np.empty(0, np.uint64), Rows(np.empty((kept.classes, 0)), None, None, None))
    places = np.concatenate([places_of(piece.keys) for piece in kept.pieces])
    order = np.argsort(places)
    return _StoredRows(*head, places[order], gather([piece.rows for piece in kept.pieces], order))


def _load_rows(stored: _StoredRows) -> KeptRows:
    empty = KeptRows.empty(stored.classes, stored.budget)
    return empty.holding(stored.rows, keys_at(stored.places), stored.total, stored.level)


# By class: the type that is stored in its place, the way there, and the way back or a ValueError.
_FORMS: dict[Any, tuple[Any, Callable[[Any], Any], Callable[[Any], Any]]] = {
    ExactSums: (_StoredSums, lambda sums: _StoredSums(*sums.digits()), _load_sums),
    ExactProducts: (tuple[tuple[int, ExactSums], ...], lambda products: products.scaled(), _load_products),
    PairProducts: (
        _StoredProducts,
        lambda products: _StoredProducts(products.groups, tuple(products.scaled())),
        _load_pair_products,
    ),
    Clusters: (_StoredClusters, _store_clusters, _load_clusters),
    OddsCells: (_StoredOdds, _store_odds, lambda odds: OddsCells(odds.totals, (), odds.exact, odds.limit)),
    KeptRows: (_StoredRows, _store_rows, _load_rows),
}
