"""`xent calibrate` as a user runs it: the honest table, the file that is saved, gates and refusals."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.runner import xent
from tests.core.fits.test_folds import with_folds
from tests.transcript import ROOT
from xentcli import calibrate
from xentcli.states.calibration import read_calibration

CANCER, DIGITS = ROOT / "sample_data" / "breast_cancer.csv", ROOT / "sample_data" / "digits.parquet"
STATED = 0.1399140149517205

# Reference figures: scipy.optimize.minimize and scikit-learn's IsotonicRegression, fold by fold.
REFERENCE: dict[str, tuple[dict[str, float], tuple[float, float, float, float], str]] = {
    "offset": ({"offset": 1.6034859586}, (0.10761885412695, 0.1080358715, 0.0318781435, 0.0115268356), "helps"),
    "temperature": (
        {"temperature": 1.4900383028}, (0.12644892728021, 0.1269985379, 0.0129154770, 0.0090801843), "not shown",
    ),
    "affine": (
        {"slope": 0.90153404, "offset": 1.37623411},
        (0.10701029931397, 0.1101639084, 0.0297501066, 0.0113185297),
        "helps",
    ),
    "beta": (
        {"a": 0.86728986, "b": 1.01818997, "c": 1.24883846},
        (0.10695073219490, 0.1572580215, -0.0173440066, 0.0396433483),
        "not shown",
    ),
    "isotonic": ({}, (0.09931939403854, 0.1088576238, 0.0310563912, 0.0156205608), "helps"),
}  # fmt: skip


@pytest.fixture(scope="module")
def folds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with fold = row number mod 5."""
    return with_folds(tmp_path_factory.mktemp("folds") / "folds.csv")


def found(*arguments: object, cwd: Path, code: int = 0) -> dict[str, Any]:
    """The JSON of a call."""
    run = xent("calibrate", *map(str, arguments), "--json", cwd=cwd)
    assert run.code == code, run.stderr
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def test_every_method_has_its_reference_figures(folds: Path, tmp_path: Path) -> None:
    result = found(folds, "--fold-column", "fold", cwd=tmp_path)
    assert (result["format"], result["format_version"], result["unit"]) == ("xent.calibrate", 1, "nats")
    assert result["log_loss"] == STATED
    assert (result["chosen"], result["folds"], result["fold_column"]) == ("offset", 5, "fold")
    methods = {each["method"]: each for each in result["methods"]}
    assert [*methods] == [*REFERENCE, "auto"]
    for name, (parameters, figures, verdict) in REFERENCE.items():
        each = methods[name]
        got = [each[key] for key in ("log_loss_in_sample", "log_loss_cross_fitted", "gain", "gain_se")]
        assert got == pytest.approx(figures, abs=2e-10)
        assert got[0] == pytest.approx(figures[0], abs=2e-14)
        assert {key: each["parameters"][key] for key in parameters} == pytest.approx(parameters, abs=1e-8)
        assert each["verdict"] == verdict
    knots = methods["isotonic"]["parameters"]["knots"]
    assert len(knots) == 11
    assert [*knots[0], *knots[-1]] == pytest.approx([-13.79972, -4.574711, 9.476829, 5.713733], abs=1e-5)
    assert methods["auto"]["gain"] == methods["offset"]["gain"]  # chosen in every fold


def test_the_file_says_what_was_fitted_to_what(folds: Path, tmp_path: Path) -> None:
    run = xent("calibrate", str(folds), "--fold-column", "fold", "-o", "cal.json", cwd=tmp_path)
    assert run.code == 0
    saved = json.loads((tmp_path / "cal.json").read_text())
    assert (saved["method"], saved["positive"], saved["input"]) == ("offset", "malignant", "log_odds")
    assert saved["fit"]["inputs"] == [
        {"name": str(folds), "sha256": hashlib.sha256(folds.read_bytes()).hexdigest()}
    ]
    assert saved["fit"]["log_loss"] == STATED
    assert saved["fit"]["log_loss_calibrated"] == pytest.approx(0.10761885412695, abs=2e-14)
    assert saved["fit"]["gain"] == pytest.approx(0.0318781435, abs=1e-10)
    assert len(saved["examples"]) == 5
    assert read_calibration(tmp_path / "cal.json").parameters == saved["parameters"]
    printed = xent("calibrate", str(folds), "--fold-column", "fold", "-o", "-", cwd=tmp_path)
    assert json.loads(printed.stdout) == saved


def test_weights_and_isotonic_intervals(tmp_path: Path) -> None:
    [affine] = found(CANCER, "--weight", "weight", "--method", "affine", cwd=tmp_path)["methods"]
    assert affine["log_loss_in_sample"] == pytest.approx(0.10527343741, abs=1e-10)
    assert affine["parameters"] == pytest.approx({"slope": 0.99994694, "offset": 1.66011967}, abs=1e-8)
    fit = calibrate(CANCER, method="isotonic", save=tmp_path / "iso.json")
    assert fit.chosen == "isotonic"
    assert {"knots", "p0", "p1"} == {*read_calibration(tmp_path / "iso.json").parameters}


def test_rounding_is_no_gain(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("label,prob_yes\n" + "no,0.5\nyes,0.5\n" * 10)
    [temperature] = found(tmp_path / "p.csv", "--method", "temperature", cwd=tmp_path)["methods"]
    assert (temperature["gain"], temperature["verdict"]) == (0.0, "not shown")


def test_nothing_is_saved_that_is_not_shown_to_help(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    q = rng.uniform(0.02, 0.98, 400)
    rows = [f"{int(u < p)},{p!r}" for u, p in zip(rng.uniform(size=400), q.tolist(), strict=True)]
    (tmp_path / "p.csv").write_text("\n".join(["label,prob", *rows]) + "\n")
    run = xent("calibrate", "p.csv", "-o", "cal.json", "--require", "gain_low >= 0", cwd=tmp_path)
    assert run.code == 0  # what is left alone gains exactly 0
    assert "leave the predictions as they are" in run.stdout
    saved = json.loads((tmp_path / "cal.json").read_text())
    assert (saved["method"], saved["parameters"], saved["fit"]["gain"]) == ("none", {}, 0.0)
    assert xent("calibrate", "p.csv", "--require", "gain > 0", cwd=tmp_path).code == 1


@pytest.mark.parametrize(
    ("require", "code"), [("gain >= 0.005", 0), ("gain >= 0.05 nats", 1), ("gain_low >= 0.01 bits", 0)]
)
def test_gates(require: str, code: int, folds: Path, tmp_path: Path) -> None:
    result = found(folds, "--fold-column", "fold", "--require", require, "--unit", "bits", cwd=tmp_path, code=code)
    [gate] = result["gates"]
    assert gate["verdict"] == ("fail" if code else "pass")
    assert gate["value"] == result["methods"][-1][gate["metric"]]  # each in the unit of the output
    assert xent("calibrate", str(folds), "--require", require, "--exit-zero", cwd=tmp_path).code == 0


def test_prior_shift(tmp_path: Path) -> None:
    def shift(*options: str) -> float:
        run = xent("calibrate", str(CANCER), *options, "-o", "cal.json", cwd=tmp_path)
        assert run.code == 0, run.stderr
        shift: dict[str, float] = json.loads((tmp_path / "cal.json").read_text())["parameters"]["shift"]
        return shift["malignant"] - shift["benign"]

    assert shift("--prior-to", "malignant=0.1,benign=0.9") == pytest.approx(-1.6760750702285925, abs=1e-15)
    assert shift("--kept", "malignant=1,benign=0.1") == pytest.approx(math.log(0.1), abs=1e-15)
    (tmp_path / "new.csv").write_text("label\n" + "malignant\n" + "benign\n" * 9)
    assert shift("--prior-to", "new.csv") == pytest.approx(-1.6760750702285925, abs=1e-15)
    run = xent("calibrate", str(CANCER), "--prior-from", "malignant=.5,benign=.5", "--prior-to", "estimate",
               cwd=tmp_path)  # fmt: skip
    assert "calibrated for those of --prior-from" in run.stderr


def test_a_shift_that_the_rows_cannot_show_meets_no_requirement(tmp_path: Path) -> None:
    shift = ["--prior-to", "malignant=0.1,benign=0.9", "--require", "gain >= 0"]
    run = xent("calibrate", str(CANCER), *shift, cwd=tmp_path)
    assert run.code == 1
    assert "needs --prior-from, and rows of the new class frequencies" in run.stdout


def test_infinite_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = ["label,prob", "1,0", *(["1,0.7", "0,0.3", "0,0.6", "1,0.9", "0,0.1"] * 20)]
    (tmp_path / "p.csv").write_text("\n".join(rows) + "\n")
    result = found("p.csv", "--method", "temperature", cwd=tmp_path)
    assert (result["rows"], result["infinite_rows"]) == (101, 1)
    assert any(notice["code"] == "left_out_of_fit" for notice in result["notices"])
    (tmp_path / "none.csv").write_text("label,prob\n1,0\n0,1\n")
    assert xent("calibrate", "none.csv", cwd=tmp_path).code == 3


def test_separable_rows_take_a_method_with_fewer_parameters(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("label,prob\n" + "1,0.7\n0,0.3\n1,0.6\n0,0.4\n" * 10)
    result = found("p.csv", "--method", "affine", cwd=tmp_path)
    assert any(notice["code"] == "no_best_parameters" for notice in result["notices"])


def test_folds_forward_go_by_the_size_of_numbers_and_dates(tmp_path: Path) -> None:
    head, *lines = CANCER.read_text().splitlines()

    def result(values: list[str]) -> dict[str, Any]:
        when = [values[k * len(values) // len(lines)] for k in range(len(lines))]
        rows = [f"{head},when", *map(",".join, zip(lines, when, strict=True))]
        (tmp_path / "when.csv").write_text("\n".join(rows) + "\n")
        return found("when.csv", "--folds-forward", "when", cwd=tmp_path)

    numbers = result(["8", "9", "10", "11"])
    assert (numbers["folds"], numbers["forward"]) == (4, True)
    dates = result(["2026-08", "2026-09", "2026-10", "2026-11"])
    assert dates["methods"] == numbers["methods"]
    many = result([str(day) for day in range(100)])
    assert many["folds"] == 20
    assert any(notice["code"] == "folds_joined" for notice in many["notices"])


@pytest.mark.parametrize("options", [[], ["--cluster", "size"], ["--weight", "weight"]])
def test_threads_change_no_bit(options: list[str], tmp_path: Path) -> None:
    one, four = (found(CANCER, *options, "--threads", n, cwd=tmp_path) for n in (1, 4))
    assert one == four


def test_a_method_that_holds_another_never_fits_worse(tmp_path: Path) -> None:
    chains = {CANCER: ("offset", "affine", "beta"), DIGITS: ("temperature", "slope_offsets", "vector")}
    for file, chain in chains.items():
        losses = {each["method"]: each["log_loss_in_sample"] for each in found(file, cwd=tmp_path)["methods"]}
        assert sorted(chain, key=losses.__getitem__, reverse=True) == [*chain]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--method", "vector"], 2, "vector is no method for 2 classes"),
        (["--method", "prior"], 2, "--method prior needs --prior-to"),
        (["--prior-from", "benign=.5,malignant=.5"], 2, "--prior-from needs --prior-to"),
        (["--prior-to", "estimate"], 2, "needs the class frequencies"),
        (["--prior-to", "benign=1,malignant=0"], 2, "each class needs one above 0"),
        (["--prior-to", "benign=1"], 2, "each class needs one above 0"),
        (["--prior-to", "a=1,b=0"], 2, '--prior-to names an unknown class, "a"'),
        (["--kept", "benign=1,malignant=.1", "--prior-to", "estimate"], 2, "--kept has no place"),
        (["--method", "offset", "--kept", "benign=1,malignant=.1"], 2, "takes no class frequencies"),
        (["--folds", "1"], 2, "leaves no rows"),
        (["--folds", "101"], 2, "--folds 101 is more than 100"),
        (["--folds", "3", "--fold-column", "size"], 2, "--folds has no effect"),
        (["--folds-forward", "size", "--fold-column", "size"], 2, "both say what the folds are"),
        (["--fold-column", "nosuch"], 2, "nosuch"),
        (["--require", "log_loss <= 0.3"], 2, "no number of a recalibration"),
        (["--require", "gain >= baseline"], 2, "no baseline"),
        (["--require", "gain[a] >= 0"], 2, "of all rows"),
        (["-o", str(CANCER)], 2, "would overwrite"),
        (["-o", "nosuch/cal.json"], 4, "nosuch"),
    ],
)
def test_refusals(options: list[str], code: int, words: str, tmp_path: Path) -> None:
    run = xent("calibrate", str(CANCER), *options, cwd=tmp_path)
    assert (run.code, run.stdout) == (code, "")
    assert words in run.stderr


@pytest.mark.parametrize(
    ("lines", "options", "code", "words"),
    [
        ("label,p_a,p_b\na,.505,.5\nb,.3,.705", [], 3, "sum to more than 1"),
        ("label,p_a,p_b\na,.505,.5\nb,.3,.705", ["--normalize"], 0, ""),
        ("label,logit_a,logit_b,logit_scale\na,1,0,3\nb,0,1,3", [], 2, 'no row is of class "scale"'),
        ("label,logit_a,logit_b,logit_c\na,1,0,3\nb,0,1,3", ["--logit", "logit_*"], 0, ""),
    ],
)
def test_what_score_refuses(lines: str, options: list[str], code: int, words: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(f"{lines}\n")
    for command in ("calibrate", "score"):
        run = xent(command, "p.csv", *options, cwd=tmp_path)
        assert (run.code, words in run.stderr) == (code, True)


def test_soft_labels_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("t,prob\n0.2,0.4\n0.9,0.7\n")
    run = xent("calibrate", "p.csv", "--target", "t", cwd=tmp_path)
    assert run.code == 2
    assert "plain label a row, not of soft labels" in run.stderr


def test_more_folds_than_can_be_kept_are_refused(tmp_path: Path) -> None:
    rows = ["label,prob,k", *(f"{k % 2},{0.3 + 0.4 * (k % 2)},{k}" for k in range(1500))]
    (tmp_path / "p.csv").write_text("\n".join(rows) + "\n")
    run = xent("calibrate", "p.csv", "--fold-column", "k", cwd=tmp_path)
    assert run.code == 3
    assert "more than 1,000 values" in run.stderr


def test_python_says_the_same(folds: Path, tmp_path: Path) -> None:
    fit = calibrate(folds, fold_column="fold")
    assert fit.to_dict()["methods"] == found(folds, "--fold-column", "fold", cwd=tmp_path)["methods"]
    assert repr(fit) == "<CalibrateResult: 569 rows, chosen: offset, gain 0.03188 nats>"
    fit.save(tmp_path / "cal.json")
    assert read_calibration(tmp_path / "cal.json").method == "offset"
    rows = fit.to_frame()
    assert {*rows["method"]} >= {*REFERENCE, "auto"}


def test_two_folds_cannot_show_what_choosing_gains(tmp_path: Path) -> None:
    two, three = (found(CANCER, "--folds", number, cwd=tmp_path) for number in (2, 3))
    assert [notice["code"] for notice in two["notices"]] == ["too_few_folds"]
    assert (two["chosen"], two["methods"][0]["verdict"]) == ("none", "helps")
    assert (three["chosen"], three["notices"]) == ("offset", [])


def test_many_values_of_a_fold_column_are_joined(tmp_path: Path) -> None:
    head, *lines = CANCER.read_text().splitlines()
    rows = (f"{line},{number % 300}" for number, line in enumerate(lines))
    (tmp_path / "p.csv").write_text("\n".join([f"{head},site", *rows]) + "\n")
    result = found("p.csv", "--fold-column", "site", cwd=tmp_path)
    assert (result["folds"], result["chosen"]) == (20, "offset")
    assert "300 values of site joined to 20 folds" in result["notices"][0]["message"]


def test_what_a_sum_below_1_costs_counts_in_the_verdict(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    q = rng.dirichlet([1, 1, 1], 400)
    rows = [f"{rng.choice(3, p=each)},{','.join(map(repr, (each * 0.992).tolist()))}" for each in q]
    (tmp_path / "p.csv").write_text("\n".join(["label,p_0,p_1,p_2", *rows]) + "\n")
    methods = found("p.csv", cwd=tmp_path)["methods"]
    assert {each["verdict"] == "helps" for each in methods} == {True, False}
    assert all((each["verdict"] == "helps") == (each["gain_low"] > 0) for each in methods)


def test_what_changes_nothing_is_said_to_and_shows_no_rounding(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("label,prob\n1,0.75\n0,0.25\n1,0.9\n")
    run = xent("calibrate", "p.csv", "--method", "temperature", cwd=tmp_path)
    assert "leave the predictions as they are: temperature changes nothing on these rows" in run.stdout
    (tmp_path / "q.csv").write_text("label,prob_a,prob_b\nb,0.3,0.7\na,0.6,0.4\n")
    run = xent("calibrate", "q.csv", "--method", "offset", cwd=tmp_path)
    assert "e-1" not in run.stdout
