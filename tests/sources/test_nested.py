"""Columns inside columns: paths, vectors, wrappers, and what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.sources.reading import open_one, read
from xentcli.errors import ContentError

VECTOR = pa.struct(
    [
        ("type", pa.int8()), ("size", pa.int32()), ("indices", pa.list_(pa.int32())),
        ("values", pa.list_(pa.float64())),
    ]
)  # fmt: skip


def parquet(folder: Path, rows: int = 2, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), folder / "p.parquet", row_group_size=rows)
    return folder / "p.parquet"


def vector(kind: int, size: int | None, indices: list[int] | None, values: list[float]) -> dict[str, Any]:
    return {"type": kind, "size": size, "indices": indices, "values": values}


def test_vectors_are_lists(tmp_path: Path) -> None:
    rows = [vector(0, 3, [2, 0], [0.8, 0.2]), vector(1, None, None, [0.1, 0.2, 0.7]), None, vector(0, 3, [], [])]
    path = parquet(tmp_path, v=pa.array(rows, VECTOR))
    expected = [[0.2, 0.0, 0.8], [0.1, 0.2, 0.7], None, [0.0, 0.0, 0.0]]
    assert read(path, (), (), ["v", "v.values"]) == {"v": expected, "v.values": expected}


@pytest.mark.parametrize(
    "wrong", [vector(0, 2, [2], [0.8]), vector(0, 3, [-1], [0.8]), vector(0, 3, [1], []), vector(0, -1, [], [])]
)
def test_vectors_that_cannot_be(wrong: dict[str, Any], tmp_path: Path) -> None:
    path = parquet(tmp_path, v=pa.array([wrong], VECTOR))
    with pytest.raises(ContentError, match="sparse vector"):
        read(path, (), (), ["v"])


def test_paths_reach_into_structs_lists_and_maps(tmp_path: Path) -> None:
    structs = pa.array(
        [{"b": {"c": 1, "t": "x"}}, {"b": None}, None, {"b": {"c": None, "t": "y"}}],
        pa.struct([("b", pa.struct([("c", pa.int64()), ("t", pa.string())]))]),
    )
    lists = pa.array(
        [[{"q": 0.5}, {"q": None}], None, [], [{"q": 1.0}]], pa.list_(pa.struct([("q", pa.float64())]))
    )
    maps = pa.array([[("k", 1.0)], None, [], [("k", 2.0), ("l", 3.0)]], pa.map_(pa.string(), pa.float64()))
    path = parquet(tmp_path, a=structs, l=lists, m=maps)
    assert read(path, ["a.b.t"], ["a.b.c"], ["l.q", "m.value"]) == {
        "a.b.t": ["x", None, None, "y"],
        "a.b.c": [1.0, None, None, None],
        "l.q": [[0.5, None], None, [], [1.0]],
        "m.value": [[1.0], None, [], [2.0, 3.0]],
    }


def test_the_name_of_a_column_wins(tmp_path: Path) -> None:
    columns: dict[str, Any] = {"a": [{"b": 1.0}], "a.b": [2.0]}
    path = parquet(tmp_path, **columns)
    assert read(path, (), ["a.b"])["a.b"] == [2.0]
    lines = tmp_path / "a.jsonl"
    lines.write_text('{"a": {"b": 1}, "a.b": 2}\n{"a": {"b": 1}}\n')
    assert read(lines, (), ["a.b"])["a.b"] == [2.0, None]


def test_paths_of_json_keep_the_spelling_of_labels(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": {"y": 12345678901234567890}}\n{"a": {"y": "01"}}\n{"a": null}\n{"a": {"y": 1.0}}\n')
    assert read(path, ["a.y"])["a.y"] == ["12345678901234567890", "01", None, "1.0"]


def test_wrappers_of_lists_are_taken_off(tmp_path: Path) -> None:
    pair = pa.struct([("label", pa.string()), ("prob", pa.float64())])
    wrapped = pa.struct([("list", pa.list_(pa.struct([("element", pair)])))])
    rows: list[Any] = [{"list": [{"element": {"label": "a", "prob": 0.5}}]}, None, {"list": None}, {"list": []}]
    path = parquet(tmp_path, b=pa.array(rows, wrapped))
    assert read(path, (), (), ["b"])["b"] == [[{"label": "a", "prob": 0.5}], None, None, []]
    assert [field.name for field in open_one(path).fields if field.path] == ["b.label", "b.prob"]


def test_numbers_in_more_words(tmp_path: Path) -> None:
    rows: list[Any] = [
        {"r": [[["-1.5", "False"]], [["-2", "True"]]], "f": [[-1.5, False], [-2, True]]},
        {"r": [[["-0.5", "False"]]], "f": [["-0.5", "False"]]},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read(path, (), (), ["r", "f"]) == {"r": [[-1.5, -2.0], [-0.5]], "f": [[-1.5, -2.0], [-0.5]]}


ARRAYS = {
    "objects": ('[{"y": "a"},\n {"y": 1}]', "y", ["a", "1"]),
    "labels": ('["a", "b",\n null]', "label", ["a", "b", None]),
    "whole numbers": ("[0, 1]", "label", ["0", "1"]),
    "a byte order mark": ('\ufeff[{"y": "a"}]', "y", ["a"]),
    "strings that look like the end": ('[{"y": "]},{"}]', "y", ["]},{"]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_as_files(name: str, tmp_path: Path) -> None:
    text, column, expected = ARRAYS[name]
    (tmp_path / "a.json").write_text(text)
    assert read(tmp_path / "a.json", [column])[column] == expected


def test_arrays_on_lines_are_rows(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[0.25, 0.75]\n[0.5, 0.5]\n")
    assert read(tmp_path / "a.json", (), (), ["probs"])["probs"] == [[0.25, 0.75], [0.5, 0.5]]


@pytest.mark.parametrize("text", ['[{"y": 1}', '[{"y": 1},]', '[{"y": 1}] 2', '[{"y": }]', "[[1, 2], [3"])
def test_arrays_that_are_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ContentError, match="is not a JSON array"):
        open_one(tmp_path / "a.json")
