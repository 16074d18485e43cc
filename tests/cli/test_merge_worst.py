"""`xent worst --save-state` and `xent merge`: the rows of the largest loss of all parts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runner import xent
from tests.transcript import ROOT

SAMPLE = ROOT / "sample_data" / "breast_cancer.csv"
LISTED = ("-n", "12", "--on", "id", "--show", "size")
STATES = ("c.state", "a.state", "b.state")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Part c holds rows of a again, so that there are ties; a state of each part."""
    folder = tmp_path_factory.mktemp("parts")
    header, *lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    for name, part in (("a", lines[:200]), ("b", lines[200:]), ("c", lines[50:120])):
        (folder / f"{name}.csv").write_text(header + "".join(part))
        assert xent("worst", f"{name}.csv", *LISTED, "--save-state", f"{name}.state", cwd=folder).code == 0
    return folder


@pytest.mark.parametrize("options", [("--format", "json", "--unit", "bits"), ("--format", "csv"), ()])
def test_merging_lists_the_worst_rows_of_the_whole(options: tuple[str, ...], parts: Path) -> None:
    merged = xent("merge", *STATES, *options, cwd=parts)
    whole = xent("worst", "c.csv", "a.csv", "b.csv", *LISTED, *options, cwd=parts)
    assert (merged.code, merged.stdout) == (0, whole.stdout)
    assert xent("merge", *STATES[:2], "--save-state", "some.state", "-q", cwd=parts).code == 0
    assert xent("merge", "some.state", "b.state", *options, cwd=parts).stdout == whole.stdout


def test_saving_changes_nothing_of_the_list(parts: Path) -> None:
    saved = xent("worst", "a.csv", *LISTED, "--save-state", "again.state", cwd=parts)
    assert saved == xent("worst", "a.csv", *LISTED, cwd=parts)
    assert (parts / "again.state").read_bytes() == (parts / "a.state").read_bytes()


def test_rows_of_infinite_loss_come_back(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(f"label,prob\n1,0\n0,0.{ord(name) % 7}\n1,0.5\n")
        assert xent("worst", f"{name}.csv", "-n", "2", "--save-state", f"{name}.state", cwd=tmp_path).code == 0
    merged = json.loads(xent("merge", "a.state", "b.state", "--format", "json", cwd=tmp_path).stdout)
    assert [(row["file"], row["loss"]) for row in merged["rows"]] == [("a.csv", "Infinity"), ("b.csv", "Infinity")]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("-n", "3", "--on", "id", "--show", "size"), "number of listed rows (-n) is 3, not 12"),
        (("-n", "12", "--show", "size"), "--on is none, not id"),
        (("-n", "12", "--on", "id"), "--show is none, not size"),
    ],
)
def test_lists_of_other_rows_are_refused(options: tuple[str, ...], says: str, parts: Path) -> None:
    assert xent("worst", "b.csv", *options, "--save-state", "other.state", cwd=parts).code == 0
    run = xent("merge", "a.state", "other.state", cwd=parts)
    assert (run.code, run.stdout) == (3, "")
    assert says in run.stderr


@pytest.mark.parametrize("order", [("a.state", "score.state"), ("score.state", "a.state")])
def test_a_list_and_a_score_are_not_merged(order: tuple[str, str], parts: Path) -> None:
    assert xent("score", "b.csv", "--save-state", "score.state", "-q", cwd=parts).code == 0
    commands = {"a.state": "worst", "score.state": "score"}
    says = f"{order[1]}: is a state of xent {commands[order[1]]}, and {order[0]} one of xent {commands[order[0]]}"
    run = xent("merge", *order, cwd=parts)
    assert run == (3, "", f"xent: error: {says}\n  hint: merge states of one command\n")


def test_requirements_are_about_the_scores_of_all_rows(parts: Path) -> None:
    required = ("--require", "log_loss <= 0.2")
    run = xent("merge", *STATES, *required, cwd=parts)
    assert (run.code, run.stdout) == (2, "")
    assert "hint: xent gate c.state judges the scores of all rows" in run.stderr
    whole = xent("gate", "c.csv", "a.csv", "b.csv", *required, "--no-breakdown", "--format", "json", cwd=parts)
    gated = xent("gate", *STATES, *required, "--format", "json", cwd=parts)
    assert gated.code == whole.code == 0
    assert json.loads(gated.stdout)["gates"] == json.loads(whole.stdout)["gates"]
