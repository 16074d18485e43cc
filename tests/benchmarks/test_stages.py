"""The stages of a profile are all found, and are all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.forms import BY_NAME
from tests.benchmarks.stages import FORMS, READING, STAGES, WHOLE, profiled


@pytest.mark.parametrize("name", FORMS)
def test_every_stage_has_its_time_and_together_they_are_the_whole(name: str, tmp_path: Path) -> None:
    form = BY_NAME[name]
    small, large = (str(form.made(tmp_path, rows)) for rows in (1000, 2000))
    seconds = profiled(small, large)
    assert list(seconds) == [WHOLE, READING, *STAGES]
    assert all(each > 0 for each in seconds.values())
    assert sum(seconds[stage] for stage in (READING, *STAGES)) == pytest.approx(seconds[WHOLE])
