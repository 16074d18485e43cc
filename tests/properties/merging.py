"""The laws of merging, and files of cases whose states are merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Protocol, Self, TypeVar

import numpy as np
import pyarrow as pa

from tests.properties.strategies import KINDS, Case
from xentcli import State, score
from xentcli.results.score import ScoreResult

SLICED: dict[str, Any] = {"by": ["site", "part"], "bins": {"part": [3.0, 4.0]}, "cluster": "user"}


class Mergeable(Protocol):
    """What has a sum."""

    def merge(self, other: Self, /) -> Self: ...


Part = TypeVar("Part", bound=Mergeable)


def assert_merging_laws(a: Part, b: Part, c: Part, empty: Part) -> None:
    """Merging is commutative and associative with identity."""
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(empty) == a == empty.merge(a)


def merge_as_a_tree(states: Sequence[State], random: Random) -> State:
    """All states, in some order, as a tree of merges, some of them read back from bytes."""
    left = list(states)
    random.shuffle(left)
    while len(left) > 1:
        some = [left.pop(random.randrange(len(left))) for _ in range(random.randint(0, len(left)))]
        merged = State.merge(some)
        left.append(State.from_bytes(bytes(merged)) if random.random() < 0.5 else merged)
    return left[0]


def merged_as_a_tree(parts: Sequence[Part], random: np.random.Generator) -> Part:
    """All parts, merged two by two as it happens."""
    left = list(parts)
    while len(left) > 1:
        one, two = (left.pop(int(random.integers(len(left)))) for _ in range(2))
        left.append(one.merge(two))
    return left[0]


def columns_of(case: Case) -> dict[str, list[Any]]:
    """The columns of a case: y or t0, t1, ...; c0, c1, ...; and w if it has weights."""
    labels = {f"t{k}": column for k, column in enumerate(case.labels.T)} if case.soft else {"y": case.labels}
    columns = {name: column.tolist() for name, column in labels.items()}
    columns |= {f"c{k}": column.tolist() for k, column in enumerate(case.scores.T)}
    return columns if case.weights is None else columns | {"w": case.weights.tolist()}


def options_of(case: Case) -> dict[str, Any]:
    """What says which column of a case is what."""
    count = case.scores.shape[1]
    given: dict[str, Any] = {KINDS[case.kind]: [f"c{k}" for k in range(count)]}
    given |= {"target": [f"t{k}" for k in range(count)]} if case.soft else {"label": "y"}
    classes = [str(k) for k in range(count)] if count > 1 else None
    return {"weight": None if case.weights is None else "w", "classes": classes, **given}


def write_csv(case: Case, path: Path, more: Mapping[str, Sequence[Any]] | None = None, *, end: str = "\n") -> Path:
    """A file of the rows of a case, and of more columns."""
    columns = {**columns_of(case), **(more or {})}
    lines = [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    path.write_text("\n".join([",".join(columns), *lines]) + end)
    return path


def more_columns(rows: Sequence[int]) -> dict[str, Sequence[Any]]:
    """The site, the part and the user of rows of these numbers."""
    return {
        "site": ["abc"[row * 7 % 3] for row in rows],
        "part": [float(row * 5 % 4 + 2) for row in rows],
        "user": [f"u{row * 11 % 6}" for row in rows],
    }


def write_shard(case: Case, rows: Sequence[int], path: Path) -> Path:
    """A file of these rows of a case, with more columns."""
    return write_csv(case.take(list(rows)), path, more_columns(rows))


def table_of(case: Case) -> pa.Table:
    """All rows of a case, with more columns."""
    return pa.table({**columns_of(case), **more_columns(range(case.rows))})


class Shards:
    """Files of the rows of a case, each scored apart."""

    def __init__(self, folder: Path, case: Case, shard_of: Sequence[int], **options: Any) -> None:
        self.options = {**options_of(case), **options}
        groups = [np.flatnonzero(np.array(shard_of) == k).tolist() for k in range(max(shard_of) + 1)]
        self.files = [write_shard(case, rows, folder / f"{k}.csv") for k, rows in enumerate(groups) if rows]
        self.folder = folder

    def save(self, *, numbered: bool = False) -> list[Path]:
        """The states of all."""
        states = [self.folder / f"{file.name}.json" for file in self.files]
        for number, (file, state) in enumerate(zip(self.files, states, strict=True)):
            score(file, save_state=state, shard=number if numbered else None, **self.options)
        return states

    def whole(self, order: Sequence[int]) -> ScoreResult:
        """The result of all files at once."""
        return score([self.files[k] for k in order], **self.options)
