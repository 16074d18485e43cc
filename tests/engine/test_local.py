"""Jobs on threads: all answers come, and the first failure in the order of the jobs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from operator import attrgetter

import pytest

from xentcli.engine.local import as_done


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_job_is_answered_once(threads: int) -> None:
    def work(job: int) -> int:
        time.sleep(0.001 * (job % 3))
        return job * job

    assert sorted(as_done(work, range(20), threads)) == [job * job for job in range(20)]


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("end", ["job", "jobs"])
def test_the_first_failure_is_raised(threads: int, end: str) -> None:
    def work(job: int) -> int:
        time.sleep(0.002)
        if job >= 3:
            raise ValueError(f"job {job}")
        return job

    def jobs() -> Iterator[int]:
        yield from range(4)
        raise OSError("no more jobs")

    with pytest.raises(ValueError, match="job 3"):
        list(as_done(work, range(9) if end == "job" else jobs(), threads))


@pytest.mark.parametrize("threads", [1, 2])
def test_what_ends_the_jobs_is_raised_after_their_answers(threads: int) -> None:
    def jobs() -> Iterator[int]:
        yield from range(3)
        raise OSError("no more jobs")

    answers = as_done(str, jobs(), threads)
    assert {next(answers) for _ in range(3)} == {"0", "1", "2"}
    with pytest.raises(OSError, match="no more jobs"):
        next(answers)


@pytest.mark.parametrize("later", [0.0, 0.02])
def test_a_failure_waits_for_the_jobs_before_it(later: float) -> None:
    def work(job: int) -> int:
        time.sleep(0.01 if job == 0 else later)
        if job < 3:
            raise ValueError(f"job {job}")
        return job

    with pytest.raises(ValueError, match="job 0"):
        list(as_done(work, range(9), 3))


def test_few_jobs_are_held() -> None:
    taken: list[int] = []

    def jobs() -> Iterator[int]:
        for job in range(20):
            taken.append(job)
            yield job

    for done, _ in enumerate(as_done(abs, jobs(), 2), 1):
        assert len(taken) <= done + 2


class Counter:
    """A job of so many goes."""

    def __init__(self, number: int, goes: int) -> None:
        self.number, self.left = number, goes

    @property
    def goes_on(self) -> bool:
        return self.left > 0

    def count(self) -> tuple[int, int]:
        self.left -= 1
        return self.number, self.left


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_job_goes_on_until_it_is_done(threads: int) -> None:
    jobs = (Counter(number, 1 + number % 4) for number in range(9))
    found = sorted(as_done(Counter.count, jobs, threads, attrgetter("goes_on")))
    assert found == sorted((number, left) for number in range(9) for left in range(1 + number % 4))


def test_jobs_that_go_on_leave_no_thread_for_others() -> None:
    taken: list[Counter] = []

    def jobs() -> Iterator[Counter]:
        for number in range(6):
            taken.append(Counter(number, 5))
            yield taken[-1]

    for _ in as_done(Counter.count, jobs(), 2, attrgetter("goes_on")):
        assert sum(job.goes_on for job in taken) <= 2


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_failure_ends_the_jobs_after_it_and_not_those_before(threads: int) -> None:
    def work(job: Counter) -> tuple[int, int]:
        time.sleep(0.002)
        if (job.number, job.left) in ((0, 1), (1, 5), (2, 5)):
            raise ValueError(f"job {job.number}")
        return job.count()

    endless = iter(Counter(number, 5 if number < 3 else 1 << 30) for number in range(4))
    with pytest.raises(ValueError, match="job 0"):
        list(as_done(work, endless, threads, attrgetter("goes_on")))
