"""What the words say, for files made to make them say it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import scipy.special

from xentcli import score
from xentcli.render.diagram import FULL, GAP, MARK, MORE, WIDTH, gap_bar, span_bar, to_ascii
from xentcli.render.reports.advice import advice


def words(labels: Any, **options: Any) -> str:
    return "\n".join(advice(score(labels, **options)))


def drawn(rows: int, temperature: float, seed: int = 1) -> tuple[Any, Any]:
    """Labels of softmax(z), and the logits z times a temperature."""
    random = np.random.default_rng(seed)
    z = random.normal(0, 2, (rows, 3))
    return (z + random.gumbel(size=z.shape)).argmax(axis=1), temperature * z


def test_too_sharp_too_cautious_and_right() -> None:
    labels, sharp = drawn(2000, 2.0)
    assert "Overconfident: forecasts are sharper than they should be, z = " in words(labels, logits=sharp)
    found = re.search(r"temperature ([0-9.]+) would save [0-9.]+ nats", words(labels, logits=sharp))
    assert found is not None
    assert float(found[1]) == pytest.approx(2.0, abs=0.2)
    labels, cautious = drawn(2000, 0.5)
    assert "Underconfident: forecasts are more cautious" in words(labels, logits=cautious)
    labels, right = drawn(2000, 1.0)
    assert "Calibrated, as far as 2,000 rows can tell (p = " in words(labels, logits=right)
    assert "Recalibration" not in words(labels, logits=right)


def test_a_class_forecast_too_often() -> None:
    labels, z = drawn(2000, 1.0)
    said = words(labels, logits=z + np.array([1.5, 0, 0]))
    assert 'Class "0" is forecast too often' in said
    assert "Recalibration can save at most" in said


def test_worse_than_the_class_mix_and_few_rows() -> None:
    said = words([0, 1, 1, 0], probs=[0.9, 0.2, 0.1, 0.8])
    assert "The forecasts hold hardly any of the information in the labels, as far as 4 rows can tell" in said
    assert "always forecasting the class mix would lose less: 0.6931 nats" in said


def test_infinite_rows() -> None:
    said = words([1, 0, 1], probs=[0.0, 0.2, 0.9])
    assert "Certain, and wrong: 1 row gave probability 0 to what happened" in said
    assert "Without them it is 0.1643 nats." in said
    said = words([1, 0], probs=[0.0, 1.0])
    assert "Certain, and wrong: 2 rows" in said
    assert "Without them" not in said


def test_where_the_loss_sits() -> None:
    q = np.full((400, 3), 0.01) + np.eye(3)[np.zeros(400, int)] * 0.97
    labels = np.zeros(400, int)
    labels[:3] = 2
    said = words(labels, probs=q, unit="bits")
    assert 'Class "2" has 0.8 % of the rows and ' in said
    assert 'The costliest confusion: "2" taken for "0" in 3 rows' in said
    assert "The worst 1 % of the rows carry" in said


def test_nothing_without_a_breakdown() -> None:
    assert words([0, 1], probs=[0.2, 0.7], breakdown=False) == ""
    assert (
        words([0, 1], probs=[0.0, 1.0])
        == "The forecasts hold 100.0 % of the information in the labels, as far as 2 rows can tell."
    )


@pytest.mark.parametrize("seed", range(3))
def test_soft_labels_are_told_of_too(seed: int) -> None:
    random = np.random.default_rng(seed)
    q = scipy.special.softmax(random.normal(0, 2, (200, 3)), axis=1)
    said = words(scipy.special.softmax(random.normal(0, 1, (200, 3)), axis=1), probs=q)
    assert "are wasted by wrong probabilities; " in said


def test_bars() -> None:
    assert span_bar(0, 1, 1) == FULL * WIDTH
    assert span_bar(0.5, 1, 1) == " " * 13 + FULL * 13
    assert span_bar(0.999, 0.9995, 1) == " " * WIDTH + FULL  # what is there can be seen
    assert span_bar(0, 0, 1) == span_bar(0, 0, 0) == ""
    assert span_bar(0.5, float("inf"), 1) == " " * 13 + FULL * 12 + MORE
    assert gap_bar(0.5, 0.75) == FULL * 13 + GAP * 7 + MARK  # 0.75 of 26 is 19.5, to even 20
    assert gap_bar(0.75, 0.5) == FULL * 13 + MARK + FULL * 6
    assert gap_bar(None, 0.5) == ""
    assert to_ascii(FULL + GAP + MARK + MORE) == "#.|>"
