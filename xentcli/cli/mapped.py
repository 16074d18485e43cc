"""A file that is mapped into memory and cut short meanwhile: exit code 4 and one line.

The system has no bytes to give for what the file has lost, and would end the process by a signal.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any

from xentcli.cli.shortage import wants_json

EXIT_CODE = 4
_MESSAGE = "an input changed while it was read: it was cut short"
_HINT = "score it once nothing writes to it any more, or score a copy"
_PLAIN = f"xent: error: {_MESSAGE}\n  hint: {_HINT}\n"
_JSON = (
    '{"format": "xent.error", "format_version": 1, "error": {"code": "input_changed", "exit_code": 4, '
    f'"message": "{_MESSAGE}", "file": null, "line": null, "row": null, "column": null, "hint": "{_HINT}"}}}}\n'
)

_kept: list[Any] = []  # what the C library calls must not be collected


def expect_cut_files(arguments: Sequence[str]) -> None:
    """Have the process say what happened, and end with 4.

    A handler of Python's own `signal` would never run: the reading would be tried again and again.
    """
    try:
        import ctypes

        line = (_JSON if wants_json(arguments) else _PLAIN).encode()

        def leave(_: int) -> None:
            try:
                os.write(2, line)
            finally:
                os._exit(EXIT_CODE)

        handler = ctypes.CFUNCTYPE(None, ctypes.c_int)(leave)
        install = ctypes.CDLL(None).signal
        install.argtypes, install.restype = (ctypes.c_int, type(handler)), ctypes.c_void_p
        _kept.append(handler)
        install(signal.SIGBUS, handler)
    except (ImportError, OSError, AttributeError, MemoryError):
        return  # another C library, or no memory: what cannot be prepared for
