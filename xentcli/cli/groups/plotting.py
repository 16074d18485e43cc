"""The groups of options that say what a picture shows, and where it is written."""

from typing import Annotated

import click

from xentcli.cli.format_choice import STDOUT
from xentcli.cli.groups.ranking import Base, Names
from xentcli.cli.options import Options, complete
from xentcli.cli.targets import refuse_unwritable
from xentcli.cli.terminal import is_terminal
from xentcli.errors import RequestError
from xentcli.files import PICTURE, refuse_other_suffix, suffix_of
from xentcli.results.pictures import AXES, BANDS, Axis, BandKind

# fmt: off


class PlottingOptions(Options, frozen=True):
    """What a picture shows."""

    band: Annotated[BandKind, click.option(
        "--band", type=click.Choice(BANDS), default=BANDS[0], metavar="BAND",
        help="Of reliability: consistency (chance, if predictions are right), confidence (of the curve) or none.",
    )]
    axis: Annotated[Axis, click.option(
        "--axis", type=click.Choice(AXES), default=AXES[0], metavar="AXIS",
        help="Of reliability: prob, or logodds, where small probabilities can be told apart.",
    )]
    name: Names
    base: Base


class PictureOptions(Options, frozen=True):
    """Where the picture is written."""

    out: Annotated[str | None, click.option(
        "-o", "--output", "out", metavar="FILE", shell_complete=complete("files"),
        help="Write to FILE, complete or not at all: .svg, or .png with xentcli[png]; - is stdout.",
    )]
    # fmt: on

    @property
    def file(self) -> str | None:
        """The file that is written; None for standard output.

        Raises `RequestError` for a terminal, and for a file of another kind.
        """
        if self.out is None and is_terminal():
            message = "an SVG is not for a terminal"
            raise RequestError("terminal", message, hint="-o out.svg writes a file, -o - what a terminal shows")
        if self.out is None or self.out == STDOUT:
            return None
        refuse_other_suffix(self.out, PICTURE, "-o {path}")
        refuse_unwritable(self.out)
        return self.out

    @property
    def png(self) -> bool:
        """Whether it is written as pixels."""
        return self.out is not None and suffix_of(self.out) == ".png"
