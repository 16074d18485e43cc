"""`xent compare --anytime`: intervals and gates that hold at every look, as a user runs them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from tests.cli.comparing import BASE_ROWS, NEW, NEW_ROWS, OLD, compare, probabilities, refused, result
from xentcli import api
from xentcli.errors import RequestError

NO_TEST = "an interval for every look needs at least"


def differences(c: float = 1.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    old, new = probabilities(OLD), probabilities(NEW)
    return np.array([-math.log(new[name]) + c * math.log(old[name]) for name in old])


def one_sided(n: int, tightest: int, confidence: float) -> float:
    """In standard errors; arXiv 2103.06476."""
    log_a = math.log(1 - confidence)
    growth = n * (-2 * log_a + math.log(-2 * log_a + 1)) / tightest
    return math.sqrt(2 * (growth + 1) / growth * math.log(1 + math.sqrt(growth + 1) / (2 * (1 - confidence))))


# Expected: issue 18 gives r and the half-width; p is sqrt(n r^2 + 1) exp(-n r^2 t^2 / (2 (n r^2 + 1))).
def test_the_interval_and_p_of_breast_cancer(tmp_path: Path) -> None:
    found = result(OLD, NEW, "--anytime", "569", cwd=tmp_path)
    loss, growth = found["metrics"]["log_loss"], 569 * 0.1180997359458108**2
    assert (found["anytime"], loss["t"]) == (569, None)
    assert loss["low"] == pytest.approx(-0.05019393379902 - 0.05244294288917848)
    assert loss["high"] == pytest.approx(-0.05019393379902 + 0.05244294288917848)
    t = scipy.stats.ttest_1samp(differences(), 0).statistic
    assert loss["p_value"] == pytest.approx(
        math.sqrt(growth + 1) * math.exp(-growth * t * t / (2 * (growth + 1))), rel=1e-9
    )
    assert found["unavailable"]["log_loss.t"] == "an interval that is valid at every look has no t"
    assert (found["detectable_difference"], "detectable_difference" in found["unavailable"]) == (None, True)


def test_the_report_says_that_intervals_hold_at_every_look(tmp_path: Path) -> None:
    shown = compare(OLD, NEW, "--anytime", "569", cwd=tmp_path).stdout
    assert "no difference shown by 569 rows: -0.0502 nats a row (95 % at every look: -0.1026 to +0.0022)" in shown
    assert "they are tightest near 569 rows" in shown
    assert f"No interval of accuracy: {NO_TEST} 20 rows that differ between the models." in shown
    assert "detectable" not in shown
    csv = compare(OLD, NEW, "--anytime", "569", "--format", "csv", cwd=tmp_path).stdout
    assert "\nmetrics,,,anytime,569,count\n" in csv


# Expected: the one-sided bounds of the sequence by its formula, on the row differences new - c base.
@pytest.mark.parametrize(
    ("require", "options", "c", "confidence", "verdict"),
    [
        ("baseline + 0.005", [], 1.0, 0.95, "pass"),
        ("baseline", ["--confidence", "0.99"], 1.0, 0.99, "undecided"),
        ("baseline * 0.99", [], 0.99, 0.95, "undecided"),
        ("baseline - 0.2", [], 1.0, 0.95, "fail"),
    ],
)
def test_limits_on_the_difference_are_tested_at_every_look(
    tmp_path: Path, require: str, options: list[str], c: float, confidence: float, verdict: str
) -> None:
    arguments = ("--anytime", "2000", "--require", f"log_loss <= {require}", *options)
    run = compare(OLD, NEW, *arguments, "--format", "json", cwd=tmp_path)
    [found] = json.loads(run.stdout)["gates"]
    d = differences(c)
    half = one_sided(569, 2000, confidence) * scipy.stats.sem(d)
    assert (found["low"], found["high"]) == pytest.approx((d.mean() - half, d.mean() + half), rel=1e-9)
    assert (found["verdict"], found["confidence"]) == (verdict, confidence)
    assert run.code == {"pass": 0, "fail": 1, "undecided": 5}[verdict]


@pytest.mark.parametrize(
    ("require", "options", "code", "words"),
    [
        ("log_loss[size=small] <= baseline + 0.05", [], 0, "-0.0335 to 0.0413"),
        ("log_loss[size=small,texture=rough] <= baseline", [], 5, f"{NO_TEST} 100 rows"),
        ("accuracy >= baseline", [], 5, f"{NO_TEST} 20 rows that differ"),
        ("log_loss <= baseline", ["--cluster", "size"], 5, f"{NO_TEST} 100 clusters"),
        ("log_loss <= 0.1", [], 0, "every requirement is met"),
        ("ece <= baseline", [], 0, "every requirement is met"),
    ],
)
def test_slices_clusters_and_numbers_that_are_not_tested(
    tmp_path: Path, require: str, options: list[str], code: int, words: str
) -> None:
    run = compare(OLD, NEW, "--anytime", "2000", "--require", require, *options, cwd=tmp_path)
    assert (run.code, words in run.stdout) == (code, True), run.stdout


def test_models_that_are_alike_so_far_may_differ_later(tmp_path: Path) -> None:
    arguments = ("--anytime", "2000", "--require", "log_loss <= baseline")
    run = compare(OLD, OLD, *arguments, cwd=tmp_path)
    assert (run.code, f"{NO_TEST} 20 rows that differ" in run.stdout) == (5, True), run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--anytime", "99"], "--anytime is a whole number from 100"),
        (["--anytime", "-5"], "--anytime is a whole number from 100"),
        (["--anytime", "1.5"], "'1.5' is not a whole number"),
        (["--anytime", "500", "--confidence", "0.9", "--require", "log_loss <= 0.2"], "holds at every look"),
        (["--anytime", "500", "--confidence", "0.9", "--require", "log_loss[size=*] <= 1"], "holds at every look"),
        (["--anytime", "500", "--require", "log_loss == baseline"], "cannot be tested"),
    ],
)
def test_what_has_no_sequence_is_refused(tmp_path: Path, arguments: list[str], message: str) -> None:
    refused(compare(OLD, NEW, *arguments, cwd=tmp_path), 2, message)


def test_a_configuration_can_ask_for_it(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text(BASE_ROWS)
    (tmp_path / "new.csv").write_text(NEW_ROWS)
    (tmp_path / "xent.toml").write_text("anytime = 500\n")
    run = compare("old.csv", "new.csv", cwd=tmp_path)
    assert (run.code, f"no test: {NO_TEST} 100 rows" in run.stdout) == (0, True), run
    assert "anytime = 500" in run.stderr


def test_in_python() -> None:
    found = api.compare(OLD, NEW, on="id", anytime=569)
    assert (found.anytime, found.metrics["log_loss"].t) == (569, None)
    assert "95 % at every look" in "\n".join(found.headline())
    with pytest.raises(RequestError, match="anytime= is a whole number from 100 to"):
        api.compare(OLD, NEW, on="id", anytime=0)
    with pytest.raises(RequestError, match=r"holds at every look \(anytime=\)"):
        api.compare(OLD, NEW, on="id", anytime=500, confidence=0.9, require="brier <= 1")
