"""Pages in a real browser: nothing is fetched, wrong, too wide, illegible or on top of something else.

The checks of accessibility are those that matter here, made by hand: contrast, names, headings (`test_page`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.browser import Browser, find
from tests.pages.test_page import EACH, page, rows
from xentcli import report

PROGRAM = find()
LOOKS = Path(__file__).with_name("looks.js").read_text(encoding="utf-8")
WIDTHS = (1280, 768, 390)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium or Chrome"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(str(PROGRAM), tmp_path_factory.mktemp("profile")) as found:
        yield found


def complaints(browser: Browser) -> list[str]:
    """What the browser itself says, and what it asked for beside the page."""
    said = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
    found = [str(event["params"]) for event in browser.events if event["method"] in said]
    sent = [each["params"] for each in browser.events if each["method"] == "Network.requestWillBeSent"]
    urls = [each["request"]["url"] for each in sent]
    assert urls[0].endswith("/page.html")
    return [*found, *(url for url in urls[1:] if url != "data:,")]  # its icon


@EACH
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_looks_right(name: str, scheme: str, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(name), encoding="utf-8")
    for width in WIDTHS:
        browser.open(path, width, scheme)
        browser.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert (width, browser.evaluate(LOOKS)) == (width, [])
        assert complaints(browser) == []


def test_long_names_and_many_slices_look_right(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    text = report(rows(2000, 50, "a slice with a name of some sixty characters, which is long: "), by="g").html
    path.write_text(text, encoding="utf-8")
    for width in WIDTHS:
        browser.open(path, width, "light")
        assert (width, browser.evaluate(LOOKS)) == (width, [])


def test_print_is_light_and_has_no_contents(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page("two classes"), encoding="utf-8")
    browser.open(path, 794, "dark", media="print")
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert browser.evaluate(LOOKS) == []


def test_a_click_sorts_and_another_turns_round(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page("ten classes"), encoding="utf-8")
    browser.open(path, 1280, "light")
    table = "document.querySelector('#classes > .scroll table')"
    losses, title = f"[...{table}.tBodies[0].rows].map((r) => r.cells[4].innerText)", f"{table}.rows[0].cells[4]"
    for direction in ("descending", "ascending"):
        browser.evaluate(f"{title}.querySelector('button').click()")
        found = [float(each) for each in browser.evaluate(losses)]
        assert found == sorted(found, reverse=direction == "descending")
        assert browser.evaluate(f"{title}.getAttribute('aria-sort')") == direction
