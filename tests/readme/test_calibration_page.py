"""The page on recalibration: its lines of Python, SQL and JavaScript give what `cal.json` says they should."""

from __future__ import annotations

import json
import math
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.runner import xent
from tests.transcript import ROOT
from xentcli.docs import page

_FOUND = re.findall(r"^```(python|sql|javascript)\n(.*?)^```$", page("calibrate"), re.M | re.S)
BLOCKS = dict(_FOUND)  # the last of each language


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """Stated and calibrated probabilities of the map that the page is about, which is where the lines run."""
    sample = str(ROOT / "sample_data" / "breast_cancer.csv")
    assert xent("calibrate", sample, "-o", "cal.json", cwd=tmp_path).code == 0
    monkeypatch.chdir(tmp_path)
    saved = json.loads(Path("cal.json").read_text())
    return [(1 / (1 + math.exp(-each["in"])), each["out"]) for each in saved["examples"]]


def test_python(examples: list[tuple[float, float]]) -> None:
    for q, calibrated in examples:
        names: dict[str, Any] = {"json": json, "math": math, "Path": Path, "q": q}
        exec(BLOCKS["python"], names)
        assert names["calibrated"] == pytest.approx(calibrated, rel=1e-9)


def test_the_functions(examples: list[tuple[float, float]]) -> None:
    shutil.copy(ROOT / "sample_data" / "breast_cancer.csv", "valid.csv")
    names: dict[str, Any] = {"table": np.array([q for q, _ in examples])}
    exec(next(code for language, code in _FOUND if language == "python"), names)
    assert names["better"].tolist() == pytest.approx([calibrated for _, calibrated in examples], rel=1e-9)


def test_sql(examples: list[tuple[float, float]]) -> None:
    with sqlite3.connect(":memory:") as database:
        try:
            database.execute("SELECT exp(ln(2))")
        except sqlite3.OperationalError:
            pytest.skip("this SQLite was built without exp and ln")
        database.execute("CREATE TABLE preds (q REAL)")
        database.executemany("INSERT INTO preds VALUES (?)", [(q,) for q, _ in examples])
        found = [value for (value,) in database.execute(BLOCKS["sql"])]
    assert found == pytest.approx([calibrated for _, calibrated in examples], rel=1e-9)


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_javascript(examples: list[tuple[float, float]]) -> None:
    for q, calibrated in examples:
        script = f"const q = {q!r}\n{BLOCKS['javascript']}\nconsole.log(calibrated)"
        done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
        assert float(done.stdout) == pytest.approx(calibrated, rel=1e-9)
