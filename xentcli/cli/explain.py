"""`xent explain`."""

from __future__ import annotations

from typing import Any

import click
from msgspec.structs import replace

from xentcli.cli.options import PRINTING, having, page
from xentcli.cli.run import Outcome
from xentcli.cli.values import name
from xentcli.render.formats import render

WIDEST = 100  # characters of a line of prose, in a pipe too

EXAMPLES = """\b
Examples:
  xent explain
  xent explain miscalibration
  xent explain per_class.log_loss
  xent explain "cross-entropy" --format json | jq -r .numbers[0].formula
\b
Exit codes: 0 explained; 2 no such number.
"""


@click.command(name="explain", epilog=EXAMPLES)
@click.argument("metric", required=False, type=name)
@having(PRINTING)
def command(metric: str | None, **options: Any) -> Outcome:
    """Explain METRIC: definition, formula, unit, range, caveats and source; without METRIC, list all."""
    from xentcli.results.explain import explain

    result = explain(metric)
    paper = page(options["output"] is not None, options["no_color"])
    paper = replace(
        paper, width=min(paper.width or WIDEST, WIDEST)
    )  # prose: also in a pipe nobody wants longer lines
    text = render(result, options["format_"], paper)
    return Outcome(text, options["output"], document=options["format_"] != "table")
