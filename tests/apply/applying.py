"""What the tests of `xent apply` share: maps in files, runs, and numbers by formulas of nothing of the package."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.cli.runner import Run, xent
from xentcli.results.calibration_map import calibration_map
from xentcli.states.calibration import write_calibration

T, B = 1.5, 0.75  # a temperature, an offset
COOLED = "0.32466648878703214"  # 0.25 at the temperature, 1 / (1 + 3^(2/3)), as it comes out
METHODS: dict[str, dict[str, Any]] = {"none": {}, "temperature": {"temperature": T}, "offset": {"offset": B}}


def calibration(folder: Path, method: str = "temperature", classes: Sequence[str] = ("no", "yes")) -> Path:
    """A file of a map, and where it is."""
    parameters = METHODS[method]
    if method == "offset" and len(classes) > 2:
        parameters = {"offsets": {name: B * k for k, name in enumerate(classes)}}
    path = folder / "cal.json"
    write_calibration(calibration_map(tuple(classes), method, parameters), path)
    return path


def applied(folder: Path, data: bytes, *options: str, name: str = "p.csv", method: str = "temperature") -> bytes:
    """What becomes of a file."""
    (folder / name).write_bytes(data)
    run = apply(folder, calibration(folder, method), name, "-o", "out", *options)
    assert run.code == 0, run.stderr
    return (folder / "out").read_bytes()


def apply(folder: Path, cal: Path, *words: str | Path, stdin: bytes = b"") -> Run:
    """A run of the command."""
    return xent("apply", cal, *words, cwd=folder, stdin=stdin)


def cooled(p: float) -> float:
    """A probability at the temperature."""
    return 1 / (1 + math.exp(-math.log(p / (1 - p)) / T))
