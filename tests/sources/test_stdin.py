"""Standard input: any format, once, in bounded memory."""

from __future__ import annotations

import gzip
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.cli.runner import start, xent
from tests.sources.reading import PACKERS
from tests.sources.test_binary import WRITERS

CSV = b"label,prob\n1,0.75\n0,0.25\n1,0.625\n"
JSON = b'{"label":1,"prob":0.75}\n{"label":0,"prob":0.25}\n{"label":1,"prob":0.625}\n'
XENT = [sys.executable, "-m", "xentcli"]


def score(data: bytes, *options: str, **kwargs: object) -> subprocess.CompletedProcess[bytes]:
    command = [*XENT, "score", "-", "--format", "csv", *options]
    return subprocess.run(command, input=data, capture_output=True, check=False, **kwargs)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(CSV)
    done = subprocess.run([*XENT, "score", str(path), "--format", "csv"], capture_output=True, check=True)
    return done.stdout


@pytest.mark.parametrize("codec", [None, *PACKERS])
@pytest.mark.parametrize("data", [CSV, JSON], ids=["csv", "jsonl"])
def test_text(codec: str | None, data: bytes, expected: bytes, tmp_path: Path) -> None:
    given = data if codec is None else PACKERS[codec](data)
    assert xent("score", "-", "--format", "csv", cwd=tmp_path, stdin=given) == (0, expected.decode(), "")


@pytest.mark.parametrize("writer", WRITERS)
def test_binary(writer: str, expected: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"label": [1, 0, 1], "prob": [0.75, 0.25, 0.625]})
    WRITERS[writer](table, str(tmp_path / "a"))
    data = (tmp_path / "a").read_bytes()
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    for given in (data, gzip.compress(data)):
        assert xent("score", "-", "--format", "csv", cwd=tmp_path, stdin=given) == (0, expected.decode(), "")
        assert not list(spool.iterdir())


def test_a_spooled_file_vanishes_with_an_error_and_with_a_killed_process(tmp_path: Path) -> None:
    WRITERS["parquet"](pa.table({"label": [1], "prob": [7.0]}), str(tmp_path / "a"))
    data = (tmp_path / "a").read_bytes()
    spool = tmp_path / "spool"
    spool.mkdir()
    env = {**os.environ, "TMPDIR": str(spool)}
    assert score(data, env=env).returncode == 3
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGKILL, -9)):
        nowhere = subprocess.DEVNULL
        process = start("score", "-", cwd=tmp_path, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere, env=env)
        assert process.stdin is not None
        process.stdin.write(data[:-4])
        process.stdin.flush()
        time.sleep(1.0)
        process.send_signal(number)
        assert process.wait(10) == code
        process.stdin.close()
    assert not list(spool.iterdir())


# The command line, to which a signal comes in a destructor, where Python drops what it raises.
DROPPING = """
import signal
import xentcli.api
from xentcli.__main__ import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background

class Dropping:
    def __del__(self):
        signal.raise_signal(NUMBER)

def dropping(request, read=xentcli.api.gate_of):
    Dropping()
    return read(request)

xentcli.api.gate_of = dropping
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_that_comes_where_nothing_can_be_raised_is_not_lost(number: int, code: int) -> None:
    arguments = [sys.executable, "-c", DROPPING.replace("NUMBER", str(int(number))), "score", "-"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.wait(20) == code
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_the_line_of_an_error_is_that_of_the_stream() -> None:
    rows = b"label,prob\n" + b"1,0.5\n" * 600_000 + b"1,x\n"
    done = score(rows)
    assert done.returncode == 3
    assert b'<stdin>, line 600002, column "prob": "x" is not a number' in done.stderr


def test_a_cut_last_line_is_noticed() -> None:
    assert b"the last line has no end" in score(CSV[:-1]).stderr


def test_truncated_compression_is_an_error() -> None:
    done = score(gzip.compress(CSV)[:-1])
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"damaged gzip data: it ends too early" in done.stderr


def test_nothing_comes() -> None:
    done = score(b"")
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"no rows" in done.stderr


def test_twice_is_refused() -> None:
    assert score(CSV, "-").returncode == 2


def test_a_terminal_is_refused_at_once() -> None:
    leader, follower = pty.openpty()
    done = subprocess.run([*XENT, "score", "-"], stdin=follower, capture_output=True, timeout=20, check=False)
    os.close(leader)
    os.close(follower)
    assert done.returncode == 2
    assert b"standard input is a terminal" in done.stderr


def test_a_closed_descriptor() -> None:
    closed = subprocess.run(
        f"{sys.executable} -m xentcli score - <&-", shell=True, capture_output=True, check=False
    )
    assert closed.returncode == 3


def test_a_pipe_without_a_writer_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    done = subprocess.run([*XENT, "score", str(tmp_path / "fifo")], capture_output=True, timeout=20, check=False)
    assert done.returncode == 4
    assert b"is not a regular file" in done.stderr


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


def test_numbers_of_a_model_saved_by_numpy_come_through_a_pipe(expected: bytes) -> None:
    import io

    buffer = io.BytesIO()
    np.savez(buffer, label=np.array([1, 0, 1]), prob=np.array([0.75, 0.25, 0.625]))
    assert score(buffer.getvalue()).stdout == expected
