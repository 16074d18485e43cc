"""JSON read back is the state; what is not of the declared type is refused."""

from __future__ import annotations

import json
from enum import Enum
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from tests.properties.strategies import cases, law, part_scores, random_case
from xentcli.core.clusters import Clusters
from xentcli.core.state import ScoreState
from xentcli.engine.scoring import PartScore
from xentcli.states.arrays import Malformed
from xentcli.states.codec import of_json, to_json


class Color(Enum):
    RED = "red"


class Inner(Struct, frozen=True):
    number: float


class Outer(Struct, frozen=True):
    count: int
    text: str
    flag: bool
    color: Color
    inner: Inner | None
    pair: tuple[int, str]
    many: tuple[float, ...]
    names: frozenset[tuple[int, str]]
    table: dict[tuple[str | None, ...], Inner]


def through(value: Any, kind: Any) -> Any:
    return of_json(json.loads(json.dumps(to_json(value, kind))), kind)


OUTER = Outer(
    3, "é\u202e", True, Color.RED, Inner(0.1), (1, "a"), (1.0, 5e-324), frozenset({(1, "x"), (0, "y")}),
    {("b", None): Inner(1.5), ("a", "c"): Inner(-0.0)},
)  # fmt: skip


def test_every_kind_of_field_comes_back() -> None:
    assert through(OUTER, Outer) == OUTER


@law
@given(cases())
def test_json_read_back_is_the_state(case: Any) -> None:
    state = case.state()
    assert through(state, ScoreState) == state


@law
@given(part_scores(2))
def test_json_read_back_is_the_part(part: PartScore) -> None:
    assert through(part, PartScore) == part


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
    assert json.dumps(to_json(one, Clusters)) == json.dumps(to_json(two, Clusters))


def test_a_state_does_not_hang_on_its_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = set()
    for rows in (7, 64, 1 << 14):
        monkeypatch.setattr("xentcli.engine.scoring.BLOCK_ROWS", rows)
        texts.add(json.dumps(to_json(random_case("logits", 3, rows=100).state(), ScoreState)))
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"count": 1.0}, "count: is not a int"),
        ({"count": True}, "count: is not a int"),
        ({"count": "0x"}, "count: is not a int"),
        ({"count": "1"}, "count: is not a int"),
        ({"text": None}, "text: is not a str"),
        ({"flag": 1}, "flag: is not a bool"),
        ({"color": "blue"}, "color: is no Color"),
        ({"color": []}, "color: is no Color"),
        ({"inner": {"number": 1}}, "inner.number: is not a finite float"),
        ({"inner": {"number": float("inf")}}, "inner.number: is not a finite float"),
        ({"inner": {}}, "inner: has not the fields number"),
        ({"inner": {"number": 1.0, "more": 1}}, "inner: has not the fields number"),
        ({"pair": [1]}, "pair: is not the list"),
        ({"pair": {"a": 1}}, "pair: is not the list"),
        ({"many": [1.0, "2"]}, r"many\[1\]: is not a finite float"),
        ({"names": [[1, "x"], 2]}, r"names\[1\]: is not the list"),
        ({"table": [[["a"], {"number": 1.0}], [["a"], {"number": 2.0}]]}, "table: has a key twice"),
    ],
)
def test_what_is_of_another_type_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(Malformed, match=f"^state.{says}"):
        of_json({**to_json(OUTER, Outer), **change}, Outer)
