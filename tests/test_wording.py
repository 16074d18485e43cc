"""The words of messages."""

from __future__ import annotations

import pytest

from xentcli.errors import Notice, Where
from xentcli.wording import did_you_mean, few, first_of, nearest, percent, plural, similar, typed


@pytest.mark.parametrize(
    ("count", "thousands", "text"),
    [(0, ",", "0 rows"), (1, ",", "1 row"), (2500, ",", "2,500 rows"), (2500, "", "2500 rows")],
)
def test_only_one_is_singular(count: int, thousands: str, text: str) -> None:
    assert plural(count, "row", thousands) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "-"), (0.0, "0.0 %"), (1e-7, "< 0.001 %"), (2e-4, "0.02 %"), (0.0005, "0.1 %"), (0.954, "95.4 %"),
        (0.99999, "99.999 %"), (1.0, "100.0 %"), (-1e-9, "0.0 %"),
    ],
)  # fmt: skip
def test_no_share_but_none_is_0_and_none_but_all_100_percent(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("most", "rest", "text"),
    [
        (2, ", ...", "a, b, ..."),
        (3, ", ...", "a, b, {c}"),
        (2, "", "a, b"),
        (1, " and {left} more", "a and 2 more"),
        (1, ", ... ({count})", "a, ... (3)"),
    ],
)
def test_a_list_says_how_it_goes_on_only_where_it_does(most: int, rest: str, text: str) -> None:
    assert few(iter(["a", "b", "{c}"]), most, rest) == text


def test_examples_say_whether_they_are_all() -> None:
    assert first_of(["a", "b"], 2) == "a, b"
    assert first_of(["a", "b"], 3) == "a, b, ..."


def test_what_was_meant_is_written_alike() -> None:
    assert nearest("lable", ["target", "label"]) == "label"
    assert nearest("LABEL", ["LABLE", "label"]) == "label"
    assert nearest("LABEL", ["LABLE", "label"], any_case=False) == "LABLE"
    assert nearest("weight", ["label"]) is None
    assert nearest("x" * 201, ["x" * 200]) is None  # too long to compare letter by letter
    assert similar("p_val", ["p_value", "p_values", "rows"], 2) == ["p_value", "p_values"]


def test_a_suggestion_stands_before_the_rest_of_a_hint() -> None:
    assert did_you_mean("lable", ["label"]) == 'did you mean "label"? '
    assert did_you_mean("lable", ["label"], "--label ") == 'did you mean --label "label"? '
    assert did_you_mean("weight", ["label"]) == ""


def test_an_option_is_quoted_for_a_shell() -> None:
    assert typed("--prob", "p", "a b", "it's") == """--prob p --prob 'a b' --prob 'it'"'"'s'"""


def test_a_notice_names_each_file_once() -> None:
    where = (Where("a.csv", line=2), Where("a.csv", line=9), Where("b.parquet", row=0), Where("c.csv"))
    assert str(Notice("x", 9, "odd", where)) == "9 rows: odd (a.csv, lines 2, 9, b.parquet, row 0, c.csv, ...)"
