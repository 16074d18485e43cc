"""An input that holds every id several times raises a doubt, which names what keeps one row of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xentcli import score
from xentcli.engine.id_counts import IdCounts

hashed = st.lists(st.integers(0, 30), max_size=60).map(lambda found: np.array(found, np.uint64))


@given(hashed, hashed, hashed)
def test_counts_merge_in_any_order(one: np.ndarray, two: np.ndarray, three: np.ndarray) -> None:
    a, b, c = (IdCounts.of(each) for each in (one, two, three))
    assert a.merge(b).merge(c) == c.merge(a.merge(b)) == IdCounts.of(np.concatenate([one, two, three]))
    assert a.merge(IdCounts()) == a


@pytest.mark.parametrize("repeats", [1, 2, 5])
def test_many_ids_are_counted_by_a_sample(repeats: int) -> None:
    ids = np.random.default_rng(0).integers(0, 2**63, 20_000).astype(np.uint64)
    whole = np.concatenate([ids] * repeats)
    blocks = [IdCounts.of(each) for each in np.array_split(whole, 7)]
    merged = IdCounts()
    for each in blocks:
        merged = each.merge(merged)
    assert merged == IdCounts.of(whole)
    assert (merged.times, len(merged.counts)) == (repeats, 512)


def _stacked(path: Path, order: str, rows: int = 40, columns: str = "model,id,label,prob") -> Path:
    rng = np.random.default_rng(1)
    cells = [(m, f"r{i}", i % 3 % 2, round(rng.uniform(0.1, 0.9), 3)) for m in ("A b", "B") for i in range(rows)]
    if order == "interleaved":
        cells.sort(key=lambda row: row[1])
    path.write_text(columns + "\n" + "".join(",".join(map(str, row)) + "\n" for row in cells))
    return path


def _doubts(path: Path, **options: object) -> list[str]:
    notices = score(path, **options).notices  # type: ignore[arg-type]
    return [notice.message for notice in notices if notice.code == "same_rows" and notice.doubt]


@pytest.mark.parametrize("order", ["blocks", "interleaved"])
@pytest.mark.parametrize("parquet", [False, True])
def test_stacked_models_are_a_doubt(tmp_path: Path, order: str, parquet: bool) -> None:
    path = _stacked(tmp_path / "s.csv", order)
    if parquet:
        names, *rows = (line.split(",") for line in path.read_text().splitlines())
        columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        table = pa.table({**columns, "prob": [float(each) for each in columns["prob"]]})
        path = tmp_path / "s.parquet"
        pq.write_table(table, path, row_group_size=30)
    [doubt] = _doubts(path)
    assert 'nearly every value of "id" twice in its 80 rows' in doubt
    assert "model=A b" in doubt
    assert not _doubts(path, where=["model=A b"])


def test_without_a_column_that_tells_nothing_is_named(tmp_path: Path) -> None:
    path = _stacked(tmp_path / "s.csv", "blocks", columns="run,id,label,prob")
    path.write_text(path.read_text().replace("A b,", "x,").replace("B,", "x,"))
    [doubt] = _doubts(path)
    assert "where" not in doubt


def test_without_a_column_called_like_one_of_models_ids_are_not_read(tmp_path: Path) -> None:
    assert not _doubts(_stacked(tmp_path / "s.csv", "blocks", columns="note,id,label,prob"))


def test_rows_that_repeat_for_a_reason_are_none(tmp_path: Path) -> None:
    path = _stacked(tmp_path / "s.csv", "blocks")
    assert not _doubts(path, cluster="id")
    assert not _doubts(_stacked(tmp_path / "few.csv", "blocks", rows=8))
    assert not _doubts(_stacked(tmp_path / "other.csv", "blocks", columns="model,place,label,prob"))
    numbered = path.read_text().splitlines()
    rows = [f"{numbered[0]},row_id", *(f"{line},{i}" for i, line in enumerate(numbered[1:]))]
    (tmp_path / "n.csv").write_text("\n".join(rows) + "\n")
    assert not _doubts(tmp_path / "n.csv")  # its own ids tell every row apart
    uneven = [line for i, line in enumerate(numbered) if i < 41 or i % 3]
    (tmp_path / "u.csv").write_text("\n".join(uneven) + "\n")
    assert not _doubts(tmp_path / "u.csv")
