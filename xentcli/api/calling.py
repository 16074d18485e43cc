"""What all public functions do with a call: check and document its arguments, put errors in words of Python."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence, Sized
from functools import wraps
from types import SimpleNamespace
from typing import Any, ParamSpec, TypeVar

from xentcli.api.arguments import ARRAYS
from xentcli.api.error_words import in_arguments
from xentcli.api.parameters import ArrayArguments, arguments_in
from xentcli.errors import RequestError, XentError
from xentcli.wording import nearest, suggest

Params = ParamSpec("Params")
Returned = TypeVar("Returned")
_ARRAYS = arguments_in(ArrayArguments)  # arguments that hold numbers
_SCORES = [*ARRAYS.values(), *(f"base_{name}" for name in ARRAYS.values())]  # arguments that hold scores


def takes(group: type) -> Callable[[Callable[Params, Returned]], Callable[Params, Returned]]:
    """Make a function take the arguments of a group by name.

    Its signature and the list in its docstring are those of the group. A name that is none raises `TypeError`, as
    it does for any function; a `XentError` speaks of arguments and carries its hint as a note.
    """
    known = arguments_in(group)

    def decorate(function: Callable[Params, Returned]) -> Callable[Params, Returned]:
        signature = inspect.signature(function)
        data = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        several = any(each.kind is each.VAR_POSITIONAL for each in data)

        @wraps(function)
        def called(*args: Params.args, **given: Params.kwargs) -> Returned:
            _refuse_unknown(function.__name__, given, [*known, *(each.name for each in data)])
            try:
                if len(args) > len(data) and not several:
                    _refuse_unnamed(function.__name__, args)
                return function(*args, **given)
            except XentError as error:
                in_arguments(error, known, arrays=any(given.get(name) is not None for name in _SCORES))
                raise

        parameters = [*data, *(each.parameter for each in known.values())]
        called.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        if known:
            lines = "\n".join(each.line for each in known.values())
            called.__doc__ = f"{inspect.getdoc(function)}\n\nArguments, all by name:\n\n{lines}\n"
        return called

    return decorate


def values_of(group: type, given: Mapping[str, Any]) -> SimpleNamespace:
    """The value of each argument of a group: what is given, else its default."""
    return SimpleNamespace(**{name: given.get(name, each.default) for name, each in arguments_in(group).items()})


def _refuse_unknown(function: str, given: Mapping[str, object], known: Sequence[str]) -> None:
    """Raise the `TypeError` of Python for an argument that is none, with the name that was probably meant."""
    for name, value in given.items():
        if name not in known:
            held = isinstance(value, Sized) and not isinstance(value, str)
            meant = (nearest(name, [each for each in known if each in _ARRAYS]) if held else None) or nearest(
                name, known
            )
            hint = f"; {suggest(f'{meant}=')}" if meant else ""
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}{hint}")


def _refuse_unnamed(function: str, args: Sequence[Any]) -> None:
    """Raise a `RequestError` for arguments that need a name, with the call that was probably meant."""
    if function == "compare":
        message = "compare takes BASE and NEW; what else there is has a name"
        hint = "compare(y, base_probs=P, probs=Q) compares arrays, with the labels first"
        raise RequestError("positional", message, hint=hint)
    if function == "rank":
        message = "rank takes all models as one argument: a list of files, or a dict of files or tables by name"
        raise RequestError("positional", message, hint='rank([a, b]), or rank({"old": a, "new": b})')
    if all(isinstance(each, str | os.PathLike) for each in args):
        message = f"{function} takes one input, which may be a list of files"
        hint = f"{function}([a, b]) takes files as one input, compare(a, b) compares two models"
        raise RequestError("positional", message, hint=hint)
    message = f"{function} takes labels, a table or files; scores in memory have a name, which says what they are"
    raise RequestError("positional", message, hint=_named(function))


def _named(function: str) -> str:
    return f"{function}(y, probs=P) for probabilities, logits=P for logits, log_probs=P for log-probabilities"
