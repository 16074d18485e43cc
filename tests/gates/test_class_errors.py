"""Standard errors of the numbers of a class, against the formulas in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.scoring import scored_rows, state_of
from tests.properties.strategies import Case, cases, law, random_case
from tests.values import replace
from xentcli.core.batch import Batch, InputKind, RowScores, SummaryOptions
from xentcli.core.numbers.standard_errors import ClassErrors, class_basis
from xentcli.core.numbers.summary import summarize
from xentcli.results.parts import ClassBasis

KINDS = {"probs": InputKind.PROBABILITY, "logits": InputKind.LOGIT, "log_probs": InputKind.LOG_PROBABILITY}


def batch_of(case: Case) -> Batch:
    batch = Batch(KINDS[case.kind], case.scores, case.labels, case.weights)
    return batch if case.weights is None else batch.where(np.flatnonzero(case.weights))


def scored(case: Case) -> RowScores:
    return scored_rows(batch_of(case))


def basis(case: Case, terms: SummaryOptions | None = None) -> list[ClassBasis]:
    rows, terms = scored(case), terms or SummaryOptions(breakdown=False)
    state = state_of(batch_of(case), breakdown=False)
    names = [str(k) for k in range(rows.classes)]
    per_class = summarize(state, names, terms).per_class
    return list(class_basis(ClassErrors.of(rows), state, per_class).values())


@pytest.mark.parametrize("kind", ["probs", "logits"])
@pytest.mark.parametrize("columns", [1, 2, 4])
@pytest.mark.parametrize("weighted", [True, False])
def test_the_formulas(kind: str, columns: int, weighted: bool) -> None:
    case = random_case(kind, columns, rows=60)
    case = case if weighted else replace(case, weights=None)
    rows = scored(case)
    w = np.ones(rows.loss.size) if rows.weights is None else rows.weights
    q = rows.known("shares")
    for k, found in enumerate(basis(case)):
        own, top = rows.known("labels") == k, rows.known("top") == k
        n, mean = own.sum(), np.average(rows.loss[own], weights=w[own])
        sampling = np.sqrt(n / (n - 1) * np.sum((w * (rows.loss - mean))[own] ** 2)) / w[own].sum()
        expected = np.sqrt(np.sum(w**2 * q[k] * (1 - q[k]) * (-np.log(q[k]) - mean) ** 2)) / w[own].sum()
        assert found.log_loss_se == pytest.approx(sampling, rel=1e-12)
        assert found.overconfidence_se == pytest.approx(expected, rel=1e-12)
        assert found.recall_rows == pytest.approx(w[own].sum() ** 2 / np.sum(w[own] ** 2), rel=1e-12)
        assert found.precision_rows == pytest.approx(w[top].sum() ** 2 / np.sum(w[top] ** 2), rel=1e-12)


def test_the_error_of_right_forecasts_is_that_of_labels_drawn_from_them() -> None:
    """A simulation (seeded): class 1 is met in 1 row of 5; 4,000 drawings of 2,000 labels."""
    random = np.random.default_rng(6)
    p = random.beta(0.5, 2.0, 2000).clip(1e-6, 1 - 1e-6)
    drawn = random.random((4000, p.size)) < p
    means = (drawn * -np.log(p)).sum(axis=1) / drawn.sum(axis=1)
    found = basis(Case("probs", drawn[0].astype(int), p[:, None], None))[1]
    assert found.overconfidence_se == pytest.approx(means.std(), rel=0.05)


@law
@given(cases(soft=False), st.data())
def test_merging_is_commutative_and_associative_with_identity(case: Case, data: st.DataObject) -> None:
    rows = scored(case)
    third = np.array(data.draw(st.lists(st.integers(0, 2), min_size=case.rows, max_size=case.rows)))
    third = third[: rows.loss.size]
    a, b, c = (ClassErrors.of(rows.where(np.flatnonzero(third == i))) for i in range(3))
    whole = ClassErrors.of(rows)
    assert a.merge(b).merge(c) == a.merge(b.merge(c)) == c.merge(a).merge(b) == whole
    empty = ClassErrors.empty(rows.classes)
    assert whole.merge(empty) == whole == empty.merge(whole)


def test_alike_losses_have_no_sampling_error() -> None:
    case = Case("probs", np.arange(30) % 3, np.full((30, 3), 1 / 3), None)
    assert [each.log_loss_se for each in basis(case)] == [0.0] * 3


def test_smoothed_losses_have_the_expected_error_of_the_labels() -> None:
    found = basis(random_case("probs", 3, rows=30), SummaryOptions(smoothing=0.1, breakdown=False))
    assert [each.overconfidence_se for each in found] == [
        each.overconfidence_se for each in basis(random_case("probs", 3, rows=30))
    ]


@pytest.mark.parametrize("weights", [[1e-150, 1.0], [1e150, 1.0]])
def test_weights_beyond_what_products_hold_have_no_errors(weights: list[float]) -> None:
    case = Case("probs", np.array([0, 1]), np.array([[0.5, 0.5]] * 2), np.array(weights))
    assert basis(case) == []
