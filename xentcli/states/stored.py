"""What is stored in the place of a run, and states as a head of JSON and arrays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import reduce
from typing import Any

import msgspec
from msgspec import Struct

from xentcli.columns.columns import Columns
from xentcli.core.batch import Policy
from xentcli.core.clusters import Clusters
from xentcli.core.numbers.standard_errors import ClassErrors
from xentcli.decoding.groups import Slice
from xentcli.decoding.tally import Entry, Tally
from xentcli.engine.documents import Documents
from xentcli.engine.slices import SliceKey, Slices, SliceState
from xentcli.engine.totals import NO_ERRORS, Plan, Totals
from xentcli.engine.worst import Worst
from xentcli.errors import Notice
from xentcli.results.result import InputInfo
from xentcli.states.arrays import ArrayForm, Malformed, array_bytes, arrays_of
from xentcli.states.container import LENGTH
from xentcli.states.forms import each_of
from xentcli.states.packing import FORMS, Packer, Unpacker
from xentcli.states.run import Run, Shard

_OF_THE_WHOLE = ("unused_ignore_label",)  # notices that a part cannot know


class StoredDocuments(Struct, frozen=True):
    """What `Documents` hold: names, ascending, and their totals."""

    names: tuple[str, ...]
    sums: Clusters
    too_many: bool

    @classmethod
    def of(cls, documents: Documents) -> StoredDocuments:
        """To be stored."""
        return cls(tuple(sorted(documents.names)), documents.sums, documents.too_many)

    def load(self) -> Documents:
        """As they were; raises `Malformed` where names and totals are of other documents."""
        found = Documents(frozenset(self.names), self.sums, self.too_many)
        if not found.fit():
            raise Malformed("state.merged.documents", "does not fit the rest")
        return found


class StoredRun(Struct, frozen=True):
    """What a `Run` holds; gradients do not belong to it."""

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
    entries: tuple[tuple[str, str, Entry], ...]  # code, subject or "", and what was counted, ascending
    labels: tuple[tuple[int, str], ...]  # ascending
    slices: tuple[tuple[int, Slice], ...]  # number of the set, and values
    states: tuple[SliceState, ...]  # of all rows, then of each slice: what they add up to
    clustered: int | None  # a set of slices whose clusters add up to those of all rows, which are not stored again
    too_many: tuple[int, ...]
    filtered: int
    documents: StoredDocuments
    empty_parts: int
    class_errors: ClassErrors | None  # None of soft labels, and of tokens
    worst: Worst  # of xent worst; it has no row otherwise

    @classmethod
    def of(cls, run: Run) -> StoredRun:
        """To be stored: equal runs are equal in the file."""
        totals = run.totals
        slices = totals.slices.as_coarse_as(totals.state).states  # so that they are of rows that the whole has
        keys = sorted(slices, key=repr)
        clustered = next((number for number, _ in keys if _adds_up(slices, number, totals.clusters)), None)
        clusters = totals.clusters if clustered is None else Clusters()
        whole = SliceState(totals.state, clusters, totals.row_means)
        return cls(
            **{name: getattr(run, name) for name in _SAME_FIELDS if name != "notices"},
            notices=tuple(notice for notice in run.notices if notice.code not in _OF_THE_WHOLE),
            numbered=run.numbered,
            breakdown=run.plan.breakdown,
            rows=sum(totals.rows.values()),
            entries=tuple(sorted((code, of or "", entry) for (code, of), entry in totals.tally.entries.items())),
            labels=tuple(sorted(totals.labels)),
            slices=tuple(keys),
            states=(whole, *(slices[key] for key in keys)),
            clustered=clustered,
            too_many=tuple(sorted(totals.slices.too_many)),
            filtered=totals.filtered,
            documents=StoredDocuments.of(totals.documents),
            class_errors=None if totals.class_errors is NO_ERRORS else totals.class_errors,
            worst=totals.worst,
        )

    def load(self) -> Run:
        """As it was; raises `Malformed` where something stands twice, or rows do not add up."""
        rows = {number: each.rows for number, each in zip(self.numbers, self.inputs, strict=False)}
        entries = {(code, of or None): entry for code, of, entry in self.entries}
        if len(entries) < len(self.entries) or not len({*self.slices}) == len(self.slices) == len(self.states) - 1:
            raise Malformed("state", "has a key twice")
        if self.rows != sum(each.rows for each in self.inputs):
            raise Malformed("state.merged.tally", "does not fit the rest")
        whole, *states = self.states
        slices = dict(zip(self.slices, states, strict=True))
        totals = Totals(
            whole.score,
            rows,
            Tally(entries),
            frozenset(self.labels),
            Slices(slices, frozenset(self.too_many)),
            whole.clusters if self.clustered is None else _clusters_of(slices, self.clustered),
            worst=self.worst,
            filtered=self.filtered,
            documents=self.documents.load(),
            class_errors=NO_ERRORS if self.class_errors is None else self.class_errors,
            row_means=whole.row_means,
        )
        shard = min(self.numbers, default=0) if self.numbered else None
        plan = Plan(breakdown=self.breakdown, worst=self.worst.most, shard=shard)
        return Run(plan=plan, totals=totals, **{name: getattr(self, name) for name in _SAME_FIELDS})


def _clusters_of(slices: Mapping[SliceKey, SliceState], number: int) -> Clusters:
    """What the clusters of the slices of a set add up to."""
    parts = (state.clusters for (of, _), state in slices.items() if of == number)
    return reduce(Clusters.merge, parts, Clusters())


def _adds_up(slices: Mapping[SliceKey, SliceState], number: int, clusters: Clusters) -> bool:
    return clusters.count > 0 and _clusters_of(slices, number) == clusters


_SAME_FIELDS = [name for name in Run.__struct_fields__ if name not in ("plan", "totals")]
FORMS[Run] = each_of(StoredRun, StoredRun.of, StoredRun.load)


def to_bytes(value: Any, kind: Any, **head: Any) -> bytes:
    """A value of the type `kind`, and more that JSON can hold for its `head`: its length, the head, and arrays."""
    packer = Packer()
    state = packer.pack(kind, [value])
    forms, arrays = zip(*map(array_bytes, packer.arrays), strict=True) if packer.arrays else ((), ())
    text = json.dumps({**head, "state": state, "arrays": forms}, separators=(",", ":")).encode()
    return b"".join([len(text).to_bytes(LENGTH, "little"), text, *arrays])


def head_of(content: bytes) -> tuple[dict[str, Any], memoryview]:
    """(The head, the bytes of the arrays) of what `to_bytes` gave; raises `Malformed`."""
    end = LENGTH + int.from_bytes(content[:LENGTH], "little")
    try:
        head = json.loads(content[LENGTH:end], parse_constant=_constant)
    except (ValueError, RecursionError) as fault:
        raise Malformed("head", f"is not JSON: {fault}") from None
    if not isinstance(head, dict):
        raise Malformed("head", "is no object")
    return head, memoryview(content)[end:]


def from_bytes(kind: Any, head: dict[str, Any], data: memoryview) -> Any:
    """The value of the type `kind` that has this head and these arrays; raises `Malformed`."""
    try:
        arrays = arrays_of(msgspec.convert(head.get("arrays"), list[ArrayForm]), data)
        [value] = Unpacker(arrays).unpack(kind, head.get("state"), 1)
    except Malformed:
        raise
    except (ValueError, IndexError, OverflowError, RecursionError) as fault:
        raise Malformed("state", str(fault)) from None
    return value


_INFINITE = {"Infinity": float("inf"), "-Infinity": float("-inf")}


def _constant(name: str) -> float:
    if name not in _INFINITE:
        raise ValueError(f"{name} is no number")
    return _INFINITE[name]
