"""`xent compare`."""

import click

from xentcli.cli.groups.gating import AnytimeOptions, PairedGatingOptions
from xentcli.cli.groups.inputs import BaseOptions, InputOptions, SlicingOptions
from xentcli.cli.groups.scoring import EngineOptions, PairedBreakdownOptions, ScoringOptions, StateOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, UnitOptions, complete, with_options
from xentcli.cli.outcome import Outcome, PicturesOptions, ReportOptions, outcome_of, with_verdict
from xentcli.cli.progress import watch
from xentcli.cli.saving import state_target, with_state
from xentcli.units import Unit

EXAMPLES = """\b
Examples:
  xent compare old.csv new.csv --on id
  xent compare old.csv new.csv --on id --by site --cluster user
  xent compare both.csv both.csv --base-prob old --prob new
  xent compare old.csv new.csv --on id --require 'log_loss <= baseline'
  xent compare old.parquet new.csv --on id --base-logit 'z_*' --prob 'p_*'
  xent compare old.csv new.csv --labels solution.csv --on id --unit bits
  xent compare old.csv new.csv --on id --confidence 0.95 --require 'log_loss <= baseline + 0.005'
      a test of non-inferiority
  xent compare old.csv new.csv --on id --anytime 5000 --require 'log_loss <= baseline + 0.005'
      the same for a set of rows that grows and is looked at every night
  xent compare old.csv new.csv --on id --format json | jq .metrics.log_loss
\b
Every difference is new - base, with its paired standard error and Student's t. The
report also says on how many rows NEW is better, and the smallest difference
detectable with so many rows. Labels and weights must agree row by row. The
columns used of BASE are held in memory; NEW is streamed.
Exit codes: 0 compared; 1 a requirement failed; 2 wrong usage; 3 bad content, or
rows that differ; 4 cannot read or write; 5 a requirement is
undecided; 70 internal error.
"""


@click.command(cls=GroupedCommand, name="compare", epilog=EXAMPLES)
@click.argument("base", metavar="BASE", shell_complete=complete("files"))
@click.argument("new", metavar="NEW", shell_complete=complete("files"))
@with_options
def command(
    inputs: InputOptions,
    of_base: BaseOptions,
    slicing: SlicingOptions,
    scoring: ScoringOptions,
    engine: EngineOptions,
    breakdown: PairedBreakdownOptions,
    unit: UnitOptions,
    anytime: AnytimeOptions,
    gating: PairedGatingOptions,
    saving: StateOptions,
    reports: ReportOptions,
    pictures: PicturesOptions,
    printing: PrintingOptions,
    base: str,
    new: str,
) -> Outcome:
    """Is NEW better than BASE, on the same rows? Paired differences in log loss, accuracy and
    Brier score, and the rows that differ most.
    """
    from xentcli.api import CompareRequest, compare_files

    reports.refuse_unused(gating.require)
    folder = pictures.folder(printing.format_)
    target = state_target(saving.save_state)
    with watch(printing) as progress:
        request = CompareRequest(
            base=of_base.instead_of(inputs).request((base,), names_rows=True),
            new=inputs.request((new,), slicing, names_rows=True),
            on=inputs.on,
            policy=scoring.policy(),
            breakdown=breakdown.breakdown,
            unit=Unit(unit.unit),
            gating=gating.request(),
            anytime=anytime.anytime,
            engine=engine.request(scoring.threads, progress),
            save_state=target,
        )
        result = compare_files(request)
    outcome = with_state(outcome_of(result, printing, result.notices, folder=folder), target)
    return with_verdict(outcome, result.verdicts, reports, result, exit_zero=gating.exit_zero)
