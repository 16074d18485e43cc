"""The Dask engine on a real cluster: the bits, the errors and the places are those of the local engine."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import xent
from tests.engine.cluster import SLOW, Cluster, cluster

pytest.importorskip("distributed", reason="the extra `dask` is not installed")

SLICED = ("--by", "site", "--by", "site,sex", "--bins", "age=18,65", "--cluster", "user", "--reliability")


def table(rows: int, seed: int) -> pa.Table:
    """Three classes, forecasts worth something, and columns that tell rows apart."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=(rows, 3)) * 2
    best = np.argmax(logits + random.gumbel(size=logits.shape), axis=1)
    return pa.table(
        {
            "label": np.array(["cat", "dog", "bird"])[best],
            **{f"logit_{name}": logits[:, k] for k, name in enumerate(("cat", "dog", "bird"))},
            "id": [f"{seed}-{row}" for row in range(rows)],
            "site": np.array(["DE", "FR", None])[random.integers(0, 3, rows)],
            "sex": np.array(["f", "m"])[random.integers(0, 2, rows)],
            "age": random.integers(0, 90, rows),
            "user": random.integers(0, 500, rows).astype(str),
        }
    )


def csv_of(part: pa.Table, path: Path) -> None:
    """Text whose ids hold line ends."""
    frame = part.to_pandas()
    frame["id"] = frame["id"] + "\n,"
    frame.to_csv(path, index=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Inputs of every kind that a cluster reads."""
    folder = tmp_path_factory.mktemp("inputs")
    (folder / "shards").mkdir()
    for number in range(2):
        pq.write_table(table(30_000, number), folder / "shards" / f"{number}.parquet", row_group_size=1_000)
    csv_of(table(40_000, 2), folder / "a.csv")
    (folder / "b.csv.gz").write_bytes(
        gzip.compress((folder / "a.csv").read_bytes()[:200_000].rpartition(b"\n")[0])
    )
    feather.write_feather(table(2_000, 3), str(folder / "c.arrow"))
    rows = table(20_000, 4).to_pylist()
    (folder / "d.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), 3, SLOW) as found:
        yield found


def test_a_run_that_loses_a_worker_has_every_bit_of_the_local_one(workers: Cluster, folder: Path) -> None:
    arguments = ("score", "shards", *SLICED, "--format", "json")
    killer = workers.killer("worker")
    run = workers.xent(*arguments, cwd=folder)
    left, _ = killer.communicate(timeout=60)
    assert int(left) > 0, "the worker was to die in the middle"
    assert run == xent(*arguments, cwd=folder)
    assert json.loads(run.stdout)["rows"] == 60_000
