"""Pipes, redirections and locales: what surrounds a run must not change it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.cases import loss
from tests.cli.in_process import BROKEN_PIPE, CLOSED, FULL_DISK
from tests.cli.inputs import GOOD, LOG_LOSS
from tests.cli.runner import error_of, process, shell, start, xent

FULL = pytest.mark.skipif(not os.path.exists(FULL_DISK), reason="only Linux has a device that is always full")
HEAD = '{ xent "$@"; echo $? >code; } | head -1'
NO_SPACE = "xent: error: standard output: no space left on device\n"
PAGES = pytest.mark.parametrize(
    "arguments", [("score", "noted.csv"), ("--help",), ("--version",), ("score", "--help")]
)


@pytest.mark.parametrize("lines", [0, 1])
def test_a_reader_that_leaves_early_ends_the_run(lines: int, wide: Path) -> None:
    process = start("score", "wide.csv", "--format", "json", cwd=wide)
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(lines)] == [b"{\n"] * lines
    process.stdout.close()
    process.stdout = None
    assert process.communicate()[1] == b""
    assert process.returncode == 141


@pytest.mark.slow
def test_head_on_a_long_output(wide: Path) -> None:
    assert shell(HEAD, "score", "wide.csv", "--format", "json", cwd=wide) == (0, "{\n", "")
    assert (wide / "code").read_text() == "141\n"


def test_head_on_a_short_output(folder: Path) -> None:
    assert shell(HEAD, "score", "good.csv", "--format", "json", cwd=folder) == (0, "{\n", "")
    assert (folder / "code").read_text() == "0\n"


@PAGES
def test_a_reader_that_never_read(arguments: tuple[str, ...], folder: Path) -> None:
    assert xent(*arguments, cwd=folder, stdout=BROKEN_PIPE) == (141, "", "")


@FULL
@PAGES
def test_a_full_disk(arguments: tuple[str, ...], folder: Path) -> None:
    assert xent(*arguments, cwd=folder, stdout=FULL_DISK) == (4, "", NO_SPACE)


@PAGES
def test_a_closed_output(arguments: tuple[str, ...], folder: Path) -> None:
    assert xent(*arguments, cwd=folder, stdout=CLOSED) == (4, "", "xent: error: standard output is closed\n")


def test_a_closed_output_as_json(folder: Path) -> None:
    run = xent("score", "good.csv", "--format", "json", cwd=folder, stdout=CLOSED)
    assert (run.code, error_of(run)["message"]) == (4, "standard output is closed")


@pytest.mark.parametrize(
    ("redirection", "expected"),
    [
        (">&-", (4, "", "xent: error: standard output is closed\n")),
        ("-o out >&-", (0, "", "")),
        pytest.param(">/dev/full", (4, "", NO_SPACE), marks=FULL),
    ],
)
def test_an_output_of_a_process_that_is_closed_or_full(
    redirection: str, expected: tuple[int, str, str], folder: Path
) -> None:
    assert shell(f'xent "$@" {redirection}', "score", "good.csv", cwd=folder) == expected
    assert "out" not in redirection or LOG_LOSS in (folder / "out").read_text()


@pytest.mark.parametrize("redirection", ["2>&-", "<&-"])
def test_other_streams_do_not_change_the_result(redirection: str, folder: Path) -> None:
    run = shell(f'xent "$@" {redirection}', "score", "noted.csv", "--format", "json", cwd=folder)
    assert run.code == 0
    assert json.loads(run.stdout)["metrics"]["infinite_rows"] == 1


@FULL
def test_a_full_error_stream_changes_nothing(folder: Path) -> None:
    for file in ("noted.csv", "bad.csv"):
        run = xent("score", file, "--format", "json", cwd=folder)
        full = xent("score", file, "--format", "json", cwd=folder, stderr=FULL_DISK)
        assert full == run._replace(stderr="")


def test_a_closed_error_stream_does_not_change_an_error(folder: Path) -> None:
    assert shell('xent "$@" 2>&-', "score", "bad.csv", cwd=folder) == (3, "", "")


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


def test_a_c_locale_has_the_same_json(folder: Path) -> None:
    (folder / "accent.csv").write_text(ACCENT, encoding="utf-8")
    arguments = ("score", "accent.csv", "--format", "json")
    run = process(*arguments, cwd=folder, env=C_LOCALE)
    assert run == xent(*arguments, cwd=folder)
    assert json.loads(run.stdout)["classes"] == ["b", "é"]


def test_a_c_locale_has_an_error(folder: Path) -> None:
    (folder / "accent.csv").write_text(ACCENT + "b,7\n", encoding="utf-8")
    run = process("score", "accent.csv", cwd=folder, env=C_LOCALE)
    assert (run.code, run.stdout) == (3, "")
    assert "Traceback" not in run.stderr
    assert 'line 4, column "prob_' in run.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--prob", "prob_é", "--classes", "é,b", "--positive", "é"),
        pytest.param(("--positive", "é"), marks=pytest.mark.slow),
        pytest.param(("--prob", "prob_é"), marks=pytest.mark.slow),
    ],
)
def test_a_c_locale_has_arguments_and_files_beyond_ascii(arguments: tuple[str, ...], folder: Path) -> None:
    (folder / "accent.csv").write_text(ACCENT, encoding="utf-8")
    asked = ("score", "accent.csv", *arguments, "--format", "json")
    assert process(*asked, "-o", "é.json", cwd=folder, env=C_LOCALE) == (0, "", "")
    written = (folder / "é.json").read_text(encoding="utf-8")
    assert written == xent(*asked, cwd=folder).stdout
    assert json.loads(written)["metrics"]["log_loss"] == pytest.approx(loss(0.75, 0.625), rel=1e-13)


@pytest.mark.parametrize("env", [{}, C_LOCALE])
def test_a_file_name_that_is_no_text(env: dict[str, str], folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9.csv")
    try:
        (folder / name).write_text(GOOD)
    except OSError:
        pytest.skip("file names of this file system are UTF-8")
    run = process if env else xent
    table = run("score", name, cwd=folder, env=env)
    assert (table.code, table.stderr) == (0, "")
    assert LOG_LOSS in table.stdout
    document = run("score", name, "--format", "json", cwd=folder, env=env)
    assert json.loads(document.stdout)["inputs"][0]["name"] == name
