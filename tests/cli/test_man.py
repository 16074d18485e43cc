"""The manual pages, which `python -m xentcli.cli.man DIR` writes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.cli.runner import process
from xentcli.cli.commands import COMMANDS
from xentcli.cli.commands import xent as root
from xentcli.cli.man import escaped, write_pages

PAGES = ["xent", *(f"xent-{name}" for name in COMMANDS)]
MAN = (sys.executable, "-m", "xentcli.cli.man")
CHECKS = {
    "groff": ["groff", "-man", "-ww", "-z", "-Tutf8"],
    "mandoc": ["mandoc", "-T", "lint", "-W", "warning"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("man") / "man1"
    write_pages(folder)
    return folder


def plain(page: Path) -> str:
    """What a page says, without fonts and escapes of hyphens and quotes."""
    return re.sub(r"\\f[BIR]", "", page.read_text()).replace(r"\-", "-").replace(r"\(aq", "'")


def test_each_command_has_a_page_and_each_option_an_entry(folder: Path) -> None:
    assert sorted(page.stem for page in folder.iterdir()) == sorted(PAGES)
    overview = plain(folder / "xent.1")
    for name in COMMANDS:
        assert f".TP\nxent-{name}(1)\n" in overview
        command = root.get_command(click.Context(root), name)
        assert command is not None
        text = plain(folder / f"xent-{name}.1")
        for option in command.params:
            if isinstance(option, click.Option):
                flags = "|".join(option.opts + option.secondary_opts)
                assert re.search(rf"^\.TP\n(-\w, )?({flags})\b", text, re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_usual_sections(name: str, folder: Path) -> None:
    sections = re.findall(r"^\.SH (.*)$", (folder / f"{name}.1").read_text(), re.MULTILINE)
    assert sections[:3] == ["NAME", "SYNOPSIS", "DESCRIPTION"]
    assert sections[-3:] == ["ENVIRONMENT", "FILES", "SEE ALSO"]
    assert {"OPTIONS", "EXAMPLES"} < set(sections)
    assert ("EXIT STATUS" in sections) == (name != "xent")


@pytest.mark.parametrize("checker", CHECKS)
def test_the_pages_render_without_warnings(checker: str, folder: Path) -> None:
    if shutil.which(checker) is None:
        pytest.skip(f"{checker} is not installed")
    done = subprocess.run([*CHECKS[checker], *folder.iterdir()], capture_output=True, text=True, check=False)
    warnings = (done.stdout + done.stderr).splitlines()
    assert [line for line in warnings if "missing date" not in line] == []  # the same version has the same bytes


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_roff_shows_what_was_escaped() -> None:
    text = r".a 'b' `c` \d --e ^~ …"
    page = f".TH A 1\n.SH B\n{escaped(text)}\n"
    done = subprocess.run(["groff", "-man", "-Tutf8"], input=page, capture_output=True, text=True, check=True)
    assert text in done.stdout


def test_the_command_writes_the_same_bytes_again(folder: Path, tmp_path: Path) -> None:
    assert process("new", cwd=tmp_path, command=MAN) == (0, "", "")
    written = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert written == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = process("file/man1", cwd=tmp_path, command=MAN)
    assert run == (1, "", "Error: Could not open file 'file/man1': not a directory\n")
