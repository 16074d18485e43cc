"""Files whose columns differ each from each: as one file, whatever scorers are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xentcli import score
from xentcli.engine import local

CLASSES, ROWS = 3, 40


@pytest.mark.parametrize("kinds", [0, 1, 4])
@pytest.mark.parametrize("threads", [1, 2])
def test_files_of_other_columns_add_up(
    kinds: int, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_MOST_KINDS", kinds)
    monkeypatch.setattr(local, "_SMALL", 1)  # each file is a job of its own
    random = np.random.default_rng(0)
    paths = []
    for n in range(8):
        p = random.dirichlet(np.ones(CLASSES), ROWS).T
        columns: dict[str, Any] = {
            "label": random.integers(0, CLASSES, ROWS),
            "by": random.integers(0, 5, ROWS),
            f"more_{n}": p[0],
        }
        columns |= {f"prob_{k}": p[k] for k in range(CLASSES)}
        names = random.permutation([*columns]).tolist()
        paths.append(tmp_path / f"{n}.parquet")
        pq.write_table(pa.table({name: columns[name] for name in names}), paths[-1])
    given: dict[str, Any] = {"label": "label", "prob": "prob_*", "by": "by"}
    found = score(paths, threads=threads, **given)
    together = pa.concat_tables([pq.read_table(path).select(["label", "by", *_PROBABILITIES]) for path in paths])
    pq.write_table(together, whole := tmp_path / "whole.parquet")
    expected = score(whole, **given)
    assert found.metrics == expected.metrics
    assert found.slices == expected.slices


_PROBABILITIES = [f"prob_{k}" for k in range(CLASSES)]
