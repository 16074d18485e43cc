"""`xent columns`."""

import click

from xentcli.cli.groups.inputs import InputOptions, SlicingOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, complete, with_options
from xentcli.cli.outcome import Outcome, outcome_of

EXAMPLES = """\b
Examples:
  xent columns preds.csv
  xent columns preds.parquet --logit 'out_*' --classes cat,dog,bird
  xent columns preds.csv --format json | jq .problem
\b
Reads the header and at most the first block of rows. A column that is not clear
is shown with the option that settles it, and is no failure of this command.
Exit codes: 0 shown; 2 wrong usage; 3 bad content; 4 cannot read or write; 70
internal error.
"""


@click.command(cls=GroupedCommand, name="columns", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete("files"))
@with_options
def command(
    inputs: InputOptions, slicing: SlicingOptions, printing: PrintingOptions, files: tuple[str, ...]
) -> Outcome:
    """Show which column of FILE would be used as what, and why."""
    from xentcli.api import columns_of

    return outcome_of(columns_of(inputs.request(files, slicing)), printing)
