"""Fits to rows: against SciPy's and mpmath's minimization, closed forms, and what no fit may do."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import scipy.optimize
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp
from numpy.typing import NDArray

from tests.cli.runner import process
from tests.properties.strategies import law
from tests.transcript import ROOT
from xentcli.core.exact import FloatArray
from xentcli.core.kept_rows import KeptRows, Rows, row_keys
from xentcli.core.numbers.recalibration import (
    Temperature,
    recalibrate,
    slope_offsets,
    temperature,
    two_class_fits,
    two_class_rows,
)

INF = math.inf
DIGITS = ROOT / "sample_data" / "digits.parquet"


def rows_of(log_q: Any, labels: Any = None, weights: Any = None, targets: Any = None) -> Rows:
    """Rows from forecasts `(n, K)` and targets `(n, K)`."""
    return Rows(
        np.ascontiguousarray(np.array(log_q, np.float64).T),
        None if labels is None else np.array(labels, np.intp),
        None if targets is None else np.ascontiguousarray(np.array(targets, np.float64).T),
        None if weights is None else np.array(weights, np.float64),
    )


def simulated(count: int, true_t: float = 1.0, offsets: Any = (0.0, 0.0, 0.0, 0.0), seed: int = 1) -> Rows:
    """Labels drawn from softmax(z + offsets), forecast as softmax(T z)."""
    random = np.random.default_rng(seed)
    z = random.normal(scale=1.5, size=(count, len(offsets)))
    labels = (z + np.array(offsets) + random.gumbel(size=z.shape)).argmax(axis=1)
    return rows_of(scipy.special.log_softmax(true_t * z, axis=1), labels)


def digits() -> Rows:
    table = pq.read_table(DIGITS)
    z = np.stack([table[f"logit_{k}"].to_numpy() for k in range(10)], axis=1)
    return rows_of(scipy.special.log_softmax(z, axis=1), table["label"].to_numpy())


def targets_of(rows: Rows, smoothing: float = 0.0) -> FloatArray:
    classes = len(rows.log_q)
    plain: FloatArray = np.eye(classes)[:, rows.labels] if rows.targets is None else rows.targets
    return (1 - smoothing) * plain + smoothing / classes


def loss_at(rows: Rows, slope: float, offsets: FloatArray, smoothing: float = 0.0) -> float:
    log_r = scipy.special.log_softmax(slope * rows.log_q + offsets[:, None], axis=0)
    return float(np.average(-(targets_of(rows, smoothing) * log_r).sum(axis=0), weights=rows.weights))


def mix_entropy(rows: Rows, smoothing: float = 0.0) -> float:
    return float(scipy.special.entr(np.average(targets_of(rows, smoothing), axis=1, weights=rows.weights)).sum())


def scipys_slope_offsets(rows: Rows, smoothing: float = 0.0) -> float:
    """Least loss by BFGS over (slope, offsets), from the forecast and from the class mix."""
    t, x = targets_of(rows, smoothing), rows.log_q
    w = np.ones(rows.count) if rows.weights is None else rows.weights

    def value(point: FloatArray) -> tuple[float, FloatArray]:
        log_r = scipy.special.log_softmax(point[0] * x + point[1:, None], axis=0)
        excess = (np.exp(log_r) - t) * (w / w.sum())
        loss = float(-(w / w.sum() * (t * log_r).sum(axis=0)).sum())
        return loss, np.concatenate([[(excess * x).sum()], excess.sum(axis=1)])

    mix = np.average(t, axis=1, weights=w)
    starts = [np.array([1.0, *np.zeros(len(x))]), np.array([0.0, *np.log(mix)])]
    return min(
        float(scipy.optimize.minimize(value, start, jac=True, method="BFGS", options={"gtol": 1e-10}).fun)
        for start in starts
    )


def scipys_temperature(rows: Rows, smoothing: float = 0.0) -> tuple[float, float]:
    none = np.zeros(len(rows.log_q))
    found = scipy.optimize.minimize_scalar(
        lambda s: loss_at(rows, math.exp(s), none, smoothing), bracket=(-1.0, 1.0), tol=1e-14
    )
    return math.exp(found.x), float(found.fun)


def soft(count: int, seed: int = 4) -> Rows:
    random = np.random.default_rng(seed)
    targets = random.dirichlet([0.4] * 3, count)
    targets[::5] = np.eye(3)[0]
    log_q = scipy.special.log_softmax(2 * np.log(targets + 0.2) + random.normal(size=(count, 3)), axis=1)
    return rows_of(log_q, targets=targets, weights=random.exponential(size=count))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_digits_as_scipy_fits_them(smoothing: float) -> None:
    rows = digits()
    slope, loss = scipys_temperature(rows, smoothing)
    found = temperature(rows, smoothing)
    assert found.log_loss == pytest.approx(loss, rel=1e-12, abs=0)
    assert found.slope == pytest.approx(slope, rel=1e-6, abs=0)
    best = slope_offsets(rows, smoothing)
    assert best.log_loss == pytest.approx(scipys_slope_offsets(rows, smoothing), rel=1e-9, abs=0)
    assert best.log_loss == pytest.approx(loss_at(rows, best.slope, best.offsets, smoothing), rel=1e-12, abs=0)


@pytest.mark.parametrize("true_t", [0.2, 0.5, 1.0, 3.0, 20.0])
@pytest.mark.parametrize("offsets", [(0.0, 0.0, 0.0, 0.0), (2.0, 0.0, -1.0, -3.0)])
def test_any_temperature_is_found_as_scipy_finds_it(true_t: float, offsets: tuple[float, ...]) -> None:
    rows, undone = simulated(3000, true_t, offsets), simulated(3000, 1.0, offsets)
    slope, loss = scipys_temperature(undone)  # the same rows as they were before
    found, best = temperature(rows), slope_offsets(rows)
    assert found.log_loss == pytest.approx(loss, rel=1e-12, abs=0)
    assert found.slope * true_t == pytest.approx(slope, rel=1e-6, abs=0)
    assert best.log_loss == pytest.approx(scipys_slope_offsets(undone), rel=1e-11, abs=0)
    assert best.log_loss <= min(found.log_loss, mix_entropy(rows)) * (1 + 1e-13)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_soft_targets_as_scipy_fits_them(smoothing: float) -> None:
    rows = soft(500)
    slope, loss = scipys_temperature(rows, smoothing)
    assert temperature(rows, smoothing).log_loss == pytest.approx(loss, rel=1e-12, abs=0)
    assert temperature(rows, smoothing).slope == pytest.approx(slope, rel=1e-6, abs=0)
    expected = scipys_slope_offsets(rows, smoothing)
    assert slope_offsets(rows, smoothing).log_loss == pytest.approx(expected, rel=1e-11, abs=0)


def test_smoothing_is_a_soft_target() -> None:
    rows = simulated(400)
    same = Rows(rows.log_q, None, targets_of(rows, 0.2), None)
    assert temperature(rows, 0.2).log_loss == pytest.approx(temperature(same).log_loss, rel=1e-13, abs=0)
    assert slope_offsets(rows, 0.2).log_loss == pytest.approx(slope_offsets(same).log_loss, rel=1e-13, abs=0)


@pytest.mark.parametrize("scale", [1.0, 12.0])
def test_least_loss_is_mpmaths_root_of_the_gradient(scale: float) -> None:
    """Forty rows, and the same with every forecast twelve times as sure: the loss after the fit is the same."""
    rows = simulated(40, scale, (1.0, 0.0, -1.0))
    assert rows.labels is not None
    x, labels = rows.log_q.T.tolist(), rows.labels.tolist()

    def log_r(row: list[float], a: Any, b: Any) -> list[Any]:
        z = [a * mp.mpf(value) + offset for value, offset in zip(row, (0, *b), strict=True)]
        total = mp.log(mp.fsum(mp.exp(value) for value in z))
        return [value - total for value in z]

    def gradient(a: Any, *b: Any) -> list[Any]:
        excess = [
            [mp.exp(value) - (k == y) for k, value in enumerate(log_r(row, a, b))]
            for row, y in zip(x, labels, strict=True)
        ]
        slope = mp.fsum(e * v for es, row in zip(excess, x, strict=True) for e, v in zip(es, row, strict=True))
        return [slope, *(mp.fsum(es[k] for es in excess) for k in (1, 2))]

    found = slope_offsets(rows)
    start = (found.slope, *(found.offsets[1:] - found.offsets[0]).tolist())
    with mp.workdps(30):
        a, *b = mp.findroot(gradient, start, tol=1e-40)
        expected = -mp.fsum(log_r(row, a, b)[y] for row, y in zip(x, labels, strict=True)) / len(x)
        assert found.log_loss == pytest.approx(float(expected), rel=1e-13, abs=0)
        assert found.slope == pytest.approx(float(a), rel=1e-6, abs=0)


def test_balanced_training_needs_offsets() -> None:
    """A model trained on balanced classes, used where they have shares .9, .05, .05."""
    rows = simulated(5000, 1.0, tuple(np.log([0.9, 0.05, 0.05])))
    warm, best, mix = temperature(rows), slope_offsets(rows), mix_entropy(rows)
    assert best.log_loss < mix < warm.log_loss
    assert best.offsets - best.offsets[0] == pytest.approx(np.log([1, 0.05 / 0.9, 0.05 / 0.9]), abs=0.3)
    assert recalibrate(rows).log_loss == best.log_loss
    assert recalibrate(rows).method == "slope_offsets"


def test_a_calibrated_forecast_has_little_to_gain() -> None:
    rows = simulated(20_000)
    gain = loss_at(rows, 1.0, np.zeros(4)) - slope_offsets(rows).log_loss
    assert 0 <= 2 * rows.count * gain < 18.5  # chi square of 4 degrees: above it once in a thousand


@pytest.mark.parametrize(
    ("log_q", "loss"),
    [
        ([[5, 0, 0], [0, 3, 0], [0, 0, 1]], 0.0),
        ([[5, 5, 0], [0, 3, 0], [0, 0, 1]], math.log(2) / 3),  # a tie at the top stays one
        ([[-1e-300, -700, -1e308], [-1e308, 0, -1], [-1, -1, -0.5]], 0.0),
        ([[0, -INF, -INF], [-3, 0, -3], [-INF, -1, -0.5]], 0.0),
    ],
)
def test_every_row_right_is_a_temperature_of_0(log_q: list[list[float]], loss: float) -> None:
    found = temperature(rows_of(log_q, [0, 1, 2]))
    assert found.slope == INF
    assert found.log_loss == pytest.approx(loss, rel=1e-15, abs=0)
    assert slope_offsets(rows_of(log_q, [0, 1, 2])).log_loss == 0.0


def test_rows_that_offsets_set_right() -> None:
    """Found right by softmax(a (log q + b)) however large a."""
    rows = rows_of([[0, -0.1, -3], [0, -2, -3], [0, -3, -1], [0, -0.2, -4]], [1, 0, 2, 1])
    found = slope_offsets(rows)
    assert temperature(rows).slope < INF
    assert (found.slope, found.log_loss) == (INF, 0.0)
    assert (rows.log_q + found.offsets[:, None]).argmax(axis=0).tolist() == [1, 0, 2, 1]


def test_rows_of_little_weight_and_hardly_any_curvature() -> None:
    """All but one row of little weight are sure and right: an undamped Newton step goes far too far."""
    log_q = [[0, -21, -5], [-31, 0, -28], [-20, 0, -4], [-6, 0, -7]]
    rows = rows_of(log_q, [0, 1, 1, 2], [1.0, 0.01, 0.0001, 0.01])
    assert slope_offsets(rows).log_loss == pytest.approx(scipys_slope_offsets(rows), rel=1e-9, abs=0)


def test_worse_than_chance() -> None:
    rows = rows_of([[-5, 0, 0], [0, -3, 0], [0, 0, -1], [0, 0, -2]], [0, 1, 2, 2])
    found, best = temperature(rows), slope_offsets(rows)
    assert found.slope == best.slope == 0.0
    assert found.log_loss == pytest.approx(math.log(3), rel=1e-15, abs=0)
    assert best.log_loss == pytest.approx(1.5 * math.log(2), rel=1e-15, abs=0)  # H(1/4, 1/4, 1/2)
    assert np.exp(best.offsets) / np.exp(best.offsets).sum() == pytest.approx([0.25, 0.25, 0.5], rel=1e-12)


def test_forecasts_all_alike_are_the_class_mix() -> None:
    labels = [0, 1, 2, 1, 1]
    entropy = mix_entropy(rows_of(np.zeros((5, 3)), labels))
    flat = rows_of(np.full((5, 3), -math.log(3)), labels)
    assert temperature(flat).slope == 1.0
    assert temperature(flat).log_loss == pytest.approx(math.log(3), rel=1e-15, abs=0)
    for log_q in ([-math.log(3)] * 3, [-0.1, -3.0, -4.0], [0.0, -1e308, -5e307]):
        assert slope_offsets(rows_of([log_q] * 5, labels)).log_loss == pytest.approx(entropy, rel=1e-14, abs=0)


def test_classes_that_never_happen_are_left_out() -> None:
    rows = simulated(300)
    wide = Rows(np.vstack([rows.log_q, np.full((2, 300), -0.5)]), rows.labels, None, None)
    found = slope_offsets(wide)
    assert found.log_loss == pytest.approx(slope_offsets(rows).log_loss, rel=1e-14, abs=0)
    assert found.offsets[4:].tolist() == [-INF, -INF]
    one = slope_offsets(rows_of([[-1, -2, -3], [-4, -2, -3]], [1, 1]))
    assert (one.log_loss, one.offsets.tolist()) == (0.0, [-INF, 0.0, -INF])
    assert slope_offsets(rows_of([[-1, -2, -3]], [2])).log_loss == 0.0


def test_impossible_classes_are_those_of_hardly_any_probability() -> None:
    rows = simulated(500)
    assert rows.labels is not None
    out = np.arange(4)[:, None] == (rows.labels + 1) % 4
    out &= np.arange(500) % 3 == 0
    never, hardly = (Rows(np.where(out, low, rows.log_q), rows.labels, None, None) for low in (-INF, -1e5))
    for fit in (temperature, slope_offsets):
        assert fit(never).log_loss == pytest.approx(fit(hardly).log_loss, rel=1e-14, abs=0)


def test_log_odds_of_any_size() -> None:
    """Rows that are right by 1e308 take no part; one that is wrong by so much makes the slope all but 0."""
    rows = simulated(200)
    assert rows.labels is not None
    sure = np.where(np.arange(4)[:, None] == rows.labels, 1e308, -1e308)
    both = Rows(np.hstack([rows.log_q, sure]), np.tile(rows.labels, 2), None, None)
    assert temperature(both).slope == pytest.approx(temperature(rows).slope, rel=1e-9, abs=0)
    assert temperature(both).log_loss == pytest.approx(temperature(rows).log_loss / 2, rel=1e-13, abs=0)
    wrong = rows_of([[0, -1, -1e308], [-1, 0, -2], [-1, -2, 0]], [2, 1, 2])
    assert temperature(wrong).log_loss == pytest.approx(math.log(3), rel=1e-12, abs=0)
    assert slope_offsets(wrong).log_loss <= mix_entropy(wrong) * (1 + 1e-14)


@pytest.mark.parametrize("unit", [5e-324 * 2**60, 1e-200, 3.0, 1.7e308])
def test_only_shares_of_weight_count(unit: float) -> None:
    rows = simulated(300)
    weighted = Rows(rows.log_q, rows.labels, None, np.full(300, unit))
    assert slope_offsets(weighted).log_loss == pytest.approx(slope_offsets(rows).log_loss, rel=1e-13, abs=0)


def test_a_weight_is_the_row_repeated() -> None:
    rows, times = simulated(200), np.random.default_rng(5).integers(1, 5, 200)
    assert rows.labels is not None
    weighted = Rows(rows.log_q, rows.labels, None, times.astype(np.float64))
    repeated = Rows(np.repeat(rows.log_q, times, axis=1), np.repeat(rows.labels, times), None, None)
    for fit in (temperature, slope_offsets):
        assert fit(weighted).log_loss == pytest.approx(fit(repeated).log_loss, rel=1e-13, abs=0)


forecasts = st.lists(st.floats(-30, 0) | st.sampled_from([0.0, -1.0, -1e3, -INF]), min_size=3, max_size=3)


@law
@given(st.lists(st.tuples(forecasts, st.integers(0, 2), st.sampled_from([1.0, 0.1, 1e-9, 1e9])), min_size=1))
def test_never_worse_than_the_forecast_the_class_mix_or_the_temperature(
    drawn: list[tuple[list[float], int, float]],
) -> None:
    log_q = np.array([q for q, _, _ in drawn])
    labels = np.array([y for _, y, _ in drawn])
    at = (np.arange(len(drawn)), labels)
    log_q[at] = np.maximum(log_q[at], -40.0)
    rows = rows_of(log_q, labels, [w for _, _, w in drawn])
    warm, best = temperature(rows), slope_offsets(rows)
    with np.errstate(invalid="ignore"):  # 0 times an infinite loss
        log_r = scipy.special.log_softmax(rows.log_q, axis=0)
    stated = float(np.average(-log_r[labels, np.arange(len(drawn))], weights=rows.weights))
    slack = 1e-13
    assert 0 <= warm.log_loss <= min(stated, math.log(3)) * (1 + slack)
    assert 0 <= best.log_loss <= min(warm.log_loss, mix_entropy(rows)) * (1 + slack) + 1e-15


def test_above_thirty_classes_the_better_of_two() -> None:
    random = np.random.default_rng(6)
    z = random.normal(size=(400, 31))
    told = rows_of(z, (2 * z + random.gumbel(size=z.shape)).argmax(axis=1))
    found = recalibrate(told)
    assert (found.method, found.log_loss, found.temperature) == (
        "temperature", temperature(told).log_loss, temperature(told),
    )  # fmt: skip
    untold = rows_of(z, random.integers(0, 2, 400))
    assert recalibrate(untold).method == "class_mix"
    assert recalibrate(untold).log_loss == pytest.approx(mix_entropy(untold), rel=1e-14, abs=0)


def test_order_of_rows_and_blocks_does_not_show() -> None:
    rows = simulated(20_000, 2.0, (1.0, 0.0, 0.0, 0.0))
    assert rows.labels is not None

    def bits(order: NDArray[np.int64], cut: int) -> list[float]:
        assert rows.labels is not None
        kept = KeptRows.empty(4)
        for part in np.split(np.arange(order.size), [cut]):
            log_q, labels = np.ascontiguousarray(rows.log_q[:, order[part]]), rows.labels[order[part]]
            kept = KeptRows.of(log_q, labels, None, None, row_keys(0, part)).merge(kept)
        found, warm = slope_offsets(kept.arrays()), temperature(kept.arrays())
        return [warm.slope, warm.log_loss, found.slope, *found.offsets.tolist(), found.log_loss]

    whole = bits(np.arange(rows.count), 0)
    for seed in range(3):
        assert bits(np.random.default_rng(seed).permutation(rows.count), 1 + 7001 * seed) == whole


def bits_of_a_fit() -> list[str]:
    best = slope_offsets(simulated(30_000, 2.0, np.linspace(0, 2, 25)))
    return [best.log_loss.hex(), best.offsets.tobytes().hex()]


def test_number_of_threads_does_not_show() -> None:
    """Linear algebra asks for it before NumPy is loaded: here it is one, in the other process two."""
    two = {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", "PYTHONPATH": str(ROOT)}
    script = "from tests.core.test_recalibration import bits_of_a_fit as bits; print(*bits())"
    run = process(cwd=ROOT, env=two, command=(sys.executable, "-c", script))
    assert run.stdout.split() == bits_of_a_fit()


def temperature_of_odds(x: FloatArray, positive: FloatArray, negative: FloatArray) -> Temperature:
    return temperature(two_class_rows(x, positive, negative))


def scipys_two_class(x: FloatArray, positive: FloatArray, negative: FloatArray) -> tuple[float, float]:
    def value(s: float) -> float:
        z = math.exp(s) * x
        return float((positive * np.logaddexp(0, -z) + negative * np.logaddexp(0, z)).sum())

    found = scipy.optimize.minimize_scalar(value, bracket=(-1.0, 1.0), tol=1e-14)
    return math.exp(found.x), float(found.fun) / float((positive + negative).sum())


def test_two_classes_as_scipy_fits_them() -> None:
    random = np.random.default_rng(7)
    x = np.sort(random.normal(scale=4, size=300))
    positive = np.where(x > -3, random.exponential(size=300), 0.0)
    negative = np.where(x < 3, random.exponential(size=300), 0.0)
    slope, loss = scipys_two_class(x, positive, negative)
    found = temperature_of_odds(x, positive, negative)
    assert found.log_loss == pytest.approx(loss, rel=1e-12, abs=0)
    assert found.slope == pytest.approx(slope, rel=1e-6, abs=0)


def test_two_classes_with_infinite_log_odds() -> None:
    """Rows that are right for certain weigh in the mean and nowhere else."""
    x, positive, negative = np.array([-2.0, 1.0]), np.array([1.0, 3.0]), np.array([4.0, 1.0])
    plain = temperature_of_odds(x, positive, negative)
    more = temperature_of_odds(np.array([-INF, *x, INF]), np.array([0, *positive, 2]), np.array([7, *negative, 0]))
    assert more.slope == pytest.approx(plain.slope, rel=1e-9, abs=0)
    assert more.log_loss == pytest.approx(plain.log_loss * 9 / 18, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("positive", "negative", "slope", "loss"),
    [
        ([0.0, 3.0], [2.0, 0.0], INF, 0.0),
        ([3.0, 0.0], [0.0, 2.0], 0.0, math.log(2)),
        ([0.0, 3.0], [2.0, 1.0], math.log(5), math.log(6) - 5 / 6 * math.log(5)),  # 1 row of 6 on the wrong side
    ],
)
def test_two_classes_in_closed_form(
    positive: list[float], negative: list[float], slope: float, loss: float
) -> None:
    found = temperature_of_odds(np.array([-1.0, 1.0]), np.array(positive), np.array(negative))
    assert found.slope == pytest.approx(slope, rel=1e-9, abs=0)
    assert found.log_loss == pytest.approx(loss, rel=1e-14, abs=0)


def two_class_loss(x: FloatArray, up: FloatArray, down: FloatArray, slope: float, offset: float) -> float:
    """Mean log loss of log-odds a x + b."""
    z = slope * x + offset
    total = (up * np.logaddexp(0, -z) + down * np.logaddexp(0, z)).sum()
    return float(total / (up + down).sum())


def test_offset_and_slope_as_scipy_fits_them() -> None:
    random = np.random.default_rng(5)
    for sharp, shift in ((1.0, 0.0), (2.5, -1.0), (0.4, 3.0)):
        x = random.normal(0, 2, 400)
        up = (random.random(400) < scipy.special.expit(x)).astype(float) * random.random(400)
        down = random.random(400)
        seen = sharp * x + shift
        fits = two_class_fits(two_class_rows(seen, up, down))
        one = scipy.optimize.minimize_scalar(lambda b: two_class_loss(seen, up, down, 1.0, b), tol=1e-12)  # noqa: B023
        assert fits.offset == pytest.approx(one.x, abs=1e-6)
        assert fits.log_loss_at_offset == pytest.approx(one.fun, rel=1e-12)
        both = scipy.optimize.minimize(lambda v: two_class_loss(seen, up, down, *v), [1.0, 0.0], tol=1e-12)  # noqa: B023
        assert fits.log_loss_at_both == pytest.approx(both.fun, rel=1e-9)
        assert fits.unchanged == pytest.approx(two_class_loss(seen, up, down, 1.0, 0.0), rel=1e-12)


def test_an_offset_moves_the_mean_prediction_to_the_share_of_rows() -> None:
    """The derivative by the offset is sum w (p - y): 0 where both means agree (a closed form of the condition)."""
    x, up, down = np.array([-3.0, -1.0, 0.5, 2.0]), np.array([0.5, 2.0, 1.0, 4.0]), np.array([9.0, 1.0, 3.0, 0.25])
    fits = two_class_fits(two_class_rows(x, up, down))
    share = scipy.special.expit(x + fits.offset)
    assert ((up + down) * share).sum() == pytest.approx(up.sum(), rel=1e-9)


def test_rows_all_right_still_have_a_best_offset() -> None:
    x, up, down = np.array([-1.0, 2.0]), np.array([0.0, 1.0]), np.array([1.0, 0.0])
    fits = two_class_fits(two_class_rows(x, up, down))
    assert fits.offset == pytest.approx(-0.5, abs=1e-9)  # by symmetry, halfway between both
    assert fits.log_loss_at_both == 0
