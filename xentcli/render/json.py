"""One JSON document: every number unrounded, every string exact."""

from __future__ import annotations

import json

from xentcli.render.inputs import shorten_inputs
from xentcli.render.page import Page
from xentcli.render.text import escape_in_string
from xentcli.results.result import Result


def render(result: Result, page: Page) -> str:
    """`Result.to_dict()`, indented; many inputs in short, unless the page is a full one."""
    found = result.to_dict()
    return document(found if page.full else shorten_inputs(found), indent=2)


def document(data: object, indent: int | None = None) -> str:
    """JSON that any reader takes: no NaN or Infinity, lone surrogates (odd file names) escaped.

    What a build log or a terminal would obey stands only inside strings, and is escaped there.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, allow_nan=False, indent=indent)
    return escape_in_string(text) + "\n"
