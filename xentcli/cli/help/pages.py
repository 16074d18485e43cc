"""`xent help`."""

from collections.abc import Iterator

import click

from xentcli.cli.commands import COMMANDS, MORE, xent
from xentcli.cli.help import GroupedCommand
from xentcli.cli.help.page import HelpPage
from xentcli.cli.options import PrintingOptions, complete
from xentcli.cli.outcome import Outcome
from xentcli.docs import TOPICS, page
from xentcli.errors import RequestError
from xentcli.wording import brief, nearest

EXAMPLES = """\b
Examples:
  xent help
  xent help formats
  xent help score
  xent help metrics | less
\b
On a terminal a page is laid out; in a pipe it is the Markdown itself.
Exit codes: 0 shown; 2 no such topic.
"""


@click.command(cls=GroupedCommand, name="help", epilog=EXAMPLES)
@click.argument("topic", required=False, shell_complete=complete("topics"))
def command(topic: str | None) -> Outcome:
    """Show the page on TOPIC, or all options of the command TOPIC; without one, the list of topics."""
    if topic is None:
        return Outcome(_list())
    parts = [*_command(topic), *_page(topic)]
    if parts:
        return Outcome("\n".join(parts))
    close = nearest(topic, [*TOPICS, *COMMANDS])
    hint = f"xent help {close}" if close else f"the topics are: {', '.join(TOPICS)}"
    raise RequestError("usage", f'there is no page on "{brief(topic)}"', hint=hint)


def _command(name: str) -> Iterator[str]:
    """All about how a command is called; nothing if there is none of that name."""
    ctx = click.get_current_context()
    called = xent.get_command(ctx, name)
    if isinstance(called, GroupedCommand):
        yield called.all_help(click.Context(called, parent=ctx.parent, info_name=name)) + "\n"


def _page(topic: str) -> Iterator[str]:
    """The page on a topic; nothing if there is none."""
    if topic in TOPICS:
        from xentcli.render.pages import render

        printing = PrintingOptions(format_="table", output=None, quiet=False, full=False, no_color=False)
        yield render(page(topic), printing.page())


def _list() -> str:
    page = HelpPage(click.get_current_context())
    page.write_heading("Topics")
    with page.indentation():
        page.write_words((f"xent help {topic}", about) for topic, about in TOPICS.items())
    with page.section("More"):
        page.write_words((words, about) for words, about in MORE.items() if words != "xent help")
    return page.getvalue()
