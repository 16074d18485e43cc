"""`xent rank`."""

import click

from xentcli.cli.groups.gating import AnytimeOptions, PairedGatingOptions
from xentcli.cli.groups.inputs import InputOptions, SlicingOptions
from xentcli.cli.groups.ranking import LevelOptions, ModelOptions
from xentcli.cli.groups.scoring import EngineOptions, PairedBreakdownOptions, ScoringOptions, StateOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, UnitOptions, complete, with_options
from xentcli.cli.outcome import Outcome, PicturesOptions, ReportOptions, outcome_of, with_verdict
from xentcli.cli.progress import watch
from xentcli.cli.saving import state_target, with_state
from xentcli.units import Unit

EXAMPLES = """\b
Examples:
  xent rank old.csv new.csv tuned.csv --on id
  xent rank runs/*.csv --on id --base baseline --by site
  xent rank preds.csv --model 'new=p_new_*' --model 'old=p_old_*'
  xent rank old.csv new.csv tuned.csv --on id --require 'may_be_best[new]'
  xent rank runs/a/preds.csv runs/b/preds.csv --name runs/a/preds.csv=a --name runs/b/preds.csv=b
  xent rank old.csv new.csv tuned.csv --on id --format markdown --output leaderboard.md
  xent rank old.csv new.csv --on id --base old --confidence 0.95 --require 'log_loss[new] <= baseline + 0.005'
  xent rank old.csv new.csv tuned.csv --on id --anytime 5000 --save-state ranked.state
      for rows that keep coming: xent merge adds other rows of the same models
\b
The best model comes first. A model may be best unless another is shown to be better, at a
level that allows for the number of models. Differences are paired, row by row; labels and
weights must agree. The first file is streamed, what is used of the others is held in memory.
\b
Exit codes: 0 ranked; 1 a requirement failed; 2 wrong usage; 3 bad content, or
rows that differ; 4 cannot read or write; 5 a requirement is
undecided; 70 internal error.
"""


@click.command(cls=GroupedCommand, name="rank", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete("files"))
@with_options
def command(
    naming: ModelOptions,
    inputs: InputOptions,
    slicing: SlicingOptions,
    scoring: ScoringOptions,
    engine: EngineOptions,
    breakdown: PairedBreakdownOptions,
    state: StateOptions,
    unit: UnitOptions,
    sure: LevelOptions,
    anytime: AnytimeOptions,
    gating: PairedGatingOptions,
    reports: ReportOptions,
    pictures: PicturesOptions,
    printing: PrintingOptions,
    files: tuple[str, ...],
) -> Outcome:
    """Which of several models may be best, on the same rows? One leaderboard, the best first: ranks that the rows
    leave open, log loss, the paired difference to the best (or --base), and what recalibrating would win.
    """
    from xentcli.api import RankRequest, rank_files

    reports.refuse_unused(gating.require)
    folder = pictures.folder(printing.format_)
    target = state_target(state.save_state)
    with watch(printing) as progress:
        request = RankRequest(
            models=naming.models(inputs.request(files, slicing, names_rows=True)),
            on=inputs.on,
            base=naming.base,
            level=sure.level,
            anytime=anytime.anytime,
            policy=scoring.policy(),
            breakdown=breakdown.breakdown,
            unit=Unit(unit.unit),
            gating=gating.request(ranked=True),
            engine=engine.request(scoring.threads, progress),
            save_state=target,
        )
        result = rank_files(request)
    outcome = with_state(outcome_of(result, printing, result.notices, folder=folder), target)
    return with_verdict(outcome, result.verdicts, reports, result, exit_zero=gating.exit_zero)
