"""Curves of two-class predictions: against scikit-learn, SciPy, figures of the sample data, and laws."""

from __future__ import annotations

import csv
import math
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, confusion_matrix, log_loss, roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve

from tests.core.levels import each_level
from tests.core.scoring import scored_rows
from tests.properties.merging import assert_merging_laws
from xentcli.core.batch import Batch, BoolArray, InputKind
from xentcli.core.cells import LossCells, bin_start
from xentcli.core.curves.band import DRAWS, resampled_band, resampled_curves
from xentcli.core.curves.events import Events
from xentcli.core.curves.odds import OddsCounts
from xentcli.core.curves.reliability import (
    FEW_POINTS,
    LEAST,
    log_odds_end,
    prediction_histogram,
    reliability_band,
    reliability_curve,
)
from xentcli.core.curves.scores import (
    area,
    brier_score,
    counts_above,
    murphy_curve,
    murphy_thresholds,
    roc_curve,
    roc_hull,
)
from xentcli.core.curves.thinning import MOST_POINTS, thinned
from xentcli.core.exact import ONE, FloatArray
from xentcli.core.mixing import mix
from xentcli.core.odds.cells import OddsCells

SAMPLE = Path(__file__).parents[2] / "sample_data" / "breast_cancer.csv"


def sample() -> tuple[FloatArray, BoolArray]:
    """Predictions of malignant, and whether it was."""
    with SAMPLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return np.array([float(r["prob_malignant"]) for r in rows]), np.array(
        [r["label"] == "malignant" for r in rows]
    )


def drawn(rows: int, seed: int = 0, digits: int = 3) -> tuple[FloatArray, BoolArray]:
    """Calibrated predictions, with ties."""
    random = np.random.default_rng(seed)
    p = np.clip(np.round(random.beta(0.5, 0.7, rows), digits), 0.001, 0.999)
    return p, random.random(rows) < p


def cells(p: FloatArray, y: BoolArray, weights: FloatArray | None = None, **limit: int) -> OddsCells:
    return OddsCells.of(np.log(p) - np.log1p(-p), y, weights, **limit)


def counts(*rows: Any) -> OddsCounts:
    return OddsCounts.of(cells(*rows))


WEIGHTED = (*drawn(400), np.random.default_rng(1).exponential(size=400))
CASES = pytest.mark.parametrize("rows", [(*sample(), None), (*drawn(2000), None), WEIGHTED])


def test_the_figures_of_the_sample_data() -> None:
    """Murphy: the mean over rows of 2 (1 - t) [y = 1, p <= t] + 2 t [y = 0, p > t]; hull: of the isotonic fit."""
    found = counts(*sample())
    costs = murphy_curve(found.predictions, found, np.array([0.1, 0.25, 0.5, 0.75, 0.9]))
    assert costs == pytest.approx(
        [.032688927943760986, .05272407732864675, .04569420035149385, .03251318101933216, .019332161687170467],
        rel=1e-12,
    )  # fmt: skip
    assert area(*roc_hull(found)) == pytest.approx(0.9927593678981, abs=1e-13)
    assert area(*roc_curve(found)) == pytest.approx(74945 / 75684, rel=1e-14)


@CASES
def test_murphy_curves_hold_the_brier_score_and_the_log_loss(rows: tuple[Any, ...]) -> None:
    p, y, w = rows
    found = counts(*rows)
    t = murphy_thresholds(found.predictions)
    cost = murphy_curve(found.predictions, found, t)
    brier = brier_score_loss(y, p, sample_weight=w)
    assert area(t, cost) == pytest.approx(brier, rel=1e-12)
    assert brier_score(found.predictions, found) == pytest.approx(brier, rel=1e-12)
    # Between thresholds the curve is 2 m (1 - t) + 2 a t, which 1 / (2 t (1 - t)) weighs.
    starts, ends, first, last = t[:-1], t[1:], cost[:-1], cost[1:]
    wide = ends - starts > 1e-9
    starts, ends, first, last = (each[wide] for each in (starts, ends, first, last))
    rise = (last - first) / (ends - starts)
    missed = first - starts * rise
    alarms = missed + rise
    with np.errstate(divide="ignore", invalid="ignore"):
        of_missed = np.where(starts > 0, missed * np.log(ends / starts), 0.0)
        of_alarms = np.where(ends < 1, alarms * np.log((1 - starts) / (1 - ends)), 0.0)
    assert (of_missed + of_alarms).sum() / 2 == pytest.approx(log_loss(y, p, sample_weight=w), rel=1e-6)


@CASES
def test_decisions_are_those_of_scikit_learn(rows: tuple[Any, ...]) -> None:
    p, y, w = rows
    thresholds = np.array([0.1, 0.25, 0.5, 0.9])
    down, up = counts_above(counts(*rows), thresholds)
    unit = (np.ones(len(y)) if w is None else w).sum() / counts(*rows).weight.sum()  # weights have a common factor
    for threshold, alarms, hits in zip(thresholds, down * unit, up * unit, strict=True):
        matrix = confusion_matrix(y, p > threshold, labels=[False, True], sample_weight=w)
        assert [alarms, hits] == pytest.approx(matrix[:, 1], rel=1e-12)


def test_a_prediction_that_is_the_threshold_is_not_above_it() -> None:
    p = np.arange(1, 100) / 100
    down, up = counts_above(counts(p, np.ones(99, bool), None), p)
    assert up.tolist() == [98.0 - k for k in range(99)]
    assert not down.any()


@CASES
def test_a_roc_curve_is_that_of_scikit_learn(rows: tuple[Any, ...]) -> None:
    p, y, w = rows
    x, up = roc_curve(counts(*rows))
    false, true, _ = sklearn_roc_curve(y, p, sample_weight=w, drop_intermediate=False)
    assert x == pytest.approx(false, abs=1e-12)
    assert up == pytest.approx(true, abs=1e-12)
    assert area(x, up) == pytest.approx(roc_auc_score(y, p, sample_weight=w), rel=1e-12)
    hull_x, hull_up = roc_hull(counts(*rows))
    assert (np.interp(x, hull_x, hull_up) >= up - 1e-12).all()
    slopes = np.diff(hull_up) / np.maximum(np.diff(hull_x), 1e-300)
    assert (np.diff(slopes) < 0).all()


def test_no_decision_costs_more_once_recalibrated() -> None:
    found = counts(*drawn(300))
    t = np.linspace(0, 1, 101)
    costs = (murphy_curve(each, found, t) for each in (found.recalibrated(), found.predictions))
    assert (next(costs) <= next(costs) + 1e-15).all()


@pytest.mark.parametrize("n", [1, 2, 7, 100, 10_000, 3_000_000])
@pytest.mark.parametrize("p", [0.0, 1e-6, 0.02, 0.5, 0.93, 1 - 1e-7, 1.0])
def test_binomial_counts_are_quantiles_of_scipy(n: int, p: float) -> None:
    """Of one prediction: those at uniform numbers that are a hash of its key and of the number of the draw."""
    key = np.array([n + 1], np.uint64)
    found = OddsCounts(key, *(np.array([each]) for each in (p, 0.5, n - 0.5, 1.0)))
    hashes = mix(mix(np.arange(1, DRAWS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ mix(key)))
    uniform = (hashes >> np.uint64(11)).astype(float) * 2.0**-53 + 2.0**-54
    assert np.ptp(uniform) > 0.99
    curves = [resampled_curves(found, np.array([p]), np.array([float(n)])) for _ in each_level()]
    assert n * curves[0][0] == pytest.approx(binom.ppf(uniform, n, p))
    assert {each.tobytes() for each in curves} == {curves[0].tobytes()}


def test_fits_to_labels_drawn_anew_are_those_of_scikit_learn() -> None:
    found = counts(*drawn(300))
    rows = found.weight
    curves = [resampled_curves(found, found.predictions, rows) for _ in each_level()]
    assert {each.tobytes() for each in curves} == {curves[0].tobytes()}
    alone = (OddsCounts(*(each[at : at + 1] for each in counts_of(found))) for at in range(rows.size))
    shares = np.concatenate([resampled_curves(one, one.predictions, one.weight) for one in alone])
    for draw in (0, 7, 8, 500, DRAWS - 1):
        fitted = IsotonicRegression().fit(found.predictions, shares[:, draw], sample_weight=rows)
        assert curves[0][:, draw] == pytest.approx(fitted.predict(found.predictions), abs=1e-12)


def counts_of(found: OddsCounts) -> tuple[Any, ...]:
    """Its arrays."""
    return found.keys, found.predictions, found.positive, found.negative, found.squares


def test_the_kernel_refuses_what_cannot_be_drawn() -> None:
    found = counts(*drawn(30))
    for shares, rows in ((-found.predictions, found.weight), (found.predictions, found.weight * 0)):
        with pytest.raises(ValueError, match="the kernel refused"):
            resampled_curves(found, shares, rows)


def test_pooled_predictions_rise_and_lose_no_weight() -> None:
    found = counts(*drawn(3000, digits=9))
    pooled = found.pooled(100)
    assert 50 < pooled.keys.size <= 100
    assert (np.diff(pooled.predictions) > 0).all()
    for name in ("positive", "negative", "squares"):
        assert getattr(pooled, name).sum() == pytest.approx(getattr(found, name).sum())
    assert (pooled.predictions * pooled.weight).sum() == pytest.approx((found.predictions * found.weight).sum())
    assert found.pooled(3000) is found


@pytest.mark.parametrize("of_curve", [False, True])
def test_a_band_is_the_same_in_any_order_and_shards(of_curve: bool) -> None:
    p, y = drawn(500)
    order = np.random.default_rng(3).permutation(500)
    parts = [cells(p[part], y[part]) for part in np.array_split(order, 7)]
    found = [
        np.stack(reliability_band(OddsCounts.of(each), of_curve=of_curve))
        for each in (cells(p, y), reduce(OddsCells.merge, parts), reduce(OddsCells.merge, parts[::-1]))
    ]
    assert [each.tobytes() for each in found[1:]] == [found[0].tobytes()] * 2
    _, low, high = found[0]
    assert ((low >= 0) & (low <= high) & (high <= 1)).all()
    assert (np.diff(low) >= 0).all()


def test_a_small_diagram_has_fewer_points() -> None:
    found = counts(*drawn(5000, digits=9))
    band = reliability_band(found, of_curve=False, points=FEW_POINTS)
    curve = reliability_curve(found, points=FEW_POINTS)
    fine = reliability_band(found, of_curve=False, points=100_000)
    assert {*zip(*band, strict=True)} < {*zip(*fine, strict=True)}  # drawn of as many predictions
    assert (band[0].size <= 2 * FEW_POINTS, curve[0].size <= FEW_POINTS) == (True, True)


def test_the_band_of_one_prediction_is_that_of_the_binomial() -> None:
    p, y = np.full(200, 0.3), np.arange(200) < 60
    _, low, high = reliability_band(counts(p, y), of_curve=False)
    assert 200 * low[0] == pytest.approx(binom.ppf(0.05, 200, 0.3), abs=2)
    assert 200 * high[0] == pytest.approx(binom.ppf(0.95, 200, 0.3), abs=2)


def test_a_row_of_weight_counts_as_the_independent_rows_it_is_worth() -> None:
    """N = (sum w)^2 / sum w^2, Kish's effective size, at least 1."""
    p = np.array([0.25, 0.25, 0.25, 0.5])
    found = counts(p, np.array([True, False, False, True]), np.array([3.0, 1.0, 1.0, 5.0]))
    assert found.independent_rows().tolist() == [2, 1]  # 25 / 11 and 1
    assert counts(p, np.ones(4, bool)).independent_rows().tolist() == [3, 1]
    at, y = np.array([0.25, 0.5]), np.array([True, False])
    together = OddsCounts.of(cells(at, y, np.array([6.0, 200.0])), cells(at, y, np.array([18.0, 200.0])))
    assert together.independent_rows().tolist() == [2, 200]


def test_weights_may_be_as_different_as_float64_allows() -> None:
    p, y = np.array([0.2, 0.4, 0.7, 0.8]), np.array([True, False, True, False])
    for weights in ([1e-160, 1e150, 1, 1e-170], [1e-300, 1e-200, 1, 1e150]):
        _, low, high = reliability_band(counts(p, y, np.array(weights)), of_curve=False)
        assert ((low >= 0) & (low <= high) & (high <= 1)).all()


@pytest.mark.slow
def test_a_consistency_band_holds_nine_curves_in_ten() -> None:
    """At each prediction, all of them right: 90 %, and a little more by the steps of counts."""
    samples, at = 500, np.array([0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9])
    inside = np.zeros(at.size)
    for seed in range(samples):
        random = np.random.default_rng(seed)
        p = random.choice(at, 400)
        found = counts(p, random.random(400) < p)
        low, high = resampled_band(found, found.predictions, found.weight)
        curve = found.recalibrated()
        inside += (low - 1e-12 <= curve) & (curve <= high + 1e-12)
    assert inside / samples == pytest.approx(np.full(at.size, 0.92), abs=0.055)  # four standard errors about 90 %


@pytest.mark.parametrize("least", [None, LEAST])
def test_a_reliability_curve_is_the_isotonic_fit(least: float | None) -> None:
    found = counts(*drawn(5000, digits=9))
    x, y = reliability_curve(found, least)
    inside = (found.predictions > 0.001) & (found.predictions < 0.999)
    off = np.abs(np.interp(found.predictions, x, y) - found.recalibrated())[inside]
    assert off.max() < 0.003
    assert x.size <= MOST_POINTS


@CASES
def test_a_reliability_curve_is_that_of_scikit_learn(rows: tuple[Any, ...]) -> None:
    """At every prediction, and at the corners that are drawn."""
    p, y, w = rows
    fitted = IsotonicRegression(y_min=0, y_max=1).fit(p, y, sample_weight=w)
    found = counts(*rows)
    assert found.recalibrated() == pytest.approx(fitted.predict(found.predictions), abs=1e-9)
    x, share = reliability_curve(found)
    assert share == pytest.approx(fitted.predict(x), abs=1e-9)


def test_of_few_predictions_the_curve_is_that_of_bins_where_it_rises() -> None:
    """scikit-learn's CalibrationDisplay: the share in each bin, of predictions that have a bin of their own."""
    p = np.repeat([0.1, 0.3, 0.5, 0.7, 0.9], 40)
    y = np.concatenate([np.arange(40) < count for count in (2, 9, 15, 30, 38)])
    share, predicted = calibration_curve(y, p, n_bins=5)
    x, up = reliability_curve(counts(p, y))
    assert x == pytest.approx(predicted)
    assert up == pytest.approx(share)


@pytest.mark.parametrize(
    ("p", "least"),
    [([0.2, 0.9], 5e-4), ([1e-5, 0.5], 5e-6), ([0.3, 1 - 1e-4], 5e-5), ([1e-12, 0.5], 5e-7), ([0.0, 1.0], 5e-4)],
)
def test_an_axis_of_log_odds_reaches_as_far_as_most_predictions(p: list[float], least: float) -> None:
    with np.errstate(divide="ignore"):
        found = counts(np.array(p), np.array([True, False]))
    assert log_odds_end([counts(np.array([0.4]), np.array([True])), found]) == pytest.approx(least)


def test_a_histogram_has_bins_alike_on_the_axis() -> None:
    p, y = np.array([0.001, 0.0499, 0.05, 0.5, 0.999]), np.ones(5, bool)
    edges, shares = prediction_histogram(counts(p, y))
    assert edges == pytest.approx(np.linspace(0, 1, 21))
    assert shares == pytest.approx(np.histogram(p, edges)[0] / 5)
    edges, shares = prediction_histogram(counts(p, y), LEAST)
    assert np.diff(np.log(edges[1:-1] / (1 - edges[1:-1]))) == pytest.approx(np.log(1999) / 10)  # to 0.9995
    assert shares == pytest.approx(np.histogram(p, edges)[0] / 5)


def test_thinning_keeps_corners_and_strays_by_no_pixel() -> None:
    x = np.sort(np.random.default_rng(0).random(100_000))
    for y in (np.floor(9 * x), np.sqrt(x), np.cumsum(np.random.default_rng(1).random(x.size))):
        kept = thinned(x, y)
        assert kept.size <= MOST_POINTS
        assert (kept[0], kept[-1]) == (0, x.size - 1)
        off = np.abs(np.interp(x, x[kept], y[kept]) - y) / np.ptp(y)
        steep = np.abs(x - x[kept][np.searchsorted(x[kept], x).clip(max=kept.size - 1)]) < 1 / 400
        assert off[~steep].max(initial=0) < 1 / 400
    square = np.array([0.0, 0, 1, 1, 2]), np.array([0.0, 1, 1, 2, 2])
    assert thinned(*square).tolist() == [0, 1, 2, 3, 4]
    assert thinned(np.zeros(3), np.zeros(3)).tolist() == [0, 2]


def test_bins_of_losses_hold_all_rows_and_all_loss() -> None:
    random = np.random.default_rng(5)
    loss, w = random.exponential(size=1000) ** 3, random.random(1000)
    found = LossCells.of(loss, w)
    weight = found.weight.total() + 7 * ONE  # and some rows of infinite loss
    for each in (256, 512):
        bins = found.bins(each, weight)
        edges = [bin_start(number, each) for number, _, _ in bins] + [math.inf]
        assert [rows for _, rows, _ in bins] == pytest.approx(
            np.histogram(loss, edges, weights=w)[0] / (w.sum() + 7)
        )
        parts = np.histogram(loss, edges, weights=w * loss)[0] / (w * loss).sum()
        assert [part for _, _, part in bins] == pytest.approx(parts, rel=5e-3)
    assert bin_start(80 * 512, 1) == 1.0
    assert LossCells.empty().bins(512, ONE) == []
    assert LossCells.of(np.zeros(3), None).bins(512, 3 * ONE) == [(0, 1.0, 0.0)]


def events(rows: slice, weights: FloatArray | None, classes: tuple[int, ...] = (0, 2)) -> Events:
    random = np.random.default_rng(8)
    q = np.round(random.dirichlet(np.ones(3), 60), 2)
    q[:, 2] = 1 - q[:, 0] - q[:, 1]
    batch = Batch(InputKind.PROBABILITY, tuple(q[rows].T.copy()), random.integers(3, size=60)[rows], weights)
    return Events.of(scored_rows(batch), classes)


def test_events_of_many_classes() -> None:
    """The top class came true so often, and each class asked for, by their predictions."""
    random = np.random.default_rng(8)
    q = np.round(random.dirichlet(np.ones(3), 60), 2)
    q[:, 2] = 1 - q[:, 0] - q[:, 1]
    labels, found = random.integers(3, size=60), events(slice(None), None)
    for odds, share, happened in (
        (found.top, q.max(axis=1), q.argmax(axis=1) == labels),
        (found.classes[0], q[:, 0], labels == 0),
        (found.classes[1], q[:, 2], labels == 2),
    ):
        at = OddsCounts.of(odds)
        assert at.positive.sum() == happened.sum()
        assert (at.predictions * at.weight).sum() == pytest.approx(share.sum())
        assert (at.predictions * at.positive).sum() == pytest.approx(share[happened].sum())


def test_events_merge_in_any_order() -> None:
    a, b, c = (events(slice(at, at + 20), np.arange(1.0, 21.0)) for at in (0, 20, 40))
    assert_merging_laws(a, b, c, Events.empty())
