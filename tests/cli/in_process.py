"""The command line within the process of the tests: its runner on descriptors in place of the two output streams.

The exit code and every byte are those of a process of its own, in milliseconds instead of a quarter of a second.
Warnings are what pytest makes of them: errors, and so exit code 70.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path
from unittest.mock import patch

from xentcli.cli.run import run

# Where an output goes that is not kept: nowhere, to a pipe that nobody reads, or to a device, by its path.
CLOSED, BROKEN_PIPE, FULL_DISK = "closed", "broken pipe", "/dev/full"


class Hanging(BaseException):
    """A run took too long."""


def run_in_process(
    arguments: Sequence[str],
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    stdout: str | None = None,
    stderr: str | None = None,
) -> tuple[int, bytes, bytes]:
    """The exit code, standard output and standard error of `xent ARGUMENTS` in that folder and environment.

    Without an environment it is that of the tests. An output that goes somewhere (`CLOSED`, ...) is empty here.
    """
    with ExitStack() as stack:
        outputs = [stack.enter_context(_output(where)) for where in (stdout, stderr)]
        stack.enter_context(chdir(cwd))
        stack.enter_context(_standard_input(stdin))
        if env is not None:
            stack.enter_context(patch.dict(os.environ, env, clear=True))
        # What asks these two whether they are terminals, and what else prints, finds the descriptors too.
        stack.enter_context(patch.object(sys, "__stdout__", outputs[0]))
        stack.enter_context(patch.object(sys, "stderr", outputs[1]))
        first, second = (output.fileno() for output in outputs)
        try:
            code = run(arguments, None if stdout == CLOSED else first, second)
        finally:
            gc.unfreeze()  # a run takes what is loaded for lasting
        return code, b"" if stdout else _all_of(outputs[0]), b"" if stderr else _all_of(outputs[1])


@contextmanager
def time_limit(seconds: float) -> Iterator[list[bool]]:
    """Raise Hanging after some seconds; the list says whether that happened, should anybody swallow it."""
    expired: list[bool] = []

    def expire(number: int, frame: object) -> None:
        expired.append(True)
        raise Hanging

    kept = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield expired
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, kept)


@contextmanager
def _standard_input(data: bytes) -> Iterator[None]:
    """A pipe that holds what fits into one."""
    kept = os.dup(0)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    taken = os.write(writing, data)
    os.close(writing)
    os.dup2(reading, 0)
    os.close(reading)
    try:
        assert taken == len(data), "more than a pipe holds"
        yield
    finally:
        os.dup2(kept, 0)
        os.close(kept)


@contextmanager
def _output(where: str | None) -> Iterator[io.TextIOWrapper]:
    """A stream as Python has its standard ones, to a file if to nowhere else; the runner takes its descriptor."""
    with ExitStack() as stack:
        if where in (None, CLOSED):
            descriptor = stack.enter_context(tempfile.TemporaryFile()).fileno()
        elif where == BROKEN_PIPE:
            reading, descriptor = os.pipe()
            os.close(reading)
            stack.callback(os.close, descriptor)
        else:
            descriptor = os.open(where, os.O_WRONLY | os.O_NOCTTY)
            stack.callback(os.close, descriptor)
        yield stack.enter_context(open(descriptor, "w", 1, "utf-8", "backslashreplace", closefd=False))


def _all_of(file: io.TextIOWrapper) -> bytes:
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    with open(file.fileno(), "rb", closefd=False) as same:
        return same.read()
