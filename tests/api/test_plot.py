"""`plot` in Python: models in files, tables, arrays and results, by name."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import xentcli
from tests.cli.runner import xent
from tests.transcript import ROOT
from xentcli import calibrate, plot, rank, report, score
from xentcli.errors import ContentError, RequestError
from xentcli.results.pictures import (
    ANY_LABEL,
    CalibratePicture,
    LossesPicture,
    McbDscPicture,
    RankPicture,
    ReliabilityPicture,
    RocPicture,
)

SAMPLE = ROOT / "sample_data" / "breast_cancer.csv"
FRAME = pd.read_csv(SAMPLE)


def test_it_draws_what_the_command_draws(tmp_path: Path) -> None:
    found = plot("roc", SAMPLE)
    assert found.svg == found._repr_html_() == xent("plot", "roc", SAMPLE, cwd=tmp_path).stdout
    found.save(tmp_path / "out.svg")
    assert (tmp_path / "out.svg").read_text() == found.svg
    found.save(tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert repr(found) == "<Plot: roc>"


def test_models_by_name() -> None:
    models = {"file": SAMPLE, "frame": FRAME.assign(prob_malignant=0.5), "result": score(SAMPLE)}
    picture = plot("mcb-dsc", models, unit="bits").picture
    assert isinstance(picture, McbDscPicture)
    file, frame, result = picture.models
    assert [each.name for each in picture.models] == [*models]
    assert file.log_loss == pytest.approx(result.log_loss)
    assert (frame.log_loss, frame.breakdown.discrimination) == (1.0, 0.0)  # a coin costs one bit


def test_labels_beside_scores() -> None:
    labels, p = np.arange(100) % 2, np.linspace(0.01, 0.99, 100)
    picture = plot("roc", labels, probs=p).picture
    assert isinstance(picture, RocPicture)
    assert picture.models[0].area == pytest.approx(1275 / 2500)  # of 50 x 50 pairs, 1 + ... + 50 are in order
    both = plot("roc", labels, probs={"up": p, "down": 1 - p}).picture
    assert isinstance(both, RocPicture)
    assert {each.name: each.area for each in both.models} == pytest.approx({"up": 0.51, "down": 0.49})
    with pytest.raises(RequestError, match="probs= is of one model"):
        plot("roc", {"a": FRAME}, probs=p)


def test_a_ranking(tmp_path: Path) -> None:
    new = ROOT / "sample_data" / "breast_cancer_new.csv"
    found = plot("rank", [SAMPLE, new], on="id", base="breast_cancer")
    assert found.svg == plot("rank", rank([SAMPLE, new], on="id", base="breast_cancer")).svg
    assert isinstance(found.picture, RankPicture)
    assert found.picture.models[0].difference == pytest.approx(-0.05019393379902457)
    command = xent("plot", "rank", SAMPLE, new, "--on", "id", "--base", "breast_cancer", cwd=tmp_path)
    assert command.stdout == found.svg


def test_in_a_ranking_0_belongs_to_the_base_alone() -> None:
    wrong = FRAME.assign(prob_malignant=(FRAME.label != "malignant") * 1.0)
    found = plot("rank", {"finite": FRAME, "wrong": wrong}, base="wrong")
    assert isinstance(found.picture, RankPicture)
    assert {each.name: each.difference for each in found.picture.models} == {"finite": -math.inf, "wrong": 0}
    assert ("finite: -inf" in found.svg, "An arrow: infinite" in found.svg) == (True, True)
    other = wrong.assign(prob_malignant=[0.5, *wrong.prob_malignant[1:]])
    both = plot("rank", {"one": wrong, "other": other}, base="one")
    assert isinstance(both.picture, RankPicture)
    assert {each.name: each.difference for each in both.picture.models} == {"one": 0, "other": None}
    assert (both.svg.count("<circle"), "Without a point" in both.svg) == (1, True)


def test_a_table_of_tokens() -> None:
    picture = plot("losses", pd.DataFrame({"lp": [-1.0, -3.0]}), logprob="lp").picture
    assert isinstance(picture, LossesPicture)
    bins = picture.models[0].bins
    assert [(each.rows, each.loss) for each in bins if each.rows] == [(0.5, 0.25), (0.5, 0.75)]
    assert all(each.low <= loss < each.high for each, loss in zip((bins[0], bins[-1]), (1, 3), strict=True))


def test_a_result_of_calibration() -> None:
    of_result, of_rows = plot("calibrate", calibrate(SAMPLE)).picture, plot("calibrate", SAMPLE).picture
    assert isinstance(of_result, CalibratePicture)
    assert isinstance(of_rows, CalibratePicture)
    assert of_result.methods == of_rows.methods
    assert of_rows.before_and_after is not None
    before, after = of_rows.before_and_after.models
    row = next(each for each in calibrate(SAMPLE).methods if each.method == "offset")
    assert (before.log_loss, after.log_loss) == pytest.approx((0.1399140149517205, row.log_loss_cross_fitted))


@pytest.mark.parametrize(
    ("kind", "arguments", "words"),
    [
        ("roc", {"band": "none"}, "band= has no effect on roc"),
        ("rok", {}, 'did you mean "roc"'),
        ("reliability", {"band": "wide"}, 'band= is consistency, confidence or none, not "wide"'),
        ("confusions", {"by": "size"}, "by= has no effect"),
    ],
)
def test_refusals_speak_of_arguments(kind: str, arguments: dict[str, str], words: str) -> None:
    with pytest.raises(RequestError) as refused:
        plot(kind, SAMPLE, **arguments)  # type: ignore[arg-type]  # names of arguments come from a table
    assert words in f"{refused.value.message} {refused.value.hint}"


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    picture, page = plot("roc", SAMPLE), report(SAMPLE)
    for write, words in (
        (picture.save, "pictures are written as .svg or .png, not as .pdf"),
        (page.save, "pages are written as .html, not as .pdf"),
        (
            lambda path: report("none.csv", path),
            "pages are written as .html",
        ),  # before anything is read
    ):
        with pytest.raises(RequestError, match=words):
            write(tmp_path / "out.pdf")
    assert list(tmp_path.iterdir()) == []


def test_a_band_knows_nothing_of_clusters_and_says_so() -> None:
    drawn = plot("reliability", SAMPLE, cluster="id").picture
    assert isinstance(drawn, ReliabilityPicture)
    assert drawn.cluster == "id"


def test_rows_of_several_labels() -> None:
    random = np.random.default_rng(0)
    p = random.random((50, 3))
    labels = {f"y_{k}": random.random(50) < p[:, k] for k in range(3)}
    frame = pd.DataFrame({f"p_{k}": p[:, k] for k in range(3)} | labels)
    drawn = plot("reliability", frame, label="y_*", prob="p_*", multilabel=True).picture
    assert isinstance(drawn, ReliabilityPicture)
    assert (drawn.labels, drawn.event, drawn.models[0].rows) == (3, ANY_LABEL, 50)


def test_verdicts_on_a_recalibration_rest_on_what_is_drawn() -> None:
    """gain_low, and as far above the gain."""
    drawn, result = plot("calibrate", SAMPLE, unit="bits").picture, calibrate(SAMPLE, unit="bits")
    assert isinstance(drawn, CalibratePicture)
    for point, row in zip(drawn.methods, result.methods, strict=True):
        assert (point.low, point.verdict) == (row.gain_low, row.verdict)
        assert None not in (point.low, point.gain, point.high)
        assert point.high - point.gain == pytest.approx(point.gain - point.low)  # type: ignore[operator]  # just seen
        assert (point.low > 0, point.high < 0) == (row.verdict == "helps", row.verdict == "hurts")  # type: ignore[operator]


def test_a_hint_names_the_call() -> None:
    with pytest.raises(RequestError) as refused:
        plot("roc", ROOT / "sample_data" / "wine.csv")
    assert refused.value.hint == 'plot("reliability", data) draws these'


@pytest.mark.parametrize("kind", [None, 3, ["roc"]])
def test_a_kind_is_a_text(kind: Any) -> None:
    with pytest.raises(RequestError, match="a kind of picture is a text, not "):
        plot(kind, SAMPLE)


def test_a_state_in_memory_is_drawn_as_its_rows_are() -> None:
    state = xentcli.score_state(SAMPLE)
    assert plot("reliability", {"model": state}).svg == plot("reliability", {"model": SAMPLE}).svg


def test_a_page_of_a_state_in_memory_has_its_numbers_and_pictures() -> None:
    of_state, of_rows = xentcli.report(xentcli.score_state(SAMPLE)), xentcli.report(SAMPLE)
    assert of_state.result.score.metrics == of_rows.result.score.metrics
    drawn = {type(each).__name__ for each in of_state.result.pictures}
    assert {"ReliabilityPicture", "BreakdownPicture", "RocPicture"} <= drawn


def test_a_page_of_another_result_is_refused_by_its_kind() -> None:
    with pytest.raises(ContentError, match=r"holds xent.calibrate, not xent.score"):
        xentcli.report(calibrate(SAMPLE))


def test_pictures_go_into_a_folder() -> None:
    with pytest.raises(RequestError, match="pictures= names a folder, not 3"):
        xentcli.score(SAMPLE).to_markdown(pictures=3)  # type: ignore[arg-type]
