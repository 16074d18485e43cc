"""Comparisons of small files, and of the sample data, for the tests of `xent compare`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from tests.cli.runner import Run, xent
from tests.transcript import ROOT

OLD, NEW = ROOT / "sample_data" / "breast_cancer.csv", ROOT / "sample_data" / "breast_cancer_new.csv"
BASE_ROWS = """id,label,prob_yes,w,site
a,yes,0.5,1,DE
b,no,0.25,2,DE
c,yes,0.125,1,FR
d,no,0.5,1,FR
"""
NEW_ROWS = """id,label,prob_yes,w,site
d,no,0.25,1,FR
a,yes,0.75,1,DE
c,yes,0.125,1,FR
b,no,0.5,2,DE
"""


def compare(*arguments: str | Path, cwd: Path, by_id: bool = True) -> Run:
    return xent("compare", *arguments, *(["--on", "id"] if by_id else []), cwd=cwd)


def result(*arguments: str | Path, cwd: Path, by_id: bool = True) -> Any:
    run = compare(*arguments, "--format", "json", "--quiet", cwd=cwd, by_id=by_id)
    assert (run.code, run.stderr) == (0, ""), run
    return json.loads(run.stdout)


def refused(run: Run, code: int, *texts: str) -> None:
    assert (run.code, run.stdout) == (code, ""), run
    for text in texts:
        assert text in run.stderr


def probabilities(path: Path) -> dict[str, float]:
    """By id, what the file gives to the row's own label."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    p = {row["id"]: float(row["prob_malignant"]) for row in rows}
    return {row["id"]: p[row["id"]] if row["label"] == "malignant" else 1 - p[row["id"]] for row in rows}
