"""More than a hundred inputs: the first, the last, and a summary of all, unless all are asked for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from xentcli import gate, report, score
from xentcli.render.formats import render
from xentcli.render.inputs import shorten_inputs
from xentcli.render.junit import junit
from xentcli.render.page import Page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    for i in range(101):
        (folder / f"{i:03}.csv").write_text(f"label,p\n1,0.{5 + i % 4}\n0,0.{1 + i % 3}\n")
    return folder


def test_json_of_many_inputs(folder: Path) -> None:
    result = score(folder)
    short, full = (json.loads(render(result, "json", Page(full=full))) for full in (False, True))
    assert len(full["inputs"]) == 101
    assert short.pop("inputs") == [full["inputs"][0], full["inputs"][-1]]
    lines = sorted(json.dumps(each, separators=(",", ":")) + "\n" for each in full.pop("inputs"))
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert short.pop("inputs_summary") == {"count": 101, "rows": 202, "bytes": size, "sha256": digest}
    assert short == full


def test_a_hundred_inputs_are_listed(folder: Path) -> None:
    result = score(sorted(folder.iterdir())[1:])
    assert json.loads(result.to_json())["inputs"] == result.to_dict()["inputs"]


def test_many_inputs_of_each_model() -> None:
    model = {"name": "a", "inputs": [{"name": str(i), "rows": 1, "bytes": None} for i in range(200)]}
    found = shorten_inputs({"models": [model], "score": model})
    for short in (*found["models"], found["score"]):
        assert [each["name"] for each in short["inputs"]] == ["0", "199"]
        assert (short["inputs_summary"]["rows"], short["inputs_summary"]["bytes"]) == (200, None)


def test_names_of_many_inputs(folder: Path) -> None:
    shown = f"101 files, {folder}/000.csv to {folder}/100.csv"
    assert " ".join(str(score(folder)).split()).startswith(shown)
    assert shown in junit(gate(folder, require="accuracy > 0"))


def test_page_of_many_inputs(folder: Path) -> None:
    page = report(folder).html
    summary = json.loads(score(folder).to_json())["inputs_summary"]
    assert summary["sha256"] in page
    for name in ("000.csv", "100.csv"):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() in page
    assert "050.csv" not in page
