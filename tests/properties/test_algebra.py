"""Exact laws: merging, rows of weight 0, JSON, pickling."""

from __future__ import annotations

import json
import math
import pickle
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.scoring import same_totals
from tests.properties.merging import assert_merging_laws
from tests.properties.strategies import KINDS, Case, cases, law, random_case, tallies, totals
from tests.values import asdict, replace
from xentcli.core.batch import Policy
from xentcli.core.exact import ExactSums
from xentcli.core.layout import layout
from xentcli.core.state import ScoreState
from xentcli.decoding.tally import Entry, Example, Key, Tally
from xentcli.engine.totals import Totals
from xentcli.errors import ContentError, Where
from xentcli.render.formats import render
from xentcli.render.page import Page
from xentcli.results.score import ScoreResult


@law
@given(cases(), st.data())
def test_merging_states_is_commutative_and_associative_with_identity(case: Case, data: st.DataObject) -> None:
    third = np.array(data.draw(st.lists(st.integers(0, 2), min_size=case.rows, max_size=case.rows)))
    a, b, c = (case.take(np.flatnonzero(third == i)).state() for i in range(3))
    assert_merging_laws(a, b, c, ScoreState.empty(case.classes))
    assert a.merge(b).merge(c) == case.state()


def test_counts_add() -> None:
    names = ("zero_weight", "skipped", "ignored")
    empty = ScoreState.empty(2)
    a = empty.counting(zero_weight=1, skipped=2, ignored=3)
    b = empty.counting(**dict(zip(names, (50, 40, 30), strict=True)))
    assert a.merge(b) == b.merge(a) == empty.counting(zero_weight=51, skipped=42, ignored=33)
    counts = a.merge(b).losses.counts
    assert [getattr(counts, name) for name in names] == [51, 42, 33]
    assert a.merge(empty) == a == empty.merge(a)


def test_confusions_add_up_over_blocks() -> None:
    case = replace(random_case("logits", 3, rows=40), weights=None)
    pieces = [case.take([i]).state() for i in range(case.rows)]
    expected = np.bincount(case.labels * 3 + case.scores.argmax(axis=1), minlength=9)
    assert reduce(ScoreState.merge, pieces).classes.confusions.tolist() == expected.tolist()


UNUSED = {  # of weighted rows of three classes: by labels that are soft or not
    False: {"target_entropy", "sizes", "amount", "skipped", "ignored", "zero_weight"},
    True: {"sizes", "top_loss", "bin_weight", "bin_hits", "bin_confidence", "bins", "places", "confusions",
           "skipped", "ignored", "zero_weight", "top_infinite"},
}  # fmt: skip
OF_TWO = {"offset", "slope", "variance", "covariance", "slope_variance", "refuted"}


@pytest.mark.parametrize("soft", [False, True])
def test_states_that_differ_anywhere_are_not_equal(soft: bool) -> None:
    # the laws compare states: were they blind to a part of them, so would the laws be
    case = replace(random_case("probs", 3, rows=40, soft=soft), weights=np.linspace(0.1, 4, 40))
    case.scores[:] *= 0.999
    case.scores[0] = [0.0, 0.0, 1.0]
    case.labels[0] = [0.5, 0.5, 0.0] if soft else 0
    case.scores[1] = [0.4, 0.4, 0.2]
    case.labels[1] = [0.5, 0.25, 0.25] if soft else 0
    one, empty = case.state(Policy(ordinal=True)), ScoreState.empty(3)
    unused = UNUSED[soft] | OF_TWO
    for name, groups in layout(3).groups.items():
        size = groups.stop - groups.start
        rest = one.sums.between(groups).negated().placed(groups, one.sums.groups)
        assert (replace(one, sums=one.sums.merge(rest)) == one) == (name in unused), name
        more = ExactSums.of(np.full(1, 5e-324), np.array([size - 1]), size).placed(groups, one.sums.groups)
        assert replace(one, sums=one.sums.merge(more)) != one
    for name, numbers in layout(3).numbers.items():
        counts = one.counts.copy()
        counts[numbers] = 0
        assert (replace(one, counts=counts) == one) == (name in unused), name
        counts[numbers] = one.counts[numbers] + 1
        assert replace(one, counts=counts) != one
    for name in ("cells", "odds", "kept", "pairs"):
        same = name == "odds" or (soft and name == "pairs")
        assert (replace(one, **{name: getattr(empty, name)}) == one) == same, name
    assert replace(one, class_count=2) != one


def test_each_total_has_a_name() -> None:
    for classes in (0, 2, 3, 100, 101):
        places = layout(classes)
        for parts, count in ((places.groups, places.group_count), (places.numbers, places.number_count)):
            edges = [(each.start, each.stop) for each in parts.values()]
            assert [start for start, _ in edges] == [0, *(stop for _, stop in edges[:-1])]
            assert edges[-1][1] == count


@law
@given(tallies, tallies, tallies)
def test_merging_tallies_is_commutative_and_associative_with_identity(a: Tally, b: Tally, c: Tally) -> None:
    assert_merging_laws(a, b, c, Tally())


def test_merging_tallies_is_commutative_also_where_more_labels_are_unknown_than_are_kept() -> None:
    def of(subjects: range) -> Tally:
        entries: dict[Key, Entry] = {
            ("label_unknown", f"{i:04}"): Entry(1, (Example((0, Where("file", i)), "y", f"{i:04}"),))
            for i in subjects
        }
        return Tally(entries)

    parts = [of(range(900)), of(range(900, 1800)), of(range(1800, 2000))]
    assert reduce(Tally.merge, parts) == reduce(Tally.merge, reversed(parts))
    broken = Tally({("row_sum", None): Entry(1, (Example((0, Where("file", 1)), "", "0.5"),))})
    assert reduce(Tally.merge, [*parts, broken]).of("row_sum") == broken.of("row_sum")


@law
@given(totals(3), totals(3), totals(3))
def test_merging_parts_is_commutative_and_associative_with_identity(a: Totals, b: Totals, c: Totals) -> None:
    assert_merging_laws(a, b, c, Totals.empty(3))


@law
@given(cases(weighted=True), st.data())
def test_a_row_of_weight_zero_changes_nothing_but_its_count(case: Case, data: st.DataObject) -> None:
    flags = st.lists(st.booleans(), min_size=case.rows, max_size=case.rows)
    zero = np.array(data.draw(flags.filter(lambda each: not all(each))))
    assert case.weights is not None
    more = replace(case, weights=np.where(zero, 0.0, case.weights))
    kept, rest = case.take(np.flatnonzero(~zero)), more.take(np.flatnonzero(zero))
    found, expected = more.score(), kept.score()
    assert found.metrics == replace(expected.metrics, zero_weight_rows=int(zero.sum()))
    assert (found.per_class, found.weight, found.rows) == (expected.per_class, expected.weight, expected.rows)
    assert unplaced(found) == unplaced(expected)
    assert more.state() == kept.state().merge(rest.state())


def unplaced(result: ScoreResult) -> list[tuple[str, int, str]]:
    """The notices but for the places they name."""
    return [(notice.code, notice.count, notice.message) for notice in result.notices]


# One row left of two, of 12 classes: NumPy's own sum over the classes would add in another order.
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_row_of_weight_zero_changes_nothing_where_it_leaves_one_row(kind: str, soft: bool) -> None:
    rows = replace(random_case(kind, 12, rows=24, soft=soft), weights=np.array([1.0, 0.0] * 12))
    for i in range(0, 24, 2):
        pair, alone = rows.take([i, i + 1]), rows.take([i])
        assert pair.state() == alone.state().counting(zero_weight=1)
        assert pair.score().metrics == replace(alone.score().metrics, zero_weight_rows=1)
        other = replace(pair, weights=np.array([0.0, 1.0]))
        both = replace(pair, weights=np.array([1.0, 1.0])).state()
        assert pair.state().merge(other.state()) == both.counting(zero_weight=2)


def test_odd_rows_of_weight_zero_change_no_number_and_no_notice() -> None:
    # of infinite loss, tied, and alone in their class
    odd = Case("probs", np.array([0, 1, 2]), np.array([[0.0, 1, 0], [0.5, 0.5, 0], [0, 0.75, 0.25]]), np.zeros(3))
    plain = Case("probs", np.array([0, 1]), np.array([[0.5, 0.25, 0.25], [0.0, 1, 0]]), np.array([0.3, 1.0]))
    labels, scores = np.concatenate([odd.labels, plain.labels]), np.concatenate([odd.scores, plain.scores])
    both = Case("probs", labels, scores, np.array([0.0, 0, 0, 0.3, 1]))
    found, expected = both.score(), plain.score()
    assert found.metrics == replace(expected.metrics, zero_weight_rows=3)
    assert (found.per_class, found.weight) == (expected.per_class, expected.weight)
    assert (found.notices, found.unavailable) == (expected.notices, expected.unavailable)


@pytest.mark.parametrize(
    ("kind", "scores"),
    [("probs", [0.7, 0.7]), ("probs", [-0.5, 1.5]), ("log_probs", [1.0, -1.0]), ("logits", [np.inf, 0.0])],
)
def test_a_row_of_weight_zero_is_validated(kind: str, scores: list[float]) -> None:
    rest = random_case(kind, 2, rows=5)
    case = Case(kind, rest.labels, np.array([*rest.scores[:4], scores]), np.array([1.0, 1, 1, 1, 0]))
    with pytest.raises(ContentError) as found:
        case.score()
    with pytest.raises(ContentError) as expected:
        replace(case, weights=None).score()
    assert (found.value.code, found.value.where) == (expected.value.code, expected.value.where)


@law
@given(cases(weighted=False))
def test_a_weight_of_one_is_no_weight(case: Case) -> None:
    ones = replace(case, weights=np.ones(case.rows))
    assert (ones.score().metrics, ones.score().per_class) == (case.score().metrics, case.score().per_class)
    assert same_totals(ones.state(), case.state())


@law
@given(cases())
def test_json_read_back_is_the_result(case: Case) -> None:
    result = case.score()
    assert_read_back(result, json.loads(render(result, "json", Page())))


@pytest.mark.parametrize("unit", ["nats", "bits"])
@pytest.mark.parametrize("soft", [False, True])
def test_json_read_back_is_the_result_where_numbers_are_infinite_or_missing(soft: bool, unit: str) -> None:
    case = replace(random_case("probs", 3, rows=20, soft=soft), weights=np.linspace(0.1, 1 / 3, 20))
    case.scores[1] = [0.0, 1.0, 0.0]
    if soft:
        case.labels[1] = [0.5, 0.5, 0.0]
    else:
        case.labels[:] = np.arange(20) % 5 == 0  # none is of class 2, and row 1 of class 0
    result = case.score(unit=unit)
    assert (result.metrics.log_loss, result.metrics.skill) == (math.inf, None)
    assert_read_back(result, json.loads(render(result, "json", Page())))


def assert_read_back(result: ScoreResult, read: dict[str, Any]) -> None:
    def plain(values: dict[str, Any]) -> dict[str, Any]:
        return {name: "Infinity" if value == math.inf else value for name, value in values.items()}

    assert read == json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert read["metrics"] == plain(asdict(result.metrics))
    per_class = [plain(asdict(row)) for row in result.per_class]
    assert read["per_class"] == [{"class": row.pop("name"), **row} for row in per_class]
    assert (read["rows"], read["weight"], read["unit"]) == (result.rows, result.weight, result.unit.value)
    assert (tuple(read["classes"]), read["unavailable"]) == (result.classes, result.unavailable)
    assert [each["code"] for each in read["notices"]] == [notice.code for notice in result.notices]
    assert read["inputs"] == [asdict(each) for each in result.inputs]


@law
@given(cases())
def test_a_pickled_state_is_the_state(case: Case) -> None:
    state = case.state()
    restored = pickle.loads(pickle.dumps(state))
    assert restored == state
    assert restored.merge(state) == state.merge(state)


@law
@given(totals(2))
def test_a_pickled_part_is_the_part(part: Totals) -> None:
    assert pickle.loads(pickle.dumps(part)) == part


def test_merging_labels_is_bounded_and_commutative() -> None:
    def of(texts: range) -> Totals:
        return replace(Totals.empty(2), labels=frozenset((i % 2, f"{i:04}") for i in texts))

    parts = [of(range(900)), of(range(900, 1800)), of(range(1800, 2000))]
    merged = reduce(Totals.merge, parts)
    assert merged.labels == reduce(Totals.merge, reversed(parts)).labels
    assert {(0, "0000"), (1, "0001")} <= merged.labels
    assert len(merged.labels) < 100
