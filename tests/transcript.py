"""Golden files: a command with its exit code, standard output and standard error, together in one text.

`XENT_UPDATE_GOLDENS=1 python -m pytest tests/test_golden.py tests/test_readme.py` rewrites what differs; read the
change before committing it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
UPDATE = os.environ.get("XENT_UPDATE_GOLDENS") == "1"


def run_shell(command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command line, with `xent` being this package; by default from the root of the repository."""
    speaks = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY")
    env = {k: v for k, v in os.environ.items() if k not in speaks}
    env |= {"LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    xent = shlex.join([sys.executable, "-m", "xentcli"])
    shell = re.sub(r"(^|[|;&]\s*)xent(?= )", lambda match: match[1] + xent, command)
    return subprocess.run(
        ["bash", "-c", shell],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def transcript(command: str) -> str:
    """The golden text of a command."""
    done = run_shell(command)
    return f"$ {command}\n[exit {done.returncode}]\n[stdout]\n{done.stdout}[stderr]\n{done.stderr}"
