"""The command line: options become a request, the API answers, a renderer writes, the runner exits."""

from __future__ import annotations

import os
import shlex
from importlib import import_module

import click

from xentcli import __version__
from xentcli.cli.help.epilog import Epilog
from xentcli.cli.help.page import HelpPage, OptionHelp
from xentcli.errors import RequestError
from xentcli.wording import brief, nearest

# One module a command, loaded when it is called: `xent --help` needs none of the machinery.
COMMANDS = {
    "score": "Log loss, accuracy, calibration and more of a file.",
    "columns": "Which column would be used as what, and why.",
    "worst": "The rows with the largest loss.",
    "calibrate": "Recalibrate, and does it help on unseen rows?",
    "apply": "Recalibrated predictions, in the format of the file.",
    "compare": "Is the new model better, on the same rows?",
    "rank": "Which of several models may be best?",
    "divergence": "How far has the new model moved? No labels needed.",
    "gate": "Is the model good enough? A verdict for CI.",
    "merge": "One result of files that were scored separately.",
    "report": "One page of HTML with numbers, pictures and tables.",
    "gradients": "Why cross-entropy trains better than squared error.",
    "plot": "Pictures: reliability, breakdown, ROC and more.",
    "explain": "What a number means, and what can mislead.",
    "help": "The documentation, and all options of a command.",
    "completion": "The script for Tab completion in your shell.",
}
# Where a module is not named as its command.
_MODULES = {
    "help": "help.pages",
    "compare": "comparing.compare",
    "rank": "comparing.rank",
    "divergence": "comparing.divergence",
    "plot": "pictures.plot",
    "report": "pictures.report",
}

MORE = {  # where a page of the overview leads
    "xent COMMAND --help": "the common options, on one screen",
    "xent help COMMAND": "all options and examples",
    "xent help": "the documentation, by topic",
    "xent explain NAME": "what a number means",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"xentcli.cli.{_MODULES.get(name, name)}").command
        return command

    def get_help(self, ctx: click.Context) -> str:
        page = HelpPage(ctx)
        page.write_start()
        with page.section("Commands"):
            page.write_words(COMMANDS.items())
        page.write_examples(Epilog.parse(self.epilog).examples)
        with page.section("More"):
            page.write_words(MORE.items())
        options = [OptionHelp.of(each, ctx) for each in self.get_params(ctx)]
        page.write_paragraph()
        page.write_names(page.bold("Options"), [option for option in options if option is not None])
        return page.getvalue().rstrip("\n")

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
  xent score preds.csv --label outcome --prob p_yes
  xent compare old.csv new.csv --on id
  xent score 'shards/*.parquet' --json | jq .metrics.log_loss
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
    other files, and reports log loss, accuracy, calibration and where the loss comes from. A result goes to
    standard output or to -o FILE, complete or not at all; notices and errors go to standard error.
    """
