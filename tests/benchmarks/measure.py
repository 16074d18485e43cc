"""Whole processes: their time, and the most memory they held at once."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes of ru_maxrss


@dataclass(frozen=True)
class Run:
    """One process from start to end."""

    seconds: float
    peak: float  # MiB of resident memory
    stdout: str
    cpu: float = 0.0  # seconds, of all threads


def run(command: Sequence[str], feed: Path | None = None) -> Run:
    """Run to the end; `feed` goes in through a pipe. Fails if the process does."""
    cat = subprocess.Popen(["cat", feed], stdout=subprocess.PIPE) if feed is not None else None
    stdin = cat.stdout if cat is not None else subprocess.DEVNULL
    start = time.perf_counter()
    with subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, text=True) as process:
        if cat is not None and cat.stdout is not None:
            cat.stdout.close()
        assert process.stdout is not None
        stdout = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if cat is not None:
        cat.wait()
    if process.returncode:
        raise SystemExit(f"exit {process.returncode}: {' '.join(command)}")
    return Run(seconds, used.ru_maxrss * _PEAK_UNIT / 2**20, stdout, used.ru_utime + used.ru_stime)


def in_turn(commands: Sequence[Sequence[str]], times: int) -> list[list[Run]]:
    """The runs of each command: all once, then all again, so that a busy spell of the machine meets them alike."""
    rounds = [[run(command) for command in commands] for _ in range(times)]
    return [list(runs) for runs in zip(*rounds, strict=True)]


def median(runs: Sequence[Run]) -> Run:
    """The median times and the largest peak of several runs of one command."""
    seconds, cpu = (statistics.median(times) for times in ([r.seconds for r in runs], [r.cpu for r in runs]))
    return Run(seconds, max(r.peak for r in runs), runs[0].stdout, cpu)


def xent(*arguments: str | Path) -> list[str]:
    """`xent score` of this Python with these arguments, as JSON."""
    return [sys.executable, "-m", "xentcli", "score", *map(str, arguments), "--format", "json"]
