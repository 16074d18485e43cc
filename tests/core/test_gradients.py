"""Gradients: against the slope of the losses themselves, by mpmath."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from mpmath import mp

from tests.core.scoring import scored_rows
from tests.properties.strategies import random_case
from xentcli.core.batch import Batch, InputKind, RowScores
from xentcli.core.gradients import EDGES, Gradients


def scored(z: Any, labels: Any, weights: Any = None) -> RowScores:
    return scored_rows(Batch(InputKind.LOGIT, np.array(z, float), np.array(labels), weights))


def size_of_slope(loss: Any, z: list[float]) -> float:
    slopes = []
    for k in range(len(z)):

        def along(t: Any, k: int = k) -> Any:
            return loss([t if j == k else mp.mpf(v) for j, v in enumerate(z)])

        slopes.append(mp.diff(along, z[k]))
    return float(mp.sqrt(mp.fsum(s**2 for s in slopes)))


def softmax(z: list[Any]) -> list[Any]:
    q = [mp.exp(v) for v in z]
    return [v / mp.fsum(q) for v in q]


@pytest.mark.parametrize("z", [[0.5, -1.0, 2.0], [8.0, 0.0, -3.0], [0.0, 0.0, 0.0]])
@pytest.mark.parametrize("label", [0, 1, 2])
def test_of_a_softmax(z: list[float], label: int) -> None:
    with mp.workdps(40):
        cross_entropy = size_of_slope(lambda v: -mp.log(softmax(v)[label]), z)
        squared_error = size_of_slope(
            lambda v: mp.fsum((q - (k == label)) ** 2 for k, q in enumerate(softmax(v))), z
        )
    found = Gradients.of(scored([z], [label]))
    assert found.cross_entropy.total() / 2**1074 == pytest.approx(cross_entropy, rel=1e-12)
    assert found.squared_error.total() / 2**1074 == pytest.approx(squared_error, rel=1e-12)


@pytest.mark.parametrize("t", [-9.0, -1.0, 0.0, 0.3, 30.0])
@pytest.mark.parametrize("label", [0, 1])
def test_of_a_sigmoid(t: float, label: int) -> None:
    with mp.workdps(40):
        p = 1 / (1 + mp.exp(-mp.mpf(t)))
        expected = float(abs(p - label)), float(abs(2 * (p - label) * p * (1 - p)))
    one, two = Gradients.of(scored([[t]], [label])), Gradients.of(scored([[0.0, t]], [label]))
    for found in (one, two):
        assert found.cross_entropy.total() / 2**1074 == pytest.approx(expected[0], rel=1e-12)
        assert found.squared_error.total() / 2**1074 == pytest.approx(expected[1], rel=1e-9)


def test_bins_and_saturation() -> None:
    p = np.array([0.0, 1e-5, 5e-4, 0.04, 0.06, 0.5, 0.95, 1.0])  # of what happened; 2 p (1 - p) = 0.1 at 0.0528
    found = Gradients.of(
        scored(np.log(np.maximum(p, 1e-300))[:, None] - np.log1p(-np.minimum(p, 1 - 1e-16))[:, None], [1] * 8)
    )
    assert found.bins.rows.tolist() == [2, 1, 0, 2, 0, 1, 1, 1]
    assert found.saturated.rows.tolist() == [2, 1, 0, 1, 0, 0, 0, 0]
    assert len(EDGES) == 9


def test_blocks_and_weights_do_not_show() -> None:
    case = random_case("logits", 3, rows=40)
    w = np.linspace(0.1, 2, 40)
    whole = Gradients.of(scored(case.scores, case.labels, w))
    parts = [Gradients.of(scored(case.scores[r], case.labels[r], w[r])) for r in np.array_split(np.arange(40), 9)]
    merged = Gradients.empty()
    for part in parts:
        merged = part.merge(merged)
    assert merged == whole
    twice = Gradients.of(scored(np.repeat(case.scores, 2, 0), np.repeat(case.labels, 2), np.full(80, 0.5)))
    assert twice.cross_entropy == Gradients.of(scored(case.scores, case.labels)).cross_entropy
    assert math.isfinite(whole.squared_error.total() / 2**1074)
