"""Gains on rows that no fit has seen, against reference figures, and how often they are claimed wrongly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.core.fits.test_methods import random_rows, sample
from xentcli.core.exact import FloatArray
from xentcli.core.fits.cross_fitting import cross_fit
from xentcli.core.fits.methods import MORE_CLASSES, TWO_CLASSES, fit
from xentcli.core.fits.prior_shift import estimate_frequencies, shift_of, shift_of_kept
from xentcli.core.fits.rows import FitRows

Y = np.ndarray


def folds_of(x: FloatArray, y: Y, count: int = 5) -> list[FitRows]:
    """Fold = row number mod 5."""
    return [FitRows.of(x[..., k::count], y[k::count]) for k in range(count)]


# Reference figures: the same fits by scipy.optimize.minimize and scikit-learn's isotonic regression, fold by fold.
@pytest.mark.parametrize(
    ("method", "cross_fitted", "gain", "se"),
    [
        ("offset", 0.1080358715, 0.0318781435, 0.0115268356),
        ("temperature", 0.1269985379, 0.0129154770, 0.0090801843),
        ("affine", 0.1101639084, 0.0297501066, 0.0113185297),
        ("beta", 0.1572580215, -0.0173440066, 0.0396433483),
        ("isotonic", 0.1088576238, 0.0310563912, 0.0156205608),
    ],
)
def test_the_sample(method: str, cross_fitted: float, gain: float, se: float) -> None:
    x, y, _ = sample()
    found = cross_fit(folds_of(x, y), [method], choose=False)
    assert found.log_loss == pytest.approx(0.1399140149517205, abs=1e-15)
    [each] = found.gains
    assert [each.cross_fitted, each.gain, each.se] == pytest.approx([cross_fitted, gain, se], abs=2e-10)
    assert found.chosen.method == method
    assert found.auto is None


def test_the_choice_for_the_sample() -> None:
    x, y, _ = sample()
    found = cross_fit(folds_of(x, y), TWO_CLASSES, choose=True)
    assert found.auto is not None
    assert found.auto.verdict == "helps"
    assert found.chosen.method == "offset"
    verdicts = {each.method: each.verdict for each in found.gains}
    assert verdicts == {
        "offset": "helps", "temperature": "not shown", "affine": "helps", "beta": "not shown", "isotonic": "helps",
    }  # fmt: skip
    offset = found.gains[0]
    assert offset.gain is not None
    assert offset.se is not None
    spread = np.hypot(offset.se, (0.1399140149517205 - offset.in_sample - offset.gain) / 2)
    assert offset.low == pytest.approx(offset.gain - stats.norm.ppf(0.95) * spread)


def test_what_is_calibrated_stays_as_it_is() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=1000) * 2
    found = cross_fit(folds_of(x, (rng.logistic(size=1000) < x).astype(int)), TWO_CLASSES, choose=True)
    assert found.chosen.method == "none"
    assert found.auto is not None
    assert found.auto.fitted.parameters >= 0


def test_more_classes() -> None:
    rows = random_rows(2, 600, 3)
    found = cross_fit(folds_of(rows.log_q, rows.labels), MORE_CLASSES, choose=True)
    assert found.auto is not None
    assert found.auto.verdict == "helps"
    assert found.chosen.method == "slope_offsets"  # what the rows were made with


def test_folds_in_time_are_predicted_from_those_before() -> None:
    x, y, _ = sample()
    first, second, third = folds = folds_of(x, y, 3)
    [found] = cross_fit(folds, ["offset"], choose=False, forward=True).gains
    losses = [
        fit("offset", first).losses(second),
        fit("offset", FitRows.join([first, second])).losses(third),
    ]
    assert found.cross_fitted == pytest.approx(np.concatenate(losses).mean())


def test_one_fold_shows_nothing() -> None:
    x, y, _ = sample()
    found = cross_fit([FitRows.of(x, y)], TWO_CLASSES, choose=True)
    assert {each.verdict for each in found.gains} == {"not shown"}
    assert found.gains[0].gain is None
    assert found.chosen.method == "none"


def test_a_fold_without_a_class() -> None:
    x, y, _ = sample()
    order = np.argsort(y, kind="stable")
    folds = [FitRows.of(x[part], y[part]) for part in np.array_split(order, 5)]
    found = cross_fit(folds, TWO_CLASSES, choose=True)
    assert all(each.gain is not None for each in found.gains)


def test_standard_errors() -> None:
    rng = np.random.default_rng(1)
    y, d = rng.integers(0, 2, 60), rng.normal(size=60)
    rows = FitRows.of(rng.normal(size=60), y)
    assert rows.standard_error(d) == pytest.approx(stats.sem(d))
    group = np.repeat(np.arange(20), 3)
    clustered = FitRows.of(rng.normal(size=60), y, clusters=group)
    assert clustered.standard_error(d) == pytest.approx(stats.sem(d.reshape(20, 3).sum(axis=1)) * 20 / 60)
    assert FitRows.of(np.ones(2), y[:2], clusters=group[:2]).standard_error(d[:2]) is None


def test_prior_shift() -> None:
    """212 of 569 to one in ten; p = .5 becomes 1/11 where a tenth of the second class was kept."""
    shift = shift_of(np.array([357.0, 212]) / 569, np.array([0.9, 0.1]))
    assert shift == pytest.approx([0, -1.6760750702285925], abs=1e-15)
    kept = shift_of_kept(np.array([0.1, 1.0]))
    assert 1 / (1 + np.exp(-kept[1])) == pytest.approx(1 / 11)


def test_frequencies_are_estimated() -> None:
    """At the end the mean of the shifted predictions is the frequencies: that is where EM stands still."""
    rng = np.random.default_rng(4)
    rows = FitRows.of(rng.normal(size=500) * 2 - 1, np.zeros(500, np.intp))
    before = np.array([0.5, 0.5])
    found = estimate_frequencies(rows.log_q, rows.weights, before)
    assert found is not None
    odds = np.exp(rows.log_q[1] - rows.log_q[0]) * found[1] / found[0]
    assert (odds / (1 + odds)).mean() == pytest.approx(found[1], abs=1e-10)
    certain = np.array([[0.0, -np.inf], [-np.inf, 0.0]])
    assert estimate_frequencies(certain, np.array([3.0, 1]), before) == pytest.approx([0.75, 0.25])


@pytest.mark.slow
@pytest.mark.parametrize("rows", [200, 1000])
def test_help_is_claimed_of_few_calibrated_models(rows: int) -> None:
    """Of 300 models that are calibrated at most 5 % (and three standard errors of that) are said to gain."""
    helped = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=rows) * 2
        found = cross_fit(folds_of(x, (rng.logistic(size=rows) < x).astype(int)), TWO_CLASSES, choose=True)
        assert found.auto is not None
        helped += found.auto.verdict == "helps"
    assert helped <= 300 * 0.05 + 3 * np.sqrt(300 * 0.05 * 0.95)
