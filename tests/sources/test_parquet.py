"""Parquet: types, row groups, nulls, and files that something happened to."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import process, xent
from tests.sources.reading import open_one, rows_of
from xentcli import score
from xentcli.engine import local
from xentcli.errors import ContentError, RequestError, XentError
from xentcli.sources import batches
from xentcli.sources.source import Projection

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes columns to a file."""

    def file(columns: dict[str, Any] | pa.Table, **options: Any) -> Path:
        table = columns if isinstance(columns, pa.Table) else pa.table(columns)
        pq.write_table(table, tmp_path / "x.parquet", **options)
        return tmp_path / "x.parquet"

    return file


def refusal(path: Path, **options: Any) -> XentError:
    """The error that a file ends in."""
    with pytest.raises(XentError) as caught:
        score(path, **options)
    return caught.value


# Types

TENTH = float(np.float16(0.1)), float(np.float32(0.1))
NUMBERS: list[tuple[pa.DataType, Any, float]] = [
    (pa.float64(), 0.1, 0.1),
    (pa.float64(), 1e-300, 1e-300),
    (pa.float32(), 0.1, TENTH[1]),
    (pa.float16(), np.float16(0.1), TENTH[0]),
    (pa.int8(), 127, 127.0),
    (pa.int64(), 2**53 + 1, 2.0**53),
    (pa.uint64(), 2**64 - 1, 2.0**64),
    (pa.bool_(), True, 1.0),
    (pa.decimal128(5, 4), Decimal("0.1"), 0.1),
    (pa.decimal128(5, 4), Decimal("0.7"), 0.7),
    (pa.decimal128(38, 37), Decimal("0.3"), 0.3),
    (pa.decimal128(20, 2), Decimal("123456789012345678.91"), 123456789012345678.91),
    (pa.decimal256(60, 40), Decimal("0.7"), 0.7),
    (pa.decimal256(76, 75), Decimal("0." + "3" * 75), 1 / 3),
]


@pytest.mark.parametrize(
    ("kind", "given", "expected"), NUMBERS, ids=[f"{case[0]}-{case[1]}"[:40] for case in NUMBERS]
)
def test_a_number_of_any_type_is_its_nearest_float64(
    kind: pa.DataType, given: Any, expected: float, write: Write
) -> None:
    """A weight comes out as it went in."""
    path = write({"label": ["1"], "p": [0.5], "w": pa.array([given], kind)})
    assert repr(score(path, weight="w").weight) == repr(expected)


@pytest.mark.parametrize("kind", sorted({case[0] for case in NUMBERS}, key=str), ids=str)
def test_a_null_of_any_type_is_missing(kind: pa.DataType, write: Write) -> None:
    given = [np.float16(1) if kind == pa.float16() else 1] * 5
    column = pa.array(given, kind if kind == pa.float16() else pa.float64()).cast(kind)
    column = pa.concat_arrays([column, pa.nulls(1, kind), column])
    error = refusal(write({"label": ["1"] * 11, "p": column}, row_group_size=4))
    assert (error.code, error.where and error.where.row, error.column) == ("score_missing", 5, "p")


NESTED = pa.DictionaryArray.from_arrays(pa.array([1, 0, 1], pa.int8()), ["a", "b"])
LABELS: list[tuple[str, pa.Array, list[str]]] = [
    ("string", pa.array(["a", "NA", "é", "a"]), ["a", "NA", "é", "a"]),
    ("large_string", pa.array(["a", "b"], pa.large_string()), ["a", "b"]),
    ("string_view", pa.array(["a", "b" * 40], pa.string_view()), ["a", "b" * 40]),
    ("dictionary", pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
    ("dictionary-int8", NESTED, ["b", "a", "b"]),
    ("dictionary-large", pa.array(["a", "b"], pa.large_string()).dictionary_encode(), ["a", "b"]),
    ("dictionary-int", pa.array([10, 20, 10]).dictionary_encode(), ["10", "20", "10"]),
    ("bool", pa.array([True, False, True]), ["true", "false", "true"]),
    ("int8", pa.array([1, -1], pa.int8()), ["1", "-1"]),
    ("uint64", pa.array([2**64 - 1, 0], pa.uint64()), [str(2**64 - 1), "0"]),
    ("int64", pa.array([2**53 + 1, 2**53]), [str(2**53 + 1), str(2**53)]),
    ("float", pa.array([1.0, -1.0, 0.5, 1e16]), ["1", "-1", "0.5", "10000000000000000"]),
    ("float32", pa.array([1.0, 0.5], pa.float32()), ["1", "0.5"]),
    ("float16", pa.array([np.float16(1), np.float16(0)]), ["1", "0"]),
    ("negative-zero", pa.array([1.0, -0.0, 0.0]), ["1", "0", "0"]),
    ("infinity", pa.array([1.0, float("inf"), float("-inf")]), ["1", "inf", "-inf"]),
]


def labelled(labels: Any, classes: Iterable[str]) -> dict[str, Any]:
    """Columns of these labels, and a score column for each class."""
    names = list(dict.fromkeys(classes))
    return {"label": labels, **{f"prob_{name}": [1 / len(names)] * len(labels) for name in names}}


@pytest.mark.parametrize(("given", "words"), [case[1:] for case in LABELS], ids=[case[0] for case in LABELS])
@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_label_of_any_type_is_text(given: pa.Array, words: list[str], size: int, write: Write) -> None:
    result = score(write(labelled(given, words), row_group_size=size))
    assert {row.name: row.rows for row in result.per_class} == Counter(words)


@pytest.mark.parametrize("given", [case[1] for case in LABELS], ids=[case[0] for case in LABELS])
def test_a_label_of_any_type_can_be_missing(given: pa.Array, write: Write) -> None:
    column = pa.chunked_array([given, pa.array([None], given.type)]).combine_chunks()
    words = next(case[2] for case in LABELS if case[1] is given)
    error = refusal(write(labelled(column, words), row_group_size=2))
    assert (error.code, error.where and error.where.row) == ("label_missing", len(given))


@pytest.mark.parametrize(
    ("role", "column"),
    [
        ("label", pa.array([1, 2], pa.timestamp("us"))),
        ("label", pa.array([["a"], ["b"]])),
        ("label", pa.array([{"a": 1}, {"a": 2}])),
        ("label", pa.array([b"a", b"b"])),
        ("p_a", pa.array(["0.5", "0.5"])),
        ("p_a", pa.array(["0.5", "0.5"]).dictionary_encode()),
        ("p_a", pa.array([1, 2], pa.timestamp("us"))),
        ("p_a", pa.array([[0.5], [0.5]])),
        ("p_a", pa.array([b"a", b"b"])),
    ],
    ids=str,
)
def test_a_type_that_cannot_be_used_is_named(role: str, column: pa.Array, write: Write) -> None:
    path = write({"label": ["a", "b"], "p_a": [0.5, 0.5], "p_b": [0.5, 0.5]} | {role: column})
    error = refusal(path, prob=["p_a", "p_b"])
    kind = re.match(r"\w+", str(pq.read_schema(path).field(role).type))
    assert kind is not None
    assert (error.exit_code, error.column) == (3, role)
    assert kind[0] in error.message


# Row groups


def by_class(path: Path) -> dict[str, float]:
    return {row.name: row.rows for row in score(path).per_class}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("block", [1, 2, 1 << 16])
def test_row_groups_are_one_table(size: int, block: int, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BLOCK_ROWS", block)
    monkeypatch.setattr(local, "_LONG", 1)
    labels = pa.chunked_array([["b"], ["a", "a"], ["c", "b"], ["d", "a"]])
    words = labels.to_pylist()
    assert by_class(write(labelled(labels.dictionary_encode(), words), row_group_size=size)) == Counter(words)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("block", [1, 2, 1 << 16])
def test_rows_are_counted_from_0_over_row_groups(
    size: int, block: int, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BLOCK_ROWS", block)
    monkeypatch.setattr(local, "_LONG", 1)
    for row in range(7):
        error = refusal(
            write({"label": ["1"] * 7, "p": [7.0 if i == row else 0.5 for i in range(7)]}, row_group_size=size)
        )
        assert error.where is not None
        assert (error.where.row, error.where.line) == (row, None)


def in_pieces(path: Path, pieces: Sequence[pa.Table]) -> Path:
    """A file with a row group for each table."""
    with pq.ParquetWriter(path, pieces[0].schema) as writer:
        for piece in pieces:
            writer.write_table(piece)
    return path


def test_row_groups_that_learn_their_words_late(tmp_path: Path) -> None:
    """Each row group of a file written in pieces has a dictionary of its own."""
    words = [["a", "b"], ["c", "a"], ["d", "d"]]
    pieces = [pa.table(labelled(pa.array(each).dictionary_encode(), "abcd")) for each in words]
    assert by_class(in_pieces(tmp_path / "x.parquet", pieces)) == {"a": 2, "b": 1, "c": 1, "d": 2}


def test_a_dictionary_that_gives_up(write: Write) -> None:
    """A column chunk of many different words falls back to plain pages half-way; one of them has no class."""
    many = [f"word {i}" for i in range(20_000)]
    path = write({"label": many, "prob": [0.5] * 20_000}, dictionary_pagesize_limit=1000)
    error = refusal(path, positive="word 7", classes=["word 7", "word 19999"])
    assert error.code == "label_unknown"
    assert error.where is not None
    assert error.where.row == 0


@pytest.mark.parametrize("groups", [0, 1])
def test_no_rows(groups: int, tmp_path: Path) -> None:
    table = pa.schema([("label", pa.string()), ("p", pa.float64())]).empty_table()
    with pq.ParquetWriter(tmp_path / "x.parquet", table.schema) as writer:
        for _ in range(groups):
            writer.write_table(table, row_group_size=1)
    error = refusal(tmp_path / "x.parquet")
    assert (error.code, error.where and error.where.file) == ("no_rows", str(tmp_path / "x.parquet"))


def test_empty_row_groups_between(tmp_path: Path) -> None:
    schema = pa.schema([("label", pa.string()), ("p", pa.float64())])
    pieces = [
        pa.table({"label": labels, "p": [0.5] * len(labels)}, schema) for labels in ([], ["1", "0"], [], ["1"], [])
    ]
    result = score(in_pieces(tmp_path / "x.parquet", pieces))
    assert result.rows == 3
    assert result.metrics.log_loss == pytest.approx(np.log(2), rel=1e-15)


def test_duplicate_names_have_positions(write: Write) -> None:
    path = write(pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], ["x", "y", "x"]))
    error = refusal(path)
    assert isinstance(error, RequestError)
    assert (error.code, error.column) == ("duplicate_column", "x")
    assert "1, 3" in error.message


def test_a_field_of_a_struct_with_the_name_of_a_column(write: Write) -> None:
    meta = [{"p_a": 7.0, "label": "c"}, {"p_a": 8.0, "label": "c"}]
    path = write({"meta": meta, "label": ["a", "b"], "p_a": [0.75, 0.375], "p_b": [0.25, 0.625], "p": meta})
    result = score(path, prob=["p_a", "p_b"])
    assert result.metrics.log_loss == pytest.approx(-(np.log(0.75) + np.log(0.625)) / 2, rel=1e-15)


def test_a_column_with_a_dot_in_its_name(write: Write) -> None:
    path = write({"p": [{"a": 7.0}, {"a": 8.0}], "label": ["a", "b"], "p.a": [0.75, 0.375], "p.b": [0.25, 0.625]})
    result = score(path, prob=["p.a", "p.b"])
    assert result.metrics.log_loss == pytest.approx(-(np.log(0.75) + np.log(0.625)) / 2, rel=1e-15)


# Damage


def damage(path: Path, at: int, flip: int = 0xFF) -> Path:
    data = bytearray(path.read_bytes())
    data[at] ^= flip
    damaged = path.with_name("damaged.parquet")
    damaged.write_bytes(data)
    return damaged


def last_byte_of(path: Path, column: int, group: int = 0) -> int:
    """Offset of the last byte of a column chunk: it is in the data of its last page."""
    chunk = pq.read_metadata(path).row_group(group).column(column)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    return int(start + chunk.total_compressed_size - 1)


COLUMNS = {"label": ["1", "0"] * 50, "p": [0.5] * 100}


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("group", [0, 1])
def test_a_flipped_byte_in_a_page_with_a_checksum(compression: str, column: int, group: int, write: Write) -> None:
    path = write(COLUMNS, write_page_checksum=True, compression=compression, row_group_size=50)
    bad = damage(path, last_byte_of(path, column, group), flip=1)
    with pytest.raises(ContentError) as caught:
        score(bad)
    assert (caught.value.code, caught.value.exit_code) == ("damaged", 3)
    assert caught.value.where is not None
    assert caught.value.where.file == str(bad)


def test_a_flipped_byte_as_a_user_sees_it(write: Write) -> None:
    path = write(COLUMNS, write_page_checksum=True)
    damage(path, last_byte_of(path, 1))
    run = xent("score", "damaged.parquet", cwd=path.parent)
    assert (run.code, run.stdout) == (3, "")
    assert run.stderr.startswith("xent: error: damaged.parquet: damaged")


def test_a_flipped_byte_in_a_column_nobody_asked_for(write: Write) -> None:
    path = write(COLUMNS | {"note": ["x"] * 100}, write_page_checksum=True)
    assert score(damage(path, last_byte_of(path, 2))).rows == 100


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("checksum", [True, False])
def test_any_flipped_byte_is_a_result_or_an_error(checksum: bool, step: int, write: Write) -> None:
    """No crash and no hang; in a process of its own, for a crash would be one of the tests' too.

    Headers and the footer have no checksum: there a flip may go unseen.
    """
    path = write({"label": ["1", "0"], "p": [0.5, 0.25]}, write_page_checksum=checksum, compression="none")
    run = process(str(step), cwd=path.parent, command=(sys.executable, "-c", _FLIP))
    assert (run.code, run.stderr) == (0, "")
    assert set(run.stdout.splitlines()) <= {"2 rows", "ContentError", "RequestError"}


_FLIP = """
import sys
from xentcli import score
from xentcli.errors import XentError
data = open("x.parquet", "rb").read()
for at in range(4, len(data), int(sys.argv[1])):
    flip = 0xFF if at % 2 else 1 << at // 2 % 8
    with open("flipped.parquet", "wb") as file:
        file.write(data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :])
    try:
        print(f"{score('flipped.parquet').rows} rows")
    except XentError as error:
        print(type(error).__name__)
    except Exception as error:
        print(f"byte {at} ^ {flip}: {error!r}")
"""


def test_no_count_is_believed_alone(write: Write) -> None:
    """The footer counts rows by file and by row group, and values by column: whatever says 6 is made to say 4."""
    run = process(cwd=write({"label": ["1", "0"] * 3, "p": [0.5] * 6}).parent, command=_COUNTS)
    assert (run.code, run.stderr) == (0, "")
    said = run.stdout.splitlines()
    assert {line for line in said if line.endswith(" rows")} <= {"6 rows"}
    assert "damaged file: the file declares 4 rows, its row groups 6" in said
    assert "damaged file: the file declares 6 rows, its row groups 4" in said
    assert said.count("damaged file: row group 0 declares 4 values and holds 6") == 2, "one for each column"


_COUNTS = (
    sys.executable,
    "-c",
    """
from xentcli import score
from xentcli.errors import XentError
data = open("x.parquet", "rb").read()
size = int.from_bytes(data[-8:-4], "little")
for at in range(len(data) - 8 - size, len(data) - 8):
    if data[at] == 12:  # 6 as a zigzag varint
        with open("other.parquet", "wb") as file:
            file.write(data[:at] + bytes([8]) + data[at + 1 :])
        try:
            print(f"{score('other.parquet').rows} rows")
        except XentError as error:
            print(error.message)
""",
)


def test_values_are_counted_as_writers_count_them(write: Write) -> None:
    """Empty and missing lists count as one value, fixed-size ones are counted by item; structs by field."""
    table = pa.table(
        {
            "label": pa.array(["a", "b", None, "a", "b"]).dictionary_encode(),
            "s": pa.array([{"a": 0.5, "b": 0.5}, None, {"a": 1.0, "b": 0.0}, {"a": 0.5, "b": 0.5}, None]),
            "l": pa.array([[0.5, 0.5], None, [], [0.5, None], [0.25, 0.75]]),
            "f": pa.array([[0.5, 0.5], None, [1.0, 0.0], [0.5, 0.5], None], pa.list_(pa.float64(), 2)),
            "n": pa.array([None] * 5, pa.float64()),
        }
    )
    path = write(table, row_group_size=2)
    wanted = Projection(("label",), ("n",), ("s", "l", "f"))
    assert rows_of(open_one(path), wanted)["l"] == table["l"].to_pylist()


def test_a_label_that_is_no_text(write: Write) -> None:
    binary = pa.array([b"1", b"\xff"])
    label = pa.StringArray.from_buffers(2, binary.buffers()[1], binary.buffers()[2])
    with pytest.raises(ContentError) as caught:
        score(write({"label": label, "p": [0.5, 0.25]}))
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("end", [0.02, 0.3, 0.6, 0.95, 0.999])
def test_a_cut_file(end: float, write: Write) -> None:
    path = write(COLUMNS)
    data = path.read_bytes()
    path.write_bytes(data[: max(4, int(end * len(data)))])
    with pytest.raises(ContentError) as caught:
        score(path)
    assert (caught.value.code, caught.value.exit_code) == ("damaged", 3)


def test_the_format_is_told_by_content(write: Write) -> None:
    path = write(COLUMNS)
    renamed = path.rename(path.with_suffix(".csv"))
    text = path.with_name("text.parquet")
    text.write_text("label,p\n1,0.5\n0,0.5\n")
    assert [source.format for source in score([renamed, text]).inputs] == ["parquet", "csv"]
