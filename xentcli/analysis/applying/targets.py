"""Where files that are written again go: to one file, or under their names into a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence

from xentcli.errors import RequestError, Where
from xentcli.files import access, is_same_file, is_uri, join_name
from xentcli.sources.targets import refuse_unwritable


def targets_of(output: str | os.PathLike[str], names: Sequence[str]) -> list[str]:
    """Where each of the files of these names is written to.

    Raises `RequestError` for what cannot be, or would overwrite one of them, and as `refuse_unwritable` does.
    """
    output = os.fspath(output)
    into = _is_folder(output, len(names))
    own = [os.path.basename(name) for name in names]
    twice = next((name for i, name in enumerate(own) if name in own[:i]), None)
    if into and twice is not None:
        message = f'two inputs are called "{twice}": one would be written over the other'
        raise RequestError("output", message, hint="apply to them one after the other, each with an -o of its own")
    if into and "<stdin>" in names:
        raise RequestError("output", "standard input has no name to be written under", hint="-o FILE")
    if into and not is_uri(output) and os.path.exists(output) and not os.path.isdir(output):
        message = f"{len(names)} files need a folder, and this is none"
        raise RequestError("output", message, where=Where(output))
    targets = [join_name(output, name) if into else output for name in own]
    for target in targets:
        for name in names:
            if is_same_file(target, name):
                raise RequestError(
                    "overwrite", "--output would overwrite this input", hint="-o OTHER", where=Where(name)
                )
    refuse_unwritable(join_name(_existing(output), own[0]) if into else output)
    return targets


def make_folder(target: str, output: str | os.PathLike[str]) -> None:
    """The folder of a file that is written under its own name; stores need none."""
    if target == os.fspath(output) or is_uri(target):
        return
    with access(os.path.dirname(target)):
        os.makedirs(os.path.dirname(target), exist_ok=True)


def _is_folder(output: str, count: int) -> bool:
    ends = output.partition("?")[0].endswith("/") if is_uri(output) else output.endswith(os.sep)
    return count > 1 or ends or os.path.isdir(output)


def _existing(folder: str) -> str:
    """The folder, or the nearest one above it that is there: the others can be made in that."""
    while not is_uri(folder) and folder and not os.path.exists(folder):
        folder = os.path.dirname(folder.rstrip(os.sep))
    return folder or "."
