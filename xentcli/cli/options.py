"""What the options of all commands have in common: groups with typed values, and files that must not clash."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any, ClassVar, TypeVar, cast

import click
from msgspec import Struct

from xentcli.errors import RequestError, Where
from xentcli.render.formats import FORMATS
from xentcli.render.page import Page
from xentcli.units import Unit

Command = TypeVar("Command", bound=Callable[..., Any])


class Options(Struct, frozen=True):
    """A group of options: what is declared to Click, and the values as fields of the same names."""

    declared: ClassVar[tuple[Callable[[Any], Any], ...]] = ()


class UnitOptions(Options, frozen=True):
    """The unit of every amount of information."""

    declared = (
        click.option(
            "--unit", type=click.Choice([unit.value for unit in Unit]), default="nats", show_default=True,
            help="Unit of information.",
        ),
    )  # fmt: skip

    unit: str


class PrintingOptions(Options, frozen=True):
    """What is printed, and where."""

    declared = (
        click.option(
            "--format", "format_", type=click.Choice(list(FORMATS)), default="table", show_default=True,
            help="What to print.",
        ),
        click.option("-o", "--output", metavar="FILE", help="Write there instead; complete, or left as it was."),
        click.option("-q", "--quiet", is_flag=True, help="No notices, no progress; errors stay."),
        click.option("--no-color", is_flag=True, help="No colors; NO_COLOR=1 does the same."),
    )  # fmt: skip

    format_: str
    output: str | None
    quiet: bool
    no_color: bool

    @property
    def document(self) -> bool:
        """Whether it is for programs."""
        return self.format_ != "table"

    def page(self, *, reliability: bool = False) -> Page:
        """What standard output (or a file) can show."""
        to_file = self.output is not None
        stdout = sys.__stdout__  # the runner puts another in the place of sys.stdout
        terminal = not to_file and stdout is not None and stdout.isatty()
        color = terminal and os.environ.get("TERM") != "dumb"
        if os.environ.get("FORCE_COLOR") and not to_file:
            color = True
        if self.no_color or os.environ.get("NO_COLOR"):
            color = False
        width = None
        if terminal:
            import shutil  # loads every compression

            width = shutil.get_terminal_size().columns
        encoding = (getattr(stdout, "encoding", None) or "utf-8").lower()
        return Page(width, color, not to_file and not encoding.startswith("utf"), reliability)


def with_options(*groups: type[Options]) -> Callable[[Command], Command]:
    """A decorator that adds groups of options, in this order, and refuses files that would overwrite others.

    The command gets the values of each group, in this order, and its arguments by name.
    """

    def add(function: Command) -> Command:
        @wraps(function)
        def grouped(**parameters: Any) -> Any:
            refuse_clashes(parameters)
            values = [
                group(**{name: parameters.pop(name) for name in group.__struct_fields__}) for group in groups
            ]
            return function(*values, **parameters)

        command = cast(Command, grouped)
        for option in reversed([option for group in groups for option in group.declared]):
            command = option(command)
        return command

    return add


# Files that a command writes must not be those that it reads, nor one another.
_READ = ("files", "base", "new", "states", "labels")  # what names them; a baseline may be renewed
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
