"""README and pages are executed: their commands print what they show, and what they list is what there is."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import click
import pytest

import xentcli
import xentcli.api.scoring
import xentcli.api.states
from tests.transcript import DOCUMENTS, ROOT, UPDATE, run_line
from xentcli.cli.commands import xent
from xentcli.docs import TOPICS
from xentcli.results.metrics import METRICS

README = ROOT / "README.md"
_BLOCK = re.compile(r"^```console\n\$ (.*)\n(?s:(.*?))^```$", re.M)


def _blocks(text: str) -> list[tuple[str, str]]:
    return _BLOCK.findall(text)


WRITTEN = {path: path.read_text(encoding="utf-8") for path in DOCUMENTS}


@pytest.mark.parametrize(
    ("path", "command"),
    [
        pytest.param(path, command, id=f"{path.name}: {command}")
        for path, text in WRITTEN.items() for command, _ in _blocks(text)
    ],
)  # fmt: skip
def test_command_prints_what_is_shown(path: Path, command: str, tmp_path: Path) -> None:
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    done = run_line(command, tmp_path if " -o " in command else ROOT)
    printed = "".join(line.rstrip() + "\n" for line in (done.stderr + done.stdout).splitlines())
    text = path.read_text(encoding="utf-8")
    if UPDATE:
        block = next(match for match in _BLOCK.finditer(text) if match[1] == command)
        text = text[: block.start(2)] + printed + text[block.end(2) :]
        path.write_text(text, encoding="utf-8")
    assert printed == dict(_blocks(text))[command]


@pytest.mark.parametrize(
    "path", [path for path, text in WRITTEN.items() if ">>> " in text], ids=lambda path: path.name
)
def test_python_examples(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(path), module_relative=False)
    assert result.attempted > 2
    assert not result.failed


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", WRITTEN[path])
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


def test_every_page_has_a_topic() -> None:
    assert {path.stem for path in DOCUMENTS} - {"README"} == set(TOPICS)


def test_the_readme_is_short() -> None:
    assert len(WRITTEN[README].splitlines()) <= 300


@pytest.mark.parametrize("module", [xentcli, xentcli.api.scoring, xentcli.api.states])
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


def test_the_page_of_metrics_is_made_from_the_table() -> None:
    path = ROOT / "xentcli" / "docs" / "metrics.md"
    cells = (
        (f"`{name}`", each.title, f"{each.meaning}: {each.formula}", each.unit or "none")
        for name, each in METRICS.items()
    )
    rows = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in cells)
    table = "| metric | shown as | definition | unit |\n|---|---|---|---|\n" + "".join(rows)
    text = path.read_text(encoding="utf-8")
    if UPDATE:
        text = re.sub(r"^\| metric \| .*\n(?:\|.*\n)+", lambda _: table, text, flags=re.M)
        path.write_text(text, encoding="utf-8")
    assert table in text


def test_every_option_that_is_written_exists() -> None:
    # --quick of the benchmarks, --slow of the tests, --probabilities of vw, some of gh and of Dask
    known = {
        "--edit-last",
        "--body-file",
        "--version",
        "--help",
        "--quick",
        "--slow",
        "--json",
        "--nworkers",
        "--nthreads",
        "--probabilities",
    }
    for name in xent.list_commands(click.Context(xent)):
        command = xent.get_command(click.Context(xent), name)
        assert command is not None
        known |= {
            option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
        }
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", "".join(WRITTEN.values())))
    assert used <= known
