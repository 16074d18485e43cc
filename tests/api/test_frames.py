"""Tables and arrays in memory give the result of the file that holds them."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from tests.cli.cases import loss
from xentcli import score
from xentcli.api import frames
from xentcli.errors import ContentError, RequestError, Where, XentError
from xentcli.results.score import ScoreResult

LABELS = ["a", "b", "b", "a", "b"]
P_A = [0.75, 0.375, 0.1, 0.6, 0.5]
P_B = [0.25, 0.625, 0.9, 0.4, 0.5]
WEIGHTS = [1.0, 0.0, 2.5, 1.0, 3.0]
TABLE = pa.table({"id": range(5), "label": LABELS, "p_a": P_A, "p_b": P_B, "w": WEIGHTS})


@dataclass(frozen=True)
class Stream:
    """A table of another library, by the one protocol that they share."""

    table: pa.Table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def same(result: ScoreResult) -> dict[str, Any]:
    """All of a result but where it came from."""
    document = result.to_dict()
    del document["inputs"]
    for notice in document["notices"]:
        notice["where"] = [place.get("line", place.get("row")) is not None for place in notice["where"]]
    return document


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("frames")
    pq.write_table(TABLE, folder / "x.parquet", row_group_size=2)
    pyarrow.csv.write_csv(TABLE, folder / "x.csv")
    return folder / "x.parquet", folder / "x.csv"


WAYS: dict[str, Callable[[], Any]] = {
    "arrow": lambda: TABLE,
    "arrow-chunked": lambda: pa.concat_tables([TABLE.slice(0, 2), TABLE.slice(2)]),
    "arrow-stream": lambda: Stream(TABLE),
    "pandas": lambda: TABLE.to_pandas(),
    "pandas-object": lambda: TABLE.to_pandas().astype({"label": object}),
    "pandas-category": lambda: TABLE.to_pandas().astype({"label": "category"}),
    "pandas-arrow": lambda: TABLE.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas-nullable": lambda: TABLE.to_pandas().convert_dtypes(),
    "pandas-index": lambda: TABLE.to_pandas().set_index("id"),
    "pandas-shuffled-index": lambda: TABLE.to_pandas().set_index(pd.Index([3, 1, 4, 1, 5])),
    "pandas-reversed-columns": lambda: TABLE.to_pandas()[["w", "p_a", "p_b", "label", "id"]],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("options", [{}, {"weight": "w"}, {"clip": 0.2}, {"unit": "bits", "classes": ["b", "a"]}])
def test_a_table_is_the_file(way: str, options: dict[str, Any], files: tuple[Path, Path]) -> None:
    expected, text = (same(score(path, **options)) for path in files)
    assert expected == text
    assert same(score(WAYS[way](), **options)) == expected


@pytest.mark.parametrize(
    "labels", [LABELS, np.array(LABELS), np.array(LABELS, object), pd.Series(LABELS), pa.array(LABELS)]
)
def test_arrays_are_the_file(labels: Any, files: tuple[Path, Path]) -> None:
    expected = score(files[0], weight="w")
    found = score(labels, probs=np.array([P_A, P_B]).T, classes=["a", "b"], weights=WEIGHTS)
    assert (found.metrics, found.per_class) == (expected.metrics, expected.per_class)
    assert (found.classes, found.weight, found.rows) == (("a", "b"), 7.5, 4)


@pytest.mark.parametrize("layout", ["C", "F", "strided", "float32", "lists", "frame"])
def test_arrays_of_any_layout(layout: str) -> None:
    scores = np.array([P_A, P_B]).T.astype(np.float32).astype(np.float64)
    given: Any = {
        "C": np.ascontiguousarray(scores),
        "F": np.asfortranarray(scores),
        "strided": np.repeat(scores, 2, axis=0)[::2],
        "float32": scores.astype(np.float32),
        "lists": scores.tolist(),
        "frame": pd.DataFrame(scores),
    }[layout]
    expected = score(LABELS, probs=scores, classes=["a", "b"])
    assert score(LABELS, probs=given, classes=["a", "b"]) == expected


def test_arrays_of_one_column() -> None:
    y = [1, 0, 1]
    p = [0.75, 0.375, 0.5]
    expected = loss(0.75, 0.625, 0.5)
    for labels in (y, np.array(y), np.array(y, bool), np.array(y, float), ["1", "0", "1"], [True, False, True]):
        assert score(labels, probs=p).metrics.log_loss == pytest.approx(expected, rel=1e-15)
    for scores in (np.array(p), np.array(p)[:, None], pd.Series(p), np.array(p, np.float32)):
        assert score(y, probs=scores).metrics.log_loss == pytest.approx(expected, rel=1e-15)
    text = ["yes", "no", "yes"]
    assert score(text, probs=p, positive="yes").metrics.log_loss == pytest.approx(expected, rel=1e-15)
    with pytest.raises(RequestError):
        score(text, probs=p)


def test_arrays_of_numbered_classes() -> None:
    result = score([2, 0], probs=[[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]])
    assert result.classes == ("0", "1", "2")
    assert result.metrics.log_loss == pytest.approx(loss(0.25, 0.25), rel=1e-15)
    result = score([2, 0], probs=[[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]], classes=["x", "y", "z"])
    assert [row.rows for row in result.per_class] == [1, 0, 1]


def test_the_three_kinds_are_one_model() -> None:
    q = np.array([[0.5, 0.25, 0.25], [0.125, 0.375, 0.5]])
    probs = score([0, 2], probs=q).metrics.log_loss
    for kind in ({"logits": np.log(q)}, {"logits": np.log(q) + 7}, {"log_probs": np.log(q)}):
        assert score([0, 2], **kind).metrics.log_loss == pytest.approx(probs, rel=1e-14)


# What is odd


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (pd.Series(["a", "b"], dtype="category"), ("a", "b")),
        (pd.Series([1, 2], dtype="Int64"), ("1", "2")),
        (pd.Series([True, False], dtype="boolean"), ("true", "false")),
        ([True, "b"], ("True", "b")),
        ([1, "b"], ("1", "b")),
        ([Decimal("1.5"), "b"], ("1.5", "b")),
        (np.array([2**53 + 1, 2**53]), (str(2**53 + 1), str(2**53))),
        ([2**70, 1], (str(2**70), "1")),
        (np.array(["a", "b"], "S1"), ("a", "b")),
        (np.array(["a", "b"], ">U1"), ("a", "b")),
        (pd.Categorical(["a", "b"]), ("a", "b")),
        (pd.Categorical([7, 8]), ("7", "8")),
        (pd.array(["a", "b"], dtype="string"), ("a", "b")),
        (pd.Index(["a", "b"]), ("a", "b")),
        (pa.chunked_array([["a"], ["b"]]), ("a", "b")),
    ],
)
def test_labels_are_text(labels: Any, expected: tuple[str, str]) -> None:
    result = score(labels, probs=[[0.75, 0.25], [0.375, 0.625]], classes=expected)
    assert result.metrics.log_loss == pytest.approx(loss(0.75, 0.625), rel=1e-15)


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, pd.NA, pd.NaT, ""])
@pytest.mark.parametrize("mixed", [False, True])
def test_a_missing_label_has_its_row(missing: Any, mixed: bool) -> None:
    labels = pd.Series(["a", missing, 1 if mixed else "b"], dtype=object)
    with pytest.raises(ContentError) as caught:
        score(labels, probs=[[0.75, 0.25]] * 3, classes=["a", "b"])
    assert caught.value.code == "label_missing"
    assert caught.value.where is not None
    assert caught.value.where.row == 1


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_missing_score_has_its_row(missing: Any) -> None:
    frame = pd.DataFrame(
        {"label": ["a", "b"], "p_a": pd.Series([0.75, missing], dtype=object), "p_b": [0.25, 0.5]}
    )
    with pytest.raises(ContentError) as caught:
        score(frame)
    assert caught.value.code in ("score_missing", "score_nan")
    assert caught.value.column == "p_a"
    assert caught.value.where is not None
    assert caught.value.where.row == 1


def test_a_nan_in_an_array_is_not_a_number() -> None:
    with pytest.raises(ContentError) as caught:
        score([1, 0], probs=[0.5, math.nan])
    assert caught.value.code == "score_nan"


def test_columns_without_text_names() -> None:
    frame = pd.DataFrame({0: [0.75, 0.375], 1: [0.25, 0.625], "label": [0, 1]})
    assert score(frame).metrics.log_loss == pytest.approx(loss(0.75, 0.625), rel=1e-15)
    frame = pd.DataFrame({"label": [0, 1], ("p", 0): [0.75, 0.375], ("p", 1): [0.25, 0.625]})
    assert score(frame).columns.scores == {"0": "('p', 0)", "1": "('p', 1)"}


@pytest.mark.parametrize("column", ["label", "p_a", "note"])
def test_columns_of_one_name_are_refused(column: str) -> None:
    frame = pd.DataFrame([["a", 0.75, 0.25, 1, 2]], columns=["label", "p_a", "p_b", column, "x"])
    frame.columns = pd.Index(["label", "p_a", "p_b", column, column])
    for table in (
        frame,
        pa.Table.from_arrays([pa.array(frame.iloc[:, i]) for i in range(5)], list(frame.columns)),
    ):
        with pytest.raises(RequestError) as caught:
            score(table)
        assert (caught.value.code, caught.value.column) == ("duplicate_column", column)


def test_unused_columns_may_hold_anything() -> None:
    frame = pd.DataFrame(
        {"x": [object(), {1, 2}], "when": [datetime.datetime(2024, 1, 1)] * 2, "label": ["a", "b"],
         "p_a": [0.75, 0.375], "p_b": [0.25, 0.625], "y2": [1, "a"]}
    )  # fmt: skip
    assert score(frame).rows == 2


def test_a_timestamp_label_is_named() -> None:
    frame = pd.DataFrame({"label": [datetime.datetime(2024, 1, 1)] * 2, "p_a": [0.5] * 2, "p_b": [0.5] * 2})
    with pytest.raises(ContentError) as caught:
        score(frame)
    assert "timestamp" in caught.value.message


@pytest.mark.parametrize("table", [TABLE.slice(0, 0), TABLE.slice(0, 0).to_pandas()])
def test_no_rows(table: Any) -> None:
    with pytest.raises(ContentError) as caught:
        score(table)
    assert caught.value.code == "no_rows"


@pytest.mark.parametrize(
    ("labels", "scores"),
    [
        ([], []),
        (np.array([], int), np.empty((0, 2))),
        (np.empty((0, 2)), np.empty((0, 2))),
        (pd.Series(), pd.Series()),
    ],
)
def test_no_rows_of_arrays(labels: Any, scores: Any) -> None:
    with pytest.raises(ContentError) as caught:
        score(labels, probs=scores)
    assert caught.value.code == "no_rows"


def test_labels_that_are_all_missing() -> None:
    with pytest.raises(ContentError) as caught:
        score([None, None], probs=[0.5, 0.5])
    assert caught.value.code == "label_missing"


def test_no_rows_of_a_frame_without_types() -> None:
    with pytest.raises(ContentError) as caught:
        score(pd.DataFrame(columns=["label", "prob"]))
    assert caught.value.code == "no_rows"


@pytest.mark.parametrize(
    ("labels", "given", "code"),
    [
        ([1, 0], {"probs": [0.5]}, "lengths"),
        ([1, 0], {"probs": np.zeros((2, 2, 2))}, "shape"),
        ([1, 0], {"probs": np.zeros((2, 0))}, "shape"),
        ([1, 0], {"probs": pd.DataFrame(index=[0, 1])}, "shape"),
        ([1, 0], {"probs": 0.5}, "shape"),
        ([1, 0], {"probs": {"a": [0.5, 0.5]}}, "shape"),
        ([1, 0], {"probs": [[0.5, 0.5], [1.0]]}, "list_length"),
        ([1, 0], {"probs": [0.5, 0.5], "weights": [1]}, "lengths"),
        ([1, 0], {"probs": [0.5, 0.5], "weights": [[1, 1], [1, 1]]}, "shape"),
        ([1, 0], {"probs": [[0.5, 0.5]] * 2, "classes": ["a"]}, "classes"),
    ],
)
def test_arrays_of_another_shape(labels: Any, given: dict[str, Any], code: str) -> None:
    with pytest.raises(XentError) as caught:
        score(labels, **given)
    assert caught.value.code == code


@pytest.mark.parametrize("data", [object(), 7, [1, 0], {"label": [1]}, pd.Series([1, 0]), b"preds.csv"])
def test_what_cannot_be_scored_by_itself(data: Any) -> None:
    with pytest.raises(RequestError) as caught:
        score(data)
    assert "probs=" in (caught.value.hint or "")


@pytest.mark.parametrize("labels", [7, "preds.csv", {0, 1}, {"y": [0, 1]}, [[0], [1, 0]], np.zeros((2, 2, 2))])
def test_labels_that_are_no_array(labels: Any) -> None:
    with pytest.raises(RequestError) as caught:
        score(labels, probs=[0.5, 0.5])
    assert caught.value.code == "data"


# Columns of scores by name

NAMED = {"b": [0.25, 0.625], "a": [0.75, 0.375]}
BY_NAME = loss(0.75, 0.625)  # of labels a, b


@pytest.mark.parametrize("table", [pd.DataFrame, pa.table, pa.record_batch, lambda x: Stream(pa.table(x))])
@pytest.mark.parametrize("classes", [None, ["a", "b"], ["b", "a"]])
def test_columns_of_scores_go_by_their_names(table: Callable[[Any], Any], classes: list[str] | None) -> None:
    for names in (NAMED, {f"p_{name}": values for name, values in NAMED.items()}):
        found = score(["a", "b"], probs=table(names), classes=classes)
        assert found.metrics.log_loss == pytest.approx(BY_NAME, rel=1e-15)
        assert found.classes == tuple(classes or "ba")
    with pytest.raises(RequestError) as caught:
        score(["x", "y"], probs=table(NAMED), classes=["x", "y"])
    assert (caught.value.code, caught.value.column) == ("classes", "prob")


@pytest.mark.parametrize("names", [[1, 0], [1.0, 0.0], [True, False], ["1", "0"], ["prob_1", "prob_0"]])
def test_columns_of_scores_of_numbered_classes(names: list[Any]) -> None:
    scores = pd.DataFrame([[0.25, 0.75], [0.625, 0.375]], columns=names)
    labels = [False, True] if names[0] is True else [0, 1]
    assert score(labels, probs=scores).metrics.log_loss == pytest.approx(BY_NAME, rel=1e-15)
    with pytest.raises(RequestError):
        score(["a", "b"], probs=scores, classes=["a", "b"])


@pytest.mark.parametrize("classes", [["a", "b"], ["1", "0"]])
def test_columns_that_only_count_are_in_order(classes: list[str]) -> None:
    rows = [[0.75, 0.25], [0.375, 0.625]]
    expected = score(classes, probs=rows, classes=classes)
    assert score(classes, probs=pd.DataFrame(rows), classes=classes) == expected
    named = pa.table({f"column_{i}": [row[i] for row in rows] for i in range(2)})  # by polars
    assert score(classes, probs=named, classes=classes) == expected


def test_columns_of_scores_are_never_taken_by_place() -> None:
    """Labels 0 and 1 do not say which of a and b they are."""
    with pytest.raises(ContentError) as caught:
        score([0, 1], probs=pd.DataFrame(NAMED))
    assert caught.value.code == "label_unknown"
    with pytest.raises(RequestError) as duplicate:
        score(["a", "b"], probs=pd.DataFrame([[0.5, 0.5]] * 2, columns=["a", "a"]))
    assert duplicate.value.code == "duplicate_column"


def test_soft_labels_go_by_their_names() -> None:
    target = pd.DataFrame({"a": [1, 0], "b": [0, 1]})
    for classes in (None, ["a", "b"]):
        found = score(target, probs=pd.DataFrame(NAMED), classes=classes)
        assert found.metrics.log_loss == pytest.approx(BY_NAME, rel=1e-15)
    with pytest.raises(RequestError):
        score(target, probs=[[0.5, 0.5]] * 2, classes=["x", "y"])


@pytest.mark.parametrize("table", [pd.DataFrame, pa.table, lambda x: pd.DataFrame(x).iloc[:, 0]])
def test_a_single_column_has_its_class_from_its_name(table: Callable[[Any], Any]) -> None:
    assert score(["no", "yes"], probs=table({"p_yes": [0.25, 0.375]})).metrics.log_loss == pytest.approx(
        loss(0.75, 0.375), rel=1e-15
    )
    assert score([0, 1], probs=table({"p_0": [0.25, 0.375]})).metrics.log_loss == pytest.approx(
        loss(0.25, 0.625), rel=1e-15
    )
    for name in ("risk", "label", "weight"):
        found = score([0, 1], probs=table({name: [0.25, 0.375]}), weights=[1, 1])
        assert found.metrics.log_loss == pytest.approx(loss(0.75, 0.375), rel=1e-15)
    counted = pd.DataFrame({0: [0.25, 0.375]})
    assert score([0, 1], probs=counted).metrics.log_loss == pytest.approx(loss(0.75, 0.375), rel=1e-15)
    assert score([0, 1], probs=counted[0]).metrics.log_loss == pytest.approx(loss(0.75, 0.375), rel=1e-15)


# What arrays hold


@pytest.mark.parametrize(
    "scores",
    [
        np.ma.masked_array([0.25, 0.75], [False, True]),
        np.ma.masked_array([[0.5, 0.5], [0.25, 0.75]], [[False, False], [True, False]]),
        np.ma.masked_array(np.array([0.25, "x"], object), [False, True]),
        [0.25, None],
        [0.25, pd.NA],
        pd.Series([0.25, None], dtype="Float64"),
        pd.Series([0.25, None], dtype=pd.ArrowDtype(pa.float32())),
        pd.DataFrame({0: pd.array([0.5, 0.5], dtype="Float64"), 1: pd.array([0.5, None], dtype="Float64")}),
        pa.array([0.25, None]),
        pa.array([[0.5, 0.5], None]),
    ],
)
def test_what_is_masked_or_null_is_missing(scores: Any) -> None:
    with pytest.raises(ContentError) as caught:
        score([0, 1], probs=scores)
    assert (caught.value.code, caught.value.where) == ("score_missing", Where("arrays", row=1))
    assert score([0, 1], probs=scores, missing="skip").rows == 1


def test_masked_labels_and_weights_are_missing() -> None:
    with pytest.raises(ContentError) as caught:
        score(np.ma.masked_array([0, 1], [False, True]), probs=[0.5, 0.5])
    assert caught.value.code == "label_missing"
    with pytest.raises(ContentError) as caught:
        score([0, 1], probs=[0.5, 0.5], weights=np.ma.masked_array([1, 1], [False, True]))
    assert caught.value.code == "weight_missing"


@pytest.mark.parametrize(
    "values",
    [
        np.array([0.5, 0.5j]), [0.5, 1j], ["0.5", "0.25"], np.array(["0.5", 0.25], object),
        pd.Series(["0.5", "0.25"]), pa.array(["0.5", "0.25"]), pd.Series(["0.5", "0.25"], dtype="category"),
        [b"0.5", b"0.25"], [0.5, object()], [10**400, 0.5], np.array(["2024-01-01"] * 2, "datetime64[D]"),
        pd.DataFrame({"1": ["0.5", "0.25"]}),
        [["0.5", "0.5"], ["0.25", "0.75"]], [["0.5"], ["0.25", "0.75"]],
    ],
)  # fmt: skip
@pytest.mark.parametrize("argument", ["probs", "logits", "weights"])
def test_what_is_no_number_is_refused(values: Any, argument: str) -> None:
    given: dict[str, Any] = {"probs": [0.5, 0.5], argument: values}
    if argument == "logits":
        del given["probs"]
    with pytest.raises(ContentError) as caught:
        score([0, 1], **given)
    assert caught.value.code == "not_a_number"
    assert caught.value.where is not None
    assert caught.value.where.file == "arrays"


@pytest.mark.parametrize(
    "scores",
    [
        np.array([0.25, 0.5], ">f8"), np.array([0.25, 0.5], "f2"), np.array([0.25, 0.5], np.longdouble),
        [Decimal("0.25"), Decimal("0.5")], [Decimal("0.25"), 0.5], [Fraction(1, 4), Fraction(1, 2)],
        pd.Series([0.25, 0.5], dtype="Float32"), pa.chunked_array([[0.25], [0.5]]), pa.array([Decimal("0.25"),
        Decimal("0.5")]), pd.arrays.SparseArray([0.25, 0.5]), Stream(pa.table({"1": [0.25, 0.5]})),
        pd.Series([[0.75, 0.25], [0.5, 0.5]]), pa.array([[0.75, 0.25], [0.5, 0.5]]), pa.array([[0.75, 0.25],
        [0.5, 0.5]], pa.list_(pa.float32(), 2)),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "labels", [np.array([0, 1], ">i4"), np.array([0, 1], ">f8"), np.array([0, 1], np.longdouble)]
)
def test_numbers_of_any_kind_of_array(scores: Any, labels: Any) -> None:
    assert score(labels, probs=scores).metrics.log_loss == pytest.approx(loss(0.75, 0.5), rel=1e-15)


def test_a_frame_of_the_other_byte_order() -> None:
    frame = pd.DataFrame({"label": np.array([0, 1], ">i4"), "p": np.array([0.25, 0.5], ">f8"), "z": [1j, 2j]})
    assert score(frame).metrics.log_loss == pytest.approx(loss(0.75, 0.5), rel=1e-15)


def test_text_of_a_frame_is_no_number() -> None:
    with pytest.raises(ContentError) as caught:
        score(pd.DataFrame({"label": [0, 1], "p": ["0.5", "0.25"]}))
    assert caught.value.hint == "numbers stored as text: cast the column to float64"


# Dates

DAYS = [datetime.date(2024, 5, 1), datetime.date(2024, 5, 2)]
DAY_COLUMNS = {"p_2024-05-01": [0.75, 0.375], "p_2024-05-02": [0.25, 0.625]}


@pytest.mark.parametrize(
    "column",
    [
        pa.array(DAYS), pa.array(DAYS, pa.date64()), pa.array(DAYS).dictionary_encode(),
        pa.array(DAYS, pa.date64()).dictionary_encode(),
    ],
)  # fmt: skip
def test_dates_are_labels(column: pa.Array, tmp_path: Path) -> None:
    table = pa.table({"label": column, **DAY_COLUMNS})
    pq.write_table(table, tmp_path / "days.parquet")
    for data in (table, tmp_path / "days.parquet", table.to_pandas()):
        result = score(data)
        assert result.classes == ("2024-05-01", "2024-05-02")
        assert result.metrics.log_loss == pytest.approx(BY_NAME, rel=1e-15)
    with pytest.raises(ContentError) as caught:
        score(table.set_column(0, "label", pa.array([DAYS[0], None])))
    assert caught.value.code == "label_missing"


def test_dates_in_arrays_are_labels() -> None:
    scores = [[0.75, 0.25], [0.375, 0.625]]
    for labels in (DAYS, np.array(DAYS, "datetime64[D]"), pd.Series(DAYS), pa.array(DAYS)):
        result = score(labels, probs=scores, classes=[str(day) for day in DAYS])
        assert result.metrics.log_loss == pytest.approx(BY_NAME, rel=1e-15)
    moment = datetime.datetime(2024, 5, 2, 12)
    result = score([DAYS[0], moment], probs=scores, classes=[str(DAYS[0]), str(moment)])
    assert [row.rows for row in result.per_class] == [1, 1]  # Arrow would make it a date


@pytest.mark.parametrize("kind", ["datetime64[ns]", "timedelta64[s]"])
def test_points_in_time_are_no_labels(kind: str) -> None:
    with pytest.raises(ContentError) as caught:
        score(np.array([0, 1], kind), probs=[0.5, 0.5])
    assert caught.value.code == "label_type"


def test_slices_of_a_table_are_scored_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = score(TABLE)
    monkeypatch.setattr(frames, "CHUNK_ROWS", 2)
    assert score(TABLE) == whole
    assert score(TABLE, threads=1) == whole


def test_a_row_of_a_later_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "CHUNK_ROWS", 2)
    with pytest.raises(ContentError) as caught:
        score(TABLE.set_column(2, "p_a", pa.array([0.75, 0.375, 0.1, 7.0, 0.5])))
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.row) == ("table", 3)


# Paths


def test_paths_of_any_type(files: tuple[Path, Path]) -> None:
    expected = same(score(files[1]))
    for path in (str(files[1]), [files[1]], (str(files[1]),), f"{files[1].parent}/*.csv"):
        assert same(score(path)) == expected
    assert score(list(files)).rows == 10


def test_a_list_of_labels_is_not_a_list_of_paths() -> None:
    assert score(["1", "0"], probs=[0.75, 0.375]).rows == 2


# Out again


def test_a_result_as_a_frame(files: tuple[Path, Path]) -> None:
    result = score(files[0])
    frame = result.to_frame()
    assert list(frame.columns) == ["table", "by", "class", "metric", "value", "unit"]
    metrics = frame[frame["table"] == "metrics"].set_index("metric")["value"]
    assert metrics["log_loss"] == result.metrics.log_loss
    text: Iterable[str] = io.StringIO(frame.to_csv(index=False))
    assert len(list(text)) == len(frame) + 1
