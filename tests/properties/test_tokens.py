"""The laws for tokens: rows of which only the probability of what happened is known."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.scoring import state_of
from tests.core.scoring import tokens as tokens_of
from tests.properties.merging import assert_merging_laws
from tests.properties.strategies import cut_blocks, law, weights
from tests.properties.test_invariance import OF_COUNTS, different
from tests.values import asdict, replace
from xentcli import score
from xentcli.core.state import ScoreState
from xentcli.results.score import ScoreResult

Token = tuple[float, int, float]  # log-probability, bytes, weight

log_p = st.floats(-50, 0) | st.sampled_from([-1.0, -0.1, 0.0, -1e4, -math.inf])
tokens = st.lists(st.tuples(log_p, st.integers(0, 9), weights), min_size=1, max_size=14)


def scored(rows: Sequence[Token], *, weighted: bool = True, **options: Any) -> ScoreResult:
    columns = {"lp": [p for p, _, _ in rows], "size": [n for _, n, _ in rows], "w": [w for _, _, w in rows]}
    return score(pa.table(columns), logprob="lp", bytes="size", weight="w" if weighted else None, **options)


def state(rows: Sequence[Token]) -> ScoreState:
    if not rows:
        return ScoreState.empty(0)
    log_p, sizes, w = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    return state_of(tokens_of(-log_p, w, sizes))


def means(result: ScoreResult, without: set[str]) -> dict[str, Any]:
    return {name: value for name, value in asdict(result.metrics).items() if name not in without}


def some(count: int) -> list[Token]:
    random = np.random.default_rng(1)
    loss, size = random.exponential(size=count), random.integers(1, 9, count)
    w = random.choice([0.1, 0.3, 1e-9, 7.0], count)
    return list(zip((-loss).tolist(), size.tolist(), w.tolist(), strict=True))


MANY = some(60)


def test_blocks_threads_and_order_of_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, total = scored(MANY), state(MANY)
    shuffled = sorted(MANY)
    assert (scored(shuffled).metrics, state(shuffled)) == (whole.metrics, total)
    for block_rows, part_rows, threads in [(1, 60, 1), (7, 60, 1), (7, 13, 3), (60, 1, 2)]:
        with monkeypatch.context() as patch:
            cut_blocks(patch, block_rows)
            patch.setattr("xentcli.api.frames.CHUNK_ROWS", part_rows)
            assert scored(MANY, threads=threads) == whole


def test_merging_tokens_is_commutative_and_associative_with_identity() -> None:
    rows = [*MANY, (-math.inf, 3, 0.1), (-math.inf, 0, 0.7), (-0.0, 5, 0.3)]
    a, b, c = state(rows[:20]), state(rows[20:21]), state(rows[21:])
    assert_merging_laws(a, b, c, ScoreState.empty(0))
    assert a.merge(b) == state(rows[20::-1])
    assert a.merge(b).merge(c) == c.merge(a).merge(b) == state(rows)
    assert pickle.loads(pickle.dumps(c)) == c
    assert state(rows) != state([(p, n + (i == 5), w) for i, (p, n, w) in enumerate(rows)])


@law
@given(tokens, st.data())
def test_an_integer_weight_is_the_token_repeated(rows: list[Token], data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(1, 4), min_size=len(rows), max_size=len(rows)))
    weighted = scored([(p, n, float(k)) for (p, n, _), k in zip(rows, times, strict=True)])
    repeated = scored([row for row, k in zip(rows, times, strict=True) for _ in range(k)], weighted=False)
    intervals = {name for name in asdict(weighted.metrics) if name.endswith(("_se", "_low", "_high"))}
    without = OF_COUNTS - {"total_log_loss"} | intervals
    assert different(means(weighted, without), means(repeated, without)) == {}


@law
@given(tokens, tokens)
def test_a_token_of_weight_zero_changes_nothing_but_its_count(rows: list[Token], more: list[Token]) -> None:
    found = scored([*rows, *((p, n, 0.0) for p, n, _ in more)])
    expected = scored(rows)
    assert found.metrics == replace(expected.metrics, zero_weight_rows=len(more))
    assert (found.weight, found.rows, found.unavailable) == (expected.weight, expected.rows, expected.unavailable)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
