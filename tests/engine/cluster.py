"""A real Dask cluster on loopback, of processes that tests can kill."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.cli.runner import environment

# Small files in many pieces, as if they were large; a scheduler that does not answer is given up soon.
PREPARE = """
import distributed
import xentcli.engine.dask.engine as engine
engine.SPLIT_BYTES = engine.SPLIT_ROWS = 1
import xentcli.engine.dask.cluster
xentcli.engine.dask.cluster.PATIENCE = 3
"""

# What workers are made to do to each part: to take their time, so that there is a middle in which to die.
SLOW = """
import time
import xentcli.engine.dask.pieces as pieces
def slowly(*arguments, score_chunk=pieces.score_chunk):
    time.sleep(0.05)
    return score_chunk(*arguments)
pieces.score_chunk = slowly
"""

# Waits for states while pieces are still to be scored; then kills the scheduler, or a worker that holds some.
# Prints how many pieces were being scored.
_KILLER = """
import os, signal, sys, time
from distributed import Client
with Client(sys.argv[1], set_as_default=False) as client:
    pids = {**client.run(os.getpid), "scheduler": client.run_on_scheduler(os.getpid)}
    print("ready", flush=True)
    while True:
        held = [where for key, where in client.who_has().items() if "xent_score" in str(key) and where]
        if held:
            break
        time.sleep(0.01)
    print(sum(len(tasks) for tasks in client.processing().values()), flush=True)
    os.kill(pids["scheduler" if sys.argv[2] == "scheduler" else held[0][0]], signal.SIGKILL)
    os._exit(0)
"""

_COMMON = ("--host", "127.0.0.1", "--no-dashboard")
_WORKER = ("--nthreads", "1", "--no-nanny", "--local-directory", "scratch")


class Cluster:
    """A scheduler and workers in a folder of theirs, in which no input is."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        file = folder / "scheduler.json"
        self._start(stack, "scheduler", "scheduler", "--port", "0", "--scheduler-file", file.name)
        while not _is_written(file):
            time.sleep(0.05)
        self.address: str = json.loads(file.read_text())["address"]

    @contextmanager
    def workers(self, number: int, preload: str) -> Iterator[None]:
        """More workers, of one thread each, that run `preload` first."""
        (self._folder / f"preload{number}.py").write_text(preload)
        options = (self.address, *_WORKER, "--preload", f"preload{number}.py")
        with ExitStack() as stack:
            logs = [self._start(stack, "worker", f"worker{number}-{i}", *options) for i in range(number)]
            while any(b"Registered to" not in log.read_bytes() for log in logs):
                time.sleep(0.05)
            yield

    def killer(self, victim: str) -> subprocess.Popen[bytes]:
        """A process that kills a "worker" or the "scheduler" in the middle of the next run."""
        command = [sys.executable, "-c", _KILLER, self.address, victim]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment())
        _until_the_end(self._stack, process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    def _start(self, stack: ExitStack, what: str, name: str, *options: str) -> Path:
        path = self._folder / f"{name}.log"
        command = [sys.executable, "-m", "dask", what, *_COMMON, *options]
        with path.open("wb") as log:
            process = subprocess.Popen(command, cwd=self._folder, env=environment(), stdout=log, stderr=log)
        _until_the_end(stack, process)
        return path


@contextmanager
def cluster(folder: Path, workers: int, preload: str) -> Iterator[Cluster]:
    """A cluster that is gone afterwards."""
    with ExitStack() as stack:
        found = Cluster(folder, stack)
        stack.enter_context(found.workers(workers, preload))
        yield found


def _until_the_end(stack: ExitStack, process: subprocess.Popen[bytes]) -> None:
    stack.callback(process.communicate)
    stack.callback(process.kill)


def _is_written(file: Path) -> bool:
    try:
        return bool(json.loads(file.read_text()))
    except (FileNotFoundError, ValueError):
        return False
