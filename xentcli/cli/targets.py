"""Files that a command writes: of this machine, or of a store, for which more is loaded."""

from __future__ import annotations

from xentcli import files
from xentcli.files import is_uri


def refuse_unwritable(path: str) -> None:
    """Raise an error for what cannot be written, as far as can be known before it is."""
    if is_uri(path):
        from xentcli.api import refuse_unwritable

        refuse_unwritable(path)
    else:
        files.refuse_unwritable(path)


def write_file(path: str, data: bytes) -> None:
    """Write a file that is complete or stays as it was."""
    if is_uri(path):
        from xentcli.api import write_file

        write_file(path, data)
    else:
        files.write_file(path, data)
