"""Inputs that change while they are read: refused, whatever the change and the format, and never half of each."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from tests.cli.runner import process
from tests.sources.reading import open_one, rows_of
from xentcli.errors import AccessError
from xentcli.sources.byte_source import LocalFile, _same_time
from xentcli.sources.open import READERS
from xentcli.sources.source import FileSource, Projection, Source

ROWS = 300_000  # more than a chunk, whatever the format
TABLE = pa.table({"label": np.arange(ROWS) % 2, "prob": np.linspace(0.1, 0.9, ROWS)})
WANTED = Projection(("label",), ("prob",))


def csv(table: pa.Table, path: Path) -> None:
    lines = [f"{a},{b:.6f}\n" for a, b in zip(*table.to_pydict().values(), strict=True)]
    path.write_text("label,prob\n" + "".join(lines))


def jsonl(table: pa.Table, path: Path) -> None:
    rows = zip(*table.to_pydict().values(), strict=True)
    path.write_text("".join(f'{{"label":{a},"prob":{b:.6f}}}\n' for a, b in rows))


def packed(table: pa.Table, path: Path) -> None:
    csv(table, path)
    path.write_bytes(gzip.compress(path.read_bytes(), 1, mtime=0))


def parquet(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, row_group_size=1 << 16)


def arrow(table: pa.Table, path: Path) -> None:
    pa.feather.write_feather(table, path, chunksize=1 << 16, compression="uncompressed")


def npz(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, **{name: table[name].to_numpy() for name in table.column_names})


WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    "csv": csv, "jsonl": jsonl, "csv.gz": packed, "parquet": parquet, "arrow": arrow, "npz": npz,
}  # fmt: skip


def overwrite(path: Path) -> None:
    """In place, by as many bytes."""
    with path.open("r+b") as file:
        file.write(path.read_bytes())


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"1,0.5\n")


def take_its_place(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(path.stat().st_mtime_ns,) * 2)
    other.replace(path)


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "overwritten": (overwrite, "it was written to"),
    "appended to": (append, "bytes became"),
    "replaced": (take_its_place, "another file took its place"),
}


def score_rows(source: Source, after_first: Callable[[], None]) -> None:
    """Read all, and do something after the first block."""
    for number, chunk in enumerate(source.chunks(WANTED)):
        for _ in chunk.blocks():
            pass
        if number == 0:
            after_first()


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kind", WRITERS)
def test_a_change_during_the_reading_is_refused(kind: str, change: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    act, words = CHANGES[change]
    for late in (False, True):
        WRITERS[kind](TABLE, path)
        source = open_one(path)
        if not late:
            act(path)
        with pytest.raises(AccessError) as caught:
            score_rows(source, lambda late=late: act(path) if late else None)  # type: ignore[misc]
        error = caught.value
        assert (error.code, error.exit_code) == ("input_changed", 4)
        assert words in error.message
        assert str(error).startswith(f"{path}: changed while it was read: ")


@pytest.mark.parametrize("kind", READERS)
def test_every_format_is_watched(kind: str) -> None:
    module, name = READERS[kind]
    assert getattr(import_module(f"xentcli.sources.{module}"), name).chunks is FileSource.chunks


def test_what_looks_damaged_as_it_changed_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("label,prob\n1,0.5\n")
    source = open_one(path)
    path.write_text("label,prob\n1,0.5\n0\n")
    with pytest.raises(AccessError) as caught:
        rows_of(source, WANTED)
    assert caught.value.code == "input_changed"


def test_a_look_at_the_first_rows_alone_is_no_reading(tmp_path: Path) -> None:
    csv(TABLE, tmp_path / "a.csv")
    source = open_one(tmp_path / "a.csv")
    append(tmp_path / "a.csv")
    assert next(iter(next(iter(source.chunks(WANTED))).blocks())).rows


# Scores after a change of a file as soon as the first rows of another have been read.
CHANGING = """
import sys
from pathlib import Path
from xentcli.sources.delimited.source import CsvReader
read, path = CsvReader.blocks, Path(sys.argv[1])
def blocks(self, records):
    yield from read(self, records)
    if path.stat().st_size < 1000:
        path.write_bytes(path.read_bytes() + b"x9,1,0.5\\n" * 200)
CsvReader.blocks = blocks
from xentcli.__main__ import main
sys.argv[1:] = sys.argv[2:]
main()
"""
COMMANDS = {
    "label file": ("score", "p.csv", "--labels", "l.csv", "--on", "id"),
    "label file in order": ("score", "p.csv", "--labels", "l.csv", "--label", "label"),
    "base": ("compare", "l.csv", "p.csv", "--on", "id"),
    "new": ("compare", "p.csv", "l.csv", "--on", "id"),
    "worst": ("worst", "l.csv"),
    "gradients": ("gradients", "l.csv"),
    "of several": ("score", "p.csv", "l.csv"),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_every_command_refuses_a_change_with_4(case: str, tmp_path: Path) -> None:
    for name in ("p.csv", "l.csv"):
        (tmp_path / name).write_text("id,label,prob\n" + "".join(f"x{i},{i % 2},0.5\n" for i in range(9)))
    if "--labels" in COMMANDS[case]:
        of_id = "id," if "--on" in COMMANDS[case] else ""
        (tmp_path / "p.csv").write_text(f"{of_id}prob\n" + "".join(f"{of_id and f'x{i},'}0.5\n" for i in range(9)))
        (tmp_path / "l.csv").write_text(
            f"{of_id}label\n" + "".join(f"{of_id and f'x{i},'}{i % 2}\n" for i in range(9))
        )
    run = process(*COMMANDS[case], cwd=tmp_path, command=(sys.executable, "-c", CHANGING, "l.csv"))
    assert (run.code, run.stdout) == (4, "")
    assert run.stderr.startswith("xent: error: l.csv: changed while it was read: ")
    assert run.stderr.endswith("  hint: score it once nothing writes to it any more, or score a copy\n")


# Cuts a file that is mapped into memory once some of it has been read.
CUTTING = """
import os, sys
from xentcli.sources.arrow import ArrowSource
read, path = ArrowSource._blocks, sys.argv[-1]
def blocks(self, batch, first, names):
    if first:
        os.truncate(path, 1 << 16)
    yield from read(self, batch, first, names)
ArrowSource._blocks = blocks
from xentcli.__main__ import main
main()
"""


@pytest.mark.parametrize("options", [(), ("--format", "json")])
def test_a_mapped_file_that_is_cut_ends_in_words(options: tuple[str, ...], tmp_path: Path) -> None:
    arrow(TABLE, tmp_path / "a.arrow")
    run = process("score", *options, "a.arrow", cwd=tmp_path, command=(sys.executable, "-c", CUTTING))
    assert (run.code, run.stdout) == (4, "")
    assert "an input changed while it was read: it was cut short" in run.stderr
    assert ('"code": "input_changed"' in run.stderr) is bool(options)


TIMES = [
    (1_700_000_000_123_456_789, 1_700_000_000_123_456_789, True),
    (1_700_000_000_123_456_789, 1_700_000_000_123_456_788, False),
    (1_700_000_000_123_456_789, 1_700_000_000_000_000_000, True),  # a file system that keeps seconds
    (1_700_000_000_123_456_789, 1_700_000_000_123_456_000, True),
    (1_700_000_001_123_456_789, 1_700_000_000_000_000_000, False),
]


@pytest.mark.parametrize(("one", "other", "expected"), TIMES)
def test_times_as_file_systems_of_coarse_clocks_keep_them(one: int, other: int, expected: bool) -> None:
    assert _same_time(one, other) is _same_time(other, one) is expected


def test_another_machine_may_know_the_file_by_another_inode(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("label,prob\n1,0.5\n")
    sent = replace(LocalFile.of(str(path)).detach(), machine="elsewhere")
    take_its_place(path)
    found = sent.refresh()
    found.refuse_changed()
    assert found.refresh() is found
    append(path)
    with pytest.raises(AccessError, match="sees another size or time") as caught:
        sent.refresh()
    assert "cp -p" in (caught.value.hint or "")
