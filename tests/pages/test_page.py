"""The page as HTML: well formed, complete, closed to the outside, small, the same again."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lxml import html

from tests.render.drawn import pictures
from tests.transcript import ROOT
from xentcli import report
from xentcli.render.html.numbers import numbers_of

DATA = ROOT / "sample_data"
NEW, OLD = DATA / "breast_cancer_new.csv", DATA / "breast_cancer.csv"
PAGES: dict[str, tuple[Any, dict[str, Any]]] = {
    "two classes": (OLD, {"require": ["log_loss <= 0.1", "accuracy >= 0.9"]}),
    "two models": (NEW, {"base": OLD, "on": "id", "by": ["size", "texture"]}),
    "three classes": (DATA / "wine.csv", {}),
    "ten classes": (DATA / "digits.parquet", {"require": "rows >= 10"}),
    "infinite": ([1, 0, 1], {"probs": [0.0, 0.2, 0.6]}),
    "one class": ([1, 1], {"probs": [0.9, 0.2]}),
    "no breakdown": (OLD, {"breakdown": False}),
    "soft labels": ([[0.5, 0.5], [1.0, 0.0]], {"probs": [[0.4, 0.6], [0.9, 0.1]]}),
}
EACH = pytest.mark.parametrize("name", PAGES)


@cache
def page(name: str) -> str:
    data, arguments = PAGES[name]
    return report(data, **arguments).html


def tree(text: str) -> Any:
    return html.document_fromstring(text.encode())


@EACH
def test_ids_are_unique_and_links_lead_to_them(name: str) -> None:
    root = tree(page(name))
    ids = root.xpath("//@id")
    assert len(ids) == len({*ids})
    links = root.xpath("//nav//a/@href")
    assert links
    assert {link.removeprefix("#") for link in links} <= {*ids}
    assert {*root.xpath("//@aria-labelledby")} <= {*ids}


@EACH
def test_headings_leave_no_level_out(name: str) -> None:
    levels = [int(each.tag[1]) for each in tree(page(name)).iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@EACH
def test_every_table_has_a_caption_and_scopes(name: str) -> None:
    for table in tree(page(name)).iter("table"):
        assert table.findtext("caption")
        assert all(cell.get("scope") for cell in table.iter("th"))
        widths = {sum(int(cell.get("colspan", 1)) for cell in row) for row in table.iter("tr")}
        assert len(widths) == 1


@EACH
def test_every_picture_says_what_it_shows_and_has_its_numbers(name: str) -> None:
    pictures = tree(page(name)).xpath("//figure")
    assert pictures
    for figure in pictures:
        [picture] = figure.xpath(".//svg[@role='img']")
        assert picture.findtext("title")
        assert picture.findtext("desc")
        assert figure.xpath(".//details//table//td")


@EACH
def test_nothing_is_asked_of_anyone(name: str) -> None:
    """No address, handler or inline style; the policy allows the one style and script that are there."""
    root = tree(page(name))
    assert {*root.xpath("//@src | //@action | //@srcset | //@style | //@*[starts-with(name(), 'on')]")} == set()
    assert {href for href in root.xpath("//@href") if not href.startswith("#")} == {"data:,"}
    assert "url(" not in page(name)
    assert "@import" not in page(name)
    [policy] = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        [inline] = re.findall(f"<{tag}>(.*?)</{tag}>", page(name), re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy


def test_the_verdict_comes_first_and_the_checksums_last() -> None:
    titles = [each.text for each in tree(page("two classes")).iter("h2")]
    assert titles[:3] == ["✗ Failed", "Requirements", "Headline"]
    assert titles[-3:] == ["Rows of the largest loss", "All numbers", "How this was computed"]
    assert hashlib.sha256(OLD.read_bytes()).hexdigest() in page("two classes")


def test_doubts_come_before_the_numbers() -> None:
    frame = pd.DataFrame({"label": [0, 1] * 20, "prob": [0.01, 0.99] * 20})
    titles = [each.text for each in tree(report(frame).html).iter("h2")]
    assert titles[:2] == ["Check this first", "Headline"]


def test_what_puts_the_base_in_doubt_stands_there_too() -> None:
    new = pd.DataFrame({"label": [0, 1] * 20, "prob": [0.2, 0.6, 0.4, 0.3] * 10})
    text = report(new, base=new.assign(prob=new["label"] * 0.98 + 0.01)).html
    assert "40 rows matched in order" in text
    assert next(tree(text).iter("h2")).text == "Check this first"


def test_decisions_by_threshold_stand_below_the_roc_curve() -> None:
    [first, second] = tree(page("two models")).xpath("//section[@id='decisions']/div//table")
    found = {row.findtext("th"): [float(cell.text) for cell in row.iter("td")] for row in first.iter("tr")}
    assert found["0.5"] == [0.3603, 0.9854, 0.9528, 0.0084, 0.9772]  # Evidently 0.7 has the same for these rows
    assert "by breast_cancer where" in second.findtext("caption")


def test_the_comparison_and_both_models_are_there() -> None:
    text = page("two models")
    assert "NEW is better by 0.0502" in text
    assert "Compared with" in text
    assert text.count("breast_cancer_new</text>") >= 4


@EACH
def test_the_same_input_gives_the_same_bytes(name: str) -> None:
    data, arguments = PAGES[name]
    assert report(data, threads=1, **arguments).html == page(name)


def rows(count: int, groups: int, name: str = "") -> pd.DataFrame:
    p = np.linspace(0.01, 0.99, count)
    labels = (np.arange(count) * 7919 % 101 / 101 < p).astype(int)
    return pd.DataFrame({"label": labels, "prob": p, "g": [f"{name}{i % groups:03}" for i in range(count)]})


def test_fifty_slices_take_300_kilobytes() -> None:
    text = report(rows(2000, 50, "a slice with a name of some sixty characters, which is long: "), by="g").html
    assert len(text.encode()) <= 300_000
    assert len(tree(text).xpath("//section[@id='slices']/div//tbody/tr")) == 50


@pytest.mark.slow
def test_ten_classes_with_fifty_slices_take_300_kilobytes() -> None:
    random = np.random.default_rng(0)
    scores = random.dirichlet(np.full(10, 0.3), 50_000)
    labels = (scores.cumsum(axis=1) > random.random((50_000, 1))).argmax(axis=1)
    frame = pd.DataFrame({f"p_{at}": scores[:, at] for at in range(10)} | {"label": labels})
    frame["g"] = np.arange(50_000) % 50
    assert len(report(frame, by="g").html.encode()) <= 300_000


def test_a_page_never_takes_more_than_two_megabytes() -> None:
    """Thousand slices of four columns with endless names: cut, and by how many rows it is said."""
    frame = rows(2000, 1000, "x" * 200)
    for column in "hijk":
        frame[column] = frame["g"].str.replace("x", column)
    text = report(frame, by=list("ghijk")).html
    assert len(text.encode()) <= 2_000_000
    shown = len(tree(text).xpath("//section[@id='slices']/div[1]//tbody/tr"))
    assert f"and {1000 - shown} more slices by g" in text


def test_ten_thousand_classes() -> None:
    classes = [f"class {i:05}" for i in range(10_000)]
    scores = np.full((3, 10_000), 1e-4)
    text = report(["class 00007", "class 00001", "class 00007"], probs=scores, classes=classes).html
    assert len(text.encode()) <= 300_000


def test_endless_names_are_cut() -> None:
    frame = pd.DataFrame({"label": ["a" * 100_000, "b"] * 10, "prob": [0.4, 0.6] * 10})
    assert len(report(frame, positive="b", title="t" * 100_000).html) < 200_000


@pytest.mark.parametrize("kind", pictures())
def test_the_numbers_of_each_kind_of_picture_are_tables(kind: str) -> None:
    tables = [*numbers_of(pictures()[kind])]
    assert tables
    assert all(row for table in tables for group in table.groups for row in group.rows)
    assert all(len(group.rows) <= 200 for table in tables for group in table.groups)
