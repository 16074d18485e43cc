"""Each level of SIMD in turn, for tests of what the kernel is called for."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.core import kernel


def each_level() -> Iterator[str]:
    """The names of the levels of this machine, each in use until the next; then the one that was."""
    before = kernel.level
    try:
        for name in kernel.available:
            kernel.use(name)
            yield name
    finally:
        kernel.use(before)
