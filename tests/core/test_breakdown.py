"""The breakdown of whole files: published figures, closed forms, identities, and where a part is not available."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
import pytest
import scipy.special
import sklearn.isotonic
import sklearn.metrics
from hypothesis import given

from tests.properties.strategies import Case, cases, law, random_case
from tests.values import asdict, replace
from xentcli import score
from xentcli.core.batch import SummaryOptions
from xentcli.core.kept_rows import KeptRows
from xentcli.core.numbers.summary import summarize
from xentcli.core.state import ScoreState
from xentcli.results.parts import Breakdown
from xentcli.results.score import ScoreResult


def parts(result: ScoreResult) -> Breakdown:
    assert result.breakdown is not None
    return result.breakdown


def known(value: float | None) -> float:
    assert value is not None
    return value


def adds_up(result: ScoreResult) -> None:
    found, loss = parts(result), known(result.metrics.log_loss)
    learned, wasted = known(found.discrimination), known(found.miscalibration)
    assert learned >= 0
    assert wasted >= 0
    assert found.uncertainty == result.metrics.label_entropy
    assert known(found.refinement) == pytest.approx(known(found.uncertainty) - learned, rel=1e-15, abs=1e-15)
    if math.isfinite(loss):
        assert known(found.uncertainty) - learned + wasted == pytest.approx(loss, rel=4e-16, abs=4e-16)
    else:
        assert wasted == math.inf


def test_rs_six_rows() -> None:
    """R, reliabilitydiag: the figures of its decomposition under the logarithmic score."""
    result = score([0, 0, 0, 1, 1, 1], probs=[0.4, 0.3, 0.2, 0.1, 0.5, 0.9])
    found = parts(result)
    assert (found.method, found.rows, found.error_bound) == ("isotonic", 6, 0.0)
    assert result.metrics.log_loss == pytest.approx(0.6986228180, abs=5e-11)
    assert found.miscalibration == pytest.approx(0.3237327216, abs=5e-11)
    assert found.discrimination == pytest.approx(0.3182570841, abs=5e-11)
    assert found.uncertainty == pytest.approx(0.6931471806, abs=5e-11)
    adds_up(result)


def test_soft_labels_of_four_rows() -> None:
    """Closed forms of KL divergence, cross-entropy and entropy, weights 1, 2, 1, 1."""
    p, y = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0.5, 1, 1])
    result = score(np.stack([1 - y, y], 1), probs=np.stack([1 - p, p], 1), weights=[1, 2, 1, 1])
    assert result.metrics.kl_divergence == pytest.approx(0.17603033705165635, rel=1e-15)
    assert result.metrics.log_loss == pytest.approx(0.45328920927563443, rel=1e-15)
    assert result.metrics.target_entropy == pytest.approx(0.2772588722239781, rel=1e-15)
    adds_up(result)
    assert parts(result).p_value is None
    assert known(parts(result).refinement) >= known(result.metrics.target_entropy)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("weighted", [False, True])
def test_two_classes_as_scikit_learns_isotonic_regression_has_them(weighted: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    p = random.uniform(0.01, 0.99, 500).round(2)
    y, w = random.random(500) < p**1.5, random.exponential(size=500) if weighted else np.ones(500)
    place = np.unique(p, return_inverse=True)[1]
    share = np.bincount(place, w * y) / np.bincount(place, w)
    fitted = sklearn.isotonic.isotonic_regression(share, sample_weight=np.bincount(place, w))[place]
    after = float(np.average(-scipy.special.xlogy(y, fitted) - scipy.special.xlogy(~y, 1 - fitted), weights=w))
    found = score(y.astype(int), probs=p, weights=w if weighted else None)
    assert parts(found).refinement == pytest.approx(after, rel=1e-12)
    adds_up(found)


@pytest.mark.parametrize(
    "p",
    [
        [0.5, math.nextafter(0.5, 1), math.nextafter(0.5, 0), 0.5, 0.3, 0.7],
        [1 - 1e-16, 1 - 2e-16, 1.0, 1 - 1e-15, 0.5, 1 - 3e-16],
        [1e-300, 1e-301, 0.0, 1e-17, 2e-17, 0.5],
        [0.4, 0.4, 0.4, 0.4, 0.6, 0.6],
    ],
)
def test_forecasts_next_to_each_other_or_to_certainty(p: list[float]) -> None:
    for y in ([1, 0, 1, 0, 1, 1], [0, 1, 0, 1, 0, 0], [1, 1, 1, 1, 0, 1]):
        result = score(y, probs=p)
        adds_up(result)
        assert math.isfinite(known(parts(result).refinement))


@law
@given(cases())
def test_the_parts_of_any_file_add_up(case: Case) -> None:
    result = case.score()
    if result.breakdown is not None:
        adds_up(result)
        assert result.calibration is not None
        at_best = result.calibration.log_loss_at_temperature
        if at_best is not None and not result.metrics.row_sum_effect:
            assert at_best <= known(result.metrics.log_loss) * (1 + 1e-12) + 1e-15
    else:
        assert result.metrics.log_loss_finite is None


IMBALANCED = (0.9, 0.05, 0.05)


def test_a_model_trained_on_balanced_classes_learned_something() -> None:
    """A temperature alone is worse than the class mix here, and would call the discrimination negative."""
    random = np.random.default_rng(1)
    z = random.normal(0, 1.5, (5000, 3))
    y = (z + np.log(IMBALANCED) + random.gumbel(size=z.shape)).argmax(axis=1)
    result = score(y, logits=z)
    adds_up(result)
    assert result.calibration is not None
    assert known(result.calibration.log_loss_at_temperature) > known(result.metrics.label_entropy)
    assert known(parts(result).discrimination) > 0.1
    assert (parts(result).method, parts(result).rows) == ("slope_offsets", 5000)


def test_every_row_right() -> None:
    files: list[tuple[Any, Any]] = [([0, 1, 1], [0.2, 0.7, 0.9]), ([0, 1, 2], np.eye(3) * 0.7 + 0.1)]
    for y, q in files:
        result = score(y, probs=q)
        adds_up(result)
        assert parts(result).discrimination == pytest.approx(known(parts(result).uncertainty), rel=1e-12)
        assert result.calibration is not None
        assert result.calibration.temperature is None
        assert "best temperature is 0" in result.unavailable["calibration.temperature"]


def test_worse_than_chance() -> None:
    files: list[tuple[Any, Any]] = [([0, 1, 1, 0], [0.8, 0.3, 0.1, 0.6]), ([1, 2, 0], np.eye(3) * 0.7 + 0.1)]
    for y, q in files:
        result = score(y, probs=q)
        adds_up(result)
        assert parts(result).discrimination == pytest.approx(0, abs=1e-12)
        assert result.calibration is not None
        assert result.calibration.temperature == math.inf


def test_infinite_rows_waste_all_and_leave_the_rest() -> None:
    q = [[0.5, 0.3, 0.2], [0.0, 0.6, 0.4], [0.1, 0.8, 0.1], [0.2, 0.3, 0.5], [0.1, 0.2, 0.7]]
    files: list[tuple[Any, Any]] = [([1, 0, 1, 0], [0.0, 0.2, 0.9, 0.4]), ([0, 0, 1, 2, 1], q)]
    for y, p in files:
        result = score(y, probs=p)
        found = parts(result)
        adds_up(result)
        assert found.p_value == 0
        assert math.isfinite(known(found.discrimination))
        assert found.rows == len(y) - (len(result.classes) > 2)
        assert result.chain is None or math.isfinite(known(result.chain.top))
    result = score([0, 0], probs=[[0.0, 0.5, 0.5], [0.0, 1.0, 0.0]])
    assert (result.breakdown, result.calibration) == (None, None)
    assert "infinite" in result.unavailable["breakdown"]


def test_clip_makes_the_loss_finite_and_the_parts_still_add_up() -> None:
    y, p = [1, 0, 1, 0, 1], [0.0, 0.2, 0.9, 0.4, 1.0]
    result = score(y, probs=p, clip=1e-9)
    adds_up(result)
    assert known(parts(result).miscalibration) < math.inf
    assert parts(result).p_value == 0
    assert parts(result).refinement == parts(score(y, probs=p)).refinement


def test_label_smoothing_breaks_down_the_smoothed_loss() -> None:
    random = np.random.default_rng(5)
    z = random.normal(0, 2, (300, 3))
    y = (z + random.gumbel(size=z.shape)).argmax(axis=1)
    for result in (
        score(y, logits=z, label_smoothing=0.1),
        score((y > 0).astype(int), logits=z[:, 1], label_smoothing=0.1),
    ):
        adds_up(result)
        assert parts(result).p_value is None
        assert result.metrics.overconfidence_z is None
        assert known(parts(result).refinement) >= known(result.metrics.target_entropy)


def test_the_chain_rule_is_two_log_losses() -> None:
    random = np.random.default_rng(6)
    q = scipy.special.softmax(random.normal(0, 2, (400, 4)), axis=1)
    y, w = random.integers(0, 4, 400), random.exponential(size=400)
    result = score(y, probs=q, weights=w)
    right = q.argmax(axis=1) == y
    top = sklearn.metrics.log_loss(right, q.max(axis=1), sample_weight=w)
    given_wrong = q[~right, y[~right]] / (1 - q[~right].max(axis=1))
    rest = float((w[~right] * -np.log(given_wrong)).sum() / w.sum())
    assert result.chain is not None
    assert result.chain.top == pytest.approx(top, rel=1e-12)
    assert result.chain.rest == pytest.approx(rest, rel=1e-11)
    both = known(result.chain.top) + known(result.chain.rest)
    assert both == pytest.approx(known(result.metrics.log_loss), rel=1e-15)


def test_the_chain_rule_of_logits_that_are_far_apart() -> None:
    """log(1 - q_top) of [1000, 0, 0] is log 2 - 1000, which no probability could tell."""
    result = score([1], logits=[[1000.0, 0, 0]])
    assert result.chain is not None
    assert asdict(result.chain) == pytest.approx({"top": 1000 - math.log(2), "rest": math.log(2)}, rel=1e-12)


def test_confusions_are_the_costs_of_each_pair() -> None:
    random = np.random.default_rng(7)
    q = scipy.special.softmax(random.normal(0, 2, (300, 3)), axis=1)
    y, w = random.integers(0, 3, 300), random.exponential(size=300)
    result = score(y, probs=q, weights=w)
    loss, top = -np.log(q[np.arange(300), y]), q.argmax(axis=1)
    assert len(result.confusions) == 6
    for each in result.confusions:
        rows = (y == int(each.label)) & (top == int(each.forecast))
        assert each.rows == rows.sum()
        assert each.contribution == pytest.approx(float((w * loss)[rows].sum() / w.sum()), rel=1e-12)
        assert each.share == pytest.approx(known(each.contribution) / known(result.metrics.log_loss), rel=1e-15)
    costs = [known(each.contribution) for each in result.confusions]
    assert costs == sorted(costs, reverse=True)


def test_reliability_is_what_the_ece_is_made_of() -> None:
    random = np.random.default_rng(8)
    p = random.random(400)
    result = score((random.random(400) < p).astype(int), probs=p)
    gaps = [
        row.rows / 400 * abs(known(row.accuracy) - known(row.confidence)) for row in result.reliability if row.rows
    ]
    assert math.fsum(gaps) == pytest.approx(known(result.metrics.ece), rel=1e-12)
    assert sum(row.rows for row in result.reliability) == 400
    assert all(row.confidence is None for row in result.reliability if not row.rows)


@pytest.mark.parametrize(("kind", "columns"), [("logits", 1), ("probs", 2), ("logits", 3), ("log_probs", 3)])
def test_states_of_shards_merge_to_the_very_bits(kind: str, columns: int) -> None:
    case = random_case(kind, columns, rows=60)
    options, classes = SummaryOptions(), [str(k) for k in range(case.classes)]
    whole = summarize(case.state(), classes, options)
    order = np.random.default_rng(9).permutation(case.rows)
    shards = [case.take(rows).state() for rows in np.array_split(order, 7)]
    assert summarize(reduce(ScoreState.merge, shards), classes, options) == whole


def test_beyond_the_budget_a_random_share_of_rows_is_fitted() -> None:
    random = np.random.default_rng(10)
    z = random.normal(0, 1.5, (40_000, 3))
    y = (z / 1.4 + random.gumbel(size=z.shape)).argmax(axis=1)
    case = Case("logits", y, z, None)
    state, options = case.state(), SummaryOptions()
    kept = state.breakdown.kept
    small = KeptRows(kept.classes, kept.total, 0, kept.budget, kept.pieces).at_level(2)
    whole = summarize(state, ["0", "1", "2"], options)
    sampled = summarize(replace(state, kept=small), ["0", "1", "2"], options)
    assert whole.breakdown is not None
    assert sampled.breakdown is not None
    assert sampled.breakdown.rows == small.rows == pytest.approx(10_000, abs=500)
    assert sampled.breakdown.miscalibration == pytest.approx(whole.breakdown.miscalibration, rel=0.2)
    assert sampled.calibration is not None
    assert sampled.calibration.temperature == pytest.approx(1.4, abs=0.1)
    refined = known(sampled.breakdown.uncertainty) - known(sampled.breakdown.discrimination)
    whole_loss = known(whole.metrics.log_loss)
    assert refined + known(sampled.breakdown.miscalibration) == pytest.approx(whole_loss, rel=1e-14)


def test_many_log_odds_share_cells_and_the_bound_says_what_that_costs() -> None:
    random = np.random.default_rng(11)
    z = random.normal(0, 2, 300_000)
    y = (random.random(z.size) < scipy.special.expit(0.8 * z)).astype(int)
    result = score(y, logits=z)
    found = parts(result)
    share = sklearn.isotonic.isotonic_regression(y[np.argsort(z)].astype(float))
    exact = float(-(scipy.special.xlogy(share, share) + scipy.special.xlogy(1 - share, 1 - share)).mean())
    assert 0 < known(found.refinement) - exact <= known(found.error_bound) < 1e-3
    assert result.calibration is not None
    assert result.calibration.temperature == pytest.approx(1 / 0.8, abs=0.02)
    adds_up(result)


def test_without_the_breakdown_the_rest_is_the_same() -> None:
    case: Any = random_case("logits", 3, rows=50)
    with_it, without = case.score(), case.score(breakdown=False)
    assert without.breakdown is without.calibration is without.chain is None
    assert without.confusions == ()
    assert (with_it.metrics, with_it.per_class) == (without.metrics, without.per_class)


def test_the_prior_takes_the_place_of_the_class_mix() -> None:
    """Closed form: skill against a constant forecast of .9, .1 where the labels are half and half."""
    result = score([0, 1], probs=[0.25, 0.75], prior={"0": 0.9, "1": 0.1})
    reference = -(math.log(0.9) + math.log(0.1)) / 2
    assert result.metrics.prior_log_loss == pytest.approx(reference, rel=1e-15)
    assert result.metrics.prior_gap == pytest.approx(reference - math.log(2), rel=1e-14)
    assert result.metrics.skill == pytest.approx(1 + math.log(0.75) / reference, rel=1e-15)
    assert result.signature.prior == (("0", 0.9), ("1", 0.1))
    never = score([0, 1], probs=[0.25, 0.75], prior={"0": 1.0, "1": 0})
    assert never.metrics.prior_log_loss == math.inf
    assert never.metrics.skill is None
