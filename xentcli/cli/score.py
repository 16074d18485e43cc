"""`xent score`."""

import click

from xentcli.cli.groups.gating import GatingOptions
from xentcli.cli.groups.inputs import InputOptions, SlicingOptions
from xentcli.cli.groups.scoring import BreakdownOptions, EngineOptions, SavingOptions, ScoringOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import PrintingOptions, UnitOptions, complete, with_options
from xentcli.cli.outcome import Outcome, PicturesOptions, ReportOptions, outcome_of, with_verdict
from xentcli.cli.progress import watch
from xentcli.cli.saving import state_target, with_state
from xentcli.units import Unit

EXAMPLES = """\b
Examples:
  xent score preds.csv
      columns by name: label (or target, y, ...), prob_<class> (or p_<class>,
      logit_<class>, ...), or one column prob with labels 0/1
  xent score preds.csv --label outcome --prob p_yes
  xent score preds.parquet --logit 'out_*' --by site
  xent score submission.csv --labels solution.csv --on id
  xent score preds.csv --label outcome --prob p --positive yes
  xent score preds.parquet --logit 'out_*' --classes cat,dog,bird
  xent score a.parquet b.parquet --weight w --unit bits
  zcat preds.csv.gz | xent score - --format json | jq .metrics.log_loss
  xent score preds.csv --by site --by site,sex --bins age=0,18,65
  xent score preds.csv --cluster user --prior no=0.9,yes=0.1 --reliability
  xent score preds.csv --require 'log_loss <= 0.35' --require 'rows >= 1000'
  xent score preds.csv --require 'recall[yes] >= 0.9' --confidence 0.95
  xent score preds.csv --require 'log_loss[site=*] <= 0.5 bits'
  xent score a.csv --baseline b.json --require 'log_loss <= baseline + 0.01'
  xent score tokens.jsonl --logprob token_logprob --bytes bytes
  xent score 'preds/*.parquet' --engine dask --scheduler tcp://10.0.0.5:8786
  xent score preds.csv --format markdown --output report.md
  xent score shard7.parquet --save-state s7.state --shard 7
      and xent merge s*.state, once all are there
\b
Exit codes: 0 scored; 1 a requirement failed; 2 wrong usage; 3 bad content; 4
cannot read or write; 5 a requirement is undecided; 70 internal error.
"""


@click.command(cls=GroupedCommand, name="score", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete("files"))
@with_options
def command(
    inputs: InputOptions,
    slicing: SlicingOptions,
    scoring: ScoringOptions,
    engine: EngineOptions,
    breakdown: BreakdownOptions,
    saving: SavingOptions,
    unit: UnitOptions,
    gating: GatingOptions,
    reports: ReportOptions,
    pictures: PicturesOptions,
    printing: PrintingOptions,
    files: tuple[str, ...],
) -> Outcome:
    """Score the predictions in FILE: CSV or other text, JSON Lines, Parquet, Arrow or NumPy, plain or compressed.
    Several files, patterns and folders count as one input; - is standard input.
    """
    from xentcli.api import ScoreRequest, gate_of

    reports.refuse_unused(gating.require)
    folder = pictures.folder(printing.format_)
    target = state_target(saving.save_state)
    with watch(printing) as progress:
        request = ScoreRequest(
            inputs=inputs.request(files, slicing),
            policy=scoring.policy(ordinal=breakdown.ordinal),
            engine=engine.request(scoring.threads, progress),
            prior=breakdown.prior,
            breakdown=breakdown.breakdown,
            unit=Unit(unit.unit),
            reliability=breakdown.reliability,
            gating=gating.request(),
            save_state=target,
            shard=saving.shard,
        )
        result = gate_of(request)
    page = printing.page(reliability=breakdown.reliability)
    outcome = with_state(outcome_of(result.score, printing, result.score.notices, page, folder), target)
    return with_verdict(outcome, result, reports, result, exit_zero=gating.exit_zero)
