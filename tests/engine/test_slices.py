"""Slices keep no more for their breakdowns than the whole input does."""

from __future__ import annotations

import numpy as np

from tests.properties.strategies import random_case
from tests.values import replace
from xentcli.core.kept_rows import KeptRows
from xentcli.core.odds.cells import OddsCells
from xentcli.core.state import ScoreState
from xentcli.engine.slices import MOST_SLICES, Slices, SliceState


def test_a_whole_in_cells_has_slices_in_cells() -> None:
    state = random_case("probs", 1, rows=30).state()
    in_cells = replace(state, odds=state.odds.in_cells())
    slices = Slices({(0, ("a",)): SliceState(state), (0, ("b",)): SliceState(state)})
    assert slices.as_coarse_as(state) is slices
    found = slices.as_coarse_as(in_cells)
    assert {each.score.breakdown.odds.exact for each in found.states.values()} == {False}
    merged = found.states[0, ("a",)].score.breakdown.odds.merge(OddsCells.empty())
    assert merged == state.breakdown.odds.in_cells()


def test_slices_keep_the_rows_that_the_whole_keeps() -> None:
    state = random_case("logits", 3, rows=60).state()
    whole = replace(state, kept=KeptRows.empty(3).at_level(2))
    [found] = Slices({(0, ("a",)): SliceState(state)}).as_coarse_as(whole).states.values()
    assert found.score.breakdown.kept.level == 2
    assert 0 < found.score.breakdown.kept.rows < state.breakdown.kept.rows
    assert found.score.losses == state.losses


def test_more_than_a_thousand_are_remembered_as_too_many_whatever_the_order() -> None:
    state = SliceState(ScoreState.empty(2))
    parts = [Slices({(0, (f"{i}",)): state for i in part}) for part in np.array_split(range(MOST_SLICES + 1), 5)]
    parts.append(Slices({(1, ("x",)): state}))
    for order in (parts, parts[::-1]):
        merged = Slices()
        for part in order:
            merged = merged.merge(part)
        assert merged.too_many == {0}
        assert set(merged.states) == {(1, ("x",))}
