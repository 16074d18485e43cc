"""Bit-identical on every kind of CPU: at each level of SIMD of the kernel, of NumPy and of the C library."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy._core import _multiarray_umath as umath  # type: ignore[attr-defined]

import xentcli
from tests.cli.runner import environment, process
from xentcli.core import kernel

SAMPLES = Path(__file__).parents[2] / "sample_data"
DISPATCHED = [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name)]
OLD = {  # what makes NumPy, its linear algebra and glibc choose as on an old CPU
    "NPY_DISABLE_CPU_FEATURES": " ".join(DISPATCHED),
    "OPENBLAS_CORETYPE": "Prescott",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2",
}
COMMANDS = {
    "two classes": ["breast_cancer.csv", "--by", "size", "--cluster", "texture", "--weight", "weight"],
    "ten classes": ["digits.parquet", "--label-smoothing", "0.1"],
    "three classes": ["wine.csv", "--clip", "1e-6", "--reliability"],
    "many rows": ["rows.csv"],
}
# Of hundreds of slices, each with numbers made from totals: the last bits of a few could be alike by chance.
BY_SLICE = ["--by", "site", "--weight", "w", "--confidence", "0.95", "--format", "json"]
REQUIREMENTS = {
    "score": ["perplexity[site=*] <= 2", "log_loss[site=*] <= 0.5", "accuracy[site=*] >= 0.5"],
    "compare": ["log_loss[site=*] <= baseline + 0.1", "brier[site=*] <= baseline * 1.1"],
}


def write_rows(path: Path) -> None:
    """Logits of three classes, of any size, with ties: more rows than a tile of the kernel."""
    random = np.random.default_rng(7)
    z = random.normal(0, 3, (3000, 3)) * random.choice([1e-3, 1, 1, 1, 50], (3000, 1))
    z[::17] = np.round(z[::17])
    lines = (f"{k},{','.join(map(repr, row))}" for k, row in zip(z.argmax(axis=1) % 3, z.tolist(), strict=True))
    path.write_text("label,logit_0,logit_1,logit_2\n" + "\n".join(lines) + "\n")


def write_sites(path: Path, classes: int, seed: int) -> None:
    """Weighted rows of many sites and users, the same in every file; logits by the seed."""
    rows, random = 4000, np.random.default_rng(1)
    label, weight = random.integers(0, classes, rows), random.exponential(size=rows)
    site, user = random.integers(0, 300, rows), random.integers(0, 60, rows)
    z = np.random.default_rng(seed).normal(0, 1.5, (rows, classes))
    z[np.arange(rows), label] += 1
    columns = zip(label, weight.tolist(), site, user, z.tolist(), strict=True)
    lines = (f"{y},{w!r},{s},{u},{','.join(map(repr, scores))}" for y, w, s, u, scores in columns)
    names = ",".join(f"logit_{k}" for k in range(classes))
    path.write_text(f"label,w,site,user,{names}\n" + "\n".join(lines) + "\n")


def environments() -> Iterator[dict[str, str]]:
    """Each level of the kernel on this CPU, and the lowest on an old one."""
    yield from ({"XENT_SIMD": level} for level in kernel.available)
    yield {"XENT_SIMD": kernel.available[0], **OLD}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_results_and_states_have_the_same_bits_on_every_kind_of_cpu(command: list[str], tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.csv")
    path = SAMPLES / command[0]
    arguments = [str(path if path.exists() else tmp_path / command[0]), *command[1:], "--format", "json"]
    found = set()
    for env in environments():
        run = process("score", *arguments, "--save-state", "state.json", cwd=tmp_path, env=env)
        assert run.code == 0, run.stderr
        found.add((run.stdout, (tmp_path / "state.json").read_bytes()))
    assert len(found) == 1


@pytest.mark.parametrize("command", REQUIREMENTS)
@pytest.mark.parametrize(("classes", "cluster"), [(2, ["--cluster", "user"]), (3, [])], ids=["two", "three"])
def test_slices_and_gates_have_the_same_bits_on_every_kind_of_cpu(
    command: str, classes: int, cluster: list[str], tmp_path: Path
) -> None:
    for name, seed in (("base.csv", 2), ("new.csv", 3)):
        write_sites(tmp_path / name, classes, seed)
    files = ["new.csv"] if command == "score" else ["base.csv", "new.csv"]
    required = [part for each in REQUIREMENTS[command] for part in ("--require", each)]
    found = set()
    for env in ({}, OLD):
        run = process(command, *files, *cluster, *required, *BY_SLICE, cwd=tmp_path, env=env)
        assert run.code == 1, run.stderr
        found.add(run.stdout)
    assert len(found) == 1


C_LIBRARY = """
import math, random
random.seed(1)
x = [random.uniform(0.01, 3) for _ in range(50_000)]
for name in ("exp", "log", "log1p", "erfc", "lgamma"):
    print(name, hash(tuple(map(getattr(math, name), x))))
print("pow", hash(tuple(a**2.5 for a in x)))
"""


@pytest.mark.skipif(sys.platform != "linux" or not DISPATCHED, reason="needs glibc and a CPU with FMA")
def test_the_c_library_differs_between_kinds_of_cpu() -> None:
    """So the tests above can fail: what they compare is no function that happens to be the same."""
    found = []
    for env in ({}, OLD):
        command = [sys.executable, "-c", C_LIBRARY]
        run = subprocess.run(command, env=environment(**env), capture_output=True, text=True, check=True)
        found.append(run.stdout.splitlines())
    assert all(one != other for one, other in zip(*found, strict=True)), found


LOGARITHMS = {"exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "tanh"}
FORBIDDEN = {
    "math": LOGARITHMS | {"pow", "erf", "erfc", "gamma", "lgamma"},
    "np": LOGARITHMS | {"logaddexp", "power", "linalg", "einsum", "dot", "matmul"},
    "statistics": {"NormalDist"},
}


def test_neither_the_c_library_nor_linear_algebra_computes_anything() -> None:
    found = []
    for path in Path(xentcli.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found += [(path.name, node.attr)] if node.attr in FORBIDDEN.get(node.value.id, ()) else []
            elif isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names} & FORBIDDEN.get(node.module or "", set())
                found += [(path.name, name) for name in names]
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
                found.append((path.name, "@"))
    assert found == []
