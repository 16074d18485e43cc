"""The groups of options that say what is required of the numbers."""

from typing import TYPE_CHECKING, Annotated

import click

from xentcli.cli.options import Options, complete, typed_options
from xentcli.cli.values import (
    name,
    number,
    whole_number,
)
from xentcli.errors import RequestError

if TYPE_CHECKING:
    from xentcli.gates.gating import Gating

# fmt: off


Require = Annotated[tuple[str, ...], click.option(
    "--require", shell_complete=complete("requirements"), type=name, multiple=True, metavar="REQ",
    help="Requirement, as 'log_loss <= 0.35'; repeatable.",
)]
Confidence = Annotated[float | None, click.option(
    "--confidence", type=number, metavar="C", help="Test each limit at this level, such as 0.95.",
)]
ExitZero = Annotated[bool, click.option(
    "--exit-zero", is_flag=True, help="Exit with 0 even if a requirement fails.",
)]


class AnytimeOptions(Options, frozen=True):
    """How often the difference of models is looked at."""

    anytime: Annotated[int | None, click.option(
        "--anytime", type=whole_number, metavar="N", help="Intervals valid at every look, tightest at N rows.",
    )]


class PairedGatingOptions(Options, frozen=True):
    """What is required of the difference of models: BASE is the baseline."""

    require: Require
    confidence: Confidence
    exit_zero: ExitZero

    def request(self, *, ranked: bool = False) -> "Gating":
        """What these options ask for; of several `ranked` models each requirement says of which."""
        from xentcli.api import parse_gating

        _refuse_no_verdict(self.require)
        return parse_gating(self.require, self.confidence, paired=True, ranked=ranked)


class DivergenceGatingOptions(Options, frozen=True):
    """What is required of how far a model has moved."""

    require: Annotated[tuple[str, ...], click.option(
        "--require", type=name, multiple=True, metavar="REQ", help="Requirement, as 'kl <= 0.01'; repeatable.",
    )]
    confidence: Confidence
    exit_zero: ExitZero

    def request(self) -> "Gating":
        """What these options ask for."""
        from xentcli.api import parse_divergence_gating

        _refuse_no_verdict(self.require)
        return parse_divergence_gating(self.require, self.confidence)


class GatingOptions(Options, frozen=True):
    """What is required of the numbers."""

    require: Require
    baseline: Annotated[str | None, click.option(
        "--baseline", shell_complete=complete("files"), metavar="FILE",
        help="Saved JSON result or state, for 'log_loss <= baseline'.",
    )]
    confidence: Confidence
    exit_zero: ExitZero

    def request(self, *, changes: bool = False) -> "Gating":
        """What these options ask for; `changes` since the baseline are worth a baseline by themselves."""
        from xentcli.api import parse_gating

        self.refuse_no_verdict()
        return parse_gating(self.require, self.confidence, self.baseline, changes=changes)

    def refuse_no_verdict(self) -> None:
        """Raise a `RequestError` for an exit code of a verdict where there is none."""
        _refuse_no_verdict(self.require)


def _refuse_no_verdict(require: tuple[str, ...]) -> None:
    """Raise a `RequestError` for an exit code of a verdict where there is none."""
    if not require and "--exit-zero" in typed_options():
        hint = "it is about the exit code of a verdict"
        raise RequestError("no_requirement", "--exit-zero needs --require", hint=hint)
