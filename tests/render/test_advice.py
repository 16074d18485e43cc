"""What the words say, for files made to make them say it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import scipy.special

from tests.values import replace
from xentcli import score, worst
from xentcli.errors import Notice
from xentcli.render.diagram import FULL, GAP, MARK, MORE, WIDTH, gap_bar, span_bar, to_ascii
from xentcli.render.reports.advice import advice
from xentcli.render.reports.headline import calibration_verdict


def words(labels: Any, **options: Any) -> str:
    return "\n".join(advice(score(labels, **options)))


def verdict(labels: Any, **options: Any) -> str:
    return calibration_verdict(score(labels, **options))


def drawn(rows: int, temperature: float, seed: int = 1) -> tuple[Any, Any]:
    """Labels of softmax(z), and the logits z times a temperature."""
    random = np.random.default_rng(seed)
    z = random.normal(0, 2, (rows, 3))
    return (z + random.gumbel(size=z.shape)).argmax(axis=1), temperature * z


def test_too_sharp_too_cautious_and_right() -> None:
    labels, sharp = drawn(2000, 2.0)
    assert verdict(labels, logits=sharp) == "OVERCONFIDENT"
    found = re.search(r"Dividing all logits by ([0-9.]+) saves [0-9.]+ of the", words(labels, logits=sharp))
    assert found is not None
    assert float(found[1]) == pytest.approx(2.0, abs=0.2)
    labels, cautious = drawn(2000, 0.5)
    assert verdict(labels, logits=cautious) == "UNDERCONFIDENT"
    labels, right = drawn(2000, 1.0)
    assert verdict(labels, logits=right) == "no miscalibration shown"
    said = words(labels, logits=right)
    assert "Leave the calibration as it is: 2,000 rows show no miscalibration (p = " in said
    assert "in-sample" not in said


def test_the_remedy_that_saves_most_is_named() -> None:
    """Of two classes: a shift of all log-odds, a temperature, or both, by what was done to right ones."""
    random = np.random.default_rng(5)
    x = random.normal(0, 2, 4000)
    labels = (random.random(4000) < scipy.special.expit(x)).astype(int)

    def remedy(logit: Any) -> str:
        said = words(labels, logits=np.stack([np.zeros(4000), logit], axis=1))
        return next(line.partition(" saves ")[0] for line in said.splitlines() if " saves " in line)

    found = re.fullmatch(r'Adding ([+-][0-9.]+) to the log-odds of "1"', remedy(x + 1.5))
    assert found is not None
    assert float(found[1]) == pytest.approx(-1.5, abs=0.2)
    assert remedy(2 * x).startswith("Dividing all logits by ")
    assert remedy(2 * x + 2) == "A temperature with an offset for each class"


def test_a_class_predicted_too_often() -> None:
    labels, z = drawn(2000, 1.0)
    said = words(labels, logits=z + np.array([1.5, 0, 0]))
    assert '"0" is predicted too often: ' in said
    assert "that miscalibration costs (in-sample)" in said


def test_worse_than_the_class_frequencies_and_few_rows() -> None:
    said = words([0, 1, 1, 0], probs=[0.9, 0.2, 0.1, 0.8])
    assert "Always predicting the class frequencies would lose less: 0.6931 nats." in said
    assert "The predictions explain hardly any of the label entropy." in said
    assert "(in-sample, of only 4 rows)" in said


def test_predictions_without_any_use() -> None:
    said = words([0, 1, 0, 1] * 20, probs=[0.9, 0.9, 0.2, 0.1] * 20)
    assert "Giving every class the same probability saves " in said
    assert "inf" not in said


def test_one_row() -> None:
    found = score([1], probs=[0.7])
    assert "1 row shows no miscalibration" in "\n".join(advice(found))
    assert "1 row, 2 classes" in str(found)
    assert "this row carries" in str(worst([1], probs=[0.7]))


def test_the_full_report_judges_what_is_read_by_a_rule() -> None:
    for temperature, verdict in ((2, "overconfident"), (0.5, "underconfident"), (1, "no miscalibration shown")):
        labels, z = drawn(2000, temperature)
        text = score(labels, logits=z).to_markdown()
        assert re.search(rf"^\| best temperature \| [0-9.]+ \|  \| {verdict} \|$", text, re.M)


def test_infinite_rows() -> None:
    said = words([1, 0, 1], probs=[0.0, 0.2, 0.9])
    assert "In 1 row the true class has probability 0, so the log loss is infinite: xent worst FILE lists" in said
    assert "In 2 rows" in words([1, 0], probs=[0.0, 1.0])


def test_where_the_loss_sits() -> None:
    q = np.full((400, 3), 0.01) + np.eye(3)[np.zeros(400, int)] * 0.97
    labels = np.zeros(400, int)
    labels[:3] = 2
    said = words(labels, probs=q, unit="bits")
    assert '"2" costs ' in said
    assert " of the loss with 0.8 % of the rows." in said
    assert '"2" predicted as "0" costs ' in said
    assert "of the loss in 3 rows." in said
    assert "The worst 1 % of the rows cost" in said


def test_nothing_without_a_breakdown() -> None:
    assert words([0, 1], probs=[0.2, 0.7], breakdown=False) == ""


def test_nothing_to_do_where_every_row_is_right() -> None:
    assert words([0, 1], probs=[0.0, 1.0]) == ""


@pytest.mark.parametrize(
    ("code", "silent"), [("column_order", True), ("same_rows", True), ("skipped_rows", False)]
)
def test_a_doubt_silences_the_advice_that_it_makes_void(code: str, silent: bool) -> None:
    labels, sharp = drawn(500, 2.0)
    found = score(labels, logits=sharp)
    doubtful = replace(found, notices=(*found.notices, Notice(code, 1, "x", doubt=True)))
    assert list(advice(found))
    assert list(advice(doubtful)) == ([] if silent else list(advice(found)))


@pytest.mark.parametrize("seed", range(3))
def test_soft_labels_have_advice_too(seed: int) -> None:
    random = np.random.default_rng(seed)
    q = scipy.special.softmax(random.normal(0, 2, (200, 3)), axis=1)
    said = words(scipy.special.softmax(random.normal(0, 1, (200, 3)), axis=1), probs=q)
    assert re.search(r"saves [0-9.]+ of the [0-9.]+ nats that miscalibration costs", said)


def test_bars() -> None:
    assert WIDTH == 22
    assert span_bar(0, 1, 1) == FULL * WIDTH
    assert span_bar(0.5, 1, 1) == " " * 11 + FULL * 11
    assert span_bar(0.999, 0.9995, 1) == " " * (WIDTH - 1) + FULL  # what is there can be seen, within the width
    assert span_bar(0.04, 0.06, 1) == span_bar(0, 0.06, 1) == FULL  # they end together
    assert span_bar(0, 0, 1) == span_bar(0, 0, 0) == ""
    assert span_bar(0.5, float("inf"), 1) == " " * 11 + FULL * 10 + MORE
    assert span_bar(0.5, 1, 1, 40) == " " * 20 + FULL * 20
    assert gap_bar(0.5, 0.75) == FULL * 11 + GAP * 5 + MARK  # 0.75 of 22 is 16.5, to even 16
    assert gap_bar(0.75, 0.5) == FULL * 11 + MARK + FULL * 4
    assert gap_bar(None, 0.5) == ""
    assert to_ascii(FULL + GAP + MARK + MORE) == "#.|>"
