"""Tables and arrays in memory give the result of the file that holds them."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
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
from xentcli.data import frames
from xentcli.errors import ContentError, RequestError, XentError
from xentcli.results import ScoreResult

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
    with pytest.raises(XentError):
        score(frame)


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


def test_no_rows_of_arrays() -> None:
    with pytest.raises(ContentError) as caught:
        score(np.array([], int), probs=np.empty((0, 2)))
    assert caught.value.code == "no_rows"


@pytest.mark.parametrize(
    ("labels", "given", "error"),
    [
        ([1, 0], {"probs": [0.5, 0.5], "logits": [0, 0]}, TypeError),
        ([1, 0], {"probs": [0.5]}, ValueError),
        ([1, 0], {"probs": np.zeros((2, 2, 2))}, ValueError),
        ([1, 0], {"probs": np.zeros((2, 0))}, ValueError),
        ([1, 0], {"probs": [0.5, 0.5], "weights": [1]}, ValueError),
        ([1, 0], {"probs": [[0.5, 0.5]] * 2, "classes": ["a"]}, RequestError),
        ([1, 0], {"probs": [0.5, 0.5], "unit": "bit"}, ValueError),
        (object(), {}, TypeError),
        (7, {}, TypeError),
        ([1, 0], {}, TypeError),
    ],
)
def test_calls_that_make_no_sense(labels: Any, given: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        score(labels, **given)


def test_slices_of_a_table_are_scored_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = score(TABLE)
    monkeypatch.setattr(frames, "PART_ROWS", 2)
    assert score(TABLE) == whole
    assert score(TABLE, threads=1) == whole


def test_a_row_of_a_later_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "PART_ROWS", 2)
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
