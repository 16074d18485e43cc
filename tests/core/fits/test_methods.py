"""Fits of recalibrations, against reference figures, scipy, scikit-learn and laws."""

from __future__ import annotations

import csv
from itertools import pairwise

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import _SigmoidCalibration, _TemperatureScaling

from tests.properties.strategies import law
from tests.transcript import ROOT
from xentcli.core.exact import FloatArray
from xentcli.core.fits.methods import MORE_CLASSES, TWO_CLASSES, fit, methods_for
from xentcli.core.fits.rows import FitRows

INF = float("inf")


def sample() -> tuple[FloatArray, np.ndarray, FloatArray]:
    """Log-odds, labels and weights of sample_data/breast_cancer.csv."""
    with (ROOT / "sample_data" / "breast_cancer.csv").open() as file:
        rows = list(csv.DictReader(file))
    p = np.array([float(row["prob_malignant"]) for row in rows])
    y = np.array([int(row["label"] == "malignant") for row in rows])
    return np.log(p) - np.log1p(-p), y, np.array([float(row["weight"]) for row in rows])


def loss(method: str, rows: FitRows) -> float:
    """Mean loss in-sample."""
    return rows.mean(fit(method, rows).losses(rows))


def random_rows(seed: int, n: int, classes: int, *, weighted: bool = False) -> FitRows:
    """Rows whose predictions are off in slope and offsets."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(classes, n)) * 2
    y = (z * 0.5 + np.arange(classes)[:, None] * 0.3 + rng.gumbel(size=z.shape)).argmax(axis=0)
    w = rng.uniform(0.5, 2, n) if weighted else None
    return FitRows.of(z[1] - z[0] if classes == 2 else z, y, w)


# Reference figures: scipy.optimize.minimize (BFGS, gtol 1e-12) on the mean loss of each formula; the offset by
# brentq on its gradient.
@pytest.mark.parametrize(
    ("method", "slopes", "offset", "in_sample"),
    [
        ("offset", (1, 1), 1.6034859586, 0.10761885412695),
        ("temperature", (1 / 1.4900383028, 1 / 1.4900383028), 0, 0.12644892728021),
        ("affine", (0.90153404, 0.90153404), 1.37623411, 0.10701029931397),
        ("beta", (1.01818997, 0.86728986), 1.24883846, 0.10695073219490),
    ],
)
def test_the_sample(method: str, slopes: tuple[float, float], offset: float, in_sample: float) -> None:
    x, y, _ = sample()
    found = fit(method, FitRows.of(x, y))
    assert found.slopes == pytest.approx(slopes, abs=1e-8)
    assert found.offsets == pytest.approx([0, offset], abs=1e-8)
    assert loss(method, FitRows.of(x, y)) == pytest.approx(in_sample, abs=1e-14)


def test_knots_of_the_sample() -> None:
    x, y, _ = sample()
    found = fit("isotonic", FitRows.of(x, y))
    assert found.knots is not None
    assert found.parameters == found.knots.shape[1] == 11
    assert found.knots[:, 0] == pytest.approx([-13.79972, -4.574711], rel=1e-6)
    assert found.knots[:, -1] == pytest.approx([9.476829, 5.713733], rel=1e-6)
    assert loss("isotonic", FitRows.of(x, y)) == pytest.approx(0.09931939403854, abs=1e-14)


def test_weights_of_the_sample() -> None:
    rows = FitRows.of(*sample())
    found = fit("affine", rows)
    assert [found.slopes[1], found.offsets[1]] == pytest.approx([0.99994694, 1.66011967], abs=1e-8)
    assert rows.mean(rows.losses()) == pytest.approx(0.14298881668, abs=1e-11)
    assert loss("affine", rows) == pytest.approx(0.10527343741, abs=1e-11)


def test_scikit_learns_temperature() -> None:
    x, y, _ = sample()
    theirs = _TemperatureScaling().fit(np.column_stack([np.zeros_like(x), x]), y)
    assert fit("temperature", FitRows.of(x, y)).slopes[0] == pytest.approx(theirs.beta_, rel=1e-6)


def test_scikit_learns_sigmoid() -> None:
    """Platt's targets are given as weights of rows of both labels: those two fits are the same."""
    x, y, _ = sample()
    positive, negative = int(y.sum()), int((1 - y).sum())
    high, low = (positive + 1) / (positive + 2), 1 / (negative + 2)
    target = np.where(y == 1, high, low)
    both = FitRows.of(np.tile(x, 2), np.repeat([1, 0], x.size), np.concatenate([target, 1 - target]))
    sigmoid = _SigmoidCalibration().fit(x, y)
    found = fit("affine", both)
    assert [found.slopes[1], found.offsets[1]] == pytest.approx([-sigmoid.a_, -sigmoid.b_], rel=1e-4)


@pytest.mark.parametrize(
    ("method", "slopes"), [("offset", 0), ("temperature", 1), ("slope_offsets", 1), ("vector", 3)]
)
@pytest.mark.parametrize("weighted", [False, True])
def test_scipy_finds_no_less_of_three_classes(method: str, slopes: int, weighted: bool) -> None:
    rows = random_rows(1, 300, 3, weighted=weighted)
    offsets = 0 if method == "temperature" else 2

    def mean_loss(given: FloatArray) -> float:
        s = given[:slopes] if slopes else np.ones(1)
        b = np.concatenate([[0], given[slopes:], np.zeros(2 - offsets)])
        z = np.broadcast_to(s, 3)[:, None] * rows.log_q + b[:, None]
        return rows.mean(scipy.special.logsumexp(z, axis=0) - z[rows.labels, np.arange(rows.entries)])

    start = np.concatenate([np.ones(slopes), np.zeros(offsets)])
    least = scipy.optimize.minimize(mean_loss, start, method="BFGS", options={"gtol": 1e-9})
    found = fit(method, rows)
    assert loss(method, rows) == pytest.approx(least.fun, abs=1e-11)
    mine = [*np.unique(found.slopes)[:1]] if slopes == 1 else [*found.slopes[:slopes]]
    assert [*mine, *found.offsets[1 : 1 + offsets]] == pytest.approx(least.x, abs=1e-5)


@law
@given(st.integers(0, 10**6), st.integers(20, 200), st.booleans())
def test_a_method_that_contains_another_fits_no_worse(seed: int, n: int, weighted: bool) -> None:
    for classes, orders in (
        (2, [("none", "offset", "affine", "beta"), ("none", "temperature", "affine")]),
        (3, [("none", "offset", "slope_offsets", "vector"), ("none", "temperature", "slope_offsets")]),
    ):
        rows = random_rows(seed, n, classes, weighted=weighted)
        fits = {method: fit(method, rows) for method in {*sum(orders, ())}}
        for order in orders:
            if all(fits[method].instead_of is None for method in order):
                losses = [rows.mean(fits[method].losses(rows)) for method in order]
                assert all(b <= a + 1e-12 for a, b in pairwise(losses))


@pytest.mark.parametrize(
    ("method", "found"), [("affine", "offset"), ("beta", "offset"), ("temperature", "none"), ("offset", "offset")]
)
def test_rows_told_apart_have_no_best_slope(method: str, found: str) -> None:
    separable = fit(method, FitRows.of(np.array([-2.0, -1, 1, 2]), np.array([0, 0, 1, 1])))
    assert separable.method == found
    assert separable.instead_of == (None if method == found else method)
    assert np.isfinite(separable.slopes).all()
    assert np.isfinite(separable.offsets).all()


@pytest.mark.parametrize("method", [*TWO_CLASSES])
def test_one_class_only(method: str) -> None:
    rows = FitRows.of(np.array([-1.0, 0.5, 2]), np.array([1, 1, 1]))
    found = fit(method, rows)
    assert found.method == (method if method in ("temperature", "isotonic") else "none")
    assert np.isfinite(found.losses(rows)).all()


@pytest.mark.parametrize("method", MORE_CLASSES)
def test_a_class_that_never_happens_is_not_ruled_out(method: str) -> None:
    found = fit(
        method, FitRows.of(np.log([[0.5, 0.2, 0.4], [0.3, 0.6, 0.3], [0.2, 0.2, 0.3]]), np.array([0, 0, 1]))
    )
    assert found.method == "temperature"
    assert np.isfinite(found.losses(random_rows(0, 20, 3))).all()


def test_certain_rows_stay_certain_but_for_knots() -> None:
    x, y = np.array([-INF, -1, -0.5, 0.5, 1, INF]), np.array([0, 0, 1, 0, 1, 1])
    rows = FitRows.of(x, y)
    for method in ("offset", "temperature", "affine", "beta"):
        assert fit(method, rows).losses(rows)[[0, 5]].tolist() == [0, 0], method
    isotonic = fit("isotonic", rows)
    assert isotonic.knots is not None
    assert np.isfinite(isotonic.knots).all()
    assert (isotonic.losses(rows) > 0).all()


@pytest.mark.parametrize("method", TWO_CLASSES)
def test_counts_of_log_odds_are_rows(method: str) -> None:
    rng = np.random.default_rng(3)
    x, y, w = rng.integers(-4, 5, 400) / 2, rng.integers(0, 2, 400), rng.uniform(0.5, 2, 400)
    keys, number = np.unique(x, return_inverse=True)
    totals = [
        np.stack([np.bincount(number, np.where(y == k, each, 0.0), keys.size) for k in (0, 1)]).astype(float)
        for each in (w, w * w, np.ones(400))
    ]
    single, counted = FitRows.of(x, y, w), FitRows.counted(keys, *totals)
    found, same = fit(method, single), fit(method, counted)
    assert same.slopes == pytest.approx(found.slopes)
    assert same.offsets == pytest.approx(found.offsets)
    one, two = found.losses(single), same.losses(counted)
    assert counted.mean(two) == pytest.approx(single.mean(one), rel=1e-12)
    assert counted.standard_error(two) == pytest.approx(single.standard_error(one), rel=1e-9)


def test_constant_predictions() -> None:
    rows = FitRows.of(np.zeros(8), np.array([0, 0, 0, 0, 0, 0, 1, 1]))
    assert loss("offset", rows) == pytest.approx(0.5623351446188083, abs=1e-12)  # entropy of 1/4
    assert loss("affine", rows) == pytest.approx(0.5623351446188083, abs=1e-12)
    assert loss("isotonic", rows) == pytest.approx(-(6 * np.log(6.5 / 9) + 2 * np.log(2.5 / 9)) / 8)


@pytest.mark.parametrize(("scores", "labels", "found"), [
    ([-2.0, -1, 0, 0, 1, 2], [0, 0, 0, 1, 1, 1], {"affine": "offset", "beta": "offset"}),
    # all rows of class 0 are certain and right, so the offset of class 1 rises without end
    ([-INF, -1.0, 0.5, 1], [0, 1, 1, 1], {"offset": "none", "affine": "none", "beta": "none"}),
    # only ties of classes 0 and 1 are wrong; only a slope of its own for class 2 tells it from class 0
    ([[0.0, 0, 2, 0, -1, -3], [0, 0, 0, 2, -1, -3], [-1, -1, -3, -3, 1, 2]], [0, 1, 0, 1, 2, 2],
     {"slope_offsets": "offset", "vector": "offset"}),
    # class 2 is told from the rest by certain rows only
    ([[0.0, 0, 1, 0.0], [0, 1, 0, 0], [-INF, -INF, -INF, 1]], [0, 0, 1, 2],
     {"offset": "temperature", "vector": "temperature"}),
])  # fmt: skip
def test_parameters_that_rise_without_end_are_not_the_best(
    scores: list[float], labels: list[int], found: dict[str, str]
) -> None:
    """Some rows can be told apart and others cannot: the loss has no minimum, though it does not fall to 0."""
    rows = FitRows.of(np.array(scores), np.array(labels))
    assert {method: fit(method, rows).method for method in found} == found


@pytest.mark.parametrize("classes", [2, 3])
def test_constant_predictions_become_the_class_frequencies(classes: int) -> None:
    """To the last digits, though slopes could do what offsets do."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        labels = np.concatenate([np.arange(classes), rng.integers(0, classes, 60)])
        scores = np.full((classes, labels.size), 1.0) * rng.normal(size=classes)[:, None]
        rows = FitRows.of(scores[1] - scores[0] if classes == 2 else scores, labels)
        shares = np.bincount(labels) / labels.size
        for method in methods_for(classes):
            if method not in ("temperature", "isotonic"):
                assert fit(method, rows).losses(rows) == pytest.approx(-np.log(shares[labels]), rel=1e-12)


def test_equal_shares_are_one_block_whatever_the_mean_weight() -> None:
    x, y, w = np.array([1.0, 1, 2, 2, 2, 2, 2]), np.array([1, 0, 1, 0, 0, 1, 0]), np.array([1.0, 2, 2, 2, 3, 2, 3])
    found = fit("isotonic", FitRows.of(x, y, w)).knots
    assert found is not None
    assert found.ravel() == pytest.approx([1.8, np.log((5 * 7 / 15 + 0.5) / (10 * 7 / 15 + 0.5))])


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e6, 1e300])
def test_offsets_of_log_odds_of_any_size(scale: float) -> None:
    """Where log-odds are large the loss has corners only, the least of them at one of the log-odds."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=90)
    y = (x + 0.5 + rng.normal(size=90) / 2 > 0).astype(np.intp)
    rows = FitRows.of(x * scale, y)
    corners = min(np.logaddexp(0, np.where(y == 1, -1, 1) * (x + b) * scale).mean() for b in (0, *-x))
    assert loss("offset", rows) <= corners * (1 + 1e-12)
    se = rows.standard_error(rows.losses() - fit("temperature", rows).losses(rows))
    assert se is not None
    assert 0 < se < scale
