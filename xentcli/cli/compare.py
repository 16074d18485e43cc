"""`xent compare`."""

from __future__ import annotations

from typing import Any

import click

from xentcli.cli.options import (
    BASE,
    BROKEN_DOWN,
    PAIRED_GATING,
    PRINTING,
    SCORING,
    SELECTING,
    SLICING,
    UNIT,
    compare_request,
    having,
)
from xentcli.cli.progress import watch
from xentcli.cli.reports import REPORTING, refuse_unused, reported
from xentcli.cli.run import Outcome

EXAMPLES = """\b
Examples:
  xent compare old.csv new.csv --on id
  xent compare old.csv new.csv --on id --by site --cluster user
  xent compare old.parquet new.csv --on id --base-logit 'z_*' --prob 'p_*'
  xent compare both.csv both.csv --base-prob old --prob new
  xent compare old.csv new.csv --labels solution.csv --on id --unit bits
  xent compare old.csv new.csv --on id --require 'log_loss <= baseline'
  xent compare old.csv new.csv --on id --confidence 0.95
      --require 'log_loss <= baseline + 0.005'     (a test of non-inferiority)
  xent compare old.csv new.csv --on id --format json | jq .metrics.log_loss
\b
Every difference is new - base. Labels and weights must agree row by row. What is
used of BASE is held in memory; NEW is streamed.
Exit codes: 0 compared, every requirement held; 1 one did not; 5 none failed, but
one is undecided; 2 wrong or unclear command line; 3 bad content, or rows that
are not the same; 4 cannot open, read or write; 70 internal error.
"""


@click.command(name="compare", epilog=EXAMPLES)
@click.argument("base", metavar="BASE")
@click.argument("new", metavar="NEW")
@having(SELECTING, BASE, SLICING, SCORING, BROKEN_DOWN, UNIT, PAIRED_GATING, REPORTING, PRINTING)
def command(base: str, new: str, **options: Any) -> Outcome:
    """Is the model of NEW better than that of BASE, on the same rows?

    The mean difference of log loss, accuracy and Brier score with its paired standard error, 95 % interval and
    Student's t; rows won and lost, where the two differ most, and the smallest difference so many rows could show.
    """
    from xentcli.api import compare_files
    from xentcli.results.gate import GateResult
    from xentcli.results.outcome import sort_worst_first

    refuse_unused(options)
    with watch(options) as progress:
        result = compare_files(compare_request(base, new, dict(options), progress))
    verdict = GateResult(tuple(sort_worst_first(result.gates)), result.new, base)
    return reported(result, verdict, options, result.notices, github=bool(options["github"]), summarized=result)
