"""JSON Lines: right rows, right lines, and errors that name them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xentcli.sources.json.lines
from tests.sources.reading import open_one, places_of, read
from xentcli.errors import ContentError, XentError
from xentcli.sources.source import Projection


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "a.jsonl"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


LABELS = {
    "text": ('{"y":"x"}', "x"),
    "integer": ('{"y":1}', "1"),
    "float": ('{"y":1.0}', "1.0"),
    "true": ('{"y":true}', "true"),
    "false at the end": ('{"p":1,"y" : false }', "false"),
    "large integer": ('{"y":12345678901234567890123}', "12345678901234567890123"),
    "exponent": ('{"y":-1.50e+3}', "-1.50e+3"),
    "null": ('{"y":null}', None),
    "NaN": ('{"y":NaN}', None),
    "Infinity": ('{"y":Infinity}', "Infinity"),
    "quoted number": ('{"y":"01"}', "01"),
    "empty": ('{"y":""}', ""),
    "escapes": ('{"y":"\\u0061\\n\\u0000\\ud83d\\ude00"}', "a\n\x00\U0001f600"),
    "a key that ends alike": ('{"\\"y":5,"y":"x"}', "x"),
    "a string that looks like the key": ('{"t":"\\"y\\":5","y":"x"}', "x"),
    "a nested key of the same name": ('{"m":{"y":5},"y":"x"}', "x"),
    "an escaped key": ('{"\\u0079":7}', "7"),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_are_text_as_spelled(name: str, tmp_path: Path) -> None:
    line, expected = LABELS[name]
    assert read(write(tmp_path, line + "\n"), ["y"])["y"] == [expected]


def test_labels_may_change_type_from_row_to_row(tmp_path: Path) -> None:
    path = write(tmp_path, '{"y":1}\n{"y":"x"}\n{"y":1.0}\n{"y":true}\n{}\n')
    assert read(path, ["y"])["y"] == ["1", "x", "1.0", "true", None]


def test_rows_with_blank_lines_crlf_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path, b'\xef\xbb\xbf\r\n{"p":1}\r\n\r\n  \n {"p":2.5} \n{"q":1}')
    assert read(path, (), ["p"])["p"] == [1.0, 2.5, None]
    assert [w.line for w in places_of(open_one(path), Projection((), ("p",)))] == [2, 5, 6]


def test_lists_and_structs(tmp_path: Path) -> None:
    path = write(tmp_path, '{"l":[0.1,1],"s":{"a":0.3}}\n{"l":null,"s":{"b":1,"a":null}}\n{"l":[],"s":null}\n')
    assert [(f.name, str(f.type), f.path) for f in open_one(path).fields] == [
        ("l", "list<item: double>", False),
        ("s", "struct<a: double, b: double>", False),
        ("s.a", "None", True),
        ("s.b", "None", True),
    ]
    assert read(path, (), (), ["l", "s"]) == {
        "l": [[0.1, 1.0], None, []],
        "s": [{"a": 0.3, "b": None}, {"a": None, "b": 1.0}, None],
    }


def test_numbers_are_rounded_correctly_in_both_readers(tmp_path: Path) -> None:
    spelled = ["0.30000000000000004", "2.2250738585072011e-308", "1e-400", "0.1e0", "9007199254740993", "-0.0"]
    rows = "".join(f'{{"p":{x},"l":[{x}]}}\n' for x in spelled)
    expected = [float(x) for x in spelled]
    for tail in ("", '{"p":true,"l":[]}\n'):  # Arrow refuses true, so Python reads it all
        found = read(write(tmp_path, rows + tail), (), ["p"], ["l"])
        assert found["p"][: len(expected)] == expected
        assert found["l"][: len(expected)] == [[x] for x in expected]


def test_python_literals_are_not_lost(tmp_path: Path) -> None:
    found = read(write(tmp_path, '{"p":NaN}\n{"p":Infinity}\n{"p":-Infinity}\n'), (), ["p"])["p"]
    assert [repr(x) for x in found] == ["nan", "inf", "-inf"]


BAD: dict[str, tuple[str | bytes, int, str | None, str]] = {
    "an array line": ('{"y":1,"p":1}\n[1]\n', 2, None, "parse"),
    "a number line": ('{"y":1,"p":1}\n\n5\n', 3, None, "parse"),
    "a cut line": ('{"y":1,"p":1}\n{"y":1,"p', 2, None, "parse"),
    "two objects on a line": ('{"y":1,"p":1} {"y":1,"p":1}\n', 1, None, "parse"),
    "an object on two lines": ('{"y":1,"p":1}\n{"y":1,\n"p":1}\n', 2, None, "parse"),
    "one line twice, one object split": ('{"y":1,"p":1} {"y":1,"p":1}\n{"y":1,\n"p":1}\n', 1, None, "parse"),
    "pretty-printed": ('{\n"y":1\n}\n', 1, None, "parse"),
    "a duplicated key": ('{"y":1,"p":1}\n{"y":1,"p":1,"p":2}\n', 2, "p", "duplicate_key"),
    "a duplicated label": ('{"y":1,"y":1,"p":1}\n', 1, "y", "duplicate_key"),
    "text for a number": ('{"y":1,"p":1}\n{"y":1,"p":"0.5"}\n', 2, "p", "not_a_number"),
    "a list for a label": ('{"y":1,"p":1}\n{"y":[1],"p":1}\n', 2, "y", "label_type"),
    "single quotes": ('{"y":1,"p":1}\n' + "{'y':1}\n", 2, None, "parse"),
    "a trailing comma": ('{"y":1,"p":1,}\n', 1, None, "parse"),
    "deep nesting": ('{"y":1,"p":1}\n{"y":1,"p":' + "[" * 100_000 + "]" * 100_000 + "}\n", 2, None, "parse"),
    "not UTF-8": (b'{"y":1,"p":1}\n{"y":"\xff","p":1}\n', 2, None, "encoding"),
    "a NUL": (b'{"y":1,"p":1}\n\0\n', 2, None, "parse"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_lines_are_named(name: str, tmp_path: Path) -> None:
    text, line, column, code = BAD[name]
    with pytest.raises(ContentError) as caught:
        read(write(tmp_path, text), ["y"], ["p"])
    error = caught.value
    assert (error.code, error.where and error.where.line, error.column) == (code, line, column)


def test_bad_list_elements_are_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as caught:
        read(write(tmp_path, '{"l":[1]}\n{"l":[1,"x"]}\n'), (), (), ["l"])
    assert str(caught.value).endswith('a.jsonl, line 2, column "l": "x" is not a number')


def test_struct_keys_that_come_late_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, '{"s":{"a":1}}\n' * 1000 + '{"s":{"a":0,"b":1}}\n')
    with pytest.raises(ContentError, match='has the key "b"') as caught:
        read(path, (), (), ["s"])
    assert caught.value.where is not None
    assert caught.value.where.line == 1001


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()
)


@given(
    rows=st.lists(st.tuples(SCALARS, st.floats(allow_nan=False)), min_size=1, max_size=8),
    blank=st.lists(st.booleans(), min_size=8, max_size=8),
    block=st.integers(1, 80),
)
def test_any_rows_at_any_block_size(
    rows: list[tuple[object, float]], blank: list[bool], block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines: list[str] = []
    places: list[int] = []
    for (label, number), gap in zip(rows, blank, strict=False):
        lines += [""] if gap else []
        lines.append(json.dumps({"y": label, "p": number}, ensure_ascii=False))
        places.append(len(lines))
    path = write(tmp_path_factory.mktemp("rows"), ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xentcli.sources.json.lines, "BLOCK_BYTES", block)
        source = open_one(path)
        wanted = Projection(("y",), ("p",))
        found = read(path, ["y"], ["p"])
        assert [where.line for where in places_of(source, wanted)] == places
    spelled = [y if isinstance(y, str) or y is None else json.dumps(y) for y, _ in rows]
    assert found == {"y": spelled, "p": [p for _, p in rows]}


def test_every_cut_is_an_error_or_whole_lines(tmp_path: Path) -> None:
    data = b'{"y":"a","p":0.5}\n{"y":"b","p":0.25}\n'
    whole = read(write(tmp_path, data), ["y"], ["p"])
    for size in range(len(data)):
        try:
            found = read(write(tmp_path, data[:size]), ["y"], ["p"])
        except XentError:
            continue
        rows = len(found["y"])
        assert data[:size].count(b"}") == rows
        assert found == {name: values[:rows] for name, values in whole.items()}
