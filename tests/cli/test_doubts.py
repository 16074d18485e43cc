"""What puts the numbers in doubt stands in the report, before them, in every format and whoever is quiet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runner import xent

ROWS = "label,p_a,p_b\n" + "a,0.2,0.8\nb,0.9,0.1\n" * 30 + "a,,0.8\n"
CHECK = "0.0 % of the rows are right as given, 100.0 % if the columns were of b, a"
LEFT_OUT = "1 row left out for a missing value"


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """A folder with a file whose columns seem to be swapped and whose last row lacks a score."""
    (tmp_path / "p.csv").write_text(ROWS)
    return tmp_path


def _printed(folder: Path, *arguments: str) -> str:
    run = xent(*arguments, "--missing", "skip", "--quiet", cwd=folder)
    assert run.stderr == ""
    return run.stdout


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        (("score", "p.csv"), "log loss"),
        (("score", "p.csv", "--format", "csv"), "log_loss"),
        (("score", "p.csv", "--format", "markdown"), "log loss"),
        (("gate", "p.csv", "--require", "log_loss <= 9", "--require", "skipped_rows <= 1"), "9.0000"),
        (("compare", "p.csv", "p.csv"), "log loss"),
        (("compare", "p.csv", "p.csv", "--format", "csv"), "log_loss"),
        (("worst", "p.csv"), "log loss"),
    ],
)
def test_doubts_stand_before_the_numbers(arguments: tuple[str, ...], number: str, doubtful: Path) -> None:
    text = _printed(doubtful, *arguments)
    assert 0 <= text.index(CHECK) < text.index(number)
    assert (arguments[0] == "worst") or 0 <= text.index(LEFT_OUT) < text.index(number)


def test_json_has_every_notice(doubtful: Path) -> None:
    result = json.loads(_printed(doubtful, "score", "p.csv", "--format", "json"))
    assert [notice["code"] for notice in result["notices"]] == ["column_order", "skipped_rows"]


def test_ci_is_told_of_doubts(doubtful: Path) -> None:
    requirements = ("--require", "log_loss <= 9", "--require", "skipped_rows <= 1")
    run = xent("gate", "p.csv", *requirements, "--missing", "skip", "--github", "--junit", "j.xml", cwd=doubtful)
    assert run.code == 0
    assert "::warning title=xent%3A column_order::0.0 %25 of the rows are right" in run.stderr
    assert 'name="doubt: column_order" value="0.0 % of the rows are right' in (doubtful / "j.xml").read_text()


def test_what_is_no_doubt_stays_out_of_the_report(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("label,prob\n0,0.5\n1,0.9\n")  # a tie
    run = xent("score", "p.csv", cwd=tmp_path)
    assert "several classes tie" in run.stderr
    assert "several classes tie" not in run.stdout
