"""Standard input: any format, once, in bounded memory."""

from __future__ import annotations

import gzip
import io
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.cli.runner import Run, environment, process_on_terminal, shell, start, xent
from tests.sources.reading import PACKERS
from tests.sources.test_binary import WRITERS

CSV = b"label,prob\n1,0.75\n0,0.25\n1,0.625\n"
JSON = b'{"label":1,"prob":0.75}\n{"label":0,"prob":0.25}\n{"label":1,"prob":0.625}\n'


def score(data: bytes, *more: str, cwd: Path) -> Run:
    return xent("score", "-", "--format", "csv", *more, cwd=cwd, stdin=data)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("csv")
    (folder / "a.csv").write_bytes(CSV)
    return xent("score", "a.csv", "--format", "csv", cwd=folder).stdout


@pytest.mark.parametrize("codec", [None, *PACKERS])
@pytest.mark.parametrize("data", [CSV, JSON], ids=["csv", "jsonl"])
def test_text(codec: str | None, data: bytes, expected: str, tmp_path: Path) -> None:
    given = data if codec is None else PACKERS[codec](data)
    assert score(given, cwd=tmp_path) == (0, expected, "")


@pytest.mark.parametrize("writer", WRITERS)
def test_binary(writer: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"label": [1, 0, 1], "prob": [0.75, 0.25, 0.625]})
    WRITERS[writer](table, str(tmp_path / "a"))
    data = (tmp_path / "a").read_bytes()
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    for given in (data, gzip.compress(data)):
        assert score(given, cwd=tmp_path) == (0, expected, "")
        assert not list(spool.iterdir())


def test_a_spooled_file_vanishes_with_an_error_and_with_a_killed_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    WRITERS["parquet"](pa.table({"label": [1], "prob": [7.0]}), str(tmp_path / "a"))
    data = (tmp_path / "a").read_bytes()
    spool = tmp_path / "spool"
    spool.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(spool))
        assert score(data, cwd=tmp_path).code == 3
    nowhere = subprocess.DEVNULL
    pipes = {"stdin": subprocess.PIPE, "stdout": nowhere, "stderr": nowhere}
    ends = ((signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9))
    runs = [start("score", "-", cwd=tmp_path, env=environment(TMPDIR=str(spool)), **pipes) for _ in ends]
    for run in runs:
        assert run.stdin is not None
        run.stdin.write(data[:-4])
        run.stdin.flush()
    time.sleep(1.0)
    for run, (number, code) in zip(runs, ends, strict=True):
        run.send_signal(number)
        run.communicate(timeout=10)
        assert run.returncode == code
    assert not list(spool.iterdir())


def test_the_line_of_an_error_is_that_of_the_stream(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_bytes(b"label,prob\n" + b"1,0.5\n" * 600_000 + b"1,x\n")
    run = shell("cat long.csv | xent score -", cwd=tmp_path)
    assert run.code == 3
    assert '<stdin>, line 600002, column "prob": "x" is not a number' in run.stderr


def test_a_cut_last_line_is_noticed(tmp_path: Path) -> None:
    assert "the last line has no end" in score(CSV[:-1], cwd=tmp_path).stderr


def test_truncated_compression_is_an_error(tmp_path: Path) -> None:
    run = score(gzip.compress(CSV)[:-1], cwd=tmp_path)
    assert (run.code, run.stdout) == (3, "")
    assert "damaged gzip data: it ends too early" in run.stderr


def test_nothing_comes(tmp_path: Path) -> None:
    run = score(b"", cwd=tmp_path)
    assert (run.code, run.stdout) == (3, "")
    assert "no rows" in run.stderr


def test_twice_is_refused(tmp_path: Path) -> None:
    assert score(CSV, "-", cwd=tmp_path).code == 2


def test_a_terminal_is_refused_at_once(tmp_path: Path) -> None:
    run = process_on_terminal("score", "-", cwd=tmp_path)
    assert run.code == 2
    assert "standard input is a terminal" in run.stderr


def test_a_closed_descriptor(tmp_path: Path) -> None:
    assert shell("xent score - <&-", cwd=tmp_path).code == 3


def test_memory_does_not_grow_with_the_stream() -> None:
    script = (
        "import resource, sys; from xentcli.sources.open import *; from xentcli.sources.source import *; "
        "[s] = open_paths(['-'], TextOptions()); w = Projection(('label',), ('prob',)); "
        "n = sum(b.rows for p in s.chunks(w) for b in p.blocks()); "
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    block = b"1,0.123456789\n" * 100_000
    peaks = []
    for blocks in (5, 100):
        with subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            out, _ = process.communicate(b"label,prob\n" + block * blocks)
        rows, peak = map(int, out.split())
        assert rows == 100_000 * blocks
        peaks.append(peak)
    assert peaks[1] < peaks[0] + 60_000  # KiB; the longer stream alone has 140 MB


def test_numbers_of_a_model_saved_by_numpy_come_through_a_pipe(expected: str, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, label=np.array([1, 0, 1]), prob=np.array([0.75, 0.25, 0.625]))
    assert score(buffer.getvalue(), cwd=tmp_path).stdout == expected
