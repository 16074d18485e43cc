"""The Dask engine: pieces are scored on the workers of a Dask cluster, where their states are merged as a tree.

Dask is loaded when the engine is used. It places the pieces, moves states between workers, and runs again what was
lost with a worker; as merging is exact, that changes no bit of the result.
"""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Sequence
from typing import Any, TypeAlias

from msgspec import Struct

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
from xentcli.engine.dask.pieces import (
    Piece,
    Scored,
    Shared,
    find_splits,
    merge_scored,
    score_piece,
)
from xentcli.engine.dask.reopening import Description
from xentcli.engine.engine import Progress, Total, Work
from xentcli.errors import AccessError
from xentcli.sources.source import Split, TextOptions

FAN_IN = 8  # states that are merged at once: a billion rows in 4,000 pieces are 4 merges deep
SPLIT_BYTES = 32 << 20  # of text: most of a second of work, which is worth the trip to another machine
SPLIT_ROWS = 1 << 18  # of Parquet, unless its row groups are larger
INFORMING = (1, 2, 3)  # depths of which the first state is told to the pieces after it; more would gain little

_Task: TypeAlias = Any
_Future: TypeAlias = Any


class DaskEngine(Struct, frozen=True):
    """Workers of the cluster at `scheduler`; without one, processes of this machine, started for the purpose."""

    text: TextOptions  # how workers read what they open
    scheduler: str | None = None  # tcp://HOST:PORT
    workers: int | None = None  # processes to start; None: the cores given to this process
    progress: Progress | None = None

    def total(self, work: Work) -> Total:
        """Score everything.

        Raises what the local engine raises, `RequestError` for an input that workers cannot open, for workers with
        other versions and where Dask is not installed, and `AccessError` where the scheduler cannot be reached.
        """
        refuse_no_dask()
        described = [Description.of(source, self.text) for source in work.sources]
        with quiet(), connected(self.scheduler, self.workers) as client:
            refuse_workers(client)
            with reachable():
                pieces, shared = _pieces(client, work, described)
                scored = _Run(client, pieces, shared, self.progress).result()
        return Total(scored.score, [scored.rows[number] for number in range(len(work.sources))])


def _pieces(client: Client, work: Work, described: Sequence[Description]) -> tuple[list[Piece], Shared]:
    """The work in pieces, in the order of the inputs. Workers look for the splits of long texts."""
    sizes = (SPLIT_BYTES, SPLIT_ROWS)
    asked = {
        number: client.submit(find_splits, described[number], *sizes, pure=False)
        for number, source in enumerate(work.sources)
        if (source.text_bytes or 0) > SPLIT_BYTES
    }
    found: dict[int, list[Split]] = client.gather(asked)
    columns = []
    pieces = []
    for number, (source, used) in enumerate(zip(work.sources, work.columns, strict=True)):
        if used not in columns:
            columns.append(used)
        of_source = found[number] if number in found else source.splits(*sizes)
        pieces += [Piece(number, described[number], columns.index(used), split) for split in of_source]
    return pieces, Shared(columns, work.policy, work.plan)


class _Run:
    """Pieces on their way through a cluster."""

    def __init__(self, client: Client, pieces: Sequence[Piece], shared: Shared, progress: Progress | None) -> None:
        self._client, self._pieces, self._progress = client, pieces, progress
        tree = _Tree(pieces, shared)
        *self._leaves, self._root = client.compute([*tree.leaves, tree.root], optimize_graph=False)

    def result(self) -> Scored:
        """Everything, merged. Raises the first failure in the order of the pieces."""
        failures = self._wait()
        if failures:
            raise failures[min(failures)]
        scored: Scored = self._root.result()
        return scored

    def _wait(self) -> dict[int, BaseException]:
        """Until all pieces are done, or all before one that failed: their failures by number."""
        numbers = {future.key: number for number, future in enumerate(self._leaves)}
        waiting = set(range(len(self._leaves)))
        failures: dict[int, BaseException] = {}
        meter = _Meter(self._pieces)
        for future in completed(self._client, self._leaves):
            number = numbers[future.key]
            waiting.discard(number)
            if future.status == "finished":
                meter.add(number)
                if self._progress is not None:
                    self._progress(meter.rows, meter.share)
                future.release()  # its state may go as soon as it is merged
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

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        sizes = {piece.number: piece.source.content.size or 1 for piece in pieces}
        self._weights = {number: size / sum(sizes.values()) for number, size in sizes.items()}
        self.rows = 0
        self.share = 0.0

    def add(self, number: int) -> None:
        """A piece is done."""
        piece = self._pieces[number]
        self.rows += piece.split.rows
        self.share = min(1.0, self.share + piece.split.share * self._weights[piece.number])


class _Tree:
    """The tasks of a run: a leaf for each piece, merged as soon as FAN_IN states of a depth are there.

    Given as bytes, tasks are not searched for tasks in them. Dask goes through such a graph depth first: it merges
    states soon after they come to be, and few are held at any time. It knows the kinds of tasks by the first word
    of their keys, and spreads those that need little but themselves evenly.

    With a breakdown, the first FAN_IN pieces tell those after them what all together no longer tell apart, the
    first FAN_IN^2 again, and so on: where the first states have 30 MB, the others have much less to be moved.
    """

    def __init__(self, pieces: Sequence[Piece], shared: Shared) -> None:
        from dask import delayed

        self._name = uuid.uuid4().hex  # results of other runs are not ours
        self._breakdown = shared.plan.breakdown
        self._score, self._merge, self._inform, load = (
            delayed(function, pure=False)
            for function in (_score_packed, merge_scored, Shared.informed, pickle.loads)
        )
        self._shared = load(pickle.dumps(shared), dask_key_name=self._key("shared", 0))
        self._waiting: list[list[_Task]] = []  # by depth: states that are not merged yet
        self._merges = 0
        self.leaves: list[_Task] = []
        for number, piece in enumerate(pieces):
            key = self._key("score", number)
            self.leaves.append(self._score(self._shared, pickle.dumps(piece), dask_key_name=key))
            self._add(self.leaves[-1], 0)
        self.root = self._rest()

    def _key(self, kind: str, number: int) -> str:
        return f"xent_{kind}-{self._name}-{number}"

    def _add(self, state: _Task, depth: int) -> None:
        first = len(self._waiting) == depth
        self._waiting += [[]] * first
        self._waiting[depth] = [*self._waiting[depth], state]
        if first and depth in INFORMING and self._breakdown:
            self._shared = self._inform(self._shared, state, dask_key_name=self._key("shared", depth))
        if len(self._waiting[depth]) == FAN_IN:
            group, self._waiting[depth] = self._waiting[depth], []
            self._add(self._merged(group), depth + 1)

    def _merged(self, states: list[_Task]) -> _Task:
        self._merges += 1
        return self._merge(states, dask_key_name=self._key("merge", self._merges))

    def _rest(self) -> _Task:
        """What is not merged yet, from the leaves up."""
        rest: list[_Task] = []
        for states in self._waiting:
            rest = [*states, *rest]
            rest = [self._merged(rest)] if len(rest) > 1 else rest
        # Of one piece, too: what a run waits for and lets go is not what it asks for at last.
        return rest[0] if len(self.leaves) > 1 else self._merged(rest)


def _score_packed(shared: Shared, piece: bytes) -> Scored:
    return score_piece(shared, pickle.loads(piece))
