"""Pipes, redirections, signals, output files, colors, widths, locales: what surrounds a run must not change it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cli.cases import loss
from tests.cli.runner import COMMAND, Run, environment, on_terminal, plain, process, shell, start, xent
from xentcli import __version__

GOOD = "label,p_a,p_b\na,0.75,0.25\nb,0.375,0.625\n"
NOTED = GOOD + "b,1,0\n"  # a result with a notice
BAD = GOOD + "a,7,0\n"
LOG_LOSS = "0.3788"  # as a table has it
SIGNAL_SECONDS = 2.0  # "about a second", on a busy machine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good file and a bad one."""
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "noted.csv").write_text(NOTED)
    (tmp_path / "bad.csv").write_text(BAD)
    return tmp_path


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of 2,000 classes, whose JSON no pipe holds, and whose loss is infinite."""
    folder = tmp_path_factory.mktemp("wide")
    header = ",".join(["label", *(f"p_c{k}" for k in range(2000))])
    (folder / "wide.csv").write_text(f"{header}\nc0,0,1{',0' * 1998}\n")
    return folder


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file that takes a while to read when it is given many times."""
    folder = tmp_path_factory.mktemp("long")
    (folder / "long.csv").write_text("label,p_a,p_b\n" + GOOD.partition("\n")[2] * 400_000)
    return folder


LONG_READ = ("score", *["long.csv"] * 400)


def error_of(run: Run) -> dict[str, Any]:
    """The one JSON line on standard error, for a run that printed nothing."""
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    document = json.loads(run.stderr)
    assert (document["format"], document["format_version"]) == ("xent.error", 1)
    assert set(document) == {"format", "format_version", "error"}
    error: dict[str, Any] = document["error"]
    assert set(error) == {"code", "exit_code", "message", "file", "line", "row", "column", "hint"}
    assert error["exit_code"] == run.code
    return error


# Closed and full outputs


def test_a_reader_that_leaves_early_ends_the_run(wide: Path) -> None:
    process = start("score", "wide.csv", "--format", "json", cwd=wide)
    assert process.stdout is not None
    assert process.stdout.readline() == b"{\n"
    process.stdout.close()
    assert process.stderr is not None
    assert (process.wait(), process.stderr.read()) == (141, b"")
    process.stderr.close()


def test_head_on_a_long_output(wide: Path) -> None:
    script = '{ xent "$@"; echo $? >code; } | head -1'
    assert shell(script, "score", "wide.csv", "--format", "json", cwd=wide) == (0, "{\n", "")
    assert (wide / "code").read_text() == "141\n"


def test_head_on_a_short_output(folder: Path) -> None:
    script = '{ xent "$@"; echo $? >code; } | head -1'
    assert shell(script, "score", "good.csv", "--format", "json", cwd=folder) == (0, "{\n", "")
    assert (folder / "code").read_text() == "0\n"


@pytest.mark.parametrize("arguments", [("score", "noted.csv"), ("--help",), ("--version",), ("score", "--help")])
def test_a_reader_that_never_read(arguments: tuple[str, ...], folder: Path) -> None:
    process = start(*arguments, cwd=folder)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert (process.wait(), process.stderr.read()) == (141, b"")
    process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("arguments", [("score", "noted.csv"), ("--help",), ("--version",)])
def test_a_full_disk(arguments: tuple[str, ...], folder: Path) -> None:
    run = shell('xent "$@" >/dev/full', *arguments, cwd=folder)
    assert run == (4, "", "xent: error: standard output: no space left on device\n")


@pytest.mark.parametrize("arguments", [("score", "noted.csv"), ("--help",)])
def test_a_closed_output(arguments: tuple[str, ...], folder: Path) -> None:
    assert shell('xent "$@" >&-', *arguments, cwd=folder) == (4, "", "xent: error: standard output is closed\n")


def test_a_closed_output_as_json(folder: Path) -> None:
    run = shell('xent "$@" >&-', "score", "good.csv", "--format", "json", cwd=folder)
    assert (run.code, error_of(run)["message"]) == (4, "standard output is closed")


def test_a_closed_output_is_not_missed_with_an_output_file(folder: Path) -> None:
    assert shell('xent "$@" >&-', "score", "good.csv", "-o", "out", cwd=folder) == (0, "", "")
    assert LOG_LOSS in (folder / "out").read_text()


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "<&-"])
def test_other_streams_do_not_change_the_result(redirection: str, folder: Path) -> None:
    if "/dev/full" in redirection and not os.path.exists("/dev/full"):
        pytest.skip("only Linux has a device that is always full")
    run = shell(f'xent "$@" {redirection}', "score", "noted.csv", "--format", "json", cwd=folder)
    assert run.code == 0
    assert json.loads(run.stdout)["metrics"]["infinite_rows"] == 1


def test_a_closed_error_stream_does_not_change_an_error(folder: Path) -> None:
    assert shell('xent "$@" 2>&-', "score", "bad.csv", cwd=folder) == (3, "", "")


# Signals


def wait_for_the_read(process: subprocess.Popen[bytes], name: str) -> None:
    """Return once `process` has opened the file; without /proc, after what imports take at most."""
    descriptors = Path(f"/proc/{process.pid}/fd")
    deadline = time.monotonic() + (20 if descriptors.exists() else 2)
    while time.monotonic() < deadline:
        assert process.poll() is None
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile, or no /proc
            if any(os.readlink(each).endswith(f"/{name}") for each in descriptors.iterdir()):
                break
        time.sleep(0.01)
    time.sleep(0.2)  # past the headers, into the rows


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_signal_during_a_long_read(number: signal.Signals, code: int, threads: str, long: Path) -> None:
    output = long / f"{code}-{threads}"
    output.mkdir()
    (output / "out.json").write_text("as it was")
    arguments = (*LONG_READ, "--threads", threads, "--format", "json", "--output", output / "out.json")
    process = start(*map(str, arguments), cwd=long)
    wait_for_the_read(process, "long.csv")
    began = time.monotonic()
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=30)
    assert time.monotonic() - began < SIGNAL_SECONDS
    assert (process.returncode, stdout, stderr) == (code, b"", b"")
    assert [path.name for path in output.iterdir()] == ["out.json"]
    assert (output / "out.json").read_text() == "as it was"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_the_reader_is_asleep(number: signal.Signals, code: int, wide: Path) -> None:
    process = start("score", "wide.csv", "--format", "json", cwd=wide)
    assert process.stdout is not None
    process.stdout.read(1)  # it writes: the pipe fills up, and nobody reads on
    time.sleep(0.1)
    began = time.monotonic()
    process.send_signal(number)
    process.wait(timeout=30)
    assert time.monotonic() - began < SIGNAL_SECONDS
    assert (process.returncode, process.communicate()[1]) == (code, b"")


# Output files


def test_output_file_is_what_a_pipe_gets(folder: Path) -> None:
    for format in ("table", "json", "csv", "markdown"):
        printed = xent("score", "good.csv", "--format", format, cwd=folder)
        written = xent("score", "good.csv", "--format", format, "--output", "out", cwd=folder)
        assert written == (0, "", "")
        assert (folder / "out").read_text() == printed.stdout


def test_output_file_has_no_colors(folder: Path) -> None:
    assert xent("score", "good.csv", "-o", "out", cwd=folder, env={"FORCE_COLOR": "1"}).code == 0
    assert "\x1b" not in (folder / "out").read_text()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("score", "bad.csv"), 3), (("score", "none.csv"), 4), (("score", "good.csv", "--x"), 2)],
)
def test_output_file_is_untouched_by_an_error(arguments: tuple[str, ...], code: int, folder: Path) -> None:
    (folder / "out").write_text("as it was")
    before = sorted(folder.iterdir())
    run = xent(*arguments, "--output", "out", cwd=folder)
    assert (run.code, run.stdout) == (code, "")
    assert (folder / "out").read_text() == "as it was"
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_output_file_keeps_its_mode(mode: int, folder: Path) -> None:
    (folder / "out").write_text("as it was")
    (folder / "out").chmod(mode)
    assert xent("score", "good.csv", "-o", "out", cwd=folder) == (0, "", "")
    assert stat.S_IMODE((folder / "out").stat().st_mode) == mode
    assert LOG_LOSS in (folder / "out").read_text()


def test_output_file_is_as_readable_as_any_other(folder: Path) -> None:
    assert shell('umask 027; xent "$@"', "score", "good.csv", "-o", "out", cwd=folder) == (0, "", "")
    assert stat.S_IMODE((folder / "out").stat().st_mode) == 0o640
    assert sorted(path.name for path in folder.iterdir()) == ["bad.csv", "good.csv", "noted.csv", "out"]


def test_output_through_a_link(folder: Path) -> None:
    (folder / "real").write_text("as it was")
    (folder / "link").symlink_to("real")
    assert xent("score", "good.csv", "-o", "link", cwd=folder) == (0, "", "")
    assert (folder / "link").is_symlink()
    assert LOG_LOSS in (folder / "real").read_text()


@pytest.mark.parametrize("place", ["none/out", ".", "good.csv/out", "/dev/full"])
def test_output_that_cannot_be_written(place: str, folder: Path) -> None:
    if place == "/dev/full" and not os.path.exists(place):
        pytest.skip("only Linux has a device that is always full")
    before = sorted(folder.iterdir())
    run = xent("score", "noted.csv", "-o", place, cwd=folder)
    assert (run.code, run.stdout) == (4, "")
    assert run.stderr.startswith(f"xent: error: {place}: cannot be written: ")
    assert run.stderr.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_output_larger_than_the_disk_leaves_the_old_file(folder: Path) -> None:
    (folder / "out").write_text("as it was")
    before = sorted(folder.iterdir())
    run = shell('ulimit -f 1; xent "$@"', "score", "good.csv", "--format", "json", "-o", "out", cwd=folder)
    assert (run.code, run.stdout) == (4, "")
    assert error_of(run)["file"] == "out"
    assert (folder / "out").read_text() == "as it was"
    assert sorted(folder.iterdir()) == before


def test_output_to_a_pipe_with_a_name(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append((folder / "fifo").read_text()), daemon=True)
    reader.start()
    assert xent("score", "good.csv", "-o", "fifo", "--format", "json", cwd=folder) == (0, "", "")
    reader.join(10)
    assert json.loads(received[0])["rows"] == 2
    assert stat.S_ISFIFO((folder / "fifo").stat().st_mode)


# Inputs that the system refuses


def test_missing_file(folder: Path) -> None:
    run = xent("score", "none.csv", cwd=folder)
    assert run == (4, "", "xent: error: none.csv: no such file or directory\n")


def test_folder_without_data_files(folder: Path) -> None:
    (folder / "empty").mkdir()
    run = xent("score", "empty", cwd=folder)
    assert run == (4, "", "xent: error: empty: is a folder without data files\n")


def test_pattern_without_files(folder: Path) -> None:
    run = xent("score", "shards/*.csv", cwd=folder)
    assert run == (4, "", "xent: error: shards/*.csv: no file matches this pattern\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(folder: Path) -> None:
    (folder / "good.csv").chmod(0)
    run = xent("score", "good.csv", cwd=folder)
    assert run == (4, "", "xent: error: good.csv: permission denied\n")


@pytest.mark.skipif(
    not os.path.exists("/proc/self/mem"), reason="only Linux has a file whose beginning is no memory"
)
def test_file_that_fails_while_it_is_read(folder: Path) -> None:
    run = xent("score", "/proc/self/mem", cwd=folder)
    assert run == (4, "", "xent: error: /proc/self/mem: input/output error\n")


def test_named_pipe_without_a_writer_is_refused_at_once(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    run = xent("score", "fifo", cwd=folder, timeout=5)
    assert (run.code, run.stdout) == (4, "")
    assert run.stderr == (
        "xent: error: fifo: is not a regular file\n  hint: a pipe is read as standard input: xent score - < PIPE\n"
    )


def test_device(folder: Path) -> None:
    run = xent("score", "/dev/null", cwd=folder)
    assert run == (4, "", "xent: error: /dev/null: is not a regular file\n")


@pytest.mark.parametrize("arguments", [("score",), (), ("score", "--format", "csv")])
def test_nothing_to_score(arguments: tuple[str, ...], folder: Path) -> None:
    run = xent(*arguments, cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert run.stderr.startswith("Usage: xent ")
    assert "xent: error: " in run.stderr


def test_nothing_to_score_on_a_terminal_does_not_wait(folder: Path) -> None:
    run = on_terminal("score", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert run.stderr.startswith("Usage: xent score ")


# Terminals


def digits(text: str) -> Counter[str]:
    """Every digit and sign shown, wherever a narrow table has put it."""
    return Counter(re.findall(r"[0-9.%]", plain(text)))


def columns(line: str) -> int:
    """How many columns of a terminal a line takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


NARROWEST = 75  # where no number of the table of classes is broken; a terminal that is narrower wraps the lines


@pytest.mark.parametrize("how", ["window", "COLUMNS"])
@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_every_width_shows_every_number(width: int, how: str, folder: Path) -> None:
    piped = xent("score", "good.csv", cwd=folder)
    if how == "window":
        run = on_terminal("score", "good.csv", cwd=folder, width=width)
    else:
        run = on_terminal("score", "good.csv", cwd=folder, width=132, env={"COLUMNS": str(width)})
    assert (run.code, run.stderr) == (0, "")
    assert max(columns(plain(line)) for line in run.stdout.splitlines()) <= max(width, NARROWEST)
    assert digits(run.stdout) == digits(piped.stdout)
    assert "…" not in run.stdout


def test_a_pipe_is_never_cut(folder: Path) -> None:
    name = "x" * 300
    (folder / f"{name[:200]}.csv").write_text(GOOD.replace("a", name).replace(f"l{name}bel", "label"))
    arguments = ("score", f"{name[:200]}.csv")
    run = xent(*arguments, cwd=folder)
    assert (run.code, run.stderr) == (0, "")
    assert run.stdout.count(name) >= 3  # the column, and the class in two tables
    assert f"{name[:200]}.csv" in run.stdout
    assert xent(*arguments, cwd=folder, env={"COLUMNS": "20", "TERM": "dumb"}) == run


def test_colors_on_a_terminal_only(folder: Path) -> None:
    piped = xent("score", "good.csv", cwd=folder)
    shown = on_terminal("score", "good.csv", cwd=folder, width=200)
    assert "\x1b" not in piped.stdout
    assert "\x1b[" in shown.stdout
    assert [line.rstrip() for line in plain(shown.stdout).splitlines()] == piped.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        ((), {"NO_COLOR": "1"}),
        ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}),
        ((), {"TERM": "dumb"}),
        (("--no-color",), {}),
        (("--no-color",), {"FORCE_COLOR": "1"}),
    ],
)
def test_no_colors(arguments: tuple[str, ...], env: dict[str, str], folder: Path) -> None:
    run = on_terminal("score", "good.csv", *arguments, cwd=folder, width=200, env=env)
    assert run == xent("score", "good.csv", cwd=folder)


def test_an_empty_no_color_is_none(folder: Path) -> None:
    assert "\x1b[" in on_terminal("score", "good.csv", cwd=folder, env={"NO_COLOR": ""}).stdout


def test_forced_colors_in_a_pipe(folder: Path) -> None:
    run = xent("score", "good.csv", cwd=folder, env={"FORCE_COLOR": "1"})
    assert (run.code, run.stderr) == (0, "")
    assert "\x1b[" in run.stdout
    assert digits(run.stdout) == digits(xent("score", "good.csv", cwd=folder).stdout)


@pytest.mark.parametrize("format", ["json", "csv", "markdown"])
def test_only_tables_have_colors_and_widths(format: str, folder: Path) -> None:
    piped = xent("score", "good.csv", "--format", format, cwd=folder)
    shown = on_terminal("score", "good.csv", "--format", format, cwd=folder, width=20, env={"FORCE_COLOR": "1"})
    assert shown == piped


@pytest.mark.parametrize("format", ["table", "json", "csv", "markdown"])
def test_help_and_errors_have_no_colors(format: str, folder: Path) -> None:
    run = on_terminal("score", "bad.csv", "--format", format, cwd=folder, env={"FORCE_COLOR": "1"})
    assert (run.code, run.stdout) == (3, "")
    assert "\x1b" not in run.stderr


# Locales

C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ACCENT = "label,prob_é\né,0.75\nb,0.375\n"


def test_a_c_locale_has_a_table_in_ascii(folder: Path) -> None:
    (folder / "accent.csv").write_text(ACCENT, encoding="utf-8")
    run = process("score", "accent.csv", cwd=folder, env=C_LOCALE)
    assert (run.code, run.stderr) == (0, "")
    assert run.stdout.isascii()
    assert "\\xe9" in run.stdout
    assert LOG_LOSS in run.stdout


@pytest.mark.parametrize("output", [(), ("-o", "out")])
def test_a_c_locale_has_the_same_json(output: tuple[str, ...], folder: Path) -> None:
    (folder / "accent.csv").write_text(ACCENT, encoding="utf-8")
    arguments = ("score", "accent.csv", "--format", "json")
    run = process(*arguments, *output, cwd=folder, env=C_LOCALE)
    assert (run.code, run.stderr) == (0, "")
    result = json.loads((folder / "out").read_text(encoding="utf-8") if output else run.stdout)
    assert result == json.loads(xent(*arguments, cwd=folder).stdout)
    assert result["classes"] == ["b", "é"]


def test_a_c_locale_has_an_error(folder: Path) -> None:
    (folder / "accent.csv").write_text(ACCENT + "b,7\n", encoding="utf-8")
    run = process("score", "accent.csv", cwd=folder, env=C_LOCALE)
    assert (run.code, run.stdout) == (3, "")
    assert "Traceback" not in run.stderr
    assert 'line 4, column "prob_' in run.stderr


@pytest.mark.parametrize(
    "arguments", [("--positive", "é"), ("--prob", "prob_é"), ("--classes", "é,b", "--positive", "é")]
)
def test_a_c_locale_has_arguments_beyond_ascii(arguments: tuple[str, ...], folder: Path) -> None:
    (folder / "accent.csv").write_text(ACCENT, encoding="utf-8")
    run = process("score", "accent.csv", *arguments, "--format", "json", cwd=folder, env=C_LOCALE)
    assert (run.code, run.stderr) == (0, "")
    assert json.loads(run.stdout)["metrics"]["log_loss"] == pytest.approx(loss(0.75, 0.625), rel=1e-13)


@pytest.mark.parametrize("env", [{}, C_LOCALE])
def test_a_file_name_that_is_no_text(env: dict[str, str], folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9.csv")
    try:
        (folder / name).write_text(GOOD)
    except OSError:
        pytest.skip("file names of this file system are UTF-8")
    table = process("score", name, cwd=folder, env=env)
    assert (table.code, table.stderr) == (0, "")
    assert LOG_LOSS in table.stdout
    document = process("score", name, "--format", "json", cwd=folder, env=env)
    assert json.loads(document.stdout)["inputs"][0]["name"] == name


# Errors as JSON


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("score", "bad.csv"),
         {"code": "probability_out_of_range", "exit_code": 3, "file": "bad.csv", "line": 4, "row": None,
          "column": "p_a"}),
        (("score", "none.csv"), {"exit_code": 4, "file": "none.csv", "line": None, "row": None, "column": None}),
        (("score", "good.csv", "--label", "lable"), {"exit_code": 2, "file": "good.csv", "line": None}),
        (("score", "good.csv", "--clip", "7"), {"exit_code": 2, "file": None, "line": None}),
        (("score", "good.csv", "--clip", "x"), {"exit_code": 2, "file": None, "line": None}),
        (("score", "good.csv", "--frobnicate"), {"exit_code": 2, "file": None}),
        (("score",), {"exit_code": 2, "file": None}),
        (("scor",), {"exit_code": 2, "file": None}),
    ],
)  # fmt: skip
def test_an_error_as_json(arguments: tuple[str, ...], expected: dict[str, Any], folder: Path) -> None:
    error = error_of(xent(*arguments, "--format", "json", cwd=folder))
    assert {key: error[key] for key in expected} == expected
    assert error["message"]


def test_an_error_as_json_in_the_other_spelling(folder: Path) -> None:
    assert error_of(xent("score", "--format=json", "bad.csv", cwd=folder))["line"] == 4


def test_an_error_as_json_has_names_exact(folder: Path) -> None:
    name = "\x1b[31m\u202ené\n.csv"
    (folder / name).write_text(BAD)
    assert error_of(xent("score", name, "--format", "json", cwd=folder))["file"] == name


def test_an_error_of_a_parquet_file_has_a_row(folder: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(
        pa.table({"label": ["a", "b"], "p_a": [0.5, 7.0], "p_b": [0.5, 0.5]}), folder / "x.parquet"
    )
    error = error_of(xent("score", "x.parquet", "--format", "json", cwd=folder))
    assert (error["line"], error["row"], error["column"]) == (None, 1, "p_a")


# Did you mean


@pytest.mark.parametrize(
    ("arguments", "code", "meant"),
    [
        (("scor", "good.csv"), 2, "score"),
        (("Score", "good.csv"), 2, "score"),
        (("score", "good.csv", "--lable", "label"), 2, "--label"),
        (("score", "good.csv", "--probs", "p_a"), 2, "--prob"),
        (("score", "good.csv", "--label", "lable"), 2, '"label"'),
        (("score", "good.csv", "--prob", "p_A,p_b"), 2, '"p_a"'),
        (("score", "good.csv", "--format", "jsom"), 2, "json"),
        (("score", "typo.csv"), 3, '"malignant"'),
        (("score", "one.csv", "--positive", "malignat"), 2, '"malignant"'),
    ],
)
def test_did_you_mean(arguments: tuple[str, ...], code: int, meant: str, folder: Path) -> None:
    (folder / "typo.csv").write_text("label,p_malignant,p_benign\nmalignat,0.5,0.5\n")
    (folder / "one.csv").write_text("label,prob\nmalignant,0.5\nbenign,0.5\n")
    run = xent(*arguments, cwd=folder)
    assert (run.code, run.stdout) == (code, "")
    assert re.search(rf"did you mean.*{re.escape(meant)}", run.stderr, re.IGNORECASE) or (
        "--format" in arguments and meant in run.stderr
    )


def test_a_far_command_lists_the_commands(folder: Path) -> None:
    run = xent("frobnicate", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert "score" in run.stderr


# Notices, version, help, crash


def test_a_notice_goes_to_standard_error(folder: Path) -> None:
    run = xent("score", "noted.csv", cwd=folder)
    assert run.code == 0
    assert run.stderr.startswith("xent: notice: ")
    assert "noted.csv, line 4" in run.stderr
    assert "inf" in run.stdout


def test_quiet_keeps_errors_and_the_notices_of_json(folder: Path) -> None:
    loud = xent("score", "noted.csv", "--format", "json", cwd=folder)
    assert xent("score", "noted.csv", "--format", "json", "--quiet", cwd=folder) == (0, loud.stdout, "")
    assert json.loads(loud.stdout)["notices"][0]["where"] == [{"file": "noted.csv", "line": 4}]
    assert xent("score", "bad.csv", "-q", cwd=folder) == xent("score", "bad.csv", cwd=folder)


def test_version(folder: Path) -> None:
    assert xent("--version", cwd=folder) == (0, f"xent {__version__}\n", "")


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("command", [(), ("score",)])
def test_help(command: tuple[str, ...], option: str, folder: Path) -> None:
    run = xent(*command, option, cwd=folder)
    assert (run.code, run.stderr) == (0, "")
    assert run.stdout.startswith("Usage: xent ")
    assert "Examples:" in run.stdout
    assert "  xent score preds.csv" in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 80


def test_help_says_everything(folder: Path) -> None:
    text = xent("score", "--help", cwd=folder).stdout
    for option in ("--label", "--prob", "--logit", "--logprob", "--classes", "--positive", "--weight", "--clip",
                   "--normalize", "--sum-tolerance", "--delimiter", "--threads", "--format", "--unit", "--output",
                   "--quiet", "--no-color"):  # fmt: skip
        assert option in text


@pytest.mark.parametrize("how", ["RuntimeError('boom')", "SystemExit(1)", "GeneratorExit()"])
def test_a_bug_is_no_verdict(how: str, folder: Path) -> None:
    code, stdout, stderr = _broken(how, folder, "score", "good.csv")
    assert (code, stdout) == (70, "")
    assert stderr.startswith("Traceback (most recent call last):")
    assert how.partition("(")[0] in stderr
    assert "bug" in stderr.splitlines()[-1]
    assert "report" in stderr.splitlines()[-1]


def test_too_little_memory_is_the_systems_refusal(folder: Path) -> None:
    assert _broken("MemoryError()", folder, "score", "good.csv") == (4, "", "xent: error: not enough memory\n")


def _broken(error: str, folder: Path, *arguments: str) -> Run:
    """A run in which scoring raises `error`."""
    stub = folder / "stub"
    stub.mkdir()
    (stub / "sitecustomize.py").write_text(
        f"import xentcli.api\ndef gate_of(request):\n    raise {error}\nxentcli.api.gate_of = gate_of\n"
    )
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(PYTHONPATH=os.pathsep.join([str(stub), *filter(None, sys.path)])),
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)
