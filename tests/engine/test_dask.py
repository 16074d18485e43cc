"""The Dask engine on a real cluster: the bits, the errors and the places are those of the local engine."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import Forks, Run, process, xent
from tests.engine.cluster import PREPARE, Cluster, cluster
from xentcli import __version__, score
from xentcli.errors import RequestError

pytest.importorskip("distributed", reason="the extra `dask` is not installed")

SLICED = ("--by", "site,sex", "--bins", "age=18,65", "--cluster", "user", "--reliability")


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
    frame["id"] = frame["id"] + "\n," * 150  # several blocks
    frame.to_csv(path, index=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Inputs of every kind that a cluster reads."""
    folder = tmp_path_factory.mktemp("inputs")
    (folder / "shards").mkdir()
    for number in range(2):
        pq.write_table(table(5_000, number), folder / "shards" / f"{number}.parquet", row_group_size=250)
    csv_of(table(5_000, 2), folder / "a.csv")
    csv_of(table(2_000, 3), folder / "b.csv")
    (folder / "b.csv.gz").write_bytes(gzip.compress((folder / "b.csv").read_bytes()))
    feather.write_feather(table(2_000, 4), str(folder / "c.arrow"))
    rows = table(5_000, 5).to_pylist()
    (folder / "d.jsonl").write_text("".join(json.dumps({**row, "text": "x" * 300}) + "\n" for row in rows))
    models_of_the_same_rows(folder)
    return folder


def models_of_the_same_rows(folder: Path) -> None:
    """As the shards: other row groups, and scores that are those of the shards or of other rows."""
    shards = [pq.read_table(folder / "shards" / f"{number}.parquet") for number in range(2)]
    for name, rows, turned in (
        ("base", pa.concat_tables(shards), 1),
        ("half", shards[0], 1),
        ("other", shards[0], 2),
    ):
        logits = rows.column("logit_cat").take(pa.array(np.roll(np.arange(rows.num_rows), turned)))
        changed = rows.set_column(rows.schema.get_field_index("logit_cat"), "logit_cat", logits)
        pq.write_table(changed, folder / f"{name}.parquet", row_group_size=370)
    pq.write_table(shards[0].slice(1), folder / "fewer.parquet", row_group_size=370)
    for name, column in (("labels", "label"), ("ids", "id")):
        values = shards[0].column(column).take(pa.array(np.arange(5_000)[::-1]))
        changed = shards[0].set_column(shards[0].schema.get_field_index(column), column, values)
        pq.write_table(changed, folder / f"{name}_differ.parquet", row_group_size=370)
    random = np.random.default_rng(9)
    text = [
        f"{row % 2},{p},{q},{'DE' if row % 3 else 'FR'}" for row, (p, q) in enumerate(random.random((3_000, 2)))
    ]
    (folder / "two.csv").write_text("\n".join(["label,old,new,site", *text]) + "\n")


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), 3) as found:
        yield found


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    server = Forks(PREPARE)
    yield server
    server.close()


def dask(forks: Forks, workers: Cluster, *arguments: str | Path, cwd: Path) -> Run:
    """Run on the workers."""
    return forks.xent(*arguments, "--engine", "dask", "--scheduler", workers.address, cwd=cwd)


ALL = ("a.csv", "b.csv.gz", "c.arrow", "d.jsonl", "shards")
SAME: dict[str, tuple[str, ...]] = {
    "all forms": ("score", *ALL, "--by", "site", "--format", "json"),
    "two classes, no breakdown": ("score", "a.csv", "--no-breakdown", "--unit", "bits"),
    "one piece": ("score", "b.csv.gz", "--format", "json"),
    "worst rows": ("worst", *ALL, "-n", "40", "--on", "id", "--show", "site", "--format", "json"),
    "gradients": ("gradients", "a.csv", "shards", "--format", "csv"),
    "calibrate": ("calibrate", "shards", "b.csv", "--method", "temperature", "--folds", "3", "--format", "json"),
    "compare in order": ("compare", "half.parquet", "shards/0.parquet", *SLICED[:-1], "--format", "json"),
    "compare, rows left out": (
        "compare",
        "half.parquet",
        "shards/0.parquet",
        "--where",
        "site=DE",
        "--format",
        "json",
    ),
    "compare in one text": (
        "compare",
        "two.csv",
        "two.csv",
        "--base-prob",
        "old",
        "--prob",
        "new",
        "--by",
        "site",
        "--format",
        "json",
    ),
    "rank": ("rank", "shards/0.parquet", "half.parquet", "other.parquet", "--by", "site", "--format", "json"),
    "rank in one text": ("rank", "two.csv", "--model", "a=old", "--model", "b=new", "--format", "json"),
    "divergence": ("divergence", "base.parquet", "shards", "--by", "site", "--format", "json"),
}


@pytest.mark.parametrize("what", SAME)
def test_every_bit_is_that_of_the_local_engine(what: str, forks: Forks, workers: Cluster, folder: Path) -> None:
    run = dask(forks, workers, *SAME[what], cwd=folder)
    assert run == forks.xent(*SAME[what], cwd=folder)
    assert run.code == 0


def test_an_object_store_is_read_by_the_workers(forks: Forks, workers: Cluster, folder: Path) -> None:
    pattern = f"file://{folder}/shards/*.parquet"  # as s3://bucket/shards/*.parquet
    run = dask(forks, workers, "score", pattern, "--format", "json", cwd=folder)
    assert run == forks.xent("score", pattern, "--format", "json", cwd=folder)
    assert [each["rows"] for each in json.loads(run.stdout)["inputs"]] == [5_000, 5_000]


def broken(folder: Path) -> None:
    """Inputs that are broken in several splits, or at their end."""
    for name, changes in {
        "values.csv": {6_000: "cat,inf,0,0,x", 18_000: "cat,nan,0,0,x"},
        "labels.csv": {9_998: "owl,0,0,0,x", 19_002: "elk,0,0,0,x"},
        "short.csv": {10_000: "cat,0,0", 19_000: "dog,1"},
        "open.csv": {15_000: 'cat,0,0,0,"never closed'},
    }.items():
        lines = [changes.get(number, f"dog,0,0,{number},{'x' * 100}") for number in range(20_000)]
        (folder / name).write_text("\n".join(["label,logit_cat,logit_dog,logit_bird,note", *lines]))
    pq.write_table(table(2_000, 6), folder / "damaged.parquet", row_group_size=500, write_page_checksum=True)
    data = bytearray((folder / "damaged.parquet").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "damaged.parquet").write_bytes(data)


BROKEN = ("values.csv", "labels.csv", "short.csv", "open.csv", "damaged.parquet")


@pytest.mark.parametrize("name", BROKEN)
def test_errors_are_those_of_the_local_engine(name: str, forks: Forks, workers: Cluster, folder: Path) -> None:
    broken(folder)
    run = dask(forks, workers, "score", "c.arrow", name, "b.csv", "--format", "json", cwd=folder)
    assert run == forks.xent("score", "c.arrow", name, "b.csv", "--format", "json", cwd=folder)
    assert (run.code, run.stdout) == (3, "")
    assert json.loads(run.stderr)["error"]["file"] == name


@pytest.mark.parametrize("base", ["labels_differ", "ids_differ"])
def test_models_of_other_rows_are_told_as_on_one_machine(
    base: str, forks: Forks, workers: Cluster, folder: Path
) -> None:
    arguments = ("compare", f"{base}.parquet", "shards/0.parquet")
    run = dask(forks, workers, *arguments, cwd=folder)
    assert run == forks.xent(*arguments, cwd=folder)
    assert run.code in (2, 3)


ONE_MACHINE = {
    "by an id": (
        ("base.parquet", "shards", "--on", "id"),
        (2, "rows of several files are matched by an id on one machine only"),
    ),
    "text": (("a.csv", "shards/0.parquet"), (2, "a.csv: its rows are matched in order, which takes one machine")),
    "fewer rows": (
        ("fewer.parquet", "shards/0.parquet"),
        (3, "shards/0.parquet: 5000 prediction rows, but 4999 rows in fewer.parquet"),
    ),
}


@pytest.mark.parametrize("what", ONE_MACHINE)
def test_pairs_that_no_cluster_can_cut_are_refused(
    what: str, forks: Forks, workers: Cluster, folder: Path
) -> None:
    files, (code, message) = ONE_MACHINE[what]
    run = dask(forks, workers, "compare", *files, cwd=folder)
    assert (run.code, run.stdout) == (code, "")
    assert run.stderr.startswith(f"xent: error: {message}")


OTHER = """
import xentcli
xentcli.__version__ = "0.0.1"
"""


def test_a_worker_with_another_version_is_refused(forks: Forks, workers: Cluster, folder: Path) -> None:
    with workers.workers(1, OTHER):
        run = dask(forks, workers, "score", "shards", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    expected = (
        rf"xent: error: the worker on tcp://127\.0\.0\.1:\d+ has xentcli 0\.0\.1 and NumPy {np.__version__}, "
        rf"here are xentcli {__version__} and NumPy {np.__version__}\n"
        r"  hint: install the same versions on all machines: results would differ in their last digits\n"
    )
    assert re.fullmatch(expected, run.stderr)


def test_without_a_scheduler_processes_of_this_machine_score(folder: Path) -> None:
    arguments = ("score", "shards", "--format", "json")
    run = process(*arguments, "--engine", "dask", "--threads", "2", cwd=folder)
    assert run == xent(*arguments, cwd=folder)
    assert (run.code, run.stderr) == (0, "")


DASK = ("--engine", "dask")
NOWHERE = ("--scheduler", "tcp://127.0.0.1:9")
REFUSED = {
    "what one machine joins": (
        ("preds.csv", "--labels", "labels.csv", "--on", "id", *DASK),
        (2, "preds.csv: --labels is joined on one machine only"),
    ),
    "a scheduler that nobody asks": (("plain.csv", *NOWHERE), (2, "--scheduler needs --engine dask")),
    "threads that run already": (
        ("plain.csv", *DASK, *NOWHERE, "--threads", "2"),
        (2, "--threads has no effect with --scheduler: its workers have been started already"),
    ),
    "no address": (
        ("plain.csv", *DASK, "--scheduler", "localhost"),
        (2, '--scheduler is tcp://HOST:PORT, not "localhost"'),
    ),
    "nobody there": (("plain.csv", *DASK, *NOWHERE), (4, "tcp://127.0.0.1:9: ")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused(what: str, forks: Forks, folder: Path) -> None:
    (folder / "preds.csv").write_text("id,p\n1,0.5\n")
    (folder / "labels.csv").write_text("id,label\n1,1\n")
    (folder / "plain.csv").write_text("label,p\n1,0.5\n")
    arguments, (code, message) = REFUSED[what]
    hurried = "import xentcli.engine.dask.cluster as cluster\ncluster.PATIENCE = 0.5"
    run = forks.xent("score", *arguments, cwd=folder, script=hurried)
    assert (run.code, run.stdout) == (code, "")
    assert run.stderr.startswith(f"xent: error: {message}")


def test_standard_input_is_refused(forks: Forks, folder: Path) -> None:
    run = forks.xent("score", "-", *DASK, cwd=folder, stdin="label,p\n1,0.5\n")
    expected = (
        "xent: error: <stdin>: cannot be read by another process\n"
        "  hint: save it where all workers can read it, or --engine local\n"
    )
    assert run == (2, "", expected)


def test_a_table_in_memory_is_refused() -> None:
    with pytest.raises(RequestError) as caught:
        score(table(10, 8), engine="dask", scheduler="tcp://127.0.0.1:9")
    assert (caught.value.code, caught.value.message) == ("engine", "cannot be read by another process")


def test_dask_that_is_not_installed_is_named(forks: Forks, folder: Path) -> None:
    without = "import sys; sys.modules['distributed'] = None"
    expected = (
        "xent: error: --engine dask needs Dask, which is not installed\n  hint: pip install 'xentcli[dask]'\n"
    )
    assert forks.xent("score", "a.csv", *DASK, cwd=folder, script=without) == (2, "", expected)
