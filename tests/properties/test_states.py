"""States in memory: however rows are cut and states are merged, every bit is that of the whole."""

from __future__ import annotations

import tempfile
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
