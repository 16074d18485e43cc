"""Files that a command writes must not be those that it reads, nor one another."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from msgspec.structs import replace

from xentcli.cli.memory import collect_again
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
from xentcli.errors import RequestError, Where
from xentcli.render.formats import FORMATS
from xentcli.render.page import Page
from xentcli.units import Unit

if TYPE_CHECKING:
    from xentcli.api import CompareRequest, Progress, ScoreRequest

_READ = (
    "files",
    "base",
    "new",
    "states",
    "labels",
)  # what names them; a baseline may be renewed
_WRITTEN = ("output", "save_state", "junit")
_GROWING = ("states", "save_state")  # a total may be saved in the place of one of its parts


def refuse_clashes(parameters: Mapping[str, Any]) -> None:
    """Raise a `RequestError` for a path that would be written over an input, or twice."""
    written: dict[str, str] = {}
    for option in _WRITTEN:
        path = parameters.get(option)
        if path is None or _is_device(path):
            continue
        flag, place = f"--{option.replace('_', '-')}", os.path.realpath(path)
        if place in written:
            raise RequestError("overwrite", f"{written[place]} and {flag} both write this file", where=Where(path))
        written[place] = flag
        for given, read in _paths(parameters):
            if (given, option) != _GROWING and os.path.realpath(read) == place and os.path.exists(read):
                raise RequestError("overwrite", f"{flag} would overwrite this input", where=Where(read))


def _paths(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for parameter in _READ:
        given = parameters.get(parameter)
        yield from ((parameter, path) for path in ((given,) if isinstance(given, str) else given or ()))


def _is_device(path: str) -> bool:
    """Devices and pipes take what they are given, any number of times."""
    return os.path.exists(path) and not os.path.isfile(path)


Command = TypeVar("Command", bound=Callable[..., Any])


column = partial(click.option, type=name, metavar="COL")
SELECTING = (
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
        "--decimal", type=decimal_mark, metavar="CHAR", default=".", help="Decimal mark of text, such as a comma.",
    ),
    click.option("--no-header", is_flag=True, help='Text without a header: columns are named "0", "1", ...'),
    click.option(
        "--input-format", type=click.Choice(["csv", "tsv", "jsonl", "parquet", "arrow", "npy"]),
        help="Instead of what the content tells.",
    ),
)  # fmt: skip
BASE = (
    column("--base-prob", multiple=True, help="Probability columns of BASE, where they are not those of NEW."),
    column("--base-logit", multiple=True, help="Logit columns of BASE, likewise."),
    column("--base-logprob", multiple=True, help="Log-probability columns of BASE, likewise."),
)
SCORING = (
    click.option(
        "--missing", type=click.Choice(["error", "skip"]), default="error", show_default=True,
        help="Rows with a missing label or score: refuse, or leave out and count.",
    ),
    click.option(
        "--ignore-label", type=name, metavar="VALUE", multiple=True,
        help="Leave out rows with this label, and count them.",
    ),
    click.option("--clip", type=number, metavar="EPS", help="Row losses from probabilities in [EPS, 1 - EPS]."),
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
ENGINE = (
    click.option(
        "--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True,
        help="Where to score: here, or on the workers of a Dask cluster.",
    ),
    click.option(
        "--scheduler", type=name, metavar="tcp://HOST:PORT",
        help="The Dask cluster; without it, processes of this machine.",
    ),
)  # fmt: skip
UNIT = (
    click.option(
        "--unit", type=click.Choice([unit.value for unit in Unit]), default="nats", show_default=True,
        help="Unit of information.",
    ),
)  # fmt: skip
SLICING = (
    column("--by", multiple=True, help="Slice by the values of a column; a comma list crosses; repeatable."),
    click.option(
        "--bins", type=bins, metavar="COL=0,18,65", multiple=True,
        help="Slice by ranges of a column of numbers: below 0, [0, 18), [18, 65), from 65.",
    ),
    column("--cluster", help="Rows of one value (a user, a document) depend on one another."),
)  # fmt: skip
SAVE_STATE = click.option(
    "--save-state", metavar="FILE", help="Also write what xent merge needs; complete, or left as it was.",
)  # fmt: skip
SAVING = (
    SAVE_STATE,
    click.option(
        "--shard", type=index, metavar="N",
        help="Number of FILE among all that will be merged, from 0; see xent merge --help.",
    ),
)  # fmt: skip
RELIABILITY = click.option(
    "--reliability", is_flag=True, help="With a table and diagram of confidence against accuracy.",
)  # fmt: skip
BROKEN_DOWN = (
    click.option("--breakdown/--no-breakdown", default=True, help="Break the log loss down; it is by default."),
)
BREAKDOWN = (
    click.option(
        "--prior", type=prior, metavar="A=0.9,B=0.1",
        help="Class mix that skill is measured against, or a file to count; otherwise the rows' own.",
    ),
    *BROKEN_DOWN,
    RELIABILITY,
)  # fmt: skip
LISTING = (
    click.option(
        "-n", "n", type=count, default=20, show_default=True, metavar="N", help="How many rows.",
    ),
    column("--show", multiple=True, help="Column to print beside each row; repeatable."),
)  # fmt: skip
GATING = (
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
PAIRED_GATING = (GATING[0], *GATING[2:])  # BASE is the baseline
PRINTING = (
    click.option(
        "--format", "format_", type=click.Choice(list(FORMATS)), default="table", show_default=True,
        help="What to print.",
    ),
    click.option("-o", "--output", metavar="FILE", help="Write there instead; complete, or left as it was."),
    click.option("-q", "--quiet", is_flag=True, help="No notices, no progress; errors stay."),
    click.option("--no-color", is_flag=True, help="No colors; NO_COLOR=1 does the same."),
)  # fmt: skip


def having(*groups: tuple[Callable[[Command], Command], ...]) -> Callable[[Command], Command]:
    """A decorator that adds groups of options, in this order, and refuses files that would overwrite others."""

    def add(function: Command) -> Command:
        @wraps(function)
        def checked(**parameters: Any) -> Any:
            refuse_clashes(parameters)
            return function(**parameters)

        command = cast(Command, checked)
        for option in reversed([option for group in groups for option in group]):
            command = option(command)
        return command

    return add


def score_request(
    files: tuple[str, ...], options: dict[str, Any], progress: Progress | None = None, *, changes: bool = False
) -> ScoreRequest:
    """The frozen request that the options of `SELECTING`, `SCORING` and `GATING` ask for.

    `progress` is told how far it has come; `changes` says that the command shows those since the baseline.
    """
    from xentcli.api import parse_gating, policy

    return replace(
        columns_request(files, options),
        policy=policy(
            options["clip"],
            options["normalize"],
            options["sum_tolerance"],
            options["missing"],
            options["ignore_label"],
            options["class_weight"] or {},
            options["label_smoothing"],
        ),
        prior=options.get("prior"),
        breakdown=options.get("breakdown", True),
        threads=options["threads"],
        unit=Unit(options.get("unit", Unit.NATS)),
        engine=options.get("engine", "local"),
        scheduler=options.get("scheduler"),
        gating=parse_gating(
            options.get("require", ()), options.get("confidence"), options.get("baseline"), changes=changes
        ),
        save_state=options.get("save_state"),
        shard=options.get("shard"),
        progress=progress,
    )


def compare_request(base: str, new: str, options: dict[str, Any], progress: Progress | None) -> CompareRequest:
    """The frozen request that the options of `xent compare` ask for."""
    from xentcli.api import CompareRequest, parse_gating

    asked = parse_gating(options.pop("require"), options.pop("confidence"), paired=True)
    request = replace(score_request((new,), options, progress), gating=asked)
    return CompareRequest(base, request, options["base_prob"], options["base_logit"], options["base_logprob"])


def columns_request(files: tuple[str, ...], options: dict[str, Any]) -> ScoreRequest:
    """The frozen request that the options of `SELECTING` ask for."""
    from xentcli.api import ColumnSpec, ScoreRequest, TextOptions, parse_list

    collect_again()  # what reads is loaded
    unwind()
    classes = options["classes"]
    spec = ColumnSpec(
        label=options["label"],
        prob=options["prob"],
        logit=options["logit"],
        logprob=options["logprob"],
        classes=None if classes is None else tuple(parse_list(classes)),
        positive=options["positive"],
        target=options["target"],
        weight=options["weight"],
        bytes=options["bytes"],
        by=options.get("by", ()),
        bins=tuple(options.get("bins", ())),
        cluster=options.get("cluster"),
        show=options.get("show", ()),
    )
    text = TextOptions(
        delimiter=options["delimiter"],
        decimal=options["decimal"],
        header=not options["no_header"],
        format=options["input_format"],
    )
    joined = {name: options[name] for name in ("labels", "on", "allow_extra")}
    return ScoreRequest(files, spec, text=text, **joined)


def page(to_file: bool, no_color: bool, *, reliability: bool = False) -> Page:
    """What standard output (or a file) can show."""
    stdout = sys.__stdout__  # the runner puts another in the place of sys.stdout
    terminal = not to_file and stdout is not None and stdout.isatty()
    color = terminal and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR") and not to_file:
        color = True
    if no_color or os.environ.get("NO_COLOR"):
        color = False
    width = None
    if terminal:
        import shutil  # loads every compression

        width = shutil.get_terminal_size().columns
    encoding = (getattr(stdout, "encoding", None) or "utf-8").lower()
    return Page(width, color, not to_file and not encoding.startswith("utf"), reliability)
