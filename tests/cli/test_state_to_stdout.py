"""`--save-state -`: the state goes to standard output, the report where `--output` says or nowhere."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.in_process import FULL_DISK
from tests.cli.runner import on_terminal, shell, xent

TEXT = "label,prob\n1,0.9\n0,0.2\n1,0.6\n0,0.7\n"
COMMANDS = {
    "score": ("score", "a.csv"),
    "compare": ("compare", "a.csv", "b.csv"),
    "rank": ("rank", "a.csv", "b.csv"),
    "divergence": ("divergence", "a.csv", "b.csv"),
    "merge": ("merge", "a.state"),
}


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "surrogateescape")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text(TEXT)
    (tmp_path / "b.csv").write_text(TEXT.replace("0.9", "0.8"))
    assert xent("score", "a.csv", "--save-state", "a.state", cwd=tmp_path).code == 0
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_the_state_is_that_of_a_file(command: tuple[str, ...], folder: Path) -> None:
    saved = xent(*command, "--save-state", "s.state", cwd=folder)
    streamed = xent(*command, "--save-state", "-", "-o", "report.txt", cwd=folder)
    assert streamed == saved._replace(stdout=_text(folder / "s.state"))
    assert xent(*command, "-o", "again.txt", cwd=folder) == saved._replace(stdout="")
    assert (folder / "report.txt").read_text() == (folder / "again.txt").read_text()
    assert xent(*command, "--save-state", "-", cwd=folder) == streamed
    assert not (folder / "-").exists()


def test_a_state_in_a_pipe_is_merged(folder: Path) -> None:
    run = shell("xent score a.csv --save-state - | xent merge - --json", cwd=folder)
    assert run == xent("merge", "a.state", "--json", cwd=folder)


def test_a_verdict_keeps_its_exit_code(folder: Path) -> None:
    run = xent("score", "a.csv", "--save-state", "-", "--require", "accuracy >= 1", cwd=folder)
    assert (run.code, run.stdout) == (1, _text(folder / "a.state"))
    assert "accuracy" in run.stderr


def test_a_failure_writes_nothing(folder: Path) -> None:
    (folder / "a.csv").write_text(f"{TEXT}1,nonsense\n")
    run = xent("score", "a.csv", "--save-state", "-", "-o", "report.txt", cwd=folder)
    assert (run.code, run.stdout, (folder / "report.txt").exists()) == (3, "", False)


@pytest.mark.parametrize("command", ["score", "worst"])
def test_a_part_without_rows_is_written_all_the_same(command: str, folder: Path) -> None:
    (folder / "empty.csv").write_text("label,prob\n")
    run = xent(command, "empty.csv", "--save-state", "-", "-o", "report.txt", cwd=folder)
    assert (run.code, (folder / "report.txt").exists()) == (3, False)
    says = "its state was written: for xent merge it is a part without rows to score"
    assert run.stderr == f"xent: error: empty.csv: no rows\n  hint: {says}\n"
    saved = xent(command, "empty.csv", "--save-state", "empty.state", cwd=folder)
    assert (saved.code, run.stdout) == (3, _text(folder / "empty.state"))
    assert saved.stderr == run.stderr.replace("its state", "empty.state")


@pytest.mark.parametrize("command", ["score", "worst"])
def test_an_empty_night_leaves_the_total_as_it_was(command: str, folder: Path) -> None:
    (folder / "empty.csv").write_text("label,prob\n")
    assert xent(command, "a.csv", "--save-state", "total.state", cwd=folder).code == 0
    before = xent("merge", "total.state", "--format", "csv", cwd=folder).stdout
    pipe = (
        f"xent {command} empty.csv --save-state - | xent merge - total.state --save-state total.state --format csv"
    )
    run = shell(pipe, cwd=folder)
    assert (run.code, run.stdout) == (0, before)
    assert "1 part had no row to score" in run.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a device that is always full")
def test_a_full_disk(folder: Path) -> None:
    assert xent("score", "a.csv", "--save-state", "-", cwd=folder, stdout=FULL_DISK).code == 4


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_two_documents_cannot_share_an_output(command: tuple[str, ...], folder: Path) -> None:
    run = xent(*command, "--save-state", "-", "-o", "-", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert "--output and --save-state both write standard output" in run.stderr
    run = on_terminal(*command, "--save-state", "-", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert "a state is not for a terminal" in run.stderr
