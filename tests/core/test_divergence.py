"""How far two models are apart: against 40 digits, SciPy and the laws of merging, at every level of SIMD."""

from __future__ import annotations

import math
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from msgspec.structs import asdict, replace

from tests.core.levels import each_level
from xentcli.core import kernel
from xentcli.core.batch import Batch, InputKind, Policy
from xentcli.core.clusters import Clusters
from xentcli.core.divergence import Divergence, RowDivergence, diverge_rows
from xentcli.core.numbers.divergence import divergence_numbers
from xentcli.results.divergence import DivergenceMetrics

KINDS = [*InputKind]
NAMES = ("kl", "kl_reverse", "js", "tv", "max_dp", "entropy_change")
INF = math.inf


def batch(kind: InputKind, scores: Any, weights: Any = None) -> Batch:
    """Rows `(n, K)`, or `(n, 1)` of class 1 of two."""
    held = np.ascontiguousarray(scores, np.float64)
    return Batch(kind, tuple(held.T.copy()), None, None if weights is None else np.array(weights, np.float64))


def diverged(base: Batch, new: Batch, order: Any = None) -> RowDivergence:
    places = np.arange(max(2, new.columns)) if order is None else np.array(order)
    return diverge_rows(base, new, places, Policy())


def distribution(kind: InputKind, row: Any) -> list[mpf]:
    """What a row of scores says, in many digits."""
    x = [mpf(float(each)) for each in row]
    if kind is InputKind.LOGIT:
        x = [mpf(1), mp.exp(x[0])] if len(x) == 1 else [mp.exp(each) for each in x]
    else:
        x = [mp.exp(each) for each in x] if kind is InputKind.LOG_PROBABILITY else x
        x = [1 - x[0], x[0]] if len(x) == 1 else x
    return [each / sum(x) for each in x]


def exact(p: list[mpf], q: list[mpf]) -> list[mpf]:
    """The NAMES by their definitions."""

    def kl(a: list[mpf], b: list[mpf]) -> mpf:
        return sum(x * mp.log(x / y) for x, y in zip(a, b, strict=True))

    def entropy(a: list[mpf]) -> mpf:
        return -sum(x * mp.log(x) for x in a)

    middle = [(x + y) / 2 for x, y in zip(p, q, strict=True)]
    moves = [abs(x - y) for x, y in zip(p, q, strict=True)]
    js = (kl(p, middle) + kl(q, middle)) / 2
    return [kl(p, q), kl(q, p), js, sum(moves) / 2, max(moves), entropy(q) - entropy(p)]


def scores_of(kind: InputKind, z: Any, single: bool) -> Any:
    """Logits z as a file may hold them."""
    q = scipy.special.softmax(z, axis=1)
    held = {InputKind.PROBABILITY: q, InputKind.LOGIT: z, InputKind.LOG_PROBABILITY: np.log(q)}[kind]
    if single:
        held = z[:, 1:] - z[:, :1] if kind is InputKind.LOGIT else held[:, 1:]
    return held


@pytest.mark.parametrize(("classes", "single"), [(2, True), (2, False), (3, False), (100, False)])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", [1.0, 1e-3, 1e-6, 1e-9])
def test_rows_have_the_digits_of_their_scores(kind: InputKind, classes: int, single: bool, step: float) -> None:
    """Also where P is nearly Q, and 1 - Q / P has lost all digits but a few."""
    random, n = np.random.default_rng(classes), 1 if classes > 3 else 6
    z = random.normal(0, 3, (n, classes))
    pair = [scores_of(kind, each, single) for each in (z, z + step * random.normal(size=z.shape))]
    with mp.workdps(40):
        expected = [exact(*(distribution(kind, row) for row in rows)) for rows in zip(*pair, strict=True)]
    for _ in each_level():
        found = diverged(*(batch(kind, each) for each in pair))
        for name, values in zip(NAMES, zip(*expected, strict=True), strict=True):
            rel, near = (0.0, 2e-14) if name == "entropy_change" else (1e-12, 0.0)
            assert getattr(found, name) == pytest.approx([*map(float, values)], rel=rel, abs=near), name
        assert (found.same_top == (pair[0].argmax(1) == pair[1].argmax(1))).all() or single


@pytest.mark.parametrize("classes", [3, 1000])
@pytest.mark.parametrize("kinds", [*product(KINDS, KINDS)])
def test_any_two_kinds_of_scores_are_taken_against_each_other(
    kinds: tuple[InputKind, InputKind], classes: int
) -> None:
    random = np.random.default_rng(1)
    z, w = random.normal(0, 2, (2, 20, classes))
    p, q = scipy.special.softmax(z, axis=1), scipy.special.softmax(w, axis=1)
    found = diverged(*(batch(kind, scores_of(kind, x, False)) for kind, x in zip(kinds, (z, w), strict=True)))
    assert found.kl == pytest.approx(scipy.special.rel_entr(p, q).sum(axis=1), rel=1e-12)
    assert found.tv == pytest.approx(np.abs(p - q).sum(axis=1) / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("kind", "base", "new", "kl", "reverse"),
    [
        ("probability", [0.5, 0.5, 0], [0.25, 0.75, 0], math.log(4 / 3) / 2, math.log(27 / 16) / 4),
        ("probability", [0.5, 0.5, 0.0], [0.5, 0.0, 0.5], INF, INF),
        ("probability", [1.0, 0.0], [0.5, 0.5], math.log(2), INF),
        ("probability", [0.5], [0.0], INF, math.log(2)),
        ("probability", [0.0], [0.0], 0.0, 0.0),
        ("probability", [1e-300], [1e-310], 1e-300 * (math.log(1e10) - 1), 1e-300),
        ("logit", [0.0, -800.0], [0.0, -801.0], 0.0, 0.0),
        ("logit", [0.0, -800.0], [0.0, -INF], INF, 0.0),
        ("logit", [0.0, 800.0], [0.0, -800.0], 800.0, 800.0),
        ("logit", [1e6 + 0.5, 1e6 + 1, 1e6], [0.5, 1.0, 0.0], 0.0, 0.0),
        ("logit", [1e308, -1e308], [-1e308, 1e308], INF, INF),
    ],
)  # fmt: skip
def test_zeros_and_extremes(kind: str, base: list[float], new: list[float], kl: float, reverse: float) -> None:
    """Expected: the sums of P log(P / Q) by hand; P_k > 0 = Q_k makes it infinite."""
    for _ in each_level():
        found = diverged(batch(InputKind(kind), [base]), batch(InputKind(kind), [new]))
        assert found.kl == pytest.approx([kl], rel=1e-12)
        assert found.kl_reverse == pytest.approx([reverse], rel=1e-9)
        assert 0 <= found.js[0] <= math.log(2)


def test_classes_are_met_by_their_order() -> None:
    random = np.random.default_rng(2)
    p, q = (scipy.special.softmax(random.normal(size=(30, 4)), axis=1) for _ in range(2))
    order = [2, 0, 3, 1]  # class k of q is column order[k] of what BASE holds
    held = np.empty_like(p)
    held[:, order] = p
    one, two = (diverged(batch(InputKind.PROBABILITY, x), batch(InputKind.PROBABILITY, q), at)
                for x, at in ((p, None), (held, order)))  # fmt: skip
    assert all(np.array_equal(getattr(one, name), getattr(two, name)) for name in (*NAMES, "same_top"))
    single, pair = batch(InputKind.PROBABILITY, [[0.3]]), batch(InputKind.PROBABILITY, [[0.3, 0.7]])
    assert diverged(single, pair, [1, 0]).kl == pytest.approx([0.0], abs=1e-30)
    assert diverged(pair, single, [1, 0]).max_dp == pytest.approx([0.0], abs=1e-15)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_against_itself_is_exactly_0(kind: InputKind) -> None:
    rows = batch(kind, scores_of(kind, np.random.default_rng(3).normal(0, 5, (300, 7)), False))
    found = diverged(rows, rows)
    assert all(not getattr(found, name).any() for name in NAMES)
    metrics, _ = divergence_numbers(Divergence.of(found), {})
    assert (metrics.kl, metrics.kl_se, metrics.same_top, metrics.kl_p999) == (0.0, 0.0, 1.0, 0.0)


@pytest.mark.parametrize("classes", [2, 5, 2000])
def test_every_level_of_simd_gives_the_same_bits_whatever_the_layout(classes: int) -> None:
    random = np.random.default_rng(classes)
    z, w = random.normal(0, 2, (2, 300 if classes < 9 else 40, classes))
    seen = set()
    for _ in each_level():
        for layout in (lambda x: tuple(x.T.copy()), lambda x: np.ascontiguousarray(x)):
            found, odd = kernel.diverge(
                (kernel.Scores(kernel.LOGIT, False), layout(z)), (kernel.Scores(kernel.LOGIT, False), layout(w)),
                np.arange(classes),
            )  # fmt: skip
            assert not odd
            seen.add(found.tobytes())
    assert len(seen) == 1


def test_arguments_that_do_not_fit_are_refused() -> None:
    how, rows = kernel.Scores(kernel.LOGIT, False), np.zeros((4, 3))
    for other, order in (
        (np.zeros((4, 2)), [0, 1, 2]),
        (np.zeros((5, 3)), [0, 1, 2]),
        (rows, [0, 1]),
        (rows, [0, 1, 3]),
    ):
        with pytest.raises(ValueError, match=r"two blocks|refused the arguments"):
            kernel.diverge((how, rows), (how, other), np.array(order))


def test_scores_that_are_no_distribution_are_told() -> None:
    how, good = kernel.Scores(kernel.PROBABILITY, False, tolerance=0.01), np.array([[0.5, 0.5]])
    for bad in ([[0.5, 0.6]], [[math.nan, 0.5]], [[-0.1, 1.1]], [[0.0, 0.0]]):
        assert kernel.diverge((how, good), (how, np.array(bad)), np.arange(2))[1]


# what rows add up to


def rows_of(seed: int, n: int, *, weighted: bool = False, infinite: bool = False) -> RowDivergence:
    random = np.random.default_rng(seed)
    p, q = (scipy.special.softmax(random.normal(0, 2, (n, 3)), axis=1) for _ in range(2))
    if infinite:
        q[0] = [0.0, 0.5, 0.5]
    w = random.choice([0.25, 1.0, 3.0], n) if weighted else None
    return diverged(batch(InputKind.PROBABILITY, p), batch(InputKind.PROBABILITY, q, w))


def numbers(state: Divergence, *, clustered: bool = False) -> DivergenceMetrics:
    return divergence_numbers(state, {}, clustered=clustered)[0]


@pytest.mark.parametrize("weighted", [False, True])
def test_numbers_are_those_of_numpy(weighted: bool) -> None:
    rows = rows_of(4, 500, weighted=weighted)
    w = np.ones(500) if rows.weights is None else rows.weights
    found = numbers(Divergence.of(rows))
    for name in ("kl", "kl_reverse", "js", "tv", "entropy_change", "same_top"):
        assert getattr(found, name) == pytest.approx(np.average(getattr(rows, name), weights=w), rel=1e-13), name
    spread = np.sum(w**2 * (rows.kl - (found.kl or 0)) ** 2)
    assert found.kl_se == pytest.approx(math.sqrt(500 / 499 * spread) / w.sum(), rel=1e-12)
    assert found.kl_high == pytest.approx((found.kl or 0) + 1.959964 * (found.kl_se or 0), rel=1e-13)
    assert (found.kl_max, found.max_dp) == (rows.kl.max(), rows.max_dp.max())
    if not weighted:
        for name, part in (("kl_p50", 0.5), ("kl_p90", 0.9), ("kl_p99", 0.99), ("kl_p999", 0.999)):
            expected = np.quantile(rows.kl, part, method="inverted_cdf")
            assert getattr(found, name) == pytest.approx(expected, rel=2e-3), name


def test_infinite_rows_leave_finite_ones() -> None:
    rows = rows_of(5, 100, infinite=True)
    missing: dict[str, str] = {}
    found, _ = divergence_numbers(Divergence.of(rows), missing)
    assert (found.kl, found.kl_max, found.kl_p999, found.infinite_rows) == (INF, INF, INF, 1)
    assert found.kl_finite == pytest.approx(rows.kl[1:].mean(), rel=1e-13)
    assert found.kl_se is found.kl_low is None
    assert missing["kl_se"] == "rows of infinite loss"


def test_clusters_take_rows_of_a_cluster_together() -> None:
    """sqrt(G/(G-1) sum over clusters (sum of x - mean x)^2) / n, by NumPy."""
    rows, codes = rows_of(6, 120), np.arange(120) % 7
    state = Divergence.of(rows, None, codes, [*"abcdefg"])
    sums = np.bincount(codes, rows.kl - rows.kl.mean())
    assert numbers(state, clustered=True).kl_se == pytest.approx(
        math.sqrt(7 / 6 * (sums**2).sum()) / 120, rel=1e-12
    )


STATES = st.builds(
    lambda seed, n, weighted, infinite: Divergence.of(
        rows_of(seed, n, weighted=weighted, infinite=infinite), None, np.arange(n) % 3, ["a", "b", "c"]
    ),
    st.integers(0, 50), st.integers(1, 9), st.booleans(), st.booleans(),
)  # fmt: skip


@given(st.lists(STATES, min_size=1, max_size=4), st.randoms())
def test_merging_is_commutative_and_associative_with_the_empty_state_as_identity(states: Any, random: Any) -> None:
    expected = reduce(Divergence.merge, states)
    shuffled = [*states, Divergence.empty()]
    random.shuffle(shuffled)
    found = reduce(lambda one, other: other.merge(one), shuffled)
    assert asdict(found) == asdict(expected)


@given(st.integers(0, 100), st.integers(2, 40), st.integers(1, 39))
def test_a_state_does_not_depend_on_how_its_rows_were_cut(seed: int, n: int, cut: int) -> None:
    rows, at = rows_of(seed, n, weighted=seed % 2 == 0), np.random.default_rng(seed).permutation(n)
    parts = [Divergence.of(rows.where(each)) for each in np.split(at, [min(cut, n - 1)])]
    assert asdict(reduce(Divergence.merge, parts)) == asdict(Divergence.of(rows))
    assert replace(parts[0], clusters=Clusters()).rows == parts[0].rows
