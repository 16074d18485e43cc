"""Classes in an order, and labels among the first of many: what a user types for them, and what is required."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import xent
from xentcli.intervals import wilson

GRADES = "label,p_low,p_mid,p_high\nlow,0.7,0.2,0.1\nmid,0.3,0.4,0.3\nhigh,0.1,0.6,0.3\n"
RPS = (0.05 + 0.09 + 0.25) / 3  # (Q - T)^2 summed over two classes and halved, row by row
Z90 = 1.2815515655446004  # scipy.stats.norm.ppf(0.9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "grades.csv").write_text(GRADES)
    numbers = {"low": "2", "mid": "9", "high": "10"}
    (tmp_path / "numbers.csv").write_text(
        "label,p_10,p_2,p_9\n"
        + "".join(
            f"{numbers[label]},{high},{low},{mid}\n"
            for label, low, mid, high in (line.split(",") for line in GRADES.splitlines()[1:])
        )
    )
    return tmp_path


def metrics(*arguments: str | Path, cwd: Path) -> dict[str, Any]:
    run = xent("score", *arguments, "--format", "json", cwd=cwd)
    assert run.code == 0, run.stderr
    found = json.loads(run.stdout)["metrics"]
    assert isinstance(found, dict)
    return found


def test_the_order_is_that_of_classes_or_of_numbers(folder: Path) -> None:
    given = metrics("grades.csv", "--ordinal", "--classes", "low,mid,high", cwd=folder)
    numbers = metrics("numbers.csv", "--ordinal", cwd=folder)
    assert given["rps"] == pytest.approx(RPS, rel=1e-15)
    assert (numbers["rps"], numbers["rps_se"]) == (given["rps"], given["rps_se"])
    other = metrics("grades.csv", "--ordinal", "--classes", "mid,low,high", cwd=folder)
    assert other["rps"] == pytest.approx((0.2**2 + 0.1**2 + 0.6**2 + 0.3**2 + 0.6**2 + 0.7**2) / 6, rel=1e-15)
    assert metrics("grades.csv", cwd=folder)["rps"] is None


def test_soft_labels_are_in_the_order_of_the_classes_too(folder: Path) -> None:
    (folder / "soft.csv").write_text("t_10,t_2,t_9,p_10,p_2,p_9\n0,1,0,0.1,0.7,0.2\n0,0,1,0.3,0.3,0.4\n")
    found = metrics("soft.csv", "--target", "t_*", "--prob", "p_*", "--ordinal", cwd=folder)
    assert found["rps"] == pytest.approx((0.05 + 0.09) / 2, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (GRADES, ()),
        ("label,p_no,p_yes\nno,0.75,0.25\nyes,0.5,0.5\n", ()),
        ("label,prob\nno,0.75\nyes,0.5\n", ("--positive", "yes")),
    ],
)
def test_without_an_order_the_hint_works(text: str, options: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text)
    run = xent("score", "p.csv", "--ordinal", *options, cwd=tmp_path)
    assert (run.code, run.stdout) == (2, "")
    assert "p.csv: --ordinal needs the order of the classes" in run.stderr
    hint = run.stderr.partition("hint: ")[2].partition(" if ")[0]
    assert metrics("p.csv", "--ordinal", *options, *shlex.split(hint), cwd=tmp_path)["rps"] is not None


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("logprob\n-0.5\n-0.25\n", ("--logprob", "logprob")),
        ("y_a,y_b,p_a,p_b\n1,0,0.5,0.25\n0,1,0.5,0.5\n", ("--multilabel", "--label", "y_*", "--prob", "p_*")),
    ],
)
def test_tokens_and_several_labels_have_no_order(text: str, options: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text)
    run = xent("score", "p.csv", "--ordinal", *options, cwd=tmp_path)
    assert (run.code, run.stdout) == (2, "")
    assert "--ordinal has no effect" in run.stderr


def test_states_of_ordered_classes_merge_with_their_like(folder: Path) -> None:
    options = ("--ordinal", "--classes", "low,mid,high")
    (folder / "more.csv").write_text("label,p_low,p_mid,p_high\nlow,0.5,0.25,0.25\n")
    for name in ("grades", "more"):
        assert xent("score", f"{name}.csv", *options, "--save-state", f"{name}.json", cwd=folder).code == 0
    merged = xent("merge", "grades.json", "more.json", "--format", "json", cwd=folder)
    assert json.loads(merged.stdout)["metrics"] == metrics("grades.csv", "more.csv", *options, cwd=folder)
    assert xent("score", "more.csv", *options[1:], "--save-state", "more.json", cwd=folder).code == 0
    refused = xent("merge", "grades.json", "more.json", cwd=folder)
    assert (refused.code, refused.stdout) == (3, "")
    assert "was not scored as grades.json was: ordinal is no, not yes" in refused.stderr


def gates(*arguments: str | Path, cwd: Path) -> list[dict[str, Any]]:
    run = xent("score", *arguments, "--confidence", "0.9", "--format", "json", cwd=cwd)
    found = json.loads(run.stdout)["gates"]
    assert isinstance(found, list)
    return found


def test_bounds_of_top_k_accuracies_and_of_the_rps(folder: Path) -> None:
    options = ("--ordinal", "--classes", "low,mid,high")
    required = ("--require", "top_2_accuracy >= 0.3", "--require", "rps <= 0.9")
    top_2, rps = gates("grades.csv", *options, *required, cwd=folder)
    assert top_2["value"] == 1.0
    assert (top_2["low"], top_2["high"]) == pytest.approx(wilson(1.0, 3, Z90), rel=1e-12)
    se = np.std([0.05, 0.09, 0.25], ddof=1) / np.sqrt(3)
    bounds = (se, RPS - Z90 * se, RPS + Z90 * se)
    assert (rps["se"], rps["low"], rps["high"]) == pytest.approx(bounds, rel=1e-12)
    assert [top_2["verdict"], rps["verdict"]] == ["pass", "pass"]


def test_rows_of_clusters_leave_them_undecided(folder: Path) -> None:
    (folder / "c.csv").write_text("".join(f"{line},u{i % 2}\n" for i, line in enumerate(GRADES.split("\n")[:-1])))
    text = (folder / "c.csv").read_text().replace("p_high,u0", "p_high,user")
    (folder / "c.csv").write_text(text)
    options = ("--ordinal", "--classes", "low,mid,high", "--cluster", "user")
    found = gates("c.csv", *options, "--require", "top_2_accuracy >= 0.3", "--require", "rps <= 0.9", cwd=folder)
    assert [each["verdict"] for each in found] == ["undecided", "undecided"]
    assert all("depend on one another" in each["message"] for each in found)


@pytest.mark.parametrize("classes", [10, 11])
def test_the_first_screen_has_the_top_2_accuracy_beyond_ten_classes(classes: int, tmp_path: Path) -> None:
    z = np.random.default_rng(1).normal(size=(50, classes))
    table = {"label": np.arange(50) % classes, **{f"logit_{k}": z[:, k] for k in range(classes)}}
    pq.write_table(pa.table(table), tmp_path / "p.parquet")
    run = xent("score", "p.parquet", cwd=tmp_path)
    assert ("top-2 accuracy" in run.stdout) == (classes > 10)
    assert "top-3 accuracy" not in run.stdout
    assert "top-3 accuracy" in xent("score", "p.parquet", "--full", cwd=tmp_path).stdout
