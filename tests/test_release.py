"""The release workflow, read as a CI system does: it builds, tries and publishes what the backend can build."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.core.test_native import NEEDS_SOURCES, backend
from xentcli import __version__
from xentcli.cli.commands import COMMANDS

REPOSITORY = Path(__file__).parents[1]
WORKFLOW = REPOSITORY / ".github/workflows/release.yml"
pytestmark = [NEEDS_SOURCES, pytest.mark.skipif(not WORKFLOW.exists(), reason="a copy without dotfiles")]


def jobs() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    return found


def scripts() -> Iterator[str]:
    yield from (step["run"] for job in jobs().values() for step in job["steps"] if "run" in step)


def test_the_changelog_begins_with_this_version() -> None:
    [first, *_] = re.findall(r"^## .*$", (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert re.fullmatch(rf"## {re.escape(__version__)} \(\d{{4}}-\d\d-\d\d\)", first)


def test_each_platform_is_built_and_tried() -> None:
    targets = list(backend().TARGETS)
    [built] = [
        re.findall(r"^for target in (.*); do$", script, re.MULTILINE)
        for script in scripts()
        if "--wheel" in script
    ]
    assert built == [" ".join(targets)]
    assert [each["target"] for each in jobs()["try"]["strategy"]["matrix"]["include"]] == targets


def test_nothing_is_published_that_was_not_tried() -> None:
    found = jobs()
    needed, waiting = set(), ["publish"]
    while waiting:
        needs = found[waiting.pop()].get("needs", [])
        waiting += [needs] if isinstance(needs, str) else needs
        needed |= set(waiting)
    assert needed == set(found) - {"publish"}
    assert found["publish"]["permissions"] == {"id-token": "write"}
    assert "refs/tags/v" in found["publish"]["if"]


def test_the_scripts_are_shell_and_call_commands_that_exist() -> None:
    for script in scripts():
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
        for command in re.findall(r"\bxent (\w+)", script):
            assert command in {*COMMANDS, "in"}, script
        for path in re.findall(r"sample_data/\S+", script):
            assert (REPOSITORY / path).exists()
    assert any(
        backend().NOT_WINDOWS.endswith(said) for script in scripts() for said in re.findall(r'grep "(.*)"', script)
    )
