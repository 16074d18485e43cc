"""`xent gate`."""

from __future__ import annotations

from typing import Any

import click

from xentcli.cli.config import config_of, configure, configured_files, overruled, settings
from xentcli.cli.options import (
    BREAKDOWN,
    ENGINE,
    GATING,
    PRINTING,
    SCORING,
    SELECTING,
    SLICING,
    UNIT,
    having,
    score_request,
)
from xentcli.cli.progress import watch
from xentcli.cli.reports import REPORTING, on_github, reported
from xentcli.cli.run import Outcome
from xentcli.errors import RequestError
from xentcli.render.starting_config import starting_config

EXAMPLES = """\b
Examples:
  xent gate preds.csv --init
      prints a configuration to begin with, for pyproject.toml
  xent gate preds.csv
      checks the requirements of [tool.xent.gate] in pyproject.toml
  xent gate preds.csv --require 'log_loss <= 0.35' --require 'rows >= 1000'
  xent gate preds.csv --require 'recall[malignant] >= 0.9' --confidence 0.95
  xent gate a.csv --baseline b.json --require 'log_loss <= baseline + 0.01'
  xent gate preds.csv --junit report.xml --format markdown --output comment.md
\b
Exit codes: 0 all requirements hold; 1 one does not; 5 none failed, but one is
undecided; 2 wrong or unclear command line or configuration; 3 bad content;
4 cannot open, read or write; 70 internal error.
"""
CONFIGURING = (
    click.option(
        "--config", metavar="FILE", is_eager=True, callback=configure, expose_value=False,
        help="Instead of pyproject.toml or xent.toml here or above.",
    ),
    click.option("--init", is_flag=True, help="Print a configuration that the scores of now meet."),
)  # fmt: skip


_NOT_YET = {"require": (), "baseline": None, "confidence": None}  # what a first configuration settles


@click.command(name="gate", epilog=EXAMPLES)
@click.argument("files", nargs=-1, metavar="FILE...", callback=configured_files)
@having(GATING, CONFIGURING, REPORTING, SELECTING, SLICING, SCORING, ENGINE, BREAKDOWN, UNIT, PRINTING)
def command(files: tuple[str, ...], **options: Any) -> Outcome:
    """Check what is required of the predictions in FILE: the verdict first, then the scores.

    Requirements and every other option can stand in [tool.xent.gate] of pyproject.toml, or in xent.toml, by their
    names; what the command line says comes first.
    """
    from xentcli.api import gate_of

    ctx = click.get_current_context()
    if options["init"]:
        return _begun(ctx, files, options)
    if not options["require"]:
        raise _nothing_required(ctx)
    with watch(options) as progress:
        result = gate_of(score_request(files, options, progress, changes=True))
    notices = (*overruled(ctx), *result.score.notices)
    github = on_github() if options["github"] is None else options["github"]
    return reported(result, result, options, notices, github=github)


def _begun(ctx: click.Context, files: tuple[str, ...], options: dict[str, Any]) -> Outcome:
    """`--init`: it prints and no more, as a file that is there might hold a whole project."""
    from xentcli.api import score_files

    if ctx.params["output"] is not None:
        raise RequestError("init", "--init writes no file", hint="it prints what to put into pyproject.toml")
    with watch(options) as progress:
        result = score_files(score_request(files, {**options, **_NOT_YET}, progress))
    notices = () if options["quiet"] else result.notices
    return Outcome(starting_config(result, settings(ctx)), notices=notices, document=True)


def _nothing_required(ctx: click.Context) -> RequestError:
    config = config_of(ctx)
    place = "no [tool.xent.gate] or xent.toml here or above" if config is None else f"{config.path} has no require"
    return RequestError(
        "no_requirements",
        f"nothing is required: {place}, and no --require",
        hint="--require 'log_loss <= 0.35', or xent gate FILE --init for a configuration to begin with",
    )
