"""Notices, version and help: what a run says besides results and errors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from tests.cli.runner import on_terminal, xent
from xentcli import __version__
from xentcli.cli.commands import COMMANDS
from xentcli.cli.commands import xent as root
from xentcli.cli.help import SECTIONS, name_of
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


def test_help_says_everything(folder: Path) -> None:
    text = xent("score", "--help", cwd=folder).stdout
    for option in ("--label", "--prob", "--logit", "--logprob", "--classes", "--positive", "--weight", "--clip",
                   "--normalize", "--sum-tolerance", "--delimiter", "--threads", "--format", "--unit", "--output",
                   "--quiet", "--no-color"):  # fmt: skip
        assert option in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_stands_in_one_group_of_the_help(name: str, folder: Path) -> None:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    known = [each for names in SECTIONS.values() for each in names]
    assert len(known) == len(set(known))
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert {name_of(each) for each in options} <= set(known)
    text = xent(name, "--help", cwd=folder).stdout
    for option in options:
        listed = re.findall(rf"^  (?:-\w, )?--?(?:no-)?{name_of(option)}\b(?!-)", text, re.MULTILINE)
        assert len(listed) == (1 if name_of(option) != "config" else 2)  # and --no-config


def test_the_headings_are_bold_on_a_terminal(folder: Path) -> None:
    assert "\x1b[1mColumns\x1b[0m:" in on_terminal("score", "--help", cwd=folder).stdout
    plain = xent("score", "--help", cwd=folder)
    assert on_terminal("score", "--help", cwd=folder, env={"NO_COLOR": "1"}) == plain
    assert "\x1b" not in plain.stdout


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


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_is_markdown_in_a_pipe_and_laid_out_on_a_terminal(topic: str, folder: Path) -> None:
    assert xent("help", topic, cwd=folder) == (0, page(topic), "")
    laid_out = xent("help", topic, cwd=folder, env={"COLUMNS": "60"}).stdout
    assert max(map(len, laid_out.splitlines())) <= 60
    assert "```" not in laid_out


def test_help_of_a_command_is_its_own(folder: Path) -> None:
    assert xent("help", "score", cwd=folder) == xent("score", "--help", cwd=folder)


def test_no_such_page(folder: Path) -> None:
    run = xent("help", "format", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert 'there is no page on "format"' in run.stderr
    assert "xent help formats" in run.stderr
