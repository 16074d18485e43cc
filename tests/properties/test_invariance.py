"""To 1e-12 of the loss: what the numbers must not depend on, and the identities between them."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.properties.strategies import Case, cases, law, models
from xentcli import score
from xentcli.results import ScoreResult

# What depends on how often a row is counted, not only on its share of the weight: counts, intervals, and standard
# errors, which take weights as sampling weights.
OF_COUNTS = {"rows", "ties", "infinite_rows", "zero_weight_rows", "overconfidence_z", "total_log_loss"}
PLAIN_ONLY = {"ece", "overconfidence", "overconfidence_se", "overconfidence_z"}
OF_THE_TOP_CLASS = {"accuracy", "accuracy_se", "accuracy_low", "accuracy_high", "ece", "recall", "precision"}


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
    scaled = replace(case, weights=weights * factor).score()
    assert different(values(scaled, {"total_log_loss"}), values(case.score(), {"total_log_loss"})) == {}


@law
@given(models(columns=(2, 3, 12)), st.integers(-(2**20), 2**20))
def test_a_constant_added_to_all_logits_of_a_row(case: Case, constant: int) -> None:
    shifted = replace(case, scores=case.scores + constant)  # multiples of 2^-6: nothing is rounded
    assert different(values(shifted.score()), values(case.score())) == {}


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
    without = OF_THE_TOP_CLASS if expected.metrics.ties else set()
    assert different(values(found, without), values(expected, without)) == {}
    assert [row.name for row in found.per_class] == [names[k] for k in order]


@law
@given(models(columns=(2, 3, 12)))
def test_probabilities_log_probabilities_and_logits_of_one_model(case: Case) -> None:
    z = case.scores
    log_q = z - z.max(axis=1, keepdims=True)
    log_q = log_q - np.log(np.exp(log_q).sum(axis=1, keepdims=True))
    q = np.exp(z - z.max(axis=1, keepdims=True))
    q = q / q.sum(axis=1, keepdims=True)
    assume(off_the_edges(q.max(axis=1)))
    expected = values(case.score())
    for kind, scores in (("probs", q), ("log_probs", log_q)):
        assert different(values(replace(case, kind=kind, scores=scores).score()), expected) == {}


@law
@given(models(columns=(1,)))
def test_one_column_is_two_columns(case: Case) -> None:
    t = case.scores[:, 0]
    expected = values(case.score())
    assert different(values(replace(case, scores=np.stack([0 * t, t], axis=1)).score()), expected) == {}
    p = 1 / (1 + np.exp(-t))
    assume(off_the_edges(np.maximum(p, 1 - p)))
    assert different(values(replace(case, kind="probs", scores=p[:, None]).score()), expected) == {}


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
    m = case.score().metrics
    for value in (m.kl_divergence, m.marginal_kl, m.log_loss, m.label_entropy, m.predictive_entropy):
        assert value is not None
        assert value >= -1e-12
