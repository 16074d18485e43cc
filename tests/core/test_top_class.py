"""Numbers of label and predicted class, against the figures of scikit-learn 1.9."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics

from tests.values import asdict
from xentcli import score
from xentcli.results.score import ScoreResult


def test_figures_of_the_sample() -> None:
    # balanced_accuracy_score, matthews_corrcoef, cohen_kappa_score, f1_score(pos_label="malignant") of
    # breast_cancer.csv, and 1 - brier_score_loss / that of the class mix
    found = score("sample_data/breast_cancer.csv")
    expected = {
        "balanced_accuracy": 0.9405951059669151,
        "mcc": 0.9033900388003708,
        "cohen_kappa": 0.9001606176355464,
        "brier_skill": 0.8436130138510838,
    }
    assert {name: getattr(found.metrics, name) for name in expected} == pytest.approx(expected, rel=1e-15)
    f1 = {row.name: row.f1 for row in found.per_class}
    assert f1["malignant"] == pytest.approx(0.9353233830845771, rel=1e-15)


def uneven(classes: int, rows: int = 500) -> tuple[list[int], Any, list[float]]:
    """Labels, probabilities with many ties, and weights; some classes have no rows, some are never predicted."""
    random = np.random.default_rng(classes)
    labels = random.integers(0, classes - 1, rows)
    q = random.integers(1, 4, (rows, classes)).astype(float)
    q[np.arange(rows), labels] += random.integers(0, 3, rows)
    q[:, 1] = 0.5
    return labels.tolist(), q / q.sum(axis=1, keepdims=True), random.choice([0.25, 1.0, 3.0], rows).tolist()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("classes", [3, 10, 130])
def test_scikit_learn_with_ties_and_missing_classes(classes: int, weighted: bool) -> None:
    labels, q, weights = uneven(classes)
    given: dict[str, Any] = {"sample_weight": weights if weighted else None}
    found, top = score(labels, probs=q, weights=given["sample_weight"]), q.argmax(axis=1)
    f1 = sklearn.metrics.f1_score(labels, top, average=None, labels=range(classes), zero_division=np.nan, **given)
    expected = {
        "balanced_accuracy": sklearn.metrics.recall_score(
            labels, top, average="macro", labels=np.unique(labels), **given
        ),
        "macro_f1": np.nanmean(f1),
        "mcc": sklearn.metrics.matthews_corrcoef(labels, top, **given),
        "cohen_kappa": sklearn.metrics.cohen_kappa_score(labels, top, **given),
    }
    metrics = asdict(found.metrics)
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, rel=1e-12)
    assert [np.nan if row.f1 is None else row.f1 for row in found.per_class] == pytest.approx(f1, nan_ok=True)
    assert any(row.f1 is None for row in found.per_class) == np.isnan(f1).any()


@pytest.mark.parametrize("weights", [None, [1e-9, 1e9, 3.0, 0.5]])
def test_what_cannot_be_told(weights: list[float] | None) -> None:
    q = [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]]
    one = score([0, 0, 0, 0], probs=q, weights=weights)
    assert one.metrics.mcc is one.metrics.cohen_kappa is one.metrics.brier_skill is None
    assert (one.metrics.balanced_accuracy, one.metrics.macro_f1) == (1.0, 1.0)
    assert [row.f1 for row in one.per_class] == [1.0, None]
    constant = score([0, 1, 0, 1], probs=q, weights=weights)
    assert constant.metrics.mcc is None
    assert "of one class" in constant.unavailable["mcc"]
    assert constant.metrics.cohen_kappa == 0.0


def test_soft_labels_have_no_predicted_class_that_is_right() -> None:
    found = score([[0.5, 0.5], [0.0, 1.0]], probs=[[0.25, 0.75], [0.5, 0.5]])
    names = {"balanced_accuracy", "macro_f1", "mcc", "cohen_kappa", "brier_skill"}
    assert {name for name in names if getattr(found.metrics, name) is None} == names
    assert {found.unavailable[name] for name in (*names, "f1[0]")} == {"needs plain labels"}


def confusions(found: ScoreResult) -> Any:
    assert found.confusion_matrix is not None
    return np.array(found.confusion_matrix)


def test_the_confusion_matrix_is_sklearns() -> None:
    labels, q, weights = uneven(10)
    expected = sklearn.metrics.confusion_matrix(labels, q.argmax(axis=1), labels=range(10))
    assert (confusions(score(labels, probs=q)) == expected).all()
    assert (confusions(score(labels, probs=q, weights=weights)) == expected).all()  # counts are of rows
    assert score(labels, probs=q, breakdown=False).confusion_matrix is None
    labels, q, _ = uneven(130)
    assert score(labels, probs=q).confusion_matrix is None


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("classes", [3, 6, 130])
def test_top_k_accuracies_are_sklearns(classes: int, weighted: bool) -> None:
    # no two classes are equally probable here: top_k_accuracy_score takes the last of them first
    random = np.random.default_rng(classes)
    labels, z = random.integers(0, classes, 400).tolist(), random.normal(size=(400, classes))
    weights = random.choice([0.25, 1.0, 3.0], 400).tolist() if weighted else None
    found = asdict(score(labels, logits=z, weights=weights).metrics)
    assert all((found[f"top_{k}_accuracy"] is None) == (k >= classes) for k in (2, 3, 5))
    for k in (k for k in (2, 3, 5) if k < classes):
        expected = sklearn.metrics.top_k_accuracy_score(
            labels, z, k=k, sample_weight=weights, labels=range(classes)
        )
        assert found[f"top_{k}_accuracy"] == pytest.approx(expected, rel=1e-13)


def test_of_equally_probable_classes_the_first_come_first() -> None:
    found = score([0, 1, 2, 3], probs=[[0.25] * 4] * 4)
    metrics = found.metrics
    assert (metrics.accuracy, metrics.top_2_accuracy, metrics.top_3_accuracy) == (0.25, 0.5, 0.75)
    assert found.unavailable["top_5_accuracy"] == "needs more than 5 classes"
    two = score([0, 1], probs=[0.25, 0.75])
    assert two.metrics.top_2_accuracy is None


def test_ranked_probability_score_in_closed_form() -> None:
    # sum over k < K of (Q_k - T_k)^2 / (K - 1): (0.3^2 + 0.1^2) / 2, (0.3^2 + 0.3^2) / 2, (0.1^2 + 0.7^2) / 2
    q = [[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.1, 0.6, 0.3]]
    found = score([0, 1, 2], probs=q, ordinal=True).metrics
    assert found.rps == pytest.approx((0.05 + 0.09 + 0.25) / 3, rel=1e-15)
    assert found.rps_se == pytest.approx(np.std([0.05, 0.09, 0.25], ddof=1) / math.sqrt(3), rel=1e-14)
    soft = score([[1.0, 0.0, 0.0], [0.25, 0.5, 0.25]], probs=q[:2], ordinal=True).metrics
    assert soft.rps == pytest.approx((0.05 + 0.05**2) / 2, rel=1e-14)
    assert score([0, 1, 2], probs=q).unavailable["rps"] == "needs --ordinal"


@pytest.mark.parametrize(
    ("label", "q", "expected"),
    [
        (0, [0.80, 0.10, 0.10], 0.0250),
        (0, [0.50, 0.25, 0.25], 0.1562),
        (1, [0.35, 0.30, 0.35], 0.1225),
        (1, [0.60, 0.30, 0.10], 0.1850),
        (0, [0.60, 0.25, 0.15], 0.0912),
        (0, [0.60, 0.15, 0.25], 0.1112),
        (0, [0.57, 0.33, 0.10], 0.0974),
    ],
)
def test_published_ranked_probability_scores(label: int, q: list[float], expected: float) -> None:
    # Constantinou & Fenton 2012, Solving the problem of inadequate scoring rules for assessing probabilistic
    # football forecast models: home win, draw, away win, cut after four digits
    found = score([label], probs=[q], ordinal=True).metrics.rps
    assert found is not None
    assert math.floor(found * 1e4 + 1e-9) / 1e4 == expected


def test_ranked_probability_score_of_two_classes_is_the_brier_score() -> None:
    found = score("sample_data/breast_cancer.csv", classes=["benign", "malignant"], ordinal=True).metrics
    assert (found.rps, found.rps_se) == pytest.approx((found.brier, found.brier_se), rel=1e-14)


def test_a_good_prediction_keeps_its_digits() -> None:
    # q = (1 - e - d, e, d): RPS = ((e + d)^2 + d^2) / 2 of class 0
    e, d = math.exp(-40), math.exp(-45)
    found = score([0], logits=[[0.0, -40.0, -45.0]], ordinal=True).metrics.rps
    assert found == pytest.approx(((e + d) ** 2 + d**2) / 2, rel=1e-14)
    mirrored = score([2], logits=[[-45.0, -40.0, 0.0]], ordinal=True).metrics.rps
    assert found == mirrored


def test_rows_that_depend_on_one_another_have_no_error_of_the_rps() -> None:
    table = {"label": [0, 1, 2, 1], "user": list("aabb"), **{f"p_{k}": [0.25, 0.5, 0.25, 0.25] for k in range(3)}}
    table["p_1"], table["p_0"] = [0.5, 0.25, 0.25, 0.5], [0.25, 0.25, 0.5, 0.25]
    found = score(pd.DataFrame(table), cluster="user", ordinal=True)
    assert found.metrics.rps is not None
    assert found.metrics.rps_se is None
    assert "depend on one another" in found.unavailable["rps_se"]
