"""Bit-identical on every kind of CPU: at each level of SIMD of the kernel, of NumPy and of the C library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy._core import _multiarray_umath as umath  # type: ignore[attr-defined]

from tests.cli.runner import process
from xentcli.core import kernel

SAMPLES = Path(__file__).parents[2] / "sample_data"
DISPATCHED = [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name)]
OLD = {  # what makes NumPy and glibc choose as on an old CPU
    "NPY_DISABLE_CPU_FEATURES": " ".join(DISPATCHED),
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2",
}
COMMANDS = {
    "two classes": ["breast_cancer.csv", "--by", "size", "--cluster", "texture", "--weight", "weight"],
    "ten classes": ["digits.parquet", "--label-smoothing", "0.1"],
    "three classes": ["wine.csv", "--clip", "1e-6", "--reliability"],
    "many rows": ["rows.csv"],
}


def write_rows(path: Path) -> None:
    """Logits of three classes, of any size, with ties: more rows than a tile of the kernel."""
    random = np.random.default_rng(7)
    z = random.normal(0, 3, (3000, 3)) * random.choice([1e-3, 1, 1, 1, 50], (3000, 1))
    z[::17] = np.round(z[::17])
    lines = (f"{k},{','.join(map(repr, row))}" for k, row in zip(z.argmax(axis=1) % 3, z.tolist(), strict=True))
    path.write_text("label,logit_0,logit_1,logit_2\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_results_and_states_have_the_same_bits_on_every_kind_of_cpu(command: list[str], tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.csv")
    path = SAMPLES / command[0]
    arguments = [str(path if path.exists() else tmp_path / command[0]), *command[1:], "--format", "json"]
    found = set()
    for level in kernel.available:
        for more in ({}, OLD) if level == "base" else ({},):
            env = {"XENT_SIMD": level, **more}
            run = process("score", *arguments, "--save-state", "state.json", cwd=tmp_path, env=env)
            assert run.code == 0, run.stderr
            found.add((run.stdout, (tmp_path / "state.json").read_bytes()))
    assert len(found) == 1
