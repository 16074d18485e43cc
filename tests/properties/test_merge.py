"""Merging is scoring the whole: bit by bit, however the rows are cut, and in every order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.merging import SLICED, Shards, merge_as_a_tree, options_of, table_of, write_shard
from tests.properties.strategies import Case, cases, law, random_case
from tests.values import replace
from xentcli import State, score, score_state
from xentcli.api import merge_states
from xentcli.core.kept_rows import KeptRows
from xentcli.core.odds.cells import OddsCells
from xentcli.results.score import ScoreResult


@law
@given(cases(), st.data(), st.booleans())
def test_merging_is_scoring_the_whole(case: Case, data: st.DataObject, sliced: bool) -> None:
    shard_of = data.draw(st.lists(st.integers(0, 3), min_size=case.rows, max_size=case.rows))
    with tempfile.TemporaryDirectory() as folder:
        shards = Shards(Path(folder), case, shard_of, **(SLICED if sliced else {}))
        states = shards.save()
        order = data.draw(st.permutations(range(len(states))))
        merged = merge_states([states[k] for k in order])
        assert without_twins(merged) == shards.whole(order)


def without_twins(merged: ScoreResult) -> ScoreResult:
    """Without what is said of shards that by chance hold the same rows."""
    return replace(merged, notices=tuple(each for each in merged.notices if each.code != "same_totals"))


@pytest.mark.parametrize(
    ("kind", "columns", "soft"),
    [
        ("logits", 3, False),
        ("probs", 12, True),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [("probs", 1, False), ("log_probs", 2, True), ("logits", 130, False)]
        ),
    ],
)
def test_random_rows_in_seven_shards_and_a_tree_of_merges(
    kind: str, columns: int, soft: bool, tmp_path: Path
) -> None:
    case = random_case(kind, columns, rows=140, soft=soft)
    shards = Shards(tmp_path, case, np.random.default_rng(0).integers(0, 7, 140).tolist(), **SLICED)
    states = shards.save()
    whole = shards.whole(range(7))
    assert merge_states(states) == whole
    merge_states(states[:3], save_state=tmp_path / "early")
    merge_states(states[3:5], save_state=tmp_path / "middle")
    merge_states([tmp_path / "middle", *states[5:]], save_state=tmp_path / "late")
    assert merge_states([tmp_path / "early", tmp_path / "late"]) == whole
    assert merge_states([tmp_path / "late", tmp_path / "early"]) == shards.whole([3, 4, 5, 6, 0, 1, 2])


@pytest.mark.parametrize(
    "options",
    [
        {"label_smoothing": 0.1},
        {"clip": 0.01, "normalize": True},
        {"class_weight": {"1": 2.5}},
        {"ignore_label": "2"},
        {"prior": {"0": 0.5, "1": 0.25, "2": 0.25}},
        {"breakdown": False},
        {"ordinal": True},
    ],
    ids=lambda options: ",".join(options),
)
def test_policies(options: dict[str, Any], tmp_path: Path) -> None:
    case = random_case("probs", 3, rows=60)
    shards = Shards(tmp_path, case, [row % 3 for row in range(60)], **SLICED, **options)
    assert merge_states(shards.save()) == shards.whole(range(3))


def test_tokens(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    for k in range(3):
        rows = [f"{-random.exponential()},{random.integers(1, 9)}" for _ in range(50)]
        (tmp_path / f"{k}.csv").write_text("\n".join(["lp,bytes", *rows, "-inf,3" if k == 1 else "-1.5,2", ""]))
        score(tmp_path / f"{k}.csv", logprob="lp", bytes="bytes", save_state=tmp_path / f"{k}.json")
    files = [tmp_path / f"{k}.csv" for k in range(3)]
    whole = score(files, logprob="lp", bytes="bytes")
    assert whole.metrics.infinite_rows == 1
    assert merge_states([tmp_path / f"{k}.json" for k in range(3)]) == whole


@pytest.fixture
def small_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than 120 values of kept rows, and 20 different log-odds."""
    limits: list[tuple[Any, int]] = [(KeptRows, 120), (OddsCells, 20)]
    for state, limit in limits:
        for function in (state.empty, state.of):
            monkeypatch.setattr(function.__func__, "__defaults__", (limit,))
    monkeypatch.setattr("xentcli.states.checks.BUDGET", 120)
    monkeypatch.setattr("xentcli.states.checks.LIMIT", 20)


@pytest.mark.usefixtures("small_budget")
@pytest.mark.parametrize("columns", [2, 3])
def test_beyond_the_budget_while_each_shard_is_within(columns: int, tmp_path: Path) -> None:
    """What is kept of the whole hangs on the numbers of the inputs, which merging gives."""
    shards = Shards(tmp_path, random_case("logits", columns, rows=100), [row % 5 for row in range(100)], **SLICED)
    states = shards.save()
    for order in ([0, 1, 2, 3, 4], [3, 1, 4, 0, 2]):
        assert merge_states([states[k] for k in order]) == shards.whole(order)
    merge_states(states[:4], save_state=tmp_path / "early")
    assert merge_states([tmp_path / "early", states[4]]) == shards.whole(range(5))


@pytest.mark.usefixtures("small_budget")
def test_beyond_the_budget_in_a_shard_its_number_makes_it_the_whole(tmp_path: Path) -> None:
    shards = Shards(tmp_path, random_case("logits", 3, rows=300), [row % 3 for row in range(300)], **SLICED)
    states = shards.save(numbered=True)
    whole = shards.whole(range(3))
    assert whole.breakdown is not None
    assert whole.breakdown.rows is not None
    assert whole.breakdown.rows < 200
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        assert merge_states([states[k] for k in order]) == whole
    merge_states([states[2], states[0]], save_state=tmp_path / "some")
    assert merge_states([states[1], tmp_path / "some"]) == whole


@pytest.mark.usefixtures("small_budget")
def test_beyond_the_budget_in_a_shard_without_number_the_sample_is_another(tmp_path: Path) -> None:
    """All but the fits is the same, and the result says so; the order of merging does not matter."""
    shards = Shards(tmp_path, random_case("logits", 3, rows=300), [row % 3 for row in range(300)])
    states = shards.save()
    merged, whole = merge_states(states), shards.whole(range(3))
    assert [notice.code for notice in merged.notices if notice not in whole.notices] == ["other_sample"] * 2
    assert (merged.metrics, merged.per_class) == (whole.metrics, whole.per_class)
    assert merged.breakdown == merge_states(states[::-1]).breakdown != whole.breakdown
    merge_states(states[:2], save_state=tmp_path / "early")
    assert merge_states([tmp_path / "early", states[2]]).notices == merged.notices


@pytest.mark.usefixtures("small_budget")
@pytest.mark.parametrize("columns", [1, 3])
def test_beyond_the_budget_in_memory(columns: int) -> None:
    """Numbered parts give the same bits in any tree of merges; of two classes, all parts do."""
    case = random_case("logits", columns, rows=300)
    table, options = table_of(case), {**options_of(case), **SLICED}
    numbered = [score_state(table[k * 50 : k * 50 + 50], shard=k, **options) for k in range(6)]
    results = [merge_as_a_tree(numbered, Random(seed)).result() for seed in range(4)]
    assert len({result.to_json() for result in results}) == 1
    unnamed = State.merge(score_state(table[k * 50 : k * 50 + 50], **options) for k in range(6)).result()
    whole = score(table, **options)
    assert results[0].metrics == unnamed.metrics == whole.metrics
    assert (unnamed.breakdown == whole.breakdown) == (columns == 1)


def test_a_state_does_not_hang_on_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case("logits", 3, rows=100)
    path = write_shard(case, range(100), tmp_path / "rows.csv")
    monkeypatch.setattr("xentcli.sources.delimited.records.BLOCK_BYTES", 500)
    for threads in (1, 3):
        score(path, save_state=tmp_path / f"{threads}", threads=threads, **options_of(case), **SLICED)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "3").read_bytes()
