"""Numbers predicted from others: they come back whatever they are, and take few bytes where they are predicted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import law
from xentcli import score
from xentcli.core import kernel
from xentcli.core.clusters import Clusters
from xentcli.core.exact import ExactSums, FloatArray, IntArray
from xentcli.core.odds.totals import keys_of
from xentcli.states.predicted import (
    StoredKeys,
    StoredLosses,
    brier_of_rows,
    load_keys,
    load_losses,
    losses_at,
    store_keys,
    store_losses,
)
from xentcli.states.stored import to_bytes

bits = st.integers(-(1 << 63), (1 << 63) - 1)
several = st.lists(bits, max_size=8).map(lambda each: np.array(sorted(each), np.int64))


@law
@given(several, st.lists(st.floats(0, 1e308), max_size=8))
def test_losses_come_back_whatever_the_log_odds(keys: IntArray, losses: list[float]) -> None:
    table, given = losses_at(keys), np.sort(np.array(losses)).view(np.int64)
    assert (load_losses(store_losses(given, table), table) == given).all()


@law
@given(several)
def test_keys_come_back(keys: IntArray) -> None:
    assert (load_keys(store_keys(keys)) == keys).all()


def draw(rows: int) -> FloatArray:
    return np.random.default_rng(7).random(rows)


@pytest.mark.parametrize("denominator", [0, 100, 10_000, 1_000_000])
def test_keys_of_short_probabilities_leave_nothing(denominator: int) -> None:
    p = np.sort(draw(500))
    p = np.rint(p * denominator) / denominator if denominator else p.astype(np.float32).astype(float)
    stored = store_keys(keys_of(kernel.log(p) - kernel.log1p(-p)))
    assert stored.denominator == denominator
    assert not stored.rest.any()


def test_losses_of_rows_leave_a_few_units() -> None:
    p = np.append(draw(500), [0.0, 1.0, 1e-300])
    losses = np.sort(-np.append(kernel.log(p[p > 0]), kernel.log1p(-p[p < 1]))) + 0.0
    rest = store_losses(losses.view(np.int64), losses_at(keys_of(kernel.log(p) - kernel.log1p(-p)))).rest
    assert np.abs(rest).max() < 1 << 12


def test_brier_scores_are_those_of_single_rows() -> None:
    p, none = np.append(draw(500), [0.0, 1.0]), ExactSums.empty(2)
    ones = ExactSums.of_counts(np.ones(p.size, np.int64))
    high, _ = brier_of_rows(ones, ExactSums.of(-kernel.log1p(-p[:-1]), np.arange(501), 502)).scaled(0)
    assert high[:-1] == pytest.approx(p[:-1] ** 2, rel=1e-14)
    assert brier_of_rows(ones, ExactSums.of(np.full(502, -9.0), np.arange(502), 502)) == ExactSums.empty(502)
    assert brier_of_rows(ExactSums.of_counts(np.array([2, 0])), none) == none


def test_clusters_of_single_rows_take_no_room_for_the_brier_score() -> None:
    p = draw(500)
    of = [
        Clusters.of([-kernel.log1p(-p), np.rint(1 - p), brier], None, np.arange(500), [str(i) for i in range(500)])
        for brier in (p * p, p[::-1].copy())
    ]
    sizes = [np.count_nonzero(np.frombuffer(to_bytes(each, Clusters), np.uint8)) for each in of]
    assert sizes[0] < sizes[1] - 500 * 3


@pytest.mark.parametrize(
    "stored",
    [
        StoredKeys(100, np.array([101]), np.array([0])),
        StoredKeys(100, np.array([-1]), np.array([0])),
        StoredKeys(99, np.array([1]), np.array([0])),
        StoredKeys(0, np.array([1 << 31]), np.array([0])),
        StoredKeys(0, np.array([1]), np.array([0, 0])),
    ],
)
def test_what_is_no_probability_is_refused(stored: StoredKeys) -> None:
    with pytest.raises(ValueError, match="has "):
        load_keys(stored)


@pytest.mark.parametrize("at", [[-1], [2], [0, 1]])
def test_a_place_that_is_none_is_refused(at: list[int]) -> None:
    with pytest.raises(ValueError, match="at places that are none"):
        load_losses(StoredLosses(np.array(at), np.array([0])), np.array([1, 2]))


@pytest.mark.parametrize(("sites", "users", "dtype"), [(10, 300, "f8"), (5, 1000, "f8"), (5, 300, "f4")])
def test_a_state_takes_at_most_twice_its_parquet(sites: int, users: int, dtype: str, tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    p = draw.random(3000)
    columns = {"label": (draw.random(3000) < p).astype(int), "prob": p.astype(dtype)}
    groups = {name: draw.integers(most, size=3000) for name, most in (("site", sites), ("user", users))}
    names = {name: [f"{name}{n}" for n in group] for name, group in groups.items()}
    pq.write_table(pa.table(columns | names), tmp_path / "p.parquet")
    score(tmp_path / "p.parquet", by="site", cluster="user", save_state=tmp_path / "p.state")
    state, parquet = ((tmp_path / name).stat().st_size for name in ("p.state", "p.parquet"))
    assert state <= 2 * parquet
