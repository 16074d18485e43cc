"""To 1e-12 of the loss: what the numbers must not depend on, and the identities between them."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.properties.strategies import KINDS, Case, cases, law, models, random_case
from tests.values import asdict, replace
from xentcli import score
from xentcli.results.score import ScoreResult

# What depends on how often a row is counted, not only on its share of the weight: counts, intervals, and standard
# errors, which take weights as sampling weights.
OF_COUNTS = {"rows", "ties", "infinite_rows", "zero_weight_rows", "overconfidence_z", "total_log_loss"}
OF_TOP_CLASSES = {
    "balanced_accuracy", "macro_f1", "mcc", "cohen_kappa", "f1",
    "top_2_accuracy", "top_3_accuracy", "top_5_accuracy",
}  # fmt: skip
OF_THE_ORDER = {"auc", "auc_se", "auc_low", "auc_high", "auc_error_bound", "average_precision"}
PLAIN_ONLY = {
    "ece", "overconfidence", "overconfidence_se", "overconfidence_z", "brier_skill",
    *OF_TOP_CLASSES, *OF_THE_ORDER,
}  # fmt: skip
OF_THE_TOP_CLASS = {
    "accuracy", "accuracy_se", "accuracy_low", "accuracy_high", "ece", "recall", "precision", *OF_TOP_CLASSES,
}  # fmt: skip
OF_ONE_CLASS = {"average_precision"}  # the second


def values(result: ScoreResult, without: Set[str] = frozenset()) -> dict[str, Any]:
    """Every number by name, those of classes as name[class]."""
    found = {name: value for name, value in asdict(result.metrics).items() if name not in without}
    for row in result.per_class:
        line = asdict(row)
        del line["name"]
        found |= {f"{name}[{row.name}]": value for name, value in line.items() if name not in without}
    return found


def different(found: dict[str, Any], expected: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The numbers that are further apart than rounding: {name: (found, expected)}."""

    def close(a: Any, b: Any) -> bool:
        return a is b or (None not in (a, b) and bool(a == pytest.approx(b, rel=1e-12, abs=1e-12)))

    return {name: (a, expected[name]) for name, a in found.items() if not close(a, expected[name])}


@law
@given(cases(weighted=False), st.data())
def test_an_integer_weight_is_the_row_repeated(case: Case, data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(1, 4), min_size=case.rows, max_size=case.rows))
    weighted = replace(case, weights=np.array(times, float)).score()
    repeated = case.take(np.repeat(np.arange(case.rows), times)).score()
    intervals = {name for name in asdict(repeated.metrics) if name.endswith(("_se", "_low", "_high"))}
    without = OF_COUNTS - {"total_log_loss"} | intervals
    assert different(values(weighted, without), values(repeated, without)) == {}
    quantiles = ("loss_p50", "loss_p90", "loss_p99", "loss_max", "worst_1pct_share")
    for name in quantiles:
        assert getattr(weighted.metrics, name) == getattr(repeated.metrics, name)


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("kind", ["probs", "log_probs"])
def test_an_integer_weight_is_the_row_repeated_where_sums_miss_one(kind: str, soft: bool, normalize: bool) -> None:
    case = off_one(random_case(kind, 3, rows=30, soft=soft))
    times = np.arange(30) % 4 + 1
    weighted = replace(case, weights=times.astype(float)).score(normalize=normalize)
    repeated = replace(case, weights=None).take(np.repeat(np.arange(30), times)).score(normalize=normalize)
    without = OF_COUNTS | {name for name in asdict(repeated.metrics) if name.endswith(("_se", "_low", "_high"))}
    assert different(values(weighted, without), values(repeated, without)) == {}


def off_one(case: Case) -> Case:
    """The case with sums of q of 0.99 to 1, another for each row."""
    factor = np.linspace(0.991, 1, case.rows)[:, None]
    return replace(case, scores=case.scores * factor if case.kind == "probs" else case.scores + np.log(factor))


def underflows(case: Case) -> bool:
    """Whether a share of a row times its weight can be no normal float64."""
    with np.errstate(divide="ignore"):
        z = np.log(case.scores) if case.kind == "probs" else case.scores
    apart = z.max(axis=1, keepdims=True, initial=0) - z
    return bool((np.isfinite(apart) & (apart > 600)).any())


@law
@given(cases(), st.floats(1e-3, 1e3))
def test_only_the_shares_of_weight_count(case: Case, factor: float) -> None:
    assume(not underflows(case))
    weights = np.ones(case.rows) if case.weights is None else case.weights
    scaled, given = replace(case, weights=weights * factor).score(), case.score()
    without = {"total_log_loss"}
    if abs(given.metrics.overconfidence or 0.0) < 1e-12:  # rounding, of which z is a ratio
        without.add("overconfidence_z")
    assert different(values(scaled, without), values(given, without)) == {}


@law
@given(models(columns=(2, 3, 12)), st.integers(-(2**20), 2**20))
def test_a_constant_added_to_all_logits_of_a_row(case: Case, constant: int) -> None:
    shifted = replace(case, scores=case.scores + constant)  # multiples of 2^-6: nothing is rounded
    assert different(values(shifted.score()), values(case.score())) == {}


SOFT_AND_OPTIONS: list[tuple[bool, dict[str, Any]]] = [
    *((soft, options) for soft in (False, True) for options in ({}, {"clip": 0.05})),
    (True, {"normalize": True}),  # of the targets
    (False, {"label_smoothing": 0.1}),
]


@pytest.mark.parametrize(("soft", "options"), SOFT_AND_OPTIONS)
def test_a_large_constant_added_to_all_logits_of_a_row(soft: bool, options: dict[str, Any]) -> None:
    case = random_case("logits", 12, rows=30, soft=soft)
    case = replace(case, scores=np.round(case.scores * 64) / 64)
    expected = values(case.score(**options))
    for constant in (-(2.0**44), -1e4, 750.0, 2.0**44):  # multiples of 2^-6 below 2^46: nothing is rounded
        shifted = replace(case, scores=case.scores + constant)
        assert different(values(shifted.score(**options)), expected) == {}


@law
@given(cases().filter(lambda case: case.scores.shape[1] > 1), st.booleans(), st.data())
def test_classes_permuted_with_their_labels(case: Case, numbered: bool, data: st.DataObject) -> None:
    names = [str(k) if numbered else f"class {k}" for k in range(case.classes)]
    order = data.draw(st.permutations(range(case.classes)))

    def scored(columns: list[int]) -> ScoreResult:
        given: dict[str, Any] = {case.kind: case.scores[:, columns], "classes": [names[k] for k in columns]}
        labels = case.labels[:, columns] if case.soft else [names[k] for k in case.labels]
        return score(labels, weights=case.weights, **given)

    found, expected = scored(order), scored(list(range(case.classes)))
    without = OF_ONE_CLASS | (OF_THE_TOP_CLASS if expected.metrics.ties else set())
    if any(len(set(row)) < len(row) for row in case.scores.tolist()):  # the first of equal classes ranks first
        without |= {f"top_{k}_accuracy" for k in (2, 3, 5)}
    assert different(values(found, without), values(expected, without)) == {}
    assert [row.name for row in found.per_class] == [names[k] for k in order]


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_a_table_permuted_with_their_names(kind: str, soft: bool) -> None:
    # neither the alphabet nor the place in the table, only the name says which class a column is of
    case, names = random_case(kind, 4, rows=30, soft=soft), ["pear", "Apple", "fig", "10"]

    def scored(order: list[int], targets: list[int]) -> ScoreResult:
        columns: dict[str, Any] = {f"p_{names[k]}": case.scores[:, k] for k in order}
        given: dict[str, Any] = {KINDS[kind]: list(columns), "weight": "w"}
        if soft:
            columns |= {f"t_{names[k]}": case.labels[:, k] for k in targets}
            given["target"] = [f"t_{names[k]}" for k in targets]
        else:
            columns["y"] = [names[k] for k in case.labels]
            given["label"] = "y"
        return score(pa.table(columns | {"w": case.weights}), **given)

    expected = values(score_of_names(case, names))
    for order, targets in [
        ([0, 1, 2, 3], [0, 1, 2, 3]),
        ([3, 1, 0, 2], [0, 1, 2, 3]),
        ([1, 3, 2, 0], [2, 0, 3, 1]),
    ]:
        found = scored(order, targets)
        assert different(values(found), expected) == {}
        assert [row.name for row in found.per_class] == [names[k] for k in order]


def score_of_names(case: Case, names: list[str]) -> ScoreResult:
    """The result of arrays in the order of these classes."""
    given: dict[str, Any] = {case.kind: case.scores, "weights": case.weights, "classes": names}
    return score(case.labels if case.soft else [names[k] for k in case.labels], **given)


@law
@given(models(columns=(2, 3, 12)))
def test_probabilities_log_probabilities_and_logits_of_one_model(case: Case) -> None:
    z = case.scores
    log_q = z - z.max(axis=1, keepdims=True)
    log_q = log_q - np.log(np.exp(log_q).sum(axis=1, keepdims=True))
    q = np.exp(z - z.max(axis=1, keepdims=True))
    q = q / q.sum(axis=1, keepdims=True)
    assume(off_the_edges(q.max(axis=1)))
    expected = values(case.score(), OF_THE_ORDER)  # log-odds that tie in one kind may differ in another
    for kind, scores in (("probs", q), ("log_probs", log_q)):
        assert different(values(replace(case, kind=kind, scores=scores).score(), OF_THE_ORDER), expected) == {}


@law
@given(models(columns=(1,)))
def test_one_column_is_two_columns(case: Case) -> None:
    t = case.scores[:, 0]
    expected = values(case.score(), OF_THE_ORDER)  # log-odds that tie in one kind may differ in another
    both = replace(case, scores=np.stack([0 * t, t], axis=1))
    assert different(values(both.score(), OF_THE_ORDER), expected) == {}
    p = 1 / (1 + np.exp(-t))
    assume(off_the_edges(np.maximum(p, 1 - p)))
    assert different(values(replace(case, kind="probs", scores=p[:, None]).score(), OF_THE_ORDER), expected) == {}


LOW = [-700.0, -40.0, -36.5, -1.0, 0.75, -np.inf]  # e^-700 is a float64 like any other; 1 - e^-40 is not


@pytest.mark.parametrize("soft", [False, True])
def test_kinds_agree_on_probabilities_near_and_at_zero(soft: bool) -> None:
    z = np.array([[0.5, low, 0.0] for low in LOW] * 2)
    log_q = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    labels = np.array([0] * 6 + [1] * 6)
    for rows in (range(12), [*range(5), *range(6, 11)]):  # with a row of infinite loss, and without
        case = Case("logits", np.eye(3)[labels] * 0.75 + 1 / 12 if soft else labels, z, None).take(rows)
        if soft:
            case.labels[~np.isfinite(case.scores)] = 0.0
            case.labels[:] /= case.labels.sum(axis=1, keepdims=True)
        expected = values(case.score())
        for kind, scores in (("probs", np.exp(log_q)), ("log_probs", log_q)):
            assert different(values(replace(case, kind=kind, scores=scores[rows]).score()), expected) == {}


@pytest.mark.parametrize("label", [0, 1])
def test_kinds_of_one_column_agree_on_probabilities_near_and_at_zero(label: int) -> None:
    t = np.array(LOW)
    p = 1 / (1 + np.exp(-np.maximum(t, -705)))
    p[t == -np.inf] = 0.0
    log_p = np.where(t == -np.inf, -np.inf, np.minimum(t, 0) - np.log1p(np.exp(-np.abs(t))))
    for rows in (range(6), range(5)):
        labels = np.full(len(rows), label)
        expected = values(Case("logits", labels, t[rows, None], None).score())
        for kind, scores in (("probs", p), ("log_probs", log_p)):
            assert different(values(Case(kind, labels, scores[rows, None], None).score()), expected) == {}
    for i in range(5):  # alone, so that no larger loss hides a small one
        each = [
            Case(kind, np.array([label]), scores[i : i + 1, None], None).score().metrics.log_loss
            for kind, scores in (("logits", t), ("probs", p), ("log_probs", log_p))
        ]
        assert each[1:] == pytest.approx([each[0]] * 2, rel=1e-12, abs=0)


@pytest.mark.parametrize(("soft", "options"), SOFT_AND_OPTIONS)
def test_probabilities_agree_with_their_logs_where_sums_miss_one(soft: bool, options: dict[str, Any]) -> None:
    case = off_one(random_case("probs", 3, rows=30, soft=soft))
    logs = replace(case, kind="log_probs", scores=np.log(case.scores))
    assert different(values(logs.score(**options)), values(case.score(**options))) == {}


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("kind", ["probs", "log_probs"])
def test_normalize_is_the_forecast_divided_by_its_sum(kind: str, soft: bool) -> None:
    case = random_case(kind, 3, rows=30, soft=soft)
    found, expected = off_one(case).score(normalize=True), case.score()
    assert different(values(found, {"row_sum_effect"}), values(expected, {"row_sum_effect"})) == {}


def off_the_edges(confidence: NDArray[np.float64]) -> bool:
    """Whether no confidence could be rounded into another bin of the calibration error."""
    distance = np.abs(confidence[:, None] * 15 - np.arange(1, 15))
    return bool((distance > 1e-9).all())


@law
@given(cases())
def test_identities(case: Case) -> None:
    result = case.score()
    m = asdict(result.metrics)
    assert m["target_entropy"] + m["kl_divergence"] == pytest.approx(m["log_loss"], rel=1e-12)
    assert sum(row.contribution or 0 for row in result.per_class) == pytest.approx(m["log_loss"], rel=1e-12)
    assert sum(row.share for row in result.per_class) == pytest.approx(1, rel=1e-12)
    assert sum(row.predicted_share for row in result.per_class) == pytest.approx(1, rel=1e-12)
    assert case.soft or sum(row.rows for row in result.per_class) == m["rows"] == result.rows
    excess = m["log_loss"] - m["predictive_entropy"]
    assert m["overconfidence"] == (None if case.soft else pytest.approx(excess, rel=1e-12, abs=1e-12))
    assert m["loss_p50"] <= m["loss_p90"] <= m["loss_p99"] <= m["loss_max"]


@pytest.mark.parametrize("classes", [2, 3, 12])
@pytest.mark.parametrize("kind", KINDS)
def test_a_forecast_that_is_the_target_diverges_by_nothing(kind: str, classes: int) -> None:
    case = random_case("probs", classes, rows=30)
    case.scores[0] = np.eye(classes)[0]
    with np.errstate(divide="ignore"):
        scores = case.scores if kind == "probs" else np.log(case.scores)
    m = Case(kind, case.scores, scores, case.weights).score().metrics
    assert (m.kl_divergence, m.marginal_kl) == pytest.approx((0, 0), abs=1e-12)
    assert m.log_loss == pytest.approx(m.predictive_entropy, rel=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 12])
def test_a_forecast_that_is_the_smoothed_label_diverges_by_nothing(classes: int) -> None:
    labels = np.arange(30) % classes
    q = 0.9 * np.eye(classes)[labels] + 0.1 / classes
    m = score(labels, probs=q, label_smoothing=0.1).metrics
    assert (m.kl_divergence, m.log_loss) == pytest.approx((0, m.predictive_entropy), abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_kl_divergence_is_that_of_the_rows(kind: str) -> None:
    case = random_case(kind, 3, rows=30, soft=True)
    log_q = case.scores if kind != "probs" else np.log(case.scores)
    log_q = log_q - np.log(np.exp(log_q).sum(axis=1, keepdims=True))
    by_row = (case.labels * (np.log(case.labels) - log_q)).sum(axis=1)
    expected = np.average(by_row, weights=case.weights)
    assert case.score().metrics.kl_divergence == pytest.approx(expected, rel=1e-12)


@law
@given(cases(soft=False, columns=(2, 3, 12)))
def test_a_plain_label_is_the_soft_label_of_one_class(case: Case) -> None:
    soft = replace(case, labels=np.eye(case.classes)[case.labels]).score()
    assert different(values(soft, PLAIN_ONLY), values(case.score(), PLAIN_ONLY)) == {}


@law
@given(cases(soft=False, columns=(2, 3, 12)), st.floats(0.001, 0.999))
def test_label_smoothing_is_the_soft_label_spread(case: Case, e: float) -> None:
    # Szegedy et al. (2016): (1 - e) t + e / K
    spread = (1 - e) * np.eye(case.classes)[case.labels] + e / case.classes
    smoothed, soft = case.score(label_smoothing=e).metrics, replace(case, labels=spread).score().metrics
    for name in ("log_loss", "total_log_loss", "target_entropy", "kl_divergence", "infinite_rows"):
        assert getattr(smoothed, name) == pytest.approx(getattr(soft, name), rel=1e-12, abs=1e-12), name


@law
@given(cases())
def test_divergences_are_not_negative(case: Case) -> None:
    result = case.score()
    m = result.metrics
    assert (m.marginal_kl is None) == ("marginal_kl" in result.unavailable)
    for value in (m.kl_divergence, m.marginal_kl or 0.0, m.log_loss, m.label_entropy, m.predictive_entropy):
        assert value is not None
        assert value >= -1e-12
