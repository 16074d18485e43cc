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
from xentcli.engine.comparing.models import Models, ModelTotals, Part
from xentcli.engine.dask.cluster import (
    LOST,
    Client,
    completed,
    connected,
    failure_of,
    quiet,
    reachable,
    refuse_no_dask,
    refuse_workers,
    result_of,
)
from xentcli.engine.dask.models import (
    ModelParts,
    ModelSplit,
    SharedModels,
    refuse_matched,
    refuse_other_counts,
    with_first_rows,
)
from xentcli.engine.dask.reopening import Description
from xentcli.engine.dask.splits import InputSplit, SharedWork, find_splits, merge_totals
from xentcli.engine.engine import Progress
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan, Totals
from xentcli.errors import AccessError
from xentcli.sources.source import Source, Split, TextOptions

FAN_IN = 8  # totals that are merged at once: a billion rows in 4,000 splits are 4 merges deep
SPLIT_BYTES = 32 << 20  # of text: most of a second of work, which is worth the trip to another machine
SPLIT_ROWS = 1 << 18  # of Parquet, unless its row groups are larger
INFORMING = (
    1,
    2,
    3,
)  # depths whose first totals the splits after them know; more would gain little

AnySplit: TypeAlias = InputSplit | ModelSplit
Work: TypeAlias = SharedWork | SharedModels[Any]
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
                    for number, found in enumerate(_splits(client, inputs.sources, described))
                    for split in found
                ]
                totals: Totals = self._run(client, splits, work)
                return totals

    def compare(self, models: Models[Part]) -> ModelTotals[Part]:
        """Score all rows by every model.

        Raises as `totals`, and `RequestError` for rows of several files that one machine must bring together.
        """
        refuse_no_dask()
        pairing = models.pairing
        refuse_matched(pairing)
        described = [Description.of(source, self.text) for source in pairing.streamed]
        others = tuple(Description.of(source, self.text) for source in pairing.others)
        work = SharedModels.of(models, others)
        with quiet(), connected(self.scheduler, self.workers) as client:
            refuse_workers(client)
            with reachable():
                found = [list(each) for each in _splits(client, pairing.streamed, described)]
                if pairing.matchers:
                    refuse_other_counts(pairing, found)
                splits = [
                    ModelSplit(number, described[number], split, first)
                    for number, split, first in with_first_rows(found)
                ]
                parts: ModelParts[Part] = self._run(client, splits, work)
        parts.end(pairing, found)
        return parts.totals

    def _run(self, client: Client, splits: Sequence[AnySplit], work: Work) -> Any:
        """Everything, merged. Raises the first failure in the order of the splits."""
        tree = _Tree(splits, work)
        *leaves, root = client.compute([*tree.leaves, tree.root], optimize_graph=False)
        failures = _failures(client, leaves, _Meter(splits, self.progress))
        if failures:
            raise failures[min(failures)]
        return result_of(client, root)


def _splits(
    client: Client, sources: Sequence[Source], described: Sequence[Description]
) -> Iterator[Iterable[Split]]:
    """The splits of each input. Workers look for those of long texts."""
    sizes = (SPLIT_BYTES, SPLIT_ROWS)
    asked = {
        number: client.submit(find_splits, described[number], *sizes, pure=False)
        for number, source in enumerate(sources)
        if (source.text_bytes or 0) > SPLIT_BYTES
    }
    for number, source in enumerate(sources):
        yield result_of(client, asked[number]) if number in asked else source.splits(*sizes)


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
            failures[number] = failure_of(future)
        else:
            raise AccessError("scheduler", LOST)
        if failures and not any(other < min(failures) for other in waiting):
            break
    return failures


class _Meter:
    """How far a run has come."""

    def __init__(self, splits: Sequence[AnySplit], progress: Progress | None) -> None:
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

    def __init__(self, splits: Sequence[AnySplit], work: Work) -> None:
        from dask import delayed

        self._name = uuid.uuid4().hex  # results of other runs are not ours
        self._informing = work.informing
        self._score, self._merge, self._inform, load = (
            delayed(function, pure=False)
            for function in (_score_packed, merge_totals, type(work).informed, pickle.loads)
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
        if first and depth in INFORMING and self._informing:
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


def _score_packed(work: Work, split: bytes) -> Any:
    return work.score(pickle.loads(split))
