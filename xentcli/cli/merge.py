"""`xent merge`."""

import click

from xentcli.cli.groups.scoring import MergeOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, UnitOptions, complete, with_options
from xentcli.cli.outcome import Outcome, PicturesOptions, outcome_of
from xentcli.cli.process.memory import collect_again
from xentcli.cli.progress import watch
from xentcli.cli.saving import state_target, with_state
from xentcli.cli.signals import unwind

EXAMPLES = """\b
Examples:
  xent score monday.csv --save-state monday.state
  xent score tuesday.csv --save-state tuesday.state
  xent merge monday.state tuesday.state
  xent merge total.state tuesday.state --save-state total.state
  xent compare old.csv new.csv --on id --save-state tonight.state
  xent merge 'states/*.state' --unit bits --format json
\b
The result is that of scoring all files at once, to the last bit. For three
classes and more a file above 4 million values (rows times classes) keeps a
sample for the breakdown: then --shard N, when scoring, makes it the same one.
States of other options, damaged ones and those that hold the same rows are
refused. A part without a row to score exits 3 when it is scored, yet its
state is written, and adds nothing here.
Exit codes: 0 merged; 2 wrong usage; 3 bad content, or states with other
options; 4 cannot read or write; 70 internal error.
"""


@click.command(cls=GroupedCommand, name="merge", epilog=EXAMPLES)
@click.argument("states", nargs=-1, required=True, metavar="STATE...", shell_complete=complete("files"))
@with_options
def command(
    merging: MergeOptions,
    unit: UnitOptions,
    pictures: PicturesOptions,
    printing: PrintingOptions,
    states: tuple[str, ...],
) -> Outcome:
    """Combine states that `--save-state` of score, compare, rank or divergence wrote: the result of all files at
    once.
    """
    from xentcli.api import merge_states

    folder = pictures.folder(printing.format_)
    collect_again()
    unwind()
    target = state_target(merging.save_state)
    with watch(printing) as progress:
        result = merge_states(
            states,
            save_state=target,
            unit=unit.unit,
            reliability=merging.reliability,
            progress=progress,
        )
    outcome = outcome_of(result, printing, result.notices, printing.page(reliability=merging.reliability), folder)
    return with_state(outcome, target)
