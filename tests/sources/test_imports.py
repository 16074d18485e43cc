"""What reading loads: a form's machinery only when a file of that form comes."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.cli.runner import process

HEAVY = (
    "pandas", "pyarrow.dataset", "pyarrow.json", "pyarrow.fs", "pyarrow.parquet",
    "zipfile", "xentcli.sources.compression", "xentcli.sources.folders", "xentcli.sources.json.lines",
    "xentcli.sources.numpy_files", "xentcli.sources.stores",
)  # fmt: skip


# Prints what is loaded after each of some files has been scored.
LISTING = """
import sys
from xentcli.api import InputRequest, ScoreRequest, score_files
for path in sys.argv[1:]:
    score_files(ScoreRequest(InputRequest((path,))))
    print(*sys.modules)
"""


def test_a_form_loads_no_other_and_none_loads_pandas(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,prob\n1,0.75\n0,0.5\n")
    (tmp_path / "a.jsonl").write_text('{"label":1,"prob":0.75}\n{"label":0,"prob":0.5}\n')
    run = process("a.csv", "a.jsonl", cwd=tmp_path, command=(sys.executable, "-c", LISTING))
    plain, lines = (line.split() for line in run.stdout.splitlines())
    assert set(plain).isdisjoint(HEAVY)
    assert set(lines).isdisjoint(("pandas", "pyarrow.dataset"))
