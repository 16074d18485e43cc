"""`xent worst`."""

from __future__ import annotations

from typing import Any

import click

from xentcli.cli.options import ENGINE, LISTING, PRINTING, SCORING, SELECTING, UNIT, having, page, score_request
from xentcli.cli.progress import watch
from xentcli.cli.run import Outcome
from xentcli.render.formats import render

EXAMPLES = """\b
Examples:
  xent worst preds.csv
  xent worst preds.csv -n 5 --on id --show age --show text
  xent worst preds.parquet --format csv --output worst.csv
  xent worst preds.csv --format json | jq -r '.rows[] | "\\(.line) \\(.loss)"'
\b
One pass, and memory for the rows listed only. Rows of equal loss come in the
order of the input.
Exit codes: 0 listed; 2 wrong or unclear command line; 3 bad content;
4 cannot open, read or write; 70 internal error.
"""


@click.command(name="worst", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@having(LISTING, SELECTING, SCORING, ENGINE, UNIT, PRINTING)
def command(files: tuple[str, ...], **options: Any) -> Outcome:
    """List the rows of FILE with the largest loss."""
    from xentcli.api import worst_of

    with watch(options) as progress:
        result = worst_of(score_request(files, options, progress), options["n"])
    text = render(result, options["format_"], page(options["output"] is not None, options["no_color"]))
    notices = () if options["quiet"] else result.notices
    return Outcome(text, options["output"], notices, document=options["format_"] != "table")
