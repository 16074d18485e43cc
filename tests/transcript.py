"""Golden files: a command with its exit code, standard output and standard error, together in one text.

`XENT_UPDATE_GOLDENS=1 python -m pytest tests/test_golden.py tests/readme` rewrites what differs; read the
change before committing it.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.cli.runner import Run, process, xent
from xentcli import __version__

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "xentcli" / "docs").glob("*.md"))]
UPDATE = os.environ.get("XENT_UPDATE_GOLDENS") == "1"


def run_line(command: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> Run:
    """Run a command line, with `xent` being this package; by default from the root of the repository.

    What needs no shell stays in the process of the tests.
    """
    if command.startswith("xent ") and not _SHELL.search(_QUOTED.sub("", command)):
        return xent(*shlex.split(command)[1:], cwd=cwd, env=env)
    words = shlex.join([sys.executable, "-m", "xentcli"])
    script = re.sub(r"((?:^|[|;&]\s*)(?:[A-Z]+=\w+ )?)xent(?= )", lambda match: match[1] + words, command)
    more = {"PYTHONPATH": str(ROOT), **(env or {})}
    return process(cwd=cwd, env=more, command=("bash", "-c", script))


_QUOTED = re.compile(r"""'[^']*'|"[^"$`\\]*\"""")
_SHELL = re.compile(r"[^\w ./=,:@%+-]")  # what may have a meaning to a shell


def transcript(command: str) -> str:
    """The golden text of a command, the version of the program as a word: no release changes it."""
    run = run_line(command)
    stdout = run.stdout.replace(f'"xent": "{__version__}"', '"xent": "VERSION"')
    return f"$ {command}\n[exit {run.code}]\n[stdout]\n{stdout}[stderr]\n{run.stderr}"
