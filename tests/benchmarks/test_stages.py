"""The stages of a profile are all found, and are all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.stages import FORMS, stages


def test_every_stage_has_its_time_and_together_they_are_the_whole(tmp_path: Path) -> None:
    header, *lines = stages(tmp_path, 0.01, 1)
    assert [line[0] for line in lines] == list(FORMS)
    for line in lines:
        seconds = dict(zip(header[2:], map(float, line[2:]), strict=True))
        whole, sums = seconds.pop("whole"), seconds.pop("of the totals: exact sums")
        assert sum(seconds.values()) == pytest.approx(whole, abs=0.01 * len(seconds))
        assert 0 < sums <= seconds["totals"] < whole
        assert seconds["each row's scores"] > 0
        assert seconds["reading"] > 0
