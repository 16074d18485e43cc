"""Ctrl-C and SIGTERM at any moment: their exit code, in silence. What precedes our first line is Python's."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.runner import Run, environment

GOOD = "label,p_a,p_b\na,0.75,0.25\nb,0.375,0.625\n"
SIGNALS = pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
# The handlers of a shell's foreground job, whatever runs the tests.
FOREGROUND = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
SCRIPT = "from xentcli.__main__ import main; main()"
MODULE = "import runpy; runpy.run_module('xentcli', run_name='__main__', alter_sys=True)"
# A signal comes when this module is looked for.
AT_IMPORT = """
import os, sys
class Signalling:
    def find_spec(self, name, path=None, target=None):
        if name == MODULE_NAME:
            os.kill(os.getpid(), NUMBER)
sys.meta_path.insert(0, Signalling())
"""
SWALLOWED = """
import signal, xentcli.api
from xentcli.cli.signals import Stopped
def gate_of(request, score=xentcli.api.gate_of):
    try:
        signal.raise_signal(NUMBER)
    except Stopped:
        pass
    return score(request)
xentcli.api.gate_of = gate_of
"""
WHILE_COMPLAINING = """
import signal, xentcli.cli.run
xentcli.cli.run._complain = lambda *_: signal.raise_signal(NUMBER)
"""
TWICE = """
import signal, xentcli.api
def gate_of(request):
    try:
        signal.raise_signal(NUMBER)
    finally:
        signal.raise_signal(NUMBER)
        print("it went on")
xentcli.api.gate_of = gate_of
"""
# A signal comes when the temporary file has just been made, and when it has just got its name.
WHILE_WRITING = """
import os, signal
def signalling(name):
    call = getattr(os, name)
    def called(path, *rest):
        result = call(path, *rest)
        if ".xent-" in str(path):
            signal.raise_signal(NUMBER)
        return result
    setattr(os, name, called)
signalling(CALL)
"""


def run(script: str, *arguments: str, cwd: Path) -> Run:
    done = subprocess.run(
        [sys.executable, "-c", FOREGROUND + script, *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.csv").write_text(GOOD)
    return tmp_path


@SIGNALS
@pytest.mark.parametrize("start", [SCRIPT, MODULE], ids=["xent", "python -m xentcli"])
@pytest.mark.parametrize("module", ["xentcli.cli.shortage", "click", "numpy", "pyarrow", "rich.console"])
def test_while_a_module_is_loaded(module: str, start: str, number: int, code: int, folder: Path) -> None:
    script = AT_IMPORT.replace("MODULE_NAME", repr(module)).replace("NUMBER", str(int(number)))
    assert run(script + start, "score", "good.csv", cwd=folder) == (code, "", "")


@SIGNALS
@pytest.mark.parametrize("what", [SWALLOWED, TWICE], ids=["swallowed", "twice"])
def test_what_a_signal_raises_is_not_lost(what: str, number: int, code: int, folder: Path) -> None:
    script = what.replace("NUMBER", str(int(number))) + SCRIPT
    assert run(script, "score", "good.csv", "-o", "out", cwd=folder) == (code, "", "")
    assert [path.name for path in folder.iterdir()] == ["good.csv"]


@SIGNALS
@pytest.mark.parametrize("call", ["open", "replace"])
def test_while_a_file_is_written(call: str, number: int, code: int, folder: Path) -> None:
    script = WHILE_WRITING.replace("NUMBER", str(int(number))).replace("CALL", repr(call)) + SCRIPT
    assert run(script, "score", "good.csv", "-o", "out", cwd=folder) == (code, "", "")
    assert sorted(path.name for path in folder.iterdir()) == ["good.csv", "out"][: 2 if call == "replace" else 1]


@SIGNALS
def test_while_an_error_is_put_into_words(number: int, code: int, folder: Path) -> None:
    script = WHILE_COMPLAINING.replace("NUMBER", str(int(number))) + SCRIPT
    assert run(script, "score", "none.csv", cwd=folder) == (code, "", "")


def test_a_ctrl_c_that_is_ignored_stays_so(folder: Path) -> None:
    at_import = AT_IMPORT.replace("MODULE_NAME", "'numpy'").replace("NUMBER", str(int(signal.SIGINT)))
    ignoring = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    done = run(ignoring + at_import + SCRIPT, "score", "good.csv", cwd=folder)
    assert (done.code, done.stderr) == (0, "")
