"""`xent worst`."""

import click

from xentcli.cli.groups.inputs import InputOptions
from xentcli.cli.groups.scoring import EngineOptions, ListingOptions, ScoringOptions, StateOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, UnitOptions, complete, with_options
from xentcli.cli.outcome import Outcome, outcome_of
from xentcli.cli.progress import watch
from xentcli.cli.saving import state_target, with_state
from xentcli.units import Unit

EXAMPLES = """\b
Examples:
  xent worst preds.csv
  xent worst preds.csv -n 5 --on id --show age --show text
  xent worst preds.parquet --format csv --output worst.csv
  xent worst part-1.csv --save-state w1.state
      and xent merge w*.state: the worst rows of all parts
  xent worst preds.csv --format json | jq -r '.rows[] | "\\(.line) \\(.loss)"'
\b
One pass over the input; only the rows listed are held in memory. Rows of equal
loss are in the order of the input.
Exit codes: 0 listed; 2 wrong usage; 3 bad content; 4 cannot read or write; 70
internal error.
"""


@click.command(cls=GroupedCommand, name="worst", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete("files"))
@with_options
def command(
    listing: ListingOptions,
    inputs: InputOptions,
    scoring: ScoringOptions,
    engine: EngineOptions,
    unit: UnitOptions,
    saving: StateOptions,
    printing: PrintingOptions,
    files: tuple[str, ...],
) -> Outcome:
    """List the rows of FILE with the largest loss."""
    from xentcli.api import WorstRequest, worst_of

    target = state_target(saving.save_state)
    with watch(printing) as progress:
        request = WorstRequest(
            inputs=inputs.request(files, show=listing.show, names_rows=True),
            most=listing.n,
            id=inputs.on,
            policy=scoring.policy(),
            engine=engine.request(scoring.threads, progress),
            unit=Unit(unit.unit),
            save_state=target,
        )
        result = worst_of(request)
    return with_state(outcome_of(result, printing, result.notices), target)
