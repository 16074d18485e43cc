"""Garbage is looked for whenever rows or states are read, not while modules are loaded; no core is kept busy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.runner import Forks, process_after, xent

# Tells on standard error whether garbage is collected when the first input is opened.
TELLING = """
import builtins, gc, sys

def telling(path, *rest, opened=open, **more):
    if str(path).endswith((".csv", ".xent")):
        print("collecting:", gc.isenabled(), file=sys.stderr)
    return opened(path, *rest, **more)

builtins.open = telling
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("score", "a.csv"),
        ("gate", "a.csv", "--require", "log_loss < 1"),
        ("columns", "a.csv"),
        ("worst", "a.csv"),
        ("gradients", "a.csv"),
        ("compare", "a.csv", "a.csv"),
        ("merge", "a.xent"),
    ],
)
def test_whatever_is_read_is_read_with_the_collector_on(
    arguments: tuple[str, ...], forks: Forks, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("label,p_a,p_b\na,0.75,0.25\nb,0.5,0.5\n")
    assert xent("score", "a.csv", "--save-state", "a.xent", cwd=tmp_path).code == 0
    run = forks.xent(*arguments, cwd=tmp_path, script=TELLING)
    assert run.code == 0
    told = {line for line in run.stderr.splitlines() if line.startswith("collecting")}
    assert told == {"collecting: True"}


def test_without_anything_to_read_it_stays_off(forks: Forks, tmp_path: Path) -> None:
    at_the_end = "import gc, os\nos._exit = lambda code: print(gc.isenabled())"
    assert forks.xent("explain", "log_loss", cwd=tmp_path, script=at_the_end).stdout.endswith("False\n")


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="only Linux tells the threads of a process in /proc, and with one core there is one anyway",
)
def test_linear_algebra_has_no_threads_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,p_a,p_b,p_c\na,0.75,0.125,0.125\nb,0.5,0.25,0.25\nc,0.5,0.25,0.25\n")
    counting = "import os\nend = os._exit\n"
    counting += "os._exit = lambda code: (os.write(1, b'%d' % len(os.listdir('/proc/self/task'))), end(code))\n"
    asked = ("score", "a.csv", "--threads", "1", "--quiet")
    run = process_after(counting, *asked, cwd=tmp_path)
    more = process_after(counting, *asked, cwd=tmp_path, env={"OPENBLAS_NUM_THREADS": "2"})
    assert run.code == more.code == 0
    assert int(run.stdout.split()[-1]) < int(more.stdout.split()[-1])
