"""What a file that is to be drawn holds: a result of xent, a state, or predictions."""

from __future__ import annotations

import os
from typing import Any

from xentcli.errors import ContentError, Where
from xentcli.files import NotJson, access, parse_json
from xentcli.results.gate import GateResult
from xentcli.results.result import FORMAT_VERSION
from xentcli.wording import brief_repr

_HEAD_BYTES = 1 << 16  # within which a result says what it is
_STATE = b'{"format": "xent.state"'


def is_state(path: str) -> bool:
    """Whether a file is a state that `xent score --save-state` has written."""
    return _head(path).startswith(_STATE)


def saved_result(path: str) -> dict[str, Any] | None:
    """The JSON of a result that a file holds, of a gate that of its score; None of a file that holds none.

    Raises `ContentError` for one of another version, and `AccessError`.
    """
    head = _head(path)
    if not head.lstrip().startswith(b"{") or b'"xent.' not in head or head.startswith(_STATE):
        return None
    try:
        with access(path), open(path, "rb") as file:
            document = parse_json(file.read())
    except NotJson:
        return None
    if not isinstance(document, dict) or not str(document.get("format")).startswith("xent."):
        return None
    if document.get("format_version") != FORMAT_VERSION:
        message = f"has format version {brief_repr(document.get('format_version'))}; this is {FORMAT_VERSION}"
        raise ContentError("saved", message, where=Where(path))
    score = document.get("score")
    return score if document["format"] == GateResult.format and isinstance(score, dict) else document


def _head(path: str) -> bytes:
    """Its first bytes; nothing of what is no regular file here, which may be read only once."""
    if not os.path.isfile(path):
        return b""
    with access(path), open(path, "rb") as file:
        return file.read(_HEAD_BYTES)
