"""The local engine: chunks are read and scored on threads, and merged as they are done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from xentcli.columns.columns import Columns
from xentcli.core.batch import Policy
from xentcli.core.kept_room import RoomsTogether
from xentcli.engine.engine import Meter, Progress, Threaded
from xentcli.engine.inputs import Inputs
from xentcli.engine.scoring import BlockScorer, add_blocks
from xentcli.engine.totals import Plan, Totals
from xentcli.sources.source import Block, Chunk

if TYPE_CHECKING:
    from concurrent.futures import Future

    from xentcli.sources.delimited.joined import JoinedTexts

_LONG = 1 << 17  # rows of a chunk that is scored block by block: so what counts progress hears of each
_MOST_KINDS = 4  # of columns whose scorers are kept
_REMOTE_THREADS = 8  # a row group of a few megabytes takes a store as long to find as to send
_SMALL = 1 << 18  # bytes of files whose chunks are scored as one job

Job = TypeVar("Job")
Answer = TypeVar("Answer")


def available_threads() -> int:
    """The cores given to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Chunks:
    """A job: chunks with the numbers of their inputs, several small ones or one; a long one a block at a time."""

    def __init__(self, chunks: Sequence[tuple[int, Chunk]]) -> None:
        self.chunks = chunks
        self.goes_on = len(chunks) == 1 and (chunks[0][1].rows or 0) > _LONG  # there may be more blocks
        self._blocks = ((number, block) for number, chunk in chunks for block in chunk.blocks())

    def blocks(self) -> Iterator[tuple[int, Block]]:
        """Its blocks, or the next of them, with the numbers of their inputs."""
        return islice(self._blocks, 1) if self.goes_on else self._blocks


class LocalEngine(Struct, frozen=True):
    """Threads of this process."""

    threads: int | None = None  # None: the cores given to the process
    progress: Progress | None = None

    def totals(self, inputs: Inputs, policy: Policy, plan: Plan) -> Totals:
        """Score all rows. Each thread adds up what it scores; findings are merged as jobs are done."""
        merged = Totals.empty(inputs.first.class_count)
        meter = Meter(inputs.sources, self.progress)
        scorers = _Scorers(policy, plan)

        def score(job: _Chunks) -> tuple[_Chunks, Totals]:
            lent: dict[int, BlockScorer] = {}
            blocks = (
                (scorers.lend(lent, number, inputs.columns[number]), block) for number, block in job.blocks()
            )
            totals = scorers.take_back(lent, add_blocks(blocks, merged.identity()))
            job.goes_on = job.goes_on and bool(totals.rows)
            return job, totals

        threads = 1 if _is_one_job(inputs) else self.threads or _default_threads(inputs)
        for job, totals in as_done(score, _jobs(inputs, plan), threads, attrgetter("goes_on")):
            merged = merged.merge(totals)
            meter.add(job.chunks, totals)
        return scorers.finish(merged)

    def compare(self, models: Threaded[Answer]) -> Answer:
        """Score all rows by every model, and compare them."""
        return models.totals(self.threads or available_threads(), self.progress)


def _default_threads(inputs: Inputs) -> int:
    """The cores given to the process; more where threads mostly wait for a network."""
    remote = any(source.is_remote for source in inputs.sources)
    return max(available_threads(), _REMOTE_THREADS if remote else 1)


def _is_one_job(inputs: Inputs) -> bool:
    """Whether all there is to read is a small text."""
    return len(inputs.sources) == 1 and (inputs.sources[0].text_bytes or _SMALL + 1) <= _SMALL


class _Scorers:
    """Scorers, each for one thread at a time, which go on where they were: as many as are needed at once.

    Those of a few kinds of columns are kept until the end. Files may differ in their columns each from each: what
    other scorers hold is taken from them after each job.
    """

    def __init__(self, policy: Policy, plan: Plan) -> None:
        self._policy, self._plan = policy, plan
        self._free: dict[int, list[BlockScorer]] = {}  # by which columns they read
        self._rooms = RoomsTogether()

    def lend(self, lent: dict[int, BlockScorer], number: int, columns: Columns) -> BlockScorer:
        """The scorer of an input; `lent` are those that the job has already."""
        scorer = lent.get(id(columns))
        if scorer is None:
            try:
                scorer = self._free[id(columns)].pop()
            except (KeyError, IndexError):
                scorer = BlockScorer(0, columns, self._policy, self._plan, rooms=self._rooms)
            lent[id(columns)] = scorer
        scorer.number = self._plan.first_input + number
        return scorer

    def take_back(self, lent: dict[int, BlockScorer], totals: Totals) -> Totals:
        """The totals of the job, with what those scorers hold that are not kept."""
        for columns, scorer in lent.items():
            if columns in self._free or len(self._free) < _MOST_KINDS:
                self._free.setdefault(columns, []).append(scorer)
            else:
                totals = scorer.finish(totals)
        return totals

    def finish(self, totals: Totals) -> Totals:
        """The totals with all that was scored."""
        for scorer in chain.from_iterable(self._free.values()):
            totals = scorer.finish(totals)
        return totals


def _jobs(inputs: Inputs, plan: Plan) -> Iterator[_Chunks]:
    """Every chunk, with the number of its input.

    Those of small files come many at a time: each is merged with few others, and they with all. The last, if it is
    read faster than scored, is read here, ahead of the threads: they share its blocks, so none is idle at the end,
    nor with a single row group. The threads read the others, each its own.
    """
    held: list[tuple[int, Chunk]] = []  # small ones, or one that may be the last
    room = _SMALL  # bytes that small ones may still have
    try:
        for chunks, size in _chunks(inputs, plan):
            if held and size >= room:
                yield _Chunks(held)
                held, room = [], _SMALL
            held += chunks
            room -= size
            if room <= 0 and chunks[0][1].rows is None:
                yield _Chunks(held)
                held, room = [], _SMALL
    except Exception:  # whatever ends the chunks is raised again
        if held:  # what is wrong with them comes first
            yield _Chunks(held)
        raise
    if len(held) == 1 and room <= 0:
        [(number, chunk)] = held
        yield from (_Chunks([(number, read)]) for read in chunk.read())
    elif held:
        yield _Chunks(held)


def _chunks(inputs: Inputs, plan: Plan) -> Iterator[tuple[list[tuple[int, Chunk]], int]]:
    """Every chunk, with the number and the bytes of its input; those of inputs that are read as one together."""
    joiner: JoinedTexts | None = None
    first = 0
    for number, (source, used) in enumerate(zip(inputs.sources, inputs.columns, strict=True)):
        if joiner is not None:
            if used is inputs.columns[first] and joiner.add(source):
                continue
            yield [*enumerate(joiner.chunks(), first)], _SMALL
        joiner, first = _joiner(inputs, number, plan), number
        if joiner is not None:
            continue
        size = source.size if source.size is not None else _SMALL
        for chunk in source.chunks(used.projection):
            yield [(number, chunk)], size
    if joiner is not None:
        yield [*enumerate(joiner.chunks(), first)], _SMALL


def _joiner(inputs: Inputs, number: int, plan: Plan) -> JoinedTexts | None:
    """What joins an input with those behind it; None where it stands alone, or a row's number in it is wanted."""
    source, used = inputs.sources[number], inputs.columns[number]
    if source.format != "csv" or len(inputs.sources) == 1 or plan.worst or plan.folds or used.keys.where:
        return None
    from xentcli.sources.delimited.joined import JoinedTexts

    joiner = JoinedTexts(used.projection)
    return joiner if joiner.add(source) else None


def as_done(
    work: Callable[[Job], Answer],
    jobs: Iterable[Job],
    threads: int,
    goes_on: Callable[[Job], bool] = lambda _: False,
) -> Iterator[Answer]:
    """`work` on each job, answers as they come; one job more than threads is held at most.

    A job that goes on after its answer is worked on again; as that keeps its thread busy, no job waits beside it.
    The first failure in the order of the jobs is raised once all jobs before it are done; later ones are dropped.
    """
    if threads == 1:
        for job in jobs:
            yield work(job)
            while goes_on(job):
                yield work(job)
        return
    from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait  # which load logging

    failures: list[tuple[int, Exception]] = []
    pending: dict[Future[Answer], tuple[int, Job]] = {}
    pool = ThreadPoolExecutor(threads)

    def has_room() -> bool:
        return len(pending) + any(goes_on(job) for _, job in pending.values()) <= threads and not failures

    def is_dropped(number: int) -> bool:
        return bool(failures) and number > min(failures)[0]

    try:
        numbered = enumerate(_until_failure(jobs, failures))
        while True:
            while has_room() and (following := next(numbered, None)) is not None:
                pending[pool.submit(work, following[1])] = following
            if not pending:
                break
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                number, job = pending.pop(future)
                failure = None if future.cancelled() else future.exception()
                if isinstance(failure, Exception):
                    failures.append((number, failure))
                elif failure is not None:
                    raise failure
                elif not future.cancelled():
                    if goes_on(job) and not is_dropped(number):
                        pending[pool.submit(work, job)] = number, job
                    yield future.result()
            for future, (number, _) in pending.items():
                if is_dropped(number):
                    future.cancel()
        if failures:
            raise min(failures)[1]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # after Ctrl-C nobody waits for a long job


def _until_failure(jobs: Iterable[Job], failures: list[tuple[int, Exception]]) -> Iterator[Job]:
    """The jobs. What ends them early is kept: the failure of a job before it is the first."""
    count = 0
    try:
        for job in jobs:
            yield job
            count += 1
    except Exception as failure:  # of whatever kind, it is raised in its turn
        failures.append((count, failure))
