"""`xent columns`."""

from __future__ import annotations

from typing import Any

import click

from xentcli.cli.options import PRINTING, SELECTING, SLICING, columns_request, having, page
from xentcli.cli.run import Outcome
from xentcli.render.formats import render

EXAMPLES = """\b
Examples:
  xent columns preds.csv
  xent columns preds.parquet --logit 'out_*' --classes cat,dog,bird
  xent columns preds.csv --format json | jq .problem
\b
Reads the header and at most the first block of rows. What is not clear is shown
with the option that settles it, and is no failure of this command.
Exit codes: 0 shown; 2 wrong command line; 3 bad content; 4 cannot open, read
or write; 70 internal error.
"""


@click.command(name="columns", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@having(SELECTING, SLICING, PRINTING)
def command(files: tuple[str, ...], **options: Any) -> Outcome:
    """Show which column of FILE would be used as what, and why."""
    from xentcli.api import columns_of

    result = columns_of(columns_request(files, options))
    text = render(result, options["format_"], page(options["output"] is not None, options["no_color"]))
    return Outcome(text, options["output"], document=options["format_"] != "table")
