"""`python -m tests.benchmarks [--quick] [--folder DIR] [TABLE...]`: all tables by default."""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import tempfile
from collections.abc import Sequence
from pathlib import Path

import xentcli
from tests.benchmarks.tables import TABLES


def main() -> None:
    """Make the files, measure, print Markdown tables as they are done."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES], metavar="TABLE", help=", ".join(TABLES))
    parser.add_argument("--quick", action="store_true", help="a twentieth of the rows, each run once")
    parser.add_argument("--folder", type=Path, help="where the files are made and kept; otherwise they vanish")
    asked = parser.parse_args()
    share, times = (0.05, 1) if asked.quick else (1.0, 3)
    compileall.compile_dir(Path(xentcli.__file__).parent, quiet=1)  # as an installation does
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name in asked.tables or TABLES:
            for i, cells in enumerate(TABLES[name](folder, share, times)):
                _print(cells)
                if not i:
                    _print(["---"] * len(cells))
            print()


def _print(cells: Sequence[str]) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
