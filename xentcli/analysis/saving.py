"""Saving what a result is computed from, once the result is known to be one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from xentcli.states.run import NoRows, Run

if TYPE_CHECKING:
    from xentcli.states.comparison import AnyComparison


def save_state(state: Run | NoRows | AnyComparison, path: str | os.PathLike[str]) -> None:
    """Write a state, complete or not at all; raises `AccessError`."""
    from xentcli.files import write_file
    from xentcli.states.file import state_text

    write_file(os.fspath(path), state_text(state))
