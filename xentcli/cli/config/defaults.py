"""Defaults of a configuration in a run: which give way, which have no effect, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click
from click.core import ParameterSource
from msgspec.structs import replace

from xentcli.errors import Notice, UnusedOptionError, XentError
from xentcli.files import pipe_place
from xentcli.wording import brief

# Options that say the same in another way: one on the command line takes the place of configured others.
_RIVALS = (
    ("prob", "logit", "logprob", "model"),
    ("model", "name"),
    ("base_prob", "base_logit", "base_logprob"),
    ("label", "target", "target_logit"),
    ("class_weight", "label_smoothing"),
    ("threads", "scheduler"),
)
# What a default needs to mean anything; without it, it is dropped before anything is read.
_NEEDS = {"on": ("labels", "class_column"), "scheduler": ("engine",), "allow_extra": ("labels",)}
_ID_OF_ROWS = ("worst", "compare", "rank", "report")  # commands where `--on` needs no file to join
_SHOWN_ELSEWHERE = ("require", "files", "baseline", "confidence")  # a verdict shows them itself
# What changes numbers: where it has no effect, other numbers than those asked for would be judged.
_OF_NUMBERS = (
    "weight", "where", "cluster", "missing", "ignore_label", "clip", "normalize", "sum_tolerance", "class_weight",
    "label_smoothing", "prior", "log_base",
)  # fmt: skip


def run_with_defaults(ctx: click.Context, parameters: dict[str, Any], run: Callable[[dict[str, Any]], Any]) -> Any:
    """The outcome of a command, with a notice of the defaults that a configuration gave it.

    One that has no effect on these inputs is dropped, and the command run again.
    """
    if ctx.default_map is None:
        return run(parameters)
    settle(ctx, parameters)
    while True:
        try:
            outcome = run(dict(parameters))
        except UnusedOptionError as error:
            if not drop_unused(ctx, parameters, error):
                explain(ctx, error)
                raise
        except XentError as error:
            explain(ctx, error)
            raise
        else:
            found = () if parameters.get("quiet") else tuple(notices(ctx))
            return replace(outcome, notices=(*found, *outcome.notices))


def _source(ctx: click.Context, name: str | None) -> ParameterSource | None:
    return ctx.get_parameter_source(str(name))


def configured(ctx: click.Context) -> list[click.Parameter]:
    """The parameters whose values are those of a configuration."""
    return [each for each in ctx.command.params if _source(ctx, each.name) is ParameterSource.DEFAULT_MAP]


def settle(ctx: click.Context, parameters: dict[str, Any]) -> None:
    """Drop configured defaults that the command line contradicts, or that nothing in it needs."""
    for parameter in configured(ctx):
        name = str(parameter.name)
        others = [other for rivals in _RIVALS if name in rivals for other in rivals if other != name]
        if any(_source(ctx, other) is ParameterSource.COMMANDLINE for other in others):
            drop(ctx, parameter, parameters)
    for parameter in configured(ctx):
        name = str(parameter.name)
        if name == "on" and ctx.command.name in _ID_OF_ROWS:
            continue
        if name in _NEEDS and not any(_says(parameters.get(other)) for other in _NEEDS[name]):
            drop(ctx, parameter, parameters)


def _says(value: Any) -> bool:
    return bool(value) and value != "local"  # the engine that needs no scheduler


def drop_unused(ctx: click.Context, parameters: dict[str, Any], error: UnusedOptionError) -> bool:
    """Drop the default that has no effect on these inputs; False where the command line gave it.

    Nor where an input cannot be read again: what was taken of a pipe to look at is gone. Nor what changes the
    numbers that a gate is to judge.
    """
    for parameter in configured(ctx):
        judged = ctx.command.name == "gate" and parameter.name in _OF_NUMBERS
        if error.option in parameter.opts and not judged and not _reads_a_pipe(parameters):
            drop(ctx, parameter, parameters)
            return True
    return False


def _reads_a_pipe(parameters: Mapping[str, Any]) -> bool:
    given = [parameters.get(name) or () for name in ("files", "base", "new", "labels")]
    paths = [path for each in given for path in ([each] if isinstance(each, str) else each)]
    return any(path == "-" or path.startswith("/dev/") or pipe_place(path) is not None for path in paths)


def drop(ctx: click.Context, parameter: click.Parameter, parameters: dict[str, Any]) -> None:
    """Give a parameter the value that it has without a configuration."""
    name, default = str(parameter.name), parameter.default
    value: Any = () if parameter.multiple else None
    if isinstance(default, str | int | float):  # anything else is how Click says that there is none
        value = parameter.type_cast_value(ctx, default)
    parameters[name] = ctx.params[name] = value
    ctx.set_parameter_source(name, ParameterSource.DEFAULT)


def configured_settings(ctx: click.Context) -> str | None:
    """What came of a configuration, as it is written there: `pyproject.toml sets unit = "bits"`; None: nothing."""
    shown = [each for each in configured(ctx) if each.name not in _SHOWN_ELSEWHERE]
    if not shown:
        return None
    from xentcli.cli.config.reading import config_of, key_of

    config = config_of(ctx)
    assert config is not None
    values = {**config.general, **config.values} if ctx.command.name == "gate" else config.general
    texts = (f"{key_of(each)} = {_toml(values[key_of(each)])}" for each in shown)
    return f"{config.path} sets {', '.join(texts)}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{brief(value)}"' if isinstance(value, str) else f"{value!r}"


def notices(ctx: click.Context) -> Iterator[Notice]:
    """That options have the values of a configuration."""
    said = configured_settings(ctx)
    if said is not None:
        yield Notice("config", 1, f"{said} (--no-config ignores it)")


def explain(ctx: click.Context, error: XentError) -> None:
    """Say with an error which options a configuration set, as they are not on the command line."""
    said = configured_settings(ctx)
    if said is not None:
        error.hint = f"{error.hint}; {said}" if error.hint else said
