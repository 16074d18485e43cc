"""The files that benchmarks make."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.benchmarks import files


@pytest.mark.parametrize(
    ("group", "groups"), [(100, [100, 100, 50]), (250, [250]), (1000, [250]), (125, [125, 125])]
)
def test_row_groups_hold_what_was_asked(group: int, groups: list[int], tmp_path: Path) -> None:
    tables = (pa.table({"x": range(start, min(start + 60, 250))}) for start in range(0, 250, 60))
    partial(files.parquet, group=group)(tables, tmp_path / "x.parquet")
    file = pq.ParquetFile(tmp_path / "x.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == groups
    assert file.read()["x"].to_pylist() == list(range(250))
