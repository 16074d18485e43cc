"""Colors and widths are a terminal's; no number is lost to either."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.inputs import GOOD
from tests.cli.runner import on_terminal, plain, process_on_terminal, xent


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


@pytest.mark.parametrize("arguments", [("score", "noted.csv"), ("score", "bad.csv"), ("score",)])
def test_a_terminal_within_this_process_is_a_terminal(arguments: tuple[str, ...], folder: Path) -> None:
    """Without a file to score it does not wait for one from the keyboard."""
    run = process_on_terminal(*arguments, cwd=folder, width=60)
    assert run == on_terminal(*arguments, cwd=folder, width=60)
    assert run.code == {("score",): 2, ("score", "bad.csv"): 3}.get(arguments, 0)
    assert run.stderr.startswith("Usage: xent score ") == (arguments == ("score",))
