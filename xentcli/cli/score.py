"""`xent score`."""

from __future__ import annotations

from typing import Any

import click

from xentcli.cli.options import (
    BREAKDOWN,
    ENGINE,
    GATING,
    PRINTING,
    SAVING,
    SCORING,
    SELECTING,
    SLICING,
    UNIT,
    having,
    score_request,
)
from xentcli.cli.progress import watch
from xentcli.cli.reports import REPORTING, refuse_unused, reported
from xentcli.cli.run import Outcome

EXAMPLES = """\b
Examples:
  xent score preds.csv
      columns by name: label (or target, y, ...), prob_<class> (or p_<class>,
      logit_<class>, ...), or one column prob with labels 0/1
  xent score preds.csv --label outcome --prob p_yes --positive yes
  xent score preds.parquet --logit 'out_*' --classes cat,dog,bird
  xent score a.parquet b.parquet --weight w --unit bits
  zcat preds.csv.gz | xent score - --format json | jq .metrics.log_loss
  xent score preds.csv --by site --by site,sex --bins age=0,18,65
  xent score preds.csv --cluster user --prior no=0.9,yes=0.1 --reliability
  xent score submission.csv --labels solution.csv --on id
  xent score preds.csv --require 'log_loss <= 0.35' --require 'rows >= 1000'
  xent score preds.csv --require 'recall[yes] >= 0.9' --confidence 0.95
  xent score preds.csv --require 'log_loss[site=*] <= 0.5 bits'
  xent score a.csv --baseline b.json --require 'log_loss <= baseline + 0.01'
  xent score tokens.jsonl --logprob token_logprob --bytes bytes
  xent score 'preds/*.parquet' --engine dask --scheduler tcp://10.0.0.5:8786
  xent score preds.csv --format markdown --output report.md
  xent score shard7.parquet --save-state s7.json --shard 7
      and xent merge s*.json, once all are there
\b
Exit codes: 0 scored, every requirement held; 1 one did not; 5 none failed,
but one is undecided; 2 wrong or unclear command line; 3 bad content;
4 cannot open, read or write; 70 internal error.
"""


@click.command(name="score", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@having(SELECTING, SLICING, SCORING, ENGINE, BREAKDOWN, SAVING, UNIT, GATING, REPORTING, PRINTING)
def command(files: tuple[str, ...], **options: Any) -> Outcome:
    """Score the predictions in FILE.

    CSV and other delimited text, JSON Lines, Parquet, Arrow IPC or NumPy arrays, plain or compressed; several
    files, patterns and folders count as one input, - is standard input.
    """
    from xentcli.api import gate_of

    refuse_unused(options)
    with watch(options) as progress:
        result = gate_of(score_request(files, options, progress))
    return reported(result.score, result, options, result.score.notices, github=bool(options["github"]))
