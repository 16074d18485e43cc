"""Pairs of log-odds of two models: the laws of the state, and the paired DeLong error that is computed from it.

Figures of the samples: DeLong's covariance pair by pair (`delong` below), and those of the issue.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.core.levels import each_level
from tests.properties.merging import assert_merging_laws, merged_as_a_tree
from tests.properties.strategies import law
from xentcli import compare
from xentcli.core.exact import FloatArray
from xentcli.core.numbers.distributions import level
from xentcli.core.odds.joint import JointOdds
from xentcli.errors import RequestError
from xentcli.gates.check_comparison import check_comparison
from xentcli.gates.requirement import parse_requirement
from xentcli.results.compare import CompareResult, Difference
from xentcli.results.verdicts import Gate

CANCER, NEW = "sample_data/breast_cancer.csv", "sample_data/breast_cancer_new.csv"
Row = tuple[float, float, bool, float]  # log-odds of NEW and BASE, label, weight

odds = st.floats(allow_nan=False) | st.sampled_from([-math.inf, -1.0, -0.0, 0.0, 1.0, math.nextafter(1, 2)])
rows = st.lists(st.tuples(odds, odds, st.booleans(), st.sampled_from([1.0, 0.1, 1e-310, 3e200])), max_size=30)
limits = st.sampled_from([(1, 1), (3, 2), (10, 5), (1000, 1000)])


def state(given_rows: list[Row], weighted: bool, limits: tuple[int, int]) -> JointOdds:
    if not given_rows:
        return JointOdds(limits=limits)
    new, base, positive, weights = (np.array(column) for column in zip(*given_rows, strict=True))
    return JointOdds.of(new, base, positive, weights if weighted else None, limits=limits)


@law
@given(rows, st.booleans(), limits, st.data())
def test_merge_is_commutative_and_associative_with_identity(
    given_rows: list[Row], weighted: bool, limits: tuple[int, int], data: st.DataObject
) -> None:
    third = data.draw(st.lists(st.integers(0, 2), min_size=len(given_rows), max_size=len(given_rows)))
    a, b, c = (
        state([row for row, i in zip(given_rows, third, strict=True) if i == part], weighted, limits)
        for part in range(3)
    )
    assert_merging_laws(a, b, c, JointOdds(limits=limits))
    assert a.merge(b).merge(c) == state(given_rows, weighted, limits)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("limits", "shift"), [((1000, 2000), 44), ((1000, 200), 48), ((5000, 0), 0)])
def test_orders_blocks_and_merge_trees_do_not_show(weighted: bool, limits: tuple[int, int], shift: int) -> None:
    random = np.random.default_rng(1)
    new, base = random.normal(2, 0.2, (2, 2000))
    y, w = random.random(2000) < 0.4, random.exponential(size=2000)

    def of(at: Any) -> JointOdds:
        return JointOdds.of(new[at], base[at], y[at], w[at] if weighted else None, limits=limits)

    whole = of(np.arange(2000)).compact()
    assert whole.shift == shift
    for pieces in (7, 400):
        blocks = [of(at) for at in np.array_split(random.permutation(2000), pieces)]
        assert merged_as_a_tree(blocks, random) == whole == reduce(JointOdds.merge, blocks)


def placed(y: NDArray[np.bool_], p: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The placements of the rows of class 1, and of class 0, pair by pair."""
    above = (p[y][:, None] > p[~y]) + 0.5 * (p[y][:, None] == p[~y])
    return (above * w[~y]).sum(axis=1) / w[~y].sum(), (above.T * w[y]).sum(axis=1) / w[y].sum()


def delong(y: NDArray[np.bool_], values: tuple[FloatArray, FloatArray], w: FloatArray) -> float:
    """The standard error of the mean of values of the rows of either class."""
    total = 0.0
    for own, each in zip((w[y], w[~y]), values, strict=True):
        mean = (own * each).sum() / own.sum()
        total += each.size / (each.size - 1) * (own**2 * (each - mean) ** 2).sum() / own.sum() ** 2
    return math.sqrt(total)


def made(n: int, decimals: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same rows under two models, with weights; classes a and b."""
    random = np.random.default_rng(n)
    y = random.random(n) < 0.4
    x = random.normal(0, 1.5, n) + y
    frames = []
    for noise in (0.0, 0.5):
        p = (1 / (1 + np.exp(-x - random.normal(0, noise, n)))).round(decimals).clip(1e-6, 1 - 1e-6)
        frames.append(pd.DataFrame({"label": np.where(y, "b", "a"), "p_b": p, "p_a": 1 - p}))
    weights = random.exponential(size=n)
    return frames[0].assign(w=weights), frames[1].assign(w=weights)


def auc(found: CompareResult) -> Difference:
    return found.metrics["auc"]


def test_figures_of_the_samples() -> None:
    for _ in each_level():
        found = auc(compare(CANCER, NEW, on="id"))
        assert found.difference == pytest.approx(0.0015987527086306352, rel=1e-12)
        assert found.se == pytest.approx(0.0022469083604505806, rel=1e-12)
        assert found.p_value == pytest.approx(math.erfc(0.71153445185899 / math.sqrt(2)), rel=1e-12)
        assert found.high == pytest.approx(0.0015987527086306352 + 1.959964 * 0.0022469083604505806, rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("decimals", [1, 15])
def test_the_error_is_delongs_pair_by_pair(weighted: bool, decimals: int) -> None:
    base, new = made(400, decimals)
    options: dict[str, Any] = {"weight": "w", "on": None} if weighted else {"on": None}
    found, y = auc(compare(base, new, **options)), (base.label == "b").to_numpy()
    w = base.w.to_numpy() if weighted else np.ones(400)
    ours, theirs = (placed(y, each.p_b.to_numpy(), w) for each in (new, base))
    for c in (1.0, 0.98):
        expected = delong(y, (ours[0] - c * theirs[0], ours[1] - c * theirs[1]), w)
        assert found.relative_to(c)[1] == pytest.approx(expected, rel=1e-11)


def test_the_order_of_the_classes_is_of_no_account() -> None:
    base, new = made(300, 2)
    found = auc(compare(base, new, on=None))
    turned = auc(compare(base, new, on=None, classes=["b", "a"], prob=["p_b", "p_a"]))
    assert turned.se == pytest.approx(found.se, rel=1e-12)
    assert turned.difference == pytest.approx(found.difference, rel=1e-12)


def placed_by_rank(y: NDArray[np.bool_], x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The placements of many rows."""

    def below(values: FloatArray, others: FloatArray) -> FloatArray:
        others = np.sort(others)
        sides = (np.searchsorted(others, values, side).astype(float) for side in ("left", "right"))
        return sum(sides, np.zeros(values.size)) / (2 * others.size)

    return below(x[y], x[~y]), 1 - below(x[~y], x[y])


def test_cells_have_nearly_the_error_of_rows() -> None:
    random = np.random.default_rng(8)
    y = random.random(300_000) < 0.4
    x = random.normal(0, 1.5, y.size) + y
    base, new = (x + random.normal(0, noise, y.size) for noise in (0.1, 0.12))
    frames = (pd.DataFrame({"label": y.astype(int), "logit_1": each, "logit_0": 0.0}) for each in (base, new))
    found = auc(compare(*frames, on=None)).se
    ours, theirs = placed_by_rank(y, new), placed_by_rank(y, base)
    expected = delong(y, (ours[0] - theirs[0], ours[1] - theirs[1]), np.ones(y.size))
    assert found == pytest.approx(expected, rel=1e-3)
    assert found != pytest.approx(expected, rel=1e-9)  # they are in cells


@pytest.mark.parametrize(
    ("labels", "options", "reason"),
    [
        (list("abab"), {"breakdown": False}, "--no-breakdown"),
        (list("aaaa"), {}, "of one class"),
        (list("abab"), {"cluster": "g"}, "independent"),
        (list("abab"), {"anytime": 100}, "every look"),
    ],
)
def test_without_an_error_it_says_why(labels: list[str], options: dict[str, Any], reason: str) -> None:
    frame = pd.DataFrame({"label": labels, "p_b": [0.1, 0.4, 0.6, 0.3], "g": list("xxyz")})
    frame["p_a"] = 1 - frame.p_b
    result = compare(frame, frame.assign(p_a=[0.4, 0.3, 0.25, 0.2], p_b=[0.6, 0.7, 0.75, 0.8]), on=None, **options)
    assert auc(result).se is auc(result).low is auc(result).p_value is None
    assert reason in result.unavailable["auc.se"]


def gate(text: str, confidence: float | None = None, **options: Any) -> Gate:
    found = compare(CANCER, NEW, on="id", **options)
    return check_comparison(found, [parse_requirement(text)], level(confidence))[0]


def test_gates_take_the_paired_error_and_the_normal_distribution() -> None:
    assert gate("auc >= baseline - 0.01", 0.95).verdict == "pass"
    found = gate("auc >= baseline", 0.95)
    assert found.verdict == "undecided"
    z = 1.6448536269514722  # scipy.stats.norm.ppf(0.95)
    assert found.low == pytest.approx(0.0015987527086306352 - z * 0.0022469083604505806, rel=1e-11)
    assert gate("auc >= baseline").verdict == "pass"
    assert gate("auc >= baseline * 1.01", 0.95).verdict == "fail"
    assert "independent" in gate("auc >= baseline", 0.95, cluster="texture").message
    assert gate("auc >= baseline", None, anytime=500).verdict == "pass"
    with pytest.raises(RequestError, match="not compared by slice"):
        gate("auc[size=big] >= baseline", None, by="size")
