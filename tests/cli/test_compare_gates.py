"""`xent compare --require`, as a user runs it: code, output and errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from tests.cli.comparing import BASE_ROWS, NEW, NEW_ROWS, OLD, compare, probabilities, refused, result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old.csv").write_text(BASE_ROWS)
    (tmp_path / "new.csv").write_text(NEW_ROWS)
    return tmp_path


@pytest.mark.parametrize(
    ("require", "options", "code"),
    [
        ("log_loss <= baseline", [], 0),
        ("log_loss <= baseline - 0.04", [], 0),
        ("log_loss <= baseline - 0.06", [], 1),
        ("log_loss <= baseline - 0.04", ["--confidence", "0.95"], 5),
        ("log_loss <= baseline - 0.01", ["--confidence", "0.95"], 0),
        ("log_loss >= baseline", ["--confidence", "0.95"], 1),
        ("log_loss <= baseline * 0.9", ["--confidence", "0.95"], 0),
        ("log_loss <= baseline * 0.5", [], 1),
        ("log_loss <= baseline - 0.06", ["--exit-zero"], 0),
        ("accuracy >= baseline + 0.02", [], 0),
        ("brier <= baseline", ["--confidence", "0.99"], 0),
        ("log_loss[size=*] <= baseline", [], 1),
        ("log_loss[size=large] <= baseline", ["--confidence", "0.95"], 0),
        ("log_loss <= 0.1", [], 0),
        ("log_loss <= 0.08", [], 1),
        ("ece <= baseline", [], 0),
        ("log_loss[malignant] <= baseline", [], 0),
        ("miscalibration <= baseline * 0.1", [], 1),
        ("infinite_rows <= baseline", ["--confidence", "0.95"], 0),
    ],
)
def test_requirements(tmp_path: Path, require: str, options: list[str], code: int) -> None:
    run = compare(OLD, NEW, "--require", require, *options, cwd=tmp_path)
    assert run.code == code, run
    assert require in run.stdout


# Expected: Student's one-sided bounds by SciPy on the row differences new - c base.
@pytest.mark.parametrize(
    ("require", "c", "limit"), [("baseline + 0.005", 1.0, 0.005), ("baseline * 0.9", 0.9, 0.0)]
)
def test_a_requirement_on_the_baseline_tests_the_paired_difference(
    tmp_path: Path, require: str, c: float, limit: float
) -> None:
    old, new = probabilities(OLD), probabilities(NEW)
    d = np.array([-math.log(new[name]) + c * math.log(old[name]) for name in old])
    half = scipy.stats.t.ppf(0.9, 568) * scipy.stats.sem(d)
    arguments = ("--require", f"log_loss <= {require}", "--confidence", "0.9")
    [found] = result(OLD, NEW, *arguments, cwd=tmp_path)["gates"]
    numbers = [found[name] for name in ("value", "se", "low", "high", "limit", "margin")]
    expected = [d.mean(), scipy.stats.sem(d), d.mean() - half, d.mean() + half, limit, limit - d.mean()]
    assert numbers == pytest.approx(expected, rel=1e-9)
    assert (found["verdict"], found["confidence"]) == ("pass", 0.9)
    of_base = "base" if c == 1 else "0.9 base"
    assert found["message"].startswith(f"log_loss, new - {of_base}, is ")


def test_limits_and_margins_are_in_the_unit_asked_for(tmp_path: Path) -> None:
    arguments = ("--require", "log_loss <= baseline - 0.06", "--unit", "bits")  # -0.0502 nats are -0.0724 bits
    [found] = result(OLD, NEW, *arguments, cwd=tmp_path)["gates"]
    assert (found["verdict"], found["limit"]) == ("pass", -0.06)
    assert found["value"] == pytest.approx(-0.05019393379902457 / math.log(2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--require", "ece <= baseline", "--confidence", "0.95"], "ece has no interval"),
        (["--require", "perplexity <= baseline", "--confidence", "0.95"], "perplexity has no paired difference"),
        (["--require", "ece[size=*] <= baseline"], "ece is not compared by slice"),
        (["--require", "log_loss[size=huge] <= baseline"], "no row is of this slice"),
        (["--confidence", "0.95"], "--confidence needs --require"),
        (["--require", "log_loss <= basline"], "is not a number"),
    ],
)
def test_requirements_that_cannot_be_judged(tmp_path: Path, arguments: Sequence[str], message: str) -> None:
    refused(compare(OLD, NEW, *arguments, cwd=tmp_path), 2, message)


def test_an_infinite_loss_meets_no_limit_on_the_baseline(folder: Path) -> None:
    (folder / "new.csv").write_text(NEW_ROWS.replace("0.125", "0"))
    run = compare("old.csv", "new.csv", "--require", "log_loss <= baseline + 9", cwd=folder)
    assert run.code == 1
    assert "is infinite, so the requirement fails: rows of infinite loss" in run.stdout


def test_rows_left_out_need_a_requirement_of_their_own(folder: Path) -> None:
    (folder / "new.csv").write_text(NEW_ROWS.replace("c,yes,0.125", "c,yes,"))
    arguments = ("old.csv", "new.csv", "--missing", "skip", "--require", "log_loss <= baseline")
    refused(compare(*arguments, cwd=folder), 2, "1 row left out by --missing skip")
    run = compare(*arguments, "--require", "skipped_rows <= 1", "--require", "rows >= 3", cwd=folder)
    assert run.code == 0, run.stderr
    assert run.stdout.count("pass ") == 3


def test_one_row_is_undecided(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("id,label,p_yes\na,yes,0.5\n")
    (tmp_path / "new.csv").write_text("id,label,p_yes\na,yes,0.75\n")
    run = compare("old.csv", "new.csv", "--require", "log_loss <= baseline", "--confidence", "0.95", cwd=tmp_path)
    assert run.code == 5
    assert "no test: needs at least two rows" in run.stdout
