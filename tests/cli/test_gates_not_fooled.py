"""Requirements that must not pass: nothing was seen that could tell, or what was seen meets no limit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runner import xent

SURE = "label,prob\n" + "1,0.99\n" * 20
FILES = {
    "sure.csv": SURE,
    "surer.csv": SURE.replace("0.99", "0.999"),
    "soft.csv": "t_a,t_b,prob_a,prob_b\n" + "1,0,0.99,0.01\n" * 20,
    "infinite.csv": "label,prob\n1,0\n0,0.1\n1,0.9\n",
    "wrong.csv": "label,prob\n1,0.1\n0,0.9\n",
    "tokens.csv": "token_logprob,bytes,d\n-0.5,3,x\n-1,2,y\n",
    "close.csv": "label,prob\n" + "1,0.99965005\n" * 4,  # a loss of 0.00035001
}
SMOOTH = "--label-smoothing 1e-9"
SOFT = "--target t_a,t_b --classes a,b"
TOKENS = "--logprob token_logprob --bytes bytes"
CASES = [
    # a model sure of 99 %, which is right, has all of 20 rows right in 82 % of files: they do not tell 98 from 100
    (5, "score sure.csv --confidence 0.95", ["log_loss <= 0.056"]),
    (5, f"score sure.csv --confidence 0.95 {SMOOTH}", ["log_loss <= 0.056"]),
    (5, f"score soft.csv --confidence 0.95 {SOFT}", ["log_loss <= 0.056"]),
    (5, "score sure.csv --confidence 0.95", ["brier <= 0.0099"]),
    (5, "score sure.csv --confidence 0.95", ["accuracy >= 0.99"]),
    (5, "compare sure.csv surer.csv --confidence 0.999", ["log_loss <= baseline"]),
    (5, "compare sure.csv surer.csv --confidence 0.999", ["accuracy >= baseline - 0.0001"]),
    (0, "compare sure.csv sure.csv --confidence 0.999", ["log_loss <= baseline"]),  # the very same forecasts
    # infinity meets nothing, though rows of infinite loss tie
    (1, "compare infinite.csv infinite.csv", ["log_loss <= baseline + 0.005"]),
    (1, "compare infinite.csv infinite.csv", ["log_loss >= baseline"]),
    (1, "compare infinite.csv infinite.csv --confidence 0.95", ["log_loss <= baseline + 0.005"]),
    # limits that always hold, or are none
    (2, "compare sure.csv surer.csv --missing skip", ["log_loss <= baseline", "skipped_rows <= baseline"]),
    (2, "compare sure.csv surer.csv", ["log_loss <= baseline * 1e308"]),
    (2, "compare sure.csv surer.csv", ["rows <= baseline * 1e308"]),
    (2, "compare wrong.csv wrong.csv", ["accuracy >= baseline * 0.98"]),
    (2, "compare infinite.csv infinite.csv", ["log_loss <= baseline * 1.02"]),
    (2, f"compare tokens.csv tokens.csv {TOKENS}", ["accuracy[d=*] >= baseline"]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fooled")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(("code", "command", "required"), CASES)
def test_exit_code(code: int, command: str, required: list[str], folder: Path) -> None:
    requirements = [word for each in required for word in ("--require", each)]
    done = xent(*command.split(), *requirements, cwd=folder)
    assert done.code == code, done.stderr
    assert (done.stdout == "") == (code == 2)
    assert "Traceback" not in done.stderr


def test_close_numbers_do_not_look_like_a_tie(folder: Path) -> None:
    done = xent("score", "close.csv", "--require", "log_loss <= 0.00035", "--no-breakdown", cwd=folder)
    [row] = [line for line in done.stdout.splitlines() if "FAIL" in line]
    assert row.split()[-3:-1] == ["0.00035001", "0.00035"]


def test_a_junit_name_is_the_same_with_one_slice_and_with_two(tmp_path: Path) -> None:
    names = []
    for rows in ("1,0.9,DE\n", "1,0.9,DE\n1,0.8,FR\n"):
        (tmp_path / "a.csv").write_text(f"label,prob,site\n{rows}")
        xent("score", "a.csv", "--require", "log_loss[site=*] <= 0.9", "--junit", "a.xml", cwd=tmp_path)
        names.append((tmp_path / "a.xml").read_text().partition("(site=DE)")[1])
    assert names == ["(site=DE)"] * 2


def test_json_says_why(folder: Path) -> None:
    require = ("--require", "log_loss <= baseline", "--confidence", "0.95", "--format", "json")
    [gate] = json.loads(xent("compare", "sure.csv", "surer.csv", *require, cwd=folder).stdout)["gates"]
    assert gate["verdict"] == "undecided"
    assert gate["message"].endswith("every row is alike, and the next may not be")
