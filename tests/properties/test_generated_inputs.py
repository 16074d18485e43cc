"""Inputs of every form, with options, whole and ruined: scored as by the oracle, or refused where it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.properties.generating.__main__ import judged
from tests.properties.generating.cases import generate

SEED = "inputs"
CASES, BATCH = 400, 50
SLOW_CASES, SLOW_BATCH = 3_000, 250


def wrong(seed: str, numbers: range, folder: Path) -> list[str]:
    """A line for each case that is answered wrong: what is wrong, and how to see it."""
    found = []
    for number in numbers:
        case = generate(seed, number)
        _, _, complaints = judged(case, folder)
        if complaints:
            found.append(f"{case.name}: {'; '.join(complaints)}\n  {case.replay}")
    return found


@pytest.mark.parametrize("first", range(0, CASES, BATCH))
def test_generated_inputs_are_answered_as_the_oracle_says(first: int, tmp_path: Path) -> None:
    found = wrong(SEED, range(first, first + BATCH), tmp_path)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(CASES, CASES + SLOW_CASES, SLOW_BATCH))
def test_many_generated_inputs_are_answered_as_the_oracle_says(first: int, tmp_path: Path) -> None:
    found = wrong(SEED, range(first, first + SLOW_BATCH), tmp_path)
    assert not found, "\n".join(found)


def test_a_case_is_always_the_same() -> None:
    for number in range(60):
        one, other = generate(SEED, number), generate(SEED, number)
        assert (one.arguments, one.written.data, one.written.mutations) == (
            other.arguments, other.written.data, other.written.mutations,
        )  # fmt: skip
        assert repr(one.question.rows) == repr(other.question.rows)
