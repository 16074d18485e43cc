"""Notices, version and help: what a run says besides results and errors."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pytest

from tests.cli.runner import ANSI, on_terminal, xent
from xentcli import __version__
from xentcli.cli.commands import COMMANDS
from xentcli.cli.commands import xent as root
from xentcli.cli.help import COMMON, SECTIONS, GroupedCommand
from xentcli.cli.help.epilog import Epilog, command_lines
from xentcli.cli.help.page import name_of
from xentcli.docs import TOPICS, page


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


def command_of(name: str) -> GroupedCommand:
    command = root.get_command(click.Context(root), name)
    assert isinstance(command, GroupedCommand)
    return command


def options_of(name: str) -> list[str]:
    return [name_of(each) for each in command_of(name).params if isinstance(each, click.Option)]


def test_the_groups_and_the_common_options_name_options_that_exist() -> None:
    known = {option for name in COMMANDS for option in options_of(name)} | {"help"}
    grouped = [each for names in SECTIONS.values() for each in names]
    assert sorted(known) == sorted(grouped)
    assert set(COMMON) - {""} <= set(COMMANDS)
    assert {option for options in COMMON.values() for option in options} <= known
    assert [name for name in COMMON if name and not {*COMMON[name]} <= {*options_of(name)}] == []


def test_the_group_that_a_command_is_about_comes_first(folder: Path) -> None:
    for name, title in {"gate": "Requirements", "worst": "Rows listed", "score": "Columns"}.items():
        groups = [
            line for line in xent(name, "--help", cwd=folder).stdout.splitlines() if re.fullmatch(r"\w.*:", line)
        ]
        assert groups[0] == f"{title}:"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_is_one_screen(name: str, folder: Path) -> None:
    for width, lines in (80, 50), (60, 75):
        page = xent(*name.split(), "--help", cwd=folder, env={"COLUMNS": str(width)}).stdout.splitlines()
        assert max(map(len, page)) <= width
        assert len(page) <= lines


@pytest.mark.parametrize("name", COMMANDS)
def test_help_names_every_option_and_the_page_of_the_command_explains_it(name: str, folder: Path) -> None:
    short, all_of_it = (xent(*words, cwd=folder).stdout for words in ([name, "--help"], ["help", name]))
    for option in options_of(name):
        flag = rf"--?(?:no-)?{option}(?![\w-])"
        assert re.search(rf"(?<![\w-]){flag}", short)
        assert re.search(rf"^  (?:-\w, )?{flag}.*(?:  |\n {{20,}})\S", all_of_it, re.MULTILINE)
    for example in Epilog.parse(command_of(name).epilog).examples:
        assert example.command in all_of_it.replace(" \\\n      ", " ")


@pytest.mark.parametrize("width", [58, 76])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_shell_reads_an_example_on_several_lines_as_one(name: str, width: int) -> None:
    for command, _ in Epilog.parse(command_of(name).epilog).examples:
        lines = command_lines(command, width)
        assert max(map(len, lines)) <= width
        words = shlex.split("\n".join(lines))  # which takes an escaped end of line as a word
        assert [word for word in words if word != "\n"] == shlex.split(command)


def test_options_are_bold_and_values_underlined_on_a_terminal(folder: Path) -> None:
    plain = xent("score", "--help", cwd=folder)
    shown = on_terminal("score", "--help", cwd=folder)
    assert "\x1b[1mColumns\x1b[0m:" in shown.stdout
    assert "  \x1b[1m-o\x1b[0m, \x1b[1m--output\x1b[0m \x1b[4mFILE\x1b[0m   " in shown.stdout
    assert (ANSI.sub("", shown.stdout), "\x1b" in plain.stdout) == (plain.stdout, False)
    for env in {"NO_COLOR": "1"}, {"TERM": "dumb"}:
        assert on_terminal("score", "--help", cwd=folder, env=env) == plain
    assert on_terminal("score", "--help", "--no-color", cwd=folder) == plain
    assert xent("score", "--help", cwd=folder, env={"FORCE_COLOR": "1"}) == shown


def test_nothing_alone_is_the_overview(folder: Path) -> None:
    assert xent(cwd=folder) == xent("--help", cwd=folder)
    assert xent(cwd=folder).code == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["good.csv"], "xent score good.csv"),
        (["-"], "xent score -"),
        (["shards/*.parquet", "--unit", "bits"], "xent score 'shards/*.parquet' --unit bits"),
        (["none.jsonl.gz"], "xent score none.jsonl.gz"),
    ],
)
def test_a_file_without_a_command(words: list[str], hint: str, folder: Path) -> None:
    run = xent(*words, cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    message = f'xent: error: there is no command "{words[0]}": a file stands behind one'
    assert run.stderr == f"{message}\n  hint: {hint}\n"


def test_a_command_misspelt(folder: Path) -> None:
    run = xent("scor", "good.csv", cwd=folder)
    assert (run.code, 'Did you mean "score"?' in run.stderr) == (2, True)


def test_help_lists_the_topics(folder: Path) -> None:
    run = xent("help", cwd=folder)
    assert (run.code, run.stderr) == (0, "")
    assert [topic for topic in TOPICS if f"xent help {topic} " not in run.stdout] == []
    assert max(map(len, xent("help", cwd=folder, env={"COLUMNS": "60"}).stdout.splitlines())) <= 60


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_is_markdown_in_a_pipe_and_laid_out_on_a_terminal(topic: str, folder: Path) -> None:
    in_pipe = xent("help", topic, cwd=folder)
    assert in_pipe.stdout.endswith(page(topic))
    assert (in_pipe.stdout == page(topic)) == (topic not in COMMANDS)  # else all options come first
    laid_out = xent("help", topic, cwd=folder, env={"COLUMNS": "60"}).stdout
    assert max(map(len, laid_out.splitlines())) <= 60
    assert "```" not in laid_out


def test_no_such_page(folder: Path) -> None:
    run = xent("help", "format", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert 'there is no page on "format"' in run.stderr
    assert "xent help formats" in run.stderr
