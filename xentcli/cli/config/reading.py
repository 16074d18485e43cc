"""A configuration as the defaults of a command's options: the command line wins, option by option."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from click.core import ParameterSource

from xentcli.cli.values import as_text, count, index, number, skipped_lines, threads, whole_number
from xentcli.errors import Notice, Where
from xentcli.gates.config import Config, ConfigKey, ConfigKind, ConfigValue, find_config, load_config
from xentcli.render.starting_config import Setting

# What belongs to a run and its surroundings, not to the project.
UNCONFIGURED = {
    "config", "no-config", "init", "exit-zero", "junit", "github", "json", "output", "save-state", "shard",
    "help",
}  # fmt: skip
OF_GATE = {"require", "baseline", "confidence", "files"}  # what would make a gate of every command
_IS_PATH = {
    "files": lambda text: True,
    "labels": lambda text: True,
    "baseline": lambda text: True,
    "prior": lambda text: "=" not in text,
}
_OF_PAGE = {"format", "quiet", "no-color", "full"}
_NO_SETTINGS = UNCONFIGURED | _OF_PAGE | {"require", "baseline", "confidence", "threads"}
_FOUND = "xentcli.gates.config"


def configure(ctx: click.Context, path: str | None) -> None:
    """Make what a configuration holds, that at `path` or the nearest one, the defaults of the options."""
    from xentcli.cli.commands import COMMANDS, xent

    commands = [command for name in COMMANDS if (command := xent.get_command(ctx, name)) is not None]
    general = {key: value for command in commands for key, value in keys_of(command).items() if key not in OF_GATE}
    gate = next(keys_of(command) for command in commands if command.name == "gate")
    config = find_config(gate, general) if path is None else load_config(path, gate, general)
    if config is None:
        return
    values = config.general if ctx.command.name != "gate" else {**config.general, **config.values}
    parameters = {key_of(each): each for each in ctx.command.params}
    ctx.meta[_FOUND] = config
    ctx.default_map = {
        str(parameters[name].name): _checked(ctx, parameters[name], value, config, name)
        for name, value in values.items()
        if name in parameters
    }


def configured_files(ctx: click.Context, parameter: click.Parameter, files: tuple[str, ...]) -> tuple[str, ...]:
    """Callback of `FILE...`: those of the configuration if none is given; not every Click has defaults there."""
    config = config_of(ctx)
    found = files or (() if config is None else config.values.get("files", ()))
    if not found:
        raise click.MissingParameter(ctx=ctx, param=parameter)
    return tuple(found) if isinstance(found, tuple) else (str(found),)


def keys_of(command: click.Command) -> dict[str, ConfigKey]:
    """What a configuration may say of a command."""
    return {name: _key(each) for each in command.params if (name := key_of(each)) not in UNCONFIGURED}


def key_of(parameter: click.Parameter) -> str:
    """How a configuration calls an option: `sum-tolerance`; and the files: `files`."""
    if isinstance(parameter, click.Argument):
        return str(parameter.name)
    return next((opt[2:] for opt in parameter.opts if opt.startswith("--")), str(parameter.name))


def config_of(ctx: click.Context) -> Config | None:
    """The configuration that was found."""
    found: Config | None = ctx.meta.get(_FOUND)
    return found


def overruled(ctx: click.Context) -> Iterator[Notice]:
    """A list in the configuration that the command line takes the place of, as one could take them to add up."""
    config = config_of(ctx)
    for parameter in ctx.command.params:
        name = key_of(parameter)
        from_line = ctx.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
        if config is not None and from_line and name == "require" and name in config.values:
            message = f"the requirements of the command line take the place of {config.key(name)}"
            yield Notice("config", 1, message, (Where(config.path),))


def settings(ctx: click.Context) -> dict[str, Setting]:
    """The options that say how to read and score, with their values, as a configuration would have them."""
    found: dict[str, Setting] = {}
    for parameter in ctx.command.params:
        name, source = key_of(parameter), ctx.get_parameter_source(str(parameter.name))
        said = source in (ParameterSource.COMMANDLINE, ParameterSource.DEFAULT_MAP) or name == "files"
        if said and name not in _NO_SETTINGS:
            value = ctx.params[str(parameter.name)]
            several = _kind(parameter) == "texts"
            found[name] = [as_text(each) for each in value] if several else _setting(value)
    return found


def _setting(value: Any) -> Setting:
    return value if isinstance(value, bool | int | float) else as_text(value)


def _key(parameter: click.Parameter) -> ConfigKey:
    example = parameter.metavar if parameter.metavar is not None and "=" in parameter.metavar else ""
    return ConfigKey(_kind(parameter), _IS_PATH.get(key_of(parameter), _never), example)


def _kind(parameter: click.Parameter) -> ConfigKind:
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return "flag"
    if parameter.multiple or parameter.nargs == -1:
        return "texts"
    if key_of(parameter) == "classes":
        return "list"
    numbers = {each.__name__ for each in (number, count, threads, index, skipped_lines, whole_number)}
    return "number" if parameter.type.name in numbers else "text"


def _checked(ctx: click.Context, parameter: click.Parameter, value: ConfigValue, config: Config, name: str) -> Any:
    """The value, if the option would take it."""
    try:
        parameter.type_cast_value(ctx, value)
    except click.BadParameter as error:
        raise config.error(name, error.message[:1].lower() + error.message[1:].rstrip(".")) from error
    return value


def _never(text: str) -> bool:
    return False
