"""The groups of options that say which models are ranked, and how sure the ranking is to be."""

from typing import TYPE_CHECKING, Annotated

import click

from xentcli.cli.options import Options, complete
from xentcli.cli.values import name, number
from xentcli.errors import RequestError

if TYPE_CHECKING:
    from xentcli.api import InputRequest, ModelRequest

# fmt: off


Names = Annotated[tuple[str, ...], click.option(
    "--name", type=name, metavar="FILE=NAME", multiple=True, shell_complete=complete("files"),
    help="What the model of a FILE is called; repeatable.",
)]
Base = Annotated[str | None, click.option(
    "--base", type=name, metavar="NAME", help="Model to compare with; default: the best.",
)]


class ModelOptions(Options, frozen=True):
    """Which models there are."""

    model: Annotated[tuple[str, ...], click.option(
        "--model", type=name, metavar="NAME=COLS", multiple=True, shell_complete=complete("model_columns"),
        help="Model of these columns of the one FILE; repeatable.",
    )]
    name: Names
    base: Base

    def models(self, inputs: "InputRequest") -> "tuple[ModelRequest, ...]":
        """The models that these options name, or one of each file."""
        from xentcli.api import models_of_columns, models_of_files

        if not self.model:
            return models_of_files(inputs, self.name)
        if self.name:
            raise RequestError("name", "--name calls files, and --model its columns: they do not go together",
                               hint="--model NAME=COLS names a model")
        return models_of_columns(inputs, self.model)


class LevelOptions(Options, frozen=True):
    """How sure the ranking is to be."""

    level: Annotated[float, click.option(
        "--level", type=number, default=0.95, show_default=True, metavar="L",
        help="How often ranks and intervals are to hold.",
    )]
