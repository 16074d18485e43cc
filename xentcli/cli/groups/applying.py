"""The groups of options that say what is written of recalibrated predictions."""

from typing import TYPE_CHECKING, Annotated

import click

from xentcli.cli.groups.scoring import Missing, Normalize, SumTolerance
from xentcli.cli.options import NoColor, Options, Quiet, complete
from xentcli.cli.values import name

if TYPE_CHECKING:
    from xentcli.api import Policy

# fmt: off


class WritingOptions(Options, frozen=True):
    """What is written, and where."""

    suffix: Annotated[str | None, click.option(
        "--suffix", type=name, metavar="TEXT",
        help="Add columns, called as the scores and TEXT (_cal), instead of replacing the scores.",
    )]
    logits: Annotated[bool, click.option(
        "--logits/--no-logits", help="Write logits, whatever the scores are.",
    )]
    interval: Annotated[bool, click.option(
        "--interval/--no-interval",
        help="Add COL_p0 and COL_p1, the Venn-Abers probabilities; of an isotonic calibration.",
    )]
    out: Annotated[str, click.option(
        "-o", "--output", "out", metavar="OUT", required=True, shell_complete=complete("files"),
        help="Where to write, complete or not at all; of several FILEs a folder; - is standard output.",
    )]


class StatedOptions(Options, frozen=True):
    """Which predictions are taken."""

    missing: Missing
    normalize: Normalize
    sum_tolerance: SumTolerance

    def policy(self) -> "Policy":
        """What these options allow."""
        from xentcli.api import policy

        return policy(None, self.normalize, self.sum_tolerance, self.missing, (), {}, 0.0)


class QuietOptions(Options, frozen=True):
    """What is said on standard error."""

    quiet: Quiet
    no_color: NoColor
