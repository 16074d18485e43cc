"""The local engine: chunks are read and scored on threads, and merged as they are done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from msgspec import Struct

from xentcli.core.batch import Policy
from xentcli.engine.engine import Meter, Progress
from xentcli.engine.inputs import Inputs
from xentcli.engine.scoring import BlockScorer, score_chunk
from xentcli.engine.totals import Plan, Totals
from xentcli.sources.source import Chunk

Job = TypeVar("Job")
Answer = TypeVar("Answer")


def available_threads() -> int:
    """The cores given to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalEngine(Struct, frozen=True):
    """Threads of this process."""

    threads: int | None = None  # None: the cores given to the process
    progress: Progress | None = None

    def totals(self, inputs: Inputs, policy: Policy, plan: Plan) -> Totals:
        """Score all rows; chunks are merged as they are done, so that few of their totals are held."""
        merged = Totals.empty(inputs.first.class_count)
        meter = Meter(inputs.sources, self.progress)

        def score(job: tuple[int, Chunk]) -> tuple[int, Chunk, Totals]:
            number, chunk = job
            scorer = BlockScorer(plan.first_input + number, inputs.columns[number], policy, plan)
            return number, chunk, score_chunk(chunk, scorer, merged)

        for number, chunk, totals in as_done(score, _jobs(inputs), self.threads or available_threads()):
            merged = merged.merge(totals)
            meter.add(number, chunk, totals)
        return merged


def _jobs(inputs: Inputs) -> Iterator[tuple[int, Chunk]]:
    """Every chunk, with the number of its input.

    What is read far faster than scored is read here, ahead of the threads: they then share even one row group
    evenly, and hold no more than a few blocks of it.
    """
    for number, (source, used) in enumerate(zip(inputs.sources, inputs.columns, strict=True)):
        for chunk in source.chunks(used.projection):
            yield from ((number, read) for read in chunk.read())


def as_done(work: Callable[[Job], Answer], jobs: Iterable[Job], threads: int) -> Iterator[Answer]:
    """`work` on each job, answers as they come; one job more than threads is held at most.

    The first failure in the order of the jobs is raised once all jobs before it are done; later ones are dropped.
    """
    if threads == 1:
        yield from map(work, jobs)
        return
    failures: list[tuple[int, Exception]] = []
    pending: dict[Future[Answer], int] = {}
    pool = ThreadPoolExecutor(threads)
    try:
        numbered = enumerate(_until_failure(jobs, failures))
        while True:
            while len(pending) <= threads and not failures and (job := next(numbered, None)) is not None:
                pending[pool.submit(work, job[1])] = job[0]
            if not pending:
                break
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                number = pending.pop(future)
                failure = None if future.cancelled() else future.exception()
                if isinstance(failure, Exception):
                    failures.append((number, failure))
                elif failure is not None:
                    raise failure
                elif not future.cancelled():
                    yield future.result()
            for future, number in pending.items():
                if failures and number > min(failures)[0]:
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
