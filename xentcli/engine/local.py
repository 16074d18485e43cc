"""The local engine: parts are read and scored on threads, a few ahead, and merged in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from xentcli.data.source import Part
from xentcli.engine.running import Meter, Progress, Total, Work
from xentcli.engine.scoring import PartScore, score_part

Job = TypeVar("Job")
Answer = TypeVar("Answer")


def available_threads() -> int:
    """The cores given to this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class LocalEngine:
    """Threads of this process."""

    threads: int | None = None  # None: the cores given to the process
    progress: Progress | None = None

    def total(self, work: Work) -> Total:
        """Score everything; parts are merged as they come, so that few of their states are held."""
        merged = PartScore.empty(work.columns[0].class_count)
        rows = [0] * len(work.sources)
        meter = Meter(work.sources)

        def scored(job: tuple[int, Part]) -> tuple[int, Part, PartScore]:
            number, part = job
            counted = work.plan.first_input + number
            return number, part, score_part(counted, part, work.columns[number], work.policy, work.plan, merged)

        for number, part, score in in_order(scored, _jobs(work), self.threads or available_threads()):
            merged = merged.merge(score)
            rows[number] += score.tally.rows
            if self.progress is not None:
                meter.add(number, part, score.tally.rows)
                self.progress(meter.rows, meter.share)
        return Total(merged, rows)


def _jobs(work: Work) -> Iterator[tuple[int, Part]]:
    """Every part, with the number of its input."""
    for number, (source, used) in enumerate(zip(work.sources, work.columns, strict=True)):
        yield from ((number, part) for part in source.parts(used.wanted))


def in_order(work: Callable[[Job], Answer], jobs: Iterable[Job], threads: int) -> Iterator[Answer]:
    """`work` on each job, answers in the order of the jobs; at most 2 x threads jobs are held at once.

    The first failure, in the order of the jobs, is raised; the jobs not begun by then are dropped.
    """
    if threads == 1:
        yield from map(work, jobs)
        return
    failures: list[Exception] = []
    pending: deque[Future[Answer]] = deque()
    pool = ThreadPoolExecutor(threads)
    try:
        for job in _until_failure(jobs, failures):
            pending.append(pool.submit(work, job))
            if len(pending) >= 2 * threads:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
        if failures:
            raise failures[0]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # after Ctrl-C nobody waits for a long job


def _until_failure(jobs: Iterable[Job], failures: list[Exception]) -> Iterator[Job]:
    """The jobs. What ends them early is kept: the failure of a job before it is the first."""
    try:
        yield from jobs
    except Exception as failure:  # of whatever kind, it is raised in its turn
        failures.append(failure)
