"""Parts on threads: answers and failures come in the order of the parts."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from xentcli.engine.local import in_order


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_answers_come_in_the_order_of_the_jobs(threads: int) -> None:
    def work(job: int) -> int:
        time.sleep(0.001 * (job % 3))
        return job * job

    assert list(in_order(work, range(20), threads)) == [job * job for job in range(20)]


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
        list(in_order(work, range(9) if end == "job" else jobs(), threads))


@pytest.mark.parametrize("threads", [1, 2])
def test_what_ends_the_jobs_is_raised_after_their_answers(threads: int) -> None:
    def jobs() -> Iterator[int]:
        yield from range(3)
        raise OSError("no more jobs")

    answers = in_order(str, jobs(), threads)
    assert [next(answers) for _ in range(3)] == ["0", "1", "2"]
    with pytest.raises(OSError, match="no more jobs"):
        next(answers)
