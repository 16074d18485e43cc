"""Where `--save-state` goes: to a file or a store, or to standard output in place of the report."""

import io
from typing import IO

from msgspec.structs import replace

from xentcli.cli.format_choice import STDOUT
from xentcli.cli.outcome import Outcome
from xentcli.cli.terminal import is_terminal
from xentcli.errors import RequestError


def state_target(path: str | None) -> str | IO[bytes] | None:
    """What the state is written to: a path, or for standard output a file in memory that `with_state` takes."""
    if path != STDOUT:
        return path
    if is_terminal():
        hint = "--save-state FILE, or ... --save-state - | xent merge -"
        raise RequestError("terminal", "a state is not for a terminal", hint=hint)
    return io.BytesIO()


def with_state(outcome: Outcome, target: str | IO[bytes] | None) -> Outcome:
    """The outcome with the state on standard output if it goes there; the report is for `--output` alone then."""
    if target is None or isinstance(target, str):
        return outcome
    return replace(outcome, product=target, text=outcome.text if outcome.output else "")
