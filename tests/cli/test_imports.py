"""What a run loads: nothing that it does not need."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import process

# What a run loads

HEAVY = (
    "pandas",
    "scipy",
    "sklearn",
    "dask",
    "distributed",
    "matplotlib",
    "torch",
    "IPython",
    "hypothesis",
    "pytest",
)


def loaded(*arguments: str, cwd: Path) -> set[str]:
    """The packages that a run imports, and the modules of this one."""
    run = process(*arguments, cwd=cwd, command=(sys.executable, "-X", "importtime", "-m", "xentcli"))
    assert run.code == 0, run.stderr
    return {name if name.startswith("xentcli.") else name.partition(".")[0] for name in imported(run.stderr)}


def imported(log: str) -> list[str]:
    return re.findall(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$", log, re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imports")
    table = pa.table({"label": ["a", "b"], "p_a": [0.75, 0.375], "p_b": [0.25, 0.625]})
    pq.write_table(table, folder / "good.parquet")
    (folder / "good.csv").write_text('note,label,p_a,p_b\n"x\ny",a,0.75,0.25\n,b,1,0\n')
    return folder


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("explain", "log_loss", "--format", "json")])
def test_help_loads_none_of_the_machinery(arguments: tuple[str, ...], folder: Path) -> None:
    names = loaded(*arguments, cwd=folder)
    assert not names & {*HEAVY, "numpy", "pyarrow", "rich"}
    assert not {
        name
        for name in names
        if name.startswith(("xentcli.core", "xentcli.sources", "xentcli.decoding", "xentcli.engine"))
    }


@pytest.mark.parametrize("format", ["json", "table", "csv", "markdown"])
@pytest.mark.parametrize("file", ["good.csv", "good.parquet"])
def test_scoring_loads_nothing_heavy(file: str, format: str, folder: Path) -> None:
    names = loaded("score", file, "--format", format, cwd=folder)
    assert not names & set(HEAVY)
    assert ("rich" in names) == (format == "table")


# What only options, faults and other formats need, and the time of a small file is not to be spent on.
ASIDE = {
    "bz2", "csv", "decimal", "difflib", "fractions", "hashlib", "lzma", "random", "shutil", "statistics",
    "tempfile",
}  # fmt: skip
ASIDE_HERE = {
    "gates.check_score", "gates.check_comparison", "gates.requirement", "gates.scanner", "gates.estimates",
    "gates.verdict", "gates.baseline", "gates.config",  # what nothing required needs
    "joining.join", "joining.label_file", "joining.match_report", "joining.id_index", "joining.shared_columns",
    "sources.compression", "sources.folders", "sources.partitions", "sources.remote", "analysis.compare",
    "analysis.worst", "states.merge", "states.file", "states.stored", "engine.dask",
}  # fmt: skip


def test_a_plain_score_loads_what_it_needs(folder: Path) -> None:
    beside = [sys.executable, "-X", "importtime", "-c", "import numpy, pyarrow.csv, click"]
    unavoidable = set(imported(subprocess.run(beside, capture_output=True, text=True, check=True).stderr))
    names = loaded("score", "good.csv", "--format", "json", cwd=folder)
    assert names & ASIDE <= unavoidable
    assert not names & {f"xentcli.{name}" for name in ASIDE_HERE}


def test_scoring_text_does_not_load_parquet(folder: Path) -> None:
    assert "xentcli.sources.parquet" not in loaded("score", "good.csv", "--format", "json", cwd=folder)
