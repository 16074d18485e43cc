"""Ctrl-C and SIGTERM at any moment: their exit code, in silence. What precedes our first line is Python's."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from itertools import cycle, product
from pathlib import Path
from random import Random

import pytest

from tests.cli.inputs import GOOD
from tests.cli.runner import FOREGROUND, START, Forks, process, process_after, start

SIGNAL_SECONDS = 5.0  # about one, but on a busy machine; what does not end takes minutes
INT, TERM = (signal.SIGINT, 130), (signal.SIGTERM, 143)
SIGNALS = pytest.mark.parametrize(("number", "code"), [INT, TERM], ids=["SIGINT", "SIGTERM"])
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


MODULES = ("xentcli.cli.shortage", "click", "numpy", "msgspec", "rich.console")
WAYS = [(START, *INT), (MODULE, *TERM), (START, *TERM), (MODULE, *INT)]
FEW = [(module, *way) for module, way in zip(MODULES, cycle(WAYS), strict=False)]
MORE = [(module, *way) for module, way in product(MODULES, WAYS) if (module, *way) not in FEW]


@pytest.mark.parametrize(
    ("module", "begin", "number", "code"),
    [*FEW, *(pytest.param(*each, marks=pytest.mark.slow) for each in MORE)],
)
def test_while_a_module_is_loaded(module: str, begin: str, number: int, code: int, folder: Path) -> None:
    at_import = AT_IMPORT.replace("MODULE_NAME", repr(module)).replace("NUMBER", str(int(number)))
    command = (sys.executable, "-c", FOREGROUND + at_import + begin)
    assert process("score", "good.csv", cwd=folder, command=command) == (code, "", "")


@SIGNALS
@pytest.mark.parametrize("what", [SWALLOWED, TWICE], ids=["swallowed", "twice"])
def test_what_a_signal_raises_is_not_lost(what: str, number: int, code: int, forks: Forks, folder: Path) -> None:
    script = what.replace("NUMBER", str(int(number)))
    assert forks.xent("score", "good.csv", "-o", "out", cwd=folder, script=script) == (code, "", "")
    assert "out" not in os.listdir(folder)


@SIGNALS
@pytest.mark.parametrize("call", ["open", "replace"])
def test_while_a_file_is_written(call: str, number: int, code: int, forks: Forks, folder: Path) -> None:
    script = WHILE_WRITING.replace("NUMBER", str(int(number))).replace("CALL", repr(call))
    assert forks.xent("score", "good.csv", "-o", "out", cwd=folder, script=script) == (code, "", "")
    left = {"bad.csv", "good.csv", "noted.csv"}
    assert {*os.listdir(folder)} == (left | {"out"} if call == "replace" else left)


@SIGNALS
def test_while_an_error_is_put_into_words(number: int, code: int, forks: Forks, folder: Path) -> None:
    script = WHILE_COMPLAINING.replace("NUMBER", str(int(number)))
    assert forks.xent("score", "none.csv", cwd=folder, script=script) == (code, "", "")


def test_a_ctrl_c_that_is_ignored_stays_so(folder: Path) -> None:
    at_import = AT_IMPORT.replace("MODULE_NAME", "'numpy'").replace("NUMBER", str(int(signal.SIGINT)))
    ignoring = "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    done = process_after(ignoring + at_import, "score", "good.csv", cwd=folder)
    assert (done.code, done.stderr) == (0, "")


# The command line, to which a signal comes in a destructor, where Python drops what it raises.
DROPPING = """
import signal
import xentcli.api

class Dropping:
    def __del__(self):
        signal.raise_signal(NUMBER)

def dropping(request, read=xentcli.api.gate_of):
    Dropping()
    return read(request)

xentcli.api.gate_of = dropping
"""


@SIGNALS
def test_a_signal_that_comes_where_nothing_can_be_raised_is_not_lost(number: int, code: int) -> None:
    """It comes again while standard input, to which nobody writes, is waited for."""
    script = FOREGROUND + DROPPING.replace("NUMBER", str(int(number))) + START
    with subprocess.Popen(
        [sys.executable, "-c", script, "score", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.wait(20) == code
        assert process.stderr is not None
        assert process.stderr.read() == b""


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file that takes a while to read when it is given many times."""
    folder = tmp_path_factory.mktemp("long")
    (folder / "long.csv").write_text("label,p_a,p_b\n" + GOOD.partition("\n")[2] * 400_000)
    return folder


LONG_READ = ("score", *["long.csv"] * 400)


def wait_for_the_read(process: subprocess.Popen[bytes], name: str) -> None:
    """Return once `process` has opened the file; without /proc, after what imports take at most."""
    descriptors = Path(f"/proc/{process.pid}/fd")
    deadline = time.monotonic() + (20 if descriptors.exists() else 2)
    while time.monotonic() < deadline:
        assert process.poll() is None
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile, or no /proc
            if any(os.readlink(each).endswith(f"/{name}") for each in descriptors.iterdir()):
                break
        time.sleep(0.01)
    time.sleep(0.2)  # past the headers, into the rows


@SIGNALS
@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_signal_during_a_long_read(number: signal.Signals, code: int, threads: str, long: Path) -> None:
    output = long / f"{code}-{threads}"
    output.mkdir()
    (output / "out.json").write_text("as it was")
    arguments = (*LONG_READ, "--threads", threads, "--format", "json", "--output", output / "out.json")
    process = start(*map(str, arguments), cwd=long)
    wait_for_the_read(process, "long.csv")
    began = time.monotonic()
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=30)
    assert time.monotonic() - began < SIGNAL_SECONDS
    assert (process.returncode, stdout, stderr) == (code, b"", b"")
    assert [path.name for path in output.iterdir()] == ["out.json"]
    assert (output / "out.json").read_text() == "as it was"


@pytest.mark.slow
def test_whenever_a_signal_comes_in_a_long_read_it_is_not_lost(long: Path) -> None:
    """Arrow's own handlers lost one in twenty, at the end of a block that the main thread read."""
    random = Random(1)
    for _ in range(60):
        process = start(*LONG_READ, "--threads", "1", cwd=long)
        wait_for_the_read(process, "long.csv")
        time.sleep(random.random() / 4)
        process.terminate()
        assert (process.wait(SIGNAL_SECONDS), *process.communicate()) == (143, b"", b"")


@SIGNALS
def test_a_signal_while_the_reader_is_asleep(number: signal.Signals, code: int, wide: Path) -> None:
    process = start("score", "wide.csv", "--format", "json", cwd=wide)
    assert process.stdout is not None
    process.stdout.read(1)  # it writes: the pipe fills up, and nobody reads on
    time.sleep(0.1)
    began = time.monotonic()
    process.send_signal(number)
    process.wait(timeout=30)
    assert time.monotonic() - began < SIGNAL_SECONDS
    assert (process.returncode, process.communicate()[1]) == (code, b"")
