"""The Dask engine: splits are scored on the workers of a Dask cluster, where their totals are merged as a tree.

Dask is loaded when the engine is used. It places the splits, moves totals between workers, and runs again what was
lost with a worker; as merging is exact, that changes no bit of the result.
"""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from xentcli.core.batch import Policy
from xentcli.engine.dask.cluster import (
    LOST,
    Client,
    completed,
    connected,
    quiet,
    reachable,
    refuse_no_dask,
    refuse_workers,
)
from xentcli.engine.dask.reopening import Description
from xentcli.engine.dask.splits import InputSplit, SharedWork, find_splits, merge_totals, score_split
from xentcli.engine.engine import Progress
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan, Totals
from xentcli.errors import AccessError
from xentcli.sources.source import Split, TextOptions

FAN_IN = 8  # totals that are merged at once: a billion rows in 4,000 splits are 4 merges deep
SPLIT_BYTES = 32 << 20  # of text: most of a second of work, which is worth the trip to another machine
SPLIT_ROWS = 1 << 18  # of Parquet, unless its row groups are larger
INFORMING = (
    1,
    2,
    3,
)  # depths whose first totals the splits after them know; more would gain little

_Task: TypeAlias = Any
_Future: TypeAlias = Any


class DaskEngine(Struct, frozen=True):
    """Workers of the cluster at `scheduler`; without one, processes of this machine, started for the purpose."""

    text: TextOptions  # how workers read what they open
    scheduler: str | None = None  # tcp://HOST:PORT
    workers: int | None = None  # processes to start; None: the cores given to this process
    progress: Progress | None = None

    def totals(self, inputs: Inputs, policy: Policy, plan: Plan) -> Totals:
        """Score all rows.

        Raises what the local engine raises, `RequestError` for an input that workers cannot open, for workers with
        other versions and where Dask is not installed, and `AccessError` where the scheduler cannot be reached.
        """
        refuse_no_dask()
        described = [Description.of(source, self.text) for source in inputs.sources]
        columns = list(dict.fromkeys(inputs.columns))
        work = SharedWork(columns, policy, plan, Totals.empty(inputs.first.class_count))
        with quiet(), connected(self.scheduler, self.workers) as client:
            refuse_workers(client)
            with reachable():
                splits = [
                    InputSplit(number, described[number], columns.index(inputs.columns[number]), split)
                    for number, found in enumerate(_splits(client, inputs, described))
                    for split in found
                ]
                return self._run(client, splits, work)

    def _run(self, client: Client, splits: Sequence[InputSplit], work: SharedWork) -> Totals:
        """Everything, merged. Raises the first failure in the order of the splits."""
        tree = _Tree(splits, work)
        *leaves, root = client.compute([*tree.leaves, tree.root], optimize_graph=False)
        failures = _failures(client, leaves, _Meter(splits, self.progress))
        if failures:
            raise failures[min(failures)]
        totals: Totals = root.result()
        return totals


def _splits(client: Client, inputs: Inputs, described: Sequence[Description]) -> Iterator[Iterable[Split]]:
    """The splits of each input. Workers look for those of long texts."""
    sizes = (SPLIT_BYTES, SPLIT_ROWS)
    asked = {
        number: client.submit(find_splits, described[number], *sizes, pure=False)
        for number, source in enumerate(inputs.sources)
        if (source.text_bytes or 0) > SPLIT_BYTES
    }
    found: dict[int, list[Split]] = client.gather(asked)
    for number, source in enumerate(inputs.sources):
        yield found[number] if number in found else source.splits(*sizes)


def _failures(client: Client, leaves: Sequence[_Future], meter: _Meter) -> dict[int, BaseException]:
    """Once all splits are done, or all before one that failed: their failures by number."""
    numbers = {future.key: number for number, future in enumerate(leaves)}
    waiting = set(range(len(leaves)))
    failures: dict[int, BaseException] = {}
    for future in completed(client, leaves):
        number = numbers[future.key]
        waiting.discard(number)
        if future.status == "finished":
            meter.add(number)
            future.release()  # its totals may go as soon as they are merged
        elif future.status == "error":
            failures[number] = _failure(future)
        else:
            raise AccessError("scheduler", LOST)
        if failures and not any(other < min(failures) for other in waiting):
            break
    return failures


def _failure(future: _Future) -> BaseException:
    from distributed.scheduler import KilledWorker

    error: BaseException = future.exception()
    if isinstance(error, KilledWorker):
        return AccessError("workers", "workers die while they score this", hint="do they have enough memory?")
    return error


class _Meter:
    """How far a run has come."""

    def __init__(self, splits: Sequence[InputSplit], progress: Progress | None) -> None:
        self._splits, self._progress = splits, progress
        sizes = {each.number: each.source.content.size or 1 for each in splits}
        self._weights = {number: size / sum(sizes.values()) for number, size in sizes.items()}
        self._rows, self._share = 0, 0.0

    def add(self, number: int) -> None:
        """A split is done."""
        each = self._splits[number]
        self._rows += each.split.rows
        self._share = min(1.0, self._share + each.split.share * self._weights[each.number])
        if self._progress is not None:
            self._progress(self._rows, self._share)


class _Tree:
    """The tasks of a run: a leaf for each split, merged as soon as FAN_IN totals of a depth are there.

    Given as bytes, tasks are not searched for tasks in them. Dask goes through such a graph depth first: it merges
    totals soon after they come to be, and few are held at any time. It knows the kinds of tasks by the first word
    of their keys, and spreads those that need little but themselves evenly.

    With a breakdown, the splits after the first FAN_IN begin with the identity of the totals of these, those after
    the first FAN_IN^2 again, and so on: where the first totals have 30 MB, the others have much less to be moved.
    """

    def __init__(self, splits: Sequence[InputSplit], work: SharedWork) -> None:
        from dask import delayed

        self._name = uuid.uuid4().hex  # results of other runs are not ours
        self._breakdown = work.plan.breakdown
        self._score, self._merge, self._inform, load = (
            delayed(function, pure=False)
            for function in (_score_packed, merge_totals, SharedWork.informed, pickle.loads)
        )
        self._work = load(pickle.dumps(work), dask_key_name=self._key("shared", 0))
        self._waiting: list[list[_Task]] = []  # by depth: totals that are not merged yet
        self._merges = 0
        self.leaves: list[_Task] = []
        for number, each in enumerate(splits):
            key = self._key("score", number)
            self.leaves.append(self._score(self._work, pickle.dumps(each), dask_key_name=key))
            self._add(self.leaves[-1], 0)
        self.root = self._rest()

    def _key(self, kind: str, number: int) -> str:
        return f"xent_{kind}-{self._name}-{number}"

    def _add(self, totals: _Task, depth: int) -> None:
        first = len(self._waiting) == depth
        self._waiting += [[]] * first
        self._waiting[depth] = [*self._waiting[depth], totals]
        if first and depth in INFORMING and self._breakdown:
            self._work = self._inform(self._work, totals, dask_key_name=self._key("shared", depth))
        if len(self._waiting[depth]) == FAN_IN:
            group, self._waiting[depth] = self._waiting[depth], []
            self._add(self._merged(group), depth + 1)

    def _merged(self, totals: list[_Task]) -> _Task:
        self._merges += 1
        return self._merge(totals, dask_key_name=self._key("merge", self._merges))

    def _rest(self) -> _Task:
        """What is not merged yet, from the leaves up."""
        rest: list[_Task] = []
        for totals in self._waiting:
            rest = [*totals, *rest]
            rest = [self._merged(rest)] if len(rest) > 1 else rest
        # Of one split, too: what a run waits for and lets go is not what it asks for at last.
        return rest[0] if len(self.leaves) > 1 else self._merged(rest)


def _score_packed(work: SharedWork, split: bytes) -> Totals:
    return score_split(work, pickle.loads(split))
