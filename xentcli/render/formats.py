"""From a result to text. Renderers compute nothing and print nothing.

Each format is one module with `render(result, page) -> str`; the table below is the list of formats.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from xentcli.render.page import Page

if TYPE_CHECKING:
    from xentcli.results.result import Result

FORMATS = {
    "table": "xentcli.render.table",
    "json": "xentcli.render.json",
    "csv": "xentcli.render.csv",
    "markdown": "xentcli.render.markdown",
}


def render(result: Result, format: str, page: Page) -> str:
    """The result as text that ends with a newline."""
    module: Callable[[Result, Page], str] = import_module(FORMATS[format]).render
    return module(result, page)
