"""The sentence above a leaderboard. Expected: written out by hand."""

from __future__ import annotations

import pytest

from tests.values import replace
from xentcli import rank
from xentcli.render.reports.rank import verdict

LONG = "experiments/2026-11-28/resnet50-with-augmentation-run-12"


@pytest.mark.parametrize(
    ("may", "expected"),
    [
        ("a", "a may be best; 2 models are ruled out"),
        ("ab", "no single best: a or b; 1 model is ruled out"),
        ("abc", "no single best: any of the 3 may be"),
    ],
)
def test_the_verdict_of_three(may: str, expected: str) -> None:
    found = rank([1, 0], probs={name: [0.75, 0.25] for name in "abc"})
    models = tuple(replace(each, may_be_best=each.name in may) for each in found.models)
    assert verdict(replace(found, models=models)) == expected


def test_the_verdict_of_many_names_five_and_cuts_long_names() -> None:
    names = [LONG, *"bcdefgh"]
    found = rank([1, 0], probs={name: [0.75, 0.25] for name in names})
    models = (*found.models[:-1], replace(found.models[-1], may_be_best=False))
    expected = "any of experiments/2026- ... gmentation-run-12, b, c, d, e and 2 more; 1 model is ruled out"
    assert verdict(replace(found, models=models)) == f"no single best: {expected}"


def test_the_verdict_of_two() -> None:
    assert verdict(rank([1, 0], probs={"a": [0.75, 0.25], "b": [0.75, 0.25]})) == "no single best: both may be"
