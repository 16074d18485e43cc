"""The benchmarks run: what they print, not how long it takes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.comparing import WORKS
from tests.benchmarks.forms import FORMS
from tests.benchmarks.growing import GROWING
from tests.benchmarks.many import SMALL
from tests.benchmarks.reading import BROKEN_DOWN, OPTIONS
from tests.benchmarks.stages import FORMS as STAGE_FORMS
from tests.benchmarks.tables import TABLES

LINES = {
    "peers": sum(len(work.bars) for work in WORKS),
    "memory": len(GROWING),
    "scaling": 1,
    "speed": len(FORMS),
    "join": 2,
    "breakdown": len(BROKEN_DOWN),
    "options": len(OPTIONS),
    "stages": len(STAGE_FORMS),
    "looking": 3,
    "many": len(SMALL),
}
MISSING = [name for name in ("duckdb", "polars", "sklearn", "torch") if importlib.util.find_spec(name) is None]
NEEDS = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (extra bench)")
MARKS = {name: [pytest.mark.slow] for name in TABLES if name != "join"}
MARKS["peers"] = [*MARKS["peers"], NEEDS]


@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, ())) for name in TABLES])
def test_a_table_of_tiny_files(name: str, tmp_path: Path) -> None:
    header, *lines = TABLES[name](tmp_path, 0.0004, 1)
    assert len(lines) == LINES[name]
    assert all(len(line) == len(header) for line in lines)


def test_quick_prints_markdown(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--folder", str(tmp_path), "scaling"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    machine, blank, header, rule, line, end = done.stdout.splitlines()
    assert "cores, Python" in machine
    assert (blank, end) == ("", "")
    assert header.startswith("| work | rows | 1 thread, s | 2 threads, s | 1 row, s | ratio | bar |")
    assert header.count("|") == rule.count("|") == line.count("|")
    assert line.startswith("| Parquet, 10 logits | 250,000 |")
