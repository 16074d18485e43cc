"""Delimited text: European numbers, no header, svm-predict, lists in cells."""

from __future__ import annotations

from pathlib import Path

import pytest

import xentcli.sources.delimited.records
from tests.sources.reading import open_one, places_of, read
from xentcli.errors import ContentError
from xentcli.sources.source import Projection, TextOptions


def write(folder: Path, text: str) -> Path:
    path = folder / "a.csv"
    path.write_bytes(text.encode())
    return path


def names(path: Path, text: TextOptions | None = None) -> list[str]:
    return [field.name for field in open_one(path, text).fields]


def test_decimal_commas(tmp_path: Path) -> None:
    path = write(tmp_path, 'y;p\n"a";0,25\n"b";1e-3\n"c";-,5\n')
    assert read(path, ["y"], ["p"], text=TextOptions(decimal=","))["p"] == [0.25, 0.001, -0.5]


def test_decimal_commas_leave_the_comma_out_of_the_delimiters(tmp_path: Path) -> None:
    path = write(tmp_path, "a;b,c,d,e\n1,5;2\n")
    assert names(path, TextOptions(decimal=",")) == ["a", "b,c,d,e"]


def test_a_point_among_decimal_commas_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, "y;p\na;0,25\nb;0.25\n")
    with pytest.raises(ContentError) as caught:
        read(path, ["y"], ["p"], text=TextOptions(decimal=","))
    assert caught.value.where is not None
    assert caught.value.where.line == 3
    assert caught.value.hint == 'the decimal mark is ",": numbers have no decimal point'


def test_decimal_commas_without_the_option_have_a_hint(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as caught:
        read(write(tmp_path, "y;p\na;0,25\n"), ["y"], ["p"])
    assert caught.value.hint == "a decimal comma? --decimal , reads it"


def test_quotes_part_decimal_commas_from_commas_between_fields(tmp_path: Path) -> None:
    path = write(tmp_path, 'y,p\na,"0,5"\nb,1\n')
    for text in (TextOptions(decimal=","), TextOptions(delimiter=",", decimal=",")):
        assert read(path, ["y"], ["p"], text=text) == {"y": ["a", "b"], "p": [0.5, 1.0]}


def test_no_header_counts_the_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "\n0.5,a\n0.25,b\n")
    text = TextOptions(header=False)
    assert read(path, ["1"], ["0"], text=text) == {"1": ["a", "b"], "0": [0.5, 0.25]}
    assert [w.line for w in places_of(open_one(path, text), Projection(("1",), ()))] == [2, 3]


def test_one_number_a_line(tmp_path: Path) -> None:
    path = write(tmp_path, "0.5\n0.5\n0.25\n")
    assert read(path, (), ["0"], text=TextOptions(header=False)) == {"0": [0.5, 0.5, 0.25]}


def test_a_byte_order_mark_is_no_part_of_the_first_number(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeff0.5\n0.25\n")
    assert read(path, (), ["0"], text=TextOptions(header=False)) == {"0": [0.5, 0.25]}


def test_svm_predict(tmp_path: Path) -> None:
    path = write(tmp_path, "labels 1 -1\n1 0.9 0.1\n-1 0.2 0.8\n")
    assert names(path) == ["predicted", "prob_1", "prob_-1"]
    found = read(path, ["predicted"], ["prob_1", "prob_-1"])
    assert found == {"predicted": ["1", "-1"], "prob_1": [0.9, 0.2], "prob_-1": [0.1, 0.8]}


def test_a_column_called_labels_is_an_ordinary_header(tmp_path: Path) -> None:
    assert names(write(tmp_path, "labels\n1\n")) == ["labels"]
    assert names(write(tmp_path, "labels 1,-1\n1,2\n")) == ["labels 1", "-1"]


def test_lists_in_cells(tmp_path: Path) -> None:
    path = write(tmp_path, 'y,l\na,"[0.1, 1e-3]"\nb,\nc,"[\n 1,\n null]"\nd," [] "\n')
    assert read(path, ["y"], (), ["l"])["l"] == [[0.1, 0.001], None, [1.0, None], []]


BAD_LISTS = {
    "no array": ('"0.5"', None),
    "numpy's way": ('"[0.1 0.9]"', "no comma"),
    "shortened": ('"[0.1, ..., 0.9]"', "left out"),
    "text": ('"[0.1, ""a""]"', None),
    "cut": ('"[0.1, 0.9"', None),
    "two": ('"[0.1]} {""v"":[0.9]"', None),
    "nested": ('"[[0.1]]"', None),
    "a word": ("null", None),
}


@pytest.mark.parametrize("name", BAD_LISTS)
def test_bad_lists_are_named(name: str, tmp_path: Path) -> None:
    cell, hint = BAD_LISTS[name]
    good = 'x,"[0.1, 0.9]"\n'
    for before in (0, 1, 7):
        path = write(tmp_path, "y,l\n" + good * before + f"x,{cell}\n" + good * 3)
        with pytest.raises(ContentError) as caught:
            read(path, ["y"], (), ["l"])
        error = caught.value
        assert error.where is not None
        assert (error.code, error.where.line, error.column) == ("not_a_list", before + 2, "l")
        assert hint is None or hint in (error.hint or "")


def test_quoted_newlines_at_every_block_edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, 'y,p\r\n"a\r\n""b",0.5\r\n\r\nc,1\r\n"d\n,",0.25\r\n')
    wanted = Projection(("y",), ("p",))
    for size in range(1, 60):
        monkeypatch.setattr(xentcli.sources.delimited.records, "BLOCK_BYTES", size)
        assert read(path, ["y"], ["p"]) == {"y": ['a\r\n"b', "c", "d\n,"], "p": [0.5, 1.0, 0.25]}
        assert [where.line for where in places_of(open_one(path), wanted)] == [2, 5, 6]


def test_a_cut_last_field_is_not_complete(tmp_path: Path) -> None:
    assert not open_one(write(tmp_path, "y,p\na,0.25\n")).possibly_truncated()
    assert [column for _, column in open_one(write(tmp_path, "y,p\na,0.2")).possibly_truncated()] == ["p"]


FORMATS = {
    "csv": (TextOptions(format="csv"), '{"a":1}\n', ['{"a":1}']),
    "tsv": (TextOptions(format="tsv"), "a,b\tc\n", ["a,b", "c"]),
    "jsonl": (TextOptions(format="jsonl"), '\n\n{"a":1}\n', ["a"]),
}


@pytest.mark.parametrize("name", FORMATS)
def test_input_format_overrides_the_content(name: str, tmp_path: Path) -> None:
    text, content, expected = FORMATS[name]
    assert names(write(tmp_path, content), text) == expected
    assert open_one(tmp_path / "a.csv", text).notices() == ()


@pytest.mark.parametrize("kind", ["parquet", "arrow", "npy", "jsonl"])
def test_a_wrong_input_format_is_a_content_error(kind: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        open_one(write(tmp_path, "y,p\n1,2\n"), TextOptions(format=kind))


FOREIGN = {
    "zip": b"PK\x03\x04" + b"\0" * 40,
    "feather 1": b"FEA1....",
    "hdf5": b"\x89HDF\r\n\x1a\n",
    "pickle": b"\x80\x04\x95",
    "utf-16": "y,p\n".encode("utf-16"),
    "empty": b"",
    "blank": b"\n\n",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_formats_are_named(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(FOREIGN[name])
    with pytest.raises(ContentError):
        open_one(path)


@pytest.mark.parametrize("delimiter", [None, ",", ";", " "])
def test_without_a_header_the_first_row_is_one(tmp_path: Path, delimiter: str | None) -> None:
    mark = delimiter or ","
    path = write(tmp_path, "".join(f"{y}{mark}{p}\n" for y, p in (("a", 0.5), ("b", 0.25))))
    text = TextOptions(header=False, delimiter=delimiter)
    assert read(path, ["0"], ["1"], text=text) == {"0": ["a", "b"], "1": [0.5, 0.25]}


@pytest.mark.parametrize("text", [TextOptions(), TextOptions(header=False), TextOptions(delimiter=" ")])
def test_what_svm_predict_writes(tmp_path: Path, text: TextOptions) -> None:
    path = write(tmp_path, "labels 1 -1\n1 0.75 0.25\n-1 0.5 0.5\n")
    assert [field.name for field in open_one(path, text).fields] == ["predicted", "prob_1", "prob_-1"]
    assert read(path, (), ["prob_-1"], text=text) == {"prob_-1": [0.25, 0.5]}
