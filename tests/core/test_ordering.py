"""AUC, DeLong's error, average precision and the breakdown of the Brier score, against scikit-learn.

Figures of the sample: scikit-learn 1.9, and DeLong's error pair by pair in exact fractions.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import sklearn.isotonic
import sklearn.metrics
from numpy.typing import NDArray

from tests.core.levels import each_level
from tests.gates.cases import one
from xentcli import score
from xentcli.core.exact import FloatArray
from xentcli.errors import RequestError
from xentcli.intervals import logit_interval

Labels = NDArray[np.bool_]


def made(rows: int, decimals: int, seed: int) -> tuple[Labels, FloatArray, FloatArray]:
    """Labels, probabilities of class 1 (with many ties, where they have few decimals) and weights."""
    random = np.random.default_rng(seed)
    y = random.random(rows) < 0.4
    p = (1 / (1 + np.exp(-random.normal(0, 1.5, rows) - y))).round(decimals).clip(1e-6, 1 - 1e-6)
    return y, p, random.exponential(size=rows)


def delong(y: Labels, p: FloatArray, w: FloatArray) -> float:
    """The standard error of the AUC: placements pair by pair, weights as sampling weights."""
    above = (p[y][:, None] > p[~y]) + 0.5 * (p[y][:, None] == p[~y])
    ones, zeros = w[y], w[~y]
    placed = (above * zeros).sum(axis=1) / zeros.sum(), (above.T * ones).sum(axis=1) / ones.sum()
    area = (placed[0] * ones).sum() / ones.sum()
    parts = (
        v.size / (v.size - 1) * (own**2 * (v - area) ** 2).sum() / own.sum() ** 2
        for v, own in zip(placed, (ones, zeros), strict=True)
    )
    return math.sqrt(sum(parts))


def test_figures_of_the_sample() -> None:
    for _ in each_level():
        found = score("sample_data/breast_cancer.csv").metrics
        assert (found.auc, found.auc_error_bound) == (74945 / 75684, 0.0)
        assert found.auc_se == pytest.approx(0.004650542640341406, rel=1e-14)
        assert found.average_precision == pytest.approx(0.9889291431721695, rel=1e-15)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("decimals", [1, 2, 15])
def test_it_is_scikit_learns_auc_and_delongs_error(decimals: int, weighted: bool) -> None:
    y, p, w = made(700, decimals, decimals)
    weights = w if weighted else None
    found = score(y.astype(int), probs=p, weights=weights).metrics
    assert found.auc == pytest.approx(sklearn.metrics.roc_auc_score(y, p, sample_weight=weights), rel=1e-13)
    expected = sklearn.metrics.average_precision_score(y, p, sample_weight=weights)
    assert found.average_precision == pytest.approx(expected, rel=1e-13)
    assert found.auc_se == pytest.approx(delong(y, p, w if weighted else np.ones(y.size)), rel=1e-12)


def test_the_interval_is_symmetric_in_the_log_odds_of_the_auc() -> None:
    found = score("sample_data/breast_cancer.csv").metrics
    assert found.auc is not None
    assert found.auc_se is not None
    half = 1.959964 * found.auc_se / (found.auc * (1 - found.auc))
    middle = math.log(found.auc / (1 - found.auc))
    expected = [1 / (1 + math.exp(-middle + sign * half)) for sign in (1, -1)]
    assert [found.auc_low, found.auc_high] == pytest.approx(expected, rel=1e-13)
    assert logit_interval(0.75, 1e9, 2.0, lambda x: math.inf) == (0.0, 1.0)


@pytest.mark.parametrize("scale", [1e-150, 2.0**-900, 3.0, 1e150])
def test_the_unit_of_weights_is_of_no_account(scale: float) -> None:
    y, p, w = made(200, 2, 1)
    found, other = (score(y.astype(int), probs=p, weights=each).metrics for each in (w, scale * w))
    for name in ("auc", "auc_se", "average_precision"):
        assert getattr(other, name) == pytest.approx(getattr(found, name), rel=1e-13)


def test_integer_weights_are_rows_repeated() -> None:
    y, p, _ = made(200, 2, 2)
    times = np.random.default_rng(3).integers(1, 5, 200)
    weighted = score(y.astype(int), probs=p, weights=times.astype(float)).metrics
    repeated = score(np.repeat(y, times).astype(int), probs=np.repeat(p, times)).metrics
    assert weighted.auc == repeated.auc
    assert weighted.average_precision == pytest.approx(repeated.average_precision, rel=1e-15)


def test_turned_around_the_area_is_what_is_left_and_its_error_the_same() -> None:
    y, p, w = made(300, 2, 4)
    found, turned = (score(each.astype(int), probs=p, weights=w).metrics for each in (y, ~y))
    assert found.auc is not None
    assert turned.auc == pytest.approx(1 - found.auc, rel=1e-14)
    assert turned.auc_se == pytest.approx(found.auc_se, rel=1e-13)
    assert found.auc_high is not None
    assert turned.auc_low == pytest.approx(1 - found.auc_high, rel=1e-12)


@pytest.mark.parametrize(
    ("labels", "p", "options", "auc", "reason"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], {}, 1.0, "0 or 1"),
        ([0, 1], [0.9, 0.1], {}, 0.0, "0 or 1"),
        ([0, 1, 1], [0.5, 0.1, 0.9], {}, 0.5, "two rows of each class"),
        ([1, 1], [0.5, 0.1], {}, None, "of one class"),
        ([0, 1], [0.4, 0.6], {"breakdown": False}, None, "--no-breakdown"),
        ([0, 1, 2], np.eye(3), {}, None, "of two classes"),
        ([[0.5, 0.5], [0.0, 1.0]], [[0.25, 0.75], [0.5, 0.5]], {}, None, "plain labels"),
    ],
)
def test_what_cannot_be_told(labels: Any, p: Any, options: dict[str, Any], auc: float | None, reason: str) -> None:
    found = score(labels, probs=p, **options)
    metrics = found.metrics
    assert metrics.auc == auc
    assert metrics.auc_se is metrics.auc_low is metrics.auc_high is None
    assert reason in found.unavailable["auc_se"]
    assert (metrics.average_precision is None) == (auc is None)
    assert (found.brier_breakdown is None) == (reason in ("--no-breakdown", "of two classes", "plain labels"))


def test_with_clusters_the_auc_has_no_error() -> None:
    found = score("sample_data/breast_cancer.csv", cluster="texture")
    assert found.metrics.auc == 74945 / 75684
    assert found.metrics.auc_se is None
    assert "independent" in one(found, "auc >= 0.9", confidence=0.9).message


def test_constant_predictions_have_half_the_area_and_no_error() -> None:
    found = score([0, 1, 0, 1, 1], probs=[0.3] * 5).metrics
    assert (found.auc, found.auc_se, found.auc_low, found.average_precision) == (0.5, 0.0, 0.5, 0.6)


def test_beyond_the_limit_the_bound_holds() -> None:
    random = np.random.default_rng(5)
    x = random.normal(0, 2, 300_000)
    y = random.random(x.size) < 1 / (1 + np.exp(-x))
    found = score(y.astype(int), logits=x).metrics
    assert found.auc is not None
    assert found.auc_error_bound is not None
    assert 0 < found.auc_error_bound < 1e-3
    assert abs(found.auc - sklearn.metrics.roc_auc_score(y, x)) <= found.auc_error_bound


@pytest.mark.parametrize("weighted", [False, True])
def test_the_brier_breakdown_is_scikit_learns_isotonic_fit(weighted: bool) -> None:
    y, p, w = made(500, 2, 6)
    weights = w if weighted else None
    found = score(y.astype(int), probs=p, weights=weights, unit="bits")
    fit = sklearn.isotonic.IsotonicRegression().fit_transform(p, y, sample_weight=weights)
    recalibrated = sklearn.metrics.brier_score_loss(y, fit, sample_weight=weights)
    parts, mix = found.brier_breakdown, np.average(y, weights=weights)
    assert parts is not None
    assert parts.refinement == pytest.approx(recalibrated, rel=1e-12)
    assert parts.uncertainty == pytest.approx(mix * (1 - mix), rel=1e-13)
    terms = (parts.uncertainty, parts.discrimination, parts.miscalibration)
    assert np.dot([1, -1, 1], np.array(terms, float)) == pytest.approx(found.metrics.brier)
    assert parts.error_bound == 0.0
    rows = {row[3]: row[4:] for row in found.to_rows() if row[0] == "brier_breakdown"}
    assert rows["miscalibration"] == (parts.miscalibration, "")


def test_gates_of_the_auc_take_delongs_bounds() -> None:
    result = score("sample_data/breast_cancer.csv")
    assert one(result, "auc >= 0.99").verdict == "pass"
    gate = one(result, "auc >= 0.98", confidence=0.95)
    z = 1.6448536269514722  # scipy.stats.norm.ppf(0.95)
    assert gate.low == pytest.approx(
        logit_interval(74945 / 75684, 0.004650542640341406, z, math.exp)[0], rel=1e-12
    )
    assert (gate.verdict, one(result, "auc >= 0.97", confidence=0.95).verdict) == ("undecided", "pass")
    perfect = one(score([0, 0, 1, 1], probs=[0.1, 0.2, 0.8, 0.9]), "auc >= 0.9", confidence=0.9)
    assert perfect.verdict == "undecided"
    assert "0 or 1" in perfect.message
    with pytest.raises(RequestError, match="average_precision has no interval"):
        one(result, "average_precision >= 0.9", confidence=0.9)
    with pytest.raises(RequestError, match="auc takes what --no-breakdown leaves out"):
        one(score("sample_data/breast_cancer.csv", breakdown=False), "auc >= 0.9")
