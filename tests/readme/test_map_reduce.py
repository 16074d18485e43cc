"""The examples of the page on merging, each run by its engine here: the numbers are those of one process."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.runner import process
from tests.transcript import ROOT
from xentcli import score

PAGE = (ROOT / "xentcli" / "docs" / "merge.md").read_text(encoding="utf-8")
EXAMPLES = {re.findall(r"\w+", each)[1]: each for each in re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)}
JAVA = shutil.which("java") is not None
# By what each imports first.
CAN_RUN = {
    "glob": True,
    "ray": find_spec("ray"),
    "pandas": find_spec("pyspark") and JAVA,
}


@pytest.mark.parametrize("name", CAN_RUN)
def test_map_reduce(name: str, tmp_path: Path) -> None:
    if not CAN_RUN[name]:
        pytest.skip("the extra `engines`, or Java for Spark, is not installed")
    (tmp_path / "preds").mkdir()
    header, *lines = (ROOT / "sample_data" / "breast_cancer.csv").read_text().splitlines(keepends=True)
    cuts = [0, 100, 100, 350, len(lines)]  # one part has no rows
    for k in range(4):
        part = lines[cuts[k] : cuts[k + 1]]
        (tmp_path / "preds" / f"{k}.csv").write_text(header + "".join(part))
    (tmp_path / "example.py").write_text(EXAMPLES[name])
    env = {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable}
    done = process(command=(sys.executable, "example.py"), cwd=tmp_path, env=env, timeout=300)
    assert done.code == 0, done.stderr
    whole = str(score(tmp_path / "preds"))
    assert done.stdout.partition("log loss")[2].strip() == whole.partition("log loss")[2].strip()


def test_all_examples_are_run() -> None:
    assert set(EXAMPLES) == set(CAN_RUN)
