"""Jobs on threads: all answers come, and the first failure in the order of the jobs."""

from __future__ import annotations

import time
from collections.abc import Iterator

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
