"""The groups of options that say which columns are what, how inputs are read and how rows are grouped."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeVar

import click
from msgspec.structs import replace

from xentcli.cli.options import Options, complete, typed_options
from xentcli.cli.process.memory import collect_again
from xentcli.cli.signals import unwind
from xentcli.cli.values import (
    bins,
    comment_mark,
    decimal_mark,
    delimiter,
    name,
    skipped_lines,
)

if TYPE_CHECKING:
    from xentcli.api import ColumnSpec, InputRequest, TextOptions

column = partial(click.option, type=name, metavar="COL", shell_complete=complete("columns"))
columns = partial(column, multiple=True)
Column = str | None
Columns = tuple[str, ...]

# fmt: off


Weight = Annotated[Column, column("--weight", help="Column of row weights, >= 0.")]
Where = Annotated[Columns, click.option(
    "--where", shell_complete=complete("column_and_value"), type=name, metavar="COL=VALUE", multiple=True,
    help="Only rows with this value, or COL!=VALUE without it; repeatable, all must hold.",
)]
On = Annotated[Column, click.option(
    "--on", shell_complete=complete("columns"), type=name, metavar="COL|LEFT=RIGHT",
    help="Id column that matches rows; otherwise their order.",
)]


class SlicingOptions(Options, frozen=True):
    """How rows are grouped."""

    by: Annotated[Columns, columns(
        "--by", help="Slice by column; a,b crosses two; repeatable.",
    )]
    bins: Annotated[tuple[tuple[str, tuple[float, ...]], ...], click.option(
        "--bins", shell_complete=complete("column_and_value"), type=bins, metavar="COL=0,18,65", multiple=True,
        help="Slice by ranges of numbers: below 0, [0, 18), ...",
    )]
    cluster: Annotated[Column, column(
        "--cluster", help="Rows that share a value (a user) are dependent.",
    )]


WHOLE = SlicingOptions((), (), None)


class ReadingOptions(Options, frozen=True):
    """Which columns are the scores and the label, and how the inputs are read."""

    label: Annotated[Column, column("--label", help="Column of the true class, if not label, target, y.")]
    prob: Annotated[Columns, columns(
        "--prob", help="Probability columns: name, list or glob; repeatable.",
    )]
    logit: Annotated[Columns, columns("--logit", help="Logit columns, likewise.")]
    logprob: Annotated[Columns, columns("--logprob", help="Log-probability columns, likewise.")]
    classes: Annotated[str | None, click.option(
        "--classes", shell_complete=complete("classes"), type=name, metavar="A,B,C",
        help="Classes in the order of the score columns.",
    )]
    classes_in: Annotated[Column, column(
        "--classes-in", help="List column with the class names of each row.",
    )]
    positive: Annotated[str | None, click.option(
        "--positive", shell_complete=complete("classes"), type=name, metavar="CLASS",
        help="Class that a single score column is about.",
    )]
    log_base: Annotated[str | None, click.option(
        "--log-base", type=click.Choice(["e", "2", "10"]), help="Base of the log-probabilities; default: e.",
    )]
    na: Annotated[tuple[str, ...], click.option(
        "--na", type=name, metavar="VALUE", multiple=True,
        help="Missing value, as NA or -999; repeatable.",
    )]
    delimiter: Annotated[str | None, click.option(
        "--delimiter", type=delimiter, metavar="CHAR",
        help="Field separator of text (' ': any run of blanks); default: what the header shows.",
    )]
    decimal: Annotated[str, click.option(
        "--decimal", type=decimal_mark, metavar="CHAR", default=".",
        help="Decimal mark of text, such as a comma.",
    )]
    comment: Annotated[str | None, click.option(
        "--comment", type=comment_mark, metavar="CHAR", help="Skip lines that begin with it, as '#'.",
    )]
    skip_lines: Annotated[int, click.option(
        "--skip-lines", type=skipped_lines, default=0, metavar="N",
        help="Number of lines above the header.",
    )]
    no_header: Annotated[bool, click.option(
        "--no-header/--header", help='The first line is data; columns are "0", "1", ...',
    )]
    input_format: Annotated[str | None, click.option(
        "--input-format", type=click.Choice(["csv", "tsv", "jsonl", "parquet", "arrow", "npy"]),
        help="Format of FILE; default: what its content shows.",
    )]

    def spec(self) -> "ColumnSpec":
        """The columns that these options name."""
        from xentcli.api import ColumnSpec, parse_list

        return ColumnSpec(
            label=self.label,
            prob=self.prob,
            logit=self.logit,
            logprob=self.logprob,
            classes=None if self.classes is None else tuple(parse_list(self.classes)),
            classes_in=self.classes_in,
            positive=self.positive,
            log_base=self.log_base,
            na=self.na,
        )

    def text(self) -> "TextOptions":
        """How text is read."""
        from xentcli.api import TextOptions

        return TextOptions(
            self.delimiter, self.decimal, not self.no_header, self.input_format, self.comment, self.skip_lines,
            self.na,
        )

    def inputs(self, files: tuple[str, ...]) -> "InputRequest":
        """Inputs that are read by these options alone."""
        from xentcli.api import InputRequest

        collect_again()  # what reads is loaded
        unwind()
        return InputRequest(files, self.spec(), self.text(), given=typed_options())


class InputOptions(ReadingOptions, frozen=True):
    """Which columns are what, and how the inputs are read."""

    predicted: Annotated[Column, column(
        "--predicted", help="Predicted class that a single score is about.",
    )]
    target: Annotated[Columns, columns(
        "--target", help="Columns of soft labels, instead of --label.",
    )]
    target_logit: Annotated[Columns, columns(
        "--target-logit", help="Columns of a teacher's logits, as soft labels.",
    )]
    weight: Weight
    bytes: Annotated[Column, column("--bytes", help="Bytes of each token, for bits per byte.")]
    multilabel: Annotated[bool, click.option(
        "--multilabel/--no-multilabel",
        help="Several labels a row, each 0 or 1; --label 'y_*' and --prob 'p_*' match by their stars.",
    )]
    class_column: Annotated[Column, column(
        "--class-column", help="Column of the class, where each has a row of its own.",
    )]
    where: Where
    doc: Annotated[Column, column("--doc", help="Column of the document of each token.")]
    labels: Annotated[str | None, click.option(
        "--labels", shell_complete=complete("files"), metavar="FILE",
        help="File with the labels, if not in FILE.",
    )]
    on: On
    allow_extra: Annotated[bool, click.option(
        "--allow-extra/--no-allow-extra", help="Ids of --labels may lack a prediction.",
    )]

    def request(
        self,
        files: tuple[str, ...],
        slicing: SlicingOptions = WHOLE,
        *,
        show: tuple[str, ...] = (),
        names_rows: bool = False,
        fold: str | None = None,
    ) -> "InputRequest":
        """The inputs that these options ask for; where `--on` `names_rows` anyway, it needs no file to join."""
        from xentcli.api import InputRequest

        collect_again()  # what reads is loaded
        unwind()
        spec = replace(
            self.spec(),
            predicted=self.predicted,
            target=self.target,
            target_logit=self.target_logit,
            weight=self.weight,
            bytes=self.bytes,
            doc=self.doc,
            by=slicing.by,
            bins=slicing.bins,
            cluster=slicing.cluster,
            fold=fold,
            show=show,
            class_column=self.class_column,
            where=self.where,
            multilabel=self.multilabel,
        )
        on = self.on if self.labels is not None or not names_rows else None
        given = typed_options()
        return InputRequest(files, spec, self.text(), self.labels, on, self.allow_extra, given=given)


class PredictionOptions(ReadingOptions, frozen=True):
    """Which columns are the scores of two models, and how their rows meet: labels are not needed."""

    label: Annotated[Column, column("--label", help="Column of the true class, if labels are to be used.")]
    weight: Weight
    where: Where
    on: On

    def request(self, files: tuple[str, ...], slicing: SlicingOptions = WHOLE) -> "InputRequest":
        """The inputs that these options ask for."""
        request = self.inputs(files)
        spec = replace(
            request.spec, weight=self.weight, where=self.where, by=slicing.by, bins=slicing.bins,
            cluster=slicing.cluster,
        )
        return replace(request, spec=spec)


Reading = TypeVar("Reading", bound=ReadingOptions)


class BaseOptions(Options, frozen=True):
    """The score columns of BASE."""

    base_prob: Annotated[Columns, columns(
        "--base-prob", help="Probability columns of BASE, if not those of NEW.",
    )]
    base_logit: Annotated[Columns, columns("--base-logit", help="Logit columns of BASE, likewise.")]
    base_logprob: Annotated[Columns, columns(
        "--base-logprob", help="Log-probability columns of BASE, likewise.",
    )]

    def instead_of(self, inputs: Reading) -> Reading:
        """The options with these score columns, if there are any."""
        given = {"prob": self.base_prob, "logit": self.base_logit, "logprob": self.base_logprob}
        return replace(inputs, **given) if any(given.values()) else inputs
