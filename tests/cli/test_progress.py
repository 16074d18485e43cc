"""The bar on standard error: there for long work that a person watches, and gone without a trace."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import START, TIMEOUT, all_of, environment, read, start, terminal, xent
from xentcli.render.progress import description

HIDDEN_CURSOR = b"\x1b[?25l"  # with which a bar begins
COMMAND = ("score", "many", "--threads", "1", "--format", "json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file that is read at once, and a folder of files that take some seconds on any machine."""
    folder = tmp_path_factory.mktemp("progress")
    logits = np.random.default_rng(5).normal(size=(1 << 19, 10))
    columns = {f"logit_{k}": logits[:, k] for k in range(10)}
    table = pa.table({"label": np.arange(1 << 19) % 10, **columns})
    (folder / "many").mkdir()
    pq.write_table(table, folder / "many" / "0.parquet", row_group_size=1 << 15)
    for number in range(1, 60):
        os.link(folder / "many" / "0.parquet", folder / "many" / f"{number}.parquet")
    pq.write_table(table.slice(0, 100), folder / "few.parquet")
    return folder


def begun(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, **pipes: Any
) -> tuple[subprocess.Popen[bytes], int]:
    """A run whose standard error is a terminal, and the other end of that."""
    master, slave = terminal()
    spoken = environment(**{"TERM": "xterm-256color", **(env or {})})
    process = start(*arguments, cwd=cwd, stderr=slave, env=spoken, **pipes)
    os.close(slave)
    return process, master


def ended(process: subprocess.Popen[bytes], master: int, sent: bytes = b"") -> tuple[int, str]:
    """The exit code, and all that the terminal was sent."""
    sent += all_of(master)
    os.close(master)
    process.stdin = None  # closed by now, if it was a pipe
    process.communicate(timeout=60)
    return process.returncode, sent.decode()


def until_the_bar_shows(master: int, what: bytes = b"left") -> bytes:
    """What a terminal is sent up to that: by default the time that is left, the last part of the bar."""
    sent = b""
    while what not in sent:
        assert select.select([master], [], [], TIMEOUT)[0], sent
        piece = read(master)
        assert piece, sent
        sent += piece
    return sent


def screen(sent: str) -> str:
    """What is left to be seen of all that a terminal was sent."""
    lines, row, column = [""], 0, 0
    for text, code in re.findall(r"([^\x1b]+)|\x1b\[([?0-9;]*[a-zA-Z])", sent):
        if code.endswith("A"):
            row = max(0, row - int(code[:-1] or 1))
        elif code == "2K":
            lines[row] = ""
        elif code:
            assert re.fullmatch(r"[0-9;]*m|\?25[lh]", code), code
        for character in text:
            if character == "\r":
                column = 0
            elif character == "\n":
                row += 1
                lines += [""] * (row == len(lines))
            else:
                lines[row] = lines[row][:column].ljust(column) + character + lines[row][column + 1 :]
                column += 1
    return "\n".join(lines).strip()


def test_long_work_shows_rows_and_speed_and_leaves_nothing(folder: Path) -> None:
    rows = b"a,0.75,0.25\nb,0.375,0.625\n" * 60_000 + b"a,0.25,0.75\n"  # more than a block
    arguments = ("score", "-", "--threads", "1", "--format", "json")
    process, master = begun(*arguments, cwd=folder, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"label,p_a,p_b\n" + rows)
    process.stdin.flush()
    begin = until_the_bar_shows(master, HIDDEN_CURSOR)
    process.stdin.close()
    code, sent = ended(process, master, begin)
    assert code == 0
    assert re.search(r"\d[\d,]+ rows  \d[\d,]+ rows/s", sent)
    assert sent.index("\x1b[?25l") < sent.rindex("\x1b[?25h")  # the cursor is back
    assert screen(sent) == ""


def test_merging_shows_how_many_states_are_done(tmp_path: Path) -> None:
    for name, row in (("one", "b,0.375,0.625"), ("two", "b,0.25,0.75")):
        (tmp_path / f"{name}.csv").write_text(f"label,p_a,p_b\na,0.75,0.25\n{row}\n")
        xent("score", f"{name}.csv", "--save-state", f"{name}.json", cwd=tmp_path)
    process, master = begun("merge", "one.json", "-", "--format", "json", cwd=tmp_path, stdin=subprocess.PIPE)
    assert process.stdin is not None
    begin = until_the_bar_shows(master)  # one of two states is read
    process.stdin.write((tmp_path / "two.json").read_bytes())
    process.stdin.close()
    code, sent = ended(process, master, begin)
    assert code == 0
    assert re.search(r"4 rows  \d rows/s  0:00 left", sent)
    assert screen(sent) == ""


def test_time_left_is_shown_and_a_run_that_is_stopped_takes_its_bar_along(folder: Path) -> None:
    process, master = begun(*COMMAND, cwd=folder)
    sent = until_the_bar_shows(master)
    process.send_signal(signal.SIGINT)
    code, shown = ended(process, master, sent)
    assert code == 130
    assert screen(shown) == ""


def test_no_bar_is_shown_where_none_is_wanted_or_nobody_looks(folder: Path) -> None:
    quiet, plain = begun(*COMMAND, "--quiet", cwd=folder), begun(*COMMAND, cwd=folder, env={"TERM": "dumb"})
    piped = start(*COMMAND, cwd=folder, env=environment(FORCE_COLOR="1"))
    shown, master = begun(*COMMAND, cwd=folder)
    until_the_bar_shows(master)  # of the last one: the others have had their time
    for run in (quiet[0], plain[0], piped, shown):
        run.terminate()
    ended(shown, master)
    assert ended(*quiet)[1] == ended(*plain)[1] == ""
    assert piped.communicate(timeout=60) == (b"", b"")


def test_nothing_is_loaded_or_shown_in_the_first_second(folder: Path) -> None:
    script = "import os, sys\nsys.argv[1:] = ['score', 'few.parquet', '--format', 'json']\nend = os._exit\n"
    script += "os._exit = lambda code: (os.write(2, b'rich' * ('rich' in sys.modules)), end(code))" + START
    master, slave = terminal()
    command = [sys.executable, "-c", script]
    run = subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=slave)
    os.close(slave)
    assert ended(run, master) == (0, "")


def test_the_workers_of_a_local_cluster_go_with_it_and_say_nothing(folder: Path) -> None:
    pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    more = ("--engine", "dask", "--no-breakdown", "--threads", "1", "--format", "json")
    process, master = begun("score", "many", *more, cwd=folder, start_new_session=True)
    sent = until_the_bar_shows(master)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    code, shown = ended(process, master, sent)
    assert code == 130
    assert screen(shown) == ""


DESCRIPTIONS = [
    ((0, None, 1.0), ""),
    ((2_000, None, 2.0), "2,000 rows  1,000 rows/s"),
    ((2_000, 0.5, 61.0), "2,000 rows  33 rows/s  1:01 left"),
    ((10**9, 0.01, 3600.0), "1,000,000,000 rows  277,778 rows/s  99:00:00 left"),
    ((5, 1.0, 10.0), "5 rows  0 rows/s  0:00 left"),
    ((0, 0.25, 3.0), "0:09 left"),
]


@pytest.mark.parametrize(("done", "expected"), DESCRIPTIONS)
def test_what_the_bar_says(done: tuple[int, float | None, float], expected: str) -> None:
    assert description(*done) == expected
