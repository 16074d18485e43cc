"""What the options of all commands have in common: groups with typed values, and files that must not clash."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial, wraps
from importlib import import_module
from inspect import get_annotations
from typing import Annotated, Any

import click
from click.core import ParameterSource
from msgspec import Struct

from xentcli.cli.config.defaults import run_with_defaults
from xentcli.cli.config.search import apply_config, ignore_config
from xentcli.cli.format_choice import STDOUT, choose_format
from xentcli.cli.targets import refuse_unwritable
from xentcli.cli.terminal import is_terminal, shows_color
from xentcli.errors import RequestError, Where
from xentcli.files import is_same_file, place_of
from xentcli.render.formats import FORMATS
from xentcli.render.page import Page
from xentcli.units import Unit


def complete(kind: str) -> Callable[[click.Context, click.Parameter, str], Any]:
    """What completes a value: a function of `completion.items`, loaded when a shell asks."""

    def items(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> Any:
        return getattr(import_module("xentcli.cli.completion.items"), kind)(ctx, parameter, incomplete)

    return items


class Options(Struct, frozen=True):
    """A group of options: each field has the type of its value, annotated with what declares it to Click.

    A field may have several options, of which `choose_format` makes one value.
    """


class UnitOptions(Options, frozen=True):
    """The unit of every amount of information."""

    unit: Annotated[str, click.option(
        "--unit", type=click.Choice([unit.value for unit in Unit]), default="nats", show_default=True,
        help="Unit of information.",
    )]  # fmt: skip


# fmt: off
Format = Annotated[str, click.option(
    "--format", "format_", type=click.Choice(list(FORMATS)), metavar="FORMAT",
    help=f"{', '.join([*FORMATS][:-1])} or {[*FORMATS][-1]}; default: table.",
), click.option("--json", is_flag=True, help="Short for --format json.")]
Quiet = Annotated[bool, click.option(
    "-q", "--quiet/--no-quiet", help="Headline and warnings only; no progress.",
)]
Full = Annotated[bool, click.option(
    "--full/--no-full", help="Every table, not only what fits on a screen.",
)]
NoColor = Annotated[bool, click.option(
    "--no-color/--color", help="No colors; NO_COLOR=1 does the same.",
)]


class PrintingOptions(Options, frozen=True):
    """What is printed, and where."""

    format_: Format
    output: Annotated[str | None, click.option(
        "-o", "--output", metavar="FILE", shell_complete=complete("files"),
        help="Write to FILE; .json, .csv or .md sets the format.",
    )]
    quiet: Quiet
    full: Full
    no_color: NoColor
    # fmt: on

    @property
    def document(self) -> bool:
        """Whether it is for programs."""
        return self.format_ != "table"

    def page(self, *, reliability: bool = False) -> Page:
        """What standard output (or a file) can show."""
        to_file = self.output is not None
        terminal = not to_file and is_terminal()
        color = not to_file and shows_color(no_color=self.no_color)
        width = None
        if terminal:
            import shutil  # loads every compression

            width = shutil.get_terminal_size().columns
        elif os.environ.get("COLUMNS", "").isdecimal() and not to_file:
            width = max(1, int(os.environ["COLUMNS"]))
        encoding = (getattr(sys.__stdout__, "encoding", None) or "utf-8").lower()
        ascii_only = not to_file and not encoding.startswith("utf")
        return Page(width, color, ascii_only, reliability, self.full, self.quiet)


class ScreenOptions(Options, frozen=True):
    """What is printed by a command whose `--output` is a file of another kind."""

    format_: Format
    quiet: Quiet
    full: Full
    no_color: NoColor

    def printing(self) -> PrintingOptions:
        """The same, to standard output."""
        return PrintingOptions(self.format_, None, self.quiet, self.full, self.no_color)


def typed_options() -> frozenset[str]:
    """The options that stand on the command line, rather than in a configuration: `--delimiter` and so on.

    A flag that is taken back counts as `--no-normalize`.
    """
    ctx = click.get_current_context(silent=True)
    if ctx is None:
        return frozenset()
    return frozenset(
        name
        for option in ctx.command.params
        if ctx.get_parameter_source(str(option.name)) is ParameterSource.COMMANDLINE
        for name in (option.secondary_opts if ctx.params.get(str(option.name)) is False else option.opts)
    )


def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with the options of the groups among its parameters, in this order.

    It gets the values of each group as one parameter, its arguments by name, and no files that clash. Its module
    has annotations as they are: those that are put off until they are asked for are texts.
    """
    kinds = command.__annotations__.items()
    groups = {name: kind for name, kind in kinds if isinstance(kind, type) and issubclass(kind, Options)}

    @wraps(command)
    def grouped(**parameters: Any) -> Any:
        ctx = click.get_current_context()
        for name in ("config", "no_config"):
            del parameters[name]
        return run_with_defaults(ctx, parameters, partial(_run_command, command, groups, ctx))

    hints = [hint for group in groups.values() for hint in _fields(group).values()]
    declared = [option for hint in hints for option in hint.__metadata__]
    for option in reversed([*declared, *_CONFIG]):
        grouped = option(grouped)
    return grouped


def _fields(group: type[Options]) -> dict[str, Any]:
    """The annotation of each field, those of its bases first; a group may declare one of these anew."""
    bases = [base for base in reversed(group.__mro__) if issubclass(base, Options)]
    return {name: hint for base in bases for name, hint in get_annotations(base).items()}


def _run_command(
    command: Callable[..., Any],
    groups: Mapping[str, type[Options]],
    ctx: click.Context,
    parameters: dict[str, Any],
) -> Any:
    """Call a command with the values of its groups."""
    choose_format(ctx, parameters)
    refuse_clashes(parameters)
    for option in _CHECKED:
        if parameters.get(option) is not None:
            refuse_unwritable(parameters[option])
    values = {
        name: group(**{field: parameters.pop(field) for field in group.__struct_fields__})
        for name, group in groups.items()
    }
    return command(**values, **parameters)


_CONFIG = (
    click.option(
        "--config", metavar="FILE", shell_complete=complete("files"), is_eager=True, callback=apply_config,
        help="Defaults; else [tool.xent] in pyproject.toml, or xent.toml, here or in a folder above.",
    ),
    click.option(
        "--no-config", is_flag=True, is_eager=True, callback=ignore_config,
        help="No defaults from a file; --no-NAME unsets a flag.",
    ),
)  # fmt: skip


# Files that a command writes must not be those that it reads, nor one another.
_READ = ("files", "base", "new", "states", "labels", "calibration")  # what names them; a baseline may be renewed
_WRITTEN = ("output", "saved", "out", "cross_fit", "save_state", "junit", "report", "pictures")
_CHECKED = ("output", "junit", "report")  # what writes the others looks itself whether it can, before it reads
_GROWING = ("states", "save_state")  # a total may be saved in the place of one of its parts


def refuse_clashes(parameters: Mapping[str, Any]) -> None:
    """Raise a `RequestError` for a path that would be written over an input, or twice."""
    written: dict[str, str] = {}
    for option, path in _targets(parameters):
        flag = "--output" if option in ("saved", "out") else f"--{option.replace('_', '-')}"
        place = place_of(path)
        if place in written:
            raise RequestError("overwrite", f"{written[place]} and {flag} both write this file", where=Where(path))
        written[place] = flag
        for given, read in _paths(parameters):
            if (given, option) != _GROWING and place_of(read) == place and is_same_file(path, read):
                raise RequestError("overwrite", f"{flag} would overwrite this input", where=Where(read))


def _targets(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The paths that are written, with their options; of pictures the folder and each file that may be in it."""
    for option in _WRITTEN:
        path = parameters.get(option)
        if path in (None, STDOUT):
            continue
        paths = [path]
        if option == "pictures":
            from xentcli.results.pictures import KINDS, file_in  # of few commands

            paths += [file_in(path, kind) for kind in KINDS]
        yield from ((option, each) for each in paths if not _is_device(each))


def _paths(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for parameter in _READ:
        given = parameters.get(parameter)
        yield from ((parameter, path) for path in ((given,) if isinstance(given, str) else given or ()))


def _is_device(path: str) -> bool:
    """Devices and pipes take what they are given, any number of times."""
    return os.path.exists(path) and not os.path.isfile(path)
