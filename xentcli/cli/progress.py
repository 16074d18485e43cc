"""When to show how far a reading has come: after a second, and only to a person who sees standard error."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol

from xentcli.cli.signals import unwind

if TYPE_CHECKING:
    from types import TracebackType

    from xentcli.render.progress import ProgressBar

PATIENCE = 1.0  # seconds: what ends sooner needs no bar, and no time to load one


class Watch:
    """Takes reports on how far the work has come, and shows them while it lasts; a context manager.

    The bar is gone when the context ends, so that the report stands on the terminal alone.
    """

    def __init__(self, *, color: bool) -> None:
        self._color = color
        self._begin = time.monotonic()
        self._latest: tuple[int, float | None] = (0, None)
        self._bar: ProgressBar | None = None
        self._over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(PATIENCE, self._show)  # a part may take longer, and tell nothing meanwhile
        self._timer.daemon = True

    def __enter__(self) -> Watch:
        """Begin to wait."""
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        """Take the bar away."""
        self._timer.cancel()
        with self._lock:
            self._over = True
            if self._bar is not None:
                self._bar.close()

    def __call__(self, rows: int, share: float | None) -> None:
        """So many rows, and such a share of the work, are done."""
        self._latest = rows, share
        if self._bar is not None:
            self._bar.show(rows, share, time.monotonic() - self._begin)

    def _show(self) -> None:
        from xentcli.render.progress import ProgressBar

        with self._lock:
            if not self._over:
                unwind()
                self._bar = ProgressBar(self._color)
                self(*self._latest)


class Unwatched:
    """Nobody looks: nothing is reported, and no thread waits."""

    def __enter__(self) -> None:
        """Nothing to begin."""

    def __exit__(self, *failure: object) -> None:
        """Nothing to end."""


class _Printing(Protocol):
    @property
    def quiet(self) -> bool: ...

    @property
    def no_color(self) -> bool: ...


def watch(printing: _Printing) -> Watch | Unwatched:
    """What to report progress to, unless nobody looks."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    if printing.quiet or not terminal or os.environ.get("TERM") == "dumb":
        return Unwatched()
    return Watch(color=not printing.no_color and not os.environ.get("NO_COLOR"))
