"""What is written is neither an input nor another output."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.runner import shell, xent

TEXT = "label,prob\n1,0.9\n0,0.2\n"
PLAIN = ("--require", "rows >= 1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(TEXT.replace("0.9", "0.8") if name == "b" else TEXT)
        assert xent("score", f"{name}.csv", "--save-state", f"{name}.json", cwd=tmp_path).code == 0
    return tmp_path


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("score a.csv --output a.csv", "a.csv: --output would overwrite this input"),
        ("score ./a.csv --output a.csv", "./a.csv: --output would overwrite this input"),
        ("worst a.csv --output a.csv", "a.csv: --output would overwrite this input"),
        ("score a.csv --labels b.csv --prob prob --output b.csv", "b.csv: --output would overwrite this input"),
        ("compare a.csv b.csv --output a.csv", "a.csv: --output would overwrite this input"),
        ("merge a.json b.json --output b.json", "b.json: --output would overwrite this input"),
        (
            "score a.csv --save-state o.json --output o.json",
            "o.json: --output and --save-state both write this file",
        ),
        ("merge a.json b.json --save-state o --output o", "o: --output and --save-state both write this file"),
        ("gate a.csv --require rows>=1 --junit a.csv", "a.csv: --junit would overwrite this input"),
        ("gate a.csv --require rows>=1 --junit o --output o", "o: --output and --junit both write this file"),
    ],
)
def test_is_refused_and_nothing_is_touched(command: str, message: str, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert xent(*command.split(), cwd=folder) == (2, "", f"xent: error: {message}\n")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_total_may_take_the_place_of_a_part(folder: Path) -> None:
    assert xent("merge", "a.json", "b.json", "--save-state", "a.json", cwd=folder).code == 0


def test_a_device_takes_everything(folder: Path) -> None:
    options = ("--junit", "/dev/null", "--output", "/dev/null")
    assert xent("gate", "a.csv", *PLAIN, *options, cwd=folder) == (0, "", "")


def test_a_report_is_not_lost_under_standard_output(folder: Path) -> None:
    run = shell("xent gate a.csv --require 'rows >= 1' --junit /dev/stdout --format json > o", cwd=folder)
    assert run.code == 4
    assert "is where standard output goes" in run.stderr
    assert (folder / "o").read_text() == ""


def test_a_folder_that_is_not_there_is_no_file(folder: Path) -> None:
    run = xent("gate", "a.csv", *PLAIN, "--junit", "dd/", cwd=folder)
    assert (run.code, run.stdout) == (4, "")
    assert not (folder / "dd").exists()


def test_an_input_in_two_states_is_told(folder: Path) -> None:
    assert xent("score", "a.csv", "b.csv", "--save-state", "ab.json", cwd=folder).code == 0
    run = xent("merge", "ab.json", "a.json", cwd=folder)
    assert run.code == 0
    assert '"a.csv", 2 rows and 23 bytes, is in ab.json and in a.json: if it is the same file' in run.stderr


def test_a_comparison_is_reported_as_a_gate_is(folder: Path) -> None:
    options = ("--require", "log_loss <= baseline - 0.5", "--junit", "o.xml", "--github")
    run = xent("compare", "a.csv", "b.csv", *options, cwd=folder, env={"GITHUB_STEP_SUMMARY": "o.md"})
    assert run.code == 1
    assert run.stderr.splitlines()[-1].startswith(
        "::error title=xent%3A fail%3A log_loss <= baseline - 0.5::log_loss"
    )
    assert '<failure type="failed"' in (folder / "o.xml").read_text()
    assert "log_loss &lt;= baseline - 0.5" in (folder / "o.xml").read_text()
    assert (folder / "o.md").read_text().startswith(r"### b\.csv against a\.csv")


def test_a_report_on_nothing_is_refused(folder: Path) -> None:
    run = xent("compare", "a.csv", "b.csv", "--github", cwd=folder)
    assert run == (2, "", "xent: error: --github needs --require\n  hint: it reports verdicts\n")
