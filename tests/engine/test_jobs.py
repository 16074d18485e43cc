"""What a thread scores at a time changes neither results nor which failure is the first."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xentcli import score
from xentcli.engine import local
from xentcli.errors import ContentError


def write_inputs(folder: Path) -> list[Path]:
    """Texts, and Parquet files of one row group and of more."""
    paths = []
    for number in range(12):
        rows = [(str((number + row) % 2), (1 + row) / 8) for row in range(1 + number % 5)]
        paths.append(folder / f"{number:02d}.{'csv' if number % 3 else 'parquet'}")
        if number % 3:
            paths[-1].write_text("label,prob\n" + "".join(f"{label},{p}\n" for label, p in rows))
        else:
            labels, scores = map(list, zip(*rows, strict=True))
            pq.write_table(pa.table({"label": labels, "prob": scores}), paths[-1], row_group_size=1 + number)
    return paths


@pytest.mark.parametrize(("small", "long"), [(0, 0), (100, 1), (1 << 18, 0)])
def test_jobs_change_no_result(small: int, long: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = write_inputs(tmp_path)
    whole = score(paths, threads=1)
    monkeypatch.setattr(local, "_SMALL", small)
    monkeypatch.setattr(local, "_LONG", long)
    found = score(paths, threads=2)
    assert found == whole
    assert [each.rows for each in found.inputs] == [1 + number % 5 for number in range(12)]


@pytest.mark.parametrize("small", [0, 1 << 18])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_first_broken_input_is_named(
    small: int, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_SMALL", small)
    paths = write_inputs(tmp_path)
    broken = [path for path in paths if path.suffix == f".{form}"][2:]
    for path in broken:
        if form == "csv":
            path.write_text("label,prob\n1,half\n")
        else:
            path.write_bytes(path.read_bytes().replace(b"\0\0\0\0\0\0\xc0\x3f", b"\0\0\0\0\0\0\xc0\x7f"))
    with pytest.raises(ContentError) as raised:
        score(paths, threads=2)
    assert raised.value.where is not None
    assert raised.value.where.file == str(broken[0])
