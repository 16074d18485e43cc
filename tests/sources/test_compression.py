"""Compressed text and JSON Lines: the same rows as unpacked, or an error."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.sources.reading import PACKERS, open_one, read, zstd
from xentcli.errors import ContentError, XentError

CSV = b"y,p\n" + b"".join(b"%d,0.%03d\n" % (i % 3, i) for i in range(40))
JSON = b"".join(b'{"y":%d,"p":0.%03d}\n' % (i % 3, i) for i in range(40))


@pytest.mark.parametrize("codec", PACKERS)
@pytest.mark.parametrize("data", [CSV, JSON], ids=["csv", "jsonl"])
def test_rows_are_those_of_the_unpacked_text(codec: str, data: bytes, tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.write_bytes(data)
    packed.write_bytes(PACKERS[codec](data))
    assert read(packed, ["y"], ["p"]) == read(plain, ["y"], ["p"])
    assert open_one(packed).size == packed.stat().st_size


@pytest.mark.parametrize("codec", PACKERS)
def test_a_second_member_goes_on_where_the_first_ends(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKERS[codec](CSV[:100]) + PACKERS[codec](CSV[100:]))
    assert len(read(path, ["y"], ["p"])["p"]) == 40


@pytest.mark.parametrize("codec", PACKERS)
def test_large_text_comes_whole(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKERS[codec](b"y,p\n" + b"a,0.5\n" * 200_000))
    assert sum(read(path, (), ["p"])["p"]) == 100_000


@pytest.mark.parametrize("codec", PACKERS)
def test_every_cut_is_an_error(codec: str, tmp_path: Path) -> None:
    packed = PACKERS[codec](CSV)
    path = tmp_path / "a"
    for size in range(len(packed)):
        path.write_bytes(packed[:size])
        with pytest.raises(XentError):
            read_as_asked(path)


def read_as_asked(path: Path) -> dict[str, list[object]]:
    """Read the columns y and p, or fail as the command line would where there are none."""
    names = [field.name for field in open_one(path).fields]
    if names != ["y", "p"]:
        raise ContentError("no_columns", str(names))
    return read(path, ["y"], ["p"])


@pytest.mark.parametrize("codec", PACKERS)
@pytest.mark.parametrize("junk", [b"junk", b"y,p\n1,1\n", b"\x1f\x8b", b"\x28\xb5"])
def test_trailing_junk_is_an_error(codec: str, junk: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKERS[codec](CSV) + junk)
    with pytest.raises(ContentError) as caught:
        read(path, ["y"], ["p"])
    assert caught.value.code == "compression"


def test_a_wrong_checksum_is_an_error(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(CSV))
    packed[-6] ^= 1
    path = tmp_path / "a"
    path.write_bytes(packed)
    with pytest.raises(ContentError) as caught:
        read(path, ["y"], ["p"])
    assert (caught.value.code, caught.value.exit_code) == ("compression", 3)


def test_zero_padding_is_no_junk(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(CSV) + b"\0" * 512)
    assert len(read(path, ["y"], ["p"])["p"]) == 40


def test_twice_compressed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(zstd(CSV)))
    with pytest.raises(ContentError, match="twice"):
        open_one(path)


NAMES = {
    "a.csv": (CSV, None),
    "a.csv.gz": (gzip.compress(CSV), None),
    "a": (gzip.compress(CSV), None),
    "preds.2024.csv.gz": (gzip.compress(CSV), None),
    "b.csv": (gzip.compress(CSV), "the name says otherwise, but it is gzip-compressed delimited text"),
    "b.csv.gz": (CSV, "the name says otherwise, but it is uncompressed delimited text"),
    "b.csv.zst": (gzip.compress(CSV), "the name says otherwise, but it is gzip-compressed delimited text"),
    "b.jsonl": (CSV, "the name says otherwise, but it is delimited text"),
    "c.csv": (JSON, "the name says otherwise, but it is JSON Lines"),
    "c.json": (JSON, None),
    "c.txt": (CSV, None),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_claims_something_else_is_noticed(name: str, tmp_path: Path) -> None:
    data, expected = NAMES[name]
    (tmp_path / name).write_bytes(data)
    assert [n.message for n in open_one(tmp_path / name).notices()] == ([expected] if expected else [])
