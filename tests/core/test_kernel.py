"""The compiled kernel at each level of SIMD of this machine: against mpmath, whole numbers and its base level."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import math
import pickle
import random as random_module
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from mpmath import mp
from numpy.typing import NDArray

from tests.cli.runner import environment
from tests.core.scoring import state_of
from xentcli.core import kernel
from xentcli.core.batch import Batch, InputKind
from xentcli.core.exact import ONE, PRODUCT_ONE, ExactProducts, ExactSums, ratio
from xentcli.core.kernel import FloatArray
from xentcli.core.layout import layout
from xentcli.core.state import ScoreState

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
# Their formulas are tested in test_row_scores.py and test_recalibration.py, at the best level of this machine.

ROWS = [1, 9, 256, 600]  # about the width of a register, and of a tile
KINDS = [kernel.PROBABILITY, kernel.LOGIT, kernel.LOG_PROBABILITY]
FIELDS = tuple(field[0] for field in kernel._Rows._fields_)


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


class Task(NamedTuple):
    """What score_block is given, but for totals and what is wanted."""

    how: kernel.Scores
    scores: tuple[FloatArray, ...] | FloatArray
    labels: NDArray[np.int64] | None
    targets: FloatArray | None = None
    weights: FloatArray | None = None
    sizes: FloatArray | None = None
    rows: NDArray[np.int64] | None = None

    @property
    def classes(self) -> int:
        if self.labels is None and self.targets is None:
            return 0
        return max(2, self.scores.shape[1] if isinstance(self.scores, np.ndarray) else len(self.scores))

    def wanted(self) -> list[str]:
        """All that is known of such rows."""
        classes, soft = self.classes, self.targets is not None
        unknown = set() if classes else {*FIELDS} - {"loss"}
        unknown |= {"log_odds"} if classes != 2 else {"log_q", "top_loss"}
        unknown |= {"top_loss", "label_share"} if soft else {"class_loss"}
        if self.how.smoothing:
            unknown.add("top_loss")
        if not soft and not self.how.smoothing:
            unknown.add("target_entropy")
        return [name for name in FIELDS if name not in unknown]


def new_totals(classes: int) -> kernel.TotalsArrays:
    places, pairs = layout(classes), classes**2 if 0 < classes <= kernel.MOST_PAIRS else 0
    return kernel.TotalsArrays(
        classes,
        True,
        np.zeros((kernel.PLACES, places.group_count), np.int64),
        np.zeros(places.number_count, np.int64),
        np.zeros((kernel.PLACES, pairs), np.int64) if pairs else None,
        np.zeros(pairs, np.int64) if pairs else None,
        np.zeros(kernel.CELLS, np.int64),
        np.zeros(kernel.CELLS),
        np.array([kernel.CELLS, -1]),
        odds=None,
        kept=None,
    )


Outcome = tuple[int, dict[str, bytes], list[bytes]]


def outcome(task: Task, wanted: Sequence[str] | None = None) -> Outcome:
    """The code, and the bits of what is found of each row and of what all add up to."""
    totals = new_totals(task.classes)
    found, code = kernel.score_block(*task, wanted=task.wanted() if wanted is None else wanted, totals=totals)
    rows = {name: array.tobytes() for name, array in found.items()}
    return code, rows, [array.tobytes() for array in totals[2:] if isinstance(array, np.ndarray)]


def variants(kind: int, columns: int, n: int) -> Iterator[Task]:
    """All ways to score these rows."""
    random, x, classes = np.random.default_rng(columns * n), scores(kind, columns, n), max(2, columns)
    labels, w = np.arange(n) % classes, random.exponential(size=n) + 1e-3
    soft, rows = random.dirichlet(np.ones(classes), n).T.copy(), random.integers(0, n, 2 * n)
    plain = Task(kernel.Scores(kind, False), tuple(x), labels)
    yield plain
    yield plain._replace(how=kernel.Scores(kind, True), weights=w)
    yield plain._replace(how=kernel.Scores(kind, False, 1e-7, 16.0), rows=rows)
    yield plain._replace(how=kernel.Scores(kind, columns > 2, smoothing=0.1), rows=rows, weights=w)
    ordinal = kernel.Scores(kind, columns > 2, ordinal=True)
    yield plain._replace(how=ordinal, weights=w)
    yield plain._replace(how=ordinal, labels=None, targets=soft)
    clipped = kernel.Scores(kind, True, 1e-7, 16.0)
    yield plain._replace(how=clipped, labels=None, targets=soft, weights=w, rows=rows)
    if classes == 2:
        yield plain._replace(labels=None, targets=soft[1:], weights=w)
    by_row = np.ascontiguousarray(x.T)
    yield plain._replace(scores=by_row, weights=w)
    yield plain._replace(how=kernel.Scores(kind, True), scores=by_row.astype(np.float32), rows=rows)
    yield plain._replace(scores=tuple(x.astype(np.float32)), weights=w)
    if kind == kernel.LOG_PROBABILITY and columns == 1:
        yield Task(plain.how, tuple(x), None, weights=w, sizes=np.linspace(0.5, 9, n), rows=rows)
        yield Task(clipped, tuple(x), None, sizes=np.linspace(0.5, 9, n))


@pytest.mark.parametrize("n", ROWS)
@pytest.mark.parametrize("columns", [1, 2, 3, 150])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_and_totals_have_the_bits_of_the_base_level(kind: int, columns: int, n: int, level: str) -> None:
    for task in variants(kind, columns, n):
        kernel.use(level)
        found = outcome(task)
        kernel.use("base")
        assert not found[0] & kernel.BROKEN
        assert found == outcome(task)


def some(task: Task, at: NDArray[np.int64]) -> Task:
    """The task of these rows alone, as arrays of their own."""
    given = task.scores
    alone = given[at] if isinstance(given, np.ndarray) else tuple(each[at] for each in given)
    arrays: list[Any] = [None if a is None else a[..., at] for a in task[2:6]]
    return Task(task.how, alone, *arrays)


@pytest.mark.parametrize("n", ROWS)
@pytest.mark.parametrize("columns", [1, 2, 3, 150])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_do_not_depend_on_what_stands_beside_them(kind: int, columns: int, n: int, level: str) -> None:
    for task in variants(kind, columns, n):
        order = np.arange(n) if task.rows is None else task.rows
        assert outcome(some(task, order)) == outcome(task)
        whole, _ = kernel.score_block(*task, wanted=task.wanted())
        for i in {0, len(order) // 2, len(order) - 1}:
            alone, _ = kernel.score_block(*some(task, order[i : i + 1]), wanted=task.wanted())
            for name, values in alone.items():
                assert values[..., 0].tobytes() == whole[name][..., i].tobytes(), name


@pytest.mark.parametrize("columns", [1, 2, 3, 40])
@pytest.mark.parametrize("kind", KINDS)
def test_however_scores_are_held_rows_are_the_same(kind: int, columns: int, level: str) -> None:
    x = scores(kind, columns, 300).astype(np.float32)
    labels, rows = np.arange(300) % max(2, columns), np.arange(299, 0, -2)
    for index in (None, rows):
        task = Task(kernel.Scores(kind, False), tuple(x.astype(np.float64)), labels, rows=index)
        expected = outcome(task)
        spread = np.zeros((columns, 600), np.float32)
        spread[:, ::2] = x  # columns that are not contiguous
        ways: list[Any] = [tuple(x), x.T.copy(), x.T, x.T.astype(np.float64), tuple(spread[:, ::2])]
        for held in ways:
            assert outcome(task._replace(scores=held)) == expected


@pytest.mark.parametrize("columns", [1, 3])
def test_what_is_not_wanted_changes_nothing(columns: int, level: str) -> None:
    for task in variants(kernel.LOG_PROBABILITY, columns, 300):
        code, rows, totals = outcome(task)
        assert outcome(task, []) == (code, {}, totals)
        for name in task.wanted():
            assert outcome(task, [name]) == (code, {name: rows[name]}, totals)


P, Z, LOG_P = KINDS
BROKEN, ODD = kernel.BROKEN, kernel.ODD
CODES: list[tuple[int, list[float], int, dict[str, Any]]] = [
    *((P, row, 0, {}) for row in ([0.5, 0.5], [0.5, 0.509], [0.0], [0.2, 0.3, 0.5])),
    *((Z, row, 0, {}) for row in ([1.0, -9.0], [-INF], [0.0, -INF], [1e308])),
    *((LOG_P, row, 0, {}) for row in ([-0.6931, -0.6931], [-INF], [0.0, -INF])),
    (P, [1.0, 0.0], ODD, {"label": 1}),
    (P, [1.0], ODD, {}),
    (Z, [0.0, -INF], ODD, {"label": 1}),
    (LOG_P, [-INF], ODD, {"label": 1}),
    *((P, row, ODD, {}) for row in ([1.00001, -5e-7], [1.0001, 0.0], [-1e-4], [1.0001])),
    (LOG_P, [5e-7, -20.0], ODD, {}),
    *((P, row, BROKEN, {}) for row in ([1.000101, 0.0], [-1.01e-4], [0.0, 0.0], [0.5, 0.511], [INF])),
    *((Z, row, BROKEN, {}) for row in ([INF], [INF, 0.0], [-INF, -INF])),
    *((LOG_P, row, BROKEN, {}) for row in ([2e-6, -20.0], [INF], [-INF, -INF], [-0.6, -0.6])),
    *((kind, row, BROKEN, {}) for kind in KINDS for row in ([NAN], [NAN, 0.5], [0.2, 0.8, NAN])),
    (P, [0.5, 0.511], 0, {"tolerance": 0.02}),
    (LOG_P, [-0.6, -0.6], 0, {"tolerance": 0.1}),
    *((P, [0.5, 0.5], 0, {"weight": w}) for w in (2.0**-1000, 2.0**511)),
    *((P, [0.5, 0.5], BROKEN, {"weight": w}) for w in (2.0**-1001, 2.0**512, INF, NAN, 0.0, -1.0)),
    (Z, [-1e300], BROKEN, {"weight": 1e10, "label": 1}),
    *((P, [0.5, 0.5], 0, {"target": t}) for t in ([0.25, 0.75], [0.25, 0.75 + 9e-7])),
    *((P, [0.5, 0.5], ODD, {"target": t}) for t in ([1.0001, 0.0], [1.0, -9e-7], [-1e-4, 1.0], [1.0001, -1e-4])),
    *((P, [0.5, 0.5], BROKEN, {"target": t}) for t in ([1.000101, 0.0], [-1.01e-4, 1.0], [0.5, 0.500002])),
    *((P, [0.5, 0.5], 0, {"target": t, "normalize": True}) for t in ([3.0, 5.0], [1e308, 7e307], [0.0, 5e-324])),
    *((P, [0.5, 0.5], ODD, {"target": t, "normalize": True}) for t in ([-1e-4, 5.0],)),
    *(
        (P, [0.5, 0.5], BROKEN, {"target": t, "normalize": True})
        for t in ([0.0, 0.0], [1e308, 1e308], [-2e-4, 5.0], [INF, 1.0], [NAN, 1.0])
    ),
    *((P, [0.5, 0.5], BROKEN, {"target": t}) for t in ([NAN, 1.0], [0.0, 0.0], [INF, -INF])),
    (P, [1.0, 0.0], ODD, {"target": [0.5, 0.5]}),
]


@pytest.mark.parametrize("at", [0, 17, 299])  # anywhere in a tile, or in the second
def test_rows_that_cannot_be_scored_are_told_from_odd_ones(at: int, level: str) -> None:
    for kind, row, expected, more in CODES:
        usual = 0.5 if len(row) == 1 else 1 / len(row)
        x = np.full((len(row), 300), usual if kind == P else math.log(usual))
        labels, w, soft = np.zeros(300, np.int64), np.ones(300), np.zeros((len(row), 300))
        x[:, at], labels[at], w[at], soft[0] = row, more.get("label", 0), more.get("weight", 1.0), 1.0
        soft[:, at] = more.get("target", soft[:, at])
        how = kernel.Scores(kind, more.get("normalize", False), tolerance=more.get("tolerance", 0.01))
        task = Task(how, tuple(x), labels)
        if "weight" in more:
            task = task._replace(weights=w)
        if "target" in more:
            task = task._replace(labels=None, targets=soft)
        assert outcome(task, ["loss"])[0] == expected, (kind, row, more)


@pytest.mark.parametrize("spread", [5, 300])
def test_weights_twice_of_any_size(spread: float, level: str) -> None:
    random = np.random.default_rng(2)
    z, n = random.normal(0, spread, (2, 700)), 700
    w = np.ldexp(random.uniform(1, 2, n), random.integers(-1000, 511, n))
    task = Task(kernel.Scores(kernel.LOGIT, False), tuple(z), np.argmax(z, axis=0), weights=w)
    totals = new_totals(2)
    found, code = kernel.score_block(*task, wanted=["variance"], totals=totals)
    assert code == 0
    expected = Fraction(0)
    for a, b in zip(found["variance"].tolist(), w.tolist(), strict=True):
        power = (math.frexp(b)[1] + 128) // 256 * 256
        scaled, up = math.ldexp(b, -power), 560 if a < 2.0**-480 else 0
        expected += Fraction(math.ldexp(a, up) * scaled * scaled) * Fraction(2) ** (2 * power - up)
    assert (found["variance"] < 2.0**-480).any() == (spread == 300)
    sums = ExactSums.of_kernel_digits(totals.digits).between(layout(2).groups["entropy_variance"])
    assert Fraction(ExactProducts.of_weighted_groups(sums).total(), ONE**5) == expected


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
    x[7::100] = -INF
    w = random.random(1100) + 1e-3 if weighted else None

    def state(rows: slice = slice(None)) -> ScoreState:
        weights = None if w is None else w[rows]
        return state_of(Batch(InputKind.LOGIT, (x[rows],), positive[rows].astype(np.intp), weights))

    whole = state()
    test = whole.breakdown.test
    kernel.use("base")
    assert state() == whole == state(slice(600)).merge(state(slice(600, None)))
    finite = np.isfinite(x)
    assert test.refuted == np.count_nonzero(~finite & positive)
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
PLAIN = kernel.Scores(kernel.LOGIT, False)


def score(*columns: FloatArray, how: kernel.Scores = PLAIN, labels: Any = N, **more: Any) -> None:
    """Four rows of three logits, or of these."""
    kernel.score_block(how, columns or (F, F, F), labels, **more)


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
    "a label below 0": lambda: score(labels=N - 1),
    "a label too high": lambda: score(labels=N + 3),
    "a label too high for one column": lambda: score(F, labels=N + 2),
    "a row below 0": lambda: score(rows=N - 1),
    "a row too high": lambda: score(rows=N + 4),
    "rows that are fractions": lambda: score(rows=HALVES),
    "labels that are fractions": lambda: score(labels=HALVES),
    "labels that are text": lambda: score(labels=WORDS),
    "groups that are fractions": lambda: kernel.add_by(F, HALVES, DIGITS, 0),
    "classes of a fit that are fractions": lambda: kernel.fit(np.zeros((3, 4)), HALVES, F, 1.0),
    "too few labels": lambda: score(labels=N[1:]),
    "too few weights of a block": lambda: score(weights=F[1:]),
    "too few sizes": lambda: score(sizes=F[1:]),
    "too few targets": lambda: score(labels=None, targets=np.zeros((3, 3))),
    "targets of too few classes": lambda: score(labels=None, targets=np.zeros((2, 4))),
    "targets of too many classes": lambda: score(labels=None, targets=np.zeros((4, 4))),
    "labels and targets": lambda: score(targets=np.zeros((3, 4))),
    "columns of two lengths": lambda: score(F, F[1:]),
    "columns of two types": lambda: score(F, F.astype(np.float32)),
    "columns of whole numbers": lambda: score(N.astype(np.int64), N),  # type: ignore[arg-type]
    "weights of another type": lambda: score(weights=F.astype(np.float32)),
    "no column": lambda: kernel.score_block(PLAIN, (), N),
    "rows of no column": lambda: kernel.score_block(PLAIN, np.zeros((4, 0)), N),
    "a kind of scores too high": lambda: score(how=kernel.Scores(3, False)),
    "a kind of scores below 0": lambda: score(how=kernel.Scores(-1, False)),
    "totals of fewer classes": lambda: score(totals=new_totals(2)),
    "totals of more classes": lambda: score(totals=new_totals(4)),
    "totals of tokens": lambda: score(totals=new_totals(0)),
    "totals without digits": lambda: score(totals=new_totals(3)._replace(digits=DIGITS)),
    "totals without pairs": lambda: score(totals=new_totals(3)._replace(pair_digits=None)),
    "a class too high in a fit": lambda: kernel.fit(np.zeros((3, 4)), N + 3, F, 1.0),
    "no class in a fit": lambda: kernel.fit(np.zeros((0, 4)), N, F, 1.0),
    "too few weights": lambda: kernel.fit(np.zeros((3, 4)), N, F[1:], 1.0),
    "too many offsets": lambda: kernel.fit(np.zeros((3, 4)), N, F, 1.0, F),
    "equations of another number": lambda: kernel.solve(np.eye(3), F),
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


@pytest.mark.parametrize("which", ["block", "rows", "totals"])
def test_without_its_arguments_no_block_is_scored(which: str, level: str) -> None:
    block, rows, totals, _ = structs()
    given = [None if name == which else ctypes.addressof(each) for name, each in
             (("block", block), ("rows", rows), ("totals", totals))]  # fmt: skip
    following = ctypes.c_int64(0)
    code = kernel._functions["score_block"](*given, ctypes.addressof(following))
    assert code == (0 if which == "totals" else 1)


def structs(**changes: Any) -> tuple[Any, Any, Any, list[Any]]:
    """What score_block takes for 9 of 12 rows of three probabilities; and what must outlive the call."""
    columns = [np.full(12, 1 / 3) for _ in range(3)]
    pointers = np.array([each.ctypes.data for each in columns], np.uintp)
    rows, labels, scratch = np.arange(9), np.arange(12) % 3, np.empty(5 * 3 * 256)
    made = new_totals(3)
    held = [columns, pointers, rows, labels, scratch, made, outputs := {name: np.empty(36) for name in FIELDS}]
    block: dict[str, Any] = {
        "columns": pointers.ctypes.data, "count": 3, "there": 12, "row_major": 0, "float32": 0,
        "rows": rows.ctypes.data, "n": 9, "labels": labels.ctypes.data, "targets": None, "target_count": 0,
        "weights": None, "sizes": None, "kind": kernel.PROBABILITY, "normalize": 0, "least": 0.0, "most": INF,
        "smoothing": 0.0, "tolerance": 0.01, "ordinal": 0, "scratch": scratch.ctypes.data, "room": scratch.size,
    }  # fmt: skip
    names = ("pair_digits", "pair_infinite", "cell_rows", "cell_largest", "cell_span")
    totals: dict[str, Any] = {
        "classes": 3, "breakdown": 1, "digits": made.digits.ctypes.data, "groups": made.digits.shape[1],
        "counts": made.counts.ctypes.data, "numbers": made.counts.size,
        **{name: getattr(made, name).ctypes.data for name in names},
    }  # fmt: skip
    for name, value in changes.items():
        (block if name in block else totals)[name] = value
    found = kernel._Rows(**{name: array.ctypes.data for name, array in outputs.items()})
    return kernel._Block(**block), found, kernel._Totals(**totals), held


ANY = {
    "start",
    "row_major",
    "float32",
    "normalize",
    "breakdown",
    "ordinal",
}  # of which every number says yes or no
OPTIONAL = {"targets", "weights", "sizes", "numbers", "odds", "kept"}


@pytest.mark.parametrize("name", [field[0] for field in (*kernel._Block._fields_, *kernel._Totals._fields_)])
def test_each_field_of_a_block_and_of_totals_is_checked_by_the_library(name: str, level: str) -> None:
    """Missing, or below 0, or out of any range: nothing is read or written before all is known to be there."""
    fields: Any = (*kernel._Block._fields_, *kernel._Totals._fields_)
    kinds: dict[str, Any] = dict(fields)

    def code(**changes: Any) -> int:
        block, rows, totals, held = structs(**changes)
        given = (block, rows, totals, ctypes.c_int64(0))
        found: int = kernel._functions["score_block"](*map(ctypes.addressof, given))
        assert held
        return found

    assert code() == 0
    if kinds[name] is ctypes.c_double:
        assert all(code(**{name: wrong}) != 1 for wrong in (NAN, INF, -INF, -1.0))  # of any value
    elif kinds[name] is kernel._POINTER:
        assert code(**{name: None}) == (0 if name in OPTIONAL else 1)
    elif name not in ANY:
        large = [2**62, 2**63 - 1] if name != "room" else []  # which only the caller knows
        small = [0, 2] if name not in ("n", "kind", "target_count") else []
        for wrong in (-1, -(2**63), *large, *small):
            assert code(**{name: wrong}) == 1, wrong


def test_rows_of_one_column_need_no_room_of_more(level: str) -> None:
    for columns, least in ((1, 5 * 2 * 256), (2, 5 * 2 * 256), (3, 5 * 3 * 256), (1000, 5 * 1000 * 32)):
        x, scratch = np.full((columns, 5), 1 / columns), np.empty(least)
        pointers, labels = np.array([each.ctypes.data for each in x], np.uintp), np.zeros(5, np.int64)
        loss = np.empty(5)
        rows = kernel._Rows(loss=loss.ctypes.data)
        for room, expected in ((least, (0,)), (least - 1, (1,))):
            block = kernel._Block(
                columns=pointers.ctypes.data, count=columns, there=5, n=5, labels=labels.ctypes.data,
                most=INF, tolerance=0.1, scratch=scratch.ctypes.data, room=room,
            )  # fmt: skip
            given = (block, rows, ctypes.c_int64(0))
            block_at, rows_at, next_at = map(ctypes.addressof, given)
            code = kernel._functions["score_block"](block_at, rows_at, None, next_at)
            assert (code & ~kernel.ODD,) == expected


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
    """Also what is refused, NaN among it, is looked at alike at each level and does no harm."""
    random = np.random.default_rng(seed)
    for kind, whole in itertools.product(KINDS, (False, True)):
        columns, n = random.integers(1, [8, 600]).tolist()
        x = random.integers(0, 2**64, (columns, n), dtype=np.uint64).view(np.float64)
        x = np.where(
            random.random(x.shape) < 0.5, x, random.choice([0.0, -0.0, 1.0, INF, -INF, NAN, LEAST], x.shape)
        )
        labels = random.integers(0, max(2, columns), n)
        fits = []
        for each in (level, "base"):
            kernel.use(each)
            fits.append(kernel.fit(x, labels % columns, x[0], float(x[-1, 0]), x[:, 0].copy()))
        for one, two in zip(*fits, strict=True):
            np.testing.assert_array_equal(one, two)
        w = None
        if not whole:  # such as can be scored
            x[~np.isfinite(x)] = LEAST
            x = {kernel.LOGIT: x, kernel.PROBABILITY: np.abs(x) % 1.0, kernel.LOG_PROBABILITY: -np.abs(x)}[kind]
            x[0] = random.random(n) - (kind != kernel.PROBABILITY)
            w = np.ldexp(random.random(n) + 0.5, random.integers(-999, 510, n))
        how = kernel.Scores(kind, bool(seed % 2), *((1e-9, 20.0) if seed % 3 == 0 else ()))
        soft = random.dirichlet(np.ones(max(2, columns)), n).T.copy()
        for task in (Task(how, tuple(x), labels, weights=w), Task(how, tuple(x), None, soft, w)):
            codes = []
            for each in (level, "base"):
                kernel.use(each)
                codes.append(outcome(task))
            (one, *rest), (two, *others) = codes
            assert one == two
            assert one & kernel.BROKEN or rest == others


@pytest.mark.parametrize("seed", range(30))
def test_blocks_at_random(seed: int, level: str) -> None:
    """Shapes, types, classes, rows, options: either refused or scored, and never beyond the arrays."""
    draw, random = random_module.Random(seed), np.random.default_rng(seed)
    codes = []
    for _ in range(60):
        columns, there = draw.randrange(5), draw.randrange(300)

        def length(there: int = there) -> int:
            return max(0, there + (draw.random() < 0.05) * draw.randrange(-3, 4))

        def maybe(value: Any, chance: float) -> Any:
            return value if draw.random() < chance else None

        dtype: Any = draw.choices([np.float64, np.float32, np.int64], [0.6, 0.37, 0.03])[0]
        held: Any = tuple((random.random(length()) / max(1, columns)).astype(dtype) for _ in range(columns))
        if draw.random() < 0.3:
            held = (random.random((there, columns)) / max(1, columns)).astype(dtype)
        classes = max(2, columns) + (draw.random() < 0.05) * draw.choice([-1, 1])
        low, beyond = -(draw.random() < 0.05), int(draw.random() < 0.05)
        labels = maybe(random.integers(low, max(2, columns) + beyond, length()), 0.6)
        soft = random.random((draw.choice([1, classes]), length()))
        if len(soft) > 1:
            soft /= soft.sum(axis=0)
        targets = maybe(soft, 0.05 if labels is not None else 0.8)
        rows = maybe(random.integers(low, max(1, there + beyond), draw.randrange(600)), 0.5)
        w, sizes = maybe(random.random(length()) + low / 2, 0.4), maybe(random.random(length()), 0.2)
        how = kernel.Scores(
            draw.randrange(low, 3 + beyond),
            draw.random() < 0.5,
            draw.choice([0.0, 1e-9, NAN]),
            draw.choice([INF, INF, 20.0, NAN]),
            draw.choice([0.0, 0.0, 0.1, 1.0, NAN]),
            draw.choice([INF, INF, 0.1]),
        )
        totals = maybe(new_totals(classes if labels is not None or targets is not None else 0), 0.8)
        names = draw.sample(FIELDS, draw.randrange(len(FIELDS)))
        with contextlib.suppress(TypeError, ValueError, IndexError):
            given = how, held, labels, targets, w, sizes, rows
            codes.append(kernel.score_block(*given, wanted=names, totals=totals)[1])
    assert min(codes.count(0), 60 - len(codes)) > 5


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
