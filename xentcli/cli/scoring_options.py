"""The groups of options that say what is scored and how."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import click
from msgspec.structs import replace

from xentcli.cli.memory import collect_again
from xentcli.cli.options import Options, complete, typed_options
from xentcli.cli.signals import unwind
from xentcli.cli.values import (
    bins,
    class_weights,
    comment_mark,
    count,
    decimal_mark,
    delimiter,
    index,
    name,
    number,
    prior,
    skipped_lines,
    threads,
)
from xentcli.errors import RequestError

if TYPE_CHECKING:
    from xentcli.api import EngineRequest, InputRequest, Policy, Progress
    from xentcli.gates.gating import Gating

_column = partial(click.option, type=name, metavar="COL", shell_complete=complete("columns"))
_columns = partial(_column, multiple=True)
Column = str | None
Columns = tuple[str, ...]

# fmt: off


class SlicingOptions(Options, frozen=True):
    """How rows are grouped."""

    by: Annotated[Columns, _columns(
        "--by", help="Slice by the values of a column; a comma list crosses; repeatable.",
    )]
    bins: Annotated[tuple[tuple[str, tuple[float, ...]], ...], click.option(
        "--bins", shell_complete=complete("column_and_value"), type=bins, metavar="COL=0,18,65", multiple=True,
        help="Slice by ranges of a column of numbers: below 0, [0, 18), [18, 65), from 65.",
    )]
    cluster: Annotated[Column, _column(
        "--cluster", help="Rows of one value, as a user, are dependent.",
    )]


WHOLE = SlicingOptions((), (), None)


class InputOptions(Options, frozen=True):
    """Which columns are what, and how the inputs are read."""

    label: Annotated[Column, _column("--label", help="Column of the true class.")]
    prob: Annotated[Columns, _columns(
        "--prob", help="Probability columns: name, list or glob; repeatable.",
    )]
    logit: Annotated[Columns, _columns("--logit", help="Logit columns, likewise.")]
    logprob: Annotated[Columns, _columns("--logprob", help="Log-probability columns, likewise.")]
    classes: Annotated[str | None, click.option(
        "--classes", shell_complete=complete("classes"), type=name, metavar="A,B,C",
        help="Classes in the order of the score columns.",
    )]
    classes_in: Annotated[Column, _column(
        "--classes-in", help="List column with the class names of each row.",
    )]
    positive: Annotated[str | None, click.option(
        "--positive", shell_complete=complete("classes"), type=name, metavar="CLASS",
        help="The class that a single score column is of.",
    )]
    predicted: Annotated[Column, _column(
        "--predicted", help="Predicted classes, which a single score is of.",
    )]
    target: Annotated[Columns, _columns(
        "--target", help="Columns of soft labels, instead of --label.",
    )]
    target_logit: Annotated[Columns, _columns(
        "--target-logit", help="Columns of a teacher's logits, as soft labels.",
    )]
    weight: Annotated[Column, _column("--weight", help="Column of row weights, >= 0.")]
    bytes: Annotated[Column, _column("--bytes", help="Bytes of each token, for bits per byte.")]
    multilabel: Annotated[bool, click.option(
        "--multilabel/--no-multilabel",
        help="Several labels a row, each 0 or 1: --label 'y_*' and --prob 'p_*' match by their stars.",
    )]
    class_column: Annotated[Column, _column(
        "--class-column", help="Long format, a row for each class: their column.",
    )]
    where: Annotated[Columns, click.option(
        "--where", shell_complete=complete("column_and_value"), type=name, metavar="COL=VALUE", multiple=True,
        help="Only rows with this value, or without it (COL!=VALUE); repeatable, all must hold.",
    )]
    doc: Annotated[Column, _column("--doc", help="Column of the document of each token.")]
    log_base: Annotated[str | None, click.option(
        "--log-base", type=click.Choice(["e", "2", "10"]), help="Base of the log-probabilities; default: e.",
    )]
    labels: Annotated[str | None, click.option(
        "--labels", shell_complete=complete("files"), metavar="FILE",
        help="File with the labels, if not in FILE.",
    )]
    on: Annotated[Column, click.option(
        "--on", shell_complete=complete("columns"), type=name, metavar="COL|LEFT=RIGHT",
        help="Id column in both files, or in each; otherwise rows are matched in order.",
    )]
    allow_extra: Annotated[bool, click.option(
        "--allow-extra/--no-allow-extra", help="The label file may have ids without a prediction.",
    )]
    na: Annotated[tuple[str, ...], click.option(
        "--na", type=name, metavar="VALUE", multiple=True,
        help="What stands for a missing value, as NA or -999, beside the empty field; repeatable.",
    )]
    delimiter: Annotated[str | None, click.option(
        "--delimiter", type=delimiter, metavar="CHAR",
        help="Field separator of text (' ': any run of blanks); otherwise the header tells.",
    )]
    decimal: Annotated[str, click.option(
        "--decimal", type=decimal_mark, metavar="CHAR", default=".",
        help="Decimal mark of text, such as a comma.",
    )]
    comment: Annotated[str | None, click.option(
        "--comment", type=comment_mark, metavar="CHAR", help="Leave out lines that begin with it, as '#'.",
    )]
    skip_lines: Annotated[int, click.option(
        "--skip-lines", type=skipped_lines, default=0, metavar="N",
        help="Leave out so many lines above the header.",
    )]
    no_header: Annotated[bool, click.option(
        "--no-header/--header", help='Columns of text are named "0", "1", ...',
    )]
    input_format: Annotated[str | None, click.option(
        "--input-format", type=click.Choice(["csv", "tsv", "jsonl", "parquet", "arrow", "npy"]),
        help="Instead of what the content tells.",
    )]

    def request(
        self,
        files: tuple[str, ...],
        slicing: SlicingOptions = WHOLE,
        *,
        show: tuple[str, ...] = (),
        names_rows: bool = False,
    ) -> "InputRequest":
        """The inputs that these options ask for; where `--on` `names_rows` anyway, it needs no file to join."""
        from xentcli.api import ColumnSpec, InputRequest, TextOptions, parse_list

        collect_again()  # what reads is loaded
        unwind()
        spec = ColumnSpec(
            label=self.label,
            prob=self.prob,
            logit=self.logit,
            logprob=self.logprob,
            classes=None if self.classes is None else tuple(parse_list(self.classes)),
            classes_in=self.classes_in,
            positive=self.positive,
            predicted=self.predicted,
            target=self.target,
            target_logit=self.target_logit,
            weight=self.weight,
            bytes=self.bytes,
            doc=self.doc,
            log_base=self.log_base,
            by=slicing.by,
            bins=slicing.bins,
            cluster=slicing.cluster,
            show=show,
            class_column=self.class_column,
            where=self.where,
            multilabel=self.multilabel,
            na=self.na,
        )
        text = TextOptions(
            self.delimiter, self.decimal, not self.no_header, self.input_format, self.comment, self.skip_lines,
            self.na,
        )
        on = self.on if self.labels is not None or not names_rows else None
        given = typed_options()
        return InputRequest(files, spec, text, self.labels, on, self.allow_extra, given=given)


class BaseOptions(Options, frozen=True):
    """The score columns of BASE."""

    base_prob: Annotated[Columns, _columns(
        "--base-prob", help="Probability columns of BASE, where they are not those of NEW.",
    )]
    base_logit: Annotated[Columns, _columns("--base-logit", help="Logit columns of BASE, likewise.")]
    base_logprob: Annotated[Columns, _columns(
        "--base-logprob", help="Log-probability columns of BASE, likewise.",
    )]

    def instead_of(self, inputs: InputOptions) -> InputOptions:
        """The options with these score columns, if there are any."""
        given = {"prob": self.base_prob, "logit": self.base_logit, "logprob": self.base_logprob}
        return replace(inputs, **given) if any(given.values()) else inputs


class ScoringOptions(Options, frozen=True):
    """What is done to the predictions, and how fast."""

    missing: Annotated[str, click.option(
        "--missing", type=click.Choice(["error", "skip"]), default="error", show_default=True,
        help="A missing label or score.",
    )]
    ignore_label: Annotated[tuple[str, ...], click.option(
        "--ignore-label", shell_complete=complete("classes"), type=name, metavar="VALUE", multiple=True,
        help="Leave out rows with this label, and count them.",
    )]
    clip: Annotated[float | None, click.option(
        "--clip", type=number, metavar="EPS", help="Row losses from probabilities in [EPS, 1 - EPS].",
    )]
    normalize: Annotated[bool, click.option(
        "--normalize/--no-normalize", help="Divide by the sum of the row.",
    )]
    sum_tolerance: Annotated[float, click.option(
        "--sum-tolerance", type=number, default=0.01, show_default=True, metavar="X",
        help="How far row sums may miss 1.",
    )]
    class_weight: Annotated[dict[str, float] | None, click.option(
        "--class-weight", shell_complete=complete("class_and_number"), type=class_weights, metavar="A=2,B=1",
        help="Each row weighs as its class, else 1.",
    )]
    label_smoothing: Annotated[float, click.option(
        "--label-smoothing", type=number, default=0.0, metavar="EPS",
        help="Row losses against (1 - EPS) of the label and EPS of all classes alike.",
    )]
    threads: Annotated[int | None, click.option(
        "--threads", type=threads, metavar="N", help="Default: the cores of this process.",
    )]

    def policy(self) -> "Policy":
        """What these options allow."""
        from xentcli.api import policy

        return policy(
            self.clip, self.normalize, self.sum_tolerance, self.missing, self.ignore_label,
            self.class_weight or {}, self.label_smoothing,
        )


class EngineOptions(Options, frozen=True):
    """Where rows are scored."""

    engine: Annotated[str, click.option(
        "--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True,
        help="Where to score.",
    )]
    scheduler: Annotated[str | None, click.option(
        "--scheduler", type=name, metavar="tcp://HOST:PORT",
        help="The Dask cluster; default: processes here.",
    )]

    def request(self, threads: int | None, progress: "Progress | None") -> "EngineRequest":
        """The engine that these options ask for; `progress` is told how far it has come."""
        from xentcli.api import EngineRequest

        return EngineRequest(self.engine, self.scheduler, threads, progress)


SaveState = Annotated[str | None, click.option(
    "--save-state", shell_complete=complete("files"), metavar="FILE",
    help="Also write what xent merge needs.",
)]
Reliability = Annotated[bool, click.option(
    "--reliability/--no-reliability", help="Draw confidence against accuracy.",
)]
BreakDown = Annotated[bool, click.option(
    "--breakdown/--no-breakdown", default=True, help="Without the breakdown of the log loss.",
)]


class SavingOptions(Options, frozen=True):
    """The state to be saved."""

    save_state: SaveState
    shard: Annotated[int | None, click.option(
        "--shard", type=index, metavar="N",
        help="Number of FILE among all that will be merged, from 0; see xent merge --help.",
    )]


class BreakdownOptions(Options, frozen=True):
    """How the loss is broken down."""

    prior: Annotated[tuple[tuple[str, float], ...] | str | None, click.option(
        "--prior", shell_complete=complete("class_and_number"), type=prior, metavar="A=0.9,B=0.1",
        help="Class frequencies that skill is measured against, or a file to count; otherwise the rows' own.",
    )]
    breakdown: BreakDown
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
    show: Annotated[Columns, _columns("--show", help="Column to print beside each row; repeatable.")]


Require = Annotated[tuple[str, ...], click.option(
    "--require", shell_complete=complete("requirements"), type=name, multiple=True, metavar="REQ",
    help="What a number must be, as 'log_loss <= 0.35' or 'recall[cat] >= 0.9'; repeatable.",
)]
Confidence = Annotated[float | None, click.option(
    "--confidence", type=number, metavar="C", help="Test limits, each at this level, such as 0.95.",
)]
ExitZero = Annotated[bool, click.option(
    "--exit-zero", is_flag=True, help="Exit with 0 whatever the verdict.",
)]


class PairedGatingOptions(Options, frozen=True):
    """What is required of the difference of two models: BASE is the baseline."""

    require: Require
    confidence: Confidence
    exit_zero: ExitZero

    def request(self) -> "Gating":
        """What these options ask for."""
        from xentcli.api import parse_gating

        _refuse_no_verdict(self.require)
        return parse_gating(self.require, self.confidence, paired=True)


class GatingOptions(Options, frozen=True):
    """What is required of the numbers."""

    require: Require
    baseline: Annotated[str | None, click.option(
        "--baseline", shell_complete=complete("files"), metavar="FILE",
        help="Saved --format json, for limits as 'log_loss <= baseline + 0.01'.",
    )]
    confidence: Confidence
    exit_zero: ExitZero

    def request(self, *, changes: bool = False) -> "Gating":
        """What these options ask for; `changes` since the baseline are worth a baseline by themselves."""
        from xentcli.api import parse_gating

        _refuse_no_verdict(self.require)
        return parse_gating(self.require, self.confidence, self.baseline, changes=changes)


def _refuse_no_verdict(require: tuple[str, ...]) -> None:
    """Raise a `RequestError` for an exit code of a verdict where there is none."""
    if not require and "--exit-zero" in typed_options():
        hint = "it is about the exit code of a verdict"
        raise RequestError("no_requirement", "--exit-zero needs --require", hint=hint)
