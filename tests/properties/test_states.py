"""States in memory: however rows are cut and states are merged, every bit is that of the whole."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.merging import SLICED, merge_as_a_tree, options_of, table_of, write_shard
from tests.properties.strategies import Case, cases, law
from tests.values import replace
from xentcli import State, score, score_state
from xentcli.errors import ContentError
from xentcli.results.score import ScoreResult

PARTS = 4  # of which some have no rows


@st.composite
def cut_cases(draw: st.DrawFn) -> tuple[Case, list[list[int]], dict[str, Any]]:
    """A case, the rows of each part, and options."""
    case = draw(cases())
    part_of = draw(st.lists(st.integers(0, PARTS - 1), min_size=case.rows, max_size=case.rows))
    parts = [[row for row, part in enumerate(part_of) if part == k] for k in range(PARTS)]
    return case, parts, {**options_of(case), **(SLICED if draw(st.booleans()) else {})}


def numbers(result: ScoreResult) -> str:
    """All but the notices."""
    return replace(result, notices=()).to_json()


def counts(result: ScoreResult) -> set[tuple[str, int]]:
    return {(notice.code, notice.count) for notice in result.notices}


@law
@given(cut_cases(), st.integers(0, 99))
def test_tables_without_names(cut: tuple[Case, list[list[int]], dict[str, Any]], seed: int) -> None:
    case, parts, options = cut
    table = table_of(case)
    whole = score(table, **options)
    states = [score_state(table.take(pa.array(rows, pa.int64())), **options) for rows in parts]
    result = State.merge(states).result()
    assert numbers(result) == numbers(whole)
    empty = sum(not rows for rows in parts)
    assert counts(result) == counts(whole) | ({("empty_parts", empty)} if empty else set())
    assert merge_as_a_tree(states, Random(seed)).result().to_json() == result.to_json()


@law
@given(cut_cases(), st.integers(0, 99))
def test_files_that_are_numbered(cut: tuple[Case, list[list[int]], dict[str, Any]], seed: int) -> None:
    """Places and names included."""
    case, parts, options = cut
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{k}.csv") for k in range(PARTS)]
        for file, rows in zip(files, parts, strict=True):
            write_shard(case, rows, file)
        states = [score_state(file, shard=k, **options) for k, file in enumerate(files)]
        whole = score(files, **options)
    result = merge_as_a_tree(states, Random(seed)).result()
    notices = tuple(each for each in result.notices if each.code not in ("empty_parts", "same_totals"))
    assert replace(result, notices=notices).to_json() == whole.to_json()


@law
@given(cases(weighted=True), st.integers(0, 14))
def test_weights_of_zero_are_no_rows_but_are_counted(case: Case, cut: int) -> None:
    assert case.weights is not None
    weights = np.concatenate([case.weights, np.zeros(case.rows)])
    labels, scores = np.concatenate([case.labels] * 2), np.concatenate([case.scores] * 2)
    twice = Case(case.kind, labels, scores, weights)
    table, options = table_of(twice), {**options_of(case), **SLICED}
    states = [score_state(table[:cut], **options), score_state(table[cut:], **options)]
    assert numbers(State.merge(states).result()) == numbers(score(table, **options))


TABLE = pa.table({"label": [1, 0, 1, 1], "prob": [0.75, 0.25, 0.5, 0.875], "w": [1.0, 2.0, 1.0, 0.0]})
ROWS = {"some": TABLE[:3], "of no weight": TABLE[3:], "none": TABLE[:0], "no columns": pa.table({})}


def outcome(merge: Callable[[], State]) -> str:
    """The result of merged states, or why there is none."""
    try:
        state = merge()
    except ContentError as error:
        return "refused" if error.code in ("states_differ", "shard_twice") else error.code
    assert State.from_bytes(bytes(state)) == state
    try:
        return str(state.result().to_json())
    except ContentError as error:
        return error.code


@law
@given(
    st.lists(st.tuples(st.sampled_from(list(ROWS)), st.none() | st.integers(0, 9)), min_size=1, max_size=5),
    st.integers(0, 99),
)
def test_numbers_mean_the_same_in_any_grouping(parts: list[tuple[str, int | None]], seed: int) -> None:
    """Parts with and without a number, or of one number, are refused whether they have rows or not."""
    states = [score_state(ROWS[rows], weight="w", shard=number) for rows, number in parts]
    given = [number for _, number in parts]
    found = outcome(lambda: State.merge(states))
    mixed = None in given and set(given) != {None}
    assert (found == "refused") == (mixed or (None not in given and len(set(given)) < len(given)))
    assert outcome(lambda: merge_as_a_tree(states, Random(seed))) == found
