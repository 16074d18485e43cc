"""Files that a command writes must not be those that it reads, nor one another."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from xentcli.errors import RequestError, Where

_READ = (
    "files",
    "base",
    "new",
    "states",
    "labels",
)  # what names them; a baseline may be renewed
_WRITTEN = ("output", "save_state", "junit")
_GROWING = ("states", "save_state")  # a total may be saved in the place of one of its parts


def refuse_clashes(parameters: Mapping[str, Any]) -> None:
    """Raise a `RequestError` for a path that would be written over an input, or twice."""
    written: dict[str, str] = {}
    for option in _WRITTEN:
        path = parameters.get(option)
        if path is None or _is_device(path):
            continue
        flag, place = f"--{option.replace('_', '-')}", os.path.realpath(path)
        if place in written:
            raise RequestError("overwrite", f"{written[place]} and {flag} both write this file", where=Where(path))
        written[place] = flag
        for name, read in _paths(parameters):
            if (name, option) != _GROWING and os.path.realpath(read) == place and os.path.exists(read):
                raise RequestError("overwrite", f"{flag} would overwrite this input", where=Where(read))


def _paths(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _READ:
        given = parameters.get(name)
        yield from ((name, path) for path in ((given,) if isinstance(given, str) else given or ()))


def _is_device(path: str) -> bool:
    """Devices and pipes take what they are given, any number of times."""
    return os.path.exists(path) and not os.path.isfile(path)
