"""A file that is mapped into memory and cut short meanwhile: exit code 4 and one line.

The system has no bytes to give for what the file has lost, and would end the process by a signal.
"""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Any

from xentcli.cli.shortage import end, error_lines, wants_json

_LINES = error_lines(
    "input_changed",
    "an input changed while it was read: it was cut short",
    "score it once nothing writes to it any more, or score a copy",
)

_kept: list[Any] = []  # what the C library calls must not be collected


def expect_cut_files(arguments: Sequence[str]) -> None:
    """Have the process say what happened, and end with 4.

    A handler of Python's own `signal` would never run: the reading would be tried again and again.
    """
    try:
        import ctypes

        line = _LINES[wants_json(arguments)]
        handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(lambda _: end(line))
        install = ctypes.CDLL(None).signal
        install.argtypes, install.restype = (ctypes.c_int, type(handler)), ctypes.c_void_p
        _kept.append(handler)
        install(signal.SIGBUS, handler)
    except (ImportError, OSError, AttributeError, MemoryError):
        return  # another C library, or no memory: what cannot be prepared for
