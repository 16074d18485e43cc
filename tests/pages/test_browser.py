"""Pages in a real browser: nothing is fetched, wrong, too wide, illegible, on top of something else, or unreadable
to who listens or has no mouse. The rules of accessibility are those of axe-core that such a page can break.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.browser import Browser, NoAnswer, find
from tests.pages.test_page import EACH, page, rows
from tests.render.drawn import pictures
from xentcli import report
from xentcli.render.pictures.kinds import svg

PROGRAM = find()
LOOKS, ACCESS = (Path(__file__).with_name(f"{name}.js").read_text("utf-8") for name in ("looks", "access"))
HEAD = '<!DOCTYPE html><html lang=en><meta charset=utf-8><meta name="color-scheme" content="light dark">'
SOUND = f"{HEAD}<title>t</title><header></header><main id=m><h1>t</h1>%s</main>"
OPEN_ALL = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
WIDTHS = (1280, 768, 390)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium or Chrome"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    try:
        started = Browser(str(PROGRAM), tmp_path_factory.mktemp("profile"))
    except NoAnswer as why:  # some systems have a script of this name that installs one
        pytest.skip(str(why))
    with started as found:
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
        browser.evaluate(OPEN_ALL)
        assert (width, browser.evaluate(LOOKS)) == (width, [])
        assert (width, browser.evaluate(ACCESS)) == (width, [])
        assert complaints(browser) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_of_every_kind_look_right(scheme: str, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    for name, picture in pictures().items():
        path.write_text(f"{HEAD}<title>{name}</title><figure>{svg(picture)}</figure>", "utf-8")
        browser.open(path, WIDTHS[0], scheme)
        assert (name, browser.evaluate(LOOKS)) == (name, [])
        assert complaints(browser) == []


FAULTS = {
    '<html><title>t</title><main><h1>t</h1></main><header></header>': "html-has-lang",
    "<img src='data:,'>": "name: <img",
    "<a href='#m'></a>": "name: <a",
    "<a href='#none'>x</a>": "skip to a place",
    "<button></button>": "name: <button",
    "<svg></svg>": "svg-img-alt",
    "<h3>x</h3>": "heading-order",
    "<h2></h2>": "empty-heading",
    "<i id=a></i><i id=a></i>": "duplicate-id",
    "<p aria-describedby=none>x</p>": "aria-describedby",
    "<p aria-colour=red>x</p>": "aria-valid-attr",
    "<p role=imge>x</p>": "aria-roles",
    "<table><caption>c</caption><tr><td>1</table>": "td-has-header",
    "<table><caption>c</caption><tr><th>c<tr><td>1</table>": "scope-attr-valid",
    "<ul><p>x</p></ul>": "list",
    "<li>x</li>": "listitem",
    "<a href='#m' tabindex=3>x</a>": "tabindex",
    "<div aria-hidden=true><a href='#m'>x</a></div>": "aria-hidden-focus",
    "<div style='width:9em;overflow:auto'><p style='width:99em'>x</p></div>": "scrollable-region-focusable",
    "</main><p>x</p>": "region",
    "<main></main>": "landmark",
    "<nav><a href='#m'>x</a></nav>": "landmark-unique",
}  # fmt: skip


@pytest.mark.parametrize(("fault", "rule"), FAULTS.items())
def test_a_fault_is_found(fault: str, rule: str, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(fault if fault.startswith("<html") else SOUND % fault, "utf-8")
    browser.open(path, 1280, "light")
    found = browser.evaluate(ACCESS)
    assert [each[: len(rule)] for each in found][:1] == [rule], found
    path.write_text(SOUND % "", "utf-8")
    browser.open(path, 1280, "light")
    assert browser.evaluate(ACCESS) == []


def test_the_keyboard_goes_through_the_page_in_its_order(browser: Browser, tmp_path: Path) -> None:
    """Every link, button and scrolling table is reached, where one sees that; the last one leads out again."""
    path = tmp_path / "page.html"
    path.write_text(page("two classes"), encoding="utf-8")
    browser.open(path, 1280, "light")
    stops = browser.evaluate("""(() => {
      const all = [...document.querySelectorAll("a[href], button, summary, [tabindex]")];
      window.stops = all.filter((each) => each.checkVisibility());
      return window.stops.length;
    })()""")
    assert stops > 30
    for at in range(stops):
        browser.press("Tab", 9)
        assert browser.evaluate("window.stops.indexOf(document.activeElement)") == at
        assert browser.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    browser.press("Tab", 9)
    assert browser.evaluate("document.activeElement === document.body || !document.hasFocus()")


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
