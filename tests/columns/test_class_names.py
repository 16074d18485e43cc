"""Class names inside column names, as tools write them; and options that say which column is of which class."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xentcli.api import score
from xentcli.columns.affixes import classes_within, families_of, words_within
from xentcli.columns.labels import in_other_spelling
from xentcli.columns.selection import PlainNames, Selected, select
from xentcli.errors import RequestError

LAYOUTS = (
    ".pred_{}", "confidence({})", "confidence.{}", "P (play={})", "play_{}_PREDICTION", "class_{}", "pred_{}",
    'Scored Probabilities for Class "{}"', "proba_{}", "prob_{}", "P_label{}", "p({})", "model a: {} (raw)",
)  # fmt: skip
WORD = st.text("abcXYZ019 _-.é", min_size=1, max_size=6).filter(lambda text: text == text.strip())


@given(
    st.sampled_from(LAYOUTS),
    st.lists(WORD.map("c{}z".format), min_size=2, max_size=4, unique=True),
    st.data(),
)
def test_every_layout_scores_as_the_plain_one(layout: str, classes: list[str], data: st.DataObject) -> None:
    labels = [*classes, data.draw(st.sampled_from(classes))]
    parts = [data.draw(st.lists(st.integers(1, 9), min_size=len(classes), max_size=len(classes))) for _ in labels]
    rows = [[part / sum(row) for part in row] for row in parts]
    columns = {layout.format(name): [row[k] for row in rows] for k, name in enumerate(classes)}
    order = data.draw(st.permutations(list(columns)))
    found = score(frame({"label": labels, **{name: columns[name] for name in order}}))
    expected = math.fsum(-math.log(row[classes.index(name)]) for row, name in zip(rows, labels, strict=True))
    assert found.metrics.log_loss == pytest.approx(expected / len(labels), rel=1e-12)
    assert found.columns.scores == {name: layout.format(name) for name in classes}


def frame(columns: dict[str, Any]) -> Any:
    import pandas as pd

    return pd.DataFrame(columns)


@pytest.mark.parametrize(
    ("names", "labels", "expected"),
    [
        ((".pred_no", ".pred_yes"), {"yes"}, ("no", "yes")),
        ((".pred_no", ".pred_nope"), {"no", "nope"}, ("no", "nope")),
        (("p.car", "p.cat"), {"car"}, ("car", "cat")),
        (("01", "00"), {"1"}, None),
        (("x_-1", "x_-2"), {"1", "2"}, None),
        (("x_0.1", "x_0.2"), {"1", "2"}, None),
        (("unyes", "unno"), {"yes", "no"}, None),
        (("isTrue", "isFalse"), {"true", "false"}, ("True", "False")),
        (("a", "b"), set(), None),
    ],
)
def test_classes_within(names: tuple[str, ...], labels: set[str], expected: tuple[str, ...] | None) -> None:
    assert classes_within(names, labels) == expected


def test_families_have_a_column_for_each_label() -> None:
    names = ("pred_a", "pred_b", "old_a", "old_b", "new_a", "n", "pred_c")
    assert families_of(names, {"a", "b"}) == {
        ("old_", ""): {"a": "old_a", "b": "old_b"},
        ("pred_", ""): {"a": "pred_a", "b": "pred_b", "c": "pred_c"},
    }


def test_words_are_whole() -> None:
    assert words_within("score_of_yes", {"yes", "no"}) == ["yes"]
    assert words_within("yesterday", {"yes"}) == []
    assert words_within("model_1", {"1"}) == []


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("a,b", [Selected("a,b")]),
        ("a", [Selected("a")]),
        ("x=a,y=b", [Selected("a", "x"), Selected("b", "y")]),
        ('"x,y=a",b', [Selected("a", "x,y"), Selected("b")]),
        ("x=y=a", [Selected("a", "x=y")]),
        ("k=a", [Selected("k=a")]),
        ("z=k=a", "z=k=a"),
        ("p[*]", [Selected("p[1]", star="1"), Selected("p[2]", star="2")]),
        ("?", [Selected("a", star="a"), Selected("b", star="b")]),
        ("a,c", "c"),
    ],
)
def test_select(option: str, expected: object) -> None:
    names = PlainNames(dict.fromkeys(["a,b", "a", "b", "k=a", "p[1]", "p[2]"]))
    assert select(option, names) == expected


TABLE = {"label": ["yes", "no", "no"], "p_yes": [0.75, 0.5, 0.25], "p_no": [0.25, 0.5, 0.75]}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"prob": ["p_yes", "p_no"], "classes": ["0", "1"]}, 'classes=["yes", "no"]'),
        ({"prob": "yes=p_yes,no=p_no", "classes": ["0", "1"]}, 'classes=["yes", "no"]'),
        ({"prob": "p_no", "positive": "yes"}, 'positive="no"'),
        ({"prob": "no=p_no", "positive": "yes"}, 'positive="no"'),
    ],
)
def test_a_contradiction_is_refused_with_what_to_type(options: dict[str, Any], says: str) -> None:
    with pytest.raises(RequestError) as caught:
        score(frame(TABLE), **options)
    assert says in (caught.value.hint or "")


@pytest.mark.parametrize(
    "options",
    [
        {"prob": ["p_yes", "p_no"], "classes": ["no", "yes"]},
        {"prob": "yes=p_yes,no=p_no"},
        {"prob": "no=p_no"},
        {"prob": "yes=p_yes", "positive": "yes"},
        {"prob": "*_no"} | {"positive": "no"},
    ],
)
def test_names_win_over_order(options: dict[str, Any]) -> None:
    expected = -(math.log(0.75) + math.log(0.5) + math.log(0.75)) / 3
    assert score(frame(TABLE), **options).metrics.log_loss == pytest.approx(expected, rel=1e-15)


def test_labels_of_other_names_need_each_column_said() -> None:
    table = {**TABLE, "label": ["1", "0", "0"]}
    with pytest.raises(RequestError) as caught:
        score(frame(table), prob=["p_yes", "p_no"], classes=["1", "0"])
    assert 'prob="1=p_yes,0=p_no"' in (caught.value.hint or "")
    expected = -(2 * math.log(0.75) + math.log(0.5)) / 3
    assert score(frame(table), prob="1=p_yes,0=p_no").metrics.log_loss == pytest.approx(expected, rel=1e-15)


def test_a_broken_number_is_no_reason_to_leave_a_column_out() -> None:
    table = {**TABLE, "p_no": ["0.25", "x", "0.75"]}
    with pytest.raises(Exception, match="type"):
        score(frame(table), prob="p_*")


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("LABEL_1", ("0", "1"), "1"),
        ("1", ("LABEL_0", "LABEL_1"), "LABEL_1"),
        ("True", ("0", "1"), "1"),
        ("POSITIVE", ("negative", "positive"), "positive"),
        ("YES", ("Yes", "yes"), None),
        ("True", ("1", "true"), None),
        ("LABEL_2", ("0", "1"), None),
    ],
)
def test_other_spellings(text: str, known: tuple[str, ...], expected: str | None) -> None:
    assert in_other_spelling(text, known) == expected
