"""Splits of an input, read apart from a description of it, are the input.

Each expected value is what a reading of the whole input gives.
"""

from __future__ import annotations

import bz2
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from xentcli.api.frames import of_table
from xentcli.engine.dask.reopening import Description
from xentcli.errors import AccessError, ContentError, RequestError, XentError
from xentcli.joining.id_columns import IdColumns
from xentcli.joining.join import join_sources
from xentcli.sources.delimited import records
from xentcli.sources.json import lines as json_lines
from xentcli.sources.open import open_paths
from xentcli.sources.source import Chunk, Projection, Source, TextOptions

ROWS = 300
NOTES = ["", "x", '"two\nlines"', '"a ""word"", and\r\nmore"', '"\n\n"']
WANTED = Projection(("note", "y"), ("p",))


def csv_of(end: str) -> bytes:
    lines = (f"{NOTES[i % 5]},{i % 3},{i / 7}{end}" for i in range(ROWS))
    return f"note,y,p{end}".encode() + "".join(lines).encode()


def json_of(end: str) -> bytes:
    lines = (f'{{"y": {i % 3}, "note": "n{i}", "p": {i / 7}}}{end}' for i in range(ROWS))
    return "".join(lines).encode()


def table() -> pa.Table:
    notes = [f"n{i}" for i in range(ROWS)]
    return pa.table({"note": notes, "y": np.arange(ROWS) % 3, "p": np.arange(ROWS) / 7})


def bytes_of(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


# name of the file, how it is made, whether it has several splits
FILES: dict[str, tuple[Callable[[Path], object], bool]] = {
    "lf.csv": (bytes_of(csv_of("\n")), True),
    "crlf.csv": (bytes_of(csv_of("\r\n")), True),
    "cr.csv": (bytes_of(csv_of("\r")), True),
    "blank.csv": (bytes_of(csv_of("\n\n")), True),
    "mark.csv": (bytes_of(b"\xef\xbb\xbf" + csv_of("\n")), True),
    "open.csv": (bytes_of(csv_of("\n")[:-1]), True),
    "lines.jsonl": (bytes_of(json_of("\n")), True),
    "blank.jsonl": (bytes_of(b"\xef\xbb\xbf" + json_of("\n \n")), True),
    "groups.parquet": (lambda path: pq.write_table(table(), path, row_group_size=50), True),
    "one.parquet": (lambda path: pq.write_table(table(), path), False),
    "none.parquet": (lambda path: pq.write_table(table().slice(0, 0), path), False),
    "packed.csv.bz2": (lambda path: path.write_bytes(bz2.compress(csv_of("\n"))), False),
    "batches.arrow": (lambda path: feather.write_feather(table(), str(path), chunksize=40), False),
    "arrays.npz": (lambda path: np.savez(path, note=np.arange(ROWS), y=np.arange(ROWS), p=np.ones(ROWS)), False),
    "site=DE/keys.csv": (bytes_of(csv_of("\n")), True),
    "site=DE/keys.parquet": (lambda path: pq.write_table(table(), path, row_group_size=99), True),
}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BLOCK_BYTES", 64)
    monkeypatch.setattr(json_lines, "BLOCK_BYTES", 64)


def rows_of(chunks: Iterator[Chunk], names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Each row with its place and number."""
    rows: list[tuple[Any, ...]] = []
    for chunk in chunks:
        for block in chunk.blocks():
            cells = [block.columns[name].to_pylist() for name in names]
            places = [block.where(row) for row in range(block.rows)]
            rows += zip(places, block.numbers().tolist(), *cells, strict=True)
    return rows


def opened(path: Path | str) -> Source:
    [source] = open_paths([str(path)], TextOptions())
    return source


def sent(source: Source) -> Description:
    """A description that has been elsewhere."""
    found: Description = pickle.loads(pickle.dumps(Description.of(source, TextOptions())))
    return found


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["path", "uri"])
def test_the_splits_of_an_input_are_the_input(name: str, how: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    FILES[name][0](path)
    root = tmp_path if "=" in name else path
    source = opened(root if how == "path" else f"file://{root}")
    wanted = Projection(("note", "y", "site"), ("p",)) if "=" in name else WANTED
    description = sent(source)
    found = pickle.loads(pickle.dumps(list(description.open().splits(500, 120))))
    assert (len(found) > 1) == FILES[name][1]
    assert sum(split.share for split in found) == pytest.approx(1)
    apart = [
        row for split in found for row in rows_of(description.open().select(split).chunks(wanted), wanted.names)
    ]
    assert apart == rows_of(source.chunks(wanted), wanted.names)
    assert len(apart) == (0 if name.startswith("none") else ROWS)


def test_splits_count_about_their_rows(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(json_of("\n"))
    pq.write_table(table(), tmp_path / "a.parquet", row_group_size=50)
    assert [split.rows for split in opened(tmp_path / "a.parquet").splits(500, 120)] == [150, 150]
    counted = sum(split.rows for split in opened(tmp_path / "a.jsonl").splits(500, 120))
    assert ROWS - 10 < counted <= ROWS  # but the last block


def test_the_reader_of_the_last_split_says_what_cannot_be_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_of("\n") + b'"never closed,0,0.5\n' + b"x,0,0.5\n" * 300)
    with pytest.raises(ContentError) as whole:
        rows_of(opened(path).chunks(WANTED), WANTED.names)
    *most, last = opened(path).splits(500, 120)
    for split in most:
        rows_of(opened(path).select(split).chunks(WANTED), WANTED.names)
    with pytest.raises(ContentError) as apart:
        rows_of(opened(path).select(last).chunks(WANTED), WANTED.names)
    assert apart.value.where == whole.value.where
    assert str(apart.value) == str(whole.value)


def test_a_path_means_the_same_in_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_bytes(csv_of("\n"))
    monkeypatch.chdir(tmp_path)
    description = sent(opened("a.csv"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    source = description.open()
    assert source.name == "a.csv"
    assert len(rows_of(source.chunks(WANTED), WANTED.names)) == ROWS


OTHERS = {
    "longer": csv_of("\n") + b",1,0.5\n",
    "of other columns": csv_of("\n").replace(b"note", b"NOTE", 1),
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("how", ["", "file://"])
def test_another_file_in_the_place_of_the_one_described_is_refused(other: str, how: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_of("\n"))
    description = sent(opened(f"{how}{path}"))
    path.write_bytes(OTHERS[other])
    if how and other == "longer":  # the size of an object is asked when it is listed
        return
    with pytest.raises(AccessError) as caught:
        description.open()
    assert caught.value.code == "input_changed"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv_of("\n"))
    description = sent(opened(path))
    path.unlink()
    with pytest.raises(AccessError) as caught:
        description.open()
    assert (caught.value.message, str(caught.value.where)) == ("no such file or directory", str(path))


def test_what_no_other_process_can_open_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,p\n1,0.5\n")
    (tmp_path / "b.csv").write_bytes(b"id,label\n1,1\n")
    file, labels = opened(tmp_path / "a.csv"), opened(tmp_path / "b.csv")
    with open(tmp_path / "a.csv", "rb") as stream:
        monkeypatch.setattr("io.FileIO", lambda *arguments, **more: stream)
        piped = opened("-")
        for source in (
            piped,
            of_table(table()),
            *join_sources([file], labels, IdColumns("id", "id"), allow_extra=False),
        ):
            with pytest.raises(RequestError) as caught:
                Description.of(source, TextOptions())
            assert caught.value.hint


def test_an_error_that_was_sent_is_the_error() -> None:
    for kind in (RequestError, ContentError, AccessError):
        error: XentError = kind("code", "message", hint="hint", column="c")
        back = pickle.loads(pickle.dumps(error))
        assert type(back) is kind
        assert (vars(back), str(back), back.args) == (vars(error), str(error), error.args)
