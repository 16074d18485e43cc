"""`xent apply`."""

from contextlib import ExitStack

import click

from xentcli.cli.format_choice import STDOUT
from xentcli.cli.groups.applying import QuietOptions, StatedOptions, WritingOptions
from xentcli.cli.groups.inputs import ReadingOptions
from xentcli.cli.help import GroupedCommand
from xentcli.cli.options import complete, with_options
from xentcli.cli.outcome import Outcome
from xentcli.cli.progress import watch

EXAMPLES = """\b
Examples:
  xent apply cal.json preds.csv -o calibrated.csv
  xent apply cal.json preds.parquet -o calibrated.parquet --suffix _cal
  xent apply cal.json 'day/*.jsonl.gz' -o calibrated/
  zcat preds.csv.gz | xent apply cal.json - -o - > calibrated.csv
\b
Every row, in its place and format; scores of one kind stay of that kind, and
all else stays as it was. FILE needs no labels. Where it has some, a line tells
the log loss before and after, and log10 of e, how many times likelier the
calibrated predictions make the labels. With --missing skip a row without a
score stays as it was.
Exit codes: 0 written; 2 wrong or unclear command line; 3 bad content, or other
classes than those of cal.json; 4 cannot open, read or write; 70 internal error.
"""


@click.command(cls=GroupedCommand, name="apply", epilog=EXAMPLES)
@click.argument("calibration", metavar="CAL", shell_complete=complete("files"))
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=complete("files"))
@with_options
def command(
    writing: WritingOptions,
    reading: ReadingOptions,
    stated: StatedOptions,
    quiet: QuietOptions,
    calibration: str,
    files: tuple[str, ...],
) -> Outcome:
    """Recalibrate the predictions in FILE by CAL, which xent calibrate has saved."""
    from xentcli.api import ApplyRequest, apply_to_files, read_calibration
    from xentcli.files import spooled

    spool = spooled() if writing.out == STDOUT else None
    with ExitStack() as unless_written, watch(quiet) as progress:
        if spool is not None:
            unless_written.enter_context(spool)
        request = ApplyRequest(
            map=read_calibration(calibration),
            inputs=reading.inputs(files),
            output=None if spool is not None else writing.out,
            suffix=writing.suffix,
            logits=writing.logits,
            interval=writing.interval,
            policy=stated.policy(),
            progress=progress,
        )
        result = apply_to_files(request, spool)
        unless_written.pop_all()
    if quiet.quiet:
        return Outcome("", product=spool)
    gained = () if result.gain is None else (str(result.gain),)
    return Outcome("", notices=result.notices, verdicts=gained, product=spool)
