"""The command line: options become a request, the API answers, a renderer writes, the runner exits."""

from __future__ import annotations

import os
import shlex
from importlib import import_module

import click

from xentcli import __version__
from xentcli.cli.help import heading
from xentcli.errors import RequestError
from xentcli.wording import brief, nearest

# One module a command, loaded when it is called: `xent --help` needs none of the machinery.
COMMANDS = {
    "score": "Log loss, accuracy, entropy and more of a prediction file.",
    "gate": "Is the model good enough? A verdict with its reasons, for CI.",
    "columns": "Which column would be used as what, and why.",
    "merge": "The result of files scored apart, from their saved states.",
    "worst": "The rows with the largest loss.",
    "calibrate": "Recalibrate, and tell whether it helps on rows not fitted to.",
    "compare": "The paired difference of two models on the same rows.",
    "explain": "What a number means, how it is computed, and what can mislead.",
    "completion": "What lets a shell complete the words of xent.",
    "gradients": "Why log loss trains where squared error stalls, on your own rows.",
    "help": "The documentation: pages on inputs, formats, requirements and more.",
}
_MODULES = {"help": "pages"}  # where a module cannot have the name of its command


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"xentcli.cli.{_MODULES.get(name, name)}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(heading("Commands")):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and _may_be_file(name):
            message = f'there is no command "{brief(name)}": a file stands behind one'
            raise RequestError("usage", message, hint=shlex.join(["xent", "score", *args]))
        if name not in COMMANDS and not name.startswith("-"):
            close = nearest(name, COMMANDS, any_case=False)
            meant = f'Did you mean "{close}"?' if close else f"The commands are: {', '.join(COMMANDS)}."
            ctx.fail(f'There is no command "{name}". {meant}')
        return super().resolve_command(ctx, args)


_SUFFIXES = frozenset(
    (
        "csv", "tsv", "txt", "json", "jsonl", "ndjson", "parquet", "arrow", "feather", "npy", "npz",
        "gz", "zst", "bz2", "xz",
    )
)  # fmt: skip


def _may_be_file(name: str) -> bool:
    """Does a word look like the name of a file, or is one?"""
    by_name = name == "-" or "/" in name or "*" in name or name.rpartition(".")[2] in _SUFFIXES
    return by_name or os.path.exists(name)


EXAMPLES = """\b
Examples:
  xent score preds.csv
  xent columns preds.csv
  xent score preds.parquet --unit bits
  xent score preds.csv --label outcome --prob p_yes --positive yes
  xent score 'shards/*.parquet' --format json | jq .metrics.log_loss
"""


@click.command(
    cls=_Commands,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=False,
)
@click.version_option(__version__, prog_name="xent", message="%(prog)s %(version)s")
def xent() -> None:
    """How good are the probabilities in a prediction file?

    xent reads labels and class probabilities (or logits, or log-probabilities) from CSV, JSON Lines, Parquet and
    other files and reports log loss, accuracy, entropy and where the loss comes from. Results go to standard
    output, complete or not at all; notices and errors to standard error.
    """
