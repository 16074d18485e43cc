"""`xent help`."""

import click

from xentcli.cli.commands import COMMANDS, xent
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, complete
from xentcli.cli.outcome import Outcome
from xentcli.docs import TOPICS, page
from xentcli.errors import RequestError
from xentcli.wording import brief, nearest

EXAMPLES = """\b
Examples:
  xent help
  xent help formats
  xent help metrics | less
\b
On a terminal a page is laid out; in a pipe it is the Markdown itself.
Exit codes: 0 shown; 2 no such topic.
"""


@click.command(cls=GroupedCommand, name="help", epilog=EXAMPLES)
@click.argument("topic", required=False, shell_complete=complete("topics"))
def command(topic: str | None) -> Outcome:
    """Show the page on TOPIC, or how COMMAND is called; without one, the list of topics."""
    if topic is None:
        return Outcome(_list())
    if topic in TOPICS:
        from xentcli.render.pages import render

        printing = PrintingOptions(format_="table", output=None, quiet=False, full=False, no_color=False)
        return Outcome(render(page(topic), printing.page()))
    called = xent.get_command(click.get_current_context(), topic)
    if called is not None:
        context = click.Context(called, info_name=f"xent {topic}", **called.context_settings)
        return Outcome(called.get_help(context) + "\n")
    close = nearest(topic, [*TOPICS, *COMMANDS])
    hint = f"xent help {close}" if close else f"the topics are: {', '.join(TOPICS)}"
    raise RequestError("usage", f'there is no page on "{brief(topic)}"', hint=hint)


def _list() -> str:
    lines = [f"  xent help {topic:<12}  {about}" for topic, about in TOPICS.items()]
    return "\n".join(
        [
            "Topics",
            *lines,
            "",
            "  xent explain NAME        what a number means",
            "  xent COMMAND --help      the options of a command",
            "",
        ]
    )
