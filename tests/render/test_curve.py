"""The reliability curve in characters: the numbers of the picture, at every width and in ASCII."""

from __future__ import annotations

import pickle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transcript import ROOT
from xentcli import api, plot
from xentcli.render.page import Page
from xentcli.render.reports.curve import reliability_drawing
from xentcli.render.reports.report import Drawing
from xentcli.results.pictures import TOP_CLASS
from xentcli.results.reliability import BandPoint, CurvePoint, PredictionBin, ReliabilityCurve
from xentcli.results.score import ScoreResult

SAMPLES = ROOT / "sample_data"
LABELS = 6  # columns left of the grid
CURVE = {"ascii": set("*"), "blocks": set("▀▄█"), "braille": {chr(at) for at in range(0x2801, 0x2900)}}


def scored(name: str, *, breakdown: bool = True) -> ScoreResult:
    inputs = api.InputRequest((SAMPLES / name,))
    return api.score_files(api.ScoreRequest(inputs, breakdown=breakdown, reliability=True))


def page(signs: str, width: int | None = None) -> Page:
    return Page(width, ascii=signs == "ascii", blocks=signs == "blocks")


def rows_of(drawing: Drawing) -> list[str]:
    """The grid alone: without the numbers beside and below it."""
    return ["".join(line)[LABELS:] for line in drawing.lines[:-3]]


@pytest.mark.parametrize("name", ["breast_cancer.csv", "wine.csv"])
def test_the_curve_has_the_numbers_of_the_picture(name: str) -> None:
    curve, drawn = scored(name).reliability_curve, plot("reliability", SAMPLES / name).picture
    assert curve is not None
    [model] = drawn.models  # type: ignore[union-attr]
    assert curve.event == drawn.event  # type: ignore[union-attr]
    assert tuple((each.prediction, each.share) for each in curve.curve) == model.curve  # type: ignore[union-attr]
    band = tuple((each.prediction, each.low, each.high) for each in curve.band)
    assert band == model.band  # type: ignore[union-attr]
    bins = tuple((each.low, each.high, each.share) for each in curve.histogram)
    assert bins == model.histogram  # type: ignore[union-attr]


@pytest.mark.parametrize("signs", CURVE)
@pytest.mark.parametrize("width", [30, 40, 60, 80, 120, None])
def test_a_drawing_fits_and_says_what_its_signs_mean(width: int | None, signs: str) -> None:
    curve = scored("wine.csv").reliability_curve
    assert curve is not None
    drawing = reliability_drawing(curve, page(signs, width))
    lines = ["".join(line) for line in drawing.lines]
    assert max(map(len, lines)) <= (width or 80)
    assert all(map(str.isascii, lines)) == (signs == "ascii")
    used = set("".join(rows_of(drawing))) - CURVE[signs] - {" "}
    assert used == {each[0] for each in drawing.signs[1:]}


@st.composite
def curves(draw: st.DrawFn) -> ReliabilityCurve:
    """Rising points in [0, 1], and a band around the diagonal."""
    share = st.floats(0, 1)
    size = draw(st.integers(1, 12))
    xs, ys = (sorted(draw(st.lists(share, min_size=size, max_size=size))) for _ in range(2))
    band = tuple(BandPoint(x, max(0.0, x - 0.1), min(1.0, x + 0.1)) for x in xs)
    points = tuple(CurvePoint(x, y) for x, y in zip(xs, ys, strict=True))
    return ReliabilityCurve("yes", points, band, (PredictionBin(0.0, 0.5, 0.25), PredictionBin(0.5, 1.0, 0.75)))


@given(curves(), st.sampled_from(sorted(CURVE)), st.integers(20, 130))
def test_the_curve_rises_without_a_gap_and_ends_where_its_points_do(
    curve: ReliabilityCurve, signs: str, width: int
) -> None:
    rows = rows_of(reliability_drawing(curve, page(signs, width)))
    height, across = len(rows), len(rows[0])
    reached = [[row for row in range(height) if rows[row][at] in CURVE[signs]] for at in range(across)]
    used = [at for at in range(across) if reached[at]]
    first, last = curve.curve[0], curve.curve[-1]
    assert used == [*range(used[0], used[-1] + 1)]
    assert abs(used[0] - first.prediction * (across - 1)) <= 1
    assert abs(used[-1] - last.prediction * (across - 1)) <= 1
    assert abs(max(reached[used[0]]) - (1 - first.share) * (height - 1)) <= 1
    assert abs(min(reached[used[-1]]) - (1 - last.share) * (height - 1)) <= 1
    for one, two in pairwise(used):
        assert min(reached[one]) >= min(reached[two])
        assert max(reached[two]) >= min(reached[one]) - 1


def test_a_drawing_in_ascii() -> None:
    """Up to the top at 0.5, in a band that rises from between 0 and 0.5 to between 0.5 and 1."""
    curve = ReliabilityCurve(
        event="yes",
        curve=(CurvePoint(0.0, 0.0), CurvePoint(0.5, 1.0), CurvePoint(1.0, 1.0)),
        band=(BandPoint(0.0, 0.0, 0.5), BandPoint(1.0, 0.5, 1.0)),
        histogram=(PredictionBin(0.0, 0.5, 0.25), PredictionBin(0.5, 1.0, 0.75)),
    )
    drawing = reliability_drawing(curve, page("ascii", 20))
    assert "\n".join("".join(line).rstrip() for line in drawing.lines) == DRAWN


DRAWN = """\
 1.0 +      ********
     |      * ..//..
     |    .*..//....
 0.5 +...**.//......
     |..*.//....
     |.*//..
 0.0 +*/
     ++-----+------+
     0.0   0.5    1.0
      -------#######"""


def test_more_classes_have_the_curve_of_the_top_class() -> None:
    curve = scored("wine.csv").reliability_curve
    assert curve is not None
    assert curve.event == TOP_CLASS


def test_without_the_breakdown_there_is_a_reason_in_place_of_a_curve() -> None:
    result = scored("breast_cancer.csv", breakdown=False)
    assert result.reliability_curve is None
    assert result.unavailable["reliability_curve"] == "it takes the breakdown"
    assert scored("wine.csv", breakdown=False).reliability_curve is not None


def test_what_pictures_are_drawn_from_is_no_part_of_what_a_result_says() -> None:
    result = scored("breast_cancer.csv")
    back = pickle.loads(pickle.dumps(result))
    assert back == result
    assert "counts" not in result.to_dict()
    assert result.counts.odds is not None
    assert back.counts.odds is None


def test_a_band_that_takes_rows_as_independent_says_so() -> None:
    inputs = api.InputRequest((SAMPLES / "breast_cancer.csv",), api.ColumnSpec(cluster="texture"))
    text = str(api.score_files(api.ScoreRequest(inputs, reliability=True)))
    assert 'takes rows as independent, whatever their "texture"' in text
    assert "independent" not in str(api.score_files(api.ScoreRequest(inputs)))
