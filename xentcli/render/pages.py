"""Pages of the documentation: laid out for a terminal, in a pipe the Markdown that they are."""

from __future__ import annotations

import io

from xentcli.render.page import Page

_WIDEST = 100  # characters of a line of prose


def render(markdown: str, page: Page) -> str:
    """The page as wide as the terminal; as it is where there is none."""
    if page.width is None:
        return markdown
    from rich.console import Console
    from rich.markdown import Markdown

    out = io.StringIO()
    console = Console(
        file=out, width=min(page.width, _WIDEST), force_terminal=page.color, no_color=not page.color,
        legacy_windows=False, highlight=False,
    )  # fmt: skip
    console.print(Markdown(markdown, code_theme="bw", hyperlinks=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
