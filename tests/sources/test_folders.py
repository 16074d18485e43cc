"""Patterns, folders of shards, partitions and object stores."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.sources.reading import open_one, read, rows_of
from xentcli.errors import AccessError, RequestError
from xentcli.sources.folders import matches
from xentcli.sources.open import open_paths
from xentcli.sources.source import Projection, TextOptions


def fill(root: Path, *files: str) -> None:
    for i, name in enumerate(files):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("parquet"):
            pq.write_table(pa.table({"y": [str(i)]}), path)
        else:
            path.write_text(f"y\n{i}\n")


def below(root: Path, *paths: str) -> list[str]:
    sources = open_paths([str(root / path) for path in paths], TextOptions())
    return [os.path.relpath(source.name, root) for source in sources]


FOLDERS: dict[str, tuple[list[str], list[str]]] = {
    "sorted": (["b.csv", "a.csv", "sub/c.csv"], ["a.csv", "b.csv", "sub/c.csv"]),
    "bookkeeping": (["a.csv", "_SUCCESS", ".a.csv.crc", "_temporary/b.csv", ".git/c.csv"], ["a.csv"]),
    "other files": (["a.csv", "README.md", "config.json", "notes.txt"], ["a.csv"]),
    "no extensions": (["part-0", "part-1", "README.md"], ["part-0", "part-1"]),
    "json": (["part-0.json", "README.md"], ["part-0.json"]),
    "one format under two names": (["a.csv", "b.tsv", "c.csv.gz"], ["a.csv", "b.tsv", "c.csv.gz"]),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_data_files_of_a_folder(name: str, tmp_path: Path) -> None:
    files, expected = FOLDERS[name]
    fill(tmp_path, *files)
    assert below(tmp_path, ".") == expected


def test_a_folder_without_data_files(tmp_path: Path) -> None:
    fill(tmp_path, "README.md", "_SUCCESS")
    with pytest.raises(AccessError) as caught:
        open_paths([str(tmp_path)], TextOptions())
    assert (caught.value.code, caught.value.exit_code) == ("no_data_files", 4)


def test_a_folder_of_two_formats_is_unclear(tmp_path: Path) -> None:
    fill(tmp_path, "a.csv", "a.parquet")
    with pytest.raises(RequestError, match=r"a\.csv, a\.parquet"):
        open_paths([str(tmp_path)], TextOptions())


def test_patterns(tmp_path: Path) -> None:
    fill(tmp_path, "a.csv", "b.csv", "sub/deep/c.csv", "sub/d.csv", "odd[1].csv")
    assert below(tmp_path, "?.csv") == ["a.csv", "b.csv"]
    assert below(tmp_path, "**/*.csv") == ["a.csv", "b.csv", "odd[1].csv", "sub/d.csv", "sub/deep/c.csv"]
    assert below(tmp_path, "odd[1].csv") == ["odd[1].csv"]
    assert below(tmp_path, "su*") == ["sub/d.csv", "sub/deep/c.csv"]
    with pytest.raises(AccessError, match="no file matches"):
        below(tmp_path, "x*.csv")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_partitions_are_columns(kind: str, tmp_path: Path) -> None:
    fill(
        tmp_path,
        f"site=DE/year=2024/a.{kind}",
        f"site=a%2Fb/year=2024/a.{kind}",
        f"site=__HIVE_DEFAULT_PARTITION__/year=1/a.{kind}",
    )
    sources = open_paths([str(tmp_path)], TextOptions())
    assert [[f.name for f in s.fields] for s in sources] == [["site", "year", "y"]] * 3
    found = [rows_of(s, Projection(("y", "site", "year"), ())) for s in sources]
    expected = [("0", "DE", "2024"), (("2", None, "1")), ("1", "a/b", "2024")]
    assert [(r["y"][0], r["site"][0], r["year"][0]) for r in found] == expected
    assert [rows_of(s, Projection(("site",), ()))["site"] for s in sources] == [["DE"], [None], ["a/b"]]
    assert len(open_paths([str(tmp_path / f"site=*/*/*.{kind}")], TextOptions())[0].fields) == 3


def test_a_column_in_the_file_wins_over_the_folder(tmp_path: Path) -> None:
    fill(tmp_path, "y=7/a.csv")
    [source] = open_paths([str(tmp_path)], TextOptions())
    assert rows_of(source, Projection(("y",), ())) == {"y": ["0"]}


def test_a_file_given_as_such_has_no_partitions(tmp_path: Path) -> None:
    fill(tmp_path, "site=DE/a.csv")
    assert [f.name for f in open_one(tmp_path / "site=DE/a.csv").fields] == ["y"]


def test_files_by_uri(tmp_path: Path) -> None:
    fill(tmp_path, "site=DE/a.parquet", "site=FR/b.parquet", "_x.parquet")
    root = f"file://{tmp_path}"
    assert read(f"{root}/site=DE/a.parquet", ["y"]) == {"y": ["0"]}
    for path in (root, f"{root}/*/*.parquet"):
        sources = open_paths([path], TextOptions())
        assert [s.name for s in sources] == [f"{root}/site=DE/a.parquet", f"{root}/site=FR/b.parquet"]
        assert [rows_of(s, Projection(("site",), ()))["site"] for s in sources] == [["DE"], ["FR"]]
    fill(tmp_path, "t/a.csv", "t/b.csv")
    [a, b] = open_paths([f"{root}/t"], TextOptions())
    assert rows_of(b, Projection(("y",), ())) == {"y": ["1"]}
    assert not a.possibly_truncated()
    assert a.size == 4


PATTERNS = [
    ("a/b.csv", "*/b.csv", True),
    ("a/b/c.csv", "*/c.csv", False),
    ("a/b/c.csv", "**/c.csv", True),
    ("c.csv", "**/c.csv", True),
    ("a/c.csv", "a/[bc].csv", True),
    ("a/b", "**", True),
    ("a/b", "**/a", False),
    (".a/b", "**/b", False),
    ("a/.b", "a/*", False),
    ("a/.b", "a/.*", True),
    (".git/x/b", "**", False),
    ("a/_b", "a/*", True),
    ("a/" * 40 + "b", "**/a/" * 20 + "c", False),  # each ** could stand for any of the parts
    ("a/" * 40 + "b", "**/a/" * 20 + "b", True),
]


@pytest.mark.parametrize(("path", "pattern", "expected"), PATTERNS)
def test_patterns_of_stores(path: str, pattern: str, expected: bool) -> None:
    assert matches(path, pattern) is expected
