"""Notices, version and help: what a run says besides results and errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runner import xent
from xentcli import __version__


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
