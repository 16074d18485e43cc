"""Exact laws: merging, rows of weight 0, JSON, pickling."""

from __future__ import annotations

import json
import math
import pickle
from dataclasses import asdict, replace
from functools import reduce

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import Case, cases, law, part_scores, tallies
from xentcli.core.score_state import ScoreState
from xentcli.data.tally import Entry, Example, Tally
from xentcli.engine.scoring import PartScore
from xentcli.errors import Where


@law
@given(cases(), st.data())
def test_merging_states_is_commutative_and_associative_with_identity(case: Case, data: st.DataObject) -> None:
    third = np.array(data.draw(st.lists(st.integers(0, 2), min_size=case.rows, max_size=case.rows)))
    a, b, c = (case.take(np.flatnonzero(third == i)).state() for i in range(3))
    empty = ScoreState.empty(case.classes)
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c)) == case.state()
    assert a.merge(empty) == a == empty.merge(a)


@law
@given(tallies, tallies, tallies)
def test_merging_tallies_is_commutative_and_associative_with_identity(a: Tally, b: Tally, c: Tally) -> None:
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(Tally()) == a == Tally().merge(a)


def test_merging_tallies_is_commutative_also_where_more_labels_are_unknown_than_are_kept() -> None:
    def of(subjects: range) -> Tally:
        entries = {
            ("label_unknown", f"{i:04}"): Entry(1, (Example((0, Where("file", i)), "y", f"{i:04}"),))
            for i in subjects
        }
        return Tally(len(subjects), entries)

    parts = [of(range(900)), of(range(900, 1800)), of(range(1800, 2000))]
    assert reduce(Tally.merge, parts) == reduce(Tally.merge, reversed(parts))
    broken = Tally(1, {("row_sum", ""): Entry(1, (Example((0, Where("file", 1)), "", "0.5"),))})
    assert reduce(Tally.merge, [*parts, broken]).of("row_sum") == broken.of("row_sum")


@law
@given(part_scores(3), part_scores(3), part_scores(3))
def test_merging_parts_is_commutative_and_associative_with_identity(
    a: PartScore, b: PartScore, c: PartScore
) -> None:
    empty = PartScore.empty(3)
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(empty) == a == empty.merge(a)


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
    assert more.state() == kept.state().merge(rest.state())


@law
@given(cases(weighted=False))
def test_a_weight_of_one_is_no_weight(case: Case) -> None:
    ones = replace(case, weights=np.ones(case.rows))
    assert (ones.score().metrics, ones.score().per_class) == (case.score().metrics, case.score().per_class)
    assert ones.state() == case.state()


@law
@given(cases())
def test_json_read_back_is_the_result(case: Case) -> None:
    result = case.score()
    read = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert read == result.to_dict()
    assert read["metrics"] == {
        name: "Infinity" if value == math.inf else value for name, value in asdict(result.metrics).items()
    }


@law
@given(cases())
def test_a_pickled_state_is_the_state(case: Case) -> None:
    state = case.state()
    restored = pickle.loads(pickle.dumps(state))
    assert restored == state
    assert restored.merge(state) == state.merge(state)


@law
@given(part_scores(2))
def test_a_pickled_part_is_the_part(part: PartScore) -> None:
    assert pickle.loads(pickle.dumps(part)) == part


def test_merging_labels_is_bounded_and_commutative() -> None:
    def of(texts: range) -> PartScore:
        return replace(PartScore.empty(2), labels=frozenset((i % 2, f"{i:04}") for i in texts))

    parts = [of(range(900)), of(range(900, 1800)), of(range(1800, 2000))]
    merged = reduce(PartScore.merge, parts)
    assert merged.labels == reduce(PartScore.merge, reversed(parts)).labels
    assert {(0, "0000"), (1, "0001")} <= merged.labels
    assert len(merged.labels) < 100
