"""From columns to classes: which class a label means, and what is missing, through every way in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.cases import loss
from xentcli import score
from xentcli.api import frames
from xentcli.decoding.categorical import encode_texts
from xentcli.errors import ContentError, RequestError
from xentcli.results.score import ScoreResult

UNKNOWN = -1


def index(classes: list[str], label: str, ordered: bool = False) -> int:
    """Which of `classes` a label means: of columns with their names, or of a list in their order."""
    share = 1 / len(classes)
    try:
        if ordered:
            result = score([label], probs=[[share] * len(classes)], classes=classes)
        else:
            result = score(pa.table({"label": [label], **{f"prob_{name}": [share] for name in classes}}))
    except ContentError as error:
        if error.code not in ("label_unknown", "label_missing"):
            raise
        return UNKNOWN
    assert list(result.classes) == classes
    return [row.rows for row in result.per_class].index(1)


# One label, many classes


@pytest.mark.parametrize(
    ("classes", "label", "expected"),
    [
        # exactly
        (["a", "b"], "b", 1),
        (["01", "1", "001"], "001", 2),
        (["NA", "None"], "None", 1),
        (["10", "9"], "9", 1),
        (["true", "True"], "True", 1),
        (["1", "1.0"], "1.0", 1),
        (["a", " a"], " a", 1),
        (["é", "e\u0301"], "e\u0301", 1),
        # true and false in any case
        (["true", "false"], "TRUE", 0),
        (["True", "False"], "false", 1),
        (["TRUE", "FALSE"], "tRuE", 0),
        (["cat", "dog"], "CAT", UNKNOWN),
        (["yes", "no"], "Yes", UNKNOWN),
        (["t", "f"], "T", UNKNOWN),
        # an integer written with .0
        (["0", "1"], "1.0", 1),
        (["0", "1"], "1.000", 1),
        (["0.0", "1.0"], "1", 1),
        (["0.0", "1.00"], "1.0", 1),
        (["-1", "1"], "-1.0", 0),
        (["9007199254740993", "9007199254740992"], "9007199254740992.0", 1),
        # and nothing else
        (["0", "1"], "01", UNKNOWN),
        (["01", "00"], "1", UNKNOWN),
        (["01", "00"], "1.0", UNKNOWN),
        (["0", "1"], "true", UNKNOWN),
        (["true", "false"], "1", UNKNOWN),
        (["0", "1"], "+1", UNKNOWN),
        (["0", "1"], "1.", UNKNOWN),
        (["0", "1"], "1.5", UNKNOWN),
        (["0", "1"], "1e0", UNKNOWN),
        (["0", "1"], " 1", UNKNOWN),
        (["0", "1"], "1.0 ", UNKNOWN),
        (["0", "1"], "١", UNKNOWN),
        (["0", "1"], "１", UNKNOWN),
        (["0", "1"], "²", UNKNOWN),
        (["0", "1"], "1.٠", UNKNOWN),
        (["1.5", "2"], "1.50", UNKNOWN),
        (["a", "b"], "", UNKNOWN),
        # one class only
        (["true", "True"], "TRUE", UNKNOWN),
        (["1", "1.0"], "1.00", UNKNOWN),
        (["1", "1.0", "2"], "2.0", 2),
    ],
)
def test_which_class_a_label_means(classes: list[str], label: str, expected: int) -> None:
    assert index(classes, label) == expected


@pytest.mark.parametrize(
    ("classes", "label", "expected"),
    [
        (["cat", "dog"], "0", 0),
        (["cat", "dog"], "1.0", 1),
        (["cat", "dog"], "2", UNKNOWN),
        (["cat", "dog"], "-1", UNKNOWN),
        (["cat", "dog"], "01", UNKNOWN),
        (["cat", "dog"], "٠", UNKNOWN),
        (["cat", "dog"], "²", UNKNOWN),
        (["cat", "dog"], "99999999999999999999", UNKNOWN),
        (["cat", "dog"], "dog", 1),
        (["1", "0"], "0", 1),  # classes that are numbers are meant by name
        (["1", "2"], "0", UNKNOWN),
        (["cat", "7"], "0", UNKNOWN),
    ],
)
def test_a_number_counts_the_classes_of_a_given_order(classes: list[str], label: str, expected: int) -> None:
    assert index(classes, label, ordered=True) == expected
    if label not in classes:
        assert index(classes, label) == UNKNOWN


@given(classes=st.lists(st.text(min_size=1, max_size=4), min_size=2, max_size=5, unique=True))
def test_every_class_is_itself(classes: list[str]) -> None:
    scores = [[1 / len(classes)] * len(classes)] * len(classes)
    assert [row.rows for row in score(classes, probs=scores, classes=classes).per_class] == [1] * len(classes)


@given(number=st.integers(), zeros=st.integers(1, 5))
def test_an_integer_is_the_same_with_zeros_behind(number: int, zeros: int) -> None:
    assert index([str(number), "other"], f"{number}.{'0' * zeros}") == 0
    assert index([f"{number}.{'0' * zeros}", "other"], str(number)) == 0


@pytest.mark.parametrize("text", ["1.5", "a.0", "1e0", ".0", "1.", "0x0", "--1.0", "1.0.0", "NaN"])
def test_what_is_no_integer_is_only_itself(text: str) -> None:
    assert index([text, "other"], text) == 0
    assert index([text, "other"], f"{text}.0") == UNKNOWN
    assert index([f"{text}.0", "other"], text) == UNKNOWN


# One column


def two(labels: Any, **options: Any) -> ScoreResult:
    """Score labels against one column, 0.75 for the first and 0.375 for the second."""
    return score(pa.table({"label": labels, "prob": [0.75, 0.375]}), **options)


@pytest.mark.parametrize(
    "labels",
    [
        ["1", "0"],
        ["1.0", "0.0"],
        ["True", "false"],
        ["1", "-1"],
        pa.array([True, False]),
        pa.array([1, -1]),
        pa.array([1.0, 0.0]),
        pa.array(["1", "0"]).dictionary_encode(),
    ],
)
def test_one_column_is_of_1_or_true(labels: Any) -> None:
    result = two(labels)
    assert result.metrics.log_loss == pytest.approx(loss(0.75, 0.625), rel=1e-15)
    assert [row.rows for row in result.per_class] == [1, 1]
    assert list(result.columns.scores) == [result.classes[1]]


@pytest.mark.parametrize("label", ["a", "2", "yes", "01", "T", "1.5", "+1"])
def test_one_column_does_not_guess(label: str) -> None:
    with pytest.raises(RequestError) as caught:
        two(["1", label])
    assert caught.value.code == "positive"
    assert f'"{label}"' in caught.value.message


@pytest.mark.parametrize(
    ("positive", "labels", "classes"),
    [
        ("sick", ["sick", "well"], ("well", "sick")),
        ("0", ["0", "1"], ("1", "0")),
        ("0", ["0.0", "1.0"], ("1", "0")),
        ("true", ["True", "False"], ("false", "true")),
        ("1", ["1.0", "2"], ("2", "1")),
        ("sick", ["sick", "Sick"], ("Sick", "sick")),
    ],
)
def test_one_column_of_a_class_with_a_name(positive: str, labels: list[str], classes: tuple[str, str]) -> None:
    result = two(labels, positive=positive)
    assert result.metrics.log_loss == pytest.approx(loss(0.75, 0.625), rel=1e-15)
    assert result.classes == classes


def test_one_column_of_two_classes_with_names() -> None:
    assert two(["b", "a"], positive="b", classes=["a", "b"]).classes == ("a", "b")
    with pytest.raises(ContentError) as caught:
        two(["b", "c"], positive="b", classes=["a", "b"])
    assert caught.value.code == "label_unknown"


# Labels of columns


def many(labels: Any, **columns: Any) -> ScoreResult:
    """Score labels against columns of the classes a and b."""
    label = labels if isinstance(labels, pa.Array) else pa.array(labels)
    return score(pa.table({"label": label, "p_a": [0.5] * len(label), "p_b": [0.5] * len(label), **columns}))


def rows(result: ScoreResult) -> list[float]:
    return [row.rows for row in result.per_class]


def test_a_dictionary_with_words_to_spare() -> None:
    labels = pa.DictionaryArray.from_arrays(pa.array([2, 0, 0], pa.int8()), ["b", "never", "a", "unknown"])
    assert rows(many(labels)) == [1, 2]


def test_a_dictionary_that_says_a_word_twice() -> None:
    assert rows(many(pa.DictionaryArray.from_arrays(pa.array([0, 1, 2]), ["a", "b", "a"]))) == [2, 1]


def test_a_word_that_no_row_says_is_no_class_of_one_column() -> None:
    words = pa.DictionaryArray.from_arrays(pa.array([0, 2]), ["yes", "never", "no"])
    assert two(words, positive="yes").classes == ("no", "yes")


def test_an_unknown_word_said_twice_is_counted_once_for_each_row() -> None:
    with pytest.raises(ContentError) as caught:
        many(pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 2]), ["x", "x", "a"]))
    assert caught.value.message == 'no score column is of class "x" (3 rows)'


def test_text_that_is_none_is_refused() -> None:
    text = pa.array([b"a", b"\xff"])
    label = pa.StringArray.from_buffers(2, text.buffers()[1], text.buffers()[2])
    with pytest.raises(ContentError) as caught:
        many(label)
    assert (caught.value.code, caught.value.column) == ("damaged", "label")


@pytest.mark.parametrize("word", [None, ""])
def test_a_dictionary_that_holds_nothing(word: str | None) -> None:
    labels = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 1]), ["a", word])
    with pytest.raises(ContentError) as caught:
        many(labels)
    assert (caught.value.code, caught.value.where and caught.value.where.row) == ("label_missing", 1)
    assert "1 more" in caught.value.message


def test_slices_of_a_table_are_tables() -> None:
    labels = pa.array(["a", "b", "b", "a", "b", "b", "a", "a", "b"]).dictionary_encode()
    first = [0.5, 0.25, 0.75, 0.5, 0.125, 0.375, 0.5, 0.25, 1.0]
    table = pa.table({"label": labels, "p_a": first, "p_b": [1 - p for p in first]})
    for start in range(8):
        for length in range(1, 9 - start):
            part = table.slice(start, length)
            assert score(part) == score(pa.table(part.to_pydict()))


@pytest.mark.parametrize("start", range(9))
def test_slices_with_something_missing(start: int) -> None:
    labels = pa.array(["a", "b"] * 4 + ["a", None])
    scores = pa.array([0.5] * 8 + [None, 0.5])
    for column, code, row in (("label", "label_missing", 9), ("p_b", "score_missing", 8)):
        columns = {"label": pa.array(["a", "b"] * 5), "p_a": [0.5] * 10, "p_b": [0.5] * 10}
        columns[column] = labels if column == "label" else scores
        with pytest.raises(ContentError) as caught:
            score(pa.table(columns).slice(min(start, row)))
        assert caught.value.code == code
        assert caught.value.where is not None
        assert caught.value.where.row == row - min(start, row)


@pytest.mark.parametrize(
    ("columns", "code", "row", "column", "more"),
    [
        ({"label": ["a", None, "b", ""]}, "label_missing", 1, "label", "1 more: row 3"),
        ({"p_a": [0.5, 0.5, None, 0.5]}, "score_missing", 2, "p_a", ""),
        ({"p_b": [None, 0.5, None, None]}, "score_missing", 0, "p_b", "2 more: row 2, row 3"),
        ({"p_b": [0.5, float("nan"), 0.5, 0.5]}, "score_nan", 1, "p_b", ""),
        ({"label": ["a", "b", "b", "c"]}, "label_unknown", 3, "label", "1 row"),
        ({"label": ["a", "c", None, "c"], "p_a": [None, 0.5, 0.5, 0.5]}, "score_missing", 0, "p_a", ""),
    ],
)
def test_what_is_wrong_first(columns: dict[str, Any], code: str, row: int, column: str, more: str) -> None:
    with pytest.raises(ContentError) as caught:
        many(
            **{
                "labels": columns.get("label", ["a", "b"] * 2),
                **{k: v for k, v in columns.items() if k != "label"},
            }
        )
    error = caught.value
    assert (error.code, error.where and error.where.row, error.column) == (code, row, column)
    assert more in error.message


def test_a_missing_weight_has_its_row() -> None:
    table = pa.table({"label": ["1", "0"], "prob": [0.5, 0.5], "w": [1.0, None]})
    with pytest.raises(ContentError) as caught:
        score(table, weight="w")
    assert (caught.value.code, caught.value.where and caught.value.where.row, caught.value.column) == (
        "weight_missing", 1, "w",
    )  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_words_are_known_across_slices(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "CHUNK_ROWS", size)
    labels = ["1", "0", "True", "x", "false", "y", "x", "1"]
    assert rows(score(pa.table({"label": ["a", "b", "a", "a", "b"], "p_a": [0.5] * 5, "p_b": [0.5] * 5}))) == [
        3,
        2,
    ]
    with pytest.raises(RequestError) as caught:
        score(pa.table({"label": labels, "prob": [0.5] * 8}))
    assert caught.value.code == "positive"
    assert '"x", "y"' in caught.value.message


@pytest.mark.parametrize("size", [10, 1000, 100_000])
def test_very_many_unknown_labels_are_all_counted(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "CHUNK_ROWS", size)
    with pytest.raises(ContentError) as caught:
        many([f"w{i}" for i in range(3000)] + ["a"])
    assert caught.value.code == "label_unknown"
    assert '"w0"' in caught.value.message
    assert "3000 rows in all" in caught.value.message.replace(",", "")
    assert len(caught.value.message) < 500


@pytest.mark.parametrize("size", [10, 1000, 100_000])
def test_the_first_unknown_label_is_told_also_if_last_in_the_alphabet(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "CHUNK_ROWS", size)
    with pytest.raises(ContentError) as caught:
        many(["a", "zz", *(f"w{i}" for i in range(3000))])
    assert caught.value.where is not None
    assert caught.value.where.row == 1
    said = '"zz" (at least 1000 more labels without a column; 3001 rows in all)'
    assert said in caught.value.message


WHOLE = [[0, 1, 1], [5, 3, 5, 4], [-2, 7, -2], [100, -100], [0, 2000, 1], [9]]


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint64()]
)
@pytest.mark.parametrize("end", [None, "lowest", "highest"])
@pytest.mark.parametrize("numbers", WHOLE)
def test_whole_numbers_of_any_type_are_their_texts(kind: pa.DataType, end: str | None, numbers: list[int]) -> None:
    limits = np.iinfo(kind.to_pandas_dtype())
    move = {None: 0, "lowest": limits.min - min(numbers), "highest": limits.max - max(numbers)}[end]
    moved = [number + move for number in numbers]
    if not all(limits.min <= number <= limits.max for number in moved):
        moved = [limits.min, limits.max]
    for column in (pa.array(moved, kind), pa.array([*moved, None], kind), pa.array([0, *moved], kind)[1:]):
        codes, text = encode_texts(column)
        assert sorted(set(codes[: len(moved)].tolist())) == list(text)
        assert [text[code] for code in codes[: len(moved)].tolist()] == list(map(str, moved))
        assert [code for code in codes[len(moved) :].tolist() if code in text] == []


# What a class weighs, and which labels are left out: by class, whatever a label's spelling.


def weighed(table: dict[str, Any], **options: Any) -> float:
    return score(pa.table(table), **options).weight


@pytest.mark.parametrize(
    ("labels", "options", "weight"),
    [
        (["0", "1", "1"], {"classes": ["cat", "dog"], "class_weight": {"dog": 5}}, 11.0),  # counted
        (["cat", "dog", "dog"], {"classes": ["cat", "dog"], "class_weight": {"dog": 5}}, 11.0),
        (["0", "1", "dog"], {"classes": ["cat", "dog"], "class_weight": {"cat": 5}}, 7.0),
    ],
)
def test_a_row_weighs_as_its_class_however_the_label_says_it(
    labels: list[str], options: dict[str, Any], weight: float
) -> None:
    assert weighed({"label": labels, "probs": [[0.5, 0.5]] * 3}, **options) == weight


@pytest.mark.parametrize("twins", [("True", "true"), ("1", "1.0"), ("FALSE", "False")])
def test_twins_are_two_classes_with_a_weight_each(twins: tuple[str, str]) -> None:
    one, other = twins
    rows = {"label": [one, other, other], f"prob_{one}": [0.5] * 3, f"prob_{other}": [0.5] * 3}
    assert weighed(rows, class_weight={other: 5}) == 11.0
    assert weighed(rows, class_weight={one: 5}) == 7.0
    assert score(pa.table(rows), ignore_label=[one]).metrics.ignored_rows == 1
    assert score(pa.table(rows), ignore_label=[other]).metrics.ignored_rows == 2


def test_a_label_is_left_out_in_any_spelling_of_its_class() -> None:
    rows = {"label": ["1.0", "1", "0", "-100.0"], "prob_1": [0.5] * 4, "prob_0": [0.5] * 4}
    assert score(pa.table(rows), ignore_label=["1", "-100"]).metrics.ignored_rows == 3


def test_a_class_is_weighed_once() -> None:
    with pytest.raises(RequestError, match="twice"):
        weighed({"label": ["1", "0"], "prob_1": [0.5] * 2, "prob_0": [0.5] * 2}, class_weight={"1": 2, "1.0": 3})


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        ([np.inf, 1.0], "weight_not_finite"),
        ([np.nan, 1.0], "weight_not_finite"),
        ([-1.0, 1.0], "weight_negative"),
        ([1.0, 1e308], "weight_too_large"),
        ([1.0, 1e-300], "weight_too_small"),
    ],
)
def test_a_weight_is_checked_whatever_its_class_weighs(weights: list[float], code: str) -> None:
    factors = {"weight_too_large": 1e100, "weight_too_small": 1e-100}
    rows = {"label": ["a", "b"], "prob_a": [0.5] * 2, "prob_b": [0.5] * 2, "w": weights}
    with pytest.raises(ContentError) as caught:
        weighed(rows, weight="w", class_weight={"a": 0, "b": factors.get(code, 1)})
    assert caught.value.code == code
    assert "nan" not in caught.value.message or np.isnan(weights[0])


@pytest.mark.parametrize("nan", [0, 3, 5])
def test_a_nan_is_skipped_wherever_it_stands_among_rows_left_out(nan: int) -> None:
    p = [np.nan if row == nan else 0.5 for row in range(6)]
    rows = {"label": ["a", None, "b", "a", None, "b"], "p_a": p, "p_b": [0.5] * 6}
    found = score(pa.table(rows), missing="skip")
    assert (found.rows, found.metrics.skipped_rows) == (3, 3)
    assert {each.where[0].row for each in found.notices if each.code == "skipped_nan"} == {nan}


@pytest.mark.parametrize("block", [1, 2, 100])
def test_lists_that_begin_late(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their length is that of the first there is, in whichever block."""
    monkeypatch.setattr(frames, "CHUNK_ROWS", block)
    lists = [None, None, [0.5, 0.5], [0.2, 0.8]]
    assert score(pa.table({"label": list("1010"), "probs": lists}), missing="skip").rows == 2
    for column, code, row in ((lists, "score_missing", 0), ([None] * 3 + [[0.5]], "list_length", 3)):
        with pytest.raises(ContentError) as caught:
            score(pa.table({"label": list("1010"), "probs": column}))
        assert caught.value.where is not None
        assert (caught.value.code, caught.value.where.row) == (code, row)


@pytest.mark.parametrize("kind", [pa.int64(), pa.int32(), pa.uint64(), pa.float64()])
def test_clusters_of_numbers_are_those_of_their_texts(kind: pa.DataType) -> None:
    users = [7, 2**31 - 1, 7, 0, 12, 0, 7] * 300
    rows = {"label": [0, 1, 1] * 700, "prob": [0.1, 0.7, 0.4] * 700}
    found = score(pa.table({**rows, "user": pa.array(users, kind)}), cluster="user")
    assert found.metrics == score(pa.table({**rows, "user": [*map(str, users)]}), cluster="user").metrics


def test_a_row_without_a_cluster_is_refused() -> None:
    with pytest.raises(ContentError, match="cluster"):
        score(pa.table({"label": [0, 1], "prob": [0.1, 0.7], "user": pa.array([1, None])}), cluster="user")
