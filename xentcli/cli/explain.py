"""`xent explain`."""

import click
from msgspec.structs import replace

from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, complete, with_options
from xentcli.cli.outcome import Outcome, outcome_of
from xentcli.cli.values import name

WIDEST = 100  # characters of a line of prose, in a pipe too

EXAMPLES = """\b
Examples:
  xent explain
  xent explain miscalibration
  xent explain per_class.log_loss
  xent explain "cross-entropy" --format json | jq -r .numbers[0].formula
\b
Exit codes: 0 explained; 2 no such number.
"""


@click.command(cls=GroupedCommand, name="explain", epilog=EXAMPLES)
@click.argument("metric", required=False, type=name, shell_complete=complete("metrics"))
@with_options
def command(printing: PrintingOptions, metric: str | None) -> Outcome:
    """Explain METRIC: definition, formula, unit, range, caveats and source; without METRIC, list all."""
    from xentcli.results.explain import explain

    page = printing.page()  # prose: also in a pipe nobody wants longer lines
    page = replace(page, width=min(page.width or WIDEST, WIDEST))
    return outcome_of(explain(metric), printing, page=page)
