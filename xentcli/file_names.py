"""What a file can be called."""

from __future__ import annotations

import os

from xentcli.errors import RequestError
from xentcli.wording import brief_repr


def refuse_no_file_name(path: str | os.PathLike[str]) -> None:
    """Raise a `RequestError` for what no file can be called, which Python refuses in exceptions of its own."""
    try:
        fine = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        fine = False
    if not fine:
        raise RequestError("path", f"{brief_repr(os.fspath(path))} cannot be the name of a file")
