"""What is wrong is said in one line, or as JSON, with what to type instead; a bug is no verdict."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import xentcli.api
from tests.cli.inputs import BAD
from tests.cli.runner import Forks, error_of, xent

# Inputs that the system refuses


def test_missing_file(folder: Path) -> None:
    run = xent("score", "none.csv", cwd=folder)
    assert run == (4, "", "xent: error: none.csv: no such file or directory\n")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("gate", "none.csv", "--baseline", "p.csv"), "none.csv: no such file"),
        (("score", "none.csv", "--baseline", "none.json"), "none.csv: no such file"),
        (("score", "p.csv", "--prob", "none", "--baseline", "none.json"), "none.json: no such file"),
        (("compare", "p.csv", "none.csv", "--base-prob", "none"), "none.csv: no such file"),
        (("compare", "p.*", "p.csv", "--base-prob", "none"), "BASE names 2 files"),
        (("compare", "p.csv", "q.csv", "--base-prob", "none", "--prob", "nope"), 'q.csv: no column "nope"'),
    ],
)
def test_of_two_faults_what_cannot_be_opened_is_said_before_what_is_in_it(
    command: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    for name in ("p.csv", "p.tsv", "q.csv"):
        (tmp_path / name).write_text("label,prob\n1,0.5\n0,0.5\n")
    required = ("--require", "log_loss <= baseline") if "--baseline" in command else ()
    assert said in xent(*command, *required, cwd=tmp_path).stderr


def test_folder_without_data_files(folder: Path) -> None:
    (folder / "empty").mkdir()
    run = xent("score", "empty", cwd=folder)
    assert run == (4, "", "xent: error: empty: is a folder without data files\n")


def test_pattern_without_files(folder: Path) -> None:
    run = xent("score", "shards/*.csv", cwd=folder)
    assert run == (4, "", "xent: error: shards/*.csv: no file matches this pattern\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(folder: Path) -> None:
    (folder / "good.csv").chmod(0)
    run = xent("score", "good.csv", cwd=folder)
    assert run == (4, "", "xent: error: good.csv: permission denied\n")


@pytest.mark.skipif(
    not os.path.exists("/proc/self/mem"), reason="only Linux has a file whose beginning is no memory"
)
def test_file_that_fails_while_it_is_read(folder: Path) -> None:
    run = xent("score", "/proc/self/mem", cwd=folder)
    assert run == (4, "", "xent: error: /proc/self/mem: input/output error\n")


def test_named_pipe_without_a_writer_is_refused(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    run = xent("score", "fifo", cwd=folder, timeout=5)
    assert (run.code, run.stdout) == (4, "")
    assert run.stderr == (
        "xent: error: fifo: is a pipe that nothing writes to\n"
        "  hint: start what writes to it, or xent score <(command)\n"
    )


def test_device(folder: Path) -> None:
    run = xent("score", "/dev/null", cwd=folder)
    assert run == (4, "", "xent: error: /dev/null: is not a regular file\n")


@pytest.mark.parametrize("arguments", [("score",), ("score", "--format", "csv")])
def test_nothing_to_score(arguments: tuple[str, ...], folder: Path) -> None:
    run = xent(*arguments, cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert run.stderr.startswith("Usage: xent ")
    assert "xent: error: " in run.stderr


# Errors as JSON


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("score", "bad.csv"),
         {"code": "probability_out_of_range", "exit_code": 3, "file": "bad.csv", "line": 4, "row": None,
          "column": "p_a"}),
        (("score", "none.csv"), {"exit_code": 4, "file": "none.csv", "line": None, "row": None, "column": None}),
        (("score", "good.csv", "--label", "lable"), {"exit_code": 2, "file": "good.csv", "line": None}),
        (("score", "good.csv", "--clip", "7"), {"exit_code": 2, "file": None, "line": None}),
        (("score", "good.csv", "--clip", "x"), {"exit_code": 2, "file": None, "line": None}),
        (("score", "good.csv", "--frobnicate"), {"exit_code": 2, "file": None}),
        (("score",), {"exit_code": 2, "file": None}),
        (("scor",), {"exit_code": 2, "file": None}),
    ],
)  # fmt: skip
def test_an_error_as_json(arguments: tuple[str, ...], expected: dict[str, Any], folder: Path) -> None:
    error = error_of(xent(*arguments, "--format", "json", cwd=folder))
    assert {key: error[key] for key in expected} == expected
    assert error["message"]


def test_an_error_as_json_in_the_other_spelling(folder: Path) -> None:
    assert error_of(xent("score", "--format=json", "bad.csv", cwd=folder))["line"] == 4


def test_an_error_as_json_has_names_exact(folder: Path) -> None:
    name = "\x1b[31m\u202ené\n.csv"
    (folder / name).write_text(BAD)
    assert error_of(xent("score", name, "--format", "json", cwd=folder))["file"] == name


def test_an_error_of_a_parquet_file_has_a_row(folder: Path) -> None:
    pq.write_table(pa.table({"label": ["a", "b"], "p_a": [0.5, 7.0], "p_b": [0.5, 0.5]}), folder / "x.parquet")
    error = error_of(xent("score", "x.parquet", "--format", "json", cwd=folder))
    assert (error["line"], error["row"], error["column"]) == (None, 1, "p_a")


# Did you mean


@pytest.mark.parametrize(
    ("arguments", "code", "meant"),
    [
        (("scor", "good.csv"), 2, "score"),
        (("Score", "good.csv"), 2, "score"),
        (("score", "good.csv", "--lable", "label"), 2, "--label"),
        (("score", "good.csv", "--probs", "p_a"), 2, "--prob"),
        (("score", "good.csv", "--label", "lable"), 2, '"label"'),
        (("score", "good.csv", "--prob", "p_A,p_b"), 2, '"p_a"'),
        (("score", "good.csv", "--format", "jsom"), 2, "json"),
        (("score", "typo.csv"), 3, '"malignant"'),
        (("score", "one.csv", "--positive", "malignat"), 2, '"malignant"'),
    ],
)
def test_did_you_mean(arguments: tuple[str, ...], code: int, meant: str, folder: Path) -> None:
    (folder / "typo.csv").write_text("label,p_malignant,p_benign\nmalignat,0.5,0.5\n")
    (folder / "one.csv").write_text("label,prob\nmalignant,0.5\nbenign,0.5\n")
    run = xent(*arguments, cwd=folder)
    assert (run.code, run.stdout) == (code, "")
    assert re.search(rf"did you mean.*{re.escape(meant)}", run.stderr, re.IGNORECASE) or (
        "--format" in arguments and meant in run.stderr
    )


def test_a_far_command_lists_the_commands(folder: Path) -> None:
    run = xent("frobnicate", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert "score" in run.stderr


# Bugs


@pytest.mark.parametrize("bug", [RuntimeError("boom"), SystemExit(1), GeneratorExit()], ids=repr)
def test_a_bug_is_no_verdict(bug: BaseException, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gate_of(request: object) -> None:
        raise bug

    monkeypatch.setattr(xentcli.api, "gate_of", gate_of)
    code, stdout, stderr = xent("score", "good.csv", cwd=folder)
    assert (code, stdout) == (70, "")
    assert stderr.startswith("Traceback (most recent call last):")
    assert type(bug).__name__ in stderr
    assert "bug" in stderr.splitlines()[-1]
    assert "report" in stderr.splitlines()[-1]


def test_a_bug_ends_the_process_with_its_own_code(forks: Forks, folder: Path) -> None:
    bug = "import xentcli.api\ndef gate_of(request):\n    raise SystemExit(1)\nxentcli.api.gate_of = gate_of"
    run = forks.xent("score", "good.csv", cwd=folder, script=bug)
    assert (run.code, run.stdout) == (70, "")
    assert run.stderr.startswith("Traceback (most recent call last):")
