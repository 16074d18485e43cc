"""The groups of options that say how predictions are scored, and what is kept or listed of it."""

from typing import TYPE_CHECKING, Annotated

import click

from xentcli.cli.options import Options, complete
from xentcli.cli.values import (
    class_weights,
    count,
    index,
    name,
    number,
    prior,
    threads,
)

if TYPE_CHECKING:
    from xentcli.api import EngineRequest, Policy, Progress

from xentcli.cli.groups.inputs import Columns, columns

# fmt: off


Missing = Annotated[str, click.option(
    "--missing", type=click.Choice(["error", "skip"]), default="error", show_default=True,
    help="Rows with a missing label or score.",
)]
IgnoreLabel = Annotated[tuple[str, ...], click.option(
    "--ignore-label", shell_complete=complete("classes"), type=name, metavar="VALUE", multiple=True,
    help="Leave out rows with this label; repeatable.",
)]
Normalize = Annotated[bool, click.option(
    "--normalize/--no-normalize", help="Divide probabilities by the sum of their row.",
)]
SumTolerance = Annotated[float, click.option(
    "--sum-tolerance", type=number, default=0.01, show_default=True, metavar="X",
    help="How far a row sum may be from 1.",
)]
ClassWeight = Annotated[dict[str, float] | None, click.option(
    "--class-weight", shell_complete=complete("class_and_number"), type=class_weights, metavar="A=2,B=1",
    help="Weight of the rows of a class; others weigh 1.",
)]
Threads = Annotated[int | None, click.option(
    "--threads", type=threads, metavar="N", help="Number of threads; default: one a core.",
)]


class ScoringOptions(Options, frozen=True):
    """What is done to the predictions, and how fast."""

    missing: Missing
    ignore_label: IgnoreLabel
    clip: Annotated[float | None, click.option(
        "--clip", type=number, metavar="EPS", help="Row losses from probabilities in [EPS, 1 - EPS].",
    )]
    normalize: Normalize
    sum_tolerance: SumTolerance
    class_weight: ClassWeight
    label_smoothing: Annotated[float, click.option(
        "--label-smoothing", type=number, default=0.0, metavar="EPS",
        help="Spread EPS of each label over all classes.",
    )]
    threads: Threads

    def policy(self, *, ordinal: bool = False) -> "Policy":
        """What these options allow; `ordinal` is whether the classes are in an order."""
        from xentcli.api import policy

        return policy(
            self.clip, self.normalize, self.sum_tolerance, self.missing, self.ignore_label,
            self.class_weight or {}, self.label_smoothing, ordinal,
        )


class RowOptions(Options, frozen=True):
    """Which rows count and how much, where the loss is that of the predictions as they stand."""

    missing: Missing
    ignore_label: IgnoreLabel
    normalize: Normalize
    sum_tolerance: SumTolerance
    class_weight: ClassWeight
    threads: Threads

    def policy(self) -> "Policy":
        """What these options allow."""
        from xentcli.api import policy

        return policy(
            None, self.normalize, self.sum_tolerance, self.missing, self.ignore_label, self.class_weight or {}, 0.0
        )


class EngineOptions(Options, frozen=True):
    """Where rows are scored."""

    engine: Annotated[str, click.option(
        "--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True,
        help="Where to score.",
    )]
    scheduler: Annotated[str | None, click.option(
        "--scheduler", type=name, metavar="tcp://HOST:PORT",
        help="Dask cluster; default: processes on this machine.",
    )]

    def request(self, threads: int | None, progress: "Progress | None") -> "EngineRequest":
        """The engine that these options ask for; `progress` is told how far it has come."""
        from xentcli.api import EngineRequest

        return EngineRequest(self.engine, self.scheduler, threads, progress)


SaveState = Annotated[str | None, click.option(
    "--save-state", shell_complete=complete("files"), metavar="FILE",
    help="Also write what xent merge needs; - is stdout.",
)]
Reliability = Annotated[bool, click.option(
    "--reliability/--no-reliability", help="Reliability curve with a band of chance, and its bins.",
)]
BreakDown = Annotated[bool, click.option(
    "--breakdown/--no-breakdown", default=True, help="Without the breakdown of the log loss.",
)]


class StateOptions(Options, frozen=True):
    """The state to be saved."""

    save_state: SaveState


class SavingOptions(StateOptions, frozen=True):
    """The state to be saved, and its place among others."""

    shard: Annotated[int | None, click.option(
        "--shard", type=index, metavar="N",
        help="Position of FILE among all that will be merged, from 0; see xent merge --help.",
    )]


class SpeedOptions(Options, frozen=True):
    """How fast."""

    threads: Threads


class PartsOptions(Options, frozen=True):
    """How the loss is broken down."""

    prior: Annotated[tuple[tuple[str, float], ...] | str | None, click.option(
        "--prior", shell_complete=complete("class_and_number"), type=prior, metavar="A=0.9,B=0.1",
        help="Class frequencies for skill, or a file to count them in; default: those of the rows.",
    )]
    ordinal: Annotated[bool, click.option(
        "--ordinal/--no-ordinal",
        help="Classes are in the order of --classes, else of numbers: adds the ranked probability score.",
    )]
    breakdown: BreakDown


class BreakdownOptions(PartsOptions, frozen=True):
    """How the loss is broken down, with a reliability curve."""

    reliability: Reliability


class PairedBreakdownOptions(Options, frozen=True):
    """Whether the losses of two models are broken down."""

    breakdown: BreakDown


class MergeOptions(Options, frozen=True):
    """What becomes of the whole."""

    reliability: Reliability
    save_state: SaveState


class ListingOptions(Options, frozen=True):
    """Which rows are listed, with what."""

    n: Annotated[int, click.option(
        "-n", "n", type=count, default=20, show_default=True, metavar="N", help="How many rows.",
    )]
    show: Annotated[Columns, columns("--show", help="Column to print beside each row; repeatable.")]
