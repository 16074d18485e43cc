"""Parquet, Arrow and NumPy: values, nulls, types, order, metadata and codec of all but the scores stay."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest

from tests.apply.applying import apply, calibration, cooled
from xentcli.engine.rewriting.arrow import _codec
from xentcli.sources.arrow import ArrowSource
from xentcli.sources.byte_source import LocalFile
from xentcli.sources.source import TextOptions

KINDS = ["double", "float", "decimal", "list", "large list", "fixed list", "pairs", "struct"]
P = [0.25, 0.9, 0.5, None]
LISTS = [[1 - p, p] if p is not None else None for p in P]


def scores(kind: str) -> tuple[str, pa.Array]:
    """A column of scores of a kind, null in its last row, and its name."""
    structs = [None if p is None else {"yes": p, "no": 1 - p} for p in P]
    named = [None if p is None else [{"label": "no", "score": 1 - p}, {"label": "yes", "score": p}] for p in P]
    pairs = [None if p is None else [("no", 1 - p), ("yes", p)] for p in P]
    return {
        "double": ("p_yes", pa.array(P)),
        "float": ("p_yes", pa.array(P, pa.float32())),
        "decimal": ("p_yes", pa.array([None if p is None else str(p) for p in P]).cast(pa.decimal128(5, 3))),
        "list": ("probs", pa.array(LISTS)),
        "large list": ("probs", pa.array(LISTS, pa.large_list(pa.float32()))),
        "fixed list": ("probs", pa.array(LISTS, pa.list_(pa.float64(), 2))),
        "pairs": ("probs", pa.array([pair and pair[:: (-1) ** i] for i, pair in enumerate(named)])),
        "struct": ("probs", pa.array(structs)),
        "map": ("probs", pa.array(pairs, pa.map_(pa.string(), pa.float64()))),
    }[kind]


def table(kind: str) -> pa.Table:
    """A table with columns of many types around the scores."""
    name, column = scores(kind)
    others = {
        "label": pa.array(["no", "yes", None, "no"]).dictionary_encode(),
        "time": pa.array([1, None, 3, 4], pa.timestamp("us", "UTC")),
        name: column,
        "nested": pa.array([[{"a": 1}], [], None, [{"a": None}]]),
        "bytes": pa.array([b"\0", None, b"", b"x"]),
    }
    made = pa.table(others, metadata={"made by": "a test"})
    field = made.schema.field("time").with_metadata({"unit": "s"})
    return made.cast(made.schema.set(1, field))


def read(path: Path) -> pa.Table:
    """A file of either format as a table."""
    if path.suffix == ".parquet":
        return pq.read_table(path)
    with pa.memory_map(str(path)) as file:
        return (ipc.open_stream if path.suffix == ".arrows" else ipc.open_file)(file).read_all()


def write(given: pa.Table, path: Path) -> None:
    """A file with two row groups, or record batches."""
    if path.suffix == ".parquet":
        pq.write_table(given, path, row_group_size=3, compression="gzip")
        return
    options = ipc.IpcWriteOptions(compression="zstd" if path.suffix == ".arrow" else None)
    make = ipc.new_stream if path.suffix == ".arrows" else ipc.new_file
    with make(str(path), given.schema, options=options) as writer:
        writer.write_table(given, max_chunksize=3)


def probability(value: Any) -> float | None:
    """That of the class `yes` in a value of any of the kinds."""
    if value is None or isinstance(value, float):
        return value
    if isinstance(value, list) and isinstance(value[0], dict):
        pairs = [tuple(each.values()) for each in value]  # of {label, score}, or of a map
        return next(float(score) for label, score in pairs if label == "yes")
    return value["yes"] if isinstance(value, dict) else value[1] if isinstance(value, list) else float(value)


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".arrows"])
@pytest.mark.parametrize(
    "kind", ["double", "float", "decimal", "list", "large list", "fixed list", "pairs", "struct"]
)
def test_all_but_the_scores_stays(kind: str, suffix: str, tmp_path: Path) -> None:
    path, out = tmp_path / f"p{suffix}", tmp_path / f"out{suffix}"
    write(table(kind), path)
    options = ["--missing", "skip", *(["--classes", "no,yes"] if "list" in kind else [])]
    run = apply(tmp_path, calibration(tmp_path), path, "-o", out, *options)
    assert run.code == 0, run.stderr
    before, after = read(path), read(out)
    name, _ = scores(kind)
    assert after.drop_columns(name).equals(before.drop_columns(name), check_metadata=True)
    assert after.column_names == before.column_names
    expected = before.schema.field(name).type if kind != "decimal" else pa.float64()
    assert (
        after.schema.field(name).type == read(path).schema.field(name).type
        or after.schema.field(name).type == expected
    )
    found = [probability(value) for value in after.column(name).to_pylist()]
    rel = 1e-6 if kind in ("float", "large list") else 1e-14
    assert found == [None if p is None else pytest.approx(cooled(p), rel=rel) for p in P]
    run = apply(tmp_path, calibration(tmp_path), path, "-o", out, "--suffix", "_cal", *options)
    assert run.code == 0, run.stderr
    longer = read(out)
    assert longer.select(before.column_names).equals(before, check_metadata=True)
    assert longer.column(f"{name}_cal").equals(after.column(name))
    apply(tmp_path, calibration(tmp_path, "none"), path, "-o", out, *options)
    assert out.read_bytes() == path.read_bytes()


def test_values_inside_other_columns_get_columns_of_their_own(tmp_path: Path) -> None:
    inside = pa.table({"o": [{"p": p} for p in P]})
    cases = [(table("map"), ("--prob", "probs"), "probs_c"), (inside, ("--prob", "yes=o.p"), "o.p_c")]
    for given, options, name in cases:
        write(given, tmp_path / "p.parquet")
        words: list[str | Path] = [
            tmp_path / "p.parquet",
            "-o",
            tmp_path / "out.parquet",
            "--missing",
            "skip",
            *options,
        ]
        run = apply(tmp_path, calibration(tmp_path), *words)
        assert (run.code, (tmp_path / "out.parquet").exists()) == (2, False)
        assert "--suffix _cal adds columns instead" in run.stderr
        assert apply(tmp_path, calibration(tmp_path), *words, "--suffix", "_c").code == 0
        found = pq.read_table(tmp_path / "out.parquet")
        assert found.drop_columns(name).equals(given.cast(found.drop_columns(name).schema))
        new = [probability(value) for value in found.column(name).to_pylist()]
        assert new == [None if p is None else pytest.approx(cooled(p), rel=1e-14) for p in P]
        (tmp_path / "out.parquet").unlink()


def test_lists_in_lists_are_refused(tmp_path: Path) -> None:
    write(pa.table({"probs": [[[0.25, 0.75]]]}), tmp_path / "p.parquet")
    run = apply(tmp_path, calibration(tmp_path), "p.parquet", "-o", "out", "--classes", "no,yes")
    assert (run.code, "write a column for each class" in run.stderr) == (2, True)


def test_row_groups_and_codecs_of_parquet_stay(tmp_path: Path) -> None:
    path, out = tmp_path / "p.parquet", tmp_path / "out.parquet"
    codecs = {"p_yes": "zstd", "x": "none", "y": "snappy"}
    given = pa.table({"p_yes": [0.5] * 5, "x": [1] * 5, "y": ["a"] * 5})
    pq.write_table(given, path, row_group_size=2, compression=codecs, use_dictionary=["y"], store_schema=False)
    assert apply(tmp_path, calibration(tmp_path), path, "-o", out).code == 0
    before, after = pq.ParquetFile(path).metadata, pq.ParquetFile(out).metadata
    assert (after.num_row_groups, after.metadata) == (3, before.metadata)
    for group in range(3):
        for i in range(3):
            one, other = before.row_group(group).column(i), after.row_group(group).column(i)
            for fact in ("compression", "has_dictionary_page", "is_stats_set", "physical_type", "num_values"):
                assert getattr(one, fact) == getattr(other, fact)


@pytest.mark.parametrize("codec", ["lz4", "zstd", None])
@pytest.mark.parametrize("suffix", [".arrow", ".arrows"])
def test_the_codec_of_arrow_stays(codec: str | None, suffix: str, tmp_path: Path) -> None:
    path, out = tmp_path / f"p{suffix}", tmp_path / f"out{suffix}"
    given = pa.table({"p_yes": [0.5] * 500})
    make = ipc.new_stream if suffix == ".arrows" else ipc.new_file
    with make(str(path), given.schema, options=ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(given)
    assert apply(tmp_path, calibration(tmp_path), path, "-o", out).code == 0
    for each in (path, out):
        source = ArrowSource.open(LocalFile.of(str(each)), TextOptions())
        assert isinstance(source, ArrowSource)
        assert _codec(source) == codec


def test_arrays_keep_their_type_their_order_and_what_is_beside_them(tmp_path: Path) -> None:
    probs = np.asfortranarray(np.array([[0.75, 0.25], [0.1, 0.9]], ">f4"))
    arrays: dict[str, Any] = {"label": np.array([0, 1]), "probs": probs, "cube": np.zeros((2, 2, 2))}
    np.savez_compressed(tmp_path / "p.npz", **arrays)
    cal = calibration(tmp_path, classes="01")
    assert apply(tmp_path, cal, "p.npz", "-o", "out.npz", "--suffix", "2").code == 0
    with np.load(tmp_path / "out.npz") as found:
        assert list(found) == [*arrays, "probs2"]
        for name, array in arrays.items():
            np.testing.assert_array_equal(found[name], array)
        np.testing.assert_allclose(found["probs2"][:, 1], [cooled(0.25), cooled(0.9)], rtol=1e-6)
    assert {each.compress_type for each in zipfile.ZipFile(tmp_path / "out.npz").infolist()} == {8}
    np.save(tmp_path / "probs.npy", probs)
    assert apply(tmp_path, cal, "probs.npy", "-o", "out.npy").code == 0
    found = np.load(tmp_path / "out.npy")
    assert (found.dtype, found.flags.f_contiguous) == (probs.dtype, True)
    np.testing.assert_allclose(found[:, 1], [cooled(0.25), cooled(0.9)], rtol=1e-6)
    assert apply(tmp_path, cal, "probs.npy", "-o", "out.npy", "--suffix", "2").code == 2
