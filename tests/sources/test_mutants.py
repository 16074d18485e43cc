"""Damaged binary and compressed files: an error or rows, never a crash or another exception.

60 single-bit mutants of each form, in child processes; with --slow some 10,000 in all.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.sources.mutants import outcome
from tests.sources.reading import PACKERS
from tests.sources.test_binary import WRITERS

FEW, MANY = 60, 850  # of a form
BATCH = 300  # mutants a process
ROOT = Path(__file__).parent.parent.parent

LISTS = np.array([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]])
TABLE = pa.table({"y": ["a", "b", "a"] * 4, "p": [0.5, 0.25, 1.0] * 4, "l": LISTS.tolist() * 4})
JSON = b"".join(b'{"y":"a","p":0.%d,"l":[0.5,0.5]}\n' % i for i in range(12))


def _npz(save: Callable[..., None]) -> Callable[[Path], object]:
    return lambda path: save(path, y=np.array(["a", "b", "c"]), p=np.array([0.5, 0.25, 1.0]), l=LISTS)


def _table(name: str) -> Callable[[Path], object]:
    return lambda path: WRITERS[name](TABLE, str(path))


def _packed(codec: str) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(PACKERS[codec](JSON))


FORMS: dict[str, Callable[[Path], object]] = {
    **{name: _table(name) for name in WRITERS},
    **{name: _packed(name) for name in PACKERS},
    "npz": _npz(np.savez),
    "npz_compressed": _npz(np.savez_compressed),
    "jsonl": lambda path: path.write_bytes(JSON),
}
CHECKED = {"gzip", "bzip2", "xz", "npz", "npz_compressed"}  # a checksum covers every value


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_one_flipped_bit(form: str, count: int, tmp_path: Path) -> None:
    path = tmp_path / "whole.npz"
    FORMS[form](path)
    whole = outcome(path)
    assert len(whole) == 64, whole
    for first in range(0, count, BATCH):
        command = [
            sys.executable,
            "-m",
            "tests.sources.mutants",
            str(path),
            str(first),
            str(min(BATCH, count - first)),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"{done.stdout.splitlines()[-1:]}: {done.stderr[-2000:]}"
        found = [line.split()[1] for line in done.stdout.splitlines()]
        assert "MemoryError" not in done.stderr
        if form in CHECKED:
            assert {each for each in found if len(each) == 64} <= {whole}
