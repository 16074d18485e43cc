"""JSON read back is the state; what is not of the declared type is refused."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import cases, cut_blocks, law, random_case, totals
from xentcli.core.clusters import Clusters
from xentcli.core.exact import ExactProducts, ExactSums
from xentcli.core.state import ScoreState
from xentcli.engine.slices import SliceState
from xentcli.engine.totals import Totals
from xentcli.states.arrays import Malformed
from xentcli.states.stored import from_json, to_json


def through(value: Any, kind: Any) -> Any:
    return from_json(json.loads(json.dumps(to_json(value), allow_nan=False)), kind)


@law
@given(cases())
def test_json_read_back_is_the_state(case: Any) -> None:
    state = case.state()
    assert through(state, ScoreState) == state


@law
@given(totals(2))
def test_json_read_back_is_the_part(part: Totals) -> None:
    slices = list(part.slices.states.values())
    assert through(part.state, ScoreState) == part.state
    assert through(slices, list[SliceState]) == slices
    assert through(part.clusters, Clusters) == part.clusters


@law
@given(st.dictionaries(st.text(), st.integers(), max_size=5), st.booleans())
def test_whole_numbers_of_every_size_come_back(numbers: dict[str, int], large: bool) -> None:
    numbers = {name: n << 1074 if large else n for name, n in numbers.items()}
    assert through(numbers, dict[str, int]) == numbers


@law
@given(st.lists(st.tuples(st.text(), st.floats(0, 1e308)), max_size=8))
def test_clusters_come_back(rows: list[tuple[str, float]]) -> None:
    parts = [Clusters.of([np.array([x])], None, np.zeros(1, np.intp), [name]) for name, x in rows]
    one, two = (reduce(Clusters.merge, order, Clusters()) for order in (parts, parts[::-1]))
    assert through(one, Clusters) == one
    assert json.dumps(to_json(one)) == json.dumps(to_json(two))


def test_a_state_does_not_hang_on_its_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = set()
    for rows in (7, 64, 1 << 14):
        with monkeypatch.context() as patch:
            cut_blocks(patch, rows)
            texts.add(json.dumps(to_json(random_case("logits", 3, rows=100).state())))
    assert len(texts) == 1


def changed(kind: str, state: Any) -> Any:
    """JSON of a state with something in it of another type or shape."""
    stored = to_json(state)
    match kind:
        case "a field missing":
            del stored["class_count"]
        case "a text":
            stored["class_count"] = "7"
        case "a fraction":
            stored["class_count"] = 7.5
        case "a truth":
            stored["class_count"] = True
        case "nothing":
            stored["cells"] = None
        case "a list":
            stored["cells"] = [1]
    return stored


@pytest.mark.parametrize("kind", ["a field missing", "a text", "a fraction", "a truth", "nothing", "a list"])
def test_what_is_of_another_type_is_refused(kind: str) -> None:
    with pytest.raises(Malformed, match=r"^state: .*class_count|^state: .*cells"):
        from_json(changed(kind, random_case("logits", 3, rows=9).state()), ScoreState)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"first": 0, "digits": {}}, ExactSums),
        ({"first": -1, "digits": to_json(np.zeros((1, 1), np.int64))}, ExactSums),
        ({"first": 63, "digits": to_json(np.zeros((2, 1), np.int64))}, ExactSums),
        ({"first": 0, "digits": to_json(np.zeros(1, np.int64))}, ExactSums),
        ({"first": 0, "digits": to_json(np.full((1, 1), 1 << 62))}, ExactSums),
        ({"first": 0, "digits": to_json(np.full((1, 1), -(1 << 63)))}, ExactSums),
        ([[4301, to_json(ExactSums.empty(1))]], ExactProducts),
        ([[0, to_json(ExactSums.empty(2))]], ExactProducts),
        ({"keys": to_json(np.zeros((2, 1), np.uint64)), "sums": []}, Clusters),
        ({"keys": to_json(np.zeros((2, 2), np.uint64)), "sums": [to_json(ExactSums.empty(2))] * 2}, Clusters),
    ],
)
def test_what_no_form_has_is_refused(value: Any, kind: Any) -> None:
    with pytest.raises(Malformed, match=r"^state: "):
        from_json(value, kind)
