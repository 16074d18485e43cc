"""Rows kept for fits as the kernel keeps them: against the state of all rows at once, at each level of SIMD."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.levels import each_level
from tests.core.test_kept_rows import CLASSES, bits, state
from tests.properties.strategies import law
from xentcli.core import kernel
from xentcli.core.exact import IntArray
from xentcli.core.kept_room import KeptRoom, RoomsTogether
from xentcli.core.kept_rows import BUDGET, KeptRows, Rows, row_hashes, row_keys, start_of_keys

KINDS = ("plain", "weighted", "soft")
numbers = st.lists(st.integers(0, 10**6), max_size=40, unique=True)
budgets = st.sampled_from([1, 3, 10, 30, BUDGET])


def room_of(blocks: Iterable[Sequence[int]], budget: int, kind: str, level: int = 0) -> KeptRoom:
    """Room to which rows of these numbers were offered, block by block; their values as in `state`."""
    room = KeptRoom(CLASSES, soft=kind == "soft", level=level, budget=budget)
    for block in blocks:
        for piece in state(block, kind=kind).pieces:
            rows = piece.rows
            weights = rows.weights if kind == "weighted" else None
            room.add(rows.log_q, rows.labels, rows.targets, weights, piece.keys)
    return room


def keys_of(kept: KeptRows) -> list[int]:
    return sorted(int(key) for piece in kept.pieces for key in piece.keys)


def assert_same(one: KeptRows, two: KeptRows) -> None:
    assert one == two
    assert bits(one.arrays()) == bits(two.arrays())
    assert keys_of(one) == keys_of(two)


@law
@given(numbers, budgets, st.sampled_from(KINDS), st.data())
def test_kept_are_those_of_the_state_of_all_rows_in_any_order_and_blocks(
    rows: list[int], budget: int, kind: str, data: st.DataObject
) -> None:
    expected = state(rows, budget, kind=kind)
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    for _ in each_level():
        assert_same(room_of([shuffled[:cut], shuffled[cut:]], budget, kind).kept(), expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("budget", [3000, 100_000])
def test_room_grows_to_the_budget_and_then_drops_rows(budget: int, kind: str) -> None:
    rows = np.random.default_rng(1).permutation(20_000).tolist()
    expected = state(rows, budget, kind=kind)
    assert (expected.level > 0) == (budget == 3000)
    for _ in each_level():
        room = room_of([rows[:7000], rows[7000:]], budget, kind)
        assert CLASSES * room.struct.capacity <= budget
        assert_same(room.kept(), expected)


@law
@given(numbers, numbers, budgets)
def test_states_of_parts_merge_into_that_of_the_whole(x: list[int], y: list[int], budget: int) -> None:
    x = [row for row in x if row not in y]
    one, two = (room_of([rows], budget, "plain").kept() for rows in (x, y))
    assert_same(one.merge(two), state([*x, *y], budget))


def test_room_of_a_level_keeps_no_rows_below_it() -> None:
    rows = list(range(500))
    assert_same(room_of([rows], BUDGET, "plain", level=3).kept(), state(rows).at_level(3))


def test_a_state_does_not_change_with_its_room() -> None:
    room = room_of([range(100)], 300, "weighted")
    kept = room.kept()
    before = bits(kept.arrays())
    room.add(*_arrays(np.arange(100, 200), weights=True))
    assert bits(kept.arrays()) == before


def test_without_rows_there_is_no_memory() -> None:
    room = KeptRoom(CLASSES)
    assert room.struct.capacity == 0
    assert room.kept() == KeptRows.empty(CLASSES)


def test_a_key_of_zeros_is_kept_whatever_the_budget() -> None:
    """As the state of all rows does: there is no level above it."""
    log_q, labels = np.zeros((CLASSES, 1)), np.zeros(1, np.int64)
    for _ in each_level():
        room = KeptRoom(CLASSES, budget=1)
        room.add(log_q, labels, None, None, np.zeros(1, np.uint64))
        assert_same(room.kept(), KeptRows.of(log_q, labels, None, None, np.zeros(1, np.uint64), budget=1))


def _arrays(rows: IntArray, weights: bool = False) -> Any:
    [piece] = state(rows.tolist()).pieces
    return piece.rows.log_q, piece.rows.labels, None, np.ones(rows.size) if weights else None, piece.keys


def test_rows_that_do_not_fit_together_are_refused() -> None:
    log_q, labels, _, weights, keys = _arrays(np.arange(5), weights=True)
    room = KeptRoom(CLASSES)
    for some in (
        (log_q[:2], labels, None, None, keys),
        (log_q, labels[:4], None, None, keys),
        (log_q, labels, None, weights[:4], keys),
        (log_q, labels, None, None, keys[:4]),
    ):
        with pytest.raises(ValueError, match="differ in number or classes"):
            room.add(*some)
    with pytest.raises(ValueError, match="other labels"):
        room.add(log_q, None, log_q, None, keys)
    with pytest.raises(TypeError, match="uint64 is wanted"):
        room.add(log_q, labels, None, None, keys.view(np.int64))
    with pytest.raises(TypeError, match="integers are wanted"):
        room.add(log_q, labels.astype(float), None, None, keys)
    assert room.struct.total == 0


@pytest.mark.parametrize("label", [-1, CLASSES, 1 << 40])
def test_a_label_of_no_class_is_refused(label: int) -> None:
    log_q, labels, _, _, keys = _arrays(np.arange(5))
    labels = labels.copy()
    labels[3] = label
    for _ in each_level():
        with pytest.raises(ValueError, match="refused the arguments of keep_rows"):
            KeptRoom(CLASSES).add(log_q, labels, None, None, keys)


def test_the_kernel_refuses_room_that_cannot_be() -> None:
    missing = dict.fromkeys(("log_q", "weights", "keys", "labels"))
    wrong = {**missing, "targets": 8, "classes": 0, "capacity": -1, "count": 1 << 20, "level": 65, "total": -1}
    for _ in each_level():
        for name, value in wrong.items():
            room = room_of([range(5)], BUDGET, "plain")
            arguments = [None if each is None else kernel.address(each) for each in _arrays(np.arange(5))]
            following = np.zeros(1, np.int64)
            setattr(room.struct, name, value)
            with pytest.raises(ValueError, match="refused the arguments of keep_rows"):
                kernel.call("keep_rows", room.address, *arguments, 5, kernel.address(following))
            with pytest.raises(ValueError, match="refused the arguments of drop_rows"):
                kernel.call("drop_rows", room.address, 1)
        room = room_of([range(5)], BUDGET, "plain", level=2)
        with pytest.raises(ValueError, match="refused the arguments of drop_rows"):
            kernel.call("drop_rows", room.address, 1)


def test_keys_and_hashes_are_the_same_at_each_level() -> None:
    random = np.random.default_rng(3)
    rows = random.integers(0, 1 << 40, 1000)
    kept = Rows(random.normal(size=(7, 1000)), random.integers(0, 7, 1000), None, random.exponential(size=1000))
    found = {(row_keys(5, rows).tobytes(), row_hashes(kept).tobytes()) for _ in each_level()}
    assert len(found) == 1


def test_keys_of_consecutive_rows_need_no_numbers() -> None:
    first = (1 << 33) - 300
    expected = row_keys(0, np.arange(first, first + 700))
    for _ in each_level():
        keys = np.empty(700, np.uint64)
        kernel.call("row_keys", start_of_keys(0), None, first, 700, kernel.address(keys))
        assert np.array_equal(keys, expected)


def test_a_hash_is_of_each_value_at_its_place() -> None:
    """Written out with Python's integers."""
    golden, whole = 0x9E3779B97F4A7C15, 1 << 64

    def mix(bits: int) -> int:
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9 % whole
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB % whole
        return bits ^ (bits >> 31)

    values = np.array([[2.0, 0.0], [1.0, 0.25], [-1.5, -2.5], [-0.1, -0.2], [-3.0, -0.0]])  # class, weight, log q
    rows = Rows(np.ascontiguousarray(values[2:]), values[0].astype(np.int64), None, values[1])
    expected = []
    for row in values.T:
        words = np.ascontiguousarray(row).view(np.uint64).tolist()
        total = sum(mix((word + place * golden) % whole) for place, word in enumerate(words, start=1))
        expected.append(mix(total % whole))
    assert row_hashes(rows).tolist() == expected


def test_rooms_together_keep_what_one_would_and_no_more() -> None:
    """Offered in turn, as by threads; one that does not count has rows of the others once more."""
    rows, budget = np.random.default_rng(2).permutation(20_000).reshape(40, -1), 6000 * CLASSES
    whole, together = state(rows.ravel().tolist(), budget), RoomsTogether()
    rooms = [KeptRoom(CLASSES, budget=budget, together=together, counts=n < 2) for n in range(3)]
    for turn, block in enumerate(rows):
        for room in (rooms[turn % 2], rooms[2]):
            [piece] = state(block.tolist()).pieces
            room.add(piece.rows.log_q, piece.rows.labels, None, None, piece.keys)
            room.tell()
    assert [room.struct.capacity for room in rooms[:2]] == [4096, 4096]  # alone each would have taken 6000
    first, second, again = (room.kept() for room in rooms)
    assert_same(first.merge(second), whole)
    assert_same(again.at_level(whole.level), whole)
    assert together.rows(0) <= 20_000
