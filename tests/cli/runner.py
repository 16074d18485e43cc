"""Running `xent` as a user does: in its own folder, in an environment that says nothing.

`xent` and `on_terminal` stay in the process of the tests, which is fast and enough for messages, numbers, files,
colors and exit codes. Signals, pipes, locales, imports and memory need a process of its own: `process` and what
follows it here.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.cli.in_process import run_in_process, time_limit

TIMEOUT = 60  # seconds: a run that takes this long hangs
COMMAND = (sys.executable, "-m", "xentcli")
START = "\nfrom xentcli.__main__ import main; main()"
# The tests may themselves run in the background, where Ctrl-C is ignored.
FOREGROUND = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
ANSI = re.compile(r"\x1b\[[0-9;]*m")

# What would change the output of a run that does not ask for it.
_SPEAKS = re.compile(
    r"(NO|FORCE)_COLOR|COLUMNS|LINES|TERM|COLORTERM|LANG|LANGUAGE|LC_\w+|PYTHON\w+|TTY_\w+|GITHUB_\w+"
    r"|OPENBLAS_NUM_THREADS"
)


class Run(NamedTuple):
    """How a run ended and all it said, as one value: a test compares the three together."""

    code: int
    stdout: str
    stderr: str


def environment(**changes: str) -> dict[str, str]:
    """The environment of the tests without what speaks about terminals and languages, and with `changes`."""
    kept = {name: value for name, value in os.environ.items() if not _SPEAKS.fullmatch(name)}
    return {**kept, "LC_ALL": "C.UTF-8", **changes}


def xent(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: str | bytes = b"",
    timeout: float = TIMEOUT,
    **outputs: str,
) -> Run:
    """Run to the end within this process, with what fits into a pipe on standard input.

    `stdout` and `stderr` say where an output goes, as `run_in_process` has it.
    """
    given = stdin.encode() if isinstance(stdin, str) else stdin
    with time_limit(timeout) as expired:
        code, *said = run_in_process([*map(str, arguments)], cwd, environment(**(env or {})), given, **outputs)
    assert not expired, f"hangs: xent {arguments}"
    return Run(code, *map(_text, said))


def on_terminal(*arguments: str | Path, cwd: Path, width: int = 80, env: Mapping[str, str] | None = None) -> Run:
    """Run within this process with standard output on a terminal of that width."""
    master, slave = terminal(width)
    shown: list[bytes] = []
    reader = threading.Thread(target=lambda: shown.append(all_of(master)))
    reader.start()
    try:
        more = {"TERM": "xterm-256color", **(env or {})}
        run = xent(*arguments, cwd=cwd, env=more, stdout=os.ttyname(slave))
    finally:
        os.close(slave)
        reader.join()
        os.close(master)
    return run._replace(stdout=_screen_text(shown[0]))


def process(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    command: Sequence[str] = COMMAND,
    timeout: float = TIMEOUT,
) -> Run:
    """Run to the end in a process of its own, with nothing on standard input and both outputs in pipes."""
    done = subprocess.run(
        [*command, *map(str, arguments)],
        cwd=cwd,
        env=environment(**(env or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return Run(done.returncode, _text(done.stdout), _text(done.stderr))


def process_after(script: str, *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> Run:
    """Run in a process of its own that runs this Python first, as the foreground job of a shell."""
    return process(*arguments, cwd=cwd, env=env, command=(sys.executable, "-c", FOREGROUND + script + START))


class Forks:
    """Processes of their own from one that has imported the program and been prepared, in 0.03 s instead of 0.25.

    `prepare` is Python that the first one runs.
    """

    def __init__(self, prepare: str = "") -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-c", f"{FOREGROUND}{prepare}\n{_SERVER}"],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def xent(self, *arguments: str | Path, cwd: Path, stdin: str = "", script: str = "") -> Run:
        """Run to the end after this Python, with what fits into a pipe on standard input."""
        server = self._server
        assert server.stdin is not None
        assert server.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            outputs = [Path(folder, "stdout"), Path(folder, "stderr")]
            job = [str(cwd), stdin, [*map(str, outputs)], [*map(str, arguments)], TIMEOUT, script]
            print(json.dumps(job), file=server.stdin, flush=True)
            code = int(server.stdout.readline())
            return Run(code, *(_text(output.read_bytes()) for output in outputs))

    def close(self) -> None:
        """End the server."""
        self._server.communicate()


_SERVER = """
import json, os, signal, sys
import xentcli.api, xentcli.sources.delimited.source, xentcli.sources.parquet
import xentcli.render.table, xentcli.cli.run
from xentcli.__main__ import main
for line in sys.stdin:
    folder, stdin, outputs, arguments, timeout, script = json.loads(line)
    reading, writing = os.pipe()
    os.write(writing, stdin.encode())
    os.close(writing)
    child = os.fork()
    if not child:
        signal.alarm(timeout)
        os.chdir(folder)
        os.dup2(reading, 0)
        for descriptor, path in enumerate(outputs, 1):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), descriptor)
        sys.argv[1:] = arguments
        exec(script, {})
        main()
    os.close(reading)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def shell(script: str, *arguments: str | Path, cwd: Path, timeout: float = TIMEOUT) -> Run:
    """Run a line of `sh` in which `xent` is the command, for redirections that Python has no word for."""
    return process(*arguments, cwd=cwd, command=("sh", "-c", f'xent() {{ "$PYTHON" -m xentcli "$@"; }}; {script}',
          "sh"),
                env={"PYTHON": sys.executable}, timeout=timeout)  # fmt: skip


def start(*arguments: str | Path, cwd: Path, **pipes: Any) -> subprocess.Popen[bytes]:
    """Begin a run, as the foreground job of a shell has it: Ctrl-C is not ignored."""
    defaults = {
        "env": environment(),
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }
    command = [sys.executable, "-c", FOREGROUND + START, *map(str, arguments)]
    return subprocess.Popen(command, cwd=cwd, **{**defaults, **pipes})


def process_on_terminal(*arguments: str | Path, cwd: Path, width: int = 80) -> Run:
    """Run in a process of its own with standard input and output on a terminal; standard error is a pipe."""
    master, slave = terminal(width)
    env = environment(TERM="xterm-256color")
    process = start(*arguments, cwd=cwd, env=env, stdin=slave, stdout=slave)
    os.close(slave)
    shown = all_of(master)
    _, stderr = process.communicate(timeout=TIMEOUT)
    os.close(master)
    return Run(process.returncode, _screen_text(shown), _text(stderr))


def terminal(width: int = 80) -> tuple[int, int]:
    """Both ends of a terminal: what shows it, and what programs write to."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    return master, slave


def read(master: int) -> bytes:
    """What a terminal has been sent; nothing once its other side is closed."""
    try:
        return os.read(master, 1 << 16)
    except OSError:  # how Linux says so
        return b""


def all_of(master: int) -> bytes:
    """All that a terminal is sent until its other side is closed."""
    return b"".join(iter(lambda: read(master), b""))


def error_of(run: Run) -> dict[str, Any]:
    """The one JSON line on standard error, for a run that printed nothing."""
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    document = json.loads(run.stderr)
    assert (document["format"], document["format_version"]) == ("xent.error", 1)
    assert set(document) == {"format", "format_version", "error"}
    error: dict[str, Any] = document["error"]
    assert set(error) == {"code", "exit_code", "message", "file", "line", "row", "column", "hint"}
    assert error["exit_code"] == run.code
    return error


def plain(text: str) -> str:
    """`text` without colors."""
    return ANSI.sub("", text)


def _screen_text(shown: bytes) -> str:
    return _text(shown).replace("\r\n", "\n")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
