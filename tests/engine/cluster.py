"""A real Dask cluster on loopback, of processes that tests can kill, and `xent` on it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.cli.runner import Run, environment, xent

# Small files in many pieces, as if they were large; a scheduler that does not answer is given up soon.
_PIECES = (
    "import xentcli.engine.dask as engine; engine.SPAN_BYTES = engine.SPAN_ROWS = 1; engine.PATIENCE = 5; "
    "from xentcli.cli.run import main; main()"
)
COMMAND = (sys.executable, "-c", _PIECES)
_COMMON = ("--host", "127.0.0.1", "--no-dashboard")
_WORKER = ("--nthreads", "1", "--no-nanny", "--local-directory", "scratch", "--preload", "preload.py")

# What workers are made to do to each part: to take their time, so that there is a middle in which to die.
SLOW = """
import time
import xentcli.engine.pieces as pieces
def slowly(*arguments, score_part=pieces.score_part):
    time.sleep(0.05)
    return score_part(*arguments)
pieces.score_part = slowly
"""

# Waits for states while pieces are still to be scored; then kills a worker that holds some, or the scheduler. Prints
# how many pieces were being scored.
_KILLER = """
import os, signal, sys, time
from distributed import Client
with Client(sys.argv[1], set_as_default=False) as client:
    pids = client.run(os.getpid)
    pids["scheduler"] = client.run_on_scheduler(os.getpid)
    while True:
        held = [where for key, where in client.who_has().items() if "xent_score" in str(key) and where]
        if held:
            break
        time.sleep(0.01)
    print(sum(len(tasks) for tasks in client.processing().values()), flush=True)
    os.kill(pids["scheduler" if sys.argv[2] == "scheduler" else held[0][0]], signal.SIGKILL)
    os._exit(0)
"""


class Cluster:
    """A scheduler and its workers, of one thread each, in a folder of theirs; they run `preload` first."""

    def __init__(self, folder: Path, workers: int, preload: str, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        (folder / "preload.py").write_text(preload)
        file = folder / "scheduler.json"
        self._start("scheduler", "scheduler", "--port", "0", "--scheduler-file", file.name)
        while not _is_written(file):
            time.sleep(0.05)
        self.address: str = json.loads(file.read_text())["address"]
        logs = [self._start("worker", f"worker{number}", self.address, *_WORKER) for number in range(workers)]
        while any(b"Registered to" not in log.read_bytes() for log in logs):
            time.sleep(0.05)

    def xent(self, *arguments: str | Path, cwd: Path) -> Run:
        """Run on the cluster, with the inputs in many pieces."""
        return xent(*arguments, "--engine", "dask", "--scheduler", self.address, cwd=cwd, command=COMMAND)

    def killer(self, victim: str) -> subprocess.Popen[bytes]:
        """A process that kills a "worker" or the "scheduler" in the middle of the next run."""
        command = [sys.executable, "-c", _KILLER, self.address, victim]
        return self._until_the_end(subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()))

    def _start(self, what: str, name: str, *options: str) -> Path:
        path = self._folder / f"{name}.log"
        command = [sys.executable, "-m", "dask", what, *_COMMON, *options]
        with path.open("wb") as log:
            process = subprocess.Popen(command, cwd=self._folder, env=environment(), stdout=log, stderr=log)
        self._until_the_end(process)
        return path

    def _until_the_end(self, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        self._stack.callback(process.communicate)
        self._stack.callback(process.kill)
        return process


@contextmanager
def cluster(folder: Path, workers: int, preload: str = "") -> Iterator[Cluster]:
    """A cluster that is gone afterwards."""
    with ExitStack() as stack:
        yield Cluster(folder, workers, preload, stack)


def _is_written(file: Path) -> bool:
    try:
        return bool(json.loads(file.read_text()))
    except (FileNotFoundError, ValueError):
        return False
