"""A real Dask cluster on loopback, of processes that tests can kill."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.cli.runner import environment

# Small files in many splits, as if they were large; a scheduler that does not answer is given up soon.
PREPARE = """
import distributed
import xentcli.engine.dask.engine as engine
engine.SPLIT_BYTES = engine.SPLIT_ROWS = 1
import xentcli.engine.dask.cluster
xentcli.engine.dask.cluster.PATIENCE = 3
"""

# Run by workers first. One that finds an order in the middle of a run, holding a state that it scored before,
# sends a signal to whom the order names: itself, or a process by its number. One worker obeys, or all.
_OBEYING = """
import contextlib, os, signal, time
from pathlib import Path
from functools import partial
import xentcli.engine.dask.models as models
import xentcli.engine.dask.splits as splits
held = 0
def obeying(work, *arguments):
    global held
    order = Path(ORDER)
    if order.exists():
        time.sleep(0.05)  # until the scheduler knows what is held
        with contextlib.suppress(FileNotFoundError):  # another worker was faster
            if held:
                victim, number = order.read_text().split()
                order.with_suffix(".obeyed").touch()
                if victim != "workers":
                    order.unlink()
                os.kill(int(victim) if victim.isdigit() else os.getpid(), int(number))
        held += 1
    return work(*arguments)
splits.add_blocks = partial(obeying, splits.add_blocks)
models.compare_chunk = partial(obeying, models.compare_chunk)
"""

_COMMON = ("--host", "127.0.0.1", "--no-dashboard")
_WORKER = ("--nthreads", "1", "--no-nanny", "--local-directory", "scratch")


class Cluster:
    """A scheduler and workers in a folder of theirs, in which no input is."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._order = folder, folder / "order"
        file = folder / "scheduler.json"
        self._scheduler, _ = self._start(stack, "scheduler", "--port", "0", "--scheduler-file", file.name)
        while not _is_written(file):
            time.sleep(0.05)
        self.address: str = json.loads(file.read_text())["address"]

    @contextmanager
    def workers(self, number: int, first: str = "") -> Iterator[None]:
        """More workers, of one thread each, that run this Python first."""
        preload = self._folder / f"preload{number}.py"
        preload.write_text(first + _OBEYING.replace("ORDER", repr(str(self._order))))
        options = (self.address, *_WORKER, "--preload", preload.name)
        with ExitStack() as stack:
            logs = [self._start(stack, "worker", *options)[1] for _ in range(number)]
            while any(b"Registered to" not in log.read_bytes() for log in logs):
                time.sleep(0.05)
            yield

    @contextmanager
    def losing(self, victim: str, number: int = signal.SIGKILL) -> Iterator[None]:
        """In the middle of a run in here a "worker", all "workers", the "scheduler" or a process gets a signal."""
        obeyed = self._order.with_suffix(".obeyed")
        obeyed.unlink(missing_ok=True)
        self._order.write_text(f"{self._scheduler.pid if victim == 'scheduler' else victim} {int(number)}")
        yield
        self._order.unlink(missing_ok=True)
        assert obeyed.exists(), f"{victim}: was to die in the middle"

    def tasks(self) -> str:
        """How many tasks the scheduler has."""
        ask = "import sys, distributed\nwith distributed.Client(sys.argv[1]) as client:\n"
        ask += "    print(client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))"
        command = [sys.executable, "-c", ask, self.address]
        return subprocess.run(
            command, env=environment(), capture_output=True, text=True, check=True
        ).stdout.strip()

    def _start(self, stack: ExitStack, what: str, *options: str) -> tuple[subprocess.Popen[bytes], Path]:
        """A process until the end, and its log."""
        descriptor, path = tempfile.mkstemp(".log", what, self._folder)
        command = [sys.executable, "-m", "dask", what, *_COMMON, *options]
        with open(descriptor, "wb") as log:
            process = subprocess.Popen(command, cwd=self._folder, env=environment(), stdout=log, stderr=log)
        stack.callback(process.communicate)
        stack.callback(process.kill)
        return process, Path(path)


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A cluster that is gone afterwards."""
    with ExitStack() as stack:
        found = Cluster(folder, stack)
        stack.enter_context(found.workers(workers))
        yield found


def _is_written(file: Path) -> bool:
    try:
        return bool(json.loads(file.read_text()))
    except (FileNotFoundError, ValueError):
        return False
