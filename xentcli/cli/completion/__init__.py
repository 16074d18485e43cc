"""`xent completion`."""

import click

from xentcli.cli.help import GroupedCommand
from xentcli.cli.outcome import Outcome

SHELLS = ("bash", "zsh", "fish")

EXAMPLES = """\b
Examples:
  eval "$(xent completion bash)"
      in ~/.bashrc
  eval "$(xent completion zsh)"
      in ~/.zshrc, after compinit
  xent completion fish > ~/.config/fish/completions/xent.fish
\b
Completes commands, options, files, the columns and classes of the file given,
and the metrics of --require. Bash needs version 4.4 or later.
Exit codes: 0 printed; 2 no such shell.
"""


@click.command(cls=GroupedCommand, name="completion", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
def command(shell: str) -> Outcome:
    """Print the script that makes SHELL (bash, zsh or fish) complete the words of xent."""
    from xentcli.cli.completion.answer import script

    return Outcome(script(shell), document=True)
