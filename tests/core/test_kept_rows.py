"""Which rows are kept for fits: laws, and the rule written out with Python's integers."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from functools import reduce

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.merging import assert_merging_laws, merged_as_a_tree
from tests.properties.strategies import law
from xentcli.core import kernel
from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray
from xentcli.core.kept_rows import BUDGET, KeptRows, Rows, row_keys

CLASSES = 3


def state(numbers: Sequence[int], budget: int = BUDGET, source: int = 0, kind: str = "plain") -> KeptRows:
    """Rows whose values hang on their numbers alone; every third is one of few different rows."""
    number = np.array(numbers, np.int64)
    value = np.where(number % 3 == 0, number % 4, number)
    log_q = np.ascontiguousarray(-np.stack([value / (k + 1.0) for k in range(CLASSES)]))
    targets = np.stack([np.full(len(number), 0.25), np.full(len(number), 0.75), np.zeros(len(number))])
    labels, soft = (value % CLASSES, None) if kind != "soft" else (None, targets)
    weights = 1.0 + value if kind == "weighted" else None
    return KeptRows.of(log_q, labels, soft, weights, row_keys(source, number), budget)


def bits(rows: Rows) -> list[bytes | None]:
    return [None if a is None else a.tobytes() for a in (rows.log_q, rows.labels, rows.targets, rows.weights)]


def level_by_rule(numbers: Sequence[int], budget: int) -> tuple[int, int]:
    """The least level within the budget, and how many rows are of it."""
    zero_bits = [64 - int(key).bit_length() for key in row_keys(0, np.array(numbers, np.int64))]
    for level in range(65):
        rows = sum(zeros >= level for zeros in zero_bits)
        if CLASSES * rows <= budget:
            return level, rows
    raise AssertionError("no level is enough")


numbers = st.lists(st.integers(0, 10**6), max_size=40, unique=True)
budgets = st.sampled_from([3, 10, 30, BUDGET])
kinds = st.sampled_from(["plain", "weighted", "soft"])


@law
@given(numbers, budgets, kinds, st.data())
def test_merge_is_commutative_and_associative_with_identity(
    rows: list[int], budget: int, kind: str, data: st.DataObject
) -> None:
    third = data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows)))
    a, b, c = (
        state([row for row, i in zip(rows, third, strict=True) if i == part], budget, kind=kind)
        for part in range(3)
    )
    assert_merging_laws(a, b, c, KeptRows.empty(CLASSES, budget))
    assert a.merge(b).merge(c) == state(rows, budget, kind=kind)
    assert pickle.loads(pickle.dumps(a)) == a


@law
@given(numbers, budgets)
def test_level_is_the_least_within_the_budget(rows: list[int], budget: int) -> None:
    kept = reduce(KeptRows.merge, [state([row], budget) for row in rows], KeptRows.empty(CLASSES, budget))
    assert (kept.level, kept.rows) == level_by_rule(rows, budget)
    assert kept.total == len(rows)
    assert kept.arrays().count == kept.rows


def test_random_trees_of_blocks_keep_the_same_rows() -> None:
    random = np.random.default_rng(1)
    rows, budget = random.permutation(20_000), 3_000
    whole = state(rows.tolist(), budget)
    assert (whole.level, whole.rows) == level_by_rule(rows.tolist(), budget)
    for count in (2, 50, 700):
        cuts = np.sort(random.integers(0, rows.size, count - 1))
        blocks = [state(block.tolist(), budget) for block in np.split(rows, cuts)]
        found = merged_as_a_tree(blocks, random)
        assert found == whole
        assert bits(found.arrays()) == bits(whole.arrays())


@pytest.mark.parametrize("kind", ["plain", "weighted", "soft"])
def test_arrays_do_not_hang_on_the_order_of_rows(kind: str) -> None:
    rows = np.arange(5000)
    shuffled = np.random.default_rng(2).permutation(rows)
    one = state(rows.tolist(), kind=kind)
    two = state(shuffled[:99].tolist(), source=1, kind=kind).merge(state(shuffled[99:].tolist(), kind=kind))
    assert bits(one.arrays()) == bits(two.arrays())
    assert one == two


def test_arrays_are_the_rows_given() -> None:
    random = np.random.default_rng(3)
    log_q, labels, weights = random.normal(size=(4, 100)), random.integers(0, 4, 100), random.exponential(size=100)
    kept = KeptRows.of(log_q, labels, None, weights, row_keys(0, np.arange(100))).arrays()
    assert kept.labels is not None
    assert kept.weights is not None
    found = np.vstack([kept.log_q, kept.labels, kept.weights])
    given = np.vstack([log_q, labels, weights])
    assert found[:, np.lexsort(found)].tolist() == given[:, np.lexsort(given)].tolist()


def test_unequal_states_differ() -> None:
    one = state([1, 2, 3])
    assert one != state([1, 2, 4])
    assert one != state([1, 2])
    assert one != state([1, 2, 3], kind="weighted")
    assert one != state([1, 2, 3], kind="soft")
    assert one != state([1, 2, 3]).at_level(1)
    assert one != KeptRows.empty(CLASSES)


@law
@given(numbers, numbers, budgets)
def test_parts_at_the_level_of_the_whole_are_what_the_whole_keeps(x: list[int], y: list[int], budget: int) -> None:
    x = [row for row in x if row not in y]
    whole = state([*x, *y], budget)
    parts = [state(rows).at_level(whole.level) for rows in (x, y)]
    assert sum(part.rows for part in parts) == whole.rows
    assert bits(parts[0].merge(parts[1]).arrays()) == bits(whole.arrays())


def test_memory_is_within_the_budget_and_pieces_stay_few() -> None:
    budget, kept = 3_000, KeptRows.empty(CLASSES, 3_000)
    for start in range(0, 200_000, 500):
        kept = kept.merge(state(list(range(start, start + 500)), budget))
        assert len(kept.pieces) <= 8 * budget.bit_length()
    arrays = [array for piece in kept.pieces for array in (piece.rows.log_q, piece.keys)]
    owners = {id(owner): owner.nbytes for owner in (a if a.base is None else a.base for a in arrays)}
    assert kept.level > 0
    assert sum(owners.values()) <= 8 * budget * (1 + 1 / CLASSES)


def test_mixing_is_splitmix64() -> None:
    """The generator of seed 1234567, as its reference implementation in C prints it."""
    expected = [
        6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
    ]  # fmt: skip
    keys = np.empty(5, np.uint64)
    kernel.call("row_keys", 1234567, None, 1, 5, kernel.address(keys))
    assert keys.tolist() == expected


def test_keys_are_even_over_rows_and_inputs() -> None:
    rows = np.arange(100_000)
    keys = np.stack([row_keys(source, rows) for source in range(10)])
    assert np.unique(keys).size == keys.size
    for shift in (0, 7, 56):  # any eight bits
        counts = np.bincount(((keys >> np.uint64(shift)) & np.uint64(255)).astype(np.int64).ravel(), minlength=256)
        assert scipy.stats.chisquare(counts).pvalue > 1e-3
    kept = keys < np.uint64(1 << 60)  # level 4: 1 in 16
    by_place = kept.reshape(10, 100, 1000).sum(axis=2)
    assert scipy.stats.chisquare(by_place.ravel()).pvalue > 1e-3
    assert kept.mean() == pytest.approx(1 / 16, abs=4 * np.sqrt(1 / 16 * 15 / 16 / keys.size))


def test_no_rows() -> None:
    empty = KeptRows.empty(CLASSES)
    nothing: tuple[FloatArray, IndexArray] = np.empty((CLASSES, 0)), np.empty(0, np.intp)
    assert KeptRows.of(*nothing, None, None, row_keys(0, np.arange(0))) == empty
    assert (empty.rows, empty.total, empty.level, empty.arrays().count) == (0, 0, 0, 0)
