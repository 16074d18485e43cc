"""Splits, as a worker scores them."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.values import replace
from xentcli.analysis.request import EngineRequest
from xentcli.columns.agreement import resolve_all
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.engine.dask.reopening import Description
from xentcli.engine.dask.splits import InputSplit, SharedWork, Versions, find_splits, merge_totals, score_split
from xentcli.engine.totals import Plan, Totals
from xentcli.errors import AccessError, RequestError
from xentcli.sources.open import open_paths
from xentcli.sources.source import WHOLE, Split, TextOptions


def work(path: Path, versions: Versions) -> tuple[SharedWork, InputSplit]:
    """A file as one split."""
    path.write_text("label,p_a,p_b\na,0.75,0.25\nb,0.375,0.625\n")
    sources = open_paths([path], TextOptions())
    columns = resolve_all(sources, ColumnSpec())
    shared = SharedWork(columns, Policy(), Plan(), Totals.empty(2), versions)
    return shared, InputSplit(0, Description.of(sources[0], TextOptions()), 0, WHOLE)


def test_a_split_counts_the_rows_of_its_input(tmp_path: Path) -> None:
    shared, split = work(tmp_path / "a.csv", Versions())
    totals = score_split(shared, split)
    other = score_split(shared, replace(split, number=1))
    assert merge_totals([totals, totals, other]).rows == {0: 4, 1: 2}


def test_a_worker_that_comes_late_with_another_version_is_refused(tmp_path: Path) -> None:
    shared, each = work(tmp_path / "a.csv", Versions("0.0.1", "1.0"))
    with pytest.raises(RequestError) as caught:
        score_split(shared, each)
    assert caught.value.code == "versions"
    assert "here are xentcli 0.0.1 and NumPy 1.0" in caught.value.message


def test_a_file_that_a_worker_does_not_have_is_named_with_the_machine(tmp_path: Path) -> None:
    shared, each = work(tmp_path / "a.csv", Versions())
    (tmp_path / "a.csv").unlink()
    assert find_splits(each.source, 1, 1) == [WHOLE]
    with pytest.raises(AccessError) as caught:
        score_split(shared, each)
    assert str(caught.value) == f"{tmp_path / 'a.csv'}: no such file or directory"
    assert (caught.value.hint or "").startswith("workers read the files themselves: ")


def test_a_file_of_other_rows_is_refused(tmp_path: Path) -> None:
    shared, each = work(tmp_path / "a.csv", Versions())
    pq.write_table(pa.table({"label": ["a"] * 9, "p_a": [0.5] * 9, "p_b": [0.5] * 9}), tmp_path / "a.parquet")
    [source] = open_paths([tmp_path / "a.parquet"], TextOptions())
    [split] = source.splits(1, 10)
    description = Description.of(source, TextOptions())
    assert score_split(shared, replace(each, source=description, split=split)).rows[0] == 9
    with pytest.raises(AccessError) as caught:
        score_split(shared, replace(each, source=description, split=Split(0, 1, rows=10, exact=True)))
    assert caught.value.code == "input_changed"


ADDRESSES = {
    "tcp://10.0.0.5:8786": True,
    "tls://scheduler.example.org:8786": True,
    "tcp://[::1]:8786": True,
    "10.0.0.5:8786": False,
    "tcp://10.0.0.5": False,
    "http://10.0.0.5:8787": False,
    "": False,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses(address: str) -> None:
    try:
        EngineRequest("dask", address)
    except RequestError:
        assert not ADDRESSES[address]
    else:
        assert ADDRESSES[address]


def test_an_engine_that_there_is_not() -> None:
    with pytest.raises(RequestError) as caught:
        EngineRequest("spark")
    assert caught.value.message == '--engine is local or dask, not "spark"'


def test_splits_that_know_what_others_keep_have_small_totals_and_the_same_sum(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    classes = 64  # of which the breakdown keeps 2^16 rows
    paths = [tmp_path / f"{number}.parquet" for number in range(3)]
    for path in paths:
        logits = random.normal(size=40_000 * classes).astype(np.float32)
        lists = pa.FixedSizeListArray.from_arrays(pa.array(logits), classes)
        pq.write_table(pa.table({"label": random.integers(0, classes, 40_000), "logits": lists}), path)
    sources = open_paths(paths, TextOptions())
    shared = SharedWork(resolve_all(sources, ColumnSpec()), Policy(), Plan(), Totals.empty(classes))
    splits = [InputSplit(n, Description.of(source, TextOptions()), 0, WHOLE) for n, source in enumerate(sources)]
    first = merge_totals([score_split(shared, each) for each in splits[:2]])
    unknowing = score_split(shared, splits[2])
    informed = pickle.loads(pickle.dumps(shared.informed(first)))
    knowing = score_split(informed, splits[2])
    assert first.merge(knowing) == first.merge(unknowing)
    assert len(pickle.dumps(informed)) < 60_000
    assert len(pickle.dumps(knowing)) < 0.6 * len(pickle.dumps(unknowing))
