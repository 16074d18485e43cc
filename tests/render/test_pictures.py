"""Pictures as SVG: well formed, named for who cannot see them, inert, and nothing over anything else."""

from __future__ import annotations

import math
import re
from typing import NamedTuple, get_args
from xml.etree import ElementTree

import pytest

from tests.hostile import HOSTILE, refuse_hostile
from tests.render.drawn import LONG, pictures
from xentcli.render.pictures.kinds import draw, svg
from xentcli.render.pictures.scale import Linear, Log, LogOdds, around, log
from xentcli.render.pictures.style import DARK, LIGHT
from xentcli.render.pictures.svg import fit, text_width
from xentcli.results.pictures import Picture

SVG = "{http://www.w3.org/2000/svg}"
KINDS = tuple(pictures())
EVERY = pytest.mark.parametrize("kind", KINDS)


class Box(NamedTuple):
    """Of a text that stands upright."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


def boxes(element: ElementTree.Element, x: float = 0, y: float = 0) -> list[Box]:
    """Of all texts that are not turned, as wide as they are at most."""
    found = []
    for each in element:
        if each.tag == f"{SVG}svg":
            found += boxes(each, x + float(each.get("x", 0)), y + float(each.get("y", 0)))
        if each.tag != f"{SVG}text" or "transform" in each.attrib:
            continue
        of = (each.get("class") or "").split()
        size = float(each.get("font-size", 16 if "title" in of else 12))
        text = each.text or each[0].tail or ""  # behind the hint of a name cut short
        wide, at = text_width(text, size), x + float(each.get("x", 0))
        left = at - wide if "end" in of else at - wide / 2 if "middle" in of else at
        base = y + float(each.get("y", 0))
        found.append(Box(left, base - 0.75 * size, left + wide, base + 0.2 * size, text))
    return found


def test_every_kind_is_tried_here() -> None:
    assert {type(each) for each in pictures().values()} == set(get_args(Picture))


@EVERY
def test_a_picture_is_xml_and_has_words_for_who_cannot_see_it(kind: str) -> None:
    text = svg(pictures()[kind])
    root = ElementTree.fromstring(text)
    assert (root.tag, root.get("role")) == (f"{SVG}svg", "img")
    assert [each.tag for each in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert all(each.text for each in root[:2])
    assert len(text) < 100_000
    assert re.search('="(nan|-?inf)"|(nan|inf),', text) is None
    assert text == svg(pictures()[kind])


@EVERY
def test_no_text_leaves_the_picture_or_stands_over_another(kind: str) -> None:
    drawn = draw(pictures()[kind])
    found = boxes(ElementTree.fromstring(drawn.document()))
    assert [each for each in found if each.left < 0 or each.right > drawn.width] == []
    assert [each for each in found if each.top < 0 or each.bottom > drawn.height] == []
    over = [
        (one.text, two.text)
        for at, one in enumerate(found)
        for two in found[at + 1 :]
        if one.left < two.right and two.left < one.right and one.top < two.bottom and two.top < one.bottom
    ]
    assert over == []


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@EVERY
def test_names_are_inert(kind: str, name: str) -> None:
    plain, odd = (svg(pictures((f"{begin}1", f"{begin}2", f"{begin}3"))[kind]) for begin in ("x", name))
    refuse_hostile(odd)
    root = ElementTree.fromstring(odd)
    tags = {each.tag for each in ElementTree.fromstring(plain).iter()}
    assert {each.tag for each in root.iter()} <= tags  # no element came from a name
    assert {key for each in root.iter() for key in each.attrib} & {"href", "onload", "onclick"} == set()


def test_a_long_name_loses_its_middle() -> None:
    assert text_width(fit(LONG, 100)) <= 100
    assert fit("short", 100) == "short"


@pytest.mark.parametrize(
    ("scale", "value", "pixel"),
    [
        (Linear(0, 2, 10, 110), 0.5, 35),
        (Linear(0, 2, 10, 110), 9, 110),
        (Log(1, 100, 0, 100), 10, 50),
        (Log(1, 100, 0, 100), 0, 0),
        (LogOdds(0, 100), 0.5, 50),
        (LogOdds(0, 100), 1, 100),
    ],
)
def test_a_scale_gives_pixels(scale: Linear | Log | LogOdds, value: float, pixel: float) -> None:
    assert scale(value) == pytest.approx(pixel)


@pytest.mark.parametrize("value", [5e-324, 1e-9, 0.5, 0.7, 1.0, 1.5, 10.0, 1e308])
def test_the_logarithm_is_that_of_the_library(value: float) -> None:
    assert log(value) == pytest.approx(math.log(value), rel=1e-14, abs=1e-15)


def test_axes_name_round_numbers() -> None:
    assert list(Linear(0, 1, 0, 1).ticks()) == [0, 0.2, 0.4, 0.6, 0.8, 1]
    assert list(Log(1e-3, 10, 0, 1).ticks()) == pytest.approx([1e-3, 1e-2, 0.1, 1, 10])
    assert list(Log(2e-3, 10, 0, 1).ticks()) == [1e-2, 0.1, 1, 10]
    low, high = around([0.317, 0.344])
    assert low < 0.317 < 0.344 < high
    assert around([5.0], zero=True)[0] == 0


@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_colors_are_read_on_their_paper(colors: dict[str, str]) -> None:
    """Contrast of WCAG 2: 4.5 for text, 3 for lines and bars."""
    for name in ("ink", "muted"):
        assert contrast(colors[name], colors["paper"]) >= 4.5
    for name in set(colors) - {"ink", "muted", "paper", "grid", "band"}:
        assert contrast(colors[name], colors["paper"]) >= 3, name


def contrast(one: str, two: str) -> float:
    """Of two colors as #rrggbb."""
    low, high = sorted(map(luminance, (one, two)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: str) -> float:
    """Relative, as WCAG 2 defines it."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
