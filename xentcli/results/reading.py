"""Results read back from their JSON, field by field by the types that they declare."""

from __future__ import annotations

import math
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields

from xentcli.results.parts import ResultPart

Read = TypeVar("Read", bound=Struct)


class NotSaved(ValueError):
    """Where a document is not what xent can have written, as the end of a sentence about it."""


def read_back(kind: type[Read], document: dict[str, Any]) -> Read:
    """The result whose `to_dict` this is, but for what no output has; or a part of it. Raises `NotSaved`."""
    found: Read = _struct(kind, document, "it")
    return found


def _struct(kind: Any, value: Any, place: str) -> Any:
    """An object, whose keys may be called otherwise than the fields, and lack those that have a default."""
    if not isinstance(value, dict):
        raise NotSaved(f"{place} is no object")
    of_json: dict[str, str] = getattr(kind, "renamed", {})
    optional = getattr(kind, "optional", ())
    types, found = _types(kind), {}
    for each in fields(kind):
        key = of_json.get(each.name, each.name)
        where = key if place == "it" else f"{place}.{key}"
        if key in value:
            found[each.name] = _value(types[each.name], value[key], where)
        elif each.default is NODEFAULT and each.default_factory is NODEFAULT:
            if each.name not in optional and NoneType not in get_args(types[each.name]):
                raise NotSaved(f"{where} is missing")
            found[each.name] = None
    return kind(**found)


@cache
def _types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(kind: Any, value: Any, place: str) -> Any:
    """A value of a type: a struct, number, text, tuple, or mapping; tuples of pairs are objects in JSON."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        if value is None and NoneType in parts:
            return None
        [kind] = (part for part in parts if part is not NoneType)
        return _value(kind, value, place)
    if origin is tuple:
        return _tuple(parts, value, place)
    if origin is dict and isinstance(value, dict):
        return {key: _value(parts[1], each, f"{place}.{key}") for key, each in value.items()}
    if isinstance(kind, type) and issubclass(kind, ResultPart | Struct):
        return _struct(kind, value, place)
    return _plain(kind, value, place)


def _tuple(parts: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    if parts[-1] is not ...:  # of a fixed length
        if not isinstance(value, list) or len(value) != len(parts):
            raise NotSaved(f"{place} is not of {len(parts)} values")
        return tuple(_value(part, each, place) for part, each in zip(parts, value, strict=True))
    if isinstance(value, dict) or (value is None and get_origin(parts[0]) is tuple):
        value = [list(pair) for pair in (value or {}).items()]
    if not isinstance(value, list):
        raise NotSaved(f"{place} is no list")
    return tuple(_value(parts[0], each, f"{place}[{at}]") for at, each in enumerate(value))


def _plain(kind: Any, value: Any, place: str) -> Any:
    """A number, a text, a truth value or one of a few words."""
    if kind is float and value == "Infinity":
        return math.inf
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if get_origin(kind) is not None:  # one of a few words
        if value in get_args(kind):
            return value
    elif issubclass(kind, Enum):
        if value in {each.value for each in kind}:
            return kind(value)
    elif isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise NotSaved(f"{place} is {value!r:.40}")
