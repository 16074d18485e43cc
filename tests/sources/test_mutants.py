"""Damaged binary and compressed files: an error or rows, never a crash or another exception.

60 single-bit mutants of each form, in child processes; with --slow some 10,000 in all.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.cli.runner import process
from tests.sources.mutants import outcome
from tests.sources.reading import PACKERS
from tests.sources.test_binary import WRITERS

FEW, MANY = 60, 900  # of a form
BATCH = 300  # mutants of a process
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


def check(forms: Iterable[str], first: int, count: int, folder: Path) -> None:
    """Read mutants of these forms in a process of their own."""
    files = {form: folder / f"{form}.npz" for form in forms}  # NumPy adds this to other names
    for form, file in files.items():
        FORMS[form](file)
    whole = {form: outcome(file) for form, file in files.items()}
    assert {len(digest) for digest in whole.values()} == {64}, whole
    command = (sys.executable, "-m", "tests.sources.mutants", str(first), str(count))
    done = process(*files.values(), cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, command=command, timeout=300)
    assert done.code == 0, f"{done.stdout.splitlines()[-1:]}: {done.stderr[-2000:]}"
    assert "MemoryError" not in done.stderr
    found = [line.split() for line in done.stdout.splitlines()]
    assert len(found) == count * len(whole)
    assert all(digest == whole[form] for form, _, digest in found if form in CHECKED and len(digest) == 64)


def test_one_flipped_bit(tmp_path: Path) -> None:
    check(FORMS, 0, FEW, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("first", range(0, MANY, BATCH))
def test_many_flipped_bits(first: int, form: str, tmp_path: Path) -> None:
    check([form], first, BATCH, tmp_path)
