"""Pictures as SVG: well formed, named for who cannot see them, inert, and nothing over anything else."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple, get_args
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from tests.hostile import HOSTILE, refuse_hostile
from tests.render.drawn import LONG, breakdown, pictures
from xentcli.render.html.numbers import numbers_of
from xentcli.render.pictures.kinds import draw, svg
from xentcli.render.pictures.scale import Linear, Log, LogOdds, around, log
from xentcli.render.pictures.style import DARK, LIGHT, style_sheet
from xentcli.render.pictures.svg import MINUS, Svg, fit, fit_each, text_width
from xentcli.results.pictures import (
    CalibratePicture,
    LossBin,
    LossesPicture,
    McbDscPicture,
    MethodPoint,
    ModelLosses,
    ModelParts,
    MurphyPicture,
    Picture,
    RankPicture,
    ReliabilityPicture,
    RocPicture,
    SlicePoint,
    SlicesPicture,
)
from xentcli.results.rank import CHOSEN_ON_THESE_ROWS
from xentcli.units import Unit

SVG = "{http://www.w3.org/2000/svg}"
KINDS = tuple(pictures())
EVERY = pytest.mark.parametrize("kind", KINDS)
# Three of each: as they come, wide ones, what is made visible, and long ones that differ in a word.
NAMES = {
    "plain": ("old", "new", LONG),
    "wide": ("猫の写真がたくさんある分類クラス" * 3, "🐶🐱🐭🦊🐻 of all kinds, in one class", "W" * 40),
    "unseen": ("\x1b" * 30, "\u202ea name that would turn the text around it", "\0"),
    "alike": tuple(f"class number {k} of a name of sixty characters, all of them needed" for k in (1, 2, 3)),
}


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


def turned(root: ElementTree.Element) -> Iterator[Box]:
    """Of texts that rise: upright, or by half a right angle; as if they had no height."""
    for each in root.iter(f"{SVG}text"):
        if "transform" not in each.attrib:
            continue
        [angle, x, y] = map(float, re.findall(r"-?[\d.]+", each.attrib["transform"]))
        wide = text_width(each.text or each[0].tail or "")
        back = wide / 2 if "middle" in (each.get("class") or "") else 0.0
        across, up = math.cos(math.radians(angle)), -math.sin(math.radians(angle))
        xs, ys = ([at + along * step for along in (-back, wide - back)] for at, step in ((x, across), (y, -up)))
        yield Box(min(xs), min(ys), max(xs), max(ys), each.text or "")


def refuse_bad_places(found: list[Box], others: list[Box], drawn: Svg) -> None:
    """Fail where a text leaves the picture, or one that is not turned stands over another."""
    for each in (*found, *others):
        assert (each.left >= 0, each.right <= drawn.width) == (True, True), each
        assert (each.top >= 0, each.bottom <= drawn.height) == (True, True), each
    over = [
        (one.text, two.text)
        for at, one in enumerate(found)
        for two in found[at + 1 :]
        if one.left < two.right and two.left < one.right and one.top < two.bottom and two.top < one.bottom
    ]
    assert over == []


def words(picture: Picture) -> str:
    """What is said in a picture, and of it."""
    return draw(picture).description


def marks(picture: Picture, name: str) -> list[ElementTree.Element]:
    """The elements of a name."""
    return list(ElementTree.fromstring(svg(picture)).iter(f"{SVG}{name}"))


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


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@EVERY
def test_no_text_leaves_the_picture_or_stands_over_another(kind: str, names: tuple[str, str, str]) -> None:
    drawn = draw(pictures(names)[kind])
    root = ElementTree.fromstring(drawn.document())
    found = boxes(root)
    refuse_bad_places(found, [*turned(root)], drawn)


@pytest.mark.parametrize("spread", [0.0, 0.002, 0.02], ids=["alike", "near", "far"])
@pytest.mark.parametrize("count", [5, 50])
def test_each_of_many_points_is_named_where_there_is_room(count: int, spread: float) -> None:
    names = [f"model {at:02} of a name of sixty characters, all of them need it" for at in range(count)]
    parts = tuple(
        ModelParts(name, 0.69 - 0.3 + spread * at, breakdown(0.3, spread * at * 7 % 0.3))
        for at, name in enumerate(names)
    )
    drawn = draw(McbDscPicture(parts, Unit.NATS))
    root = ElementTree.fromstring(drawn.document())
    found = boxes(root)
    refuse_bad_places(found, [*turned(root)], drawn)
    own = [each for each in found if each.text.endswith("need it")]
    assert len(own) == count


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@EVERY
def test_names_are_inert(kind: str, name: str) -> None:
    plain, odd = (svg(pictures((f"{begin}1", f"{begin}2", f"{begin}3"))[kind]) for begin in ("x", name))
    refuse_hostile(odd)
    root = ElementTree.fromstring(odd)
    tags = {each.tag for each in ElementTree.fromstring(plain).iter()}
    assert {each.tag for each in root.iter()} <= tags  # no element came from a name
    assert {key for each in root.iter() for key in each.attrib} & {"href", "onload", "onclick"} == set()


def test_names_that_are_cut_still_differ() -> None:
    alike = NAMES["alike"]
    shown = fit_each(alike, 150)
    assert [shown[name].split(" ")[1] for name in alike] == ["1", "2", "3"]
    assert max(map(text_width, shown.values())) <= 150
    assert fit_each(["a", "b"], 150) == {"a": "a", "b": "b"}


def test_of_one_prediction_a_point_and_a_line_are_drawn() -> None:
    """A curve and a band without any width would not be seen."""
    found = pictures()["reliability"]
    assert isinstance(found, ReliabilityPicture)
    one = replace(found.models[0], curve=((0.3, 0.4),), band=((0.3, 0.2, 0.35),))
    [circle] = marks(replace(found, models=(one,)), "circle")
    [band] = [each for each in marks(replace(found, models=(one,)), "line") if each.get("class") == "line band"]
    assert float(circle.attrib["cx"]) == float(band.attrib["x1"]) == 84 + 0.3 * 440
    assert float(band.attrib["y1"]) - float(band.attrib["y2"]) == pytest.approx(0.15 * 440)


def test_a_reliability_diagram_says_what_it_leaves_out() -> None:
    found = pictures()["panels"]
    assert isinstance(found, ReliabilityPicture)
    assert "the 3 most frequent of 50 classes" in words(found)
    assert "below 0.0005 and above 0.9995 stands at their ends" in words(found)
    assert "most frequent" not in words(replace(found, class_count=3))
    clustered = replace(found, axis="prob", band="consistency", cluster="site", labels=7)
    assert 'rows taken as independent, whatever their "site"' in words(clustered)
    assert "Each row has 7 labels" in words(clustered)
    assert 'Band of "old": where' in words(replace(clustered, models=found.models * 2))
    same = replace(found.models[0], breakdown=breakdown(-1.1e-16, 2e-17))
    assert f"{MINUS} 0.0000 discrimination + 0.0000 miscalibration" in words(replace(found, models=(same,)))
    assert "Axes by log-odds" not in words(clustered)


def test_a_bar_without_an_end_is_an_arrow_beyond_the_axis() -> None:
    found = pictures()["breakdown"]
    texts = [each.text for each in marks(found, "text")]
    assert texts.count("infinite") == 2  # miscalibration, and the log loss
    tips = [float(x) for each in marks(found, "polygon") for x in re.findall(r"([\d.]+),", each.attrib["points"])]
    grid = [float(each.attrib["x1"]) for each in marks(found, "line") if each.get("class") == "grid"]
    assert max(tips) > max(grid)


def test_points_keep_their_hues_and_do_not_spread_what_is_alike() -> None:
    losses = {"a": 0.7, "b": 0.70001}
    parts = tuple(ModelParts(name, loss, breakdown(0.001, loss - 0.689)) for name, loss in losses.items())
    infinite = ModelParts("none", math.inf, breakdown(0.4, math.inf))
    points = marks(McbDscPicture((infinite, *parts), Unit.NATS), "circle")
    assert [each.get("class") for each in points] == ["fill s1", "fill s2"]
    (x, y), (other_x, other_y) = ((float(p.attrib["cx"]), float(p.attrib["cy"])) for p in points)
    assert abs(x - other_x) < 2  # of a picture 500 wide
    assert y == other_y
    assert MINUS not in "".join(each.text or "" for each in marks(McbDscPicture(parts, Unit.NATS), "text"))


def test_panels_of_losses_have_one_scale_and_lines_of_losses_are_of_losses() -> None:
    bins = (LossBin(0.3, 0.6, 0.5, 0.1), LossBin(0.6, 1.2, 0.5, 0.9))
    models = (ModelLosses("a", bins, 0.5, 0), ModelLosses("b", bins[:1] * 2, 0.3, 0))
    found = [each.text for each in marks(LossesPicture(models, Unit.NATS), "text")]
    assert found.count("100 %") == 4  # at both ends of each
    assert {"0.5", "1"} < {*found}
    nothing = ModelParts("certain", 0.01, replace(breakdown(0.0, 0.01), uncertainty=0.0))
    assert not any(
        (each.text or "").startswith(MINUS) for each in marks(McbDscPicture((nothing,), Unit.NATS), "text")
    )


@pytest.mark.parametrize("kind", ["reliability", "losses"])
def test_shares_of_weighted_rows_are_of_the_weight(kind: str) -> None:
    found = pictures()[kind]
    assert isinstance(found, ReliabilityPicture | LossesPicture)
    weighted = replace(found, weighted=True)
    tables = [str(each) for each in numbers_of(weighted)]
    for drawn, table in ((svg(weighted), tables), (svg(found), [str(each) for each in numbers_of(found)])):
        of = "of the weight" if table is tables else "of the rows"
        other = "of the rows" if table is tables else "of the weight"
        assert (of in drawn, other in drawn) == (True, False)
        assert (of in "".join(table), other in "".join(table)) == (True, False)


def test_shares_beside_infinite_rows_are_of_the_loss_of_the_others() -> None:
    found = pictures()["losses"]
    assert isinstance(found, LossesPicture)
    assert "shares are of the loss of the other rows." in words(found)
    assert ["of the finite loss" in str(each) for each in numbers_of(found)] == [False, True]
    assert "other rows" not in words(replace(found, models=found.models[:1]))


def test_gains_say_what_their_verdict_rests_on() -> None:
    none, some = pictures()["gains"], pictures()["calibrate"]
    for each in (none, some):
        assert "90 % interval" in words(each)
    assert isinstance(none, CalibratePicture)
    assert "Leave the predictions as they are: the method changes nothing on these rows." in words(none)
    auto = replace(none, methods=(*none.methods, MethodPoint("auto", 0.0, -0.1, 0.1, "not shown", True)))
    assert "Leave the predictions as they are: choosing a method (auto) is not shown to help." in words(auto)
    assert "Left out of the fits and of these numbers: 3 rows of infinite loss" in words(none)
    assert "is shown to help" not in words(some)


def test_slices_beside_an_infinite_loss_have_no_line_and_no_empty_axis() -> None:
    found = pictures()["slices"]
    assert isinstance(found, SlicesPicture)
    infinite = replace(found, slices=found.slices[2:], overall=math.inf)
    assert "All rows: infinite. An arrow: infinite." in words(infinite)
    assert "Dashed" not in words(infinite)
    assert not [each for each in marks(infinite, "line") if each.get("class") == "grid"]
    assert "Dashed: all rows, 0.4000. An arrow: infinite." in words(found)


def test_an_axis_of_losses_begins_at_0() -> None:
    found = pictures()["slices"]
    assert isinstance(found, SlicesPicture)
    wide = replace(found, slices=(SlicePoint("a", 2, 0.3, -0.5, 1.1),))
    texts = [each.text or "" for each in marks(wide, "text")]
    assert "0" in texts
    assert not any(text.startswith(MINUS) for text in texts)


def test_a_ranking_says_that_the_best_was_chosen_here() -> None:
    found = pictures()["rank"]
    assert isinstance(found, RankPicture)
    assert CHOSEN_ON_THESE_ROWS in words(found)
    assert CHOSEN_ON_THESE_ROWS not in words(replace(found, best_is_base=False))


def test_a_picture_leaves_the_page_around_it_alone() -> None:
    """A notebook has variables of its own."""
    assert ":root" not in svg(pictures()["roc"])
    rules = re.sub("@media[^{]*", "", style_sheet()).strip("{}").replace("}}", "}").split("}")
    assert {rule.split("{")[-2].split(" ")[0] for rule in rules if rule} == {".xent"}
    assert ":root{--paper" in style_sheet(":root")


@pytest.mark.parametrize("kind", ["roc", "murphy"])
def test_the_areas_of_many_models_are_a_few_short_lines(kind: str) -> None:
    found = pictures()[kind]
    assert isinstance(found, RocPicture | MurphyPicture)
    many = tuple(replace(found.models[0], name=f"{at:02} {LONG}") for at in range(25))
    text = words(replace(found, models=many))
    assert ("07 a m" in text, "08 a m" in text, LONG in text) == (True, False, False)
    assert "The areas of 17 more are not listed." in text


def test_numbers_have_a_minus_sign() -> None:
    texts = [each.text or "" for each in marks(pictures()["gains"], "text")]
    assert f"{MINUS}0.2000" in texts
    assert not any(re.match(r"-\d", each) for each in texts)


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
        (LogOdds(0, 100, 1e-4), 1e-4, 0),
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
    assert list(Log(0.3, 1.2, 0, 1).ticks()) == [0.5, 1]
    assert list(Log(0.32, 0.47, 0, 1).ticks()) == [0.4]
    assert list(Log(2.5, 4.5, 0, 1).ticks()) == [3, 4]
    assert list(LogOdds(0, 1).ticks()) == pytest.approx([0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999])
    assert list(LogOdds(0, 1, 5e-7).ticks()) == pytest.approx([1e-6, 1e-4, 0.01, 0.5, 0.99, 1 - 1e-4, 1 - 1e-6])
    assert around([0.002, 0.003], floor=0.0, least=0.1)[0] == 0
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
