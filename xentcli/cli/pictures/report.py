"""`xent report`."""

import click

from xentcli.cli.groups.applying import QuietOptions
from xentcli.cli.groups.gating import GatingOptions
from xentcli.cli.groups.inputs import BaseOptions, InputOptions, SlicingOptions
from xentcli.cli.groups.reporting import ContentOptions, PageOptions
from xentcli.cli.groups.scoring import EngineOptions, PartsOptions, ScoringOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import UnitOptions, complete, with_options
from xentcli.cli.outcome import Outcome, ReportOptions, with_verdict
from xentcli.cli.progress import watch
from xentcli.units import Unit

EXAMPLES = """\b
Examples:
  xent report preds.csv -o page.html
  xent report preds.csv --by site -o page.html
  xent report new.csv --base old.csv --on id -o page.html
  xent report preds.csv --require 'log_loss <= 0.35' -o page.html
  xent report 'shards/*.parquet' --title 'Model 7' -o page.html
  xent report state.json -o page.html
      a state of xent score --save-state, or a result of xent score --format json
\b
One file that needs nothing else: the verdict, the headline numbers, where the loss
comes from and what to do, pictures with their numbers, every table, the costliest
rows, and the SHA-256 of the inputs. The same inputs give the same bytes.
Exit codes: 0 written; 1 a requirement failed; 2 wrong usage; 3 bad content; 4
cannot read or write; 5 a requirement is undecided; 70 internal error.
"""


@click.command(cls=GroupedCommand, name="report", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete("files"))
@with_options
def command(
    content: ContentOptions,
    inputs: InputOptions,
    of_base: BaseOptions,
    slicing: SlicingOptions,
    scoring: ScoringOptions,
    engine: EngineOptions,
    breakdown: PartsOptions,
    unit: UnitOptions,
    gating: GatingOptions,
    reports: ReportOptions,
    page: PageOptions,
    quiet: QuietOptions,
    files: tuple[str, ...],
) -> Outcome:
    """Write a page of HTML about the predictions in FILE: verdict, numbers, pictures and every table. It asks
    nothing of a network and needs no script to be read.
    """
    from xentcli.api import ReportRequest, ScoreRequest, report_files
    from xentcli.render.html.page import render

    reports.refuse_unused(gating.require)
    file = page.file
    with watch(quiet) as progress:
        score = ScoreRequest(
            inputs=inputs.request(files, slicing, names_rows=True),
            policy=scoring.policy(),
            engine=engine.request(scoring.threads, progress),
            prior=breakdown.prior,
            breakdown=breakdown.breakdown,
            unit=Unit(unit.unit),
            gating=gating.request(changes=True),
        )
        base = content.base and of_base.instead_of(inputs).request((content.base,), names_rows=True)
        found = report_files(ReportRequest(score, None, base or None, inputs.on, content.title))
    notices = () if quiet.quiet else found.notices
    outcome = Outcome(render(found), file, notices=notices, document=True)
    return with_verdict(outcome, found.gate, reports, found.gate, exit_zero=gating.exit_zero)
