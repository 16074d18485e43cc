"""`xent merge`."""

from __future__ import annotations

from typing import Any

import click

from xentcli.cli.memory import collect_again
from xentcli.cli.options import PRINTING, RELIABILITY, SAVE_STATE, UNIT, having, page
from xentcli.cli.progress import watch
from xentcli.cli.run import Outcome
from xentcli.cli.signals import unwind
from xentcli.render.formats import render

EXAMPLES = """\b
Examples:
  xent score monday.csv --save-state monday.json
  xent score tuesday.csv --save-state tuesday.json
  xent merge monday.json tuesday.json
  xent merge total.json tuesday.json --save-state total.json
  xent merge 'states/*.json' --unit bits --format json
\b
The result is that of scoring all files at once, to the last bit. For three
classes and more a file above 4 million values (rows times classes) keeps a
sample for the breakdown: then --shard N, when scoring, makes it the same one.
States that were not scored alike, that are damaged, or that hold the same
rows are refused.
Exit codes: 0 merged; 2 wrong or unclear command line; 3 bad content, or states
of unlike signatures; 4 cannot open, read or write; 70 internal error.
"""


@click.command(name="merge", epilog=EXAMPLES)
@click.argument("states", nargs=-1, required=True, metavar="STATE...")
@having((RELIABILITY, SAVE_STATE), UNIT, PRINTING)
def command(states: tuple[str, ...], **options: Any) -> Outcome:
    """Combine states that `xent score --save-state` wrote: the result of scoring all their files at once."""
    from xentcli.api import merge_states

    collect_again()
    unwind()
    with watch(options) as progress:
        result = merge_states(states, save_state=options["save_state"], unit=options["unit"], progress=progress)
    paper = page(options["output"] is not None, options["no_color"], reliability=options["reliability"])
    text = render(result, options["format_"], paper)
    notices = () if options["quiet"] else result.notices
    return Outcome(text, options["output"], notices, document=options["format_"] != "table")
