"""Values read back are the values; what is not of the declared type is refused."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import cases, cut_blocks, law, random_case, totals
from tests.states.sealing import put
from xentcli.core.cells import LossCells
from xentcli.core.clusters import Clusters
from xentcli.core.exact import ExactProducts, ExactSums
from xentcli.core.odds.cells import OddsCells
from xentcli.core.pair_products import PairProducts
from xentcli.core.state import ScoreState
from xentcli.engine.comparing.models import StatesBySlice
from xentcli.engine.slices import SliceState
from xentcli.engine.totals import Totals
from xentcli.states.arrays import Malformed
from xentcli.states.packing import Packer, Unpacker
from xentcli.states.stored import from_bytes, head_of, to_bytes

SOME = (st.floats(-1e308, 1e308), st.floats(-1.0, 1.0), st.just(0.0))


def through(value: Any, kind: Any) -> Any:
    return from_bytes(kind, *head_of(to_bytes(value, kind)))


@law
@given(cases())
def test_read_back_is_the_state(case: Any) -> None:
    state = case.state()
    assert through(state, ScoreState) == state


@law
@given(totals(2))
def test_read_back_is_the_part(part: Totals) -> None:
    slices = tuple(part.slices.states.values())
    assert through(slices, tuple[SliceState, ...]) == slices
    assert through(StatesBySlice(part.slices.states), StatesBySlice[SliceState]).states == part.slices.states


@law
@given(st.dictionaries(st.text(), st.integers(), max_size=5), st.booleans())
def test_whole_numbers_of_every_size_come_back(numbers: dict[str, int], large: bool) -> None:
    numbers = {name: n << 1074 if large else n for name, n in numbers.items()}
    assert through(numbers, dict[str, int]) == numbers


@law
@given(st.lists(st.lists(st.one_of(SOME), max_size=4), max_size=4))
def test_sums_of_several_sizes_come_back(rows: list[list[float]]) -> None:
    """Of no group or many, and of no value."""
    sums = tuple(ExactSums.of_rows(np.array([row]).T) for row in rows)
    assert through(sums, tuple[ExactSums, ...]) == sums
    products = tuple(ExactProducts.of(np.array(row), np.array(row)) for row in rows)
    assert through(products, tuple[ExactProducts, ...]) == products
    pairs = tuple(PairProducts.of(np.array([row, row[::-1]])) for row in rows)
    assert through(pairs, tuple[PairProducts, ...]) == pairs


@law
@given(st.lists(st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0, 1e300)), max_size=6), max_size=4))
def test_what_shares_a_table_comes_back(parts: list[list[tuple[str, float]]]) -> None:
    """Clusters, cells of losses and log-odds of several sets of rows, some of none."""
    values = [np.array([x for _, x in part]) for part in parts]
    names = [[name for name, _ in part] for part in parts]
    clusters = tuple(
        Clusters.of([x], None, np.arange(x.size), of) if of else Clusters()
        for x, of in zip(values, names, strict=True)
    )
    assert through(clusters, tuple[Clusters, ...]) == clusters
    cells = tuple(LossCells.of(x, x + 1) for x in values)
    assert through(cells, tuple[LossCells, ...]) == cells
    odds = tuple(OddsCells.of(x, x > 1, None if n % 2 else x + 1) for n, x in enumerate(values))
    assert through(odds, tuple[OddsCells, ...]) == odds


@law
@given(st.lists(st.tuples(st.text(), st.floats(0, 1e308)), max_size=8))
def test_clusters_in_any_order_are_the_same_bytes(rows: list[tuple[str, float]]) -> None:
    parts = [Clusters.of([np.array([x])], None, np.zeros(1, np.intp), [name]) for name, x in rows]
    one, two = (reduce(Clusters.merge, order, Clusters()) for order in (parts, parts[::-1]))
    assert through(one, Clusters) == one
    assert to_bytes(one, Clusters) == to_bytes(two, Clusters)


def test_a_state_does_not_hang_on_its_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = set()
    for rows in (7, 64, 1 << 14):
        with monkeypatch.context() as patch:
            cut_blocks(patch, rows)
            texts.add(to_bytes(random_case("logits", 3, rows=100).state(), ScoreState))
    assert len(texts) == 1


def test_rows_that_share_a_place_are_told_apart() -> None:
    """As those of two samples of one number that were merged."""
    one, two = (random_case("logits", 3, rows=20, seed=seed).state() for seed in (1, 2))
    both = one.merge(two)
    assert through((both, one, two), tuple[ScoreState, ...]) == (both, one, two)
    assert through(one.merge(one), ScoreState) == one.merge(one)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("class_count",), [["7"]]), (("class_count",), [[7.5]]), (("class_count",), [[True]]),
        (("class_count",), [[7, 7]]), (("class_count",), 7), (("cells",), None), (("cells",), [1]),
        (("more",), [1]), (("counts", 1), [[9], 0]), (("cells", "weight", "groups"), [[1] * 9]),
        (("counts", 1, 1), 1), (("counts", 1, 1), 99), (("counts", 1, 1), True), (("counts", 1, 0), [-1, 1]),
        (("sums", 1, "first"), [-1]), (("sums", 1, "first"), [64]), (("sums", 1, "groups"), [[1]]),
        (("sums", 1, "groups"), [[-1, 1]]), (("kept", 1, "levels"), [[]]), (("kept", 1, "at"), [[3], 0]),
        (("cells", "losses", "at"), [[1], 1]),
    ],
)  # fmt: skip
def test_what_is_of_another_type_is_refused(place: tuple[Any, ...], value: Any) -> None:
    head, arrays = head_of(to_bytes(random_case("logits", 3, rows=9).state(), ScoreState))
    put(head, ("state", *place), value)
    with pytest.raises(Malformed):
        from_bytes(ScoreState, head, arrays)


def _clusters(count: int, at: list[int]) -> dict[str, Any]:
    """Packed clusters of the same name, so many, at these places of them and without totals."""
    keys, places = np.zeros((2, count), np.uint64), np.array(at, np.int64)
    return {"keys": [[count], keys], "at": [[places.size], places], "sums": [[0], None], "brier_left": [False]}


def _sums(digits: Any, first: int = 0, signs: int = 0) -> dict[str, Any]:
    """Packed sums of one group."""
    negative = [[signs], np.zeros(signs, np.bool_)]
    return {"groups": [[1]], "first": [first], "digits": [[1], digits], "negative": negative}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (_sums(np.zeros(1, np.int64)), ExactSums),
        (_sums(np.full((1, 1), 1 << 37)), ExactSums),
        (_sums(np.full((1, 1), -1)), ExactSums),
        (_sums(np.zeros((2, 1), np.int64), first=63), ExactSums),
        (_sums(np.zeros((1, 1), np.int64), signs=2), ExactSums),
        ({"groups": [1], "powers": [[4301]], "sums": [[0], None]}, ExactProducts),
        ({"groups": [1], "powers": [[0]], "sums": [[0], None]}, ExactProducts),
        ({"groups": [-1], "powers": [[]], "sums": [[0], None]}, PairProducts),
        (_clusters(1, [0]), Clusters),
        (_clusters(2, []), Clusters),
        (_clusters(1, [1]), Clusters),
        ({**_clusters(1, []), "brier_left": [True]}, Clusters),
    ],
)
def test_what_no_form_has_is_refused(value: dict[str, Any], kind: Any) -> None:
    held = [each[1] for each in value.values() if isinstance(each[-1], np.ndarray)]
    for number, array in enumerate(held):
        for each in value.values():
            if each[-1] is array:
                each[-1] = number
    with pytest.raises(ValueError, match="has "):
        Unpacker(held).unpack(kind, value, 1)


def test_a_key_is_there_once() -> None:
    kind = StatesBySlice[ExactSums]
    packed = Packer().pack(kind, [StatesBySlice({(0, ("a",)): ExactSums.empty(), (0, ("b",)): ExactSums.empty()})])
    packed["states"][1][1] = packed["states"][1][0]
    with pytest.raises(Malformed, match="twice"):
        Unpacker([np.zeros((0, 2), np.int64), np.zeros(0, np.bool_)]).unpack(kind, packed, 1)
