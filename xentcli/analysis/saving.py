"""Saving what a result is computed from, once the result is known to be one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from xentcli.analysis.request import Target
from xentcli.states.run import NoRows, Run

if TYPE_CHECKING:
    from xentcli.states.comparison import AnyComparison


def refuse_unwritable(target: Target | None) -> None:
    """Raise an error for a place where nothing can be written, as far as can be known before the first row is."""
    if isinstance(target, str | os.PathLike):
        from xentcli.sources import targets  # which a score need not load

        targets.refuse_unwritable(target)


def save_state(state: Run | NoRows | AnyComparison, target: Target) -> None:
    """Write a state: to a path or URI complete or not at all, or to a file that is open. Raises `AccessError`."""
    from xentcli.sources.targets import write_file
    from xentcli.states.file import state_text

    data = state_text(state)
    if isinstance(target, str | os.PathLike):
        write_file(target, data)
    else:
        target.write(data)
