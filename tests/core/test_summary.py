"""Every number of `score` against the oracle, scikit-learn, and what others have published.

The oracle computes with 60 digits, so the program may differ by the rounding of float64 only: `REL` of the value,
or `ABS` where a difference of larger numbers is small. Quantiles and tail shares come from a grid of 0.2 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sklearn.metrics
from mpmath import mp

from tests import reference
from tests.values import asdict
from xentcli import score
from xentcli.errors import ContentError
from xentcli.results.parts import ClassResult, Metrics
from xentcli.results.score import ScoreResult

REL, ABS = 1e-12, 2e-15
GRID = {"loss_p50": 1 / 512, "loss_p90": 1 / 512, "loss_p99": 1 / 512, "worst_1pct_share": 2 / 512}
KINDS = {"probability": "probs", "logit": "logits", "log_probability": "log_probs"}
NOT_IN_THE_ORACLE = {
    "skipped_rows": 0,
    "ignored_rows": 0,
    "filtered_rows": 0,
    "prior_log_loss": None,
    "prior_gap": None,
}
UNORDERED = {"rps": None, "rps_se": None}


def scored(kind: str, labels: Any, scores: Any, **options: Any) -> ScoreResult:
    given: dict[str, Any] = {KINDS[kind]: scores, **options}
    return score(labels, **given)


def oracle(kind: str, labels: Any, scores: Any, **options: Any) -> dict[str, Any]:
    rows = np.asarray(scores).tolist()
    if isinstance(rows[0], float):
        rows = {
            "probability": reference.two_class_rows,
            "logit": reference.softplus,
            "log_probability": two_class_logs,
        }[kind](rows)
    return reference.score(np.asarray(labels).tolist(), rows, kind=kind, **options)


def two_class_logs(log_p: Sequence[float]) -> list[list[float | Fraction]]:
    """Rows [log(1 - p), log p]; the first, of 60 digits, is not rounded to float64."""
    rows: list[list[float | Fraction]] = []
    for x in log_p:
        with mp.workdps(400):
            rest = mp.log(-mp.expm1(x)) if x < 0 else -mp.inf
            exact = Fraction(int(rest * mp.mpf(2) ** 1400), 2**1400) if rest > -mp.inf else -math.inf
        rows.append([exact, x])
    return rows


def wrong(found: Metrics | ClassResult, expected: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The numbers that differ: {name: (found, expected)}."""
    values = {name: value for name, value in asdict(found).items() if name != "name"}
    return {
        name: (value, expected[name]) for name, value in values.items() if not close(name, value, expected[name])
    }


def close(name: str, found: Any, expected: Any) -> bool:
    if found is None or expected is None or isinstance(expected, int):
        return bool(found == expected)
    return bool(found == pytest.approx(expected, rel=GRID.get(name, REL), abs=1e-22 if name in GRID else ABS))


def assert_is_the_oracles(kind: str, labels: Any, scores: Any, **options: Any) -> None:
    found, expected = scored(kind, labels, scores, **options), oracle(kind, labels, scores, **options)
    assert wrong(found.metrics, UNORDERED | expected["metrics"] | NOT_IN_THE_ORACLE) == {}
    for row, line in zip(found.per_class, expected["per_class"], strict=True):
        assert wrong(row, line) == {}


def sample(kind: str, columns: int, rows: int = 60) -> tuple[list[int], Any, list[float]]:
    """Random labels, scores `(n, K)` or `(n,)`, and weights, of a model that is a little too sure."""
    random = np.random.default_rng(columns)
    z = random.normal(0, 2, (rows, max(2, columns)))
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    labels = [int(random.choice(len(row), p=row**0.7 / (row**0.7).sum())) for row in q]
    scores = {"probability": q, "logit": z, "log_probability": np.log(q)}[kind]
    w = random.choice([0.0, 0.1, 1.0, 2.75, 1000.0], rows)
    return labels, scores if columns > 1 else scores[:, 1], w.tolist()


# --- the oracle ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [1, 2, 3, 7])
@pytest.mark.parametrize("kind", KINDS)
def test_random_rows(kind: str, columns: int) -> None:
    labels, scores, w = sample(kind, columns)
    assert_is_the_oracles(kind, labels, scores)
    assert_is_the_oracles(kind, labels, scores, weights=w)
    assert_is_the_oracles(kind, labels, scores, clip=0.05)
    assert_is_the_oracles(kind, labels, scores, weights=w, ordinal=True)


@pytest.mark.parametrize("columns", [2, 3, 7])
@pytest.mark.parametrize("kind", ["probability", "log_probability"])
def test_random_rows_that_do_not_sum_to_one(kind: str, columns: int) -> None:
    labels, scores, w = sample(kind, columns)
    factor = np.random.default_rng(0).uniform(0.991, 1.008, (len(labels), 1))
    off = np.minimum(scores * factor, 1) if kind == "probability" else np.minimum(scores + np.log(factor), 0)
    assert_is_the_oracles(kind, labels, off)
    assert_is_the_oracles(kind, labels, off, weights=w, normalize=True)
    assert_is_the_oracles(
        kind, labels, off * 0.7 if kind == "probability" else off - 0.3, normalize=True, clip=0.01
    )


THIRD = 1 / 3
INF = math.inf
CASES: dict[str, tuple[str, list[int], Any, dict[str, Any]]] = {
    "infinite row": ("probability", [0, 1, 1], [[0.5, 0.5], [1.0, 0.0], [0.25, 0.75]], {}),
    "infinite row, weights": ("probability", [0, 1, 1], [0.5, 0.0, 0.75], {"weights": [1.0, 0.1, 3.0]}),
    "infinite row of weight 0": ("probability", [0, 1, 1], [0.5, 0.0, 0.75], {"weights": [1.0, 0.0, 3.0]}),
    "infinite row, clip": ("probability", [0, 1, 1], [[0.5, 0.5], [1.0, 0.0], [0.25, 0.75]], {"clip": 1e-15}),
    "infinite rows only": ("log_probability", [1, 1], [[0.0, -INF], [0.0, -INF]], {}),
    "infinite row of logits": ("logit", [1, 0], [[0.0, -INF, 1.0], [2.0, 1.0, -INF]], {}),
    "one class": ("probability", [2, 2, 2], [[0.5, 0.25, 0.25], [0.1, 0.2, 0.7], [0.3, 0.3, 0.4]], {}),
    "one class, one column": ("logit", [0, 0], [1.5, -2.0], {}),
    "one row": ("logit", [1], [[0.5, 0.25, -1.0]], {"weights": [0.3]}),
    "one row of positive weight": ("probability", [0, 1], [0.25, 0.5], {"weights": [2.0, 0.0]}),
    "ties": ("probability", [0, 1, 2], [[0.4, 0.4, 0.2], [0.4, 0.2, 0.4], [THIRD, THIRD, THIRD]], {}),
    "ties of one column": ("probability", [0, 1, 1], [0.5, 0.5, 0.75], {}),
    "ties of one logit": ("logit", [0, 1, 1], [0.0, 0.0, 1.0], {}),
    "uniform": ("logit", [0, 1, 2, 2], [[0.1, 0.1, 0.1]] * 4, {}),
    "perfect": ("probability", [0, 1, 2], np.eye(3), {}),
    "perfect, one column": ("probability", [0, 1, 1], [0.0, 1.0, 1.0], {}),
    "perfect logits": ("logit", [0, 1], [[0.0, -INF], [-INF, 0.0]], {}),
    "nearly perfect": ("logit", [0, 1, 0], [[40.0, 0.0], [0.0, 38.5], [39.0, 0.0]], {}),
    "nearly perfect, one logit": ("logit", [0, 1, 0], [-40.0, 38.5, -39.0], {}),
    "the smallest p": ("probability", [1, 0, 1, 0], [5e-324, 5e-324, 1e-300, 1 - 2.0**-53], {}),
    "the smallest log p": ("log_probability", [1, 0, 1, 0], [-745.0, -1e-300, -1e5, -0.7], {}),
    "huge logits": ("logit", [0, 1, 2, 0], [[1e308, 0.0, -1e308]] * 3 + [[-745.0, -746.0, -800.0]], {}),
    "huge logits, one column": ("logit", [0, 1, 1], [1e6, -1e6, -600.0], {}),
    "a hair outside": ("probability", [0, 1, 1], [[1 + 9e-7, -9e-7], [0.5, 0.5], [0.25, 0.75]], {}),
    "a hair outside, one column": ("probability", [0, 1, 1], [-9e-7, 1 + 9e-7, 0.25], {}),
    "a hair above, log": ("log_probability", [0, 1], [[9e-7, -20.0], [-0.5, -0.932752]], {}),
    "weights of all sizes": (
        "probability",
        [0, 1, 1, 0],
        [0.25, 0.5, 0.1, 0.9],
        {"weights": [1e-9, 1.0, 1e9, 1e9]},
    ),
    "tiny weights": ("probability", [0, 1, 1], [0.25, 0.5, 0.1], {"weights": [1e-140, 2e-140, 1e-141]}),
    "huge weights": ("probability", [0, 1, 1], [0.25, 0.5, 0.1], {"weights": [1e153, 2e153, 1e152]}),
    "a class of small share": ("probability", [0, 1], [0.25, 0.5], {"weights": [1.0, 1e9]}),
    "the smallest p only": ("probability", [1, 1], [1e-310, 3e-310], {}),
    "a tenth a row": ("probability", [0] * 6 + [1] * 4, [k / 10 for k in range(1, 11)], {}),
    "bin edges": ("probability", [0, 1] * 8, [b / 15 for b in range(16)], {}),
    "just below bin edges": ("probability", [0, 1] * 8, [math.nextafter(b / 15, 0) for b in range(16)], {}),
    "just above bin edges": ("probability", [0, 1] * 7, [math.nextafter(b / 15, 1) for b in range(14)], {}),
}


@pytest.mark.parametrize(("kind", "labels", "scores", "options"), CASES.values(), ids=CASES)
def test_adversarial_rows(kind: str, labels: list[int], scores: Any, options: dict[str, Any]) -> None:
    assert_is_the_oracles(kind, labels, scores, **options)


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_available_has_a_reason(name: str) -> None:
    kind, labels, scores, options = CASES[name]
    result = scored(kind, labels, scores, **options)
    missing = {key for key, value in asdict(result.metrics).items() if value is None}
    missing |= {
        f"{key}[{row.name}]" for row in result.per_class for key, value in asdict(row).items() if value is None
    }
    for table in ("breakdown", "calibration", "chain"):
        part = getattr(result, table)
        missing |= {f"{table}.{key}" for key, value in asdict(part).items() if value is None} if part else set()
    assert set(result.unavailable) - {"breakdown", "calibration", "brier_breakdown"} == missing


# --- published numbers -----------------------------------------------------------------------------------

SPAM = (["spam", "ham", "ham", "spam"], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]])


@pytest.mark.parametrize(
    ("labels", "scores", "classes", "expected", "digits"),
    [
        # scikit-learn 1.9, docstring of log_loss; classes in alphabetical order
        (*SPAM, ["ham", "spam"], 0.21616, 5),
        # scikit-learn, user guide, "Log loss"
        ([0, 0, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.01, 0.99]], None, 0.1738, 4),
        # Kaggle, page MultiClassLogLoss
        (
            [0, 0, 0, 1, 1, 1],
            [[0.5, 0.5], [0.1, 0.9], [0.01, 0.99], [0.9, 0.1], [0.75, 0.25], [0.001, 0.999]],
            None,
            1.881797068998267,
            15,
        ),
    ],
)
def test_published_log_losses(labels: Any, scores: Any, classes: Any, expected: float, digits: int) -> None:
    assert round(float(score(labels, probs=scores, classes=classes).metrics.log_loss or 0), digits) == expected


@pytest.mark.parametrize(
    ("labels", "scores", "expected"),
    [
        ([1, 1, 2, 3], [[0.5, 0.25, 0.25]] * 4, 0.0),
        ([1, 2, 3], [[0.98, 0.01, 0.01], [0.01, 0.98, 0.01], [0.01, 0.01, 0.98]], 0.981),
        ([1, 2, 3], [[0.1, 0.6, 0.3], [0.1, 0.6, 0.3], [0.4, 0.5, 0.1]], -0.552),
    ],
)
def test_published_skills(labels: list[int], scores: Any, expected: float) -> None:
    # scikit-learn, user guide, "D2 log loss score", which cuts after three digits; its function to all digits
    found = score(labels, probs=scores, classes=["1", "2", "3"]).metrics.skill
    assert found is not None
    assert math.trunc(found * 1000) / 1000 == expected
    assert found == pytest.approx(sklearn.metrics.d2_log_loss_score(labels, scores), rel=1e-13, abs=1e-15)


def test_published_brier_scores() -> None:
    # scikit-learn 1.9, docstring of brier_score_loss: 0.0375 and 0.146, which is 0.44 / 3 cut after three digits
    assert score([0, 1, 1, 0], probs=[0.1, 0.9, 0.8, 0.3]).metrics.brier == pytest.approx(0.0375, rel=1e-15, abs=0)
    q = [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.2, 0.2, 0.6]]
    found = score(["eggs", "ham", "spam"], probs=q, classes=["eggs", "ham", "spam"])
    assert found.metrics.brier == pytest.approx(0.44 / 3, rel=1e-15, abs=0)


# --- scikit-learn on random data -------------------------------------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("columns", [2, 3, 7])
def test_scikit_learn(columns: int, weighted: bool) -> None:
    labels, q, w = sample("probability", columns, rows=2000)
    rows: dict[str, Any] = {"sample_weight": w if weighted else None}
    options: dict[str, Any] = {**rows, "labels": list(range(columns))}
    top = q.argmax(axis=1)
    expected = {
        "log_loss": sklearn.metrics.log_loss(labels, q, **options),
        "skill": sklearn.metrics.d2_log_loss_score(labels, q, **options),
        "brier": sklearn.metrics.brier_score_loss(labels, q, **options),
        "accuracy": sklearn.metrics.accuracy_score(labels, top, **rows),
        "balanced_accuracy": sklearn.metrics.balanced_accuracy_score(labels, top, **rows),
        "macro_f1": sklearn.metrics.f1_score(labels, top, average="macro", **rows),
        "mcc": sklearn.metrics.matthews_corrcoef(labels, top, **rows),
        "cohen_kappa": sklearn.metrics.cohen_kappa_score(labels, top, **rows),
    }
    metrics = asdict(score(labels, probs=q, weights=rows["sample_weight"]).metrics)
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, rel=1e-12)


def test_clip_is_scikit_learns() -> None:
    # log_loss clips at the machine epsilon and does not rescale
    q, y = [[1.0, 0.0], [1.0, 0.0], [0.3, 0.7]], [1, 0, 1]
    found = score(y, probs=q, clip=float(np.finfo(float).eps)).metrics
    assert found.log_loss == pytest.approx(sklearn.metrics.log_loss(y, q), rel=1e-15, abs=0)
    assert (found.infinite_rows, score(y, probs=q).metrics.infinite_rows) == (0, 1)


# --- zeros -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "scores"),
    [
        ("probability", [[1.0, 0.0], [0.0, 1.0]]),
        ("probability", [[1 + 1e-7, -1e-7], [-0.0, 1.0]]),
        ("probability", [0.0, 1.0]),
        ("log_probability", [[0.0, -INF], [-INF, -0.0]]),
        ("log_probability", [-INF, 0.0]),
        ("logit", [[0.0, -INF], [-INF, 0.0]]),
        ("logit", [[0.0, -2000.0], [-2000.0, 0.0]]),
        ("logit", [-2000.0, 2000.0]),
    ],
)
def test_a_perfect_forecast_scores_exactly_zero(kind: str, scores: Any) -> None:
    result = scored(kind, [0, 1], scores)
    metrics = result.metrics
    for zero in (metrics.log_loss, metrics.log_loss_se, metrics.total_log_loss, metrics.loss_max, metrics.brier):
        assert zero == 0.0
    assert (metrics.perplexity, metrics.skill, metrics.accuracy, metrics.ece) == (1.0, 1.0, 1.0, 0.0)
    assert_no_negative_zero(result)


def assert_no_negative_zero(result: ScoreResult) -> None:
    numbers = [*asdict(result.metrics).values(), *(x for row in result.per_class for x in asdict(row).values())]
    assert all(math.copysign(1, x) == 1 for x in numbers if isinstance(x, float) and x == 0)


@pytest.mark.parametrize("name", CASES)
def test_a_zero_is_never_negative(name: str) -> None:
    kind, labels, scores, options = CASES[name]
    assert_no_negative_zero(scored(kind, labels, scores, **options))


def test_a_mean_forecast_below_float64_is_no_infinite_divergence() -> None:
    # KL(pi || mean q) <= log loss = 50,000 nats; mean q of class 1 is e^-100,000, which no float64 holds
    found = score([0, 1], logits=[[1e5, 0], [1e5, 0]])
    assert found.metrics.log_loss == 50_000
    assert found.metrics.marginal_kl is None
    assert "mean prediction" in found.unavailable["marginal_kl"]
    impossible = score([0, 1], probs=[[1.0, 0.0], [1.0, 0.0]]).metrics
    assert (impossible.log_loss, impossible.marginal_kl) == (math.inf, math.inf)


@pytest.mark.parametrize("weight", [1e-200, 1e-165, 1e-290, 1e100])
def test_weights_of_one_size_are_ones_whatever_the_size(weight: float) -> None:
    ones, scaled = (score([0, 1, 1], probs=[0.3, 0.7, 0.9], weights=[w] * 3).metrics for w in (1.0, weight))
    for name in ("log_loss", "log_loss_se", "overconfidence_se", "overconfidence_z", "brier_se", "accuracy_low"):
        assert getattr(scaled, name) == pytest.approx(getattr(ones, name), rel=1e-12), name


def test_a_weight_too_small_to_be_multiplied_is_refused() -> None:
    with pytest.raises(ContentError, match="5e-324") as caught:
        score([0, 1, 1], probs=[0.3, 0.7, 0.9], weights=[5e-324] * 3)
    assert caught.value.code == "weight_too_small"


# Every digit, where terms cancel or are as large as float64 holds.


def exact_marginal_kl(logits: Sequence[float], labels: Sequence[int]) -> float:
    """KL(mean t || mean q) of one column of logits, to 60 digits."""
    with mp.workdps(60):
        n = len(labels)
        q = [sum(1 / (1 + mp.exp(sign * mp.mpf(z))) for z in logits) / n for sign in (1, -1)]
        pi = [mp.mpf(labels.count(k)) / n for k in (0, 1)]
        return float(sum(p * mp.log(p / q[k]) for k, p in enumerate(pi) if p))


@pytest.mark.parametrize("logits", [[25.0, 24.5, -25.1], [25.0] * 3, [1.0, -0.99, 0.5], [40.0, -38.0, 39.0]])
def test_marginal_kl_of_one_column_of_logits_keeps_its_digits(logits: list[float]) -> None:
    labels = [1, 1, 0]
    found = score(labels, logits=logits).metrics.marginal_kl
    assert found == pytest.approx(exact_marginal_kl(logits, labels), rel=1e-13)


def test_marginal_kl_of_nearly_the_class_mix_keeps_its_digits() -> None:
    # KL of p = 1/2 and q = 1/2 + d: -log(1 - 4 d^2) / 2
    d = 2.0**-20
    found = score([0, 1], probs=[0.5 + d, 0.5 + d]).metrics.marginal_kl
    assert found == pytest.approx(-math.log1p(-4 * d * d) / 2, rel=1e-14)


@pytest.mark.parametrize("weight", [1e-10, 1e-15, 1e-40])
def test_entropy_and_skill_of_a_class_of_hardly_any_weight(weight: float) -> None:
    p = [0.5, 0.25]
    found = score([1, 0], probs=p, weights=[weight, 1.0]).metrics
    with mp.workdps(60):
        w = mp.mpf(weight)
        share = w / (1 + w)
        entropy = -share * mp.log(share) - (1 - share) * mp.log(1 - share)
        loss = (w * mp.log(2) + mp.log(mp.mpf(4) / 3)) / (1 + w)
    assert found.label_entropy == pytest.approx(float(entropy), rel=1e-15)
    assert found.skill == pytest.approx(float(1 - loss / entropy), rel=1e-14)


@pytest.mark.parametrize("target", [[0.25, 0.75], [0.5, 0.5]])
def test_half_of_a_loss_beyond_float64_is_finite(target: list[float]) -> None:
    # The logits lie 2e308 apart: the loss of the lower class is infinite, but not its part in a row.
    logits = [[1e308, -1e308]]
    smoothed = score([0], logits=logits, label_smoothing=0.5).metrics
    assert smoothed.log_loss == pytest.approx(0.25 * 1e308 * 2, rel=1e-15)
    assert smoothed.infinite_rows == 0
    soft = score([target], logits=logits)
    assert soft.metrics.log_loss == (
        math.inf if target[1] > 0.9 else pytest.approx(target[1] * 1e308 * 2, rel=1e-15)
    )


def test_a_mean_of_class_losses_whose_sum_is_beyond_float64() -> None:
    found = score([0, 1], logits=[[0.0, 1.7e308], [1.7e308, 0.0]]).metrics
    assert (found.log_loss, found.macro_log_loss, found.total_log_loss) == (1.7e308, 1.7e308, math.inf)


def test_an_error_of_the_accuracy_that_its_rounded_value_hides() -> None:
    # sqrt(p (1 - p) / n_eff) with p = 1 / (1 + 1e-30), n_eff = 1
    found = score([1, 0], probs=[0.9, 0.9], weights=[1.0, 1e-30]).metrics
    assert found.accuracy == 1.0
    assert found.accuracy_se == pytest.approx(1e-15, rel=1e-14)
