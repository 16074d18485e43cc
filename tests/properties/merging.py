"""The laws of merging, and files of cases whose states are merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import numpy as np

from tests.properties.strategies import KINDS, Case
from xentcli import score
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


def write_shard(case: Case, rows: Sequence[int], path: Path) -> Path:
    """A file of these rows of a case, each with a site, a part and a user that hang on its number alone."""
    more: dict[str, Sequence[Any]] = {
        "site": ["abc"[row * 7 % 3] for row in rows],
        "part": [float(row * 5 % 4 + 2) for row in rows],
        "user": [f"u{row * 11 % 6}" for row in rows],
    }
    return write_csv(case.take(list(rows)), path, more)


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
