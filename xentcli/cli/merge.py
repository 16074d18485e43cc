"""`xent merge`."""

from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from xentcli.cli.groups.gating import GatingOptions
from xentcli.cli.groups.reporting import GateReportOptions, refuse_no_page
from xentcli.cli.groups.scoring import MergeOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, UnitOptions, complete, with_options
from xentcli.cli.outcome import Outcome, PicturesOptions, outcome_of, with_verdict
from xentcli.cli.process.memory import collect_again
from xentcli.cli.progress import watch
from xentcli.cli.saving import state_target, with_state
from xentcli.cli.signals import unwind
from xentcli.units import Unit

if TYPE_CHECKING:
    from xentcli.api import Merged

EXAMPLES = """\b
Examples:
  xent score monday.csv --save-state monday.state
  xent merge monday.state tuesday.state
  xent merge total.state tuesday.state --save-state total.state
  xent merge 'states/*.state' --require 'log_loss <= 0.35' --junit gate.xml
  xent merge 'states/*.state' --unit bits --format json
  xent merge 'states/*.state' --baseline total.state --require 'log_loss <= baseline'
  xent compare old.csv new.csv --on id --save-state nights/1.state
  xent merge 'nights/*.state' --require 'log_loss <= baseline + 0.005' --confidence 0.95
      of comparisons: BASE is the baseline
\b
The result is that of scoring all files at once, to the last bit, and so is the
verdict on it. For three classes and more a file above 4 million values (rows
times classes) keeps a sample for the breakdown: then --shard N, when scoring,
makes it the same one. States of other options, damaged ones and those that
hold the same rows are refused. A part without a row to score exits 3 when it
is scored, yet its state is written, and adds nothing here.
Exit codes: 0 merged; 1 a requirement failed; 2 wrong usage; 3 bad content, or
states with other options; 4 cannot read or write; 5 a requirement is
undecided; 70 internal error.
"""


@click.command(cls=GroupedCommand, name="merge", epilog=EXAMPLES)
@click.argument("states", nargs=-1, required=True, metavar="STATE...", shell_complete=complete("files"))
@with_options
def command(
    merging: MergeOptions,
    unit: UnitOptions,
    pictures: PicturesOptions,
    gating: GatingOptions,
    reports: GateReportOptions,
    printing: PrintingOptions,
    states: tuple[str, ...],
) -> Outcome:
    """Combine states that `--save-state` of score, worst, compare, rank or divergence wrote: the result of all
    files at once.
    """
    from xentcli.api import MergeRequest, merge_and_gate

    folder = pictures.folder(printing.format_)
    collect_again()
    unwind()
    target = state_target(merging.save_state)
    reports.refuse_unused(gating.require)
    gating.refuse_no_verdict()
    if reports.report is not None:
        refuse_no_page(reports.report)
    with watch(printing) as progress:
        request = MergeRequest(
            paths=states,
            require=gating.require,
            confidence=gating.confidence,
            baseline=gating.baseline,
            unit=Unit(unit.unit),
            save_state=target,
            reliability=merging.reliability,
            progress=progress,
        )
        merged = merge_and_gate(request)
    result, shown = merged.result, printing.page(reliability=merging.reliability)
    outcome = with_state(outcome_of(result, printing, result.notices, shown, folder), target)
    outcome = with_verdict(outcome, merged.verdicts, reports, merged.summary, exit_zero=gating.exit_zero)
    return replace(outcome, files=(*outcome.files, *_page(merged, reports.report)))


def _page(merged: "Merged", path: str | None) -> tuple[tuple[str, str], ...]:
    """The page of the whole, with its path, if one is asked for."""
    if path is None:
        return ()
    from xentcli.api import report_merged
    from xentcli.render.html.page import render

    return ((path, render(report_merged(merged))),)
