"""The compiled kernel at each level of SIMD of this machine: against mpmath, whole numbers and its base level."""

from __future__ import annotations

import ctypes
import math
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from numpy.typing import NDArray

from tests.cli.runner import environment
from xentcli.core import kernel
from xentcli.core.exact import ONE, PRODUCT_ONE, ExactProducts, ExactSums, ratio
from xentcli.core.kernel import FloatArray
from xentcli.core.moments import ScoreTest

INF, NAN = math.inf, math.nan
MAPS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "exp": kernel.exp,
    "expm1": kernel.expm1,
    "log": kernel.log,
    "log1p": kernel.log1p,
    "erfc": kernel.erfc,
    "lgamma": kernel.lgamma,
}
EXACT = {name: getattr(mp, {"lgamma": "loggamma"}.get(name, name)) for name in MAPS}
LIMITS = {"erfc": 5, "lgamma": 5}  # of the error, in units in the last place; of the others 1
SINGLE = {  # the same of one number
    "exp": kernel.exp_of,
    "log": kernel.log_of,
    "log1p": kernel.log1p_of,
    "erfc": kernel.erfc_of,
    "lgamma": kernel.lgamma_of,
}


@pytest.fixture(params=kernel.available)
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each level in turn."""
    before = kernel.level
    kernel.use(request.param)
    yield request.param
    kernel.use(before)


def bits(x: FloatArray) -> list[int]:
    found: list[int] = x.view(np.uint64).tolist()
    return found


def random_bits(count: int, seed: int = 0) -> FloatArray:
    """Float64 of any size and sign, subnormals among them; finite."""
    x = np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64).view(np.float64)
    return x[np.isfinite(x)]


# --- exp, expm1, log, log1p, erfc, lgamma ----------------------------------------------------------------

# Where and how densely each is tried: (from, to), or powers of two next to 0 or to 1.
INTERVALS: dict[str, list[tuple[float, float]]] = {
    "exp": [(-1, 1), (-0.35, 0.35), (-745.2, -707), (-100, 100), (700, 709.78)],
    "expm1": [(-1.1, 1.1), (-0.35, 0.35), (-60, 60), (33, 40), (700, 709.78)],
    "log": [(0.5, 2), (0.7, 0.71), (1.41, 1.42), (0, 1e-307), (1e300, 1.7e308)],
    "log1p": [(-0.9999, 3), (-0.3, -0.28), (0.41, 0.42), (-1, -0.9999), (1e15, 1e17)],
    "erfc": [(-6.5, -0.7), (-0.8, 0.8), (0.74, 0.76), (0.75, 3), (3, 20), (20, 26.5), (26.5, 27.2)],
    "lgamma": [(0, 0.3), (0.2, 1.3), (0.98, 1.02), (1.2, 2.5), (1.98, 2.02), (2.4, 8.1), (8, 100), (100, 1e9)],
}
RANGES = {  # where results are neither beyond float64 nor 0
    **dict.fromkeys(("exp", "expm1"), (-745.2, 709.78)),
    "log": (0.0, INF),
    "log1p": (-1.0, INF),
    "erfc": (-INF, 27.2),
    "lgamma": (0.0, 2.5e305),
}


def arguments(name: str, count: int) -> FloatArray:
    random = np.random.default_rng(len(name))
    near = np.ldexp(random.uniform(-1, 1, count), -random.integers(0, 70, count))
    parts = [random.uniform(low, high, count) for low, high in INTERVALS[name]]
    x = np.concatenate([*parts, near + 1 if name in ("log", "lgamma") else near, random_bits(count)])
    low, high = RANGES[name]
    return x[(x > low) & (x < high)]


def check_error(name: str, count: int) -> None:
    x = arguments(name, count)
    with mp.workprec(160):
        for at, found in zip(x.tolist(), MAPS[name](x).tolist(), strict=True):
            exact = EXACT[name](mp.mpf(at))
            error = abs(mp.mpf(found) - exact) / math.ulp(float(exact))
            assert error < LIMITS.get(name, 1), (at.hex(), found.hex())


@pytest.mark.parametrize("name", MAPS)
def test_error_is_below_its_limit(name: str) -> None:
    check_error(name, 300)


@pytest.mark.slow
@pytest.mark.parametrize("name", MAPS)
def test_error_is_below_its_limit_of_many(name: str) -> None:
    check_error(name, 20_000)


LEAST, SMALL, LARGE = 5e-324, 2.0**-1022, sys.float_info.max
SPECIAL: dict[str, list[tuple[float, float]]] = {
    "exp": [
        (0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (NAN, NAN), (LEAST, 1.0), (-LEAST, 1.0), (LARGE, INF),
        (-LARGE, 0.0), (709.782712893384, 1.7976931348622732e308), (709.7827128933841, INF),
        (-745.1332191019411, LEAST), (-745.1332191019412, 0.0),
    ],
    "expm1": [
        (0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (NAN, NAN), (LEAST, LEAST), (-LEAST, -LEAST),
        (SMALL, SMALL), (LARGE, INF), (-LARGE, -1.0), (-36.5, -0.9999999999999999), (-38.0, -1.0),
    ],
    "log": [
        (0.0, -INF), (-0.0, -INF), (INF, INF), (-INF, NAN), (-1.0, NAN), (-LEAST, NAN), (NAN, NAN), (1.0, 0.0),
        (LEAST, -744.4400719213812), (SMALL, -708.3964185322641), (LARGE, 709.782712893384),
    ],
    "log1p": [
        (0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, NAN), (-1.0, -INF), (-1.0000000000000002, NAN), (NAN, NAN),
        (LEAST, LEAST), (-LEAST, -LEAST), (SMALL, SMALL), (LARGE, 709.782712893384),
        (-0.9999999999999999, -36.7368005696771),
    ],
    "erfc": [
        (0.0, 1.0), (-0.0, 1.0), (INF, 0.0), (-INF, 2.0), (NAN, NAN), (LEAST, 1.0), (-LARGE, 2.0), (LARGE, 0.0),
        (-6.0, 2.0), (27.22, LEAST), (27.3, 0.0),
    ],
    "lgamma": [
        (0.0, INF), (-0.0, INF), (1.0, 0.0), (2.0, 0.0), (INF, INF), (-INF, NAN), (NAN, NAN), (-0.5, NAN),
        (-1.5, NAN), (LEAST, 744.4400719213812), (LARGE, INF), (0.9999999999999999, 6.408381213480008e-17),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", MAPS)
def test_special_values(name: str, level: str) -> None:
    x, expected = np.array(SPECIAL[name]).T.copy()
    found = MAPS[name](x)
    nan = np.isnan(expected)
    assert np.isnan(found[nan]).all()
    assert bits(found[~nan]) == bits(expected[~nan])
    given = np.isnan(x)
    assert bits(found[given]) == bits(x[given])  # a NaN comes back as it is


# The worst argument seen of each, off by 0.75 to 0.82 units (erfc by 3.7, lgamma by 3.5): what every compiler and
# machine gives, and mpmath.
FROZEN = [
    ("exp", "0x1.79ad3f1e3770cp-2", "0x1.722f50425e3a8p+0", "0x1.722f50425e3a9p+0"),
    ("expm1", "0x1.6fb0dd2bef590p-2", "0x1.ba5e9a4974438p-2", "0x1.ba5e9a4974439p-2"),
    ("log", "0x1.680467896a7a2p-1", "-0x1.689ffcc62acc8p-2", "-0x1.689ffcc62acc7p-2"),
    ("log1p", "-0x1.2d8bc9781ee4ap-2", "-0x1.6530936e99b52p-2", "-0x1.6530936e99b51p-2"),
    ("erfc", "0x1.969fca6986014p+4", "0x1.a28f44a0828bfp-938", "0x1.a28f44a0828bbp-938"),
    ("lgamma", "0x1.406709ad2eb56p+0", "-0x1.93faeb5732ebap-4", "-0x1.93faeb5732ebdp-4"),
]


@pytest.mark.parametrize(("name", "x", "expected", "exact"), FROZEN)
def test_frozen_bits(name: str, x: str, expected: str, exact: str, level: str) -> None:
    at = float.fromhex(x)
    assert MAPS[name](np.array([at]))[0].hex() == expected
    with mp.workprec(160):
        assert float(EXACT[name](mp.mpf(at))).hex() == exact


@pytest.mark.parametrize("name", MAPS)
def test_bits_are_those_of_the_base_level(name: str, level: str) -> None:
    x = np.concatenate([arguments(name, 2000), random_bits(20_000), np.array(SPECIAL[name])[:, 0]])
    found = bits(MAPS[name](x))
    kernel.use("base")
    assert found == bits(MAPS[name](x))


@pytest.mark.parametrize("name", SINGLE)
def test_functions_of_one_number_are_those_of_arrays(name: str) -> None:
    x = np.concatenate([arguments(name, 10), np.array(SPECIAL[name])[:, 0]])
    np.testing.assert_array_equal([SINGLE[name](at) for at in x.tolist()], MAPS[name](x))


def test_shapes_are_kept() -> None:
    x = np.arange(12.0).reshape(3, 4)
    assert kernel.log1p(x).shape == (3, 4)
    assert kernel.log1p(x.T).tolist() == kernel.log1p(x).T.tolist()  # a copy is taken
    assert kernel.exp(np.empty((0, 3))).shape == (0, 3)


# --- exact sums ------------------------------------------------------------------------------------------


def fraction(values: FloatArray) -> Fraction:
    return sum(map(Fraction, values.tolist()), Fraction(0))


SIZES = [0, 1, 2, 7, 8, 9, 511, 512, 513, 1500]  # about the width of a register, and of a tile


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("spread", [0, 30, 1000])
def test_sums_are_those_of_fractions(n: int, spread: int, level: str) -> None:
    random = np.random.default_rng(n)
    x = np.ldexp(random.normal(size=n), random.integers(-spread, spread + 1, n))
    x[random.random(n) < 0.1] = 0.0
    group = random.integers(0, 5, n)
    assert Fraction(ExactSums.of(x).total(), ONE) == fraction(x)
    by = ExactSums.of(x, group, 5).totals()
    assert [Fraction(each, ONE) for each in by] == [fraction(x[group == g]) for g in range(5)]
    rows = np.stack([x, -x[::-1], np.full(n, 0.1)])
    assert [Fraction(each, ONE) for each in ExactSums.of_rows(rows).totals()] == [fraction(each) for each in rows]


@pytest.mark.parametrize("power", [-1074, -1040, -1022, -1000, -900, 0, 900, 960, 970, 1023])
def test_sums_of_any_size(power: int, level: str) -> None:
    x = np.ldexp(np.random.default_rng(1).uniform(-1, 1, 600), power)
    x[300:] *= 0.5
    assert Fraction(ExactSums.of(x).total(), ONE) == fraction(x)
    assert Fraction(ExactSums.of(x, np.zeros(x.size, np.int64), 1).total(), ONE) == fraction(x)
    assert ExactProducts.of(x, x[::-1].copy()) == ExactProducts.of(x[::-1].copy(), x)


def test_sums_of_random_bits(level: str) -> None:
    x = random_bits(3000, seed=5)
    assert Fraction(ExactSums.of(x).total(), ONE) == fraction(x)
    squares = sum((Fraction(a) ** 2 for a in x.tolist()), Fraction(0))
    assert Fraction(ExactProducts.of(x, x).total(), ONE**5) == squares


def test_weights_twice_of_any_size(level: str) -> None:
    random = np.random.default_rng(2)
    x, w = np.abs(random.normal(size=700)), np.ldexp(random.uniform(1, 2, 700), random.integers(-1074, 1023, 700))
    expected = Fraction(0)
    for a, b in zip(x.tolist(), w.tolist(), strict=True):
        power = (math.frexp(b)[1] + 128) // 256 * 256
        scaled = math.ldexp(b, -power)
        expected += Fraction(a * scaled * scaled) * Fraction(2) ** (2 * power)
    assert Fraction(ExactProducts.of_weighted_twice(x, w).total(), ONE**5) == expected
    near = ExactProducts.of_weighted_twice(x, x)
    assert Fraction(near.total(), ONE**5) == fraction(x * x * x)


def test_products_and_their_errors(level: str) -> None:
    random = np.random.default_rng(3)
    x, y = random.normal(size=(2, 1000))
    found = (each.tolist() for each in (x, y, *kernel.products(x, y)))
    for a, b, product, error in zip(*found, strict=True):
        assert Fraction(a) * Fraction(b) == Fraction(product) + Fraction(error)
        assert product == a * b


def test_digits_are_carried(level: str) -> None:
    random = np.random.default_rng(4)
    digits = random.integers(-(2**62), 2**62, (7, 11))
    digits[-2:] = 0
    carried = digits.copy()
    kernel.carry(carried)
    assert np.abs(carried[:-1]).max() <= 2**36
    weights = [2 ** (37 * place) for place in range(7)]
    for group in range(11):
        one, two = (sum(map(int.__mul__, each[:, group].tolist(), weights)) for each in (digits, carried))
        assert one == two


def test_more_values_than_may_be_added_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from xentcli.core import exact

    x, group = np.random.default_rng(6).normal(size=100), np.arange(100) % 3
    whole = ExactSums.of(x), ExactSums.of(x, group, 3), ExactProducts.of(x, x)
    monkeypatch.setattr(exact, "MOST_TERMS", 30)
    monkeypatch.setattr(exact, "_SPLIT", (slice(30), slice(30, None)))
    assert (ExactSums.of(x), ExactSums.of(x, group, 3), ExactProducts.of(x, x)) == whole


# --- rows and fits ---------------------------------------------------------------------------------------
# Their formulas are tested in test_losses.py and test_recalibration.py, at the best level of this machine.

ROWS = [1, 9, 256, 600]  # about the width of a register, and of a tile


def scores(kind: int, columns: int, n: int) -> FloatArray:
    random = np.random.default_rng(n)
    z = random.normal(0, 5, (columns, n))
    z[:, ::7] = np.round(z[:, ::7])  # ties
    z[:, ::11] *= 200
    if kind == kernel.LOGIT:
        return z
    q: FloatArray = np.exp(z - z.max(axis=0)) if columns > 1 else 1 / (1 + np.exp(np.clip(-z, -700, 700)))
    q = q / q.sum(axis=0) if columns > 1 else q
    with np.errstate(divide="ignore"):
        return q if kind == kernel.PROBABILITY else np.log(q)


@pytest.mark.parametrize("n", ROWS)
@pytest.mark.parametrize("columns", [1, 2, 3, 150])
@pytest.mark.parametrize("kind", [kernel.PROBABILITY, kernel.LOGIT, kernel.LOG_PROBABILITY])
def test_rows_have_the_bits_of_the_base_level(kind: int, columns: int, n: int, level: str) -> None:
    x, labels = scores(kind, columns, n), np.arange(n) % max(2, columns)
    for normalize in (False, True):
        kernel.use(level)
        found = kernel.score_rows(kind, x, labels, normalize), kernel.sum_exponentials(x)
        kernel.use("base")
        expected = kernel.score_rows(kind, x, labels, normalize), kernel.sum_exponentials(x)
        pairs = zip((*found[0], *found[1]), (*expected[0], *expected[1]), strict=True)
        assert all(a is b or (a is not None and b is not None and a.tobytes() == b.tobytes()) for a, b in pairs)


@pytest.mark.parametrize("n", ROWS)
@pytest.mark.parametrize("columns", [2, 3, 10])
def test_rows_do_not_depend_on_what_stands_beside_them(columns: int, n: int, level: str) -> None:
    x, labels = scores(kernel.LOGIT, columns, n), np.arange(n) % columns
    whole = kernel.score_rows(kernel.LOGIT, x, labels, False)
    for i in {0, n // 2, n - 1}:
        alone = kernel.score_rows(kernel.LOGIT, x[:, i : i + 1], labels[i : i + 1], False)
        pairs = zip(whole, alone, strict=True)
        assert all(a[..., i].tobytes() == b[..., 0].tobytes() for a, b in pairs if a is not None and b is not None)


@pytest.mark.parametrize("n", ROWS)
@pytest.mark.parametrize("classes", [2, 3, 150])
def test_fits_have_the_bits_of_the_base_level_and_are_those_of_numpy(classes: int, n: int, level: str) -> None:
    random = np.random.default_rng(classes * n)
    d, y, w = random.normal(size=(classes, n)), random.integers(0, classes, n), random.random(n)
    b = random.normal(size=classes)
    d -= d[y, np.arange(n)]
    found = kernel.fit(d, y, w, 1.5, b)
    assert found.gradient is not None
    assert found.hessian is not None
    kernel.use("base")
    expected = kernel.fit(d, y, w, 1.5, b)
    assert pickle.dumps(found) == pickle.dumps(expected)
    z = 1.5 * d + b[:, None]
    r = np.exp(z - z.max(axis=0))
    r /= r.sum(axis=0)
    hit = np.arange(classes)[:, None] == y
    mean = (r * 1.5 * d).sum(axis=0)
    assert found.loss == pytest.approx(-(w * np.log(r[y, np.arange(n)])).sum(), rel=1e-12)
    assert found.first == pytest.approx((w * mean).sum(), rel=1e-11, abs=1e-12)
    assert found.second == pytest.approx((w * ((r * (1.5 * d) ** 2).sum(axis=0) - mean**2)).sum(), rel=1e-11)
    close = partial(np.testing.assert_allclose, rtol=1e-11, atol=1e-12)
    close(found.gradient[1:], (w * (r - hit)).sum(axis=1))
    close(found.hessian[0, 1:], (w * r * (1.5 * d - mean)).sum(axis=1))
    close(np.triu(found.hessian[1:, 1:]), -np.triu((w * r) @ r.T, 1))


@pytest.mark.parametrize("n", [0, 1, 2, 7, 31])
def test_equations_are_solved_as_by_lapack(n: int, level: str) -> None:
    random = np.random.default_rng(n)
    for _ in range(20):
        a, b = random.normal(size=(n, n)), random.normal(size=n)
        x, size = kernel.solve(a, b), np.linalg.cond(a) if n else 1.0
        np.testing.assert_allclose(x, np.linalg.solve(a, b), rtol=1e-13 * size, atol=1e-15 * size)
        kernel.use("base")
        assert bits(x) == bits(kernel.solve(a, b))
        kernel.use(level)
    assert not np.isfinite(kernel.solve(np.ones((2, 2)), np.array([1.0, 2.0]))).all()
    assert kernel.solve(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([2.0, 3.0])).tolist() == [3.0, 2.0]


@pytest.mark.parametrize("weighted", [False, True])
def test_a_test_of_calibration_has_the_sums_of_its_rows(weighted: bool, level: str) -> None:
    random = np.random.default_rng(8)
    x, positive = random.normal(size=1100), random.random(1100) < 0.4
    x[::50] *= 100
    x[7::100] = INF
    w = random.random(1100) if weighted else None
    test = ScoreTest.of(x, positive, w)
    kernel.use("base")
    assert ScoreTest.of(x, positive, w) == test
    assert test == ScoreTest.of(x[:600], positive[:600], None if w is None else w[:600]).merge(
        ScoreTest.of(x[600:], positive[600:], None if w is None else w[600:])
    )
    finite = np.isfinite(x)
    assert test.refuted == np.count_nonzero(~finite & ~positive)
    x, positive, w = x[finite], positive[finite], np.ones(finite.sum()) if w is None else w[finite]
    p = 1 / (1 + np.exp(-x))
    assert ratio(test.offset.total(), ONE) == pytest.approx((w * (positive - p)).sum(), rel=1e-11)
    assert ratio(test.slope.total(), ONE) == pytest.approx((w * (positive - p) * x).sum(), rel=1e-11)
    for power, sums in enumerate((test.variance, test.covariance, test.slope_variance)):
        expected = (w * w * p / (1 + np.exp(x)) * x**power).sum()
        assert ratio(sums.total(), PRODUCT_ONE) == pytest.approx(expected, rel=1e-11)


# --- arguments -------------------------------------------------------------------------------------------

F, N = np.zeros(4), np.zeros(4, np.int64)
DIGITS = np.zeros((60, 2), np.int64)
HALVES: Any = F / 2  # what is typed would not be given
WORDS: Any = N.astype(str)
WRONG: dict[str, Callable[[], Any]] = {
    "type": lambda: kernel.exp(np.zeros(4, np.float32)),
    "type of digits": lambda: kernel.carry(np.zeros((3, 2))),  # type: ignore[arg-type]
    "digits that are no matrix": lambda: kernel.carry(N),
    "digits not to be written to": lambda: kernel.carry(np.broadcast_to(N, (3, 4))),
    "digits of another layout": lambda: kernel.carry(np.zeros((3, 4), np.int64).T),
    "lengths": lambda: kernel.products(F, F[1:]),
    "lengths of groups": lambda: kernel.add_by(F, N[1:], DIGITS, 0),
    "rows and groups": lambda: kernel.add_rows(F[None], DIGITS, 0),
    "a group below 0": lambda: kernel.add_by(F, N - 1, DIGITS, 0),
    "a group too high": lambda: kernel.add_by(F, N + 2, DIGITS, 0),
    "groups without any": lambda: kernel.add_by(F, N, np.zeros((60, 0), np.int64), 0),
    "a place below 0": lambda: kernel.add_by(F, N, DIGITS, -1),
    "a place too high": lambda: kernel.add_by(F, N, DIGITS, 1),
    "a value above the digits": lambda: kernel.add_by(F + 1e30, N, DIGITS[:30], 0),
    "a value below the digits": lambda: kernel.add_by(F + 1e-30, N, DIGITS[:30], 29),
    "rows below the digits": lambda: kernel.add_rows(np.full((2, 4), 1e-30), DIGITS[:30], 29),
    "a NaN": lambda: kernel.places(np.array([1.0, NAN])),
    "an infinity": lambda: kernel.add_by(np.array([1.0, -INF]), N[:2], DIGITS, 0),
    "infinite rows": lambda: kernel.add_rows(np.full((2, 4), INF), DIGITS, 0),
    "a product that is infinite": lambda: kernel.add_products(F + INF, F + 1),
    "a product of a NaN": lambda: kernel.add_products(F, F + NAN),
    "an infinite weight": lambda: kernel.add_weighted_twice(F, F + INF),
    "a weight below 0": lambda: kernel.add_weighted_twice(F, F - 1),
    "a label below 0": lambda: kernel.score_rows(kernel.LOGIT, np.zeros((3, 4)), N - 1, False),
    "a label too high": lambda: kernel.score_rows(kernel.LOGIT, np.zeros((1, 4)), N + 2, False),
    "labels that are fractions": lambda: kernel.score_rows(kernel.LOGIT, np.zeros((3, 4)), HALVES, False),
    "labels that are text": lambda: kernel.score_rows(kernel.LOGIT, np.zeros((3, 4)), WORDS, False),
    "groups that are fractions": lambda: kernel.add_by(F, HALVES, DIGITS, 0),
    "classes of a fit that are fractions": lambda: kernel.fit(np.zeros((3, 4)), HALVES, F, 1.0),
    "too few labels": lambda: kernel.score_rows(kernel.LOGIT, np.zeros((3, 4)), N[1:], False),
    "no column": lambda: kernel.score_rows(kernel.LOGIT, np.zeros((0, 4)), N, False),
    "another kind of scores": lambda: kernel.score_rows(3, np.zeros((3, 4)), N, False),
    "no class": lambda: kernel.sum_exponentials(np.zeros((0, 4))),
    "a class too high in a fit": lambda: kernel.fit(np.zeros((3, 4)), N + 3, F, 1.0),
    "no class in a fit": lambda: kernel.fit(np.zeros((0, 4)), N, F, 1.0),
    "too few weights": lambda: kernel.fit(np.zeros((3, 4)), N, F[1:], 1.0),
    "too many offsets": lambda: kernel.fit(np.zeros((3, 4)), N, F, 1.0, F),
    "too few rows of a test": lambda: kernel.score_test(F, np.zeros(3, np.bool_), None),
    "weights of a test that are infinite": lambda: kernel.score_test(F, np.zeros(4, np.bool_), F + INF),
    "equations of another number": lambda: kernel.solve(np.eye(3), F),
    "weights of a NaN": lambda: kernel.add_weighted_twice(F + NAN, F + 1e300),
}


@pytest.mark.parametrize("call", WRONG.values(), ids=WRONG)
def test_wrong_arguments_are_refused(call: Callable[[], Any], level: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        call()


def test_missing_pointers_and_odd_lengths_are_refused_by_the_library(level: str) -> None:
    """The C checks what it can see, whatever Python has checked before."""
    for name, types in kernel._ARGUMENTS.items():
        function = getattr(kernel._library, f"xent_{name}_{level}")
        zeros = np.zeros(64)  # as much as any struct
        for pointer, number, place in [(None, 8, 8), (zeros.ctypes.data, -1, 8), (zeros.ctypes.data, 2**62, 60)]:
            given = {kernel._POINTER: pointer, kernel._LONG: number, kernel._INT: place, kernel._DOUBLE: 0.5}
            assert function(*(given[each] for each in types)) == 1, (name, number)


@pytest.mark.parametrize("name", [field[0] for field in kernel._Rows._fields_])
def test_each_field_of_a_block_is_checked_by_the_library(name: str, level: str) -> None:
    """Missing, or below 0, or out of any range: nothing is read or written before all is known to be there."""
    arrays = {field[0]: np.zeros(8) for field in kernel._Rows._fields_ if field[1] is kernel._POINTER}
    sizes = {"n": 2, "columns": 3, "kind": kernel.PROBABILITY, "normalize": 0}
    given = {**{field: array.ctypes.data for field, array in arrays.items()}, **sizes}
    for wrong in (given[name], -1, 2**62) if name in sizes else (given[name], None):
        rows = kernel._Rows(**{**given, name: wrong})
        code = kernel._functions["score_rows"](ctypes.addressof(rows))
        fine = wrong == given[name] or name in ("log_odds", "rest_loss", "normalize")  # not needed here
        assert code == (0 if fine else 1), wrong


@pytest.mark.parametrize("seed", range(30))
def test_arguments_at_random(seed: int, level: str) -> None:
    """Shapes, places, groups and values at random: either refused, or the exact total of what was given."""
    random = np.random.default_rng(seed)
    for _ in range(40):
        n, groups, count = random.integers(0, [1200, 6, 62])
        first = int(random.integers(-2, 62))
        values = random_values(random, int(n))
        lowest, beyond = -int(random.random() < 0.1), int(random.random() < 0.1)
        group = random.integers(lowest, max(1, int(groups) + beyond), n)
        digits = np.zeros((count, groups), np.int64)
        try:
            kernel.add_by(values, group, digits, first)
        except ValueError:
            continue
        totals = [sum(d << (37 * (first + p)) for p, d in enumerate(column)) for column in digits.T.tolist()]
        expected = [fraction(values[group == g]) for g in range(groups)]
        assert [Fraction(total, 2**1104) for total in totals] == expected


@pytest.mark.parametrize("seed", range(10))
def test_scores_of_any_bits(seed: int, level: str) -> None:
    """Also what is refused before rows are scored, NaN among it, is scored alike and does no harm."""
    random = np.random.default_rng(seed)
    for kind in (kernel.PROBABILITY, kernel.LOGIT, kernel.LOG_PROBABILITY):
        columns, n = random.integers(1, [8, 600]).tolist()
        x = random.integers(0, 2**64, (columns, n), dtype=np.uint64).view(np.float64)
        odd = random.choice([0.0, -0.0, 1.0, INF, -INF, NAN, LEAST], x.shape)
        x = np.where(random.random(x.shape) < 0.5, x, odd)
        labels = random.integers(0, max(2, columns), n)
        results = []
        for each in (level, "base"):
            kernel.use(each)
            rows = kernel.score_rows(kind, x, labels, bool(seed % 2))
            fit = kernel.fit(x, labels % columns, x[0], float(x[-1, 0]), x[:, 0].copy())
            results.append((*(a for a in rows if a is not None), *kernel.sum_exponentials(x), *fit))
        for one, two in zip(*results, strict=True):
            np.testing.assert_array_equal(one, two)


def random_values(random: np.random.Generator, n: int) -> FloatArray:
    kind = random.integers(0, 4)
    if kind == 0:
        return random.integers(0, 2**64, n, dtype=np.uint64).view(np.float64)
    if kind == 1:
        return np.zeros(n)
    scale = int(random.integers(-1060, 1000))
    return np.ldexp(random.normal(size=n), scale)


# --- levels and the library ------------------------------------------------------------------------------


def run_python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment(**env), capture_output=True, text=True, check=False)


SHOW = "from xentcli.core import kernel; print(kernel.level)"


@pytest.mark.parametrize("name", kernel.available)
def test_xent_simd_forces_a_level(name: str) -> None:
    assert run_python(SHOW, XENT_SIMD=name).stdout == f"{name}\n"


def test_the_best_level_is_the_last() -> None:
    assert run_python(SHOW, XENT_SIMD="").stdout == f"{kernel.available[-1]}\n"
    flags = Path("/proc/cpuinfo").read_text(encoding="ascii").split() if Path("/proc/cpuinfo").exists() else []
    if "avx512vl" in flags:
        assert kernel.available[-1] == "avx512"


def test_a_level_that_is_not_there_is_an_error() -> None:
    code = "from xentcli.cli.run import main; main(['score', 'sample_data/wine.csv'])"
    found = run_python(code, XENT_SIMD="sse9")
    message = f'xent: error: XENT_SIMD="sse9" is not available here; take {", ".join(kernel.available)}\n'
    assert (found.returncode, found.stderr, found.stdout) == (2, message, "")


@pytest.mark.parametrize(("made_of", "what"), [(None, "is missing"), (b"no library", "cannot be loaded")])
def test_without_its_library_the_program_says_so_in_one_line(
    made_of: bytes | None, what: str, tmp_path: Path
) -> None:
    package = copied_package(tmp_path)
    library = package / "core" / "native" / "libxent.so"
    if made_of is not None:
        library.write_bytes(made_of)
    code = "from xentcli.cli.run import main; main(['score', 'x'])"
    found = run_python(f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}")
    again = "  hint: install xentcli again (`pip install .`, or `pip install -e .` in a checkout)\n"
    assert (found.returncode, found.stdout) == (4, "")
    assert found.stderr == f"xent: error: the compiled kernel {library} {what}\n{again}"


def copied_package(folder: Path) -> Path:
    """The package without its compiled kernel."""
    ignored = shutil.ignore_patterns("__pycache__", "libxent.so")
    return Path(shutil.copytree(Path(kernel.__file__).parents[1], folder / "xentcli", ignore=ignored))


def test_a_library_of_another_version_is_foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    from xentcli.errors import AccessError

    monkeypatch.setattr(kernel, "_FACTS", (*kernel._FACTS[:-1], 1))
    with pytest.raises(AccessError, match="is of another xent"):
        kernel._load(kernel.LIBRARY)


def test_group_numbers_of_any_integer_type() -> None:
    x = np.array([1.0, 2.0, 3.0])
    for kind in (np.uint8, np.int32, np.intp):
        group: NDArray[np.integer] = np.array([1, 0, 1], kind)
        assert ExactSums.of(x, group, 2).totals() == [2 * ONE, 4 * ONE]
