"""Arguments of the Python functions: what each may be, and which go together.

The command line cannot get these wrong: its options are text, and it has no arrays.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from numbers import Integral, Real
from typing import Any

from xentcli.analysis.request import is_whole, name_text, number_of
from xentcli.columns.columns import LOG_BASES, ColumnSpec
from xentcli.core.batch import InputKind
from xentcli.errors import RequestError
from xentcli.sources.formats import EXTENSIONS
from xentcli.sources.source import TextOptions
from xentcli.wording import brief_repr, suggest

ARRAYS = {"prob": "probs", "logit": "logits", "logprob": "log_probs"}  # the argument of each kind of scores
_MARK = re.compile(r"[!-~]", re.ASCII)
_VALUES = {**ARRAYS, "weight": "weights"}  # arguments that hold what the others name
_FIRST = {
    "label": "the labels are the first argument",
    "labels": "it is a file; labels in memory are the first argument",
    "target": "soft labels (n, K) are the first argument",
    "bytes": "a table has columns for it: score(table, logprob=..., bytes=...)",
}


def column_name(argument: str, given: Any) -> str | None:
    """The column that an argument names; tables have text and numbers as names."""
    if given is None or isinstance(given, str):
        return given
    if is_whole(given):
        return name_text(argument, given)
    message = f"{argument}= names a column, not a {type(given).__name__}"
    raise RequestError(argument, message, hint=_meant(argument))


def column_names(argument: str, given: Any) -> tuple[str, ...]:
    """The columns that an argument names: one or several."""
    if isinstance(given, str | Integral):
        given = (given,)
    return tuple(name for name in (column_name(argument, each) for each in _items(argument, given)) if name)


def class_names(argument: str, given: Any) -> tuple[str, ...]:
    """The classes that an argument lists, or the one that it is: labels are text, so they are."""
    if isinstance(given, str | bool | Real):
        given = (given,)
    return tuple(name_text(argument, each) for each in _items(argument, given))


def texts(argument: str, given: Any) -> tuple[str, ...]:
    """The texts that an argument lists, or the one that it is."""
    found = (given,) if isinstance(given, str) else _items(argument, given)
    for each in found:
        if not isinstance(each, str):
            raise RequestError(argument, f"{argument}= is a text or a list of texts, not {brief_repr(each)}")
    return found


def classes_in_order(given: Any) -> tuple[str, ...] | None:
    """The classes in their order: a list, as one text would be taken letter by letter."""
    if isinstance(given, str):
        shown = ", ".join(f'"{name}"' for name in given.split(","))
        raise RequestError("classes", f'classes= is a list, not "{given}"', hint=suggest(f"[{shown}]"))
    return None if given is None else tuple(name_text("classes", each) for each in _items("classes", given))


def base_of_logarithms(given: Any) -> str | None:
    """The base of log-probabilities: "e", 2 or 10."""
    if given is None or str(given) in LOG_BASES:
        return None if given is None else str(given)
    raise RequestError("log_base", f'log_base= is "e", 2 or 10, not {brief_repr(given)}')


def kind_of(argument: str, given: Any) -> InputKind:
    """What an array holds."""
    try:
        return InputKind(given)
    except ValueError:
        kinds = ", ".join(f'"{each.value}"' for each in InputKind)
        raise RequestError(argument, f"{argument}= is one of {kinds}, not {given!r}") from None


def bin_edges(given: Any) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """The edges of the bins of each column: finite numbers, ascending."""
    if not isinstance(given, Mapping):
        raise RequestError("bins", f"bins= maps columns to edges, and is not a {type(given).__name__}")
    return tuple((text := name_text("bins", name), _edges(text, edges)) for name, edges in given.items())


def _edges(column: str, given: Any) -> tuple[float, ...]:
    edges = tuple(number_of("bins", edge) for edge in _items("bins", given))
    if not edges or not all(math.isfinite(edge) for edge in edges) or any(b <= a for a, b in pairwise(edges)):
        shown = ", ".join(f"{edge:g}" for edge in edges)
        message = (
            f'the edges of "{column}" are {shown or "none"}; edges are finite numbers, each above the one before'
        )
        raise RequestError("bins", message)
    return edges


def class_shares(given: Any, argument: str = "prior") -> tuple[tuple[str, float], ...] | str | None:
    """The share of each class, or the path of a file to take them from."""
    if given is None or isinstance(given, str | os.PathLike):
        return None if given is None else os.fspath(given)
    if not isinstance(given, Mapping):
        message = f"{argument}= maps classes to shares, or is a file, not a {type(given).__name__}"
        raise RequestError(argument, message)
    shares = tuple((name_text(argument, name), number_of(argument, share)) for name, share in given.items())
    bad = next((name for name, share in shares if not 0 <= share <= 1), None)
    if bad is not None:
        message = f'{argument}= gives "{bad}" the share {dict(shares)[bad]:g}, which is not within 0 and 1'
        raise RequestError(argument, message)
    return shares


def text_options(
    delimiter: str | None,
    decimal: str,
    header: bool,
    input_format: str | None,
    comment: str | None,
    skip_lines: int,
    na: tuple[str, ...],
) -> TextOptions:
    """How to read text, or a `RequestError` for what no text can be read by."""
    if not isinstance(decimal, str) or len(decimal) != 1 or not decimal.isascii() or decimal.isalnum():
        raise RequestError("decimal", f"decimal= is one ASCII character, not {decimal!r}")
    if decimal in '"\r\n+-':
        raise RequestError("decimal", f"decimal={decimal!r} would be taken for something else")
    known = sorted({*EXTENSIONS.values(), "tsv"})
    if input_format is not None and input_format not in known:
        message = f'input_format="{input_format}" is not a format that xent reads'
        raise RequestError("input_format", message, hint=f"formats: {', '.join(known)}")
    if comment is not None and (not isinstance(comment, str) or len(comment) != 1 or not _MARK.fullmatch(comment)):
        raise RequestError("comment", f"comment= is one ASCII character such as #, not {brief_repr(comment)}")
    if not is_whole(skip_lines) or skip_lines < 0:
        raise RequestError("skip_lines", f"skip_lines= is a whole number from 0, not {brief_repr(skip_lines)}")
    return TextOptions(delimiter, decimal, header, input_format, comment, int(skip_lines), na)


def refuse_beside_arrays(kinds: Sequence[str], spec: ColumnSpec, text: TextOptions, join: Sequence[str]) -> None:
    """Raise a `RequestError` for an argument without effect where arrays of scores, of these kinds, are given.

    `join` are those that were given of the arguments about a file of labels.
    """
    refuse_two_kinds(kinds)
    names = [ARRAYS[kind] for kind in kinds]
    asked = [name for name in _changed(spec) if name not in ("classes", "positive", "na")]
    for argument in (*asked, *join, *_changed(text)):
        what = "names a column" if argument in asked else "is about a file"
        message = f"{argument}= {what} and does not go with {names[0]}=, which is an array"
        raise RequestError(argument, message, hint=_meant(argument))


def refuse_two_kinds(kinds: Sequence[str], whose: str = "") -> None:
    """Raise a `RequestError` for more than one array of scores of a model, whose arguments begin like this."""
    if len(kinds) > 1:
        names = " and ".join(f"{whose}{ARRAYS[kind]}=" for kind in kinds)
        raise RequestError("two_kinds", f"{names} exclude each other: they are scores of one model")


def refuse_weights(given: Any) -> None:
    """Raise a `RequestError` for an array of weights, which has no effect beside a file or table."""
    if given is not None:
        message = "weights= goes with probs=, logits= or log_probs=, not with a file or table"
        raise RequestError("weights", message, hint=suggest('weight="w", the name of their column'))


def refuse_text(text: TextOptions) -> None:
    """Raise a `RequestError` for options of text where no file is read."""
    for argument in _changed(text):
        raise RequestError(argument, f"{argument}= is about a file and does not go with a table")


def _changed(asked: ColumnSpec | TextOptions) -> list[str]:
    """The arguments that were given, as their fields are not what they are by themselves."""
    default = type(asked)()
    given = [name for name in asked.__struct_fields__ if getattr(asked, name) != getattr(default, name)]
    names = [name for name in given if name != "missing"]  # also of what is no text
    return ["input_format" if name == "format" else name for name in names]


def _meant(argument: str) -> str | None:
    values = _VALUES.get(argument)
    return suggest(f"{values}=, which takes the values") if values else _FIRST.get(argument)


def _items(argument: str, given: Any) -> tuple[Any, ...]:
    try:
        return tuple(given)
    except TypeError:
        message = f"{argument}= is a name or a list of names, not a {type(given).__name__}"
        raise RequestError(argument, message) from None
