"""Help pages: the options in groups, each under a heading, with flags by the side that one types."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import click

_WIDEST = 24  # characters of an option and its value; what is longer stands on a line of its own

SECTIONS: dict[str, tuple[str, ...]] = {
    "Rows listed": ("n", "show"),
    "Recalibration": (
        "method", "folds", "fold-column", "folds-forward", "prior-from", "prior-to", "kept",
    ),
    "Columns": (
        "label", "prob", "logit", "logprob", "predicted", "positive", "classes", "classes-in", "target",
        "target-logit", "weight", "bytes", "doc", "multilabel", "class-column", "base-prob", "base-logit",
        "base-logprob",
    ),
    "Labels of another file": ("labels", "on", "allow-extra"),
    "Reading": (
        "na", "delimiter", "decimal", "comment", "skip-lines", "no-header", "input-format", "log-base", "engine",
        "scheduler", "threads",
    ),
    "Rows and row losses": (
        "where", "missing", "ignore-label", "normalize", "sum-tolerance", "clip", "class-weight",
        "label-smoothing",
    ),
    "Slices and clusters": ("by", "bins", "cluster"),
    "Breakdown": ("breakdown", "prior", "reliability"),
    "Gates": ("require", "baseline", "confidence", "exit-zero", "init", "junit", "github"),
    "States": ("save-state", "shard"),
    "Output": ("unit", "format", "json", "output", "full", "quiet", "no-color"),
    "Defaults": ("config", "no-config", "help"),
}  # fmt: skip


class GroupedCommand(click.Command):
    """A command whose help lists its options by what they are about."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the groups that the command has options of."""
        options = {name_of(each): each for each in self.get_params(ctx)}
        for title, names in SECTIONS.items():
            found = [options[name] for name in names if name in options]
            records = [record for option in found for record in _records(option, ctx)]
            if records:
                with formatter.section(heading(title)):
                    formatter.write_dl(records, col_max=_WIDEST)


def name_of(parameter: click.Parameter) -> str:
    """The long name of an option, without dashes; otherwise what it is called inside."""
    return next((opt[2:] for opt in parameter.opts if opt.startswith("--")), str(parameter.name))


def heading(title: str) -> str:
    """The heading of a group, bold on a terminal that shows it."""
    stdout = sys.__stdout__
    plain = stdout is None or not stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return title if plain else click.style(title, bold=True)


def _records(parameter: click.Parameter, ctx: click.Context) -> Iterator[tuple[str, str]]:
    """The option and its help; of a flag only the side that changes something."""
    record = parameter.get_help_record(ctx)
    if record is None:
        return
    names, text = record
    if isinstance(parameter, click.Option) and parameter.is_flag and parameter.secondary_opts:
        on, _, off = names.partition(" / ")
        if parameter.default is not None:  # else both sides say something
            names = off if parameter.default is True else on
    if isinstance(parameter.type, click.Choice):
        names = names.replace(" [", " ").removesuffix("]")
    yield names.ljust(_WIDEST), text
