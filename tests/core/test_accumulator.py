"""The one pass of the kernel: in whatever blocks rows come, and however they are held, they add up to the same."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.scoring import FOUND, scored_rows, state_of, tokens
from tests.properties.strategies import Case, cases, law, random_case
from tests.values import replace
from xentcli.core import accumulator
from xentcli.core.accumulator import Accumulator, RowNumbers, score_rows
from xentcli.core.batch import Batch, InputKind, Policy
from xentcli.core.exact import ONE, ExactSums
from xentcli.core.kernel import BROKEN, ODD
from xentcli.core.state import ScoreState

KINDS = {"probs": InputKind.PROBABILITY, "logits": InputKind.LOGIT, "log_probs": InputKind.LOG_PROBABILITY}
CUTS = (1, 7, 255, 256, 257)  # about the width of a register, and of a tile
N = 600


def batch_of(case: Case) -> Batch:
    """The rows of positive weight, by column."""
    labels, targets = (None, case.labels.T.copy()) if case.soft else (case.labels, None)
    batch = Batch(KINDS[case.kind], tuple(case.scores.T.copy()), labels, case.weights, targets)
    return batch if case.weights is None else batch.where(np.flatnonzero(case.weights))


def numbers_of(batch: Batch) -> Any:
    return np.arange(batch.rows) if batch.classes > 2 else None


def accumulator_of(batch: Batch) -> Accumulator:
    return Accumulator(Policy(), ScoreState.empty(batch.classes))


def numbered(batch: Batch) -> RowNumbers:
    return RowNumbers(0, np.arange(batch.rows))


def batches(kind: str, columns: int) -> Iterator[tuple[Batch, Policy]]:
    """Rows of all sorts, and how they are scored."""
    for soft in (False, True) if columns > 1 else (False,):
        weighted = batch_of(random_case(kind, columns, rows=N, soft=soft))
        plain = replace(weighted, weights=None)
        yield weighted, Policy()
        yield plain, Policy(normalize=True)
        yield plain, Policy(clip=1e-3)
        yield weighted, Policy(ordinal=True)
        yield plain, Policy(ordinal=True)
        if not soft:
            yield weighted, Policy(smoothing=0.1)
            yield plain, Policy()


def blocks(batch: Batch, rows: int) -> list[Batch]:
    return [batch.where(np.arange(at, min(at + rows, batch.rows))) for at in range(0, batch.rows, rows)]


@pytest.mark.parametrize("columns", [1, 2, 3, 12, 130])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_add_up_to_the_same_in_blocks_of_any_size(kind: str, columns: int) -> None:
    for batch, policy in batches(kind, columns):
        numbers = numbers_of(batch)
        whole = state_of(batch, policy=policy, numbers=numbers)
        for rows in CUTS if columns < 100 else (7, 257):
            assert state_of(*blocks(batch, rows), policy=policy, numbers=numbers) == whole


@pytest.mark.parametrize("columns", [1, 2, 3, 130])
@pytest.mark.parametrize("kind", KINDS)
def test_states_of_blocks_merge_to_that_of_all(kind: str, columns: int) -> None:
    for batch, policy in batches(kind, columns):
        numbers = numbers_of(batch)
        merged, at = ScoreState.empty(batch.classes), 0
        for block in blocks(batch, 211):
            mine = None if numbers is None else numbers[at : at + block.rows]
            merged, at = state_of(block, policy=policy, numbers=mine).merge(merged), at + block.rows
        assert merged == state_of(batch, policy=policy, numbers=numbers)


@pytest.mark.parametrize("columns", [1, 2, 3, 12])
@pytest.mark.parametrize("kind", KINDS)
def test_some_of_the_rows_are_those_rows_alone(kind: str, columns: int) -> None:
    for batch, policy in batches(kind, columns):
        for rows in (np.arange(batch.rows)[::-3], np.array([batch.rows - 1]), np.zeros(0, np.intp)):
            alone = batch.where(rows)
            found, expected = scored_rows(batch, policy, rows), scored_rows(alone, policy)
            for name in FOUND:
                one, two = getattr(found, name), getattr(expected, name)
                assert (one is None and two is None) or one.tobytes() == two.tobytes(), name
            chosen = state_of(batch, policy=policy, rows=rows, numbers=np.arange(batch.rows))
            assert chosen == state_of(alone, policy=policy, numbers=rows)


@law
@given(cases(), st.data())
def test_a_selection_of_any_rows_is_those_rows_alone(case: Case, data: st.DataObject) -> None:
    batch = batch_of(case)
    rows = np.array(data.draw(st.lists(st.integers(0, batch.rows - 1), max_size=20)), np.intp)
    alone = batch.where(rows)
    assert state_of(batch, rows=rows, numbers=np.arange(batch.rows)) == state_of(alone, numbers=rows)


@pytest.mark.parametrize("columns", [1, 2, 3, 12])
@pytest.mark.parametrize("kind", KINDS)
def test_scores_of_float32_are_those_float64(kind: str, columns: int) -> None:
    for batch, policy in batches(kind, columns):
        policy, numbers = replace(policy, sum_tolerance=0.1), numbers_of(batch)
        narrow = replace(batch, scores=tuple(each.astype(np.float32) for each in batch.scores))
        wide = replace(batch, scores=tuple(each.astype(np.float64) for each in narrow.scores))
        assert state_of(narrow, policy=policy, numbers=numbers) == state_of(wide, policy=policy, numbers=numbers)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("columns", [1, 2, 3, 12])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_scores_are_columns_of_them(kind: str, columns: int, dtype: Any) -> None:
    for batch, policy in batches(kind, columns):
        policy, numbers = replace(policy, sum_tolerance=0.1), numbers_of(batch)
        by_column = replace(batch, scores=tuple(each.astype(dtype) for each in batch.scores))
        by_row = replace(batch, scores=np.stack([*by_column.scores], axis=1))
        assert (by_row.rows, by_row.columns, by_row.classes) == (batch.rows, columns, max(2, columns))
        assert np.array_equal(by_row.matrix, by_column.matrix)
        whole = state_of(by_column, policy=policy, numbers=numbers)
        assert state_of(by_row, policy=policy, numbers=numbers) == whole
        assert state_of(*blocks(by_row, 255), policy=policy, numbers=numbers) == whole


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("soft", [False, True])
def test_class_0_of_a_column_of_probabilities_has_what_class_1_leaves(soft: bool, weighted: bool) -> None:
    random = np.random.default_rng(1)
    p, labels = random.random(300) ** 9, random.integers(0, 2, 300)
    p[:3], labels[:3] = [1.0, 0.0, 0.0], [0, 1, 0]  # two of them of infinite loss
    w = np.ldexp(random.random(300) + 0.5, random.integers(-60, 60, 300)) if weighted else None
    batch = Batch(InputKind.PROBABILITY, (p,), labels, w)
    if soft:
        batch = replace(batch, labels=None, targets=random.random((1, 300)))
    given = np.ones(300) if w is None else w
    for rows in (300, 7):
        zero, one = (Fraction(each, ONE) for each in state_of(*blocks(batch, rows)).classes.shares.totals())
        assert one == sum(map(Fraction, (given * p).tolist()))
        assert zero == sum(map(Fraction, given.tolist())) - one


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_totals_are_those_of_the_rows(columns: int) -> None:
    """Every sum is the exact one of what each row adds, by the definitions of core/state.py."""
    case = random_case("probs", columns, rows=N)
    case.scores[:50] = np.eye(columns)[-1] if columns > 1 else 1.0
    batch = batch_of(case)
    for weights in (batch.weights, None):
        given = replace(batch, weights=weights)
        rows, state = scored_rows(given), state_of(given, numbers=numbers_of(given))
        w, y, top = np.ones(given.rows) if weights is None else weights, rows.known("labels"), rows.known("top")
        finite, hit, bins = (
            np.isfinite(rows.loss),
            y == top,
            np.minimum(rows.known("confidence") * 15, 14).astype(int),
        )
        assert 0 < finite.sum() < finite.size
        lost = np.where(finite, rows.loss, 0.0) * w
        losses, classes, k = state.losses, state.classes, given.classes
        assert (losses.rows, losses.counts.infinite) == (given.rows, int((~finite).sum()))
        assert losses.counts.ties == rows.known("tied").sum()
        assert losses.loss.weight == ExactSums.of(w[finite])
        assert losses.infinite == ExactSums.of(w[~finite])
        assert losses.loss.total == ExactSums.of(lost)
        assert classes.brier.total == ExactSums.of(rows.known("brier") * w)
        assert classes.entropy == ExactSums.of(rows.known("entropy") * w)
        assert classes.class_loss == ExactSums.of(lost, y, k)
        assert classes.shares.totals()[1:] == ExactSums.of_rows(rows.known("shares") * w).totals()[1:]
        for found, group, chosen in (
            (classes.labels, y, slice(None)),
            (classes.tops, top, slice(None)),
            (classes.hits, y, hit),
        ):
            assert found.rows.tolist() == np.bincount(group[chosen], minlength=k).tolist()
            assert found.weight == ExactSums.of(w[chosen], group[chosen], k)
        for found, chosen in ((classes.bins, slice(None)), (classes.bin_hits, hit)):
            assert found.rows.tolist() == np.bincount(bins[chosen], minlength=15).tolist()
            assert found.weight == ExactSums.of(w[chosen], bins[chosen], 15)
        assert classes.bin_confidence == ExactSums.of(rows.known("confidence") * w, bins, 15)
        assert classes.infinite.tolist() == np.bincount(y[~finite], minlength=k).tolist()
        assert classes.confusions.tolist() == np.bincount(y * k + top, minlength=k * k).tolist()
        if columns > 1:
            assert classes.log_sum == ExactSums.of(rows.known("log_sum") * w)
        wrong = np.unique((y * k + top)[~hit])
        assert state.pairs.pairs.tolist() == wrong.tolist()
        assert state.pairs.rows.tolist() == [int(((y * k + top) == pair).sum()) for pair in wrong]
        assert state.pairs.loss == ExactSums.of(lost, y * k + top, k * k).chosen(wrong)
        if columns == 3:
            q, own = rows.known("shares"), rows.known("label_share")
            place = ((q > own) | ((q == own) & (np.arange(3)[:, None] < y))).sum(axis=0)
            for at, chosen in enumerate((place < 2, place == 2)):
                assert classes.places.rows[at] == chosen.sum()
                assert classes.places.weight.totals()[at] == ExactSums.of(w[chosen]).total()
            beside = rows.known("top_loss")
            assert state.breakdown.top_infinite == np.isinf(beside).sum()
            assert state.breakdown.top_loss == ExactSums.of(np.where(np.isfinite(beside), beside, 0.0) * w)


def test_totals_of_soft_labels_are_those_of_the_rows() -> None:
    batch = batch_of(random_case("probs", 3, rows=N, soft=True))
    for each in (batch, replace(batch, weights=None)):
        rows, classes = scored_rows(each), state_of(each, numbers=numbers_of(each)).classes
        w, t = np.ones(each.rows) if each.weights is None else each.weights, rows.known("targets")
        hit = t * (rows.known("top") == np.arange(3)[:, None])
        assert classes.amount == ExactSums.of_rows(t)
        assert classes.labels.weight == ExactSums.of_rows(t * w)
        assert classes.hits.weight == ExactSums.of_rows(hit * w)
        assert classes.class_loss == ExactSums.of_rows(rows.known("class_loss") * w)
        assert classes.labels.rows.tolist() == (t > 0).sum(axis=1).tolist()
        assert classes.hits.rows.tolist() == (hit > 0).sum(axis=1).tolist()
        assert classes.tops.weight == ExactSums.of(w, rows.known("top"), 3)


def test_totals_of_tokens_are_those_of_the_rows() -> None:
    random = np.random.default_rng(3)
    x, w, sizes = random.exponential(size=N), random.exponential(size=N), random.integers(1, 9, N).astype(float)
    x[::50] = np.inf
    for weights in (w, None):
        each = np.ones(N) if weights is None else weights
        losses = state_of(tokens(x, weights, sizes)).losses
        assert losses.counts.infinite == N // 50
        assert losses.loss.total == ExactSums.of((x * each)[np.isfinite(x)])
        assert losses.infinite == ExactSums.of(each[np.isinf(x)])
        assert losses.sizes == ExactSums.of(sizes * each)
        for rows in CUTS:
            assert state_of(*blocks(tokens(x, weights, sizes), rows)).losses == losses


def test_a_state_begins_the_next_one() -> None:
    one, two = batch_of(random_case("logits", 3, rows=60)), batch_of(random_case("logits", 3, rows=50, seed=1))
    both = accumulator_of(one)
    both.add(one, keys=numbered(one))
    first = both.state()
    both.add(two, keys=numbered(two))
    assert (first, both.state()) == (
        state_of(one, numbers=numbers_of(one)),
        state_of(two, numbers=numbers_of(two)),
    )
    assert both.state() == ScoreState.empty(3)


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_without_the_breakdown_nothing_of_it_is_kept(columns: int) -> None:
    batch = batch_of(random_case("logits", columns, rows=60))
    found, whole = state_of(batch, breakdown=False), state_of(batch, numbers=numbers_of(batch))
    empty = ScoreState.empty(batch.classes)
    assert (found.odds, found.kept, found.pairs) == (empty.odds, empty.kept, empty.pairs)
    assert (found.breakdown.test, found.breakdown.top_loss) == (empty.breakdown.test, empty.breakdown.top_loss)
    assert (found.losses, found.classes.brier) == (whole.losses, whole.classes.brier)


def test_digits_are_carried_before_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = batch_of(random_case("probs", 3, rows=N))
    whole = state_of(batch, numbers=numbers_of(batch))
    times, carry = [], Accumulator._carry

    def counted(each: Accumulator) -> None:
        times.append(each._added)
        carry(each)

    monkeypatch.setattr(Accumulator, "_carry", counted)
    monkeypatch.setattr(accumulator, "_MOST_ROWS", 90)
    pieces = blocks(batch, 40)
    assert state_of(*pieces, numbers=numbers_of(batch)) == whole
    assert times[:-1] == [80] * ((len(pieces) - 1) // 2)


def test_what_is_wanted_is_found_while_rows_are_added() -> None:
    for columns in (1, 2, 3):
        batch = batch_of(random_case("log_probs", columns, rows=60))
        found, code = accumulator_of(batch).add(batch, FOUND, keys=numbered(batch))
        expected = scored_rows(batch)
        assert code == 0
        for name in FOUND:
            one, two = getattr(found, name), getattr(expected, name)
            assert (one is None and two is None) or one.tobytes() == two.tobytes(), name


def test_broken_and_odd_rows_are_told() -> None:
    def code(*p: float) -> int:
        batch = Batch(InputKind.PROBABILITY, (np.array(p),), np.zeros(len(p), np.intp))
        (_, alone), (_, added) = score_rows(batch, Policy()), accumulator_of(batch).add(batch)
        assert alone & BROKEN == added & BROKEN
        return added

    assert [code(0.5, 0.5), code(0.5, 1.0), code(0.5, 1.5), code(0.5, np.nan)] == [0, ODD, BROKEN, BROKEN]
    assert code(0.5, 1 + 1e-7, 0.1) & ODD


def test_no_rows_are_the_empty_state() -> None:
    for columns in (1, 2, 3, 130):
        batch = batch_of(random_case("logits", columns, rows=9)).where(np.zeros(0, np.intp))
        assert state_of(replace(batch, weights=None)) == ScoreState.empty(batch.classes) == state_of(batch)
    assert state_of(tokens([])) == ScoreState.empty(0)


@pytest.mark.parametrize("columns", [1, 3])
def test_more_rows_than_half_of_an_integer_counts(columns: int) -> None:
    """Counts become weights in two digits: as if each of 2^33 times as many rows had been met."""
    batch, times = batch_of(random_case("logits", columns, rows=60)), 2**33
    whole = accumulator_of(batch)
    whole.add(replace(batch, weights=None), keys=numbered(batch))
    assert whole._totals is not None
    whole._totals.counts[:] *= times
    found = whole.state()
    assert found.losses.weight == times * batch.rows * ONE
    rows = np.bincount(scored_rows(batch).known("labels"), minlength=batch.classes)
    assert found.classes.labels.weight.totals() == [times * n * ONE for n in rows.tolist()]
    assert found.classes.bins.weight.total() == times * batch.rows * ONE
