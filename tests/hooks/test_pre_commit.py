"""The hooks for pre-commit: what the manifest says, and each entry run as pre-commit runs it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.runner import xent
from tests.transcript import ROOT

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
pytestmark = pytest.mark.skipif(not MANIFEST.exists(), reason="a copy without dotfiles")
CONFIG = '[tool.xent.gate]\nfiles = ["preds.csv"]\nrequire = ["log_loss <= 0.12"]\n'


def hooks() -> dict[str, dict[str, Any]]:
    return {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}


def test_the_manifest() -> None:
    assert set(hooks()) == {"xent-gate", "xent-score"}
    for name, hook in hooks().items():
        assert {"id", "name", "description", "entry", "language", "files"} <= set(hook)
        assert (hook["language"], hook["entry"]) == ("python", name.replace("-", " "))
        assert hook["pass_filenames"] is False  # the files of two models would be scored as one input


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("preds.csv", ["xent-gate", "xent-score"]),
        ("a b/test.jsonl.gz", ["xent-gate", "xent-score"]),
        ("pyproject.toml", ["xent-gate"]),
        ("sub/xent.toml", ["xent-gate"]),
        ("my_xent.toml", []),
        ("csv.py", []),
        ("preds.csv.py", []),
    ],
)
def test_which_changes_run_them(path: str, names: list[str]) -> None:
    assert [name for name, hook in hooks().items() if re.search(hook["files"], path)] == names


@pytest.mark.parametrize(("model", "code"), [("breast_cancer_new.csv", 0), ("breast_cancer.csv", 1)])
def test_their_entries(model: str, code: int, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    shutil.copy(ROOT / "sample_data" / model, tmp_path / "preds.csv")
    for name, arguments, wanted in (("xent-gate", [], code), ("xent-score", ["preds.csv"], 0)):
        command, *words = hooks()[name]["entry"].split()
        assert command == "xent"
        assert xent(*words, *arguments, cwd=tmp_path).code == wanted
