"""`xent compare`."""

from __future__ import annotations

from typing import Any

import click

from xentcli.cli.options import (
    BASE,
    BROKEN_DOWN,
    PRINTING,
    SCORING,
    SELECTING,
    SLICING,
    UNIT,
    compare_request,
    having,
    page,
)
from xentcli.cli.run import Outcome
from xentcli.render import render

EXAMPLES = """\b
Examples:
  xent compare old.csv new.csv --on id
  xent compare old.csv new.csv --on id --by site --cluster user
  xent compare old.parquet new.csv --on id --base-logit 'z_*' --prob 'p_*'
  xent compare both.csv both.csv --base-prob old --prob new
  xent compare old.csv new.csv --labels solution.csv --on id --unit bits
  xent compare old.csv new.csv --on id --format json | jq .metrics.log_loss
\b
Every difference is new - base. Labels and weights must agree row by row. What is
used of BASE is held in memory; NEW is streamed.
Exit codes: 0 compared; 2 wrong or unclear command line; 3 bad content, or rows
that are not the same; 4 cannot open, read or write; 70 internal error.
"""


@click.command(name="compare", epilog=EXAMPLES)
@click.argument("base", metavar="BASE")
@click.argument("new", metavar="NEW")
@having(SELECTING, BASE, SLICING, SCORING, BROKEN_DOWN, UNIT, PRINTING)
def command(base: str, new: str, **options: Any) -> Outcome:
    """Is the model of NEW better than that of BASE, on the same rows?

    The mean difference of log loss, accuracy and Brier score with its paired standard error, 95 % interval and
    Student's t; rows won and lost, where the two differ most, and the smallest difference so many rows could show.
    """
    from xentcli.api import compare_files

    result = compare_files(compare_request(base, new, options))
    text = render(result, options["format_"], page(options["output"] is not None, options["no_color"]))
    notices = () if options["quiet"] else result.notices
    return Outcome(text, options["output"], notices, document=options["format_"] != "table")
