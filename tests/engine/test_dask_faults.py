"""Runs on a Dask cluster that lose what they need, or are ended: they say so in time and leave nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import FOREGROUND, START, Forks, environment
from tests.engine.cluster import PREPARE, Cluster, cluster

pytest.importorskip("distributed", reason="the extra `dask` is not installed")

TIMEOUT = 30  # seconds: a run that takes this long hangs
GONE = "xent: error: all workers are gone, and none came back within 3 seconds\n  hint: dask scheduler starts one"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Predictions of two models, side by side and in a file each, and some that are text."""
    folder = tmp_path_factory.mktemp("inputs")
    random = np.random.default_rng(0)
    rows = {"label": random.integers(0, 2, 4_000), "old": random.random(4_000), "new": random.random(4_000)}
    pq.write_table(pa.table(rows), folder / "both.parquet", row_group_size=200)
    text = (f"{y},{p}\n" for y, p in zip(rows["label"], rows["old"], strict=True))
    (folder / "a.csv").write_text("label,p\n" + "".join(text))
    return folder


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    server = Forks(PREPARE)
    yield server
    server.close()


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), 3) as found:
        yield found


SCORE = ("score", "both.parquet", "--prob", "new", "--format", "json")
COMPARE = ("compare", "both.parquet", "both.parquet", "--base-prob", "old", "--prob", "new", "--format", "json")


@pytest.mark.parametrize("arguments", [SCORE, COMPARE], ids=["score", "compare"])
def test_a_run_that_loses_a_worker_has_every_bit_of_the_local_one(
    arguments: tuple[str, ...], forks: Forks, workers: Cluster, folder: Path
) -> None:
    with workers.workers(1), workers.losing("worker"):
        run = forks.xent(*arguments, "--engine", "dask", "--scheduler", workers.address, cwd=folder)
    assert run == forks.xent(*arguments, cwd=folder)
    assert json.loads(run.stdout)["rows"] == 4_000


def begin(*arguments: str, folder: Path, group: bool = False) -> subprocess.Popen[str]:
    """A run in a process of its own, as the foreground job of a shell."""
    command = [sys.executable, "-c", FOREGROUND + PREPARE + START, *arguments, "--engine", "dask"]
    return subprocess.Popen(
        command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, process_group=0 if group else None,
    )  # fmt: skip


ENDS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}


@pytest.mark.parametrize("number", ENDS)
def test_a_run_that_is_ended_leaves_no_task_on_the_scheduler(
    number: signal.Signals, workers: Cluster, folder: Path
) -> None:
    run = begin(*SCORE, "--scheduler", workers.address, folder=folder)
    with workers.losing(str(run.pid), number):
        assert run.communicate(timeout=TIMEOUT) == ("", "")
    assert run.returncode == ENDS[number]
    until = time.monotonic() + TIMEOUT
    while workers.tasks() != "0":
        assert time.monotonic() < until, "tasks were left behind"


@pytest.mark.parametrize("began", ["processes start", "rows are scored"])
def test_ctrl_c_on_a_terminal_ends_every_process_of_the_run_in_silence(began: str, folder: Path) -> None:
    run = begin("score", *["both.parquet"] * 50, "--prob", "new", "--threads", "1", folder=folder, group=True)
    while b"spawn_main" not in b"".join(commands(run.pid).values()):
        time.sleep(0.02)
    time.sleep(0.2 if began == "processes start" else 1.5)
    members = commands(run.pid)
    os.killpg(run.pid, signal.SIGINT)
    assert run.communicate(timeout=TIMEOUT) == ("", "")
    assert run.returncode == 130
    until = time.monotonic() + TIMEOUT
    while left := commands(run.pid).keys() & members.keys():
        assert time.monotonic() < until, f"processes were left behind: {left}"


def commands(group: int) -> dict[int, bytes]:
    """The processes of a group that have not ended, and how they were started."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, fields = (folder / "cmdline").read_bytes(), (folder / "stat").read_text().rpartition(")")[2]
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            continue
        state, _, own, *_ = fields.split()
        if int(own) == group and state != "Z":
            found[int(folder.name)] = command
    return found


DYING = """
import os
import xentcli.engine.dask.splits as splits
def find_splits(*_):
    os._exit(1)
find_splits.__module__ = splits.__name__
splits.find_splits = find_splits
"""


def test_workers_that_are_gone_before_the_splits_are_known_end_the_run(
    forks: Forks, folder: Path, tmp_path: Path
) -> None:
    with cluster(tmp_path, 0) as alone, alone.workers(1, DYING):
        run = forks.xent("score", "a.csv", "--engine", "dask", "--scheduler", alone.address, cwd=folder)
    assert (run.code, run.stdout) == (4, "")
    assert run.stderr.startswith(GONE)


def test_a_run_without_workers_ends(forks: Forks, workers: Cluster, folder: Path) -> None:
    with workers.losing("workers"):
        run = forks.xent(*SCORE[:-2], "--engine", "dask", "--scheduler", workers.address, cwd=folder)
    assert (run.code, run.stdout) == (4, "")
    assert run.stderr.startswith(GONE)
    assert workers.tasks() == "0"


def test_a_lost_scheduler_is_told(forks: Forks, workers: Cluster, folder: Path) -> None:
    """The last test of this cluster."""
    with workers.workers(1), workers.losing("scheduler"):
        run = forks.xent(*SCORE[:-2], "--engine", "dask", "--scheduler", workers.address, cwd=folder)
    assert run == (4, "", "xent: error: the connection to the scheduler was lost\n")
