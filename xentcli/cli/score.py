"""`xent score`."""

from __future__ import annotations

from typing import Any

import click

from xentcli.cli.options import (
    BREAKDOWN,
    ENGINE,
    PRINTING,
    SCORING,
    SELECTING,
    SLICING,
    UNIT,
    having,
    page,
    score_request,
)
from xentcli.cli.progress import watch
from xentcli.cli.run import Outcome
from xentcli.render import render

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
  xent score tokens.jsonl --logprob token_logprob --bytes bytes
  xent score 'preds/*.parquet' --engine dask --scheduler tcp://10.0.0.5:8786
  xent score preds.csv --format markdown --output report.md
\b
Exit codes: 0 scored; 2 wrong or unclear command line; 3 bad content;
4 cannot open, read or write; 70 internal error.
"""


@click.command(name="score", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@having(SELECTING, SLICING, SCORING, ENGINE, BREAKDOWN, UNIT, PRINTING)
def command(files: tuple[str, ...], **options: Any) -> Outcome:
    """Score the predictions in FILE.

    CSV and other delimited text, JSON Lines, Parquet, Arrow IPC or NumPy arrays, plain or compressed; several
    files, patterns and folders count as one input, - is standard input.
    """
    from xentcli.api import score_files

    with watch(options) as progress:
        result = score_files(score_request(files, options, progress))
    paper = page(options["output"] is not None, options["no_color"], reliability=options["reliability"])
    text = render(result, options["format_"], paper)
    notices = () if options["quiet"] else result.notices
    return Outcome(text, options["output"], notices, document=options["format_"] != "table")
