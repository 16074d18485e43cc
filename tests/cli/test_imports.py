"""What a run loads: nothing that it does not need."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import process

HEAVY = {
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
}
MACHINERY = ("numpy", "pyarrow", "rich", "xentcli.core", "xentcli.sources", "xentcli.decoding", "xentcli.engine")

# Prints what is loaded after each of some runs in one process, whose outputs go to nowhere.
LISTING = """
import json, os, sys
from xentcli.cli.run import run
nowhere = os.open(os.devnull, os.O_WRONLY)
for arguments in json.loads(sys.argv[1]):
    print(run(arguments, nowhere, nowhere), *sys.modules)
"""


def loaded_after(*runs: list[str], cwd: Path) -> list[set[str]]:
    """The modules of this package, and the names of others, that the process has after each run."""
    done = process(json.dumps(runs), cwd=cwd, command=(sys.executable, "-c", LISTING))
    assert done.stderr == ""
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == ["0"] * len(runs)
    return [names(line[1:]) for line in lines]


def names(modules: list[str]) -> set[str]:
    return {name if name.startswith("xentcli.") else name.partition(".")[0] for name in modules}


def imported(log: str) -> list[str]:
    return re.findall(r"^import time:\s+\d+ \|\s+\d+ \|\s+(\S+)$", log, re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imports")
    table = pa.table({"label": ["a", "b"], "p_a": [0.75, 0.375], "p_b": [0.25, 0.625]})
    pq.write_table(table, folder / "good.parquet")
    (folder / "good.csv").write_text('note,label,p_a,p_b\n"x\ny",a,0.75,0.25\n,b,1,0\n')
    (folder / "one.csv").write_text("day,size,label,p\nmo,1.5,1,0.75\ntu,,0,0.5\n")
    (folder / "ids.csv").write_text("id,row_id,label,p\na,1,1,0.75\nb,2,0,0.5\n")
    return folder


def test_help_loads_none_of_the_machinery(folder: Path) -> None:
    runs = [["--help"], ["--version"], ["explain", "log_loss", "--format", "json"]]
    found = loaded_after(*runs, cwd=folder)[-1]
    assert not found & HEAVY
    assert not {name for name in found if name.startswith(MACHINERY)}


def test_scoring_loads_nothing_heavy(folder: Path) -> None:
    formats = ("json", "csv", "markdown", "table")
    runs = [["score", file, "--format", format] for format in formats for file in ("good.csv", "good.parquet")]
    found = loaded_after(*runs, cwd=folder)
    assert not found[-1] & HEAVY
    assert ["rich" in names for names in found] == [False] * 6 + [True] * 2
    assert ["xentcli.sources.parquet" in names for names in found[:2]] == [False, True]


@pytest.mark.parametrize(
    "arguments",
    [
        ("score", "good.csv"),
        ("score", "one.csv", "--by", "day", "--bins", "size=1,2", "--cluster", "day"),
        ("score", "one.csv", "one.csv", "--require", "log_loss < 9"),
        ("worst", "one.csv", "--show", "day", "--show", "p"),
        ("columns", "good.csv"),
        ("gradients", "good.csv"),
        ("score", "ids.csv"),
    ],
)
def test_a_text_needs_no_arrow(arguments: tuple[str, ...], folder: Path) -> None:
    """It takes longer to load than a small text to score."""
    assert "pyarrow" not in loaded_after([*arguments], cwd=folder)[0]


# What only options, faults and other formats need, and the time of a small file is not to be spent on.
ASIDE = {
    "bz2", "csv", "decimal", "difflib", "fractions", "hashlib", "lzma", "random", "shutil", "statistics",
    "tempfile",
}  # fmt: skip
ASIDE_HERE = {
    "gates.check_score", "gates.check_comparison", "gates.requirement", "gates.scanner", "gates.estimates",
    "gates.verdict", "gates.ranges", "gates.baseline", "gates.config",  # what nothing required needs
    "joining.join", "joining.label_file", "joining.match_report", "joining.id_index", "joining.shared_columns",
    "sources.compression", "sources.folders", "sources.partitions", "sources.stores", "analysis.comparing",
    "analysis.worst", "states.merge", "states.file", "states.stored", "engine.dask",
}  # fmt: skip


def test_a_plain_score_loads_what_it_needs(folder: Path) -> None:
    """Counted from the start of Python, and held against what its libraries load themselves."""
    ours, unavoidable = (
        imported(process(*arguments, cwd=folder, command=(sys.executable, "-X", "importtime", *how)).stderr)
        for how, arguments in (
            (("-m", "xentcli"), ("score", "good.csv", "--format", "json")),
            (("-c", "import numpy, msgspec, click"), ()),
        )
    )
    assert names(ours) & ASIDE <= set(unavoidable)
    assert not names(ours) & {f"xentcli.{name}" for name in (*ASIDE_HERE, "sources.parquet")}
