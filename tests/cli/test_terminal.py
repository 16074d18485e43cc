"""Colors and widths are a terminal's; no number is lost to either."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.inputs import GOOD
from tests.cli.runner import Run, on_terminal, plain, process_on_terminal, xent
from tests.transcript import ROOT


def digits(text: str) -> Counter[str]:
    """Every digit and sign shown, wherever a narrow table has put it."""
    return Counter(re.findall(r"[0-9.%]", plain(text)))


def columns(line: str) -> int:
    """How many columns of a terminal a line takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


NARROWEST = 52  # where two columns of each table fit; a terminal that is narrower wraps the lines itself


@pytest.mark.parametrize("how", ["window", "COLUMNS"])
@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_a_full_report_shows_every_number_at_every_width(width: int, how: str, folder: Path) -> None:
    """What has no room beside the rest stands below it, so that nothing spills."""
    piped = xent("score", "good.csv", "--full", cwd=folder)
    run = shown(how, width, "score", "good.csv", "--full", cwd=folder)
    assert (run.code, run.stderr) == (0, "")
    assert max(columns(plain(line)) for line in run.stdout.splitlines()) <= max(width, NARROWEST)
    assert digits(run.stdout) == digits(piped.stdout)
    assert "…" not in run.stdout


@pytest.mark.parametrize("how", ["window", "COLUMNS"])
@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
def test_a_report_names_the_columns_that_it_has_no_room_for(width: int, how: str, folder: Path) -> None:
    piped = xent("score", "good.csv", cwd=folder)
    run = shown(how, width, "score", "good.csv", cwd=folder)
    assert (run.code, run.stderr) == (0, "")
    text = " ".join(plain(run.stdout).split())
    assert not digits(run.stdout) - digits(piped.stdout)
    assert (digits(run.stdout) < digits(piped.stdout)) == ("no room for these columns: " in text) == (width < 80)
    if width >= 40:
        assert max(columns(plain(line)) for line in run.stdout.splitlines()) <= width
        headline = plain(piped.stdout).split(" Where the loss")[0]
        assert " ".join(headline.split()) in text
    assert "…" not in run.stdout


def shown(how: str, width: int, *arguments: str, cwd: Path) -> Run:
    """On a terminal of so many columns, or on a wider one where the variable says otherwise."""
    if how == "window":
        return on_terminal(*arguments, cwd=cwd, width=width)
    return on_terminal(*arguments, cwd=cwd, width=132, env={"COLUMNS": str(width)})


@pytest.mark.parametrize("width", range(60, 201, 7))
def test_no_interval_is_broken_in_two(width: int, folder: Path) -> None:
    (folder / "other.csv").write_text(GOOD.replace("0.9", "0.8"))
    for command in (
        ("score", "good.csv", "--full"),
        ("compare", "good.csv", "other.csv"),
        ("gate", "good.csv", "--require", "log_loss <= 1", "--confidence", "0.9", "--exit-zero"),
    ):
        text = xent(*command, cwd=folder, env={"COLUMNS": str(width)}).stdout
        assert max(map(columns, text.splitlines())) <= width
        assert not re.search(r"\d *\n *(to [-+]?[0-9.]|%|nats)| to *\n *[-+]?[0-9.]", text)


@pytest.mark.parametrize(
    "command",
    [
        "worst {0}",
        "worst {0} --on id --show size --show texture --show weight",
        "gate {0} --by size --require 'log_loss[size=*] <= 0.12' --confidence 0.95 --exit-zero",
        "gradients {0}",
        "columns {0}",
        "compare {0} sample_data/breast_cancer_new.csv --on id",
    ],
)
def test_nothing_spills_from_60_columns_on(command: str) -> None:
    words = shlex.split(command.format("sample_data/breast_cancer.csv"))
    for width in (60, 80):
        text = xent(*words, cwd=ROOT, env={"COLUMNS": str(width)}).stdout
        assert max(map(columns, text.splitlines())) <= width


@pytest.mark.parametrize("command", ["score", "score --full", "worst", "compare other.csv"])
def test_long_names_are_broken_where_there_is_no_room(command: str, folder: Path) -> None:
    names = {"a": "a" * 70, "b": "b" * 50}
    text = re.sub(r"\b(p_)?([ab])\b", lambda found: (found[1] or "") + names[found[2]], GOOD)
    for name in ("long.csv", "other.csv"):
        (folder / name).write_text(text)
    for width in (60, 80):
        run = xent(*shlex.split(command), "long.csv", cwd=folder, env={"COLUMNS": str(width)})
        assert max(map(columns, run.stdout.splitlines())) <= width


def test_a_pipe_is_never_cut(folder: Path) -> None:
    name = "x" * 300
    (folder / f"{name[:200]}.csv").write_text(GOOD.replace("a", name).replace(f"l{name}bel", "label"))
    arguments = ("score", f"{name[:200]}.csv", "--full")
    run = xent(*arguments, cwd=folder)
    assert (run.code, run.stderr) == (0, "")
    assert run.stdout.count(name) >= 3  # the column, and the class with its column and in its table
    assert f"{name[:200]}.csv" in run.stdout
    assert xent(*arguments, cwd=folder, env={"TERM": "dumb"}) == run


WIDE = {"COLUMNS": "200"}


def test_colors_on_a_terminal_only(folder: Path) -> None:
    piped = xent("score", "good.csv", cwd=folder, env=WIDE)
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
    assert run == xent("score", "good.csv", cwd=folder, env=WIDE)


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


@pytest.mark.parametrize(
    "command", ["score {0}", "compare {0} {1} --on id", "gate {0} --require 'log_loss <= 0.2'"]
)
def test_a_report_of_two_classes_fits_on_a_screen(command: str) -> None:
    files = ("sample_data/breast_cancer.csv", "sample_data/breast_cancer_new.csv")
    run = xent(*shlex.split(command.format(*files)), cwd=ROOT, env={"COLUMNS": "80"})
    assert run.code == 0
    assert len(run.stdout.splitlines()) <= 36
    assert max(map(columns, run.stdout.splitlines())) <= 80
