"""`xent gradients`."""

from __future__ import annotations

from typing import Any

import click

from xentcli.cli.options import ENGINE, PRINTING, SCORING, SELECTING, having, page, score_request
from xentcli.cli.progress import watch
from xentcli.cli.run import Outcome
from xentcli.render.formats import render

EXAMPLES = """\b
Examples:
  xent gradients preds.csv
  xent gradients preds.parquet --logit 'out_*' --classes cat,dog,bird
  xent gradients preds.csv --format json | jq .saturated_share
\b
Gradients are with respect to the logits: of the softmax, or of the sigmoid for
two classes. A row has saturated if it gives its label less than one half, and
squared error pulls less than a tenth as hard as cross-entropy.
Exit codes: 0 shown; 2 wrong or unclear command line; 3 bad content;
4 cannot open, read or write; 70 internal error.
"""


@click.command(name="gradients", epilog=EXAMPLES)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@having(SELECTING, SCORING, ENGINE, PRINTING)
def command(files: tuple[str, ...], **options: Any) -> Outcome:
    """Show why cross-entropy trains better than squared error, on the predictions in FILE.

    For rows from utterly wrong to right: the size of the gradient of cross-entropy, and of squared error, which
    vanishes where a forecast is sure and wrong.
    """
    from xentcli.api import gradients_of

    with watch(options) as progress:
        result = gradients_of(score_request(files, options, progress))
    text = render(result, options["format_"], page(options["output"] is not None, options["no_color"]))
    notices = () if options["quiet"] else result.notices
    return Outcome(text, options["output"], notices, document=options["format_"] != "table")
