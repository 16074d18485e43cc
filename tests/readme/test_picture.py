"""The picture in the README: a terminal with the report, drawn by rich from what `xent score` prints.

`XENT_UPDATE_GOLDENS=1 python -m pytest tests/readme/test_picture.py` draws it again.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from xml.etree import ElementTree

import pytest
from rich.console import Console
from rich.text import Text

from tests.cli.runner import on_terminal, plain, xent
from tests.transcript import ROOT, UPDATE

PICTURE = ROOT / "xentcli" / "docs" / "score.svg"
COMMAND = ("score", "sample_data/breast_cancer.csv")
WIDTH = 80
CHARACTER = 12.2  # rich's width of one
FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono'"


@pytest.fixture(scope="module")
def shown() -> str:
    """The terminal: the command, and the report in color."""
    return f"$ xent {' '.join(COMMAND)}\n{on_terminal(*COMMAND, cwd=ROOT, width=WIDTH).stdout}"


def drawn(text: str) -> str:
    """The terminal as SVG, the same for the same text: no font is fetched."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    console.print(Text.from_ansi(text), end="")
    svg = re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="xent", unique_id="xent"), flags=re.DOTALL)
    return re.sub(r"[ \t]+$", "", svg.replace("Fira Code", FONT), flags=re.MULTILINE)


def words(svg: str) -> list[str]:
    """The lines that a picture shows, without the empty ones."""
    lines: dict[float, str] = defaultdict(str)
    for each in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        if "clip-path" in each.attrib and each.text:
            y, column = float(each.attrib["y"]), round(float(each.attrib["x"]) / CHARACTER)
            lines[y] = lines[y].ljust(column) + each.text.replace("\xa0", " ")
    return [line for y in sorted(lines) if (line := lines[y].rstrip())]


def test_it_shows_what_is_printed(shown: str) -> None:
    if UPDATE:
        PICTURE.write_text(drawn(shown), encoding="utf-8")
    printed = [line.rstrip() for line in plain(shown).splitlines()]
    assert words(PICTURE.read_text(encoding="utf-8")) == [line for line in printed if line]


def test_it_is_small_and_fetches_nothing() -> None:
    svg = PICTURE.read_text(encoding="utf-8")
    assert len(svg) < 30_000
    assert not re.search(r"@import|@font-face|(href|src)=|url\((?!#)", svg)
    assert f"]({PICTURE.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_picture_of_the_page_on_pictures_is_what_is_drawn() -> None:
    path = ROOT / "xentcli" / "docs" / "reliability.svg"
    svg = xent("plot", "reliability", "sample_data/breast_cancer.csv", cwd=ROOT).stdout
    if UPDATE:
        path.write_text(svg, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == svg
