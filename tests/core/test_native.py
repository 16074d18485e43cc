"""The kernel's sources, built as the backend builds them: without warnings, by each compiler, under sanitizers."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from setuptools import Distribution
from setuptools.errors import CompileError

from tests.cli.runner import environment
from xentcli.core import kernel

REPOSITORY = Path(__file__).parents[2]
SUITE = [
    f"tests/core/test_{name}.py"
    for name in (
        "kernel", "accumulator", "divergence", "exact", "odds_table", "odds_cells", "integer_keys", "kept_room",
        "kept_rows", "curves", "text",
    )
]  # fmt: skip
WARNINGS = ("-Wall", "-Wextra", "-Werror")
NEEDS_SOURCES = pytest.mark.skipif(
    not kernel.LIBRARY.with_name("backend.py").exists(), reason="an installed package has no sources"
)
pytestmark = NEEDS_SOURCES


def backend() -> ModuleType:
    spec = importlib.util.spec_from_file_location("backend", kernel.LIBRARY.with_name("backend.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def gcc() -> list[str]:
    path = shutil.which("gcc")
    if path is None:
        pytest.skip("there is no gcc")
    return [path]


def zig() -> list[str]:
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip("there is no ziglang: pip install ziglang")
    return [sys.executable, "-m", "ziglang", "cc"]


COMPILERS = {"gcc": gcc, "zig": zig}


def copy_sources(folder: Path) -> None:
    """What is needed to build the package and to run its tests, without a kernel."""
    ignored = shutil.ignore_patterns("__pycache__", "libxent.so", ".hypothesis", "real", "golden")
    for name in ("xentcli", "tests", "sample_data"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, folder)


def copy_with_kernel(folder: Path, command: list[str], *more: str) -> None:
    """The package and its tests, with a kernel compiled by this command."""
    copy_sources(folder)
    library = folder / kernel.LIBRARY.relative_to(REPOSITORY)
    backend().build(library, folder / "objects", command, more)


def run_suite(folder: Path, **env: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *SUITE]
    few = environment(CI="", **env)  # examples of each property: its own run tries more
    done = subprocess.run(command, cwd=folder, env=few, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


@pytest.mark.slow
@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_suite_passes_without_a_warning_of_the_compiler(compiler: str, tmp_path: Path) -> None:
    copy_with_kernel(tmp_path, COMPILERS[compiler](), *WARNINGS)
    run_suite(tmp_path)


@pytest.mark.slow
def test_the_suite_passes_under_sanitizers(tmp_path: Path) -> None:
    """Addresses, and what C leaves undefined; not leaks: the kernel allocates nothing."""
    command = gcc()
    checks = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-g", "-O1")
    copy_with_kernel(tmp_path, command, *WARNINGS, *checks)
    found = subprocess.run([*command, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    run_suite(
        tmp_path,
        LD_PRELOAD=found.stdout.strip(),
        PYTHONMALLOC="malloc",  # each array an allocation of its own, with its ends watched
        ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1",
        UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1",
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the tag of a wheel for Linux")
def test_without_any_compiler_there_is_a_wheel_for_any_python_all_the_same(tmp_path: Path) -> None:
    zig()
    copy_sources(tmp_path)
    empty = tmp_path / "bin"
    empty.mkdir()
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", "wheels", "."]
    env = environment(PATH=str(empty))
    env.pop("CC", None)
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = (tmp_path / "wheels").iterdir()
    assert wheel.name.split("-")[2:4] == ["py3", "none"]
    assert wheel.name.split("-")[4].startswith(("manylinux_2_17_", "linux_"))  # with glibc, or musl
    with zipfile.ZipFile(wheel) as files:
        inside = [name for name in files.namelist() if "/native/" in name]
    assert inside == ["xentcli/core/native/libxent.so"]


def test_a_build_has_no_fused_multiplication() -> None:
    """An FMA rounds once where the others round twice: results would depend on the CPU."""
    objdump = shutil.which("objdump")
    if objdump is None:
        pytest.skip("there is no objdump")
    listing = subprocess.run([objdump, "-d", kernel.LIBRARY], capture_output=True, text=True, check=True).stdout
    assert "mulpd" in listing or "fmul" in listing
    assert not [line for line in listing.splitlines() if "vfmadd" in line or "vfmsub" in line or "fmadd" in line]


@pytest.mark.filterwarnings("ignore:.*ext-modules")  # which setuptools calls experimental
def test_zig_is_required_where_no_compiler_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = backend()
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert made.get_requires_for_build_wheel() == [made.ZIG]
    assert made.get_requires_for_build_editable() == [made.ZIG]
    assert made.compiler() == [sys.executable, "-m", "ziglang", "cc"]
    broken = tmp_path / "cc"  # such as one without the headers of the C library
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert made.get_requires_for_build_wheel() == [made.ZIG]


@pytest.mark.filterwarnings("ignore:.*ext-modules")
def test_a_compiler_that_works_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    made = backend()
    monkeypatch.setenv("CC", shlex.join(gcc()))
    assert made.get_requires_for_build_wheel() == []
    assert made.compiler() == gcc()


@pytest.mark.filterwarnings("ignore:.*ext-modules")
def test_a_compiler_that_is_no_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", 'gcc "-O2')
    with pytest.raises(CompileError, match='CC=gcc "-O2: No closing quotation'):
        backend().compiler()


@pytest.mark.filterwarnings("ignore:.*ext-modules")
@pytest.mark.parametrize("name", backend().TARGETS if kernel.LIBRARY.with_name("backend.py").exists() else ())
def test_zig_builds_for_the_platform_asked_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = backend()
    monkeypatch.setenv("XENT_TARGET", name)
    triple, tag = made.TARGETS[name]
    assert made.get_requires_for_build_wheel() == [made.ZIG]
    assert made._target(made.compiler()) == ["-target", triple]
    assert made._machine() == triple.split("-")[0]
    assert made.PlainWheel(Distribution()).get_tag() == ("py3", "none", tag)


def test_a_platform_that_nothing_is_built_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XENT_TARGET", "plan9")
    with pytest.raises(CompileError, match="XENT_TARGET=plan9: no such platform, but linux-x86_64, "):
        backend().compiler()


def test_windows_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    made = backend()
    monkeypatch.setattr(made.sys, "platform", "win32")
    with pytest.raises(SystemExit, match="install xent in WSL"):
        made._needed()


@pytest.mark.parametrize(
    ("command", "flags"),
    [
        (["gcc"], ["-mavx2", "-mbmi"]),
        (["/usr/bin/python3", "-m", "ziglang", "cc"], ["-mcpu=x86_64+avx2+bmi"]),
    ],
)
def test_features_of_a_cpu_in_the_words_of_the_compiler(
    command: list[str], flags: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = backend()
    monkeypatch.setattr(made, "_machine", lambda: "x86_64")
    assert made._level_flags(command, ("avx2", "bmi")) == flags


def test_what_the_compiler_says_is_what_the_build_says(tmp_path: Path) -> None:
    made = backend()
    with pytest.raises(made.CompileError, match="no-such-flag"):
        made.build(tmp_path / "libxent.so", tmp_path / "objects", gcc(), ["--no-such-flag"])
    assert os.listdir(tmp_path / "objects") == []
