"""The README is executed: its commands print what it shows, and what it lists is what there is."""

from __future__ import annotations

import doctest
import re

import click
import pytest

import xentcli
import xentcli.api.scoring
from tests.transcript import ROOT, UPDATE, run_line
from xentcli.cli.commands import xent
from xentcli.results.metrics import METRICS

README = ROOT / "README.md"
_BLOCK = re.compile(r"^```console\n\$ (.*)\n(?s:(.*?))^```$", re.M)


def _blocks() -> list[tuple[str, str]]:
    return _BLOCK.findall(README.read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", [command for command, _ in _blocks()])
def test_command_prints_what_the_readme_shows(command: str) -> None:
    done = run_line(command)
    printed = "".join(line.rstrip() + "\n" for line in (done.stderr + done.stdout).splitlines())
    if UPDATE:
        text = README.read_text(encoding="utf-8")
        block = next(match for match in _BLOCK.finditer(text) if match[1] == command)
        README.write_text(text[: block.start(2)] + printed + text[block.end(2) :], encoding="utf-8")
    assert printed == dict(_blocks())[command]


def test_python_examples_of_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(README), module_relative=False)
    assert result.attempted > 2
    assert not result.failed


@pytest.mark.parametrize("module", [xentcli, xentcli.api.scoring])
def test_docstring_examples(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]  # modules as parameters are objects to mypy
    assert result.attempted
    assert not result.failed


def test_ci_runs_the_commands_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").replace(" --quiet", "")
    blocks = re.findall(r"^```sh\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S)
    install, test = blocks[:2]
    assert install.strip() in script
    for part in test.strip().split(" && "):
        assert part in script


def test_every_metric_stands_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in METRICS if f"`{name}`" not in text] == []


def test_every_option_of_the_readme_exists() -> None:
    # --quick of the benchmarks, --slow of the tests, --json of gh, --probabilities of vw, the others of Dask
    known = {"--version", "--help", "--quick", "--slow", "--json", "--nworkers", "--nthreads", "--probabilities"}
    for name in xent.list_commands(click.Context(xent)):
        command = xent.get_command(click.Context(xent), name)
        assert command is not None
        known |= {
            option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
        }
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README.read_text(encoding="utf-8")))
    assert used <= known
