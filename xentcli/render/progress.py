"""A bar on a terminal's standard error that tells how far a long reading has come, and then vanishes."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn


class ProgressBar:
    """Drawn when made, gone when closed."""

    def __init__(self, color: bool) -> None:
        console = Console(stderr=True, no_color=not color)
        columns = (BarColumn(bar_width=20), TextColumn("{task.description}", markup=False))
        self._bar = Progress(
            *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        self._task = self._bar.add_task("", total=None)
        self._bar.start()

    def show(self, rows: int, share: float | None, seconds: float) -> None:
        """So many rows and such a share of the work (0 to 1; None: unknown) are done after `seconds` > 0."""
        total = None if share is None else 1.0
        words = description(rows, share, seconds)
        self._bar.update(self._task, completed=share or 0.0, total=total, description=words)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._bar.stop()


def description(rows: int, share: float | None, seconds: float) -> str:
    """Rows, rows a second and time left, as far as they are known.

    >>> description(1500000, 0.25, 2.0)
    '1,500,000 rows  750,000 rows/s  0:06 left'
    """
    words = [f"{rows:,} rows", f"{rows / seconds:,.0f} rows/s"] if rows else []
    if share:
        left = round(seconds * (1 - share) / share)
        hours, minutes = divmod(left // 60, 60)
        clock = f"{hours}:{minutes:02}" if hours else f"{minutes}"
        words.append(f"{clock}:{left % 60:02} left")
    return "  ".join(words)
