"""A result saved with --reliability holds the curve, so pictures and pages have it too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import xent
from tests.transcript import ROOT
from xentcli import gate, plot, score

OLD, NEW, WINE = (ROOT / "sample_data" / f"{name}.csv" for name in ("breast_cancer", "breast_cancer_new", "wine"))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    for path in (OLD, NEW, WINE):
        run = xent("score", path, "--reliability", "-o", f"{path.stem}.json", cwd=tmp_path)
        assert run.code == 0
    return tmp_path


@pytest.mark.parametrize("unit", ["nats", "bits"])
def test_the_picture_is_that_of_the_predictions(unit: str, saved: Path) -> None:
    for files in ([OLD], [OLD, NEW]):
        names = [f"{each.stem}.json" for each in files]
        drawn = xent("plot", "reliability", *names, "--unit", unit, cwd=saved)
        assert drawn == xent("plot", "reliability", *files, "--unit", unit, cwd=saved)
    none = ("--band", "none")
    assert xent("plot", "reliability", "breast_cancer.json", *none, cwd=saved) == xent(
        "plot", "reliability", OLD, *none, cwd=saved
    )


def test_a_page_of_more_classes_has_the_curve_of_the_top_class(saved: Path) -> None:
    run = xent("report", "wine.json", "-o", "-", cwd=saved)
    assert run.code == 0
    assert "<title>Reliability of the probability of the top class</title>" in run.stdout


@pytest.mark.parametrize("option", [("--axis", "logodds"), ("--band", "confidence")])
def test_what_takes_more_than_the_curve_is_refused(option: tuple[str, str], saved: Path) -> None:
    run = xent("plot", "reliability", "breast_cancer.json", *option, cwd=saved)
    assert (run.code, run.stdout) == (2, "")
    assert "a saved result has the curve alone" in run.stderr


def test_curves_of_different_events_are_refused(saved: Path) -> None:
    run = xent("plot", "reliability", "breast_cancer.json", "wine.json", cwd=saved)
    assert (run.code, run.stdout) == (2, "")
    assert "curves are of different events: malignant, the top class" in run.stderr


@pytest.mark.parametrize(
    "change", [{"curve": []}, {"curve": [{"prediction": 1e300, "share": 0.5}]}, {"histogram": []}, {"event": 7}]
)
@pytest.mark.parametrize("command", [("plot", "reliability"), ("report",)])
def test_an_edited_curve_is_refused(command: tuple[str, ...], change: dict[str, Any], saved: Path) -> None:
    document = json.loads((saved / "wine.json").read_text())
    document["reliability_curve"] |= change
    (saved / "wine.json").write_text(json.dumps(document))
    run = xent(*command, "wine.json", cwd=saved)
    assert (run.code, run.stdout) == (3, "")
    assert "is not a score that this xent can have written" in run.stderr


def test_a_result_in_memory_is_drawn_as_its_file() -> None:
    assert plot("reliability", score(OLD)).svg == plot("reliability", OLD).svg


def test_what_has_no_curve_says_why(tmp_path: Path) -> None:
    assert xent("score", WINE, "--save-state", "state.json", cwd=tmp_path).code == 0
    run = xent("merge", "state.json", "--reliability", cwd=tmp_path)
    assert "there is no reliability curve: a state of more than two classes does not say" in run.stdout
    run = xent("score", OLD, "--reliability", "--no-breakdown", cwd=tmp_path)
    assert "there is no reliability curve: it takes the breakdown" in run.stdout


_RANK, _SCORE = ("rank", OLD, NEW, "--on", "id"), ("score", OLD, "--by", "size", "--reliability")
_COMPARE, _CALIBRATE = ("compare", OLD, NEW, "--on", "id"), ("calibrate", OLD)


@pytest.mark.parametrize(
    ("kind", "command", "path", "value"),
    [
        ("rank", _RANK, ("models",), []),
        ("mcb-dsc", _RANK, ("models",), []),
        ("rank", _RANK, ("unit",), "foo"),
        ("rank", _RANK, ("models", 0, "metrics", "log_loss"), None),
        ("mcb-dsc", _COMPARE, ("unit",), "foo"),
        ("mcb-dsc", _COMPARE, ("metrics", "log_loss", "new"), -1.0),
        ("calibrate", _CALIBRATE, ("methods",), []),
        ("calibrate", _CALIBRATE, ("methods", 0, "gain"), "much"),
        ("slices", _SCORE, ("slices", 0, "metrics", "log_loss"), None),
        ("breakdown", _SCORE, ("metrics", "log_loss"), "abc"),
        ("breakdown", _SCORE, ("metrics", "log_loss"), -0.1),
        ("breakdown", _SCORE, ("unit",), "foo"),
        ("reliability", _SCORE, ("reliability_curve", "curve", 0, "share"), 1.0),
    ],
)
def test_a_result_that_was_edited_is_refused(
    kind: str, command: tuple[str, ...], path: tuple[str | int, ...], value: object, tmp_path: Path
) -> None:
    document = json.loads(xent(*command, "--json", cwd=tmp_path).stdout)
    (tmp_path / "saved.json").write_text(json.dumps(document))
    assert xent("plot", kind, "saved.json", cwd=tmp_path).code == 0
    part = document
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    (tmp_path / "saved.json").write_text(json.dumps(document))
    run = xent("plot", kind, "saved.json", cwd=tmp_path)
    assert (run.code, run.stdout) == (3, "")
    assert "that this xent can have written: " in run.stderr


@pytest.mark.parametrize("data", ["breast_cancer.json", OLD])
def test_a_gate_draws_the_curve_below_its_verdict(data: str | Path, saved: Path) -> None:
    required = "rows > 1"
    assert "perfect calibration" not in str(gate(OLD, require=required))
    assert "perfect calibration" in str(gate(saved / data, require=required, reliability=True))
    run = xent("gate", data, "--require", required, "--reliability", cwd=saved)
    assert run.code == 0
    assert "perfect calibration" in run.stdout


def test_a_gate_says_where_a_saved_result_has_no_curve(tmp_path: Path) -> None:
    (tmp_path / "plain.json").write_text(score(OLD).to_json())
    asked = ("gate", "plain.json", "--require", "rows > 1", "--reliability")
    words = "the saved result has none"
    assert f"there is no reliability curve: {words}" in xent(*asked, cwd=tmp_path).stdout
    document = json.loads(xent(*asked, "--json", cwd=tmp_path).stdout)
    assert document["score"]["unavailable"]["reliability_curve"] == words
