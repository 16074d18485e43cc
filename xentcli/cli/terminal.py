"""What standard output can show."""

from __future__ import annotations

import os
import sys


def shows_color(*, no_color: bool = False) -> bool:
    """Whether text for standard output may be in color or bold: on a terminal, or where FORCE_COLOR says so.

    `no_color`, NO_COLOR and TERM=dumb say that it must not be.
    """
    if no_color or os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (is_terminal() and os.environ.get("TERM") != "dumb")


def is_terminal() -> bool:
    """Whether standard output is a terminal; the runner puts another in the place of `sys.stdout`."""
    return sys.__stdout__ is not None and sys.__stdout__.isatty()
