"""The oracle against published numbers, closed forms, and other packages.

Where a number is published, the test names the place; where a package is asked, its function stands in the
test. Random data are seeded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, cast

import numpy as np
import pytest
import scipy.special
import scipy.stats
import sklearn.isotonic
import sklearn.metrics
from numpy.typing import NDArray

from tests import reference

# fmt: off
NAMES = [
    "log_loss", "log_loss_se", "log_loss_low", "log_loss_high", "total_log_loss", "log_loss_finite",
    "infinite_rows", "macro_log_loss", "loss_p50", "loss_p90", "loss_p99", "loss_max",
    "worst_1pct_share", "perplexity", "target_entropy", "kl_divergence", "label_entropy",
    "predictive_entropy", "overconfidence", "overconfidence_se", "overconfidence_z", "marginal_kl",
    "skill", "normalized_entropy", "accuracy", "accuracy_se", "accuracy_low", "accuracy_high", "brier",
    "brier_se", "brier_low", "brier_high", "bits_per_byte", "ece", "row_sum_effect", "rows",
    "zero_weight_rows", "ties", "brier_skill", "balanced_accuracy", "macro_f1", "mcc", "cohen_kappa",
    "auc", "auc_se", "auc_low", "auc_high", "auc_error_bound", "average_precision",
    "top_2_accuracy", "top_3_accuracy", "top_5_accuracy",
]
# fmt: on
CLASS_NAMES = ["rows", "share", "predicted_share", "log_loss", "contribution", "recall", "precision", "f1"]

Z = 1.959964


def metrics(labels: Sequence[int], scores: Sequence[Sequence[Any]], **options: Any) -> dict[str, Any]:
    return cast(dict[str, Any], reference.score(labels, scores, **options)["metrics"])


def per_class(labels: Sequence[int], scores: Sequence[Sequence[Any]], **options: Any) -> list[dict[str, Any]]:
    return cast(list[dict[str, Any]], reference.score(labels, scores, **options)["per_class"])


def approx(value: Any, rel: float = 1e-13, abs: float = 1e-15) -> Any:
    return pytest.approx(value, rel=rel, abs=abs)


def available(numbers: dict[str, Any]) -> dict[str, float]:
    return {name: value for name, value in numbers.items() if value is not None}


class Sample:
    """Random labels, forecasts, logits and weights of one number of classes."""

    def __init__(self, seed: int, classes: int, rows: int = 200) -> None:
        random = np.random.default_rng(seed)
        self.k = classes
        self.z = random.normal(0, 2, (rows, classes))
        self.q = scipy.special.softmax(self.z, axis=1)
        self.y = np.array([random.choice(classes, p=q) for q in self.q])
        self.w = random.choice([0.0, 0.5, 1.0, 2.75, 10.0], rows)
        self.loss = -scipy.special.log_softmax(self.z, axis=1)[np.arange(rows), self.y]
        self.correct = self.q.argmax(axis=1) == self.y
        self.metrics = metrics(self.y.tolist(), self.q.tolist(), weights=self.w.tolist())
        self.per_class = per_class(self.y.tolist(), self.q.tolist(), weights=self.w.tolist())

    def mean(self, values: Any) -> float:
        return float(np.average(values, weights=self.w))


@pytest.fixture(scope="module", params=[2, 3, 7])
def sample(request: pytest.FixtureRequest) -> Sample:
    return Sample(seed=request.param, classes=request.param)


# --- published numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "scores", "expected", "digits"),
    [
        # scikit-learn, docstring of log_loss; classes in alphabetical order: ham, spam
        ([1, 0, 0, 1], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]], 0.21616, 5),
        # scikit-learn, user guide, "Log loss"
        ([0, 0, 1, 1], [[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.01, 0.99]], 0.1738, 4),
        # Kaggle, page MultiClassLogLoss
        (
            [0, 0, 0, 1, 1, 1],
            [[0.5, 0.5], [0.1, 0.9], [0.01, 0.99], [0.9, 0.1], [0.75, 0.25], [0.001, 0.999]],
            1.881797068998267,
            15,
        ),
    ],
)
def test_published_log_loss(labels: list[int], scores: list[list[float]], expected: float, digits: int) -> None:
    assert round(metrics(labels, scores)["log_loss"], digits) == expected


@pytest.mark.parametrize(
    ("logits", "label", "expected"),
    [
        ([1000, 0, -1000], 2, 2000),
        ([0, 0, 0], 1, 1.0986122886681098),  # log 3
        ([-745, -746, -800], 1, 1.3132616875182228),  # log(1 + e)
        ([40, 0], 0, 4.248354255291589e-18),  # log1p(e^-40)
        ([1e4, 1e4 - 1, 0], 0, 0.31326168751822286),  # log1p(1/e) in float64, one ulp above the nearest
    ],
)
def test_row_losses_of_logits_to_the_last_digit(logits: list[float], label: int, expected: float) -> None:
    found = metrics([label], [logits], kind="logit")["log_loss"]
    assert abs(found - expected) <= math.ulp(expected)


RELIABILITYDIAG = ([0, 0, 0, 1, 1, 1], [0.4, 0.3, 0.2, 0.1, 0.5, 0.9])


def test_corp_of_reliabilitydiag() -> None:
    # R package reliabilitydiag, logarithmic score of six rows
    labels, p = RELIABILITYDIAG
    assert round(metrics(labels, reference.two_class_rows(p))["log_loss"], 10) == 0.6986228180
    parts = {name: round(cast(float, x), 10) for name, x in reference.corp(labels, p).items()}
    assert parts == {
        "uncertainty": 0.6931471806,
        "discrimination": 0.3182570841,
        "miscalibration": 0.3237327216,
    }


# --- other packages, on random data ----------------------------------------------------------------------


def test_names() -> None:
    found = reference.score([0, 1], [[0.5, 0.5], [0.25, 0.75]])
    assert set(found) == {"metrics", "per_class"}
    assert sorted(cast(dict[str, Any], found["metrics"])) == sorted(NAMES)
    assert [list(line) for line in cast(list[dict[str, Any]], found["per_class"])] == [CLASS_NAMES] * 2


def test_log_loss_is_sklearns(sample: Sample) -> None:
    expected = sklearn.metrics.log_loss(sample.y, sample.q, sample_weight=sample.w, labels=list(range(sample.k)))
    assert sample.metrics["log_loss"] == approx(expected)
    assert sample.metrics["total_log_loss"] == approx(expected * sample.w.sum())
    assert sample.metrics["perplexity"] == approx(math.exp(expected))
    assert sample.metrics["kl_divergence"] == sample.metrics["log_loss"] == sample.metrics["log_loss_finite"]
    assert sample.metrics["target_entropy"] == 0


def test_clip_is_sklearns() -> None:
    # scikit-learn's log_loss clips at the machine epsilon and does not rescale
    q, y = [[1.0, 0.0], [1.0, 0.0], [0.3, 0.7]], [1, 0, 1]
    found = metrics(y, q, clip=float(np.finfo(float).eps))
    assert found["log_loss"] == approx(sklearn.metrics.log_loss(y, q))
    assert found["infinite_rows"] == 0
    assert found["brier"] == metrics(y, q)["brier"]
    assert metrics([0], [[1.0, 0.0]], clip=0.001)["log_loss"] == approx(-math.log1p(-0.001))


def test_accuracy_is_sklearns(sample: Sample) -> None:
    expected = sklearn.metrics.accuracy_score(sample.y, sample.q.argmax(axis=1), sample_weight=sample.w)
    assert sample.metrics["accuracy"] == approx(expected)
    n_eff = sample.w.sum() ** 2 / (sample.w**2).sum()
    assert sample.metrics["accuracy_se"] == approx(math.sqrt(expected * (1 - expected) / n_eff))


@pytest.mark.parametrize(("hits", "n"), [(81, 263), (15, 148), (0, 20), (1, 29), (7, 7)])
def test_wilson_interval_is_scipys(hits: int, n: int) -> None:
    found = metrics([1] * hits + [0] * (n - hits), [[0.25, 0.75]] * n)
    interval = scipy.stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert (found["accuracy_low"], found["accuracy_high"]) == approx((interval.low, interval.high), rel=1e-7)


def test_brier_is_sklearns(sample: Sample) -> None:
    expected = sklearn.metrics.brier_score_loss(
        sample.y, sample.q, sample_weight=sample.w, labels=list(range(sample.k))
    )
    assert sample.metrics["brier"] == approx(expected)


def test_skill_is_sklearns(sample: Sample) -> None:
    expected = sklearn.metrics.d2_log_loss_score(
        sample.y, sample.q, sample_weight=sample.w, labels=list(range(sample.k))
    )
    assert sample.metrics["skill"] == approx(expected)
    assert sample.metrics["normalized_entropy"] == approx(1 - expected)


def test_entropies_are_scipys(sample: Sample) -> None:
    pi = np.bincount(sample.y, sample.w) / sample.w.sum()
    q = np.average(sample.q, weights=sample.w, axis=0)
    entropies = scipy.stats.entropy(sample.q, axis=1)
    variances = (sample.q * np.log(sample.q) ** 2).sum(axis=1) - entropies**2
    se = math.sqrt((sample.w**2 * variances).sum()) / sample.w.sum()
    found = sample.metrics
    assert found["label_entropy"] == approx(scipy.special.entr(pi).sum())
    assert found["predictive_entropy"] == approx(sample.mean(entropies))
    assert found["marginal_kl"] == approx(scipy.special.rel_entr(pi, q).sum(), rel=1e-10)
    assert found["overconfidence"] == approx(sample.mean(sample.loss - entropies), rel=1e-11)
    assert found["overconfidence_se"] == approx(se)
    assert found["overconfidence_z"] == approx(found["overconfidence"] / se)


def test_standard_errors_without_weights_are_scipys(sample: Sample) -> None:
    found = metrics(sample.y.tolist(), sample.q.tolist())
    squares = ((np.eye(sample.k)[sample.y] - sample.q) ** 2).sum(axis=1) / (2 if sample.k == 2 else 1)
    for name, values in [("log_loss", sample.loss), ("brier", squares)]:
        se = scipy.stats.sem(values)
        assert found[name] == approx(values.mean())
        assert found[f"{name}_se"] == approx(se)
        assert found[f"{name}_low"] == approx(values.mean() - Z * se)
        assert found[f"{name}_high"] == approx(values.mean() + Z * se)


def test_standard_error_with_weights(sample: Sample) -> None:
    n = (sample.w > 0).sum()
    squares = (sample.w**2 * (sample.loss - sample.mean(sample.loss)) ** 2).sum()
    assert sample.metrics["log_loss_se"] == approx(math.sqrt(n / (n - 1) * squares) / sample.w.sum())


def test_classes_are_sklearns(sample: Sample) -> None:
    top, k = sample.q.argmax(axis=1), list(range(sample.k))
    precision, recall, f1, _ = sklearn.metrics.precision_recall_fscore_support(
        sample.y, top, sample_weight=sample.w, labels=k, zero_division=np.nan
    )
    losses = [float(np.average(sample.loss[sample.y == c], weights=sample.w[sample.y == c])) for c in k]
    found = {name: [line[name] for line in sample.per_class] for name in CLASS_NAMES}
    assert found["rows"] == [((sample.y == c) & (sample.w > 0)).sum() for c in k]
    assert found["share"] == approx(list(np.bincount(sample.y, sample.w) / sample.w.sum()))
    assert found["predicted_share"] == approx(list(np.average(sample.q, weights=sample.w, axis=0)))
    assert found["log_loss"] == approx(losses)
    assert found["recall"] == approx(list(recall))
    assert found["precision"] == approx(list(precision))
    assert found["f1"] == approx(list(f1))
    assert sum(found["contribution"]) == approx(sample.metrics["log_loss"])
    assert sample.metrics["macro_log_loss"] == approx(sum(losses) / len(losses))


def test_numbers_of_the_predicted_class_are_sklearns(sample: Sample) -> None:
    given = sample.y, sample.q.argmax(axis=1)
    expected = {
        "balanced_accuracy": sklearn.metrics.balanced_accuracy_score(*given, sample_weight=sample.w),
        "macro_f1": sklearn.metrics.f1_score(*given, average="macro", sample_weight=sample.w),
        "mcc": sklearn.metrics.matthews_corrcoef(*given, sample_weight=sample.w),
        "cohen_kappa": sklearn.metrics.cohen_kappa_score(*given, sample_weight=sample.w),
    }
    assert {name: sample.metrics[name] for name in expected} == approx(expected)
    pi = np.bincount(sample.y, sample.w) / sample.w.sum()
    of_mix = sklearn.metrics.brier_score_loss(sample.y, np.tile(pi, (sample.y.size, 1)), sample_weight=sample.w)
    assert sample.metrics["brier_skill"] == approx(1 - sample.metrics["brier"] / of_mix)


def test_ece_is_the_textbook_loop(sample: Sample) -> None:
    # Naeini et al. (2015), Guo et al. (2017), with [a, b) bins
    confidence, total = sample.q.max(axis=1), 0.0
    for low in range(15):
        inside = (confidence >= low / 15) & (confidence < (low + 1) / 15)
        total += abs((sample.w * (sample.correct - confidence))[inside].sum())
    assert sample.metrics["ece"] == approx(total / sample.w.sum(), rel=1e-12)


def test_quantiles_are_numpys(sample: Sample) -> None:
    for percent in (50, 90, 99):
        expected = np.quantile(sample.loss, percent / 100, weights=sample.w, method="inverted_cdf")
        assert sample.metrics[f"loss_p{percent}"] == approx(expected)
    assert sample.metrics["loss_max"] == approx(sample.loss[sample.w > 0].max())


def test_kinds_agree(sample: Sample) -> None:
    labels, weights = sample.y.tolist(), sample.w.tolist()
    log_q = scipy.special.log_softmax(sample.z, axis=1)
    logits = metrics(labels, sample.z.tolist(), weights=weights, kind="logit")
    logs = metrics(labels, log_q.tolist(), weights=weights, kind="log_probability")
    assert available(logits) == approx(available(sample.metrics), rel=1e-9, abs=1e-14)
    assert available(logs) == approx(available(sample.metrics), rel=1e-9, abs=1e-14)


def test_one_column_is_two_classes() -> None:
    t = [-800.0, -3.5, -1e-9, 0.0, 0.25, 40.0, 1e5]
    rows = reference.softplus(t)
    for label, sign in [(0, 1), (1, -1)]:
        losses = [metrics([label], [row], kind="logit")["log_loss"] for row in rows]
        assert losses == approx(list(np.logaddexp(0, sign * np.array(t))), rel=1e-15, abs=0)
    p = [0.0, 5e-324, 1e-17, 0.1, 0.5, 1 - 2.0**-53, 1.0]
    losses = [metrics([0], [row])["log_loss"] for row in reference.two_class_rows(p)]
    assert losses[:-1] == approx([-math.log1p(-x) for x in p[:-1]], rel=1e-15, abs=0)
    assert losses[-1] == math.inf


# --- corp ------------------------------------------------------------------------------------------------


def min_max_rates(y: NDArray[Any], p: NDArray[Any], w: NDArray[Any]) -> list[float]:
    """Isotonic regression by its min-max formula, r(x) = max over a <= x of min over b >= x of the rate."""

    def rate(a: float, b: float) -> float:
        inside = (a <= p) & (p <= b)
        return float(np.average(y[inside], weights=w[inside]))

    return [max(min(rate(a, b) for b in p if b >= x) for a in p if a <= x) for x in p]


@pytest.mark.parametrize("seed", range(5))
def test_corp_is_the_min_max_formula_and_sklearns(seed: int) -> None:
    random = np.random.default_rng(seed)
    p = random.integers(1, 20, 40) / 20
    y = (random.random(40) < p).astype(int)
    w = random.choice([0.5, 1.0, 3.0], 40)
    fitted = sklearn.isotonic.IsotonicRegression().fit(p, y, sample_weight=w).predict(p)
    rates = np.array(min_max_rates(y, p, w))
    assert rates == approx(fitted)
    pi = np.average(y, weights=w)
    uncertainty = float(scipy.special.entr([pi, 1 - pi]).sum())
    recalibrated = float(np.average(scipy.special.entr([rates, 1 - rates]).sum(axis=0), weights=w))
    log_loss = metrics(y.tolist(), reference.two_class_rows(p.tolist()), weights=w.tolist())["log_loss"]
    found = reference.corp(y.tolist(), p.tolist(), w.tolist())
    assert found == approx(
        {
            "uncertainty": uncertainty,
            "discrimination": uncertainty - recalibrated,
            "miscalibration": log_loss - recalibrated,
        },
        abs=1e-14,
    )


def test_corp_by_cases() -> None:
    none = {"uncertainty": 0.0, "discrimination": 0.0, "miscalibration": 0.0}
    assert reference.corp([1, 1], [1.0, 1.0]) == none
    log_2 = math.log(2)
    separated = reference.corp([0, 1], [0.0, 1.0])
    assert separated == {"uncertainty": log_2, "discrimination": log_2, "miscalibration": 0.0}
    constant = reference.corp([0, 1], [0.5, 0.5])
    assert constant == {"uncertainty": log_2, "discrimination": 0.0, "miscalibration": 0.0}
    reversed_order = reference.corp([1, 0], [0.0, 0.5])
    assert reversed_order == {"uncertainty": log_2, "discrimination": 0.0, "miscalibration": math.inf}
    weighted, repeated = reference.corp([0, 1, 0], [0.2, 0.2, 0.9], [2, 1, 3]), [0, 0, 1, 0, 0, 0]
    assert weighted == reference.corp(repeated, [0.2] * 3 + [0.9] * 3)


# --- cases -----------------------------------------------------------------------------------------------


def test_infinite_rows() -> None:
    # CONTRACT's table: what is infinite, what is not available, what stays
    found = metrics([0, 1, 1], [[0.5, 0.5], [1.0, 0.0], [0.25, 0.75]])
    # fmt: off
    infinite = {
        "log_loss", "total_log_loss", "kl_divergence", "overconfidence", "perplexity", "normalized_entropy",
        "macro_log_loss", "loss_p90", "loss_p99", "loss_max",
    }
    missing = {
        "skill", "log_loss_se", "log_loss_low", "log_loss_high", "overconfidence_se", "overconfidence_z",
        "worst_1pct_share", "bits_per_byte", "auc_se", "auc_low", "auc_high",
        "top_2_accuracy", "top_3_accuracy", "top_5_accuracy",
    }
    # fmt: on
    assert {name for name in NAMES if found[name] == math.inf} == infinite
    assert {name for name in NAMES if found[name] is None} == missing
    assert found["infinite_rows"] == 1
    assert found["log_loss_finite"] == approx((math.log(2) - math.log(0.75)) / 2)
    assert found["brier"] == approx((0.25 + 1 + 0.0625) / 3)
    lines = per_class([0, 1, 1], [[0.5, 0.5], [1.0, 0.0], [0.25, 0.75]])
    assert [line["log_loss"] for line in lines] == [math.log(2), math.inf]
    assert [line["contribution"] for line in lines] == [approx(math.log(2) / 3), math.inf]


def test_only_infinite_rows() -> None:
    found = metrics([1], [[1.0, 0.0]])
    assert (found["log_loss"], found["log_loss_finite"], found["marginal_kl"]) == (math.inf, None, math.inf)


def test_a_loss_beyond_float64_is_infinite() -> None:
    found = metrics([0], [[-1.5e308, 1.5e308]], kind="logit")
    assert (found["log_loss"], found["infinite_rows"]) == (math.inf, 1)
    found = metrics([0, 0], [[-1.5e308, 0], [-1.5e308, 0]], kind="log_probability")
    assert (found["log_loss"], found["total_log_loss"], found["infinite_rows"]) == (1.5e308, math.inf, 0)


def test_a_logit_of_minus_infinity_is_probability_zero() -> None:
    found = metrics([0, 1], [[0.0, -math.inf], [-math.inf, 5.0]], kind="logit")
    assert (found["log_loss"], found["brier"], found["predictive_entropy"]) == (0.0, 0.0, 0.0)
    assert metrics([1], [[0.0, -math.inf]], kind="logit")["log_loss"] == math.inf


def test_one_class_only() -> None:
    found = metrics([0, 0], [[0.75, 0.25], [0.5, 0.5]])
    assert (found["label_entropy"], found["skill"], found["normalized_entropy"]) == (0.0, None, None)
    lines = per_class([0, 0], [[0.75, 0.25], [0.5, 0.5]])
    assert [lines[1][name] for name in CLASS_NAMES] == [0, 0.0, 0.375, None, 0.0, None, None, None]
    assert found["macro_log_loss"] == found["log_loss"]


def test_one_row_has_no_sample_standard_error() -> None:
    found = metrics([0, 1], [[0.75, 0.25], [0.5, 0.5]], weights=[2.0, 0.0])
    assert (found["rows"], found["zero_weight_rows"]) == (1, 1)
    for part in ("se", "low", "high"):
        assert found[f"log_loss_{part}"] is found[f"brier_{part}"] is None
    assert found["accuracy_se"] == 0.0


def test_uniform_forecasts_are_exactly_as_confident_as_they_should_be() -> None:
    found = metrics([0, 1, 2], [[0.1, 0.1, 0.1]] * 3, kind="logit")
    assert found["log_loss"] == math.log(3)
    for name in ("log_loss_se", "overconfidence", "overconfidence_se", "marginal_kl", "skill"):
        assert found[name] == 0.0
    assert found["overconfidence_z"] is None
    assert (found["accuracy"], found["ties"]) == (1 / 3, 3)


def test_a_zero_is_never_negative() -> None:
    found = metrics([0, 1], [[1.0, -0.0], [0.0, 1.0]])
    underflow = metrics([0, 1], [[0.0, -2000.0], [-2000.0, 0.0]], kind="logit")
    assert underflow["log_loss"] == underflow["overconfidence"] == 0
    zeros = [value for table in (found, underflow) for value in table.values() if value == 0]
    assert len(zeros) > 10
    assert all(math.copysign(1, value) == 1 for value in zeros)


def test_a_row_of_weight_zero_changes_nothing_else() -> None:
    kept = metrics([0, 1], [[0.75, 0.25], [0.5, 0.5]], weights=[2.0, 1.0])
    more = metrics([0, 1, 1], [[0.75, 0.25], [0.5, 0.5], [1.0, 0.0]], weights=[2.0, 1.0, 0.0])
    assert more == {**kept, "zero_weight_rows": 1}


def test_row_sums_off_one() -> None:
    q = [[0.5, 0.495], [0.25, 0.7575]]
    plain, rescaled = metrics([0, 1], q), metrics([0, 1], q, normalize=True)
    effect = (math.log(0.995) + math.log(1.0075)) / 2
    assert plain["row_sum_effect"] == approx(effect)
    assert rescaled["row_sum_effect"] == plain["row_sum_effect"]
    assert rescaled["log_loss"] - plain["log_loss"] == approx(effect)
    assert plain["log_loss"] == approx(-(math.log(0.5) + math.log(0.7575)) / 2)
    assert plain["predictive_entropy"] == rescaled["predictive_entropy"]
    assert plain["brier"] == approx((0.5**2 + 0.495**2 + 0.25**2 + 0.2425**2) / 4)
    logs = metrics([0, 1], np.log(q).tolist(), kind="log_probability")
    assert available(logs) == approx(available(plain), rel=1e-9, abs=1e-14)


def test_a_hair_outside_the_range_is_its_end() -> None:
    assert metrics([0], [[1 + 9e-7, -9e-7]]) == metrics([0], [[1.0, 0.0]])
    assert metrics([0], [[9e-7, -20]], kind="log_probability")["log_loss"] == 0.0


@pytest.mark.parametrize(
    ("scores", "options"),
    [
        ([[1.1, -0.1]], {}),
        ([[0.0, 0.0]], {"normalize": True}),
        ([[math.nan, 0.5]], {}),
        ([[math.inf, 0.0]], {"kind": "logit"}),
        ([[-math.inf, -math.inf]], {"kind": "logit"}),
        ([[-math.inf, -math.inf]], {"kind": "log_probability"}),
        ([[0.1, -0.1]], {"kind": "log_probability"}),
        ([[0.5, 0.5]], {"weights": [0.0]}),
        ([[0.5, 0.5]], {"weights": [-1.0]}),
        ([[0.5, 0.5]], {"weights": [math.nan]}),
        ([[0.5, 0.5]], {"kind": "odds"}),
    ],
)
def test_bad_input(scores: list[list[float]], options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        metrics([0], scores, **options)


def test_first_class_wins_a_tie() -> None:
    found = metrics([0, 1, 1], [[0.4, 0.4, 0.2], [0.4, 0.4, 0.2], [0.2, 0.4, 0.4]])
    assert (found["accuracy"], found["ties"]) == (2 / 3, 3)


def test_bin_edges_are_float64() -> None:
    # 0.6 and 9/15 are one float64: the row of 0.6 shares the bin of 0.65, not that of 0.59
    gaps = [1 - 0.6, -0.65, 1 - 0.59]
    found = metrics([0, 1, 0], [[0.6, 0.4], [0.65, 0.35], [0.59, 0.41]])
    assert found["ece"] == approx((abs(gaps[0] + gaps[1]) + gaps[2]) / 3)
    assert metrics([0, 1], [[1.0, 0.0], [0.95, 0.05]])["ece"] == approx(0.475)


def test_quantile_and_worst_share_by_hand() -> None:
    # 100 rows of loss 1, 2, ..., 100: each is 1 % of the weight
    rows = [[-float(loss), math.log(-math.expm1(-loss))] for loss in range(1, 101)]
    found = metrics([0] * 100, rows, kind="log_probability")
    assert [found[f"loss_p{percent}"] for percent in (50, 90, 99)] == [50, 90, 99]
    assert found["worst_1pct_share"] == 100 / 5050
    half = metrics([0] * 50, rows[50:], kind="log_probability")
    assert half["worst_1pct_share"] == 0.5 * 100 / sum(range(51, 101))


def test_fractions_are_exact() -> None:
    third = Fraction(1, 3)
    assert metrics([0], [[third, third, third]])["log_loss"] == math.log(3)
    assert metrics([0], [[third, third, third]])["row_sum_effect"] == 0.0
