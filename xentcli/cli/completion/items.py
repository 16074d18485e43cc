"""What may stand at a place of the command line: files, columns and classes of the file given, metrics.

Called by Click when a shell asks. Nothing here may fail loudly, read standard input or ask a network.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from xentcli.results.columns import ColumnsResult

_LOOKED_AT = 1000  # rows whose labels are the classes, where no column names them
_TEXT = ("text", "csv")
Items = list[CompletionItem[str]]


def files(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Any file, which the shell itself knows."""
    return [CompletionItem(incomplete, type="file")]


def columns(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The columns of the file given; behind the last comma of a list."""
    return _in_list(_columns(ctx), incomplete)


def column_and_value(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The columns, with what stands behind them: `COL=`."""
    return _items((f"{column}=" for column in _columns(ctx)), incomplete, "nospace")


def model_columns(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """Behind `NAME=` the columns of the file given."""
    name, equal, _ = incomplete.partition("=")
    return _items((f"{name}={column}" for column in _columns(ctx)), incomplete) if equal else []


def classes(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The classes of the file given, likewise."""
    return _in_list(_classes(ctx), incomplete)


def class_and_number(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The classes, with what stands behind them: `CLASS=`."""
    before, comma, _ = incomplete.rpartition(",")
    return _items((f"{before}{comma}{name}=" for name in _classes(ctx)), incomplete, "nospace")


def topics(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The pages of the documentation, and the commands."""
    from xentcli.cli.commands import COMMANDS
    from xentcli.docs import TOPICS

    return _items([*TOPICS, *(name for name in COMMANDS if name not in TOPICS)], incomplete)


def requirements(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The numbers of which something can be required, and behind `[` the classes."""
    from xentcli.gates.requirement import WHOLE
    from xentcli.results.metrics import PER_CLASS
    from xentcli.results.selectors import quoted

    if ctx.command.name == "rank":
        return _items(_of_models(ctx, incomplete), incomplete, "nospace")
    metric, bracket, _ = incomplete.partition("[")
    if bracket:
        return _items((f"{metric}[{quoted(name)}]" for name in _classes(ctx)), incomplete, "nospace")
    names = dict.fromkeys([*WHOLE, *(f"{name}[" for name in PER_CLASS)])
    return _items(names, incomplete, "nospace")


def _of_models(ctx: click.Context, incomplete: str) -> Iterator[str]:
    """The numbers of one of several models, and behind `[` the models."""
    from xentcli.api import InputRequest, models_of_columns, models_of_files
    from xentcli.errors import XentError
    from xentcli.gates.requirement import RANKS, WHOLE
    from xentcli.results.metrics import PER_CLASS
    from xentcli.results.selectors import quoted

    metric, bracket, _ = incomplete.partition("[")
    if not bracket:
        yield from dict.fromkeys(f"{name}[" for name in (*RANKS, *WHOLE, *PER_CLASS))
        return
    columns, inputs = ctx.params.get("model"), InputRequest(tuple(_arguments(ctx)))
    try:
        models = models_of_columns(inputs, columns) if columns else models_of_files(inputs, ctx.params["name"])
    except XentError:
        return
    yield from (f"{metric}[{quoted(model.name)}" for model in models)


def metrics(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Items:
    """The numbers that `xent explain` knows."""
    from xentcli.results.explain import explain

    return _items(dict.fromkeys(number.name for number in explain().numbers), incomplete)


def _items(names: Iterable[str], incomplete: str, type: str = "plain") -> Items:
    """Those that begin so; a name of several lines is none that a shell can take."""
    return [CompletionItem(name, type) for name in names if name.startswith(incomplete) and name.isprintable()]


def _in_list(names: Iterable[str], incomplete: str) -> Items:
    before, comma, _ = incomplete.rpartition(",")
    return _items((f"{before}{comma}{name}" for name in names), incomplete)


def _columns(ctx: click.Context) -> list[str]:
    found = _look_at(ctx)
    return [] if found is None else [column.column for column in found.columns]


def _classes(ctx: click.Context) -> list[str]:
    """The classes that columns name, or else the labels of the first rows of a text."""
    found = _look_at(ctx)
    if found is None:
        return []
    if found.classes is not None:
        return list(found.classes)
    label = next((column.column for column in found.columns if column.role == "label"), None)
    if label is None or found.inputs[0][1] not in _TEXT:
        return []
    try:
        with open(found.inputs[0][0], encoding="utf-8", newline="") as file:
            delimiter = csv.Sniffer().sniff(file.readline()).delimiter
            file.seek(0)
            rows = islice(csv.DictReader(file, delimiter=delimiter), _LOOKED_AT)
            return sorted({row[label] for row in rows if row.get(label)})
    except (OSError, ValueError, csv.Error):
        return []


def _arguments(ctx: click.Context) -> Iterator[str]:
    """The words on the command line that are neither options nor values of some, behind the command."""
    with_value = {
        name
        for option in ctx.command.params
        if isinstance(option, click.Option) and not option.is_flag
        for name in option.opts
    }
    words = (ctx.find_root().obj or ())[1:]
    for before, word in zip(("", *words), words, strict=False):
        if not word.startswith("-") and before not in with_value:
            yield word


def _look_at(ctx: click.Context) -> ColumnsResult | None:
    """The columns of the first file on the command line, if it is a regular one; None without."""
    import os

    from xentcli.api import ColumnSpec, InputRequest, TextOptions, columns_of
    from xentcli.errors import XentError

    given = ctx.params
    path = next((path for path in _arguments(ctx) if os.path.isfile(path)), None)
    if path is None:
        return None
    text = TextOptions(given.get("delimiter"), header=not given.get("no_header"))
    try:
        return columns_of(InputRequest((path,), ColumnSpec(label=given.get("label")), text))
    except XentError:
        return None
