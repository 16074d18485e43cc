"""Who may be best, and the ranks: against SciPy, Holm's own words, and simulation."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import law
from xentcli.core.batch import RowScores
from xentcli.core.exact import FloatArray
from xentcli.core.joint import Joint, PairErrors
from xentcli.core.numbers.anytime import one_sided_p_value
from xentcli.core.numbers.ranking import PairTest, Standing, holm, standings

LEVEL = 0.95


# Expected: scipy.stats.ttest_1samp(d, 0, alternative="greater" and "less"), SciPy 1.17.1.
@pytest.mark.parametrize("shift", [-0.5, 0.0, 0.01, 3.0])
def test_p_values_are_scipys_one_sided_tests(shift: float) -> None:
    d = np.random.default_rng(1).normal(shift, size=40)
    found = PairTest(float(d.mean()), float(scipy.stats.sem(d)), 40, 40).p_values()
    expected = [scipy.stats.ttest_1samp(d, 0, alternative=side).pvalue for side in ("greater", "less")]
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("d", "expected"), [(0.0, (0.5, 0.5)), (0.1, (0.0, 1.0)), (-0.1, (1.0, 0.0))])
def test_without_spread_there_is_no_doubt(d: float, expected: tuple[float, float]) -> None:
    assert PairTest(d, 0.0, 9, 9).p_values() == expected


def test_what_cannot_be_tested_shows_nothing() -> None:
    few = PairTest(0.1, None, 1, 1)
    assert (few.p_values(), few.possible, few.shortage()) == ((1.0, 1.0), False, "needs at least two rows")
    early = PairTest(0.1, 0.01, 99, 99, 1000)
    assert early.p_values() == (1.0, 1.0)
    assert early.shortage() == "an interval for every look needs at least 100 rows"


def test_at_every_look_p_values_are_those_of_the_sequence() -> None:
    found = PairTest(0.1, 0.02, 500, 400, 1000).p_values()
    assert found == (one_sided_p_value(0.1, 0.02, 500, 1000, LEVEL), 1.0)


def rejected(p_values: list[float], level: float) -> set[int]:
    """Holm (1979), step by step: the smallest p against level/m, the next against level/(m - 1) and so on."""
    found: set[int] = set()
    for done, (p, at) in enumerate(sorted((p, at) for at, p in enumerate(p_values))):
        if p * (len(p_values) - done) > level:
            break
        found.add(at)
    return found


@law
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0, 0.999))
def test_holm_rejects_step_by_step(p_values: list[float], level: float) -> None:
    assert {at for at, p in enumerate(holm(p_values)) if p <= level} == rejected(p_values, level)


def test_standings_by_hand() -> None:
    """Of a, b and c: a is shown to be better than c alone, and neither than b."""
    p = {(0, 1): 0.9, (1, 0): 0.1, (0, 2): 1.0, (2, 0): 0.001, (1, 2): 0.97, (2, 1): 0.03}
    found = standings([0, 1, 2], p, dict(zip(p, holm([*p.values()]), strict=True)), LEVEL)
    assert found == {0: Standing(1, 2, True), 1: Standing(1, 3, True), 2: Standing(2, 3, False)}


def test_one_model_is_best() -> None:
    assert standings([4], {}, {}, LEVEL) == {4: Standing(1, 1, True)}


def ranked(loss: FloatArray) -> dict[int, Standing]:
    """The standings of models of losses `(K, n)`."""
    count = len(loss)
    errors = PairErrors(Joint.of([RowScores(0, each) for each in loss], None), clustered=False)
    p = {}
    for i, j in combinations(range(count), 2):
        p[i, j], p[j, i] = PairTest(errors.difference(i, j), errors.error(i, j), errors.n, errors.n).p_values()
    return standings(range(count), p, dict(zip(p, holm([*p.values()]), strict=True)), LEVEL)


def test_models_that_are_alike_tie() -> None:
    loss = np.random.default_rng(2).exponential(size=(2, 50))
    found = ranked(np.stack([loss[0], loss[0], loss[1] + 2]))
    assert found == {0: Standing(1, 2, True), 1: Standing(1, 2, True), 2: Standing(3, 3, False)}


@pytest.mark.slow
def test_the_best_is_kept_and_its_rank_covered_as_often_as_promised() -> None:
    """Five models in 1,000 samples of 60 rows; true gaps to the two best: .15, .15 and .3."""
    random, gaps = np.random.default_rng(4), np.array([0.0, 0.0, 0.15, 0.15, 0.3])
    kept = covered = dropped = 0
    for _ in range(1000):
        easy = random.exponential(0.5, 60)
        found = ranked(easy * random.uniform(0.5, 1.5, (5, 60)) + gaps[:, None])
        kept += found[0].may_be_best
        covered += all(
            each.low <= 1 + (gaps < gaps[k]).sum() and each.high >= (gaps <= gaps[k]).sum()
            for k, each in found.items()
        )
        dropped += not found[4].may_be_best
    assert kept >= 950
    assert covered >= 950
    assert dropped > 500  # or it would promise little
