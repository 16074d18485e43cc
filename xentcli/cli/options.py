"""Options that several commands share, and what they build."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from xentcli.render import FORMATS, Page
from xentcli.units import Unit

if TYPE_CHECKING:
    from xentcli.api import ScoreRequest

Command = TypeVar("Command", bound=Callable[..., Any])


def name(value: str) -> str:
    """Names of columns and classes: UTF-8 as in the files, whatever the locale took the argument for."""
    try:
        return os.fsencode(value).decode()
    except UnicodeDecodeError:
        return value


def number(value: str | float) -> float:
    """A number as files have it: `1_000` and digits of other scripts, which Python takes, are none."""
    text = str(value)
    try:
        if "_" in text or not text.isascii():
            raise ValueError
        return float(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a number.") from None


def count(value: str | int) -> int:
    """A whole number above 0."""
    found = number(value)
    if not (found >= 1 and found.is_integer()):
        raise click.BadParameter(f"{value!r} is not a whole number above 0.")
    return int(found)


column = partial(click.option, type=name, metavar="COL")
READING = (
    column("--label", help="Column of the true class."),
    column(
        "--prob", multiple=True, help="Probability columns: name, comma list or glob; repeatable."
    ),
    column("--logit", multiple=True, help="Logit columns, likewise."),
    column("--logprob", multiple=True, help="Log-probability columns, likewise."),
    click.option("--classes", type=name, metavar="A,B,C", help="Classes in the order of the score columns."),
    click.option("--positive", type=name, metavar="CLASS", help="The class that a single score column is of."),
    column("--target", multiple=True, help="Columns of soft labels, likewise, instead of --label."),
    column("--weight", help="Column of row weights, >= 0."),
    column("--bytes", help="Bytes of each token, for bits per byte."),
    click.option(
        "--missing", type=click.Choice(["error", "skip"]), default="error", show_default=True,
        help="Rows with a missing label or score: refuse, or leave out and count.",
    ),
    click.option(
        "--ignore-label", type=name, metavar="VALUE", multiple=True,
        help="Leave out rows with this label, and count them.",
    ),
    click.option("--labels", metavar="FILE", help="File with the labels, where the predictions have none."),
    column("--on", help="Id column in both files; otherwise rows meet in order."),
    click.option("--allow-extra", is_flag=True, help="The label file may have ids without a prediction."),
    click.option("--clip", type=number, metavar="EPS", help="Row losses from probabilities in [EPS, 1 - EPS]."),
    click.option("--normalize", is_flag=True, help="Divide the probabilities of each row by their sum."),
    click.option(
        "--sum-tolerance", type=number, default=0.01, show_default=True, metavar="X",
        help="How far the probabilities of a row may miss a sum of 1.",
    ),
    click.option(
        "--class-weight", type=name, metavar="A=2,B=1", help="Each row weighs as its class; 1 where none is given."
    ),
    click.option(
        "--label-smoothing", type=number, default=0.0, metavar="EPS",
        help="Row losses against (1 - EPS) of the label and EPS of all classes alike.",
    ),
    click.option(
        "--delimiter", type=name, metavar="CHAR", help="Field separator of text; otherwise the header tells."
    ),
    click.option(
        "--decimal", type=name, metavar="CHAR", default=".", help="Decimal mark of text, such as a comma."
    ),
    click.option("--no-header", is_flag=True, help='Text without a header: columns are named "0", "1", ...'),
    click.option(
        "--input-format", type=click.Choice(["csv", "tsv", "jsonl", "parquet", "arrow", "npy"]),
        help="Instead of what the content tells.",
    ),
    click.option("--threads", type=count, metavar="N", help="Default: the cores of this process."),
)  # fmt: skip
PRINTING = (
    click.option(
        "--format", "format_", type=click.Choice(list(FORMATS)), default="table", show_default=True,
        help="What to print.",
    ),
    click.option(
        "--unit", type=click.Choice([unit.value for unit in Unit]), default="nats", show_default=True,
        help="Unit of information.",
    ),
    click.option("-o", "--output", metavar="FILE", help="Write there instead; complete, or left as it was."),
    click.option("-q", "--quiet", is_flag=True, help="No notices; errors stay."),
    click.option("--no-color", is_flag=True, help="No colors; NO_COLOR=1 does the same."),
)  # fmt: skip


def reading(command: Command) -> Command:
    """Add the options that say what the input is."""
    for option in reversed(READING):
        command = option(command)
    return command


def printing(command: Command) -> Command:
    """Add the options that say what the output is."""
    for option in reversed(PRINTING):
        command = option(command)
    return command


def score_request(files: tuple[str, ...], options: dict[str, Any]) -> ScoreRequest:
    """The frozen request that the parsed options ask for."""
    from xentcli.api import ColumnSpec, ScoreRequest, TextOptions, parse_list, policy

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
    )
    return ScoreRequest(
        paths=files,
        spec=spec,
        policy=policy(
            options["clip"],
            options["normalize"],
            options["sum_tolerance"],
            options["missing"],
            options["ignore_label"],
            _class_weights(parse_list(options["class_weight"] or "")),
            options["label_smoothing"],
        ),
        text=TextOptions(
            delimiter=_delimiter(options["delimiter"]),
            decimal=_decimal(options["decimal"]),
            header=not options["no_header"],
            format=options["input_format"],
        ),
        threads=options["threads"],
        unit=Unit(options["unit"]),
        labels=options["labels"],
        on=options["on"],
        allow_extra=options["allow_extra"],
    )


def _class_weights(items: list[str]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in items:
        name, _, number = item.rpartition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if not name or weight < 0 or "_" in number or name in weights:
            raise click.BadParameter(f'"{item}" is not CLASS=WEIGHT, once a class', param_hint="--class-weight")
        weights[name] = weight
    return weights


def _delimiter(given: str | None) -> str | None:
    if given is None:
        return None
    named = {"\\t": "\t", "tab": "\t"}.get(given, given)
    if len(named) != 1 or not named.isascii() or named in '"\r\n':
        raise click.BadParameter("is one ASCII character, or tab", param_hint="--delimiter")
    return named


def _decimal(given: str) -> str:
    if len(given) != 1 or not given.isascii() or given.isalnum() or given in '"\r\n+-':
        raise click.BadParameter("is one ASCII character", param_hint="--decimal")
    return given


def page(to_file: bool, no_color: bool) -> Page:
    """What standard output (or a file) can show."""
    stdout = sys.__stdout__  # the runner puts another in the place of sys.stdout
    terminal = not to_file and stdout is not None and stdout.isatty()
    color = terminal and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR") and not to_file:
        color = True
    if no_color or os.environ.get("NO_COLOR"):
        color = False
    width = shutil.get_terminal_size().columns if terminal else None
    encoding = (getattr(stdout, "encoding", None) or "utf-8").lower()
    return Page(width, color, ascii=not to_file and not encoding.startswith("utf"))
