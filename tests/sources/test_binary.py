"""Parquet, Arrow IPC and NumPy files: rows, types, lists, and what is refused."""

from __future__ import annotations

import decimal
import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

import xentcli.sources.arrow
from tests.sources.reading import open_one, places_of, read
from xentcli.errors import AccessError, ContentError, RequestError, XentError
from xentcli.sources.arrays import to_floats
from xentcli.sources.source import Projection

TABLE = pa.table(
    {
        "y": ["a", "b", None, "a", "c"],
        "p": [0.5, 0.25, None, 1.0, 0.0],
        "l": pa.array([[0.5, 0.5], [], None, [1.0, 0.0], [None, 1.0]], pa.list_(pa.float32())),
        "unused": [1, 2, 3, 4, 5],
    }
)
ROWS = {name: TABLE.column(name).to_pylist() for name in ("y", "p", "l")}


def parquet(table: pa.Table, path: str) -> None:
    pq.write_table(table, path, row_group_size=2, write_page_checksum=True)


def arrow_file(table: pa.Table, path: str) -> None:
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


def arrow_stream(table: pa.Table, path: str) -> None:
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


def feather(table: pa.Table, path: str) -> None:
    pyarrow.feather.write_feather(table, path, compression="lz4", chunksize=2)


def feather_zstd(table: pa.Table, path: str) -> None:
    pyarrow.feather.write_feather(table, path, compression="zstd")


WRITERS: dict[str, Callable[[pa.Table, str], None]] = {
    "parquet": parquet,
    "arrow_file": arrow_file,
    "arrow_stream": arrow_stream,
    "feather": feather,
    "feather_zstd": feather_zstd,
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("values", [1, 4, 1 << 20])
def test_rows_and_places(writer: str, values: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xentcli.sources.batches, "BLOCK_VALUES", values)
    path = tmp_path / "a"
    WRITERS[writer](TABLE, str(path))
    assert read(path, ["y"], ["p"], ["l"]) == ROWS
    places = places_of(open_one(path), Projection(("y",), ("p",), ("l",)))
    assert [where.row for where in places] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("writer", WRITERS)
def test_compressed_by_a_tool_that_knows_nothing_of_the_format(writer: str, tmp_path: Path) -> None:
    WRITERS[writer](TABLE, str(tmp_path / "a"))
    packed = tmp_path / "a.gz"
    packed.write_bytes(gzip.compress((tmp_path / "a").read_bytes()))
    assert read(packed, ["y"], ["p"], ["l"]) == ROWS


@pytest.mark.parametrize("step", [13, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("writer", WRITERS)
def test_every_cut_is_an_error(writer: str, step: int, tmp_path: Path) -> None:
    path = tmp_path / "a"
    WRITERS[writer](TABLE, str(path))
    data = path.read_bytes()
    for size in {*range(0, len(data), step), *range(len(data) - 16, len(data))}:
        path.write_bytes(data[:size])
        try:
            source = open_one(path)
            names = [field.name for field in source.fields]
            found = read(path, ["y"], ["p"], ["l"]) if set(names) >= set(ROWS) else None
        except XentError:
            continue
        assert found is None, size  # not even a magic number: text of a few bytes without these columns


TYPES: dict[str, pa.Array] = {
    "int8": pa.array([0, 1], pa.int8()),
    "uint64": pa.array([0, 1], pa.uint64()),
    "float16": pa.array(np.array([0, 1], np.float16)),
    "float32": pa.array([0, 1], pa.float32()),
    "decimal": pa.array([decimal.Decimal("0.0"), decimal.Decimal("1.0")]),
    "bool": pa.array([False, True]),
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("writer", ["parquet", "feather"])
def test_numbers_of_every_type_arrive(kind: str, writer: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    WRITERS[writer](pa.table({"p": TYPES[kind]}), str(path))
    assert [float(x) for x in read(path, (), ["p"])["p"]] == [0.0, 1.0]


LISTS: dict[str, pa.Array] = {
    "large_list": pa.array([[0.5], [0.25]], pa.large_list(pa.float64())),
    "fixed_size_list": pa.array([[0.5], [0.25]], pa.list_(pa.float16(), 1)),
    "struct": pa.array([{"a": 0.5}, {"a": 0.25}]),
}


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("writer", WRITERS)
def test_nested_types_arrive_as_they_are(kind: str, writer: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    WRITERS[writer](pa.table({"l": LISTS[kind]}), str(path))
    assert open_one(path).fields[0].type == LISTS[kind].type
    assert read(path, (), (), ["l"])["l"] == LISTS[kind].to_pylist()


def test_row_groups_with_different_dictionaries(tmp_path: Path) -> None:
    table = pa.table({"y": pa.array(["a", "b", "c", "a"]).dictionary_encode()})
    pq.write_table(table, tmp_path / "a", row_group_size=2)
    assert read(tmp_path / "a", ["y"])["y"] == ["a", "b", "c", "a"]


def test_pandas_files(tmp_path: Path) -> None:
    frame = pd.DataFrame({"y": ["a", "b"], "p": [0.5, 0.25]}, index=pd.Index([5, 7], name="i"))
    frame.to_parquet(tmp_path / "a.parquet")
    frame.reset_index().to_feather(tmp_path / "a.feather")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    frame.to_csv(tmp_path / "a.csv.gz")
    frame.to_csv(tmp_path / "a.tsv.bz2", sep="\t", lineterminator="\r\n")
    for path in tmp_path.iterdir():
        assert read(path, ["y"], ["p"]) == {"y": ["a", "b"], "p": [0.5, 0.25]}
        assert open_one(path).notices() == ()


def test_duplicate_columns_are_refused(tmp_path: Path) -> None:
    arrow_file(pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["p", "p"]), str(tmp_path / "a"))
    with pytest.raises(RequestError, match="columns 1, 2"):
        open_one(tmp_path / "a")


def test_an_encrypted_or_renamed_file_is_known_by_content(tmp_path: Path) -> None:
    parquet(TABLE, str(tmp_path / "a.csv"))
    [notice] = open_one(tmp_path / "a.csv").notices()
    assert (notice.code, notice.message) == ("extension", "the name says otherwise, but it is Parquet")


def save(folder: Path, array: np.ndarray, name: str = "preds.npy") -> Path:
    np.save(folder / name, array, allow_pickle=array.dtype == object)
    return folder / name


NUMPY = {
    "n x K": (np.array([[0.5, 0.5], [1, 0]]), "probs", [[0.5, 0.5], [1.0, 0.0]]),
    "float32": (np.array([[0.5, 0.5], [1, 0]], np.float32), "probs", [[0.5, 0.5], [1.0, 0.0]]),
    "float16": (np.array([0.5, 1], np.float16), "prob", [0.5, 1.0]),
    "Fortran order": (np.asfortranarray([[1.0, 2, 3], [4, 5, 6]]), "probs", [[1, 2, 3], [4, 5, 6]]),
    "big endian": (np.array([0.5, 1], ">f8"), "prob", [0.5, 1.0]),
    "long double": (np.array([0.5, 1], np.longdouble), "prob", [0.5, 1.0]),
    "n x 1": (np.array([[0.5], [1]]), "prob", [0.5, 1.0]),
    "integers": (np.array([3, 1]), "label", [3, 1]),
    "text": (np.array(["cat", "dögs"]), "label", ["cat", "dögs"]),
    "bytes": (np.array([b"cat", b"dog"]), "label", ["cat", "dog"]),
    "booleans": (np.array([True, False]), "label", [True, False]),
}


@pytest.mark.parametrize("name", NUMPY)
def test_arrays(name: str, tmp_path: Path) -> None:
    array, column, expected = NUMPY[name]
    path = save(tmp_path, array)
    [field] = open_one(path).fields
    assert field.name == column
    is_list = field.type is not None and pa.types.is_fixed_size_list(field.type)
    assert read(path, () if is_list else [column], (), [column] if is_list else [])[column] == expected


@pytest.mark.parametrize("stem", ["logits", "y_true", "log_probs"])
def test_a_telling_file_name_names_the_array(stem: str, tmp_path: Path) -> None:
    [field] = open_one(save(tmp_path, np.ones((2, 2)), f"{stem}.npy")).fields
    assert field.name == stem


@pytest.mark.parametrize(
    "array",
    [
        np.array([{"a": 1}], dtype=object),
        np.ones((2, 2, 2)),
        np.array(1.0),
        np.array([1j]),
        np.array(["2020-01-01"], "M8[D]"),
        np.array([(1, 2.0)], dtype=[("y", "i8"), ("p", "f8")]),
    ],
    ids=["object", "3-D", "0-D", "complex", "date", "record"],
)
def test_arrays_that_cannot_be_columns(array: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        open_one(save(tmp_path, array))


@pytest.mark.parametrize("save_archive", [np.savez, np.savez_compressed])
def test_archives(save_archive: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xentcli.sources.batches, "BLOCK_VALUES", 3)
    path = tmp_path / "a.npz"
    save_archive(path, y=np.array([0, 1]), probs=np.eye(2), classes=np.array(["a", "b", "c"]), epoch=np.array(3))
    source = open_one(path)
    assert (source.format, [field.name for field in source.fields]) == ("npz", ["y", "probs", "classes"])
    assert read(path, ["y"], (), ["probs"]) == {"y": [0, 1], "probs": [[1.0, 0.0], [0.0, 1.0]]}
    with pytest.raises(ContentError, match="different lengths"):
        read(path, ["classes"], (), ["probs"])


def test_an_archive_of_objects_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", y=np.array([{}], dtype=object))
    with pytest.raises(ContentError, match="pickle"):
        open_one(tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_every_cut_of_numpy_files_is_an_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    (np.save if name == "a.npy" else np.savez_compressed)(path, np.eye(3))
    data = path.read_bytes()
    for size in range(len(data)):
        path.write_bytes(data[:size])
        try:
            source = open_one(path)
        except XentError:
            continue
        assert source.format == "csv", size


def test_bytes_after_an_array_are_an_error(tmp_path: Path) -> None:
    path = save(tmp_path, np.eye(3))
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ContentError, match="needs"):
        open_one(path)


@pytest.mark.parametrize("stem", ["p", "prob", "score", "y_prob", "logit", "preds"])
def test_a_matrix_is_a_list_whatever_the_file_is_called(stem: str, tmp_path: Path) -> None:
    np.save(tmp_path / f"{stem}.npy", np.array([[0.5, 0.25, 0.25]]))
    [field] = open_one(tmp_path / f"{stem}.npy").fields
    assert field.name == ("logits" if stem == "logit" else "probs")


@pytest.mark.parametrize(
    "uri",
    [
        "gs://anonymous@no-such-bucket-of-xent/a.csv?endpoint_override=localhost:9&scheme=http",
        pytest.param("gs://no-such-bucket-of-xent/a.csv", marks=pytest.mark.slow),
        pytest.param("s3://no-such-bucket-of-xent/a.csv?endpoint_override=localhost:9", marks=pytest.mark.slow),
    ],
)
def test_an_object_store_that_cannot_be_reached_is_refused(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XENT_TIMEOUT", "1")
    with pytest.raises(AccessError) as caught:
        open_one(uri)
    assert caught.value.where is not None
    assert caught.value.where.file == uri.replace("anonymous@", "***@")


def zipped(path: Path, **arrays: np.ndarray) -> Path:
    """An archive whose members are called as told, `__` standing for a dot."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array)
            archive.writestr(name.rstrip("0").replace("__", "."), member.getvalue())
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_arrays_of_one_name_are_refused(tmp_path: Path) -> None:
    for names in (("y__npy", "y__npy0"), ("y__npy", "y")):
        path = zipped(tmp_path / "x.npz", p__npy=np.ones(2), **{name: np.zeros(2) for name in names})
        with pytest.raises(RequestError) as caught:
            open_one(path)
        assert (caught.value.code, caught.value.column) == ("duplicate_column", "y")


def test_an_array_that_is_shorter_than_its_member(tmp_path: Path) -> None:
    """A header that says too little would end the reading before the checksum."""
    np.savez(tmp_path / "x.npz", y=np.arange(3), p=np.array([0.5, 0.25, 1.0]))
    data = (tmp_path / "x.npz").read_bytes()
    (tmp_path / "x.npz").write_bytes(data.replace(b"'shape': (3,)", b"'shape': (2,)", 1))
    with pytest.raises(ContentError, match=r"more than an array of shape|CRC") as caught:
        open_one(tmp_path / "x.npz")
    assert caught.value.code == "damaged"


def test_two_streams_in_one_file(tmp_path: Path) -> None:
    """The first one's end mark would end the reading."""
    path = tmp_path / "x.arrows"
    arrow_stream(TABLE, str(path))
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(ContentError, match="follow the end mark"):
        read(path, ("y",))


@pytest.mark.parametrize("compression", [None, "zstd"])
def test_batches_that_the_footer_does_not_list(compression: str | None, tmp_path: Path) -> None:
    """The footer of a shorter file behind the batches of a longer one: places in it are right, but too few."""
    whole = pa.table({"y": ["a", "b", "a"], "p": [0.5, 0.25, 1.0]})
    options = pa.ipc.IpcWriteOptions(compression=compression)
    files = []
    for rows in (3, 2):
        with pa.ipc.new_file(tmp_path / "x.arrow", whole.schema, options=options) as writer:
            writer.write_table(whole[:rows], max_chunksize=1)
        files.append((tmp_path / "x.arrow").read_bytes())
    footers = [data[-10 - int.from_bytes(data[-10:-6], "little") :] for data in files]
    assert len(read(tmp_path / "x.arrow", ("y",))["y"]) == 2
    (tmp_path / "x.arrow").write_bytes(files[0].removesuffix(footers[0]) + footers[1])
    with pytest.raises(ContentError, match="lists 2 of its 3 record batches"):
        open_one(tmp_path / "x.arrow")


@pytest.mark.parametrize("kind", [pa.float64(), pa.float32(), pa.decimal128(9, 2)])
def test_a_buffer_of_a_damaged_file_may_end_within_a_value(kind: pa.DataType) -> None:
    """Arrow finds such an array valid, as all of its values are there."""
    column = pa.Array.from_buffers(kind, 2, [None, pa.py_buffer(bytes(2 * kind.byte_width + 3))])
    column.validate(full=True)
    assert to_floats(column)[0].tolist() == [0.0, 0.0]
    assert to_floats(column.slice(1))[0].tolist() == [0.0]
