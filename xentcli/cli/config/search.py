"""Whether there is a configuration at all: most runs have none, and load nothing that reads one."""

from __future__ import annotations

import os
import re

import click

_NONE = "xentcli.no_config"


def ignore_config(ctx: click.Context, parameter: click.Parameter, ignored: bool) -> bool:
    """Callback of `--no-config`."""
    ctx.meta[_NONE] = ignored
    return ignored


def apply_config(ctx: click.Context, parameter: click.Parameter, path: str | None) -> str | None:
    """Callback of `--config`, which comes before the other options: what it holds becomes their defaults.

    What is no option of the gate's is looked for only where a configuration may be.
    """
    ignored = ctx.meta.get(_NONE, False)
    if ignored and path is not None:
        raise click.UsageError("--config and --no-config contradict each other.", ctx)
    if not ignored and (path is not None or ctx.command.name == "gate" or may_be_configured()):
        from xentcli.cli.config.reading import configure

        configure(ctx, path)
    return path


def may_be_configured() -> bool:
    """Is there a `xent.toml`, or a `pyproject.toml` with the word xent in it, where `find_config` looks?"""
    place = os.getcwd()
    while True:
        if os.path.isfile(os.path.join(place, "xent.toml")):
            return True
        project = os.path.join(place, "pyproject.toml")
        if os.path.isfile(project):
            try:
                with open(project, "rb") as file:
                    return re.search(rb"\bxent\b", file.read()) is not None
            except OSError:
                return False  # whoever may not read the project is not bound by it
        above = os.path.dirname(place)
        if above == place or os.path.exists(os.path.join(place, ".git")):
            return False
        place = above
