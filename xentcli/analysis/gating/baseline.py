"""What numbers are held against: a saved result, or the state of a score, from a file, a pipe or a store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from xentcli.analysis.merging.parts import with_rows
from xentcli.analysis.score import result_of
from xentcli.errors import ContentError, Where
from xentcli.gates.baseline import Baseline, parse_baseline
from xentcli.sources.open import find_file, read_bytes
from xentcli.sources.source import unless_changed
from xentcli.states.container import is_state
from xentcli.states.file import parse_state
from xentcli.states.run import NoRows, Run
from xentcli.units import Unit

if TYPE_CHECKING:
    from xentcli.states.comparison import AnyRun


def read_baseline(path: str | os.PathLike[str]) -> Baseline:
    """The baseline at a path or a URI, or on standard input ("-").

    Raises `AccessError` if it cannot be read, `ContentError` if it is neither a saved score nor the state of one.
    """
    content = find_file(path, "a baseline")
    with unless_changed(content):
        data = read_bytes(content)
    if not is_state(data):
        return parse_baseline(content.name, data)
    return baseline_of_state(parse_state(data, content.name), content.name)


def baseline_of_state(run: AnyRun, name: str) -> Baseline:
    """What a state says; `name` is where it is from. Raises `ContentError` for one that is not of scored rows."""
    if not isinstance(run, Run | NoRows):
        message = f"is a state of xent {run.command}, and a baseline is one of xent score"
        raise ContentError("baseline", message, where=Where(name))
    return Baseline(name, Unit.NATS, result_of(with_rows(run)).to_dict())
