"""Results as text: what `str`, a notebook and `to_markdown` show."""

from __future__ import annotations

from importlib import import_module
from typing import Literal

from xentcli.results.result import Result

WIDTH = 80  # columns of a printed report
Shown = Literal["table", "markdown", "json", "notebook"]


def present(result: Result, format: Shown) -> str:
    """A result as the report that the command line prints, in 80 columns without colour; or in another format."""
    from xentcli.render.page import Page

    full = format == "notebook"  # where what is not read first is folded
    return str(import_module(f"xentcli.render.{format}").render(result, Page(WIDTH, full=full, pointers=False)))
