"""The groups of options that say what is fitted, and how its gain is found."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import click

from xentcli.cli.groups.gating import ExitZero
from xentcli.cli.groups.inputs import Column, SlicingOptions, column
from xentcli.cli.options import Options, complete
from xentcli.cli.values import class_weights, count, name, prior
from xentcli.errors import RequestError
from xentcli.results.calibrate import AUTO, CHOICES

if TYPE_CHECKING:
    from xentcli.api import PriorShift
    from xentcli.gates.gating import Gating

shares = partial(click.option, shell_complete=complete("class_and_number"), metavar="A=0.9,B=0.1")

# fmt: off


class FittingOptions(Options, frozen=True):
    """What is fitted, and which rows a fit has not seen."""

    method: Annotated[str, click.option(
        "--method", type=click.Choice(CHOICES), default=AUTO, metavar="METHOD",
        help="auto (the best, if one helps), offset, temperature, affine, beta, isotonic, slope_offsets, vector, "
        "prior or none.",
    )]
    folds: Annotated[int | None, click.option(
        "--folds", type=count, metavar="N", help="Number of random folds; default: 5.",
    )]
    fold_column: Annotated[Column, column(
        "--fold-column", help="Column of the fold of each row, instead.",
    )]
    folds_forward: Annotated[Column, column(
        "--folds-forward", help="As a date: fit on the folds before each fold.",
    )]
    cluster: Annotated[Column, column(
        "--cluster", help="Rows that share a value (a user) stay in one fold.",
    )]

    @property
    def fold(self) -> str | None:
        """The column of folds."""
        if self.fold_column is not None and self.folds_forward is not None:
            message = "--fold-column and --folds-forward both say what the folds are"
            raise RequestError("folds", message, hint="keep one")
        return self.folds_forward if self.fold_column is None else self.fold_column

    def slicing(self) -> SlicingOptions:
        """How rows are grouped."""
        return SlicingOptions((), (), self.cluster)


class PriorShiftOptions(Options, frozen=True):
    """The class frequencies of the rows to come."""

    prior_from: Annotated[tuple[tuple[str, float], ...] | str | None, shares(
        "--prior-from", type=prior,
        help="Class frequencies that the predictions are for, or a file; default: those of FILE.",
    )]
    prior_to: Annotated[tuple[tuple[str, float], ...] | str | None, shares(
        "--prior-to", type=prior,
        help="Class frequencies of the rows to come, or a file; estimate: from the predictions in FILE.",
    )]
    kept: Annotated[dict[str, float] | None, shares(
        "--kept", type=class_weights, help="Share of the rows of a class kept for training.",
    )]

    def request(self) -> "PriorShift":
        """The shift that these options ask for."""
        from xentcli.api import PriorShift

        return PriorShift(self.prior_from, self.prior_to, None if self.kept is None else tuple(self.kept.items()))


class GainOptions(Options, frozen=True):
    """What a recalibration is required to save."""

    require: Annotated[tuple[str, ...], click.option(
        "--require", type=name, multiple=True, metavar="REQ",
        help="Requirement, as 'gain_low >= 0'; repeatable.",
    )]
    exit_zero: ExitZero

    def request(self) -> "Gating":
        """What these options ask for."""
        from xentcli.api import parse_gains

        return parse_gains(self.require)


class CalibrationOptions(Options, frozen=True):
    """The file that is saved."""

    saved: Annotated[str | None, click.option(
        "-o", "--output", "saved", metavar="FILE", shell_complete=complete("files"),
        help="Save the recalibration, for xent apply; - is stdout.",
    )]
    cross_fit: Annotated[str | None, click.option(
        "--cross-fit", metavar="OUT", shell_complete=complete("files"),
        help="Also write FILE with each row by a fit that has not seen it.",
    )]
