"""What a notebook shows below the tables: the pictures that a result holds the numbers of."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.transcript import ROOT
from xentcli import calibrate, compare, divergence, gate, plot, rank, score, worst
from xentcli.render import notebook
from xentcli.render.page import Page
from xentcli.render.pictures.kinds import draw

SAMPLES = ROOT / "sample_data"
OLD, NEW, WINE = SAMPLES / "breast_cancer.csv", SAMPLES / "breast_cancer_new.csv", SAMPLES / "wine.csv"
MOST_BYTES = 60_000
RELIABILITY = "Reliability of the probability of malignant"
BREAKDOWN = "Where the log loss comes from"

SHOWN: dict[str, tuple[Callable[[], Any], list[str]]] = {
    "two classes": (lambda: score(OLD), [BREAKDOWN, RELIABILITY]),
    "slices": (lambda: score(OLD, by="size"), [BREAKDOWN, RELIABILITY, "Log loss by slice"]),
    "three classes": (lambda: score(WINE), [BREAKDOWN, "Which confusions carry the loss"]),
    "three classes, with the curve": (
        lambda: score(WINE, reliability=True),
        [BREAKDOWN, "Reliability of the probability of the top class", "Which confusions carry the loss"],
    ),
    "a verdict": (lambda: gate(OLD, require="log_loss <= 0.1"), [BREAKDOWN, RELIABILITY]),
    "two models": (lambda: compare(OLD, NEW, on="id"), [BREAKDOWN, RELIABILITY]),
    "several models": (lambda: rank([OLD, NEW], on="id"), ["2 models", "Discrimination against miscalibration"]),
    "recalibrations": (lambda: calibrate(OLD), ["What recalibration saves"]),
    "without the breakdown": (lambda: score(OLD, breakdown=False), []),
    "without the counts": (lambda: pickle.loads(pickle.dumps(score(OLD))), [BREAKDOWN]),
    "no picture of rows": (lambda: worst(OLD), []),
    "no picture of distances": (lambda: divergence(OLD, NEW, on="id"), []),
}


@pytest.mark.parametrize("name", SHOWN)
def test_pictures_stand_below_the_tables(name: str) -> None:
    result, titles = SHOWN[name][0](), SHOWN[name][1]
    html = result._repr_html_()
    drawn = re.findall(r"<svg xmlns.*?</svg>", html, re.DOTALL)
    found = [ElementTree.fromstring(each).findtext("{*}title") or "" for each in drawn]
    assert [title.startswith(begin) for title, begin in zip(found, titles, strict=True)] == [True] * len(titles)
    assert html.rindex("</table>") < html.index("<svg") if titles else "<style" not in html
    assert result._repr_html_() == html
    assert len(html.encode()) < MOST_BYTES
    refuse_reaching_out(html)


def refuse_reaching_out(html: str) -> None:
    """Nothing is fetched or run, and no rule holds for anything but the pictures."""
    assert not re.search(r"<script|<link|<img|@import|url\(|\bon\w+=", html)
    assert set(re.findall(r"https?://[^\"' ]+", html)) <= {"http://www.w3.org/2000/svg"}
    for sheet in re.findall(r"<style>(.*?)</style>", html):
        selectors = re.findall(r"(?:^|[{}])([^{}@;]+)\{", re.sub(r"@media [^{]*\{", "", sheet))
        assert selectors
        assert all(selector.startswith(".xent") for selector in selectors)


def test_the_diagram_is_that_of_xent_plot() -> None:
    assert draw(plot("reliability", OLD).picture).fragment().strip() in score(OLD)._repr_html_()


def test_pictures_beyond_the_size_are_left_out() -> None:
    picture = plot("reliability", OLD).picture
    html = notebook.render(score(OLD), Page(), [picture] * 9)
    drawn = re.findall(r"<svg xmlns.*?</svg>", html, re.DOTALL)
    assert 0 < len(drawn) < 9
    assert sum(map(len, drawn)) <= notebook.MOST < sum(map(len, drawn)) + len(drawn[0])
    assert f"{9 - len(drawn)} pictures more" in html
