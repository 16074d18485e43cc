"""The groups of options that say what is scored and how."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from xentcli.cli.memory import collect_again
from xentcli.cli.options import Options
from xentcli.cli.signals import unwind
from xentcli.cli.values import (
    bins,
    class_weights,
    count,
    decimal_mark,
    delimiter,
    index,
    name,
    number,
    prior,
    threads,
)

if TYPE_CHECKING:
    from xentcli.api import EngineRequest, InputRequest, Policy, Progress
    from xentcli.gates.gating import Gating

column = partial(click.option, type=name, metavar="COL")


class SlicingOptions(Options, frozen=True):
    """How rows are grouped."""

    declared = (
        column("--by", multiple=True, help="Slice by the values of a column; a comma list crosses; repeatable."),
        click.option(
            "--bins", type=bins, metavar="COL=0,18,65", multiple=True,
            help="Slice by ranges of a column of numbers: below 0, [0, 18), [18, 65), from 65.",
        ),
        column("--cluster", help="Rows of one value (a user, a document) depend on one another."),
    )  # fmt: skip

    by: tuple[str, ...] = ()
    bins: tuple[tuple[str, tuple[float, ...]], ...] = ()
    cluster: str | None = None


class InputOptions(Options, frozen=True):
    """Which columns are what, and how the inputs are read."""

    declared = (
        column("--label", help="Column of the true class."),
        column("--prob", multiple=True, help="Probability columns: name, comma list or glob; repeatable."),
        column("--logit", multiple=True, help="Logit columns, likewise."),
        column("--logprob", multiple=True, help="Log-probability columns, likewise."),
        click.option("--classes", type=name, metavar="A,B,C", help="Classes in the order of the score columns."),
        click.option("--positive", type=name, metavar="CLASS", help="The class that a single score column is of."),
        column("--target", multiple=True, help="Columns of soft labels, likewise, instead of --label."),
        column("--weight", help="Column of row weights, >= 0."),
        column("--bytes", help="Bytes of each token, for bits per byte."),
        click.option("--labels", metavar="FILE", help="File with the labels, where the predictions have none."),
        column("--on", help="Id column in both files; otherwise rows meet in order."),
        click.option("--allow-extra", is_flag=True, help="The label file may have ids without a prediction."),
        click.option(
            "--delimiter", type=delimiter, metavar="CHAR",
            help="Field separator of text; otherwise the header tells.",
        ),
        click.option(
            "--decimal", type=decimal_mark, metavar="CHAR", default=".",
            help="Decimal mark of text, such as a comma.",
        ),
        click.option("--no-header", is_flag=True, help='Text without a header: columns are named "0", "1", ...'),
        click.option(
            "--input-format", type=click.Choice(["csv", "tsv", "jsonl", "parquet", "arrow", "npy"]),
            help="Instead of what the content tells.",
        ),
    )  # fmt: skip

    label: str | None
    prob: tuple[str, ...]
    logit: tuple[str, ...]
    logprob: tuple[str, ...]
    classes: str | None
    positive: str | None
    target: tuple[str, ...]
    weight: str | None
    bytes: str | None
    labels: str | None
    on: str | None
    allow_extra: bool
    delimiter: str | None
    decimal: str
    no_header: bool
    input_format: str | None

    def request(
        self,
        files: tuple[str, ...],
        slicing: SlicingOptions | None = None,
        *,
        show: tuple[str, ...] = (),
        id: str | None = None,
        joined: bool = True,
    ) -> InputRequest:
        """The inputs that these options ask for; `--on` names the ids of a join, unless they are not `joined`."""
        from xentcli.api import ColumnSpec, InputRequest, TextOptions, parse_list

        collect_again()  # what reads is loaded
        unwind()
        slicing = slicing or SlicingOptions()
        spec = ColumnSpec(
            label=self.label,
            prob=self.prob,
            logit=self.logit,
            logprob=self.logprob,
            classes=None if self.classes is None else tuple(parse_list(self.classes)),
            positive=self.positive,
            target=self.target,
            weight=self.weight,
            bytes=self.bytes,
            by=slicing.by,
            bins=slicing.bins,
            cluster=slicing.cluster,
            id=id,
            show=show,
        )
        text = TextOptions(self.delimiter, self.decimal, not self.no_header, self.input_format)
        return InputRequest(files, spec, text, self.labels, self.on if joined else None, self.allow_extra)


class BaseOptions(Options, frozen=True):
    """The score columns of BASE."""

    declared = (
        column("--base-prob", multiple=True, help="Probability columns of BASE, where they are not those of NEW."),
        column("--base-logit", multiple=True, help="Logit columns of BASE, likewise."),
        column("--base-logprob", multiple=True, help="Log-probability columns of BASE, likewise."),
    )

    base_prob: tuple[str, ...]
    base_logit: tuple[str, ...]
    base_logprob: tuple[str, ...]

    def instead_of(self, inputs: InputOptions) -> InputOptions:
        """The options with these score columns, if there are any."""
        given = {"prob": self.base_prob, "logit": self.base_logit, "logprob": self.base_logprob}
        return replace(inputs, **given) if any(given.values()) else inputs


class ScoringOptions(Options, frozen=True):
    """What is done to the predictions, and how fast."""

    declared = (
        click.option(
            "--missing", type=click.Choice(["error", "skip"]), default="error", show_default=True,
            help="Rows with a missing label or score: refuse, or leave out and count.",
        ),
        click.option(
            "--ignore-label", type=name, metavar="VALUE", multiple=True,
            help="Leave out rows with this label, and count them.",
        ),
        click.option(
            "--clip", type=number, metavar="EPS", help="Row losses from probabilities in [EPS, 1 - EPS].",
        ),
        click.option("--normalize", is_flag=True, help="Divide the probabilities of each row by their sum."),
        click.option(
            "--sum-tolerance", type=number, default=0.01, show_default=True, metavar="X",
            help="How far the probabilities of a row may miss a sum of 1.",
        ),
        click.option(
            "--class-weight", type=class_weights, metavar="A=2,B=1",
            help="Each row weighs as its class; 1 where none is given.",
        ),
        click.option(
            "--label-smoothing", type=number, default=0.0, metavar="EPS",
            help="Row losses against (1 - EPS) of the label and EPS of all classes alike.",
        ),
        click.option("--threads", type=threads, metavar="N", help="Default: the cores of this process."),
    )  # fmt: skip

    missing: str
    ignore_label: tuple[str, ...]
    clip: float | None
    normalize: bool
    sum_tolerance: float
    class_weight: dict[str, float] | None
    label_smoothing: float
    threads: int | None

    def policy(self) -> Policy:
        """What these options allow."""
        from xentcli.api import policy

        return policy(
            self.clip,
            self.normalize,
            self.sum_tolerance,
            self.missing,
            self.ignore_label,
            self.class_weight or {},
            self.label_smoothing,
        )


class EngineOptions(Options, frozen=True):
    """Where rows are scored."""

    declared = (
        click.option(
            "--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True,
            help="Where to score: here, or on the workers of a Dask cluster.",
        ),
        click.option(
            "--scheduler", type=name, metavar="tcp://HOST:PORT",
            help="The Dask cluster; without it, processes of this machine.",
        ),
    )  # fmt: skip

    engine: str
    scheduler: str | None

    def request(self, threads: int | None, progress: Progress | None) -> EngineRequest:
        """The engine that these options ask for; `progress` is told how far it has come."""
        from xentcli.api import EngineRequest

        return EngineRequest(self.engine, self.scheduler, threads, progress)


_SAVE_STATE = click.option(
    "--save-state", metavar="FILE", help="Also write what xent merge needs; complete, or left as it was.",
)  # fmt: skip
_RELIABILITY = click.option(
    "--reliability", is_flag=True, help="With a table and diagram of confidence against accuracy.",
)  # fmt: skip
_BREAKDOWN = click.option(
    "--breakdown/--no-breakdown", default=True, help="Break the log loss down; it is by default."
)


class SavingOptions(Options, frozen=True):
    """The state to be saved."""

    declared = (
        _SAVE_STATE,
        click.option(
            "--shard", type=index, metavar="N",
            help="Number of FILE among all that will be merged, from 0; see xent merge --help.",
        ),
    )  # fmt: skip

    save_state: str | None
    shard: int | None


class BreakdownOptions(Options, frozen=True):
    """How the loss is broken down."""

    declared = (
        click.option(
            "--prior", type=prior, metavar="A=0.9,B=0.1",
            help="Class mix that skill is measured against, or a file to count; otherwise the rows' own.",
        ),
        _BREAKDOWN,
        _RELIABILITY,
    )  # fmt: skip

    prior: tuple[tuple[str, float], ...] | str | None
    breakdown: bool
    reliability: bool


class PairedBreakdownOptions(Options, frozen=True):
    """Whether the loss is broken down."""

    declared = (_BREAKDOWN,)

    breakdown: bool


class MergeOptions(Options, frozen=True):
    """What becomes of the whole."""

    declared = (_RELIABILITY, _SAVE_STATE)

    reliability: bool
    save_state: str | None


class ListingOptions(Options, frozen=True):
    """Which rows are listed, with what."""

    declared = (
        click.option(
            "-n", "n", type=count, default=20, show_default=True, metavar="N", help="How many rows.",
        ),
        column("--show", multiple=True, help="Column to print beside each row; repeatable."),
    )  # fmt: skip

    n: int
    show: tuple[str, ...]


_GATING = (
    click.option(
        "--require", type=name, multiple=True, metavar="REQ",
        help="What a number must be, as 'log_loss <= 0.35' or 'recall[cat] >= 0.9'; repeatable.",
    ),
    click.option(
        "--baseline", metavar="FILE", help="Saved --format json, for limits as 'log_loss <= baseline + 0.01'.",
    ),
    click.option(
        "--confidence", type=number, metavar="C", help="Test limits, each at this level, such as 0.95.",
    ),
    click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever the verdict; bad input still fails."),
)  # fmt: skip


class PairedGatingOptions(Options, frozen=True):
    """What is required of the difference of two models: BASE is the baseline."""

    declared = (_GATING[0], *_GATING[2:])

    require: tuple[str, ...]
    confidence: float | None
    exit_zero: bool

    def request(self) -> Gating:
        """What these options ask for."""
        from xentcli.api import parse_gating

        return parse_gating(self.require, self.confidence, paired=True)


class GatingOptions(Options, frozen=True):
    """What is required of the numbers."""

    declared = _GATING

    require: tuple[str, ...]
    baseline: str | None
    confidence: float | None
    exit_zero: bool

    def request(self, *, changes: bool = False) -> Gating:
        """What these options ask for; `changes` since the baseline are worth a baseline by themselves."""
        from xentcli.api import parse_gating

        return parse_gating(self.require, self.confidence, self.baseline, changes=changes)
