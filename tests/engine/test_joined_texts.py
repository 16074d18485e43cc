"""Small texts that are read as one give what they give one by one."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.values import asdict
from xentcli import score
from xentcli.core.kept_rows import as_numbers_of, row_keys
from xentcli.errors import XentError
from xentcli.sources.delimited.joined import JoinedTexts

HEADER, ROW = b"id,label,p_a,p_b,p_c,site\n", b"%d,%s,0.5,0.3,0.2,%s\n"


def rows(first: int, count: int = 3) -> bytes:
    lines = ((i, b"abc"[i % 3 : i % 3 + 1], b"xyz"[i % 2 : i % 2 + 1]) for i in range(first, first + count))
    return HEADER + b"".join(ROW % line for line in lines)


FILES: dict[str, Mapping[str, bytes]] = {
    "plain": {"1.csv": rows(0), "2.csv": rows(3), "3.csv": rows(6, 40)},
    "the same rows": {"1.csv": rows(0, 30), "2.csv": rows(0, 30), "3.csv": rows(40, 30)},
    "the same labels": {"1.csv": rows(0, 30), "2.csv": rows(30, 30), "3.csv": rows(61, 30)},
    "without rows": {"0.csv": HEADER, "1.csv": rows(0), "2.csv": HEADER, "3.csv": rows(3), "4.csv": HEADER},
    "ends": {"1.csv": rows(0)[:-1], "2.csv": rows(3).replace(b"\n", b"\r\n"), "3.csv": rows(6) + b"\n\n"},
    "CR at the end": {"1.csv": rows(0)[:-1] + b"\r", "2.csv": HEADER + b"\n" + rows(3)[len(HEADER) :]},
    "quotes": {"1.csv": rows(0) + b'3,"a",.1,.2,.7,"x\ny"\n', "2.csv": rows(4) + b"7,a,.1,.2,.8,x\n"},
    "an open quote": {"1.csv": rows(0) + b'3,"a,.1,.2,.7,x\n', "2.csv": rows(4) + b'7,a",.1,.2,.7,x\n'},
    "other columns": {"1.csv": rows(0), "2.csv": rows(3).replace(b"id", b"no"), "3.csv": rows(6)},
    "other dialects": {"1.csv": rows(0), "2.csv": rows(3).replace(b",", b";"), "3.csv": rows(6)},
    "a missing label": {"1.csv": rows(0), "2.csv": rows(3) + b"9,,.1,.2,.7,x\n", "3.csv": rows(6)},
    "no number": {"1.csv": rows(0), "2.csv": rows(3) + b"9,a,many,.2,.7,x\n", "3.csv": b"id\n"},
    "unknown labels": {"1.csv": rows(0), "2.csv": rows(3) + b"9,d,.1,.2,.7,x\n", "3.csv": rows(6)},
    "no sum of 1": {"1.csv": rows(0), "2.csv": rows(3) + b"9,c,.1,.2,.8,x\n", "3.csv": rows(6)},
    "infinite": {"1.csv": rows(0), "2.csv": rows(3) + b"9,c,.8,.2,0,x\n", "3.csv": rows(6) + b"9,c,.8,.2,0,x\n"},
    "too few fields": {"1.csv": rows(0), "2.csv": rows(3), "3.csv": rows(6) + b"9,a\n"},
    "not UTF-8": {"1.csv": rows(0), "2.csv": rows(3) + b"9,\xff,.1,.2,.7,x\n", "3.csv": rows(6)},
    "a long one": {"1.csv": rows(0), "2.csv": rows(3, 5000), "3.csv": rows(6)},
    "packed": {"1.csv": gzip.compress(rows(0), mtime=0), "2.csv": gzip.compress(rows(3), mtime=0)},
    "damaged": {"1.csv": gzip.compress(rows(0), mtime=0), "2.csv": gzip.compress(rows(3), mtime=0)[:-4]},
}
OPTIONS: dict[str, dict[str, object]] = {
    "none": {},
    "slices": {"by": "site", "cluster": "site"},
    "skip": {"missing": "skip", "ignore_label": "b"},
    "where": {"where": "site=x"},
}


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("files", FILES)
def test_texts_read_as_one(files: str, options: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data in FILES[files].items():
        (tmp_path / name).write_bytes(data)

    def found() -> object:
        try:
            return score(tmp_path, **OPTIONS[options]).to_dict()  # type: ignore[arg-type]
        except XentError as error:
            return asdict(error.where), str(error)

    joined = found()
    monkeypatch.setattr(JoinedTexts, "add", lambda *_: False)
    assert joined == found()


def test_texts_are_read_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data in FILES["plain"].items():
        (tmp_path / name).write_bytes(data)
    parts = []
    monkeypatch.setattr(JoinedTexts, "_joined", lambda self: parts.append(len(self._texts)))
    with pytest.raises(XentError, match="no rows"):
        score(tmp_path)
    assert parts == [3]


def test_keys_of_rows_of_several_inputs() -> None:
    inputs, numbers = np.array([0, 0, 1, 5]), np.array([0, 7, 7, 1 << 40])
    alone = [row_keys(3 + i, np.array([n]))[0] for i, n in zip(inputs.tolist(), numbers.tolist(), strict=True)]
    assert row_keys(3, as_numbers_of(3, inputs, numbers)).tolist() == alone
