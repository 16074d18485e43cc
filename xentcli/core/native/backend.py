"""setuptools as the build backend (PEP 517), with a C compiler for the kernel from wherever there is one.

That is `$CC`, cc, gcc or clang; where none of them can compile and link, the PyPI package ziglang becomes a
requirement of the build. The kernel is a plain shared library without any Python API, so one wheel a platform
serves every Python, and zig makes those of all platforms on one machine: `XENT_TARGET=macos-arm64 pip wheel .`
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_editable,
    build_sdist,
    build_wheel,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError

__all__ = [
    "build_editable", "build_sdist", "build_wheel",
    "get_requires_for_build_editable", "get_requires_for_build_sdist", "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable", "prepare_metadata_for_build_wheel",
]  # fmt: skip

SOURCES = Path(__file__).parent
LIBRARY = "libxent.so"
ZIG = "ziglang>=0.13,<0.18"
NOT_WINDOWS = "the kernel of xent is not built on Windows yet: install xent in WSL"

# -O3 stands last: without an -O zig adds checks. Sums have to be rounded one by one: no contraction into FMA.
FLAGS = (
    "-std=c11", "-fPIC", "-fvisibility=hidden", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off", "-O3"
)  # fmt: skip
_AVX2 = ("avx2", "bmi", "bmi2")
_AVX512 = (*_AVX2, "avx512f", "avx512dq", "avx512bw", "avx512vl")
_LEVELS: dict[str, dict[str, Sequence[str]]] = {  # by machine, with what each may use beyond the machine's least
    "x86_64": {"base": (), "avx2": _AVX2, "avx512": _AVX512},
    "aarch64": {"base": ()},  # which has NEON
}
_GLIBC = "2.17"  # of manylinux2014: what zig links for

TARGETS = {  # of XENT_TARGET: what zig is to compile and link for, and what the wheel says that it runs on
    "linux-x86_64": (f"x86_64-linux-gnu.{_GLIBC}", "manylinux_2_17_x86_64"),
    "linux-aarch64": (f"aarch64-linux-gnu.{_GLIBC}", "manylinux_2_17_aarch64"),
    "macos-x86_64": ("x86_64-macos.11.0", "macosx_11_0_x86_64"),
    "macos-arm64": ("aarch64-macos.11.0", "macosx_11_0_arm64"),
}


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """What setuptools asks for, and zig where there is no compiler."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_needed()]


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    """Likewise."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *_needed()]


def _needed() -> list[str]:
    if sys.platform == "win32":
        raise SystemExit(NOT_WINDOWS)  # before a compiler of 400 MB is fetched
    return [] if _installed_compiler() else [ZIG]


def _wanted_target() -> tuple[str, str] | None:
    """The entry of `TARGETS` that is asked for; None where the kernel is for this machine."""
    name = os.environ.get("XENT_TARGET")
    if name and name not in TARGETS:
        raise CompileError(f"XENT_TARGET={name}: no such platform, but {', '.join(TARGETS)}")
    return TARGETS[name] if name else None


def _installed_compiler() -> list[str] | None:
    """The command of the first compiler that can make a shared library; None where there is none."""
    if _wanted_target() is not None:
        return None  # only zig makes those of other platforms, and what is published is all made alike
    named = os.environ.get("CC")
    try:
        candidates = [shlex.split(named)] if named else [["cc"], ["gcc"], ["clang"]]
    except ValueError as error:
        raise CompileError(f"CC={named}: {error}") from error
    return next((command for command in candidates if _works(command)), None)


def _works(command: list[str]) -> bool:
    """Whether it makes a library of a file with a header: a cc without those of the C library exists."""
    with tempfile.TemporaryDirectory() as folder:
        probe, library = Path(folder, "probe.c"), Path(folder, "probe.so")
        probe.write_text("#include <math.h>\n#include <string.h>\nint probe(void) { return 0; }\n")
        try:
            run = [*command, *_target(command), "-shared", "-fPIC", str(probe), "-o", str(library)]
            return subprocess.run(run, capture_output=True, check=False).returncode == 0
        except OSError:
            return False


def compiler() -> list[str]:
    """The command that compiles the kernel."""
    return _installed_compiler() or [sys.executable, "-m", "ziglang", "cc"]


def is_zig(command: Sequence[str]) -> bool:
    """Whether a compiler is zig: it takes the features of a CPU, and what it links for, in words of its own."""
    return any("zig" in Path(word).name for word in command)


def _machine() -> str:
    wanted = _wanted_target()
    if wanted is not None:
        return wanted[0].partition("-")[0]
    name = sysconfig.get_platform().rpartition("-")[2]
    if name == "universal2":  # a Python of both; what is compiled is of one
        name = os.uname().machine
    return {"arm64": "aarch64"}.get(name, name)


def _target(command: Sequence[str]) -> list[str]:
    """What zig is to compile and link for: by default it takes this very CPU, and a glibc as new as it likes."""
    if not is_zig(command):
        return []
    wanted = _wanted_target()
    if wanted is not None:
        return ["-target", wanted[0]]
    if sys.platform == "darwin":
        return ["-target", f"{_machine()}-macos"]
    musl = "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or "")
    return ["-target", f"{_machine()}-linux-" + ("musl" if musl else f"gnu.{_GLIBC}")]


def _level_flags(command: Sequence[str], features: Sequence[str]) -> list[str]:
    wide = ["-mprefer-vector-width=512"] if "avx512f" in features else []
    if is_zig(command):  # x86_64_v2 carries a tuning that splits accesses of 256 bits; x86_64 does not
        least = "generic" if _machine() == "aarch64" else _machine()
        return ["-mcpu=" + "+".join([least, *features]), *wide]
    return [*(f"-m{feature}" for feature in features), *wide]


def build(library: Path, objects: Path, command: Sequence[str], more: Sequence[str] = ()) -> None:
    """Compile the kernel, once a level of SIMD, into a shared library."""
    objects.mkdir(parents=True, exist_ok=True)
    library.parent.mkdir(parents=True, exist_ok=True)
    if is_zig(command):
        os.environ.setdefault("ZIG_GLOBAL_CACHE_DIR", str(objects.absolute() / "zig"))
    target = [*command, *_target(command)]
    levels = _LEVELS.get(_machine(), {"base": ()})
    made = []
    for name, features in {"": (), **levels}.items():
        flags = [*_level_flags(command, features), f"-DXENT_LEVEL={name}", *FLAGS, *more]
        for source in ("level", "text") if name else ("cpu",):
            made.append(str(objects / f"{source}_{name}.o"))
            _run([*target, *flags, "-c", str(SOURCES / f"{source}.c"), "-o", made[-1]])
    _run([*target, *more, "-shared", *made, "-o", str(library)])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CompileError(f"{shlex.join(command)}\n{done.stdout}{done.stderr}")


class BuildKernel(build_ext):
    """The kernel as setuptools' only extension, though it is not one of Python's."""

    def build_extension(self, ext: Any) -> None:
        """Compile it to where setuptools looks for it."""
        if sys.platform == "win32":
            raise CompileError(NOT_WINDOWS)
        build(Path(self.get_ext_fullpath(ext.name)), Path(self.build_temp), compiler())

    def get_ext_filename(self, fullname: str) -> str:
        """Without the version of Python that setuptools adds."""
        return str(Path(*fullname.split(".")[:-1], LIBRARY))

    def get_source_files(self) -> list[str]:
        """What an sdist needs to build it: all of this folder."""
        return sorted(os.path.relpath(path) for path in SOURCES.iterdir() if path.suffix in (".c", ".h", ".py"))


class PlainWheel(bdist_wheel):
    """A wheel for every Python of one platform."""

    def get_tag(self) -> tuple[str, str, str]:
        """Built by zig it runs with any glibc from 2.17 on; by another compiler, with one no older than here."""
        wanted = _wanted_target()
        if wanted is not None:
            return "py3", "none", wanted[1]
        platform = super().get_tag()[2].replace("universal2", os.uname().machine)
        if sys.platform == "linux" and is_zig(command := compiler()) and "gnu" in _target(command)[1]:
            platform = f"manylinux_{_GLIBC.replace('.', '_')}_{_machine()}"
        return "py3", "none", platform
