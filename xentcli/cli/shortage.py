"""Too little memory: exit code 4 and one line, which must take next to no memory to say.

Under a limit of the address space (`ulimit -v`) it can happen anywhere: the loader maps no library, Python starts
no thread, OpenBLAS ends the process itself, with the exit code of a failed verdict.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NoReturn

EXIT_CODE = 4
_kept: list[Any] = []  # what the C library calls must not be collected


def error_lines(code: str, message: str, hint: str | None = None) -> tuple[bytes, bytes]:
    """An error of exit code 4 as text and as a line of JSON: both made ahead, when there is memory for it.

    The texts must need no escapes in JSON.
    """
    quoted, hint_line = ("null", "") if hint is None else (f'"{hint}"', f"  hint: {hint}\n")
    plain = f"xent: error: {message}\n{hint_line}"
    as_json = (
        f'{{"format": "xent.error", "format_version": 1, "error": {{"code": "{code}", "exit_code": {EXIT_CODE}, '
        f'"message": "{message}", "file": null, "line": null, "row": null, "column": null, "hint": {quoted}}}}}\n'
    )
    return plain.encode(), as_json.encode()


_LINES = error_lines("memory", "not enough memory")


def wants_json(arguments: Sequence[str]) -> bool:
    """Are errors to be JSON? As the command line may not have been read yet, or not make sense, by its words."""
    short = "--json" in arguments or "--format=json" in arguments
    return short or ("--format", "json") in pairwise(arguments)


def leave(arguments: Sequence[str]) -> NoReturn:
    """End the process: there is not enough memory."""
    end(_LINES[wants_json(arguments)])


def expect(arguments: Sequence[str]) -> None:
    """Have an exit by the C library, as of OpenBLAS for want of memory, say so and be none with code 1.

    The process itself ends by `os._exit` only.
    """
    try:
        import ctypes

        line = _LINES[wants_json(arguments)]
        library = ctypes.CDLL(None)
        at_exit, leave_with = library.__cxa_atexit, ctypes.cast(library._exit, ctypes.c_void_p)
        # The last that is registered is called first: should Python not be able to speak, the other ends it.
        at_exit(leave_with, ctypes.c_void_p(EXIT_CODE), None)
        say = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: end(line))
        _kept.append(say)
        at_exit(say, None, None)
    except (ImportError, OSError, AttributeError, MemoryError):
        return  # another C library, or no memory: what cannot be prepared for


def end(line: bytes) -> NoReturn:
    """End the process with exit code 4 and this line on standard error."""
    try:
        os.write(2, line)
    finally:
        os._exit(EXIT_CODE)
