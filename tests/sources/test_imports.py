"""What reading loads: a form's machinery only when a file of that form comes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HEAVY = (
    "pandas", "pyarrow.dataset", "pyarrow.json", "pyarrow.fs", "pyarrow.parquet",
    "zipfile", "xentcli.sources.compression", "xentcli.sources.folders", "xentcli.sources.json_lines",
    "xentcli.sources.numpy_files", "xentcli.sources.remote",
)  # fmt: skip


def loaded(path: Path) -> set[str]:
    script = (
        f"import sys; from xentcli.api import score_files, ScoreRequest as R; score_files(R(({str(path)!r},)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{script}; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_plain_text_loads_no_other_form(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,prob\n1,0.75\n0,0.5\n")
    assert loaded(tmp_path / "a.csv").isdisjoint(HEAVY)


def test_no_form_loads_pandas(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"label":1,"prob":0.75}\n{"label":0,"prob":0.5}\n')
    assert loaded(tmp_path / "a.jsonl").isdisjoint(("pandas", "pyarrow.dataset"))
