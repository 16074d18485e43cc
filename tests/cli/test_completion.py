"""Completion: the answers to a shell, and the scripts in the shells themselves where they are installed."""

from __future__ import annotations

import json
import os
import pty
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.runner import environment, read, xent

TEXT = "id,outcome,p_a,p_b,my site\n1,a,0.75,0.25,x\n2,b,0.375,0.625,y\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a file of predictions, one with a single score, and the command of this package."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "preds.csv").write_text(TEXT)
    (tmp_path / "one.csv").write_text("y,score\nyes,0.9\nno,0.25\n")
    command = tmp_path / "bin" / "xent"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m xentcli "$@"\n')
    command.chmod(0o755)
    return tmp_path


def completed(folder: Path, *words: str, shell: str = "bash") -> list[str]:
    """What is offered in place of the last word: the values alone."""
    typed = "\n".join(("xent", *words))
    env = {"COMP_WORDS": typed, "COMP_CWORD": str(len(words)), "_XENT_COMPLETE": f"{shell}_complete"}
    run = xent(cwd=folder, env=env)
    assert (run.code, run.stderr) == (0, "")
    return [line.partition(",")[2] for line in run.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("sc",), ["score"]),
        (("score", "preds.csv", "--no-n"), ["--no-normalize"]),
        (("score", "preds.csv", "--unit", "b"), ["bits", "bans"]),
        (("score", "preds.csv", "--label", ""), ["id", "outcome", "p_a", "p_b", "my site"]),
        (("score", "preds.csv", "--label", "=", "o"), ["outcome"]),
        (("score", "preds.csv", "--label", "'my"), ["my site"]),
        (("score", "--unit", "bits", "preds.csv", "--prob", "p_a,p"), ["p_a,p_a", "p_a,p_b"]),
        (("worst", "preds.csv", "--show", "o"), ["outcome"]),
        (("compare", "none.csv", "preds.csv", "--on", "i"), ["id"]),
        (("score", "--labels", "one.csv", "preds.csv", "--label", "o"), ["outcome"]),
        (("score", "preds.csv", "--bins", "i"), ["id="]),
        (("score", "one.csv", "--positive", ""), ["no", "yes"]),
        (("score", "preds.csv", "--label", "outcome", "--classes", "b,"), ["b,a", "b,b"]),
        (("score", "preds.csv", "--label", "outcome", "--class-weight", "a=2,b"), ["a=2,b="]),
        (("gate", "preds.csv", "--label", "outcome", "--require", "recall[a"), ["recall[a]"]),
        (("gate", "preds.csv", "--require", "'accuracy_l"), ["accuracy_low"]),
        (("explain", "miscal"), ["miscalibration"]),
        (("plot", "m"), ["mcb-dsc", "murphy"]),
        (("plot", "roc", "preds.csv", "--label", "o"), ["outcome"]),
        (("plot", "reliability", "preds.csv", "--band", "con"), ["consistency", "confidence"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
        (("score", "pre"), ["pre"]),
        (("score", "preds.csv", "--labels", "x"), ["x"]),
    ],
)  # fmt: skip
def test_what_is_offered(words: tuple[str, ...], found: list[str], folder: Path) -> None:
    assert completed(folder, *words) == found


@pytest.mark.parametrize(
    "words",
    [
        ("score", "none.csv", "--label", ""), ("score", "-", "--label", ""), ("score", "--label", ""),
        ("score", "s3://b/x.csv", "--label", ""), ("nothing", ""), ("score", "bin", "--label", ""),
    ],
)  # fmt: skip
def test_where_nothing_is_known_nothing_is_said(words: tuple[str, ...], folder: Path) -> None:
    assert completed(folder, *words) == []


@pytest.mark.parametrize("text", ["", "\0", '{"a": 1', "a,b\n\xff", 'a,"b\nc",d\n1,2,3\n'])
def test_odd_files_break_no_shell(text: str, folder: Path) -> None:
    (folder / "preds.csv").write_bytes(text.encode("latin-1"))
    assert "b\nc" not in completed(folder, "score", "preds.csv", "--label", "")


@pytest.mark.parametrize("asked", ["", "bash", "sh_complete", "bash_x", "bash_complete", "_"])
def test_broken_questions(asked: str, folder: Path) -> None:
    for env in ({}, {"COMP_WORDS": "xent", "COMP_CWORD": "x"}):
        assert xent(cwd=folder, env={"_XENT_COMPLETE": asked, **env})[::2] == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(shell: str, folder: Path) -> None:
    run = xent("completion", shell, cwd=folder)
    assert (run.code, run.stderr) == (0, "")
    assert f"_XENT_COMPLETE={shell}_complete" in run.stdout
    assert xent(cwd=folder, env={"_XENT_COMPLETE": f"{shell}_source"}).stdout == run.stdout
    assert xent("completion", "csh", cwd=folder).code == 2


NEEDS = {
    shell: pytest.mark.skipif(shutil.which(shell) is None, reason=f"needs {shell}")
    for shell in ("bash", "zsh", "fish")
}
COMMANDS = {  # without the files of whoever runs the tests
    "bash": ("bash", "--norc", "--noprofile"), "zsh": ("zsh", "-f"), "fish": ("fish", "--no-config"),
}  # fmt: skip
LOADED = {
    "bash": 'eval "$(xent completion bash)"',
    "zsh": 'autoload -Uz compinit; compinit -u -D; eval "$(xent completion zsh)"',
    "fish": "xent completion fish | source",
}


def in_shell(shell: str, folder: Path, script: str) -> list[str]:
    """The lines that a script prints where the completion of xent is loaded."""
    done = subprocess.run(
        [*COMMANDS[shell], "-c", f"{LOADED[shell]}\n{script}"], cwd=folder, env=_with_path(folder),
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.splitlines()


def in_bash(folder: Path, *words: str) -> list[str]:
    """What the function that the script defines offers, in a real bash."""
    listed = " ".join(map(shlex.quote, words))
    ask = f"COMP_WORDS=(xent {listed}); COMP_CWORD={len(words)}; _xent_completion xent 2>/dev/null"
    return in_shell("bash", folder, f'{ask}; printf "%s\\n" "${{COMPREPLY[@]}}"')


def _with_path(folder: Path) -> dict[str, str]:
    package = str(Path(__file__).parents[2])
    return environment(PATH=f"{folder / 'bin'}:{os.environ['PATH']}", PYTHONPATH=package, TERM="dumb")


def test_bash_quotes_what_it_inserts(folder: Path) -> None:
    (folder / "preds.csv").write_text(TEXT.replace("p_a", "$(touch x)").replace("p_b", "*"))
    assert in_bash(folder, "score", "preds.csv", "--label", "") == [
        "id", "outcome", "\\$\\(touch\\ x\\)", "\\*", "my\\ site",
    ]  # fmt: skip
    assert in_bash(folder, "score", "preds.csv", "--label", "'my") == ["my site"]
    assert in_bash(folder, "score", "preds.csv", "--prob", "id,o") == ["id,outcome"]
    assert not (folder / "x").exists()


@pytest.mark.parametrize(
    "shell", [pytest.param("bash", marks=NEEDS["bash"]), pytest.param("zsh", marks=NEEDS["zsh"])]
)
def test_an_interactive_shell_completes(shell: str, folder: Path) -> None:
    child, master = pty.fork()
    if not child:
        os.chdir(folder)
        os.execvpe(shell, [*COMMANDS[shell], "-i"], _with_path(folder))
    lines = [
        f'{LOADED[shell]}; PS1=; echo rea""dy\n',
        "xent col\tone.\t--label=y --prob=sc\t-o x.j''son; echo do''ne\n",
    ]
    shown = b""
    for line, wanted in zip(lines, (b"ready", b"done"), strict=True):
        os.write(master, line.encode())
        deadline = time.monotonic() + 60
        while wanted not in shown and time.monotonic() < deadline:
            shown += read(master)
    os.write(master, b"exit\n")
    os.waitpid(child, 0)
    os.close(master)
    assert json.loads((folder / "x.json").read_text())["inputs"][0]["name"] == "one.csv"


@NEEDS["zsh"]
def test_zsh_reads_its_script(folder: Path) -> None:
    assert in_shell("zsh", folder, "print ${_comps[xent]}") == ["_xent_completion"]


@NEEDS["fish"]
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("--label ou", ["outcome"]),
        ("--label=ou", ["--label=outcome"]),
        ("--labels=on", ["--labels=one.csv"]),
        ("--label m", ["my site"]),
        ("--bins i", ["id="]),
    ],
)
def test_fish_completes(typed: str, offered: list[str], folder: Path) -> None:
    found = in_shell("fish", folder, f"complete -C 'xent score preds.csv {typed}'")
    assert [line.partition("\t")[0] for line in found] == offered
