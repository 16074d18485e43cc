"""Delimited text: the score fields change, and no other byte."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apply.applying import applied, apply, calibration, cooled

PACKED: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "gz": (gzip.compress, gzip.decompress),
    "bz2": (bz2.compress, bz2.decompress),
    "xz": (lzma.compress, lzma.decompress),
    "zst": (
        lambda data: pa.compress(data, "zstd", asbytes=True),
        lambda data: pa.CompressedInputStream(pa.BufferReader(data), "zstd").read(),
    ),
}
probabilities = st.floats(1e-6, 1 - 1e-6).map(repr)
words = st.text("ab ,;\"'\n\r\té#", max_size=6)


@st.composite
def texts(draw: st.DrawFn) -> tuple[bytes, str, bool]:
    """A text of records with quotes, blank lines, marks and comments, its delimiter, whether it has comments."""
    end, mark = draw(st.sampled_from([("\n", ""), ("\r\n", "\ufeff"), ("\r", "")]))
    delimiter, comments = draw(st.sampled_from([",", ";", "\t"])), draw(st.booleans())
    rows = draw(st.lists(st.tuples(words, probabilities, words), min_size=1, max_size=6))
    out = io.StringIO()
    for score_is_text, line in ((True, ("text", "p_yes", "other")), *((False, row) for row in rows)):
        fields = ['"' + field.replace('"', '""') + '"' for field in line]
        if not score_is_text:
            fields[1] = draw(st.sampled_from([line[1], fields[1], f" {line[1]} "]))
        out.write(delimiter.join(fields) + end)
        out.write(draw(st.sampled_from(["", end, f"# 0.5{end}" if comments else ""])))
    text = mark + out.getvalue()
    text = text[: -len(end)] if draw(st.booleans()) and text.endswith('"' + end) else text
    return text.encode(), delimiter, comments


@given(texts())
def test_none_changes_no_byte_and_a_temperature_changes_scores_alone(
    drawn: tuple[bytes, str, bool],
) -> None:
    data, delimiter, comments = drawn
    options = ["--comment", "#"] if comments else []
    with tempfile.TemporaryDirectory() as name:
        assert applied(Path(name), data, *options, method="none") == data
        result = applied(Path(name), data, *options)
        records, new = (read(each, delimiter, comments) for each in (data, result))
        for before, after in zip(records[1:], new[1:], strict=True):
            assert float(after[1]) == pytest.approx(cooled(float(before[1])), rel=1e-13)
        scores = [record[1].strip() for record in records[1:]]
        for score, after in zip(scores, new[1:], strict=True):
            result = result.replace(after[1].strip().encode(), score.encode(), 1) if after[1] != score else result
        assert result == data
        longer = applied(Path(name), data, "--suffix", "_cal", *options)
        added = read(longer, delimiter, comments)
        assert [record[:-1] for record in added] == records
        assert [record[-1] for record in added] == ["p_yes_cal", *(record[1].strip() for record in new[1:])]


def read(data: bytes, delimiter: str, comments: bool) -> list[list[str]]:
    """The records as Python's own module reads them."""
    text = data.decode("utf-8-sig")
    lines = io.StringIO(text, newline="")
    found = csv.reader((line for line in lines), delimiter=delimiter, strict=True)
    return [record for record in found if record and not (comments and record[0].startswith("# 0.5"))]


@pytest.mark.parametrize("codec", PACKED)
def test_the_codec_stays(codec: str, tmp_path: Path) -> None:
    pack, unpack = PACKED[codec]
    data = b"p_yes,x\n" + b"0.25,a\n" * 3000
    plain = applied(tmp_path, data)
    assert plain.count(b"\n") == 3001
    assert unpack(applied(tmp_path, pack(data), name=f"p.csv.{codec}")) == plain
    assert unpack(applied(tmp_path, pack(data), name=f"p.csv.{codec}", method="none")) == data


# Text, options, and what becomes of it at the temperature, which leaves 0, 0.5 and 1 as they are.
CASES: list[tuple[bytes, tuple[str, ...], bytes]] = [
    (b"p_yes\n0.5\n\n1\n0\n0.0\n", (), b"p_yes\n0.5\n\n1.0\n0.0\n0.0\n"),
    (b"a p_yes\n x   0.50  \n", (), b"a p_yes\n x   0.5  \n"),
    (b'a;p_yes\nx;"0,50"\ny;0,50', ("--decimal", ","), b'a;p_yes\nx;"0,5"\ny;0,5'),
    (b'a,p_yes\nx,"0,50"\ny,1\n', ("--decimal", ",", "--delimiter", ","), b'a,p_yes\nx,"0,5"\ny,"1,0"\n'),
    (b"x,0.5\ny,1\n", ("--no-header", "--prob", "yes=1"), b"x,0.5\ny,1.0\n"),
    (b"head\np_yes\tid\n1\t\t\n"[:-2] + b"\n", ("--skip-lines", "1"), b"head\np_yes\tid\n1.0\t\n"),
    (b"a, p_yes, b\n1, 1, 2\n", (), b"a, p_yes, b\n1, 1.0, 2\n"),
    (b"logit_yes\n3\n-inf\n-1.5e300\n", (), b"logit_yes\n2.0\n-inf\n-1e+300\n"),
    (b'probs,x\n"[0.5,0.50]",1\n', ("--classes", "no,yes"), b'probs,x\n"[0.5,0.5]",1\n'),
    (b"p_no,x,p_yes\n0.50,1,0.5\n1,2,0\n", (), b"p_no,x,p_yes\n0.5,1,0.5\n1.0,2,0.0\n"),
    (b"p_yes,x\nNA,1\n,2\n1,3\n", ("--na", "NA", "--missing", "skip"), b"p_yes,x\nNA,1\n,2\n1.0,3\n"),
    (b"p_yes,x\n,2\n1,3\n", ("--missing", "skip", "--suffix", "_c"), b"p_yes,x,p_yes_c\n,2,\n1,3,1.0\n"),
    (
        b"p_yes a\n1 x\nNA y\n",
        ("--na", "NA", "--missing", "skip", "--suffix", "2", "--delimiter", " "),
        b'p_yes a p_yes2\n1 x 1.0\nNA y ""\n',
    ),
    (b'probs\n"[0, 1]"\n', ("--classes", "no,yes", "--suffix", "2"), b'probs,probs2\n"[0, 1]","[0.0, 1.0]"\n'),
    (b"p_yes\n1\n", ("--suffix", ',"'), b'p_yes,"p_yes,"""\n1,1.0\n'),
    (b"# id p_yes\n 1 0.50\n", ("--suffix", "_c"), b"# id p_yes p_yes_c\n 1 0.50 0.5\n"),
]


@pytest.mark.parametrize(("data", "options", "expected"), CASES)
def test_a_score_stands_where_it_stood(
    data: bytes, options: tuple[str, ...], expected: bytes, tmp_path: Path
) -> None:
    assert applied(tmp_path, data, *options) == expected


def test_columns_whose_names_end_in_the_classes_are_told_how_to_say_so(tmp_path: Path) -> None:
    """SAS: P_TARGETyes beside F_TARGET."""
    (tmp_path / "p.csv").write_text("P_targetyes,P_targetno\n0.75,0.25\n")
    run = apply(tmp_path, calibration(tmp_path), "p.csv", "-o", "out.csv")
    assert run.code == 3
    assert "--prob no=P_targetno --prob yes=P_targetyes" in run.stderr
    run = apply(tmp_path, calibration(tmp_path), "p.csv", "--prob", "no=P_targetno", "--prob", "yes=P_targetyes",
                "-o", "out.csv")  # fmt: skip
    assert run.code == 0, run.stderr
